/* SPDX-License-Identifier: MIT */
/**
 * A block's lists as pieces of the datasets of store/factors.h, compressed where whole chunks are
 * known. Private to src/job.
 */
#ifndef CS_JOB_FACTORIZE_ROWS_H
#define CS_JOB_FACTORIZE_ROWS_H

#include <stdbool.h>

#include "base/memory.h"
#include "kernels/factor/rows.h"

/** Where a block's lists begin in the file. */
typedef struct {
    uint64_t row;   /* integers before */
    uint64_t prime; /* distinct primes before */
} cs_factor_place;

typedef struct cs_factor_rows cs_factor_rows;

/** @param has_numbers [in] the integers are stored, too. Errors: CS_MEMORY. */
cs_status cs_factor_rows_open(cs_factor_rows **rows, bool has_numbers, int deflate, cs_error *err);
void cs_factor_rows_close(cs_factor_rows *rows);

/** Begins a block. @param place [in] NULL: not known, so that nothing is compressed here */
void cs_factor_rows_begin(cs_factor_rows *rows, const cs_factor_place *place);

/** Adds lists. Errors: CS_MEMORY. */
cs_status cs_factor_rows_add(cs_factor_rows *rows, const csk_factor_rows *lists, cs_error *err);

/** Ends a block: its pieces are appended to `out`. Errors: CS_MEMORY. */
cs_status cs_factor_rows_end(cs_factor_rows *rows, cs_bytes *out, cs_error *err);

#endif
