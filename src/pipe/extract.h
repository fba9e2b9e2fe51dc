/* SPDX-License-Identifier: MIT */
/**
 * The field of chunks of lines, with what is to be told about them.
 */
#ifndef CS_PIPE_EXTRACT_H
#define CS_PIPE_EXTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "kernels/scan/scan.h"
#include "pipe/lines.h"

/** Malformed lines of a part that are told by number; the others are only counted. */
enum { CS_EXTRACT_TOLD = 10 };

/** More than so many bytes of a malformed line are not kept. */
enum { CS_EXTRACT_REJECT = 1 << 20 };

/** What came of a part of a stream. Plain data: it may be sent to another rank as it is. */
typedef struct {
    uint64_t n_bytes;                    /* of input */
    uint64_t n_lines;                    /* all of them */
    uint64_t n_values;                   /* written */
    uint64_t n_blank;                    /* passed over */
    uint64_t n_malformed;                /* the rest */
    uint64_t told_line[CS_EXTRACT_TOLD]; /* the first malformed ones, from 1 within the part */
    uint32_t told_why[CS_EXTRACT_TOLD];  /* csk_scan_result */
} cs_extract_counts;

/** How it is done; the caller's. */
typedef struct {
    csk_scan_query query;
    csk_scan_isa isa;
    bool keep_rejects; /* copy malformed lines */
} cs_extract_plan;

/**
 * Appends the values of a chunk, one a line, and its malformed lines.
 *
 * @param counts  [in,out] is added to
 * @param values  [in,out] the caller's
 * @param rejects [in,out] the caller's; lines as they stand, cut after CS_EXTRACT_REJECT bytes
 * Thread-safe. Errors: CS_MEMORY.
 */
cs_status cs_extract_chunk(cs_extract_counts *counts, cs_bytes *values, cs_bytes *rejects,
                           const cs_extract_plan *plan, const cs_chunk *chunk, cs_error *err);

#endif
