/* SPDX-License-Identifier: MIT */
/**
 * An output file that is either whole or not there.
 *
 * It is written as `path.part` and renamed once it is complete and on the disk. While a run writes
 * it, `path.journal` beside it is locked (OFD lock, so it goes with the process); its first
 * CS_OUTPUT_HOLDER bytes name the holder, behind them may be a journal (journal/journal.h), from
 * which a later run goes on. Local, not thread-safe.
 *
 * A run that goes on never writes into what it goes on from: parts have generations, of which the
 * odd ones are named `path.part` and the even ones `path.part2`.
 */
#ifndef CS_BASE_OUTPUT_H
#define CS_BASE_OUTPUT_H

#include <stdbool.h>

#include "base/error.h"

typedef struct {
    char *path;          /* what it will be */
    char *part_path;     /* what is written */
    char *old_part_path; /* the other generation: what a run goes on from */
    char *journal_path;  /* what is locked */
    char *folder;        /* that holds them */
    int journal;         /* its descriptor; -1: not held */
    bool has_journal;    /* something lay behind the holder's line when it was locked */
    bool is_kept;        /* what is not finished stays when it is released */
} cs_output;

/** Bytes at the beginning of `journal_path` that name the holder. */
enum { CS_OUTPUT_HOLDER = 128 };

/** Seconds that a start waits for a lock: ranks of a killed run live that long. */
enum { CS_OUTPUT_WAIT = 10 };

/** For tests: another wait, in seconds, from now on. */
void cs_output_set_wait(double seconds);

/**
 * Claims an output: checks its folder, refuses an existing file unless `replace`, takes the lock,
 * refuses what an interrupted run left unless `replace`, which discards it. Whatever is no regular
 * file (a folder, a device, a link) is never replaced.
 *
 * Errors: CS_IO (exists; can be resumed; no such folder; not writable), CS_LOCKED (held, names the
 * holder), CS_MEMORY. On failure there is nothing to release.
 */
cs_status cs_output_claim(cs_output *output, const char *path, bool replace, cs_error *err);

/**
 * Takes the lock and looks at nothing else: for outputs that know how to go on. cs_output_refuse
 * and cs_output_discard are then the caller's to use.
 *
 * Errors: CS_IO (no such folder; not writable), CS_LOCKED, CS_MEMORY; nothing to release then.
 */
cs_status cs_output_lock(cs_output *output, const char *path, cs_error *err);

/** Refuses a file at `path` unless `replace`, and what is no regular file always. Errors: CS_IO. */
cs_status cs_output_refuse(const cs_output *output, bool replace, cs_error *err);

/** Refuses a journal, naming the options that would go on or begin anew. Errors: CS_IO. */
cs_status cs_output_refuse_journal(const cs_output *output, cs_error *err);

/** Empties the journal and removes all parts. Errors: CS_IO. */
cs_status cs_output_discard(cs_output *output, cs_error *err);

/** Makes part_path and old_part_path those of a generation, from 1 on, and of the one before. */
void cs_output_choose_part(cs_output *output, unsigned generation);

/**
 * Finds out what cs_output_claim would refuse, and touches nothing; who holds the lock is not
 * asked.
 *
 * Errors: CS_IO, CS_MEMORY.
 */
cs_status cs_output_check(const char *path, bool replace, cs_error *err);

/** Whether a journal lies beside a path, locked or not. */
bool cs_output_has_journal(const char *path);

/**
 * Whether two paths lead to the same file, by whatever links; one that does not exist yet is known
 * by its folder and name. False if a folder cannot be looked at. Thread-safe.
 */
bool cs_output_is_same(const char *a, const char *b);

/**
 * Whether making an output writes or removes what a path leads to: the output itself, or a file
 * beside it that the run needs (`part_path`, `old_part_path`, `journal_path`). Thread-safe.
 *
 * Errors: none; false if memory is short.
 */
bool cs_output_touches(const char *output, const char *path);

/**
 * Whether making an output would spoil a file that is read or kept: cs_output_touches, but nothing
 * is spoilt by a device (a name in /dev, but /dev/shm) or by "-", and "-" itself never is. An input
 * from standard input is asked for as /dev/stdin. Thread-safe.
 */
bool cs_output_spoils(const char *output, const char *path);

/** Makes `part_path` durable, where several outputs are to be finished together. Errors: CS_IO. */
cs_status cs_output_sync(const cs_output *output, cs_error *err);

/** Renames `part_path` to `path` and makes the name durable; the lock stays. Errors: CS_IO. */
cs_status cs_output_publish(const cs_output *output, cs_error *err);

/** Removes the other generation and the journal, gives up the lock. */
void cs_output_unlock(cs_output *output);

/** All three. Errors: CS_IO. */
cs_status cs_output_finish(cs_output *output, cs_error *err);

/** Releases. What is not finished is removed unless it is kept, `path` stays as it was. Safe on a
 * zeroed output. */
void cs_output_release(cs_output *output);

#endif
