/* SPDX-License-Identifier: MIT */
/**
 * The wish that a run should stop: by a signal, by the limit of its wall time, or by another rank.
 *
 * Whoever hands out work asks cs_stop_requested() and ends in good order; what is in flight has the
 * grace to finish. A process has one such wish, since it has one set of signals. Thread-safe but
 * where it says otherwise.
 */
#ifndef CS_BASE_STOP_H
#define CS_BASE_STOP_H

#include <stdbool.h>
#include <stddef.h>

/** Why a run stops: a signal's number, or one of these. */
enum { CS_STOP_NONE = 0, CS_STOP_WALLTIME = -1, CS_STOP_FAILURE = -2 };

/**
 * Makes SIGINT, SIGTERM and SIGUSR1 wishes to stop; a second SIGINT ends the process at once, with
 * the exit status of CS_INTERRUPTED. Before that, signals do what they do by default, and nothing
 * is ever requested. Not thread-safe.
 */
void cs_stop_listen(void);

/** How long what is in flight may go on after a wish, s; 10 at first. Not thread-safe. */
void cs_stop_set_grace(double seconds);
double cs_stop_grace(void);

/** Stops by itself so many seconds from now, cause CS_STOP_WALLTIME; 0: never. Not thread-safe. */
void cs_stop_set_limit(double seconds);

/**
 * The line that is written to stderr the moment a wish arrives, even by a signal in the middle of
 * something else; the text is copied, at most 4 KiB. NULL: none. Not thread-safe.
 */
void cs_stop_set_note(const char *line);

/** Wishes it; the first cause counts. After CS_STOP_FAILURE, where nothing is worth waiting for,
 * there is no grace and no note. */
void cs_stop_request(int cause);

/** Takes CS_STOP_FAILURE back, when all that it should end has ended. */
void cs_stop_forget_failure(void);

/** Why it was wished; CS_STOP_NONE: it was not. Looks at the wall time, too. */
int cs_stop_requested(void);

/** Whether what is in flight has had its grace. */
bool cs_stop_grace_is_over(void);

/** "SIGTERM", "the limit of --walltime". */
const char *cs_stop_cause_name(int cause);

#endif
