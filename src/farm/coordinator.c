/* SPDX-License-Identifier: MIT */
#include "farm/coordinator.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/stop.h"
#include "farm/pause.h"
#include "watch/phases.h"

/* A message to or from a rank that is under way. */
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

static int lanes_of(const cs_coordinator *c)
{
    return c->farm->n_lanes > 0 ? c->farm->n_lanes : 1;
}

/* What other lanes and ranks have in flight may hang, and is lost anyway. */
static void fail_run(cs_coordinator *c, cs_status status, const cs_error *err)
{
    if (c->failure.status == CS_OK) {
        c->failure = *err;
        c->failure.status = (int)status;
        cs_stop_request(CS_STOP_FAILURE);
    }
}

static cs_block first_block(const cs_farm *farm)
{
    return (cs_block){.count = farm->n_items > 0
                                   ? cs_block_count(farm->n_items, farm->block_size, farm->tail, 0)
                                   : 0};
}

static void advance(cs_block *block, const cs_farm *farm)
{
    block->index++;
    block->first += block->count;
    block->count = block->first < farm->n_items
                       ? cs_block_count(farm->n_items, farm->block_size, farm->tail, block->first)
                       : 0;
}

/* The block that is handed out after so many others. */
static cs_block ordered_block(const cs_farm *farm, uint64_t n_passed)
{
    const bool is_end = n_passed == farm->n_items;
    const uint64_t item = is_end ? farm->n_items : farm->order[n_passed];
    return (cs_block){.index = item, .first = item, .count = is_end ? 0 : 1};
}

static void pass_next(cs_coordinator *c)
{
    c->n_passed++;
    if (c->farm->order != NULL) {
        c->next = ordered_block(c->farm, c->n_passed);
    } else {
        advance(&c->next, c->farm);
    }
}

static bool is_kept(const cs_coordinator *c, const cs_block *block)
{
    const cs_keeper *keeper = &c->farm->keeper;
    return keeper->has != NULL && block->index < c->n_blocks && keeper->has(keeper->self, block);
}

/* ---- handing out ---- */

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

static cs_status start_transfer(cs_transfer **out, cs_transfer **list, int rank, cs_task *task,
                                cs_error *err)
{
    CS_TRY(cs_alloc(out, 1, sizeof **out, "a message", err));
    (*out)->rank = rank;
    (*out)->task = task;
    (*out)->next = *list;
    *list = *out;
    return CS_OK;
}

static cs_status send_task(cs_coordinator *c, int rank, cs_task *task, cs_error *err)
{
    cs_transfer *transfer = NULL;
    const cs_status status = start_transfer(&transfer, &c->sending, rank, task, err);
    if (status != CS_OK) {
        cs_task_free(task);
        return status;
    }
    transfer->head = (cs_work_head){.block = task->block, .n_bytes = task->in.size};
    if (task->in.size > 0) { /* first, since the rank waits for it once it has the head */
        CS_TRY(cs_comm_send(c->farm->comm, &transfer->body_request, task->in.data, task->in.size,
                            rank, CS_TAG_WORK_BODY, err));
    }
    return cs_comm_send(c->farm->comm, &transfer->head_request, &transfer->head,
                        sizeof transfer->head, rank, CS_TAG_WORK, err);
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
        CS_TRY(send_task(c, rank, task, err));
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
    while (is_kept(c, &c->next)) {
        pass_next(c);
    }
    const bool is_unbounded = c->farm->keeper.keep != NULL || c->farm->order != NULL;
    return c->next.index < c->n_blocks && (is_unbounded || c->n_held < c->window);
}

/* One block for a rank that has the fewest; a second one for each of its lanes, so that nobody
 * waits for the next, as long as there are plenty. Returns whether it handed one out. */
static int hand_out(cs_coordinator *c)
{
    const int lanes = lanes_of(c);
    const int depth = c->n_blocks - c->n_passed > (uint64_t)(c->size * lanes) ? 2 * lanes : lanes;
    for (int have = 0; have < depth && may_hand_out(c); have++) {
        for (int rank = 0; rank < c->size; rank++) {
            if (c->n_out[rank] == have) {
                cs_error err = {0};
                const cs_status status = hand_out_one(c, rank, &err);
                if (status != CS_OK) {
                    fail_run(c, status, &err);
                }
                return 1;
            }
        }
    }
    return 0;
}

/* ---- taking results ---- */

/* Hands a result whose turn it is to the sink. */
static void put(cs_coordinator *c, cs_task *task)
{
    const cs_sink *sink = &c->farm->sink;
    cs_error err = {0};
    const double begin = cs_now();
    const cs_status status = sink->write(sink->self, &task->out, &task->block, &task->report, &err);
    c->counts.sink_seconds += cs_now() - begin;
    if (status != CS_OK) {
        fail_run(c, status, &err);
        return;
    }
    c->turn_is_due = false;
    c->turn_is_out = false;
    advance(&c->turn, c->farm);
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

/* Whether the result whose turn it is can be had from the keeper. */
static bool is_turn_kept(const cs_coordinator *c)
{
    return c->failure.status == CS_OK && !is_ready(c) && !c->turn_is_due && is_kept(c, &c->turn);
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

/* One at a time, since ranks wait for work meanwhile. */
static int put_kept(cs_coordinator *c)
{
    if (!is_turn_kept(c)) {
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
        fail_run(c, status, &err);
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
            fail_run(c, status, &err);
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

/* A result has arrived: it and those that waited for it go to the sink. */
static void take_result(cs_coordinator *c, cs_task *task)
{
    CS_INVARIANT(c->n_out[task->report.rank] > 0);
    c->n_out[task->report.rank]--;
    c->n_out_total--;
    const cs_status status = (cs_status)task->report.error.status;
    if (status == CS_MEMORY || status == CS_INTERNAL) { /* the machinery's, not the block's */
        fail_run(c, status, &task->report.error);
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

static cs_status expect_result(cs_coordinator *c, cs_error *err)
{
    return cs_comm_receive(c->farm->comm, &c->head_request, &c->head, sizeof c->head, CS_COMM_ANY,
                           CS_TAG_RESULT, err);
}

static cs_status receive_result(cs_coordinator *c, int rank, cs_error *err)
{
    cs_task *task = NULL;
    CS_TRY(cs_task_new(&task, &c->head.block, err));
    task->report = c->head.report;
    const size_t n_bytes = (size_t)c->head.n_bytes;
    cs_transfer *transfer = NULL;
    cs_status status = start_transfer(&transfer, &c->receiving, rank, task, err);
    if (status != CS_OK) {
        cs_task_free(task);
        return status;
    }
    CS_TRY(cs_bytes_reserve(&task->out, cs_comm_padded(n_bytes), err));
    task->out.size = n_bytes;
    if (n_bytes == 0) {
        return CS_OK;
    }
    return cs_comm_receive(c->farm->comm, &transfer->body_request, task->out.data, n_bytes, rank,
                           CS_TAG_RESULT_BODY, err);
}

/* Starts receiving what a rank announced. Memory for it must be had: there is no way to refuse. */
static int accept_results(cs_coordinator *c)
{
    int rank = 0;
    if (c->size == 1 || !cs_comm_done(c->farm->comm, &c->head_request, &rank)) {
        return 0;
    }
    cs_error err = {0};
    cs_status status = CS_OK;
    if (c->head.block.count == 0) {
        cs_stop_request((int)(int64_t)c->head.block.index);
    } else {
        status = receive_result(c, rank, &err);
    }
    if (status == CS_OK) {
        status = expect_result(c, &err);
    }
    if (status != CS_OK) {
        cs_log(CS_LOG_ERROR, "%s", err.message);
        cs_comm_abort(c->farm->comm, cs_status_exit(status));
    }
    return 1;
}

/* Unlinks a message that is done and returns it, or NULL. */
static cs_transfer *finished_transfer(cs_coordinator *c, cs_transfer **list)
{
    for (cs_transfer **link = list; *link != NULL; link = &(*link)->next) {
        cs_transfer *transfer = *link;
        if (cs_comm_done(c->farm->comm, &transfer->head_request, NULL) &&
            cs_comm_done(c->farm->comm, &transfer->body_request, NULL)) {
            *link = transfer->next;
            return transfer;
        }
    }
    return NULL;
}

static int finish_transfers(cs_coordinator *c)
{
    int finished = 0;
    cs_transfer *transfer = NULL;
    while ((transfer = finished_transfer(c, &c->sending)) != NULL) {
        cs_task_free(transfer->task);
        free(transfer);
        finished = 1;
    }
    while ((transfer = finished_transfer(c, &c->receiving)) != NULL) {
        take_result(c, transfer->task);
        free(transfer);
        finished = 1;
    }
    return finished;
}

static int collect_own(cs_coordinator *c)
{
    cs_task *task = cs_crew_collect(c->crew);
    if (task == NULL) {
        return 0;
    }
    c->counts.bytes_out += task->out.size;
    take_result(c, task);
    return 1;
}

/* ---- words to the ranks ---- */

static cs_status send_word(cs_coordinator *c, int rank, const cs_work_head *head, cs_error *err)
{
    cs_transfer *transfer = NULL;
    CS_TRY(start_transfer(&transfer, &c->sending, rank, NULL, err));
    transfer->head = *head;
    return cs_comm_send(c->farm->comm, &transfer->head_request, &transfer->head,
                        sizeof transfer->head, rank, CS_TAG_WORK, err);
}

/* A word that cannot be sent leaves ranks that wait for it: all end. */
static void tell_workers(cs_coordinator *c, const cs_work_head *head)
{
    for (int rank = 1; rank < c->size; rank++) {
        cs_error err = {0};
        const cs_status status = send_word(c, rank, head, &err);
        if (status != CS_OK) {
            cs_log(CS_LOG_ERROR, "%s", err.message);
            cs_comm_abort(c->farm->comm, cs_status_exit(status));
        }
    }
}

/* Once it is wished, from wherever, all ranks know: what is in flight has the grace to finish. */
static int heed_stop(cs_coordinator *c)
{
    if (c->stop_cause != CS_STOP_NONE || cs_stop_requested() == CS_STOP_NONE) {
        return 0;
    }
    c->stop_cause = cs_stop_requested();
    tell_workers(c, &(cs_work_head){.word = CS_WORD_STOP, .cause = c->stop_cause});
    return 1;
}

/* ---- the run ---- */

static int finished(const cs_coordinator *c)
{
    const int stops = c->stop_cause != CS_STOP_NONE && !(c->waiting != NULL && is_turn_kept(c));
    const int all_done = c->turn.index == c->n_blocks || c->failure.status != CS_OK || stops;
    return all_done && c->n_out_total == 0 && c->sending == NULL;
}

static void run_blocks(cs_coordinator *c)
{
    cs_pause pause = {0};
    while (!finished(c)) {
        int stepped = heed_stop(c);
        stepped |= accept_results(c);
        stepped |= finish_transfers(c);
        stepped |= collect_own(c);
        stepped |= hand_out(c);
        stepped |= put_kept(c);
        const double seconds = cs_pause_next(&pause, stepped);
        if (!stepped) {
            cs_crew_wait(c->crew, seconds);
        }
    }
}

static void end_workers(cs_coordinator *c)
{
    tell_workers(c, &(cs_work_head){.word = CS_WORD_END, .error = c->failure});
    cs_pause pause = {0};
    while (c->sending != NULL) {
        const double seconds = cs_pause_next(&pause, finish_transfers(c));
        cs_crew_wait(c->crew, seconds);
    }
}

static cs_status prepare(cs_coordinator *c, cs_error *err)
{
    CS_TRY(cs_alloc(&c->n_out, (size_t)c->size, sizeof *c->n_out, "the ranks' counters", err));
    if (c->size > 1) {
        CS_TRY(expect_result(c, err));
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

static void count_blocks(cs_coordinator *c)
{
    const cs_keeper *keeper = &c->farm->keeper;
    cs_block block = first_block(c->farm);
    for (; block.count > 0; advance(&block, c->farm)) {
        const bool kept = keeper->has != NULL && keeper->has(keeper->self, &block);
        c->n_items_done += kept ? block.count : 0;
    }
    c->n_blocks = block.index;
}

cs_status cs_coordinator_run(cs_farm_counts *counts, const cs_farm *farm, cs_crew *crew,
                             cs_error *err)
{
    cs_coordinator c = {.farm = farm, .crew = crew, .size = cs_comm_size(farm->comm)};
    count_blocks(&c);
    c.next = c.turn = first_block(farm);
    if (farm->order != NULL) {
        c.next = ordered_block(farm, 0);
    }
    c.window = farm->window > 0 ? farm->window : 2 * (uint64_t)(c.size * lanes_of(&c)) + 2;
    cs_status status = prepare(&c, err);
    if (status != CS_OK) {
        fail_run(&c, status, err);
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
