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

/** Refuses a --report that is an input or an output, or lies beside one. Errors: CS_USAGE. */
cs_status cs_ndpipe_options_check_report(const cs_ndpipe_options *options,
                                         const cs_session *session, cs_error *err);

#endif
