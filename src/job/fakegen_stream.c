/* SPDX-License-Identifier: MIT */
#include "job/fakegen_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/stop.h"
#include "farm/farm.h"
#include "text/gzip.h"

enum { PIECE = 1 << 20 }; /* bytes of one write */

typedef struct {
    const cs_fakegen_plan *plan;
    const char *name; /* for messages */
    int descriptor;   /* rank 0 */
    uint64_t n_bytes;
    bool closed;
    cs_progress progress;
} stream;

/* The chunk's text as one part for each thread. */
static cs_status make_parts(cs_bytes *out, csk_record_part *parts, const cs_fakegen_plan *plan,
                            uint64_t chunk, int n_threads, cs_error *err)
{
    const cs_fakegen_file *file = &plan->files[0];
    const size_t record = plan->code.program.max_bytes;
    const uint64_t first = file->first + chunk * plan->chunk_rows;
    const uint64_t count = cs_fakegen_chunk_count(plan, file, chunk);
    const uint64_t n = (uint64_t)n_threads;
    CS_TRY(cs_bytes_reserve(out, count * record + n * CSK_RECORD_SLACK + plan->header.size, err));
    if (chunk == 0) {
        CS_TRY(cs_bytes_append(out, plan->header.data, plan->header.size, err));
    }
    unsigned char *at = out->data + out->size;
    for (uint64_t i = 0; i < n; i++) {
        parts[i] = (csk_record_part){.out = at,
                                     .first = first + count * i / n,
                                     .count = count * (i + 1) / n - count * i / n};
        at += parts[i].count * record + CSK_RECORD_SLACK;
    }
    csk_record_parts(parts, n_threads, &plan->code.program, &file->rows, n_threads);
    for (uint64_t i = 0; i < n; i++) {
        memmove(out->data + out->size, parts[i].out, parts[i].size);
        out->size += parts[i].size;
    }
    return CS_OK;
}

static cs_status pack(cs_bytes *out, const cs_bytes *text, int level, cs_error *err)
{
    cs_gzip *gzip = NULL;
    CS_TRY(cs_gzip_open(&gzip, level, err));
    const cs_status status = cs_bytes_reserve(out, cs_gzip_bound(gzip, text->size), err);
    if (status == CS_OK) {
        out->size += cs_gzip_pack(gzip, out->data + out->size, text->data, text->size);
    }
    cs_gzip_close(gzip);
    return status;
}

static cs_status make_block(void *self, cs_bytes *out, const cs_bytes *in, const cs_block *block,
                            int n_threads, cs_error *err)
{
    const stream *s = self;
    csk_record_part *parts = NULL;
    cs_bytes text = {0};
    (void)in;
    CS_TRY(cs_alloc(&parts, (size_t)n_threads, sizeof *parts, "parts of a block", err));
    cs_bytes *to = s->plan->gzip > 0 ? &text : out;
    cs_status status = make_parts(to, parts, s->plan, block->index, n_threads, err);
    if (status == CS_OK && s->plan->gzip > 0) {
        status = pack(out, &text, s->plan->gzip, err);
    }
    free(parts);
    cs_bytes_free(&text);
    return status;
}

static cs_status fail_stopped(const stream *s, cs_error *err)
{
    return cs_fail(err, CS_INTERRUPTED, "stopped by %s; %s is not complete",
                   cs_stop_cause_name(cs_stop_requested()), s->name);
}

static cs_status write_block(void *self, const cs_bytes *result, const cs_block *block,
                             const cs_block_report *report, cs_error *err)
{
    stream *s = self;
    (void)block;
    if (report->error.status != CS_OK) {
        *err = report->error;
        return (cs_status)report->error.status;
    }
    for (size_t at = 0; at < result->size;) {
        const size_t left = result->size - at;
        const size_t wanted = left < PIECE ? left : PIECE;
        const ssize_t n = write(s->descriptor, result->data + at, wanted);
        if (n < 0 && errno != EINTR) {
            s->closed = errno == EPIPE;
            return cs_fail_errno(err, CS_IO, "%s: cannot be written", s->name);
        }
        if (n != (ssize_t)wanted && cs_stop_requested() != CS_STOP_NONE) {
            return fail_stopped(s, err);
        }
        at += n > 0 ? (size_t)n : 0;
    }
    s->n_bytes += result->size;
    return CS_OK;
}

static void show_progress(void *watcher, uint64_t n_done)
{
    const stream *s = watcher;
    const uint64_t n = n_done * s->plan->chunk_rows;
    cs_progress_update(&((stream *)watcher)->progress,
                       (int64_t)(n < s->plan->n_records ? n : s->plan->n_records));
}

/* A reader that does not read keeps us in open or write: signals end these. */
static void let_signals_through(void)
{
    const int numbers[] = {SIGINT, SIGTERM, SIGUSR1};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction action;
        sigaction(numbers[i], NULL, &action);
        action.sa_flags &= ~SA_RESTART;
        sigaction(numbers[i], &action, NULL);
    }
}

static cs_status open_output(stream *s, const char *output, cs_error *err)
{
    signal(SIGPIPE, SIG_IGN); /* a failed write tells the same, and lets all ranks end */
    let_signals_through();
    s->name = strcmp(output, "-") == 0 ? "stdout" : output;
    s->descriptor = strcmp(output, "-") == 0
                        ? STDOUT_FILENO
                        : open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (s->descriptor < 0 && errno == EINTR && cs_stop_requested() != CS_STOP_NONE) {
        return fail_stopped(s, err);
    }
    return s->descriptor >= 0 ? CS_OK : cs_fail_errno(err, CS_IO, "%s: cannot be written", output);
}

cs_status cs_fakegen_stream_run(uint64_t *n_bytes, bool *closed, const cs_fakegen_plan *plan,
                                cs_session *session, const char *output, cs_error *err)
{
    stream s = {.plan = plan, .descriptor = -1};
    cs_comm *comm = session->comm;
    const bool is_root = cs_comm_rank(comm) == 0;
    CS_TRY(cs_comm_agree(comm, is_root ? open_output(&s, output, err) : CS_OK, err));
    cs_progress_open(&s.progress, is_root ? session->progress : CS_PROGRESS_NONE, plan->schema.name,
                     (int64_t)plan->n_records, "records");
    const cs_farm farm = {.comm = comm,
                          .n_items = plan->files[0].n_chunks,
                          .block_size = 1,
                          .n_threads = session->threads.n_threads,
                          .crowded = session->threads.crowded,
                          .source = {&s, cs_source_nothing},
                          .kernel = {&s, make_block},
                          .sink = {&s, write_block},
                          .watcher = &s,
                          .on_progress = show_progress};
    cs_status status = cs_farm_run(NULL, &farm, err);
    cs_progress_close(&s.progress);
    if (is_root && s.descriptor > STDERR_FILENO && close(s.descriptor) != 0 && status == CS_OK) {
        status = cs_fail_errno(err, CS_IO, "%s: cannot be written", output);
    }
    cs_comm_broadcast(comm, &s.closed, sizeof s.closed);
    *closed = s.closed;
    *n_bytes = s.n_bytes;
    return s.closed ? CS_OK : cs_comm_agree(comm, status, err);
}
