/* SPDX-License-Identifier: MIT */
#include "farm/coordinator_parts.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/stop.h"

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

cs_status cs_coordinator_send_task(cs_coordinator *c, int rank, cs_task *task, cs_error *err)
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

/* ---- results ---- */

cs_status cs_coordinator_expect_result(cs_coordinator *c, cs_error *err)
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

int cs_coordinator_accept_results(cs_coordinator *c)
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
        status = cs_coordinator_expect_result(c, &err);
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

int cs_coordinator_finish_transfers(cs_coordinator *c)
{
    int finished = 0;
    cs_transfer *transfer = NULL;
    while ((transfer = finished_transfer(c, &c->sending)) != NULL) {
        cs_task_free(transfer->task);
        free(transfer);
        finished = 1;
    }
    while ((transfer = finished_transfer(c, &c->receiving)) != NULL) {
        cs_coordinator_take(c, transfer->task);
        free(transfer);
        finished = 1;
    }
    return finished;
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

void cs_coordinator_tell_workers(cs_coordinator *c, const cs_work_head *head)
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
