/* SPDX-License-Identifier: MIT */
#include "job/fakegen.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/output.h"
#include "base/stop.h"
#include "job/fakegen_output.h"
#include "job/fakegen_plan.h"
#include "job/fakegen_ring.h"
#include "job/fakegen_stream.h"

/* Files that rank 0 keeps open, and thereby locked, while all ranks write them. */
enum { MAX_HELD = 256 };

typedef struct {
    cs_fakegen_plan plan;
    cs_fakegen_team team;
    cs_progress progress;
    cs_error stopped;   /* why, by a signal */
    int held[MAX_HELD]; /* descriptors */
    size_t n_held;
} run;

/* ---- files that would destroy each other ---- */

static cs_status refuse_input(const run *r, const cs_session *session, const char *input,
                              cs_error *err)
{
    for (size_t i = 0; i < r->plan.n_files; i++) {
        const char *output = r->plan.files[i].path;
        if (cs_output_spoils(output, input)) {
            return cs_fail(err, CS_USAGE,
                           "--output: %s would be written over %s, which is read; name another",
                           output, input);
        }
    }
    return cs_session_check_report(session, input, "an input", err);
}

/* Each rank knows the files that it writes, and all that are read. */
static cs_status refuse_same_files(const run *r, const cs_session *session,
                                   const cs_fakegen_options *options, cs_error *err)
{
    if (!cs_fakegen_is_own_schema(options->schema)) {
        CS_TRY(refuse_input(r, session, options->schema, err));
    }
    const cs_word_list *list = r->plan.schema.context.words.first;
    for (; list != NULL; list = list->next) {
        CS_TRY(list->path != NULL ? refuse_input(r, session, list->path, err) : CS_OK);
    }
    for (size_t i = 0; i < r->plan.n_files; i++) {
        CS_TRY(cs_session_check_report(session, r->plan.files[i].path, "an output", err));
    }
    return CS_OK;
}

/* ---- files ---- */

/* Shared files are made by rank 0, before others open them. */
static cs_status create_shared(run *r, cs_error *err)
{
    for (size_t i = 0; i < r->plan.n_files; i++) {
        int descriptor = -1;
        CS_TRY(cs_fakegen_create(&descriptor, r->plan.files[i].part_path, err));
        if (r->n_held < MAX_HELD) {
            r->held[r->n_held++] = descriptor;
        } else {
            close(descriptor);
        }
    }
    return CS_OK;
}

/* Heeds signals, shows progress: what is done here stands for what the others have done. */
static void watch(void *self)
{
    run *r = self;
    const int cause = cs_stop_requested();
    if (cause != CS_STOP_NONE && r->stopped.status == CS_OK) {
        cs_fail(&r->stopped, CS_INTERRUPTED, "stopped by %s; outputs are not kept",
                cs_stop_cause_name(cause));
        cs_fakegen_team_stop(&r->team);
    }
    const uint64_t size = r->plan.shared ? (uint64_t)r->team.size : 1;
    pthread_mutex_lock(&r->team.lock);
    const uint64_t n = r->team.n_rows * size;
    pthread_mutex_unlock(&r->team.lock);
    cs_progress_update(&r->progress, (int64_t)n);
}

static uint64_t rows_of(const cs_fakegen_plan *plan)
{
    uint64_t n = 0;
    for (size_t i = 0; i < plan->n_files; i++) {
        n += plan->files[i].count;
    }
    return n;
}

/* A thread that only writes, where each rank of this node can have a core for it. */
static bool want_writer(const cs_fakegen_plan *plan, const cs_threads *threads)
{
    return plan->target == CS_FAKEGEN_FILES && threads->n_cores > threads->n_threads &&
           threads->node_cores / threads->node_ranks > threads->n_threads;
}

/* All chunks, by the threads of this rank; the main thread passes places on, or waits. */
static cs_status write_chunks(run *r, cs_session *session, cs_error *err)
{
    cs_comm *comm = session->comm;
    const bool turns = r->plan.shared && cs_comm_size(comm) > 1;
    const int rank = turns ? cs_comm_rank(comm) : 0;
    const int size = turns ? cs_comm_size(comm) : 1;
    cs_status status =
        cs_fakegen_team_open(&r->team, &r->plan, rank, size, session->threads.n_threads,
                             want_writer(&r->plan, &session->threads), err);
    status = cs_comm_agree(comm, status, err);
    if (status != CS_OK) {
        cs_fakegen_team_stop(&r->team);
    } else if (turns) {
        status = cs_fakegen_ring_run(&r->team, comm, watch, r, err);
    }
    while (status == CS_OK && !cs_fakegen_team_wait(&r->team, 0.2)) {
        watch(r);
    }
    cs_error reason = {0};
    const cs_status closed = cs_fakegen_team_close(&r->team, &reason);
    if (status == CS_OK && closed == CS_OK) {
        reason = r->stopped;
    }
    if (status == CS_OK) {
        *err = reason;
    }
    return status != CS_OK ? status : (cs_status)reason.status;
}

static cs_status make_files(run *r, cs_session *session, cs_error *err)
{
    cs_comm *comm = session->comm;
    const bool is_root = cs_comm_rank(comm) == 0;
    const bool mine = !r->plan.shared || is_root;
    cs_status status = r->plan.shared && is_root ? create_shared(r, err) : CS_OK;
    status = cs_comm_agree(comm, status, err);
    if (status == CS_OK) {
        cs_progress_open(&r->progress, is_root ? session->progress : CS_PROGRESS_NONE,
                         r->plan.schema.name, (int64_t)rows_of(&r->plan), "records");
        status = cs_comm_agree(comm, write_chunks(r, session, err), err);
        if (status == CS_OK) {
            cs_progress_update(&r->progress, (int64_t)rows_of(&r->plan));
        }
        cs_progress_close(&r->progress);
    }
    const bool named = r->plan.target == CS_FAKEGEN_FILES && mine;
    if (status == CS_OK) {
        status = cs_comm_agree(comm, named ? cs_fakegen_rename(&r->plan, err) : CS_OK, err);
    }
    if (status != CS_OK && status != CS_LOCKED && named) {
        cs_fakegen_remove(&r->plan);
    }
    for (size_t i = 0; i < r->n_held; i++) {
        close(r->held[i]);
    }
    return status;
}

/* Sum of a number over all ranks; on rank 0. */
static cs_status add_up(uint64_t *sum, cs_comm *comm, uint64_t mine, cs_error *err)
{
    uint64_t *all = NULL;
    const bool is_root = cs_comm_rank(comm) == 0;
    const size_t size = (size_t)cs_comm_size(comm);
    *sum = 0;
    CS_TRY(cs_comm_agree(comm, is_root ? cs_alloc(&all, size, sizeof *all, "counters", err) : CS_OK,
                         err));
    cs_comm_gather(comm, all, &mine, sizeof mine);
    for (size_t i = 0; is_root && i < size; i++) {
        *sum += all[i];
    }
    free(all);
    return CS_OK;
}

cs_status cs_fakegen_run(cs_fakegen_counts *counts, cs_session *session,
                         const cs_fakegen_options *options, cs_error *err)
{
    run *r = NULL;
    bool closed = false;
    uint64_t n_bytes = 0;
    const double begin = cs_now();
    cs_comm *comm = session->comm;
    *counts = (cs_fakegen_counts){0};
    CS_TRY(cs_comm_agree(comm, cs_alloc(&r, 1, sizeof *r, "the run", err), err));
    cs_status status = cs_fakegen_plan_make(&r->plan, options, comm, err);
    if (status == CS_OK) {
        status = cs_comm_agree(comm, refuse_same_files(r, session, options, err), err);
    }
    if (status == CS_OK && r->plan.target == CS_FAKEGEN_STREAM) {
        status = cs_fakegen_stream_run(&n_bytes, &closed, &r->plan, session, options->output, err);
    } else if (status == CS_OK) {
        status = make_files(r, session, err);
        n_bytes = r->team.n_bytes;
    }
    if (status == CS_OK) {
        counts->n_records = r->plan.n_records;
        counts->n_files = r->plan.n_all_files;
        counts->seconds = cs_now() - begin;
        status = add_up(&counts->n_bytes, comm, n_bytes, err);
    }
    if (status == CS_OK && cs_comm_rank(comm) == 0 && !closed) {
        cs_log(CS_LOG_INFO, "made %s records=%llu bytes=%llu files=%llu seconds=%.3f MB/s=%.0f",
               r->plan.schema.name, (unsigned long long)counts->n_records,
               (unsigned long long)counts->n_bytes, (unsigned long long)counts->n_files,
               counts->seconds, (double)counts->n_bytes / counts->seconds * 1e-6);
    }
    cs_fakegen_plan_free(&r->plan);
    free(r);
    return status;
}
