/* SPDX-License-Identifier: MIT */
/**
 * The command line of factorize.
 */
#ifndef CS_JOB_FACTORIZE_OPTIONS_H
#define CS_JOB_FACTORIZE_OPTIONS_H

#include <argp.h>

#include "job/factorize.h"

/** For cs_options_parse; its input is a cs_factorize_options_none(). */
extern const struct argp cs_factorize_argp;

cs_factorize_options cs_factorize_options_none(void);

#endif
