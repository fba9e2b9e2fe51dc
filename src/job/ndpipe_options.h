/* SPDX-License-Identifier: MIT */
/**
 * The command line of ndpipe.
 */
#ifndef CS_JOB_NDPIPE_OPTIONS_H
#define CS_JOB_NDPIPE_OPTIONS_H

#include <argp.h>

#include "job/ndpipe.h"

/** For cs_options_parse; its input is a cs_ndpipe_options that cs_ndpipe_options_init prepared. */
extern const struct argp cs_ndpipe_argp;

/** Reads a size as 500, 64K, 16M or 1G (units of 1024). Errors: CS_USAGE. */
cs_status cs_ndpipe_parse_bytes(size_t *bytes, const char *text, const char *what, cs_error *err);

/** Whether a report may lie there: it is no input and no output. Errors: CS_USAGE. */
cs_status cs_ndpipe_options_check_report(const cs_ndpipe_options *options, const char *report,
                                         cs_error *err);

#endif
