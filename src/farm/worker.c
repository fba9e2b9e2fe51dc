/* SPDX-License-Identifier: MIT */
#include "farm/worker.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/stop.h"
#include "farm/pause.h"

/* A result on its way to rank 0. */
typedef struct cs_delivery {
    struct cs_delivery *next;
    cs_task *task;
    cs_result_head head;
    cs_comm_request head_request, body_request;
} cs_delivery;

typedef struct {
    const cs_farm *farm;
    cs_crew *crew;
    cs_farm_counts counts;
    cs_work_head head; /* of the message being received */
    cs_comm_request head_request, body_request;
    cs_task *incoming; /* whose body is being received, or NULL */
    int ended;         /* rank 0 said so */
    int has_told;      /* rank 0 that it shall stop, or was told by it */
    cs_delivery *deliveries;
} cs_worker;

static cs_status expect_head(cs_worker *worker, cs_error *err)
{
    return cs_comm_receive(worker->farm->comm, &worker->head_request, &worker->head,
                           sizeof worker->head, 0, CS_TAG_WORK, err);
}

static cs_status expect_body(cs_worker *worker, cs_error *err)
{
    const size_t n_bytes = (size_t)worker->head.n_bytes;
    CS_TRY(cs_task_new(&worker->incoming, &worker->head.block, err));
    CS_TRY(cs_bytes_reserve(&worker->incoming->in, cs_comm_padded(n_bytes), err));
    worker->incoming->in.size = n_bytes;
    if (n_bytes == 0) {
        return CS_OK;
    }
    return cs_comm_receive(worker->farm->comm, &worker->body_request, worker->incoming->in.data,
                           n_bytes, 0, CS_TAG_WORK_BODY, err);
}

/* Takes one step in receiving work; tells whether it could. */
static cs_status receive_work(cs_worker *worker, int *stepped, cs_error *err)
{
    cs_comm *comm = worker->farm->comm;
    if (worker->incoming != NULL) {
        if (!cs_comm_done(comm, &worker->body_request, NULL)) {
            return CS_OK;
        }
        worker->counts.n_blocks++;
        worker->counts.bytes_in += worker->incoming->in.size;
        cs_crew_submit(worker->crew, worker->incoming);
        worker->incoming = NULL;
        *stepped = 1;
        return expect_head(worker, err);
    }
    if (worker->ended || !cs_comm_done(comm, &worker->head_request, NULL)) {
        return CS_OK;
    }
    *stepped = 1;
    switch (worker->head.word) {
    case CS_WORD_WORK:
        return expect_body(worker, err);
    case CS_WORD_STOP:
        worker->has_told = 1;
        cs_stop_request(worker->head.cause);
        return expect_head(worker, err);
    default:
        worker->ended = 1;
        return CS_OK;
    }
}

/* A message to rank 0: a result, or without a task another word. */
static cs_status send_head(cs_delivery **out, cs_worker *worker, const cs_result_head *head,
                           cs_task *task, cs_error *err)
{
    cs_delivery *delivery = NULL;
    CS_TRY(cs_alloc(&delivery, 1, sizeof *delivery, "a result", err));
    delivery->task = task;
    delivery->head = *head;
    delivery->next = worker->deliveries;
    worker->deliveries = delivery;
    *out = delivery;
    return cs_comm_send(worker->farm->comm, &delivery->head_request, &delivery->head,
                        sizeof delivery->head, 0, CS_TAG_RESULT, err);
}

static cs_status deliver(cs_worker *worker, cs_task *task, cs_error *err)
{
    const cs_result_head head = {
        .block = task->block, .n_bytes = task->out.size, .report = task->report};
    cs_delivery *delivery = NULL;
    worker->counts.bytes_out += task->out.size;
    CS_TRY(send_head(&delivery, worker, &head, task, err));
    if (task->out.size == 0) {
        return CS_OK;
    }
    CS_TRY(cs_bytes_reserve(&task->out, CS_COMM_UNIT, err));
    return cs_comm_send(worker->farm->comm, &delivery->body_request, task->out.data, task->out.size,
                        0, CS_TAG_RESULT_BODY, err);
}

/* A signal may reach any rank; rank 0 is told. */
static cs_status heed_stop(cs_worker *worker, int *stepped, cs_error *err)
{
    const int cause = worker->has_told ? CS_STOP_NONE : cs_stop_requested();
    if (cause == CS_STOP_NONE) {
        return CS_OK;
    }
    const cs_result_head head = {.block = {.index = (uint64_t)(int64_t)cause}};
    cs_delivery *delivery = NULL;
    worker->has_told = 1;
    *stepped = 1;
    return send_head(&delivery, worker, &head, NULL, err);
}

static int drop_delivered(cs_worker *worker)
{
    int dropped = 0;
    for (cs_delivery **link = &worker->deliveries; *link != NULL;) {
        cs_delivery *delivery = *link;
        if (cs_comm_done(worker->farm->comm, &delivery->head_request, NULL) &&
            cs_comm_done(worker->farm->comm, &delivery->body_request, NULL)) {
            *link = delivery->next;
            cs_task_free(delivery->task);
            free(delivery);
            dropped = 1;
        } else {
            link = &delivery->next;
        }
    }
    return dropped;
}

static cs_status work_until_end(cs_worker *worker, cs_error *err)
{
    cs_pause pause = {0};
    CS_TRY(expect_head(worker, err));
    while (!worker->ended || worker->deliveries != NULL) {
        int stepped = 0;
        CS_TRY(heed_stop(worker, &stepped, err));
        CS_TRY(receive_work(worker, &stepped, err));
        for (cs_task *task = cs_crew_collect(worker->crew); task != NULL;
             task = cs_crew_collect(worker->crew)) {
            stepped = 1;
            CS_TRY(deliver(worker, task, err));
        }
        stepped |= drop_delivered(worker);
        const double seconds = cs_pause_next(&pause, stepped);
        if (!stepped) {
            cs_crew_wait(worker->crew, seconds);
        }
    }
    return CS_OK;
}

cs_status cs_worker_run(cs_farm_counts *counts, const cs_farm *farm, cs_crew *crew, cs_error *err)
{
    cs_worker worker = {.farm = farm, .crew = crew};
    const cs_status status = work_until_end(&worker, err);
    if (status != CS_OK) {
        cs_log(CS_LOG_ERROR, "%s", err->message);
        cs_comm_abort(farm->comm, cs_status_exit(status));
    }
    cs_stop_forget_failure();
    *counts = worker.counts;
    *err = worker.head.error;
    return (cs_status)worker.head.error.status;
}
