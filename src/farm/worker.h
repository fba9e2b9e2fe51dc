/* SPDX-License-Identifier: MIT */
/**
 * The part of ranks other than 0 in a run of the farm.
 */
#ifndef CS_FARM_WORKER_H
#define CS_FARM_WORKER_H

#include "farm/crew.h"

/**
 * Computes what rank 0 sends until it says stop; returns how the run ended, as rank 0 knows it.
 *
 * A worker that cannot go on by itself (out of memory) logs why and ends all ranks.
 */
cs_status cs_worker_run(cs_farm_counts *counts, const cs_farm *farm, cs_crew *crew, cs_error *err);

#endif
