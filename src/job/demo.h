/* SPDX-License-Identifier: MIT */
/**
 * The demonstration: what catchsim does without arguments.
 */
#ifndef CS_JOB_DEMO_H
#define CS_JOB_DEMO_H

#include "job/session.h"

/**
 * Makes the synthetic input ./catchsim-demo/demo.h5 and runs a herbicide and a biocide, replacing
 * what is there. Collective. Errors: CS_IO (the folder cannot be written), and those of cs_make_run
 * and cs_simulate_run.
 */
cs_status cs_demo_run(cs_session *session, cs_error *err);

#endif
