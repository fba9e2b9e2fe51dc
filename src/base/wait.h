/* SPDX-License-Identifier: MIT */
/**
 * Waiting for a pipe, a terminal or a socket without being deaf to the wish to stop (base/stop.h).
 *
 * Thread-safe.
 */
#ifndef CS_BASE_WAIT_H
#define CS_BASE_WAIT_H

#include <stdbool.h>

/**
 * Waits until the descriptor has bytes, is at its end, or has failed; regular files always have.
 * Looks ten times a second whether a stop was requested.
 *
 * @return false: it was, and the descriptor is not ready
 */
bool cs_wait_readable(int file);

/** Waits for room to write, once a stop was requested until its grace is over: a reader that is
 * only slow gets what is in flight. */
bool cs_wait_writable(int file);

/** Opens for reading, close-on-exec; a FIFO without waiting for its writer, which
 * cs_wait_readable does. Returns the descriptor, or -1 with errno. */
int cs_wait_open(const char *path);

/**
 * A descriptor for writing to the pipe that `file` is, on which a write takes what there is room
 * for and does not block (EAGAIN); its flags are not those of others that share `file`. Where that
 * is not possible, or `file` is no pipe, `file` itself.
 */
int cs_wait_own_pipe(int file);

#endif
