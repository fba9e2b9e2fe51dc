/* SPDX-License-Identifier: MIT */
/**
 * The identity of a substance's run: what its results depend on, line by line (journal/identity.h).
 *
 * Of files it is the content that counts, not the path. What results do not depend on is left out:
 * paths of outputs, ranks, threads, workers, time-outs, retries, the journal's own settings.
 */
#ifndef CS_JOB_IDENTITY_H
#define CS_JOB_IDENTITY_H

#include "job/substance_job.h"

/** Appends it. Rank 0, once input, parameters and plan of the job are there. Errors: CS_MEMORY. */
cs_status cs_job_identity(cs_bytes *identity, const cs_substance_job *job, cs_error *err);

#endif
