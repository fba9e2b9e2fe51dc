/* SPDX-License-Identifier: MIT */
/**
 * Numbers, ids and times as users write them, with clear refusals.
 *
 * Each function takes the whole text (no blanks around it), and `what` says whose value it is:
 * "--first" gives `--first: "x" is not a whole number`. Errors: CS_USAGE; cs_parse_ids CS_MEMORY
 * too. On failure the output is unchanged. Thread-safe; numbers are written as in the C locale.
 */
#ifndef CS_CONFIG_PARSE_H
#define CS_CONFIG_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** A decimal number: 3, -0.5, .5, 2e-5; finite (no hexadecimal, no inf, no nan). */
cs_status cs_parse_double(double *out, const char *text, const char *what, cs_error *err);

/** The same within limits: low <= *out <= high. */
cs_status cs_parse_double_in(double *out, const char *text, double low, double high,
                             const char *what, cs_error *err);

/** A whole number from 0, digits only, at most SIZE_MAX. */
cs_status cs_parse_size(size_t *out, const char *text, const char *what, cs_error *err);

/** A whole number from 0 to 2^64 - 1, for seeds. */
cs_status cs_parse_uint64(uint64_t *out, const char *text, const char *what, cs_error *err);

/**
 * Ids of catchments, "1,2,3": each from 1 to 2^63 - 1, none twice.
 *
 * @param out [out] ids[*n] in the order of the text, released by free(); NULL on failure
 * @param n   [out] at least 1
 */
cs_status cs_parse_ids(int64_t **out, size_t *n, const char *text, const char *what, cs_error *err);

/**
 * A time in UTC, "YYYY-MM-DD", "YYYY-MM-DDTHH", "...:MM" or "...:MM:SS"; what is left out is 0.
 *
 * @param out [out] seconds since 1970-01-01 00:00:00, proleptic Gregorian calendar, no leap seconds
 */
cs_status cs_parse_time(int64_t *out, const char *text, const char *what, cs_error *err);

/** A span of time, "HH:MM:SS" or "D-HH:MM:SS" as SLURM writes them, > 0. @param out [out] s */
cs_status cs_parse_duration(double *out, const char *text, const char *what, cs_error *err);

#endif
