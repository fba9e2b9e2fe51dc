/* SPDX-License-Identifier: MIT */
/**
 * The farm: a source on rank 0, scattered in blocks; a kernel on every rank; a sink on rank 0.
 *
 * Items 0..n_items-1 are cut into blocks of block_size, or of less towards the end. Rank 0 reads a
 * block from the source when a rank wants work, sends it, and hands results to the sink in order of
 * index, whatever order they arrive in. At most `window` blocks are between source and sink, which
 * bounds memory on rank 0 and stops the source (back-pressure); with a keeper that takes results as
 * they come, none waits. Rank 0 computes as well. Idle ranks sleep.
 *
 * Threads: MPI and the source and sink are used by the main thread only; the kernel runs in one
 * compute thread of each rank, which is the master of an OpenMP team of `n_threads`. With several
 * lanes there are as many compute threads, and the kernel is called by all of them at once.
 *
 * Stopping: once cs_stop_requested() (base/stop.h) on any rank, no more is handed out, what is in
 * flight ends, the sink gets it, and the run ends with CS_INTERRUPTED unless that was all. A kernel
 * that gives up for that reason returns CS_INTERRUPTED: its block counts as not begun.
 *
 * Errors: a kernel's failure is the result of its block: the sink is told and the rest goes on.
 * A failure of source, sink, memory or communication ends the run on all ranks with one record.
 */
#ifndef CS_FARM_FARM_H
#define CS_FARM_FARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "farm/comm.h"

/** A block's identity: the same for every number of ranks and threads. */
typedef struct {
    uint64_t index; /* 0.. */
    uint64_t first; /* first item */
    uint64_t count; /* items, >= 1 */
} cs_block;

/** The size of the block that begins with item `first`: a function of the sizes alone. */
uint64_t cs_block_count(uint64_t n_items, uint64_t block_size, uint64_t tail, uint64_t first);

/** How many blocks there are. Cost: that of the tail, however many items there are. */
uint64_t cs_block_total(uint64_t n_items, uint64_t block_size, uint64_t tail);

/** Where blocks come from. Rank 0, main thread. */
typedef struct {
    void *self;
    /** Appends the block's input to `out`. A failure ends the run. */
    cs_status (*read)(void *self, cs_bytes *out, const cs_block *block, cs_error *err);
} cs_source;

/** Reads nothing: where a kernel needs no more than the block itself. A source's `read`. */
cs_status cs_source_nothing(void *self, cs_bytes *out, const cs_block *block, cs_error *err);

/** What is done with a block. Every rank, compute thread; no MPI, no HDF5. */
typedef struct {
    void *self;
    /** Appends the block's result to `out`. A failure is recorded for this block only. */
    cs_status (*run)(void *self, cs_bytes *out, const cs_bytes *in, const cs_block *block,
                     int n_threads, cs_error *err);
} cs_kernel;

/** What a block's result carries besides its bytes. */
typedef struct {
    int rank;       /* who computed it */
    double seconds; /* in the kernel */
    cs_error error; /* status CS_OK, or why the kernel failed (then there are no bytes) */
} cs_block_report;

/** Where results go. Rank 0, main thread, blocks in order of index. */
typedef struct {
    void *self;
    /** A failure ends the run. `result` is valid during the call only. */
    cs_status (*write)(void *self, const cs_bytes *result, const cs_block *block,
                       const cs_block_report *report, cs_error *err);
} cs_sink;

/**
 * What remembers results beyond the process (a journal), so that a run goes on where another one
 * ended. Rank 0, main thread. Zeroed: nothing does.
 */
typedef struct {
    void *self;
    /** Whether the block's result is there: then the block is not computed. NULL: none is. */
    bool (*has)(void *self, const cs_block *block);
    /** Appends the result for the sink, when it is its turn; *is_whole false: it is damaged, the
     * block is computed after all. A failure ends the run. */
    cs_status (*recall)(void *self, cs_bytes *result, cs_block_report *report, bool *is_whole,
                        const cs_block *block, cs_error *err);
    /** Takes every result as it comes, whatever its turn, and has it from then on, so that no
     * result waits in memory and one slow block does not hold up the others. NULL: they wait for
     * their turn. A failure ends the run. */
    cs_status (*keep)(void *self, const cs_bytes *result, const cs_block *block,
                      const cs_block_report *report, cs_error *err);
} cs_keeper;

typedef struct {
    cs_comm *comm;
    size_t n_items;    /* the same on all ranks; 0 is fine */
    size_t block_size; /* >= 1 */
    size_t tail; /* 0: equal blocks; else the last tail x block_size items come in ever smaller
                    blocks, at last one by one */
    const uint64_t *order; /* rank 0: [n_items] items in the order in which they are handed out,
                              each once; then block_size is 1. Without a keeper results wait in
                              memory for their turn, whatever the window. NULL: by index */
    int n_threads;         /* of a team of this rank, >= 1 */
    int n_lanes;      /* blocks that a rank computes at once, each by a team of its own; 0: one.
                         Rank 0's decides how many blocks ranks get */
    bool crowded;     /* the node has more threads than cores (cs_threads): compute gives way */
    size_t window;    /* blocks in memory between source and sink; 0: chosen from the number of
                         ranks. Those that a keeper has do not count */
    cs_source source; /* rank 0 */
    cs_kernel kernel; /* every rank */
    cs_sink sink;     /* rank 0 */
    cs_keeper keeper; /* rank 0 */
    void *watcher;    /* rank 0: passed to on_progress */
    void (*on_progress)(void *watcher, uint64_t n_items_done); /* rank 0; may be NULL; those that
                                                                  the keeper has count as done */
} cs_farm;

/** What a rank did, for the report. Zero it before the run. */
typedef struct {
    uint64_t n_blocks;     /* computed here */
    uint64_t bytes_in;     /* of inputs of these blocks */
    uint64_t bytes_out;    /* of their results */
    double kernel_seconds; /* in the kernel, mean of the compute threads */
    double idle_seconds;   /* compute threads waiting for work, their mean */
    double source_seconds; /* rank 0 */
    double sink_seconds;   /* rank 0 */
} cs_farm_counts;

/**
 * Runs all blocks. Collective; returns the same status with the same record on all ranks.
 *
 * @param counts [out] what this rank did; may be NULL
 */
cs_status cs_farm_run(cs_farm_counts *counts, const cs_farm *farm, cs_error *err);

#endif
