/* SPDX-License-Identifier: MIT */
/**
 * What makes a forked process one of the warden's: on its own, reachable by one socket only.
 *
 * For the warden's processes only.
 */
#ifndef CS_MODEL_WARDEN_SETUP_H
#define CS_MODEL_WARDEN_SETUP_H

#include <signal.h>

/** Descriptors of such a process. */
enum { CS_WARDEN_SOCKET = 3 };

/**
 * Leaves session, folder and descriptors of the process that it was forked from, and becomes the
 * subreaper of what it will start.
 *
 * Nothing of the rank's stays open, as a launcher waits for the end of its ranks' outputs: the
 * standard streams are /dev/null, the socket becomes CS_WARDEN_SOCKET. All signals are blocked.
 * Ends the process on failure, so that the other end sees its socket end.
 *
 * @param name [in] of the process, at most 15 characters
 */
void cs_warden_isolate(const char *name, int socket);

/** Opens a signalfd(2) for these signals, to be emptied by cs_warden_empty_signals. */
int cs_warden_open_signals(const sigset_t *signals);

void cs_warden_empty_signals(int descriptor);

#endif
