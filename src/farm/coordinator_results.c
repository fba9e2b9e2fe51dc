/* SPDX-License-Identifier: MIT */
#include "farm/coordinator_parts.h"

#include "base/stop.h"
#include "watch/phases.h"

/* Hands a result whose turn it is to the sink. */
static void put(cs_coordinator *c, cs_task *task)
{
    const cs_sink *sink = &c->farm->sink;
    cs_error err = {0};
    const double begin = cs_now();
    const cs_status status = sink->write(sink->self, &task->out, &task->block, &task->report, &err);
    c->counts.sink_seconds += cs_now() - begin;
    if (status != CS_OK) {
        cs_coordinator_fail(c, status, &err);
        return;
    }
    c->turn_is_due = false;
    c->turn_is_out = false;
    cs_coordinator_advance(&c->turn, c->farm);
}

static bool is_ready(const cs_coordinator *c)
{
    return c->failure.status == CS_OK && c->waiting != NULL &&
           c->waiting->block.index == c->turn.index;
}

static void put_ready(cs_coordinator *c)
{
    while (is_ready(c)) {
        cs_task *task = c->waiting;
        c->waiting = task->next;
        put(c, task);
        cs_task_free(task);
        c->n_held--;
    }
}

bool cs_coordinator_is_turn_kept(const cs_coordinator *c)
{
    return c->failure.status == CS_OK && !is_ready(c) && !c->turn_is_due &&
           cs_coordinator_is_kept(c, &c->turn);
}

static cs_status recall(cs_coordinator *c, cs_task *task, bool *is_whole, cs_error *err)
{
    const cs_keeper *keeper = &c->farm->keeper;
    const double begin = cs_now();
    const cs_status status =
        keeper->recall(keeper->self, &task->out, &task->report, is_whole, &task->block, err);
    c->counts.sink_seconds += cs_now() - begin;
    return status;
}

int cs_coordinator_put_kept(cs_coordinator *c)
{
    if (!cs_coordinator_is_turn_kept(c)) {
        return 0;
    }
    cs_error err = {0};
    cs_task *task = NULL;
    bool is_whole = false;
    cs_status status = cs_task_new(&task, &c->turn, &err);
    if (status == CS_OK) {
        status = recall(c, task, &is_whole, &err);
    }
    if (status != CS_OK) {
        cs_coordinator_fail(c, status, &err);
    } else if (is_whole) {
        put(c, task);
        put_ready(c);
    } else {
        c->turn_is_due = true;
        c->n_items_done -= task->block.count;
    }
    cs_task_free(task);
    return 1;
}

static void wait_for_turn(cs_coordinator *c, cs_task *task)
{
    cs_task **link = &c->waiting;
    while (*link != NULL && (*link)->block.index < task->block.index) {
        link = &(*link)->next;
    }
    task->next = *link;
    *link = task;
}

/* A keeper has it from now on, so that only the one whose turn it is stays in memory. */
static void keep_or_wait(cs_coordinator *c, cs_task *task)
{
    const cs_keeper *keeper = &c->farm->keeper;
    if (keeper->keep != NULL && c->failure.status == CS_OK) {
        cs_error err = {0};
        const double begin = cs_now();
        const cs_status status =
            keeper->keep(keeper->self, &task->out, &task->block, &task->report, &err);
        c->counts.sink_seconds += cs_now() - begin;
        if (status != CS_OK) {
            cs_coordinator_fail(c, status, &err);
        }
        if (task->block.index != c->turn.index) {
            cs_task_free(task);
            c->n_held--;
            return;
        }
    }
    wait_for_turn(c, task);
}

static void show_progress(cs_coordinator *c, const cs_block *block)
{
    c->n_items_done += block->count;
    if (c->farm->on_progress != NULL) {
        c->farm->on_progress(c->farm->watcher, c->n_items_done);
    }
}

void cs_coordinator_take(cs_coordinator *c, cs_task *task)
{
    CS_INVARIANT(c->n_out[task->report.rank] > 0);
    c->n_out[task->report.rank]--;
    c->n_out_total--;
    const cs_status status = (cs_status)task->report.error.status;
    if (status == CS_MEMORY || status == CS_INTERNAL) { /* the machinery's, not the block's */
        cs_coordinator_fail(c, status, &task->report.error);
    }
    if (status == CS_INTERRUPTED) { /* ended in its midst: as if it had not begun */
        cs_task_free(task);
        c->n_held--;
        return;
    }
    const cs_block block = task->block;
    keep_or_wait(c, task);
    put_ready(c);
    if (c->failure.status == CS_OK) {
        show_progress(c, &block);
    }
}
