/* SPDX-License-Identifier: MIT */
/**
 * The coordinator's state and steps, for its own files only (coordinator*.c). Rank 0's main thread.
 *
 * A block is handed out, read from the source, sent to a rank or to the crew of this one; its
 * result comes back, waits for its turn or is kept by the keeper, and goes to the sink. Steps that
 * return an int say whether they did something (1) or not (0).
 */
#ifndef CS_FARM_COORDINATOR_PARTS_H
#define CS_FARM_COORDINATOR_PARTS_H

#include <stdbool.h>

#include "farm/coordinator.h"

/** A message to or from a rank that is under way. */
typedef struct cs_transfer {
    struct cs_transfer *next;
    int rank;
    cs_task *task; /* whose body it carries; NULL: none */
    cs_work_head head;
    cs_comm_request head_request, body_request;
} cs_transfer;

typedef struct {
    const cs_farm *farm;
    cs_crew *crew;
    cs_farm_counts counts;
    uint64_t n_blocks;
    cs_block next;     /* the next block to hand out; at the end its index is n_blocks */
    uint64_t n_passed; /* blocks before it in the order of handing out */
    cs_block turn;     /* the next block for the sink: its index is how many it has */
    bool turn_is_due;  /* its result is not to be recalled: it was damaged, and is computed */
    bool turn_is_out;  /* then: it was handed out again */
    uint64_t n_held;   /* blocks in memory: handed out, or waiting for their turn */
    uint64_t n_items_done;
    uint64_t window;
    int size;
    int n_lanes;            /* blocks that a rank computes at once */
    int *n_out;             /* [size] blocks that each rank has */
    uint64_t n_out_total;   /* their sum */
    cs_task *waiting;       /* results that came before their turn, in order of index */
    cs_transfer *sending;   /* work on its way */
    cs_transfer *receiving; /* results on their way */
    cs_result_head head;    /* of the next result */
    cs_comm_request head_request;
    int stop_cause;   /* why no more is handed out; CS_STOP_NONE: it is */
    cs_error failure; /* why the run ends early; status CS_OK: it does not */
} cs_coordinator;

/* ---- the run: coordinator.c ---- */

/** Ends the run early; the first failure counts. What other lanes and ranks have in flight may
 * hang, and is lost anyway. */
void cs_coordinator_fail(cs_coordinator *c, cs_status status, const cs_error *err);

/** The first block in the order of their items; without items its count is 0. */
cs_block cs_coordinator_begin(const cs_farm *farm);

/** Makes it the block behind it; at the end its count is 0. */
void cs_coordinator_advance(cs_block *block, const cs_farm *farm);

/** Whether the keeper has the block's result. */
bool cs_coordinator_is_kept(const cs_coordinator *c, const cs_block *block);

/* ---- handing out: coordinator_hand_out.c ---- */

/** The first block in the order of handing out. */
cs_block cs_coordinator_first(const cs_farm *farm);

/**
 * One block for a rank that has the fewest; a second one for each of its lanes, so that nobody
 * waits for the next, as long as there are plenty.
 */
int cs_coordinator_hand_out(cs_coordinator *c);

/* ---- results: coordinator_results.c ---- */

/** Takes a result that has arrived: it and those that waited for it go to the sink. */
void cs_coordinator_take(cs_coordinator *c, cs_task *task);

/** Whether the result whose turn it is can be had from the keeper. */
bool cs_coordinator_is_turn_kept(const cs_coordinator *c);

/** Puts such a result. One at a time, since ranks wait for work meanwhile. */
int cs_coordinator_put_kept(cs_coordinator *c);

/* ---- messages: coordinator_messages.c ---- */

/** Sends a block to a rank; the task is released in any case. Errors: CS_MEMORY, as
 * cs_comm_send. */
cs_status cs_coordinator_send_task(cs_coordinator *c, int rank, cs_task *task, cs_error *err);

/** Waits for the head of the next result, from whatever rank. */
cs_status cs_coordinator_expect_result(cs_coordinator *c, cs_error *err);

/** Starts receiving what a rank announced. Memory for it must be had: there is no way to refuse. */
int cs_coordinator_accept_results(cs_coordinator *c);

/** Releases what was sent, and takes results that have arrived. */
int cs_coordinator_finish_transfers(cs_coordinator *c);

/** Sends a word to all other ranks. One that cannot be sent leaves ranks that wait for it: all end.
 */
void cs_coordinator_tell_workers(cs_coordinator *c, const cs_work_head *head);

#endif
