/* SPDX-License-Identifier: MIT */
/**
 * An output file that is either whole or not there.
 *
 * It is written as `path.part` and renamed once it is complete and on the disk. While a run writes
 * it, `path.journal` beside it is locked (OFD lock, so it goes with the process) and names the
 * holder; the journal of finished blocks will be kept in that file. Local, not thread-safe.
 */
#ifndef CS_BASE_OUTPUT_H
#define CS_BASE_OUTPUT_H

#include <stdbool.h>

#include "base/error.h"

typedef struct {
    char *path;         /* what it will be */
    char *part_path;    /* what is written */
    char *journal_path; /* what is locked */
    char *folder;       /* that holds them */
    int journal;        /* its descriptor; -1: not held */
} cs_output;

/** Seconds that a start waits for a lock: ranks of a killed run live that long. */
enum { CS_OUTPUT_WAIT = 10 };

/** For tests: another wait, in seconds, from now on. */
void cs_output_set_wait(double seconds);

/**
 * Claims an output: checks its folder, refuses an existing file unless `replace`, takes the lock.
 * Whatever is no regular file (a folder, a device, a link) is never replaced.
 *
 * Errors: CS_IO (exists; no such folder; not writable), CS_LOCKED (held, names the holder),
 * CS_MEMORY. On failure there is nothing to release.
 */
cs_status cs_output_claim(cs_output *output, const char *path, bool replace, cs_error *err);

/**
 * Finds out what cs_output_claim would refuse, and touches nothing; who holds the lock is not
 * asked.
 *
 * Errors: CS_IO, CS_MEMORY.
 */
cs_status cs_output_check(const char *path, bool replace, cs_error *err);

/**
 * Whether two paths lead to the same file, by whatever links; one that does not exist yet is known
 * by its folder and name. False if a folder cannot be looked at. Thread-safe.
 */
bool cs_output_is_same(const char *a, const char *b);

/** Makes `part_path` durable, where several outputs are to be finished together. Errors: CS_IO. */
cs_status cs_output_sync(const cs_output *output, cs_error *err);

/** Makes `part_path` durable, renames it to `path`, gives up the lock. Errors: CS_IO. */
cs_status cs_output_finish(cs_output *output, cs_error *err);

/** Releases. What is not finished is removed, `path` stays as it was. Safe on a zeroed output. */
void cs_output_release(cs_output *output);

#endif
