/* SPDX-License-Identifier: MIT */
/**
 * A block of catchments from packet to packet: inflate, run the engine, rearrange, deflate.
 *
 * This is the farm's kernel of the simulation: forcing arrives as it is stored and results leave as
 * they will be stored, by catchment and by time step, so that nothing of this is done on rank 0.
 * A packet of work is: ids [count] (int64) and names (each its length and its bytes, a terminator
 * among them) if the plan says so, parameters [count][n_parameters], initial states
 * [count][n_states] (doubles), the forcing packet (store/forcing.h). The result is a result packet
 * (store/result_packet.h).
 */
#ifndef CS_MODEL_BLOCK_H
#define CS_MODEL_BLOCK_H

#include "base/error.h"
#include "base/memory.h"
#include "model/engine.h"
#include "store/forcing.h"
#include "store/result_packet.h"

/** What every rank needs to know of a run. Plain data, to be broadcast. */
typedef struct {
    cs_forcing_format forcing;
    cs_result_format result;
    double step_days;
    double start;    /* seconds since 1970 of row number 0 of the series */
    uint64_t number; /* of row 0 in the series: 0 but where the run goes on from an earlier one */
    uint64_t n_parameters;
    uint64_t with_ids;     /* 1: packets of work carry the catchments' ids */
    uint64_t with_names;   /* 1: packets of work carry the catchments' names */
    uint64_t has_patterns; /* 1: emission follows these */
    csk_patterns patterns;
} cs_block_plan;

/** Where the seconds of a rank go, summed over its blocks. */
typedef struct {
    double decode, model, encode, rearrange; /* s of wall time */
} cs_block_times;

typedef struct cs_block_runner cs_block_runner;

/** Makes a runner for blocks of up to plan->result.block_size catchments. Errors: CS_MEMORY. */
cs_status cs_block_runner_open(cs_block_runner **runner, const cs_block_plan *plan,
                               const cs_engine *engine, int n_threads, cs_error *err);
void cs_block_runner_close(cs_block_runner *runner);

/**
 * Runs `count` catchments.
 *
 * One thread at a time; makes a team of the threads it was opened with.
 * @param result [out] the result packet is appended
 * @param work   [in]  the packet of work
 * Errors: CS_MEMORY, CS_DATA (damaged chunk: the catchment fails, not the block), CS_INTERNAL.
 */
cs_status cs_block_run(cs_block_runner *runner, cs_bytes *result, const cs_bytes *work,
                       size_t count, cs_error *err);

const cs_block_times *cs_block_runner_times(const cs_block_runner *runner);

#endif
