/* SPDX-License-Identifier: MIT */
#include "job/ndpipe.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/stop.h"
#include "job/ndpipe_files.h"
#include "job/ndpipe_options.h"
#include "pipe/stream.h"

/* What rank 0 found out about an input, and all ranks have to know. */
typedef struct {
    uint64_t size;       /* of a regular file, bytes */
    uint64_t in_blocks;  /* 1: read in blocks by all ranks; 0: by threads of rank 0 */
    uint64_t is_regular; /* it has places to read at */
} input_info;

/* A run; the lower half on rank 0 only. */
typedef struct {
    const cs_ndpipe_options *options;
    cs_session *session;
    cs_extract_plan extract;
    input_info *infos;     /* [n_streams] */
    int *descriptors;      /* [n_streams]; -1: not open here */
    cs_ndpipe_file *files; /* [n_files] those in blocks */
    size_t n_files;

    cs_tally *tallies;   /* [n_streams] */
    char **labels;       /* [n_streams] */
    cs_outlet *outlets;  /* [n_outlets]; the last one may be that of rejects */
    size_t *outlet_of;   /* [n_streams] */
    size_t n_outlets;    /* that are open */
    cs_stream **streams; /* [n_streams]; NULL: in blocks */
    size_t n_started;    /* of them */
    cs_halt halt;
    bool has_halt;
} run;

static bool is_dash(const char *path)
{
    return strcmp(path, "-") == 0;
}

static bool is_here(const run *r)
{
    return cs_comm_rank(r->session->comm) == 0;
}

static cs_status agree(const run *r, cs_status status, cs_error *err)
{
    return cs_comm_agree(r->session->comm, status, err);
}

static cs_status allocate(run *r, cs_error *err)
{
    const size_t n = r->options->n_streams;
    CS_TRY(cs_alloc(&r->infos, n, sizeof *r->infos, "streams", err));
    CS_TRY(cs_alloc(&r->descriptors, n, sizeof *r->descriptors, "streams", err));
    CS_TRY(cs_alloc(&r->files, n, sizeof *r->files, "streams", err));
    CS_TRY(cs_alloc(&r->tallies, n, sizeof *r->tallies, "streams", err));
    CS_TRY(cs_alloc(&r->labels, n, sizeof(char *), "streams", err));
    CS_TRY(cs_alloc(&r->outlets, n + 1, sizeof *r->outlets, "streams", err));
    CS_TRY(cs_alloc(&r->outlet_of, n, sizeof *r->outlet_of, "streams", err));
    CS_TRY(cs_alloc(&r->streams, n, sizeof(cs_stream *), "streams", err));
    memset(r->descriptors, -1, n * sizeof *r->descriptors);
    return CS_OK;
}

/* ---- what the inputs and outputs are: rank 0 ---- */

static cs_status look_at_input(input_info *info, const cs_ndpipe_stream *stream, cs_error *err)
{
    struct stat about;
    if (is_dash(stream->input)) {
        return CS_OK;
    }
    if (stat(stream->input, &about) != 0) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be opened", stream->input);
    }
    if (S_ISDIR(about.st_mode)) {
        return cs_fail(err, CS_IO, "%s: is a folder; name the files in it", stream->input);
    }
    if (access(stream->input, R_OK) != 0) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be read", stream->input);
    }
    /* what the system invents (/proc) has no size */
    info->is_regular = S_ISREG(about.st_mode) && about.st_size > 0;
    info->size = info->is_regular ? (uint64_t)about.st_size : 0;
    info->in_blocks = info->is_regular && stream->throttle <= 0;
    return CS_OK;
}

static bool is_same_output(const char *a, const char *b)
{
    return strcmp(a, b) == 0 || (!is_dash(a) && !is_dash(b) && cs_output_is_same(a, b));
}

/* Numbers the outlets; streams that share one with a stream of its own threads have their own. */
static void share_outlets(run *r)
{
    const size_t n = r->options->n_streams;
    size_t n_outlets = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < i &&
               !is_same_output(r->options->streams[k].output, r->options->streams[i].output)) {
            k++;
        }
        r->outlet_of[i] = k < i ? r->outlet_of[k] : n_outlets++;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; !r->infos[i].in_blocks && k < n; k++) {
            r->infos[k].in_blocks &= r->outlet_of[k] != r->outlet_of[i];
        }
    }
}

static cs_status look(run *r, cs_error *err)
{
    const cs_ndpipe_options *options = r->options;
    CS_TRY(cs_ndpipe_options_check_report(options, r->session, err));
    for (size_t i = 0; i < options->n_streams; i++) {
        CS_TRY(look_at_input(&r->infos[i], &options->streams[i], err));
    }
    for (size_t i = 0; i < options->n_streams; i++) {
        CS_TRY(cs_outlet_check(options->streams[i].output, options->fresh, err));
    }
    if (options->rejects != NULL) {
        CS_TRY(cs_outlet_check(options->rejects, options->fresh, err));
    }
    share_outlets(r);
    return CS_OK;
}

/* ---- opening ---- */

static cs_lines_input input_of(run *r, size_t i)
{
    return (cs_lines_input){.name = r->options->streams[i].input,
                            .file = r->descriptors[i],
                            .is_stream = !r->infos[i].is_regular,
                            .size = r->infos[i].size,
                            .max_line = r->options->max_line,
                            .halt = r->infos[i].is_regular ? NULL : &r->halt};
}

/* Each rank opens what it reads. A named pipe must not wait for its writer here. */
static cs_status open_inputs(run *r, cs_error *err)
{
    for (size_t i = 0; i < r->options->n_streams; i++) {
        const char *path = r->options->streams[i].input;
        if (!is_here(r) && !r->infos[i].in_blocks) {
            continue;
        }
        r->descriptors[i] = is_dash(path) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                          : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (r->descriptors[i] < 0) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be opened", path);
        }
        if (r->infos[i].in_blocks) {
            const uint64_t block = r->options->block;
            r->files[r->n_files++] = (cs_ndpipe_file){.input = input_of(r, i),
                                                      .n_blocks = r->infos[i].size / block +
                                                                  (r->infos[i].size % block > 0),
                                                      .tally = &r->tallies[i]};
        }
    }
    return CS_OK;
}

static cs_status open_outlet(run *r, const char *path, cs_error *err)
{
    CS_TRY(cs_outlet_open(&r->outlets[r->n_outlets], path, r->options->fresh, &r->halt, err));
    r->n_outlets++;
    return CS_OK;
}

/* The input's name; with the stream's number, from 1, where several streams read it. */
static cs_status label(run *r, size_t i, cs_error *err)
{
    const char *input = r->options->streams[i].input;
    size_t n = 0;
    for (size_t k = 0; k < r->options->n_streams; k++) {
        n += strcmp(r->options->streams[k].input, input) == 0;
    }
    CS_TRY(n == 1 ? cs_copy_string(&r->labels[i], input, err)
                  : cs_format(&r->labels[i], err, "%s#%zu", input, i + 1));
    r->tallies[i].label = r->labels[i];
    return CS_OK;
}

static cs_status open_outlets(run *r, cs_error *err)
{
    const size_t n = r->options->n_streams;
    for (size_t i = 0; i < n; i++) {
        if (r->outlet_of[i] == r->n_outlets) {
            CS_TRY(open_outlet(r, r->options->streams[i].output, err));
        }
        r->tallies[i].name = r->options->streams[i].input;
        CS_TRY(label(r, i, err));
        r->tallies[i].outlet = &r->outlets[r->outlet_of[i]];
    }
    if (r->options->rejects != NULL) {
        CS_TRY(open_outlet(r, r->options->rejects, err));
        for (size_t i = 0; i < n; i++) {
            r->tallies[i].rejects = &r->outlets[r->n_outlets - 1];
        }
    }
    return CS_OK;
}

static cs_status start_streams(run *r, cs_error *err)
{
    CS_TRY(open_outlets(r, err));
    for (size_t i = 0; i < r->options->n_streams; i++) {
        if (!r->infos[i].in_blocks) {
            const cs_stream_plan plan = {.extract = &r->extract,
                                         .input = input_of(r, i),
                                         .throttle = r->options->streams[i].throttle,
                                         .depth = r->options->queue,
                                         .n_consumers = (size_t)r->session->threads.n_threads,
                                         .tally = &r->tallies[i],
                                         .halt = &r->halt};
            CS_TRY(cs_stream_start(&r->streams[i], &plan, err));
            r->n_started++;
        }
    }
    return CS_OK;
}

static cs_status begin(run *r, cs_error *err)
{
    cs_comm *comm = r->session->comm;
    CS_TRY(agree(r, allocate(r, err), err));
    CS_TRY(agree(r, is_here(r) ? look(r, err) : CS_OK, err));
    cs_comm_broadcast(comm, r->infos, r->options->n_streams * sizeof *r->infos);
    cs_status status = is_here(r) ? cs_halt_open(&r->halt, err) : CS_OK;
    r->has_halt = is_here(r) && status == CS_OK;
    if (status == CS_OK) {
        status = open_inputs(r, err);
    }
    CS_TRY(agree(r, status, err));
    return agree(r, is_here(r) ? start_streams(r, err) : CS_OK, err);
}

/* ---- the end ---- */

/* Waits for the streams with threads of their own; ends them where a signal wishes it. */
static cs_status await_streams(run *r, cs_status status, cs_error *err)
{
    const double look_again = 0.1; /* s */
    while (r->n_started > 0 && !cs_halt_wait_for_ends(&r->halt, r->n_started, look_again)) {
        const int cause = cs_stop_requested();
        if (cause != CS_STOP_NONE && status == CS_OK) {
            status = cs_fail(err, CS_INTERRUPTED, "stopped by %s; outputs are not kept",
                             cs_stop_cause_name(cause));
        }
        if (status != CS_OK) {
            cs_halt_set(&r->halt);
        }
    }
    return status;
}

/* A stream's own failure says more than that of those which ended with it. */
static cs_status join_streams(run *r, cs_status status, cs_error *err)
{
    for (size_t i = 0; r->streams != NULL && i < r->options->n_streams; i++) {
        cs_error own = {0};
        const cs_status ended = cs_stream_join(r->streams[i], &own);
        r->streams[i] = NULL;
        if (ended != CS_OK && (status == CS_OK || status == CS_INTERRUPTED)) {
            status = ended;
            *err = own;
        }
    }
    return status;
}

static cs_status finish_outlets(run *r, cs_error *err)
{
    for (size_t i = 0; i < r->n_outlets; i++) {
        CS_TRY(cs_outlet_finish(&r->outlets[i], err));
    }
    return CS_OK;
}

static void log_stream(const cs_tally *tally, double started)
{
    const double seconds = tally->ended > started ? tally->ended - started : 0.0;
    cs_log(CS_LOG_INFO,
           "stream=%s lines=%llu values=%llu blank=%llu malformed=%llu bytes=%llu seconds=%.3f",
           tally->label, (unsigned long long)tally->n_lines, (unsigned long long)tally->n_values,
           (unsigned long long)tally->n_blank, (unsigned long long)tally->n_malformed,
           (unsigned long long)tally->n_bytes, seconds);
}

/* Logs and counts; CS_SOME_FAILED if lines were malformed. */
static cs_status sum_up(run *r, cs_ndpipe_count *counts, double started, cs_error *err)
{
    uint64_t n_lines = 0, n_malformed = 0;
    for (size_t i = 0; i < r->options->n_streams; i++) {
        const cs_tally *tally = &r->tallies[i];
        log_stream(tally, started);
        counts[i] = (cs_ndpipe_count){.n_bytes = tally->n_bytes,
                                      .n_lines = tally->n_lines,
                                      .n_values = tally->n_values,
                                      .n_blank = tally->n_blank,
                                      .n_malformed = tally->n_malformed};
        n_lines += tally->n_lines;
        n_malformed += tally->n_malformed;
    }
    if (n_malformed == 0) {
        return CS_OK;
    }
    cs_fail(err, CS_SOME_FAILED, "%llu of %llu lines are malformed; all others are written",
            (unsigned long long)n_malformed, (unsigned long long)n_lines);
    cs_log(CS_LOG_WARNING, "%s", err->message);
    return CS_SOME_FAILED;
}

/* Whether the reader of a pipe has gone, as that of `ndpipe .. | head` does. */
static bool is_broken(const run *r)
{
    for (size_t i = 0; i < r->n_outlets; i++) {
        if (r->outlets[i].is_broken) {
            return true;
        }
    }
    return false;
}

static void release(run *r)
{
    for (size_t i = 0; i < r->n_outlets; i++) {
        cs_outlet_release(&r->outlets[i]);
    }
    for (size_t i = 0; r->descriptors != NULL && i < r->options->n_streams; i++) {
        if (r->descriptors[i] >= 0) {
            close(r->descriptors[i]);
        }
    }
    if (r->has_halt) {
        cs_halt_close(&r->halt);
    }
    for (size_t i = 0; r->labels != NULL && i < r->options->n_streams; i++) {
        free(r->labels[i]);
    }
    free(r->labels);
    free(r->infos);
    free(r->descriptors);
    free(r->files);
    free(r->tallies);
    free(r->outlets);
    free(r->outlet_of);
    free(r->streams);
}

/* Ends as every filter does whose reader has gone: without a word. */
static void end_by_broken_pipe(const cs_session *session)
{
    if (cs_comm_size(session->comm) == 1 && !cs_options_has_launcher()) {
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
}

static cs_status run_streams(run *r, cs_ndpipe_count *counts, cs_error *err)
{
    const double started = cs_now();
    cs_status status = begin(r, err);
    if (status == CS_OK && r->n_files > 0) {
        const cs_ndpipe_files files = {.files = r->files,
                                       .n_files = r->n_files,
                                       .extract = &r->extract,
                                       .block = r->options->block,
                                       .queue = r->options->queue,
                                       .halt = &r->halt};
        status = cs_ndpipe_files_run(r->session, &files, err);
    }
    if (status != CS_OK && r->has_halt) {
        cs_halt_set(&r->halt);
    }
    status = await_streams(r, status, err);
    status = join_streams(r, status, err);
    CS_TRY(agree(r, status, err));
    CS_TRY(agree(r, is_here(r) ? finish_outlets(r, err) : CS_OK, err));
    return agree(r, is_here(r) ? sum_up(r, counts, started, err) : CS_OK, err);
}

cs_status cs_ndpipe_run(cs_session *session, cs_ndpipe_count *counts,
                        const cs_ndpipe_options *options, cs_error *err)
{
    run r = {.options = options,
             .session = session,
             .extract = {.query = {.steps = options->field.steps,
                                   .n_steps = options->field.n_steps,
                                   .raw = options->raw,
                                   .keep_newlines = options->keep_newlines,
                                   .strict = options->strict},
                         .keep_rejects = options->rejects != NULL}};
    signal(SIGPIPE, SIG_IGN); /* told by the writing itself, so that outputs are cleaned up */
    const cs_status status = run_streams(&r, counts, err);
    const bool broken = status == CS_IO && is_broken(&r);
    release(&r);
    if (broken) {
        end_by_broken_pipe(session);
    }
    return status;
}
