/* SPDX-License-Identifier: MIT */
/**
 * Makes files durable every so often, in a thread of its own, so that a lost node costs no more
 * than an interval's work. (A killed process loses nothing without it: what was written is the
 * system's.)
 *
 * Files are synced one after the other in the order given: data first, then the journal that tells
 * of it. The order is no promise, since the system may write the journal earlier: what a record
 * locates has checksums.
 */
#ifndef CS_JOURNAL_SYNCER_H
#define CS_JOURNAL_SYNCER_H

#include <stddef.h>

#include "base/error.h"

typedef struct cs_syncer cs_syncer;

enum { CS_SYNCER_MOST_FILES = 4 };

/**
 * Starts the thread. It begins to sync twice an interval, if something was written since, so that
 * at most an interval's work is at risk as long as syncing takes less than half of it.
 *
 * @param files    [in] [n] open files, n <= CS_SYNCER_MOST_FILES; the caller may close them
 * @param interval [in] s, > 0
 * Errors: CS_IO, CS_MEMORY, CS_INTERNAL. On failure there is nothing to close.
 */
cs_status cs_syncer_open(cs_syncer **syncer, const int *files, size_t n, double interval,
                         cs_error *err);

/** Says that something was written. Errors: CS_IO, if a sync since failed: the run should end. */
cs_status cs_syncer_note(cs_syncer *syncer, cs_error *err);

/** Ends the thread after the sync it is in; releases. NULL is fine. */
void cs_syncer_close(cs_syncer *syncer);

#endif
