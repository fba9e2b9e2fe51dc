/* SPDX-License-Identifier: MIT */
/**
 * A stream with threads of its own: a producer that reads, a bounded queue, consumers that take,
 * one at a time, extract side by side, and write in the order of the items. For pipes, which have
 * no places to read at, and for throttled streams, whose items are single lines; files at full
 * speed are read in ranges by all threads and ranks.
 */
#ifndef CS_PIPE_STREAM_H
#define CS_PIPE_STREAM_H

#include "pipe/extract.h"
#include "pipe/tally.h"

typedef struct {
    const cs_extract_plan *extract;
    cs_lines_input input; /* its descriptor stays the caller's */
    double throttle;      /* s between takes; 0: as fast as it goes, in blocks of lines */
    size_t depth;         /* of the queue */
    size_t n_consumers;   /* >= 1; fewer where there are no more threads to be had */
    cs_tally *tally;      /* the stream's; its end is noted in it */
    cs_halt *halt;        /* is set by a stream that fails, and told its end */
} cs_stream_plan;

typedef struct cs_stream cs_stream;

/**
 * Starts the threads. They block all signals.
 *
 * @param plan [in] copied
 * Errors: CS_MEMORY, CS_INTERNAL.
 */
cs_status cs_stream_start(cs_stream **stream, const cs_stream_plan *plan, cs_error *err);

/** Waits for the stream's end, releases it, returns its failure: CS_IO, CS_MEMORY. NULL is fine. */
cs_status cs_stream_join(cs_stream *stream, cs_error *err);

#endif
