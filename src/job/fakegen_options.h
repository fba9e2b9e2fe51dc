/* SPDX-License-Identifier: MIT */
/**
 * The command line of fakegen.
 */
#ifndef CS_JOB_FAKEGEN_OPTIONS_H
#define CS_JOB_FAKEGEN_OPTIONS_H

#include <argp.h>

#include "job/fakegen.h"

/** For cs_options_parse; its input is a cs_fakegen_options that cs_fakegen_options_init prepared.
 */
extern const struct argp cs_fakegen_argp;

/** Movies with seed 1, to stdout. */
void cs_fakegen_options_init(cs_fakegen_options *options);

#endif
