/* SPDX-License-Identifier: MIT */
/**
 * `catchsim --check`: what a run will need, told after everything was validated.
 */
#ifndef CS_JOB_ESTIMATE_H
#define CS_JOB_ESTIMATE_H

#include "job/substance_job.h"

/**
 * Prints memory, disk and time for each opened substance, on stdout of rank 0. Time comes from
 * running the first block on rank 0, which is thrown away; an external program is not started, so
 * that only the number of its runs is told. Collective.
 */
cs_status cs_estimate_print(cs_substance_job *jobs, size_t n, cs_session *session, cs_error *err);

#endif
