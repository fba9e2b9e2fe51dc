/* SPDX-License-Identifier: MIT */
/**
 * ndpipe: streams of newline-delimited JSON, each to one field a line.
 *
 * Files at full speed are cut into blocks, which the farm hands to the threads of all ranks; rank 0
 * writes in order. Pipes, devices and throttled streams have threads of their own on rank 0
 * (pipe/stream.h), as has every stream that shares its output with such a one.
 */
#ifndef CS_JOB_NDPIPE_H
#define CS_JOB_NDPIPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "job/session.h"
#include "pipe/extract.h"
#include "pipe/field.h"

/** One stream as the command line has it. */
typedef struct {
    const char *input;  /* "-": standard input */
    const char *output; /* "-": standard output; may be another stream's, too */
    double throttle;    /* s between two takes; 0: none */
} cs_ndpipe_stream;

typedef struct {
    cs_ndpipe_stream *streams; /* [n_streams] */
    size_t n_streams;
    const char *field_text;
    cs_field field;
    size_t queue;    /* items, or blocks, that wait in a stream at most */
    size_t block;    /* bytes of a file that a thread takes at once */
    size_t max_line; /* bytes of a line that are looked at */
    bool raw, keep_newlines, strict, fresh;
    const char *rejects; /* NULL: none */
    double *throttles;   /* [n_throttles], as given: none, one for all, or one a stream */
    size_t n_throttles;
    const char **paths; /* [n_paths] the arguments */
    size_t n_paths;
} cs_ndpipe_options;

/** The defaults; cs_ndpipe_options_free releases. */
void cs_ndpipe_options_init(cs_ndpipe_options *options);
void cs_ndpipe_options_free(cs_ndpipe_options *options);

/** What a stream came to; on rank 0. */
typedef struct {
    uint64_t n_bytes, n_lines, n_values, n_blank, n_malformed;
} cs_ndpipe_count;

/**
 * Runs all streams to their ends. Collective.
 *
 * @param counts [out] counts[n_streams], on rank 0
 * Errors: CS_SOME_FAILED (malformed lines, everything is written), CS_INTERRUPTED (base/stop.h),
 * CS_USAGE, CS_IO, CS_LOCKED, CS_MEMORY. Where the reader of standard output has gone, the process
 * ends by SIGPIPE.
 */
cs_status cs_ndpipe_run(cs_session *session, cs_ndpipe_count *counts,
                        const cs_ndpipe_options *options, cs_error *err);

#endif
