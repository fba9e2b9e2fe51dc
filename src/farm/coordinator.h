/* SPDX-License-Identifier: MIT */
/**
 * Rank 0's part in a run of the farm: hands out blocks, takes results, feeds the sink in order.
 */
#ifndef CS_FARM_COORDINATOR_H
#define CS_FARM_COORDINATOR_H

#include "farm/crew.h"

/** Runs all blocks and tells every rank how the run ended. */
cs_status cs_coordinator_run(cs_farm_counts *counts, const cs_farm *farm, cs_crew *crew,
                             cs_error *err);

#endif
