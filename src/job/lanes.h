/* SPDX-License-Identifier: MIT */
/**
 * The lanes of a rank: block runners, each of which one compute thread of the farm uses at a time.
 */
#ifndef CS_JOB_LANES_H
#define CS_JOB_LANES_H

#include "model/block.h"

typedef struct cs_lanes cs_lanes;

/** Makes n runners (model/block.h). Errors: CS_MEMORY. */
cs_status cs_lanes_open(cs_lanes **lanes, size_t n, const cs_block_plan *plan,
                        const cs_engine *engine, int n_threads, cs_error *err);

/** Runs a block with a runner that is free; thread-safe, for at most n threads at once. */
cs_status cs_lanes_run(cs_lanes *lanes, cs_bytes *result, const cs_bytes *work, size_t count,
                       cs_error *err);

/** Seconds of all runners, divided by their number. Valid while nothing runs. */
cs_block_times cs_lanes_times(const cs_lanes *lanes);

/** NULL is fine. */
void cs_lanes_close(cs_lanes *lanes);

#endif
