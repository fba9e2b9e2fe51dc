/* SPDX-License-Identifier: MIT */
/**
 * The orderly end of a stream: parts are put in order, written, counted, and their malformed lines
 * told with their numbers.
 */
#ifndef CS_PIPE_TALLY_H
#define CS_PIPE_TALLY_H

#include "pipe/extract.h"
#include "pipe/outlet.h"

/** Counts of a stream; zero-initialised but for the first four. */
typedef struct {
    const char *name;   /* of the input */
    const char *label;  /* of the stream: no other one has it */
    cs_outlet *outlet;  /* may be another stream's, too */
    cs_outlet *rejects; /* NULL: malformed lines are not kept */
    uint64_t n_bytes, n_lines, n_values, n_blank, n_malformed;
    double ended; /* s, as cs_now: when the stream did; 0: not yet. The caller's to note */
} cs_tally;

/**
 * Adds the next part of a stream: writes its values and rejects, and warns of its first malformed
 * lines as "NAME:LINE: why", CS_EXTRACT_TOLD a stream.
 *
 * One thread at a time for each tally. Errors: CS_IO.
 */
cs_status cs_tally_add(cs_tally *tally, const cs_extract_counts *counts, const void *values,
                       size_t values_size, const void *rejects, size_t rejects_size, cs_error *err);

#endif
