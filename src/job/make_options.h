/* SPDX-License-Identifier: MIT */
/**
 * The command line of catchmake.
 */
#ifndef CS_JOB_MAKE_OPTIONS_H
#define CS_JOB_MAKE_OPTIONS_H

#include <argp.h>

#include "job/make.h"

/** For cs_options_parse; its input is a cs_make_options that cs_make_options_init prepared. */
extern const struct argp cs_make_argp;

/** Reads FILE:NAME:LON:LAT:ELEVATION; the path may contain colons. Errors: CS_USAGE. */
cs_status cs_make_station_parse(cs_make_station *station, const char *text, cs_error *err);

#endif
