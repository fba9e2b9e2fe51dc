/* SPDX-License-Identifier: MIT */
/**
 * Whole lines of an input, a chunk at a time, in memory that does not grow with input or line.
 *
 * A file is read in ranges, so that several threads and ranks can share it: a range has the lines
 * that begin in it, the last one to its end, wherever that is. Pipes and devices are read from
 * begin to end. A byte order mark at the begin is passed over. Of a line longer than max_line only
 * the first max_line bytes are kept.
 *
 * Not thread-safe: a reader, a thread; readers of one file may share its descriptor.
 */
#ifndef CS_PIPE_LINES_H
#define CS_PIPE_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "pipe/halt.h"

/** Bytes of one read: what stays in the second cache on its way to the scanner. */
enum { CS_LINES_PIECE = 256 << 10 };

/** What is read; the caller's. */
typedef struct {
    const char *name; /* for messages */
    int file;         /* descriptor */
    bool is_stream;   /* a pipe or device, without places */
    uint64_t size;    /* of a file, bytes; it ends there even if it grows */
    size_t max_line;  /* bytes of a line that are kept, >= 1 */
    cs_halt *halt;    /* ends the waiting for a stream; NULL: nothing does */
} cs_lines_input;

/** Zero-initialised: no memory yet. */
typedef struct {
    cs_lines_input input;
    uint64_t limit;  /* lines that begin before it are ours */
    uint64_t place;  /* of the next byte to read */
    cs_bytes buffer; /* read, and not given away from `begin` on */
    size_t begin;
    bool skip_first; /* up to the first line end all belongs to the range before */
    bool is_first;   /* nothing was given away: a byte order mark may come */
    bool at_end;     /* of the input */
    bool is_done;
} cs_lines;

/** Lines; the reader's, valid until its next call. CSK_SCAN_PADDING bytes behind are readable. */
typedef struct {
    const char *data;
    size_t size;      /* > 0 */
    uint64_t n_bytes; /* of the input that this is */
    bool is_cut;      /* the first max_line bytes of a line that is longer, without line end */
    char last;        /* then: the last byte of that line that is no blank; 0: there is none */
} cs_chunk;

/**
 * Begins a range [begin, limit) of a file; the reader's memory is used again. For streams and whole
 * files: 0 and UINT64_MAX. Never fails.
 */
void cs_lines_begin(cs_lines *lines, const cs_lines_input *input, uint64_t begin, uint64_t limit);

/**
 * The next lines; those of a stream as soon as there is one.
 *
 * @param more [out] false: there are none, or the halt is set
 * Errors: CS_IO (a file that became shorter, too), CS_MEMORY.
 */
cs_status cs_lines_next(cs_lines *lines, cs_chunk *chunk, bool *more, cs_error *err);

void cs_lines_free(cs_lines *lines);

#endif
