/* SPDX-License-Identifier: MIT */
/**
 * Seconds: since an arbitrary moment, and since the process began.
 */
#ifndef CS_WATCH_CLOCK_H
#define CS_WATCH_CLOCK_H

/** Seconds of CLOCK_MONOTONIC: only differences mean something. Thread-safe; no system call. */
double cs_now(void);

/**
 * Seconds since this process was started, to about 0.01 s (a tick of the kernel).
 *
 * Called when the work begins, it is the start-up: loading, MPI's initialisation, and whatever the
 * process did before it executed itself anew. 0 where the system does not tell. Thread-safe.
 */
double cs_startup_seconds(void);

#endif
