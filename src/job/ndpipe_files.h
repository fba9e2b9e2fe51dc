/* SPDX-License-Identifier: MIT */
/**
 * Files at full speed: their blocks over the farm.
 *
 * Blocks of several files take turns (the first of each, the second of each, ..), so that all files
 * go on at once and an output that they share is the same for every number of ranks and threads.
 */
#ifndef CS_JOB_NDPIPE_FILES_H
#define CS_JOB_NDPIPE_FILES_H

#include "job/ndpipe.h"
#include "pipe/tally.h"

/** A file that is read in blocks. */
typedef struct {
    cs_lines_input input;
    uint64_t n_blocks;
    cs_tally *tally; /* rank 0 */
} cs_ndpipe_file;

/** The file and its block that stand at a place of the order, 0 .. sum of n_blocks - 1. */
void cs_ndpipe_order(size_t *file, uint64_t *block, const cs_ndpipe_file *files, size_t n_files,
                     uint64_t place);

typedef struct {
    const cs_ndpipe_file *files; /* [n_files] */
    size_t n_files;
    const cs_extract_plan *extract;
    uint64_t block; /* bytes */
    size_t queue;
    cs_halt *halt; /* rank 0: whether to end, since another stream failed */
} cs_ndpipe_files;

/** Runs all blocks. Collective. Errors: CS_IO, CS_MEMORY, CS_INTERRUPTED (halt). */
cs_status cs_ndpipe_files_run(cs_session *session, const cs_ndpipe_files *files, cs_error *err);

#endif
