/* SPDX-License-Identifier: MIT */
#include "farm/farm.h"

#include "farm/coordinator.h"
#include "farm/crew.h"
#include "farm/worker.h"

cs_status cs_source_nothing(void *self, cs_bytes *out, const cs_block *block, cs_error *err)
{
    (void)self;
    (void)out;
    (void)block;
    (void)err;
    return CS_OK;
}

uint64_t cs_block_count(uint64_t n_items, uint64_t block_size, uint64_t tail, uint64_t first)
{
    const uint64_t left = n_items - first;
    uint64_t count = block_size;
    if (tail > 0 && left / tail < block_size) {
        count = left / tail > 0 ? left / tail : 1;
    }
    return count < left ? count : left;
}

uint64_t cs_block_total(uint64_t n_items, uint64_t block_size, uint64_t tail)
{
    const uint64_t n_left = tail * block_size; /* from here on blocks may be smaller */
    uint64_t n = n_items > n_left ? (n_items - n_left) / block_size : 0;
    for (uint64_t first = n * block_size; first < n_items; n++) {
        first += cs_block_count(n_items, block_size, tail, first);
    }
    return n;
}

cs_status cs_farm_run(cs_farm_counts *counts, const cs_farm *farm, cs_error *err)
{
    CS_INVARIANT(farm->block_size > 0 && farm->n_threads > 0);
    CS_INVARIANT(farm->order == NULL || farm->block_size == 1);
    const int rank = cs_comm_rank(farm->comm);
    cs_farm_counts own = {0};
    cs_crew *crew = NULL;
    cs_status status = cs_crew_open(&crew, &farm->kernel, rank, farm->n_threads,
                                    farm->n_lanes > 0 ? farm->n_lanes : 1, farm->crowded, err);
    status = cs_comm_agree(farm->comm, status, err);
    if (status == CS_OK) {
        status = rank == 0 ? cs_coordinator_run(&own, farm, crew, err)
                           : cs_worker_run(&own, farm, crew, err);
        cs_crew_times(crew, &own.kernel_seconds, &own.idle_seconds);
    }
    cs_crew_close(crew);
    if (counts != NULL) {
        *counts = own;
    }
    return status;
}
