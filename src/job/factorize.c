/* SPDX-License-Identifier: MIT */
#include "job/factorize.h"

#include <inttypes.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/output.h"
#include "base/stop.h"
#include "job/factorize_list.h"
#include "job/factorize_sink.h"
#include "job/factorize_work.h"
#include "job/resume_line.h"
#include "kernels/factor/primes.h"

/* For a big integer that is being factored, and for a slow reader, once a stop is wished, s. */
static const double GRACE = 2.0;

/* A run: every rank has the plan and the work, rank 0 the list and the sink. */
typedef struct {
    cs_session *session;
    const cs_factorize_options *options;
    cs_factor_plan plan;
    cs_factor_work *work;
    cs_factor_sink sink;
    cs_factor_list list;
    cs_progress progress;
    bool is_finished;  /* the output is there already */
    uint64_t n_before; /* integers of earlier rounds, or of the run that is resumed */
    uint64_t n_bad;    /* lines left out */
    double prepared, seconds;
    uint64_t *first_prime; /* rank 0, HDF5 of a sieved range */
} run;

/* ---- the range ---- */

/* Digits only; *text goes behind them. */
static bool parse_number(uint64_t *number, const char **text)
{
    const char *at = *text;
    uint64_t value = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        const uint64_t digit = (uint64_t)(*at - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    const bool found = at > *text;
    *number = value;
    *text = at;
    return found;
}

cs_status cs_factorize_parse_range(uint64_t *first, uint64_t *last, const char *text, cs_error *err)
{
    const char *at = text;
    uint64_t a = 0, b = 0;
    bool is_range = parse_number(&a, &at) && strncmp(at, "..", 2) == 0;
    at += is_range ? 2 : 0;
    is_range = is_range && parse_number(&b, &at) && *at == '\0';
    if (!is_range || b > CSK_FACTOR_LAST) {
        return cs_fail(err, CS_DATA,
                       "\"%.80s\" is no range A..B of whole numbers up to 2^63; write 1..1000000",
                       text);
    }
    if (a > b) {
        return cs_fail(err, CS_DATA,
                       "\"%.80s\": the range ends before it begins; write %" PRIu64 "..%" PRIu64,
                       text, b, a);
    }
    *first = a;
    *last = b;
    return CS_OK;
}

/*
 * A sieve first makes the primes up to the square root, some 20 ns each (measured), and then needs
 * next to nothing an integer; splitting takes a few microseconds an integer and nothing before.
 */
static bool is_sieve_faster(uint64_t first, uint64_t last)
{
    const double root = sqrt((double)last) + 2.0;
    return (double)(last - first + 1) * 100.0 > root / log(root);
}

static cs_status make_plan(run *r, cs_error *err)
{
    const cs_factorize_options *options = r->options;
    const cs_session *session = r->session;
    r->plan = (cs_factor_plan){.form = options->form,
                               .exponents = options->exponents,
                               .is_list = options->from != NULL,
                               .has_checksums = cs_factor_sink_is_resumable(options),
                               .n_threads = session->threads.n_threads,
                               .n_workers = (size_t)session->threads.n_threads *
                                            (size_t)cs_comm_size(session->comm),
                               .deflate = options->deflate,
                               .means = CS_FACTOR_BY_SPLITTING};
    cs_comm_broadcast(session->comm, &r->plan.n_workers, sizeof r->plan.n_workers);
    if (!r->plan.is_list) {
        CS_TRY(cs_factorize_parse_range(&r->plan.first, &r->plan.last, options->range, err));
        const bool sieve =
            options->method == CS_FACTOR_SIEVE || is_sieve_faster(r->plan.first, r->plan.last);
        r->plan.means = sieve ? CS_FACTOR_BY_SIEVE : CS_FACTOR_BY_SPLITTING;
    }
    if (options->method == CS_FACTOR_NAIVE) {
        r->plan.means = CS_FACTOR_BY_TRIAL;
    }
    return CS_OK;
}

/* ---- farms ---- */

static void open_progress(run *r, const char *label)
{
    const bool here = cs_comm_rank(r->session->comm) == 0;
    const int64_t total =
        r->plan.is_list ? 0 : (int64_t)(r->plan.last - r->plan.first + 1 + r->n_before);
    cs_progress_open(&r->progress, here ? r->session->progress : CS_PROGRESS_NONE, label, total,
                     "integers");
    cs_progress_skip(&r->progress, (int64_t)r->n_before);
}

static void show_progress(void *watcher, uint64_t n_done)
{
    run *r = watcher;
    cs_progress_update(&r->progress, (int64_t)(r->n_before + n_done));
}

/* To write a text takes rank 0's main thread about as long as making it takes one that computes.
 * Where it has no core of its own, those that compute give way to it, so that nobody waits for the
 * writing: a sixth of the time with two threads or two ranks on two cores (measured). */
static bool gives_way(const run *r)
{
    const cs_threads *threads = &r->session->threads;
    return threads->crowded || (r->plan.has_checksums &&
                                threads->node_ranks * threads->n_threads >= threads->node_cores);
}

static cs_farm make_farm(run *r, size_t n_items)
{
    cs_farm farm = {.comm = r->session->comm,
                    .crowded = gives_way(r),
                    .kernel = cs_factor_work_kernel(r->work),
                    .sink = cs_factor_sink_results(&r->sink),
                    .watcher = r,
                    .on_progress = show_progress};
    cs_factor_work_shape(&farm, r->work, n_items, cs_comm_size(r->session->comm));
    return farm;
}

static cs_status read_place(void *self, cs_bytes *out, const cs_block *block, cs_error *err)
{
    const run *r = self;
    return cs_bytes_append(out, &r->first_prime[block->index], sizeof *r->first_prime, err);
}

/* HDF5: how many distinct primes there are before each block, so that whoever computes a block
 * knows where its chunks begin and can compress them. Costs a twentieth of the compression. */
static cs_status count_primes(run *r, cs_farm farm, cs_error *err)
{
    const size_t n_blocks = (farm.n_items + farm.block_size - 1) / farm.block_size;
    cs_status status = CS_OK;
    if (cs_comm_rank(farm.comm) == 0) {
        status = cs_alloc(&r->first_prime, n_blocks + 1, sizeof *r->first_prime, "places", err);
    }
    CS_TRY(cs_comm_agree(farm.comm, status, err));
    r->sink.first_prime = r->first_prime;
    farm.kernel = cs_factor_work_sums(r->work);
    farm.sink = cs_factor_sink_primes(&r->sink);
    open_progress(r, "places");
    const cs_status counted = cs_farm_run(NULL, &farm, err);
    cs_progress_close(&r->progress);
    return counted;
}

static cs_status factor_range(run *r, cs_error *err)
{
    cs_farm farm = make_farm(r, r->plan.last - r->plan.first + 1);
    farm.source = (cs_source){.self = r, .read = cs_source_nothing};
    if (r->plan.form == CS_FACTOR_HDF5 && r->plan.means == CS_FACTOR_BY_SIEVE) {
        CS_TRY(count_primes(r, farm, err));
        farm.source.read = read_place;
        open_progress(r, "factorize");
    }
    return cs_farm_run(NULL, &farm, err);
}

static cs_status factor_list(run *r, cs_error *err)
{
    cs_comm *comm = r->session->comm;
    for (;;) {
        cs_status status = CS_OK;
        if (cs_comm_rank(comm) == 0) {
            status = cs_factor_list_next(&r->list, err);
        }
        CS_TRY(cs_comm_agree(comm, status, err));
        uint64_t n = r->list.list.count;
        cs_comm_broadcast(comm, &n, sizeof n);
        if (n == 0) {
            return CS_OK;
        }
        cs_farm farm = make_farm(r, (size_t)n);
        farm.source = cs_factor_list_source(&r->list);
        CS_TRY(cs_farm_run(NULL, &farm, err));
        r->n_before += n;
    }
}

/* ---- what is told ---- */

static void write_about(cs_json *json, const void *about)
{
    static const char *const MEANS[] = {"sieve", "split", "naive"};
    const run *r = about;
    const csk_factor_sums *sums = &r->sink.sums;
    cs_json_key(json, "method");
    cs_json_string(json, MEANS[r->plan.means]);
    cs_json_key(json, "range");
    cs_json_string(json, r->options->range);
    cs_json_key(json, "from");
    cs_json_string(json, r->options->from);
    cs_json_key(json, "output");
    cs_json_string(json, r->options->output);
    cs_json_key(json, "integers");
    cs_json_int64(json, (int64_t)r->sink.n_integers);
    cs_json_key(json, "skipped_lines");
    cs_json_int64(json, (int64_t)r->n_bad);
    cs_json_key(json, "text_bytes");
    cs_json_int64(json, (int64_t)r->sink.n_bytes);
    cs_json_key(json, "seconds");
    cs_json_double(json, r->seconds);
    if (r->plan.form >= CS_FACTOR_COUNT) {
        cs_json_key(json, "factors");
        cs_json_int64(json, (int64_t)sums->n_factors);
    }
    if (r->plan.form == CS_FACTOR_COUNT) {
        cs_json_key(json, "primes");
        cs_json_int64(json, (int64_t)sums->n_primes);
        cs_json_key(json, "distinct");
        cs_json_int64(json, (int64_t)sums->n_distinct);
        cs_json_key(json, "largest_gap");
        cs_json_int64(json, (int64_t)sums->largest_gap);
    }
}

static void print_count(const run *r)
{
    const csk_factor_sums *sums = &r->sink.sums;
    printf("integers=%" PRIu64 " primes=%" PRIu64 " factors=%" PRIu64 " distinct=%" PRIu64,
           r->sink.n_integers, sums->n_primes, sums->n_factors, sums->n_distinct);
    if (!r->plan.is_list) {
        printf(" largest_gap=%" PRIu64 " after=%" PRIu64, sums->largest_gap, sums->gap_begin);
    }
    printf("\n");
}

static cs_status print_sums(const run *r, cs_error *err)
{
    if (r->plan.form == CS_FACTOR_COUNT) {
        print_count(r);
    } else if (r->plan.form == CS_FACTOR_BENCH) {
        printf("integers=%" PRIu64 " factors=%" PRIu64
               " prepare_seconds=%.6f seconds=%.6f per_second=%.0f\n",
               r->sink.n_integers, r->sink.sums.n_factors, r->prepared, r->seconds,
               r->seconds > 0.0 ? (double)r->sink.n_integers / r->seconds : 0.0);
    }
    if (fflush(stdout) != 0) {
        return cs_fail_errno(err, CS_IO, "standard output: cannot be written");
    }
    return CS_OK;
}

static cs_status report_run(run *r, cs_error *err)
{
    cs_session *session = r->session;
    CS_TRY(cs_session_report_all(session, write_about, r, err));
    const cs_status status = cs_comm_rank(session->comm) == 0 ? print_sums(r, err) : CS_OK;
    return cs_comm_agree(session->comm, status, err);
}

/* ---- the run ---- */

/* Files that would destroy each other. Of FILE.h5:/DATASET only the list knows the file. */
static cs_status refuse_same_files(const run *r, cs_error *err)
{
    const char *output = r->options->output;
    const char *list = r->list.own_path != NULL ? r->list.own_path : r->options->from;
    list = list != NULL && strcmp(list, "-") == 0 ? "/dev/stdin" : list;
    if (list != NULL && output != NULL && cs_output_spoils(output, list)) {
        return cs_fail(err, CS_USAGE,
                       "%s: is the list and the output %s, or a file beside it; name another "
                       "output",
                       list, output);
    }
    CS_TRY(cs_session_check_report(r->session, list, "the list", err));
    return cs_session_check_report(r->session, output, "the output", err);
}

static cs_status open_ends(run *r, cs_error *err)
{
    if (cs_comm_rank(r->session->comm) != 0) {
        return CS_OK;
    }
    if (r->plan.is_list) {
        CS_TRY(cs_factor_list_open(&r->list, r->options, err));
    }
    CS_TRY(refuse_same_files(r, err));
    CS_TRY(cs_factor_sink_open(&r->sink, r->options, r->plan.first, r->plan.last, err));
    r->n_before = r->sink.range.n_integers;
    r->is_finished = r->sink.range.is_finished;
    return CS_OK;
}

/* A range that is resumed begins behind what is there. */
static cs_status prepare(run *r, cs_error *err)
{
    cs_comm *comm = r->session->comm;
    CS_TRY(cs_comm_agree(comm, make_plan(r, err), err));
    CS_TRY(cs_comm_agree(comm, open_ends(r, err), err));
    cs_comm_broadcast(comm, &r->n_before, sizeof r->n_before);
    cs_comm_broadcast(comm, &r->is_finished, sizeof r->is_finished);
    if (r->is_finished) {
        return CS_OK;
    }
    r->plan.first += r->n_before;
    return cs_comm_agree(comm, cs_factor_work_open(&r->work, &r->plan, err), err);
}

static void count_phase(run *r, const char *name, double seconds, uint64_t bytes)
{
    cs_phases *phases = &r->session->phases;
    cs_phases_count(phases, cs_phases_add(phases, name), seconds, (int64_t)bytes);
}

static cs_status finish(run *r, cs_error *err)
{
    const double begin = cs_now();
    cs_status status = CS_OK;
    if (cs_comm_rank(r->session->comm) == 0) {
        status = cs_factor_sink_finish(&r->sink, err);
        r->n_bad = r->plan.is_list ? cs_factor_list_bad(&r->list) : 0;
    }
    cs_comm_broadcast(r->session->comm, &r->n_bad, sizeof r->n_bad);
    count_phase(r, "finish", cs_now() - begin, 0);
    return cs_comm_agree(r->session->comm, status, err);
}

static cs_status factor_all(run *r, cs_error *err)
{
    const double begin = cs_now();
    CS_TRY(prepare(r, err));
    if (r->is_finished) {
        return CS_OK;
    }
    if (r->sink.range.file >= 0) { /* on rank 0 */
        cs_resume_note(r->session->program, cs_comm_size(r->session->comm));
    }
    cs_comm_barrier(r->session->comm);
    const double middle = cs_now();
    r->prepared = middle - begin;
    count_phase(r, "prepare", r->prepared, 0);
    open_progress(r, "factorize");
    const cs_status status = r->plan.is_list ? factor_list(r, err) : factor_range(r, err);
    cs_progress_close(&r->progress);
    r->seconds = cs_now() - middle;
    count_phase(r, "factorize", r->seconds, r->sink.n_bytes);
    CS_TRY(status);
    cs_stop_set_note(NULL);
    CS_TRY(finish(r, err));
    CS_TRY(report_run(r, err));
    if (r->n_bad > 0 && cs_comm_rank(r->session->comm) == 0) {
        cs_log(CS_LOG_WARNING, "%" PRIu64 " bad lines were left out", r->n_bad);
    }
    return r->n_bad > 0 ? CS_SOME_FAILED : CS_OK;
}

/* Results are allocated and released block after block. Given back to the system each time, their
 * pages would be cleared by it anew: a quarter of the time of text (measured). */
static void keep_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20); /* the most that glibc takes */
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_ARENA_MAX, 1); /* a thread's own heap goes back whenever nothing is left in it */
#endif
}

cs_status cs_factorize_run(cs_session *session, const cs_factorize_options *options, cs_error *err)
{
    run r = {.session = session,
             .options = options,
             .sink = {.output = {.journal = -1},
                      .file = -1,
                      .range = {.output = {.journal = -1}, .file = -1}},
             .list = {.reader = {.file = -1}}};
    keep_memory();
    cs_stop_set_grace(GRACE);
    const cs_status status = factor_all(&r, err);
    cs_factor_sink_close(&r.sink);
    cs_factor_list_close(&r.list);
    cs_factor_work_close(r.work);
    free(r.first_prime);
    return status;
}
