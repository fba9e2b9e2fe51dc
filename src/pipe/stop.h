/* SPDX-License-Identifier: MIT */
/**
 * Telling threads to end, wherever they wait: on a queue, for a moment to come, or for input.
 */
#ifndef CS_PIPE_STOP_H
#define CS_PIPE_STOP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/error.h"

/** One for all threads that end together. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t told; /* of CLOCK_MONOTONIC */
    atomic_bool is_set;
    int wake[2]; /* a pipe whose reading end becomes readable */
} cs_stop;

/** Errors: CS_IO (no descriptor to be had); then there is nothing to release. */
cs_status cs_stop_open(cs_stop *stop, cs_error *err);

/** No thread may use it any more. */
void cs_stop_close(cs_stop *stop);

/** Tells everyone; for good. Thread-safe. */
void cs_stop_set(cs_stop *stop);

/** Whether that happened. Thread-safe. */
bool cs_stop_is_set(cs_stop *stop);

/** Sleeps until cs_now() is `until`, or the stop is set. Thread-safe. */
void cs_stop_sleep(cs_stop *stop, double until);

/** Sleeps until a descriptor can be read or is at its end: true; false: the stop is set.
 * Thread-safe. */
bool cs_stop_wait_for_input(cs_stop *stop, int file);

#endif
