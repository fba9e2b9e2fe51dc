/* SPDX-License-Identifier: MIT */
/**
 * Watches what programs write into their folders: one that writes more than it may is ended.
 *
 * A file system has no limit for a folder, so that a thread looks at the folders of the programs
 * that run, ten times a second (10 us for 4 files). What is written between two looks is bounded by
 * the speed of the memory or disk alone.
 */
#ifndef CS_MODEL_SCRATCH_WATCH_H
#define CS_MODEL_SCRATCH_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct cs_scratch_watch cs_scratch_watch;

/**
 * Starts the thread for n workers.
 *
 * @param watch   [out] released by cs_scratch_watch_close; NULL on failure
 * @param n_bytes [in]  what a folder may hold, as cs_scratch_measure counts it
 * Errors: CS_MEMORY, CS_INTERNAL (no thread).
 */
cs_status cs_scratch_watch_open(cs_scratch_watch **watch, size_t n, uint64_t n_bytes,
                                cs_error *err);

/** Begins to watch a folder, which is not copied; a program in it is ended by cs_warden_end(lane).
 * Thread-safe for distinct workers, as what follows. */
void cs_scratch_watch_begin(cs_scratch_watch *watch, size_t worker, const char *folder, int lane);

/** Ends that; returns whether its program was ended. */
bool cs_scratch_watch_end(cs_scratch_watch *watch, size_t worker);

/** Ends the thread; NULL is fine. */
void cs_scratch_watch_close(cs_scratch_watch *watch);

#endif
