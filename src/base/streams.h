/* SPDX-License-Identifier: MIT */
/**
 * Descriptors 0, 1 and 2, which a program may be started without (`>&-`).
 */
#ifndef CS_BASE_STREAMS_H
#define CS_BASE_STREAMS_H

/**
 * Puts something onto each of the three that is closed, so that no file opened later gets its
 * number, and with it the messages meant for stderr.
 *
 * Call before anything else opens a file. Reading the stdin or writing the stdout so made fails
 * with EBADF, as on a closed one: no result is lost unseen. Not thread-safe. Does nothing on
 * Windows. Ends the process with the exit status of CS_IO where there is no /dev/null: nobody could
 * be told.
 */
void cs_streams_occupy(void);

#endif
