/* SPDX-License-Identifier: MIT */
/**
 * Ranks that share files: who made chunk c tells who makes chunk c + 1 where that one begins.
 */
#ifndef CS_JOB_FAKEGEN_RING_H
#define CS_JOB_FAKEGEN_RING_H

#include "job/fakegen_team.h"

/**
 * Passes places on until all chunks of all files have one, with a team that was opened with the
 * communicator's rank and size. Main thread; collective. After a failure of any rank the messages
 * go their way all the same, without work.
 *
 * @param watch [in] called now and then; may be NULL
 */
cs_status cs_fakegen_ring_run(cs_fakegen_team *team, cs_comm *comm, void (*watch)(void *self),
                              void *self, cs_error *err);

#endif
