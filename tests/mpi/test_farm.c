/* SPDX-License-Identifier: MIT */
/* The farm under any number of ranks and threads: order, windows, failures, empty runs. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/stop.h"
#include "farm/farm.h"
#include "farm/threads.h"

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: rank %d: not so: %s\n", __FILE__, __LINE__,                    \
                    cs_comm_rank(comm), #condition);                                               \
            cs_comm_abort(comm, 1);                                                                \
        }                                                                                          \
    } while (0)

static cs_comm *comm;

typedef struct {
    size_t n_items;
    uint64_t n_read, n_written; /* blocks */
    uint64_t window;
    size_t tail;
    int n_lanes;
    const uint64_t *order;
    int n_running, most_running; /* kernels at once on this rank */
    uint64_t last_count;         /* items of the block that was written last */
    uint64_t sum, n_failed;
    uint64_t source_fails_at, sink_fails_at, kernel_fails_at; /* block + 1; 0: never */
    uint64_t stop_at;                                         /* block + 1 whose kernel wishes it */
    uint64_t body_size;                                       /* bytes of a block's result */
    int n_by_rank[64];
} trial;

static cs_status read_items(void *self, cs_bytes *out, const cs_block *block, cs_error *err)
{
    trial *t = self;
    EXPECT(block->index == (t->order == NULL ? t->n_read : t->order[t->n_read]));
    t->n_read++;
    EXPECT(t->order != NULL || t->n_read - t->n_written <= t->window); /* back-pressure */
    if (t->source_fails_at == block->index + 1) {
        return cs_fail(err, CS_IO, "source broke at block %llu", (unsigned long long)block->index);
    }
    for (uint64_t i = 0; i < block->count; i++) {
        const uint64_t item = block->first + i;
        CS_TRY(cs_bytes_append(out, &item, sizeof item, err));
    }
    return CS_OK;
}

static cs_status square_items(void *self, cs_bytes *out, const cs_bytes *in, const cs_block *block,
                              int n_threads, cs_error *err)
{
    trial *t = self;
    const int n_running = __atomic_add_fetch(&t->n_running, 1, __ATOMIC_SEQ_CST);
    int most = __atomic_load_n(&t->most_running, __ATOMIC_SEQ_CST);
    while (n_running > most && !__atomic_compare_exchange_n(&t->most_running, &most, n_running, 0,
                                                            __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    }
    if (t->kernel_fails_at == block->index + 1) {
        return cs_fail(err, CS_DATA, "block %llu is bad", (unsigned long long)block->index);
    }
    if (t->stop_at == block->index + 1) {
        cs_stop_request(CS_STOP_WALLTIME);
    }
    if (block->index % 3 == 0) { /* uneven work, so that results come out of order */
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    const uint64_t *items = (const uint64_t *)(const void *)in->data;
    __atomic_sub_fetch(&t->n_running, 1, __ATOMIC_SEQ_CST);
    uint64_t sum = 0;
#pragma omp parallel for reduction(+ : sum) num_threads(n_threads)
    for (uint64_t i = 0; i < block->count; i++) {
        sum += items[i] * items[i];
    }
    CS_TRY(cs_bytes_append(out, &sum, sizeof sum, err));
    CS_TRY(cs_bytes_reserve(out, t->body_size, err));
    memset(out->data + out->size, (int)(block->index & 0xff), t->body_size);
    out->size += t->body_size;
    return CS_OK;
}

static cs_status add_up(void *self, const cs_bytes *result, const cs_block *block,
                        const cs_block_report *report, cs_error *err)
{
    trial *t = self;
    EXPECT(block->index == t->n_written); /* in order of index */
    t->n_written++;
    t->last_count = block->count;
    if (t->sink_fails_at == block->index + 1) {
        return cs_fail(err, CS_IO, "sink broke at block %llu", (unsigned long long)block->index);
    }
    EXPECT(report->rank >= 0 && report->rank < cs_comm_size(comm));
    t->n_by_rank[report->rank % 64]++;
    if (report->error.status != CS_OK) {
        EXPECT(result->size == 0);
        EXPECT(strstr(report->error.message, "is bad") != NULL);
        t->n_failed++;
        return CS_OK;
    }
    uint64_t sum = 0;
    EXPECT(result->size == sizeof sum + t->body_size);
    memcpy(&sum, result->data, sizeof sum);
    for (size_t i = sizeof sum; i < result->size; i++) {
        EXPECT(result->data[i] == (block->index & 0xff));
    }
    t->sum += sum;
    return CS_OK;
}

static cs_status run(trial *t, size_t block_size, cs_error *err)
{
    cs_threads threads;
    EXPECT(cs_threads_choose(&threads, comm, err) == CS_OK);
    const cs_farm farm = {.comm = comm,
                          .n_items = t->n_items,
                          .block_size = block_size,
                          .tail = t->tail,
                          .n_lanes = t->n_lanes,
                          .order = t->order,
                          .n_threads = threads.n_threads,
                          .window = t->window,
                          .source = {.self = t, .read = read_items},
                          .kernel = {.self = t, .run = square_items},
                          .sink = {.self = t, .write = add_up}};
    cs_threads_free(&threads);
    return cs_farm_run(NULL, &farm, err);
}

static uint64_t sum_of_squares(uint64_t n)
{
    return n == 0 ? 0 : (n - 1) * n * (2 * n - 1) / 6;
}

static void completes(size_t n_items, size_t block_size, uint64_t window, uint64_t body_size)
{
    cs_error err = {0};
    trial t = {.n_items = n_items, .window = window, .body_size = body_size};
    EXPECT(run(&t, block_size, &err) == CS_OK);
    if (cs_comm_rank(comm) == 0) {
        EXPECT(t.n_written == (n_items + block_size - 1) / block_size);
        EXPECT(t.sum == sum_of_squares(n_items));
    }
}

/* Several kernels at once on a rank, and blocks that shrink: nothing is lost, order stays. */
static void lanes_run_at_once(void)
{
    cs_error err = {0};
    trial t = {.n_items = 1000, .window = 64, .n_lanes = 5, .tail = 50};
    EXPECT(run(&t, 8, &err) == CS_OK);
    EXPECT(t.most_running <= 5);
    if (cs_comm_rank(comm) == 0) {
        EXPECT(t.sum == sum_of_squares(1000));
        EXPECT(t.last_count == 1);
        EXPECT(t.most_running > 1);
    }
}

static void blocks_shrink_towards_the_end(void)
{
    uint64_t first = 0, before = 8;
    while (first < 1000) {
        const uint64_t count = cs_block_count(1000, 8, 50, first);
        EXPECT(count >= 1 && count <= before);
        EXPECT((count == 8) == (1000 - first >= 400));
        before = count;
        first += count;
    }
    EXPECT(first == 1000 && before == 1);
    for (size_t n = 0; n < 2000; n += n < 30 ? 1 : 37) {
        for (size_t tail = 0; tail < 60; tail += 20) {
            uint64_t n_blocks = 0;
            for (first = 0; first < n; n_blocks++) {
                first += cs_block_count(n, 8, tail, first);
            }
            EXPECT(cs_block_total(n, 8, tail) == n_blocks);
        }
    }
    EXPECT(cs_block_total((uint64_t)1 << 63, 8, 50) > (uint64_t)1 << 60); /* at once */
    EXPECT(cs_block_count(1000, 8, 0, 992) == 8 && cs_block_count(1000, 8, 0, 996) == 4);
}

/* Blocks go out in the order that is given and reach the sink by index, whatever the window. */
static void blocks_go_out_in_a_given_order(void)
{
    enum { N = 300 };
    uint64_t order[N];
    for (uint64_t i = 0; i < N; i++) {
        order[i] = (N - 1 - i) * 7 % N; /* 7 and 300 have no divisor in common */
    }
    cs_error err = {0};
    trial t = {.n_items = N, .window = 2, .order = order, .body_size = 64};
    EXPECT(run(&t, 1, &err) == CS_OK);
    if (cs_comm_rank(comm) == 0) {
        EXPECT(t.n_read == N && t.n_written == N);
        EXPECT(t.sum == sum_of_squares(N));
    }
    trial none = {.window = 2, .order = order};
    EXPECT(run(&none, 1, &err) == CS_OK);
}

static void failed_blocks_are_results(void)
{
    cs_error err = {0};
    trial t = {.n_items = 40, .window = 8, .kernel_fails_at = 8};
    EXPECT(run(&t, 1, &err) == CS_OK);
    if (cs_comm_rank(comm) == 0) {
        EXPECT(t.n_failed == 1 && t.n_written == 40);
        EXPECT(t.sum == sum_of_squares(40) - 7 * 7);
    }
}

static void machinery_ends_the_run_everywhere(int in_sink)
{
    cs_error err = {0};
    trial t = {.n_items = 60, .window = 8, .body_size = 100000};
    *(in_sink ? &t.sink_fails_at : &t.source_fails_at) = 21;
    EXPECT(run(&t, 1, &err) == CS_IO);
    EXPECT(err.status == CS_IO);
    EXPECT(strstr(err.message, in_sink ? "sink broke at block 20" : "source broke at block 20"));
}

/* ---- a keeper ---- */

enum { KEPT_BLOCKS = 60, KEPT_SIZE = 4 };

/* A trial and what is remembered of it: of each block the result, or nothing. */
typedef struct {
    trial t;
    bool has[KEPT_BLOCKS];
    uint64_t sum[KEPT_BLOCKS];
    bool is_damaged[KEPT_BLOCKS];
    uint64_t n_kept, n_recalled, n_out_of_turn;
    uint64_t n_shown; /* items, by progress */
    int n_read[KEPT_BLOCKS];
    uint64_t fails_at; /* block + 1 */
} kept_trial;

static cs_status read_any_items(void *self, cs_bytes *out, const cs_block *block, cs_error *err)
{
    kept_trial *k = self;
    k->n_read[block->index]++;
    for (uint64_t i = 0; i < block->count; i++) {
        const uint64_t item = block->first + i;
        CS_TRY(cs_bytes_append(out, &item, sizeof item, err));
    }
    return CS_OK;
}

static cs_status square_kept(void *self, cs_bytes *out, const cs_bytes *in, const cs_block *block,
                             int n_threads, cs_error *err)
{
    kept_trial *k = self;
    if (block->index == 1) { /* slow: the others go on meanwhile */
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    return square_items(&k->t, out, in, block, n_threads, err);
}

static cs_status add_kept(void *self, const cs_bytes *result, const cs_block *block,
                          const cs_block_report *report, cs_error *err)
{
    kept_trial *k = self;
    return add_up(&k->t, result, block, report, err);
}

static bool has_kept(void *self, const cs_block *block)
{
    const kept_trial *k = self;
    return k->has[block->index];
}

static cs_status recall_kept(void *self, cs_bytes *result, cs_block_report *report, bool *is_whole,
                             const cs_block *block, cs_error *err)
{
    kept_trial *k = self;
    EXPECT(k->has[block->index] && block->index == k->t.n_written);
    *report = (cs_block_report){0};
    *is_whole = !k->is_damaged[block->index];
    k->n_recalled++;
    return cs_bytes_append(result, &k->sum[block->index], sizeof(uint64_t), err);
}

static cs_status keep_result(void *self, const cs_bytes *result, const cs_block *block,
                             const cs_block_report *report, cs_error *err)
{
    kept_trial *k = self;
    EXPECT(report->error.status == CS_OK && result->size == sizeof(uint64_t));
    if (k->fails_at == block->index + 1) {
        return cs_fail(err, CS_IO, "keeper broke at block %llu", (unsigned long long)block->index);
    }
    memcpy(&k->sum[block->index], result->data, sizeof(uint64_t));
    k->has[block->index] = true;
    k->is_damaged[block->index] = false;
    k->n_kept++;
    k->n_out_of_turn += block->index != k->t.n_written;
    return CS_OK;
}

static void show_kept(void *watcher, uint64_t n_items_done)
{
    kept_trial *k = watcher;
    k->n_shown = n_items_done;
}

static cs_status run_kept(kept_trial *k, bool keeps, uint64_t window, cs_error *err)
{
    cs_threads threads;
    EXPECT(cs_threads_choose(&threads, comm, err) == CS_OK);
    const cs_farm farm = {.comm = comm,
                          .n_items = KEPT_BLOCKS * KEPT_SIZE,
                          .block_size = KEPT_SIZE,
                          .n_lanes = 2,
                          .n_threads = threads.n_threads,
                          .window = window,
                          .source = {.self = k, .read = read_any_items},
                          .kernel = {.self = k, .run = square_kept},
                          .sink = {.self = k, .write = add_kept},
                          .keeper = {.self = k,
                                     .has = has_kept,
                                     .recall = recall_kept,
                                     .keep = keeps ? keep_result : NULL},
                          .watcher = k,
                          .on_progress = show_kept};
    cs_threads_free(&threads);
    return cs_farm_run(NULL, &farm, err);
}

static void remember(kept_trial *k, uint64_t index)
{
    k->has[index] = true;
    for (uint64_t i = index * KEPT_SIZE; i < (index + 1) * KEPT_SIZE; i++) {
        k->sum[index] += i * i;
    }
}

/* What is there is not computed; what is damaged is, at its turn, whatever the window. */
static void known_blocks_are_recalled(bool keeps, uint64_t window)
{
    static kept_trial k;
    cs_error err = {0};
    k = (kept_trial){0};
    for (uint64_t i = 0; i < KEPT_BLOCKS; i++) {
        if (i < 7 || i % 5 == 0) {
            remember(&k, i);
        }
    }
    k.is_damaged[3] = k.is_damaged[20] = true;
    EXPECT(run_kept(&k, keeps, window, &err) == CS_OK);
    if (cs_comm_rank(comm) != 0) {
        return;
    }
    EXPECT(k.t.n_written == KEPT_BLOCKS);
    EXPECT(k.t.sum == sum_of_squares(KEPT_BLOCKS * KEPT_SIZE));
    EXPECT(k.n_shown == KEPT_BLOCKS * KEPT_SIZE);
    for (uint64_t i = 0; i < KEPT_BLOCKS; i++) {
        const bool known = i < 7 || i % 5 == 0;
        EXPECT(k.n_read[i] == (known && i != 3 && i != 20 ? 0 : 1));
    }
    EXPECT(k.n_recalled >= 17 && (keeps || k.n_recalled == 17));
}

/* With a keeper that takes them as they come, none waits for a slow one, whatever the window. */
static void results_are_kept_as_they_come(void)
{
    static kept_trial k;
    cs_error err = {0};
    k = (kept_trial){0};
    EXPECT(run_kept(&k, true, 3, &err) == CS_OK);
    if (cs_comm_rank(comm) == 0) {
        EXPECT(k.n_kept == KEPT_BLOCKS && k.t.n_written == KEPT_BLOCKS);
        EXPECT(k.t.sum == sum_of_squares(KEPT_BLOCKS * KEPT_SIZE));
        EXPECT(k.n_out_of_turn > 3 && k.n_recalled == k.n_out_of_turn);
    }
}

static void a_keeper_that_fails_ends_the_run(void)
{
    static kept_trial k;
    cs_error err = {0};
    k = (kept_trial){.fails_at = 30};
    EXPECT(run_kept(&k, true, 8, &err) == CS_IO);
    EXPECT(strstr(err.message, "keeper broke at block 29"));
}

static void every_rank_gets_work(void)
{
    cs_error err = {0};
    trial t = {.n_items = 400, .window = 64};
    EXPECT(run(&t, 1, &err) == CS_OK);
    for (int rank = 0; cs_comm_rank(comm) == 0 && rank < cs_comm_size(comm); rank++) {
        EXPECT(t.n_by_rank[rank] > 0); /* rank 0 computes as well */
    }
}

/* A wish of any rank stops all; what was handed out before is in the sink, nothing after it. */
static void stops_in_good_order(void)
{
    cs_error err = {0};
    trial t = {.n_items = 100000, .window = 64, .stop_at = 101};
    EXPECT(run(&t, 1, &err) == CS_INTERRUPTED);
    EXPECT(strcmp(err.message, "interrupted by the limit of --walltime") == 0);
    if (cs_comm_rank(comm) == 0) {
        EXPECT(t.n_written == t.n_read);
        EXPECT(t.n_written > 100 && t.n_written < 100 + 1000);
        EXPECT(t.sum == sum_of_squares(t.n_written));
    }
    trial after = {.n_items = 1000, .window = 64}; /* the wish stays */
    EXPECT(run(&after, 1, &err) == CS_INTERRUPTED);
    EXPECT(after.n_written == 0);
    EXPECT(cs_stop_requested() == CS_STOP_WALLTIME);
}

static void ranks_agree_on_the_lowest_failure(void)
{
    cs_error err = {0};
    const int rank = cs_comm_rank(comm), last = cs_comm_size(comm) - 1;
    EXPECT(cs_comm_agree(comm, CS_OK, &err) == CS_OK);
    cs_status status = rank == last ? cs_fail(&err, CS_DATA, "rank %d failed", rank) : CS_OK;
    EXPECT(cs_comm_agree(comm, status, &err) == CS_DATA);
    char expected[64];
    snprintf(expected, sizeof expected, "rank %d failed", last);
    EXPECT(strcmp(err.message, expected) == 0);
}

int main(int argc, char **argv)
{
    cs_error err = {0};
    cs_threads_prepare(argv);
    if (cs_comm_start(&comm, &argc, &argv, &err) != CS_OK) {
        return 1;
    }
    cs_log_setup("test_farm", cs_comm_rank(comm), CS_LOG_WARNING);
    completes(0, 5, 0 + 4, 0);     /* no blocks */
    completes(1, 5, 4, 0);         /* more ranks than blocks */
    completes(13, 5, 4, 8);        /* a short last block */
    completes(1000, 7, 1, 64);     /* a window of one: strictly one after the other */
    completes(1000, 7, 40, 64);    /* plenty */
    completes(64, 1, 34, 3 << 20); /* bodies over every eager limit */
    lanes_run_at_once();
    blocks_shrink_towards_the_end();
    blocks_go_out_in_a_given_order();
    failed_blocks_are_results();
    machinery_ends_the_run_everywhere(0);
    machinery_ends_the_run_everywhere(1);
    for (uint64_t window = 1; window < 100; window *= 9) {
        known_blocks_are_recalled(false, window);
        known_blocks_are_recalled(true, window);
    }
    results_are_kept_as_they_come();
    a_keeper_that_fails_ends_the_run();
    every_rank_gets_work();
    ranks_agree_on_the_lowest_failure();
    stops_in_good_order(); /* last: there is no way back */
    cs_comm_barrier(comm);
    if (cs_comm_rank(comm) == 0) {
        printf("ok ranks=%d\n", cs_comm_size(comm));
    }
    cs_comm_finish(comm);
    return 0;
}
