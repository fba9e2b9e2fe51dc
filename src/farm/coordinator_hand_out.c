/* SPDX-License-Identifier: MIT */
#include "farm/coordinator_parts.h"

#include "base/stop.h"
#include "watch/phases.h"

/* ---- the order of handing out ---- */

/* The block that is handed out after so many others. */
static cs_block ordered_block(const cs_farm *farm, uint64_t n_passed)
{
    const bool is_end = n_passed == farm->n_items;
    const uint64_t item = is_end ? farm->n_items : farm->order[n_passed];
    return (cs_block){.index = item, .first = item, .count = is_end ? 0 : 1};
}

cs_block cs_coordinator_first(const cs_farm *farm)
{
    return farm->order != NULL ? ordered_block(farm, 0) : cs_coordinator_begin(farm);
}

static void pass_next(cs_coordinator *c)
{
    c->n_passed++;
    if (c->farm->order != NULL) {
        c->next = ordered_block(c->farm, c->n_passed);
    } else {
        cs_coordinator_advance(&c->next, c->farm);
    }
}

/* ---- a block ---- */

static cs_status read_block(cs_task **out, cs_coordinator *c, const cs_block *block, cs_error *err)
{
    const cs_farm *farm = c->farm;
    cs_task *task = NULL;
    CS_TRY(cs_task_new(&task, block, err));
    const double begin = cs_now();
    cs_status status = farm->source.read(farm->source.self, &task->in, block, err);
    c->counts.source_seconds += cs_now() - begin;
    if (status == CS_OK) {
        status = cs_bytes_reserve(&task->in, CS_COMM_UNIT, err); /* padding of its message */
    }
    if (status != CS_OK) {
        cs_task_free(task);
        return status;
    }
    *out = task;
    return CS_OK;
}

static cs_status hand_out_one(cs_coordinator *c, int rank, cs_error *err)
{
    cs_task *task = NULL;
    const bool again = c->turn_is_due && !c->turn_is_out;
    CS_TRY(read_block(&task, c, again ? &c->turn : &c->next, err));
    if (again) {
        c->turn_is_out = true;
    } else {
        pass_next(c);
    }
    if (rank == 0) {
        c->counts.n_blocks++;
        c->counts.bytes_in += task->in.size;
        cs_crew_submit(c->crew, task);
    } else {
        CS_TRY(cs_coordinator_send_task(c, rank, task, err));
    }
    c->n_out[rank]++; /* what did not leave does not come back */
    c->n_out_total++;
    c->n_held++;
    return CS_OK;
}

static int may_hand_out(cs_coordinator *c)
{
    if (c->failure.status != CS_OK || c->stop_cause != CS_STOP_NONE) {
        return 0;
    }
    if (c->turn_is_due && !c->turn_is_out) {
        return 1; /* whatever the window: the others wait for it */
    }
    while (cs_coordinator_is_kept(c, &c->next)) {
        pass_next(c);
    }
    const bool is_unbounded = c->farm->keeper.keep != NULL || c->farm->order != NULL;
    return c->next.index < c->n_blocks && (is_unbounded || c->n_held < c->window);
}

int cs_coordinator_hand_out(cs_coordinator *c)
{
    const int lanes = c->n_lanes;
    const int depth = c->n_blocks - c->n_passed > (uint64_t)(c->size * lanes) ? 2 * lanes : lanes;
    for (int have = 0; have < depth && may_hand_out(c); have++) {
        for (int rank = 0; rank < c->size; rank++) {
            if (c->n_out[rank] == have) {
                cs_error err = {0};
                const cs_status status = hand_out_one(c, rank, &err);
                if (status != CS_OK) {
                    cs_coordinator_fail(c, status, &err);
                }
                return 1;
            }
        }
    }
    return 0;
}
