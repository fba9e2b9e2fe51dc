/* SPDX-License-Identifier: MIT */
#include "farm/coordinator.h"

#include <stdlib.h>

#include "base/stop.h"
#include "farm/coordinator_parts.h"
#include "farm/pause.h"

void cs_coordinator_fail(cs_coordinator *c, cs_status status, const cs_error *err)
{
    if (c->failure.status == CS_OK) {
        c->failure = *err;
        c->failure.status = (int)status;
        cs_stop_request(CS_STOP_FAILURE);
    }
}

/* ---- blocks ---- */

cs_block cs_coordinator_begin(const cs_farm *farm)
{
    return (cs_block){.count = farm->n_items > 0
                                   ? cs_block_count(farm->n_items, farm->block_size, farm->tail, 0)
                                   : 0};
}

void cs_coordinator_advance(cs_block *block, const cs_farm *farm)
{
    block->index++;
    block->first += block->count;
    block->count = block->first < farm->n_items
                       ? cs_block_count(farm->n_items, farm->block_size, farm->tail, block->first)
                       : 0;
}

bool cs_coordinator_is_kept(const cs_coordinator *c, const cs_block *block)
{
    const cs_keeper *keeper = &c->farm->keeper;
    return keeper->has != NULL && block->index < c->n_blocks && keeper->has(keeper->self, block);
}

static void count_blocks(cs_coordinator *c)
{
    const cs_farm *farm = c->farm;
    const cs_keeper *keeper = &farm->keeper;
    c->n_blocks = cs_block_total(farm->n_items, farm->block_size, farm->tail);
    if (keeper->has == NULL) {
        return;
    }
    cs_block block = cs_coordinator_begin(farm);
    for (; block.count > 0; cs_coordinator_advance(&block, farm)) {
        c->n_items_done += keeper->has(keeper->self, &block) ? block.count : 0;
    }
}

/* ---- the run ---- */

static int collect_own(cs_coordinator *c)
{
    cs_task *task = cs_crew_collect(c->crew);
    if (task == NULL) {
        return 0;
    }
    c->counts.bytes_out += task->out.size;
    cs_coordinator_take(c, task);
    return 1;
}

/* Once it is wished, from wherever, all ranks know: what is in flight has the grace to finish. */
static int heed_stop(cs_coordinator *c)
{
    if (c->stop_cause != CS_STOP_NONE || cs_stop_requested() == CS_STOP_NONE) {
        return 0;
    }
    c->stop_cause = cs_stop_requested();
    cs_coordinator_tell_workers(c, &(cs_work_head){.word = CS_WORD_STOP, .cause = c->stop_cause});
    return 1;
}

static int finished(const cs_coordinator *c)
{
    const int stops =
        c->stop_cause != CS_STOP_NONE && !(c->waiting != NULL && cs_coordinator_is_turn_kept(c));
    const int all_done = c->turn.index == c->n_blocks || c->failure.status != CS_OK || stops;
    return all_done && c->n_out_total == 0 && c->sending == NULL;
}

static void run_blocks(cs_coordinator *c)
{
    cs_pause pause = {0};
    while (!finished(c)) {
        int stepped = heed_stop(c);
        stepped |= cs_coordinator_accept_results(c);
        stepped |= cs_coordinator_finish_transfers(c);
        stepped |= collect_own(c);
        stepped |= cs_coordinator_hand_out(c);
        stepped |= cs_coordinator_put_kept(c);
        const double seconds = cs_pause_next(&pause, stepped);
        if (!stepped) {
            cs_crew_wait(c->crew, seconds);
        }
    }
}

static void end_workers(cs_coordinator *c)
{
    cs_coordinator_tell_workers(c, &(cs_work_head){.word = CS_WORD_END, .error = c->failure});
    cs_pause pause = {0};
    while (c->sending != NULL) {
        const double seconds = cs_pause_next(&pause, cs_coordinator_finish_transfers(c));
        cs_crew_wait(c->crew, seconds);
    }
}

static cs_status prepare(cs_coordinator *c, cs_error *err)
{
    CS_TRY(cs_alloc(&c->n_out, (size_t)c->size, sizeof *c->n_out, "the ranks' counters", err));
    if (c->size > 1) {
        CS_TRY(cs_coordinator_expect_result(c, err));
    }
    return CS_OK;
}

static void release(cs_coordinator *c)
{
    cs_comm_cancel(c->farm->comm, &c->head_request);
    while (c->waiting != NULL) {
        cs_task *next = c->waiting->next;
        cs_task_free(c->waiting);
        c->waiting = next;
    }
    free(c->n_out);
}

cs_status cs_coordinator_run(cs_farm_counts *counts, const cs_farm *farm, cs_crew *crew,
                             cs_error *err)
{
    cs_coordinator c = {.farm = farm,
                        .crew = crew,
                        .size = cs_comm_size(farm->comm),
                        .n_lanes = farm->n_lanes > 0 ? farm->n_lanes : 1};
    count_blocks(&c);
    c.turn = cs_coordinator_begin(farm);
    c.next = cs_coordinator_first(farm);
    c.window = farm->window > 0 ? farm->window : 2 * (uint64_t)(c.size * c.n_lanes) + 2;
    cs_status status = prepare(&c, err);
    if (status != CS_OK) {
        cs_coordinator_fail(&c, status, err);
    } else {
        run_blocks(&c);
    }
    if (c.failure.status == CS_OK && c.turn.index < c.n_blocks) {
        c.failure.status = (int)cs_fail(&c.failure, CS_INTERRUPTED, "interrupted by %s",
                                        cs_stop_cause_name(c.stop_cause));
    }
    end_workers(&c);
    cs_stop_forget_failure();
    release(&c);
    *counts = c.counts;
    *err = c.failure;
    return (cs_status)c.failure.status;
}
