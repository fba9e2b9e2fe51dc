/* SPDX-License-Identifier: MIT */
/**
 * Prime factors of every integer of a range, or of a list: what factorize does.
 */
#ifndef CS_JOB_FACTORIZE_H
#define CS_JOB_FACTORIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "job/session.h"

typedef enum {
    CS_FACTOR_AUTO,  /* a range: whatever is faster; a list: number by number */
    CS_FACTOR_SIEVE, /* a range only */
    CS_FACTOR_NAIVE, /* trial division */
} cs_factor_method;

typedef enum {
    CS_FACTOR_TEXT,
    CS_FACTOR_NDJSON,
    CS_FACTOR_HDF5,
    CS_FACTOR_COUNT, /* sums only */
    CS_FACTOR_BENCH, /* lists in memory, seen by nobody */
} cs_factor_form;

/** What the user asked for. Texts are borrowed; NULL: not given. */
typedef struct {
    const char *range;   /* "A..B"; or ... */
    const char *from;    /* ... a list: a file, "-", or FILE.h5 */
    const char *dataset; /* of FILE.h5 */
    const char *output;  /* NULL: standard output */
    cs_factor_method method;
    cs_factor_form form;
    bool has_form; /* it was asked for; else the output's ending tells */
    bool exponents, fresh, resume, skip_bad;
    int deflate; /* of HDF5, 0..12 */
} cs_factorize_options;

/** Reads "A..B", 0 <= A <= B <= 2^63. Errors: CS_DATA. */
cs_status cs_factorize_parse_range(uint64_t *first, uint64_t *last, const char *text,
                                   cs_error *err);

/**
 * Does it, and writes the report. Collective; the same status on all ranks.
 *
 * Errors: CS_SOME_FAILED (bad lines were skipped), CS_DATA, CS_IO, CS_LOCKED, CS_MEMORY.
 */
cs_status cs_factorize_run(cs_session *session, const cs_factorize_options *options, cs_error *err);

#endif
