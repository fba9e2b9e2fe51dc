/* SPDX-License-Identifier: MIT */
/**
 * Fake records into a pipe, a terminal or whatever else takes bytes in order only: made by all
 * ranks as blocks of the farm, written by rank 0.
 */
#ifndef CS_JOB_FAKEGEN_STREAM_H
#define CS_JOB_FAKEGEN_STREAM_H

#include "job/fakegen_plan.h"

/**
 * Writes the plan's one file. Collective; the same status on all ranks.
 *
 * @param n_bytes [out] written; rank 0
 * @param closed  [out] the reader went away, which ends the run and is no error
 * Errors: CS_IO, CS_MEMORY.
 */
cs_status cs_fakegen_stream_run(uint64_t *n_bytes, bool *closed, const cs_fakegen_plan *plan,
                                cs_session *session, const char *output, cs_error *err);

#endif
