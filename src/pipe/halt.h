/* SPDX-License-Identifier: MIT */
/**
 * Telling the threads of streams to end, wherever they wait: for a moment to come, or for input.
 *
 * This is between the threads of a run; the wish of a user, by a signal, is base/stop.h.
 */
#ifndef CS_PIPE_HALT_H
#define CS_PIPE_HALT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/** One for all threads that end together. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t told; /* of CLOCK_MONOTONIC */
    atomic_bool is_set;
    size_t n_ended; /* threads that said so */
    int wake[2];    /* a pipe whose reading end becomes readable */
} cs_halt;

/** Errors: CS_IO (no descriptor to be had); then there is nothing to release. */
cs_status cs_halt_open(cs_halt *halt, cs_error *err);

/** No thread may use it any more. */
void cs_halt_close(cs_halt *halt);

/** Tells everyone; for good. Thread-safe. */
void cs_halt_set(cs_halt *halt);

/** Whether that happened. Thread-safe. */
bool cs_halt_is_set(cs_halt *halt);

/** Sleeps until cs_now() is `until`, or the halt is set. Thread-safe. */
void cs_halt_sleep(cs_halt *halt, double until);

/** Sleeps until a descriptor can be read or is at its end: true; false: the halt is set.
 * Thread-safe. */
bool cs_halt_wait_for_input(cs_halt *halt, int file);

/** Says that one of the threads is at its end, by itself or not. Thread-safe. */
void cs_halt_note_end(cs_halt *halt);

/** Waits until `n` have said so, or so many seconds; returns whether they have. Thread-safe. */
bool cs_halt_wait_for_ends(cs_halt *halt, size_t n, double seconds);

#endif
