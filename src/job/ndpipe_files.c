/* SPDX-License-Identifier: MIT */
#include "job/ndpipe_files.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "farm/farm.h"

/* ---- the order ---- */

/* Blocks in front of a round: that many of each file, or all that it has. */
static uint64_t blocks_before(const cs_ndpipe_file *files, size_t n_files, uint64_t round)
{
    uint64_t n = 0;
    for (size_t i = 0; i < n_files; i++) {
        n += files[i].n_blocks < round ? files[i].n_blocks : round;
    }
    return n;
}

void cs_ndpipe_order(size_t *file, uint64_t *block, const cs_ndpipe_file *files, size_t n_files,
                     uint64_t place)
{
    uint64_t low = 0, high = place + 1; /* blocks_before(low) <= place < blocks_before(high) */
    while (high - low > 1) {
        const uint64_t middle = low + (high - low) / 2;
        if (blocks_before(files, n_files, middle) <= place) {
            low = middle;
        } else {
            high = middle;
        }
    }
    uint64_t left = place - blocks_before(files, n_files, low);
    for (size_t i = 0; i < n_files; i++) {
        if (files[i].n_blocks > low && left-- == 0) {
            *file = i;
            *block = low;
            return;
        }
    }
}

/* ---- the kernel ---- */

/* What a thread needs for a block, used again for the next. */
typedef struct workspace {
    struct workspace *next;
    cs_lines lines;
    cs_bytes rejects;
} workspace;

typedef struct {
    const cs_ndpipe_files *files;
    pthread_mutex_t lock;
    workspace *idle;
} crew;

static cs_status take_workspace(workspace **out, crew *c, cs_error *err)
{
    pthread_mutex_lock(&c->lock);
    *out = c->idle;
    c->idle = *out == NULL ? NULL : (*out)->next;
    pthread_mutex_unlock(&c->lock);
    return *out != NULL ? CS_OK : cs_alloc(out, 1, sizeof **out, "a reader", err);
}

static void give_back(crew *c, workspace *w)
{
    pthread_mutex_lock(&c->lock);
    w->next = c->idle;
    c->idle = w;
    pthread_mutex_unlock(&c->lock);
}

static void release(crew *c)
{
    while (c->idle != NULL) {
        workspace *w = c->idle;
        c->idle = w->next;
        cs_lines_free(&w->lines);
        cs_bytes_free(&w->rejects);
        free(w);
    }
    pthread_mutex_destroy(&c->lock);
}

/* A result is its head, the values, and the rejects. */
typedef struct {
    cs_extract_counts counts;
    uint64_t values_size, rejects_size;
} result_head;

static cs_status extract_block(crew *c, workspace *w, cs_bytes *out, uint64_t place, cs_error *err)
{
    const cs_ndpipe_files *files = c->files;
    size_t file = 0;
    uint64_t block = 0;
    result_head head = {0};
    cs_ndpipe_order(&file, &block, files->files, files->n_files, place);
    CS_TRY(cs_bytes_append(out, &head, sizeof head, err));
    cs_lines_begin(&w->lines, &files->files[file].input, block * files->block,
                   (block + 1) * files->block);
    w->rejects.size = 0;
    for (bool more = true; more;) {
        cs_chunk chunk;
        CS_TRY(cs_lines_next(&w->lines, &chunk, &more, err));
        if (more) {
            CS_TRY(cs_extract_chunk(&head.counts, out, &w->rejects, files->extract, &chunk, err));
        }
    }
    head.values_size = out->size - sizeof head;
    head.rejects_size = w->rejects.size;
    memcpy(out->data, &head, sizeof head);
    return cs_bytes_append(out, w->rejects.data, w->rejects.size, err);
}

static cs_status run_block(void *self, cs_bytes *out, const cs_bytes *in, const cs_block *block,
                           int n_threads, cs_error *err)
{
    (void)in;
    (void)n_threads;
    crew *c = self;
    workspace *w = NULL;
    CS_TRY(take_workspace(&w, c, err));
    const cs_status status = extract_block(c, w, out, block->first, err);
    give_back(c, w);
    return status;
}

/* ---- source and sink ---- */

static cs_status write_block(void *self, const cs_bytes *result, const cs_block *block,
                             const cs_block_report *report, cs_error *err)
{
    const cs_ndpipe_files *files = self;
    size_t file = 0;
    uint64_t number = 0;
    if (report->error.status != CS_OK) {
        *err = report->error;
        return (cs_status)report->error.status;
    }
    if (cs_halt_is_set(files->halt)) {
        return cs_fail(err, CS_INTERRUPTED, "ended, since another stream failed");
    }
    cs_ndpipe_order(&file, &number, files->files, files->n_files, block->first);
    result_head head;
    memcpy(&head, result->data, sizeof head);
    const unsigned char *values = result->data + sizeof head;
    cs_tally *tally = files->files[file].tally;
    CS_TRY(cs_tally_add(tally, &head.counts, values, (size_t)head.values_size,
                        values + head.values_size, (size_t)head.rejects_size, err));
    tally->ended = cs_now(); /* unless a block follows */
    return CS_OK;
}

/* ---- the run ---- */

static void show(void *watcher, uint64_t n_done)
{
    cs_progress_update(watcher, (int64_t)n_done);
}

cs_status cs_ndpipe_files_run(cs_session *session, const cs_ndpipe_files *files, cs_error *err)
{
    const uint64_t n_blocks = blocks_before(files->files, files->n_files, UINT64_MAX);
    const int lanes = session->threads.n_threads;
    cs_farm_counts counts = {0};
    cs_progress progress;
    crew c = {.files = files};
    cs_ndpipe_files sink = *files;
    pthread_mutex_init(&c.lock, NULL);
    cs_progress_open(&progress,
                     cs_comm_rank(session->comm) == 0 ? session->progress : CS_PROGRESS_NONE,
                     "ndpipe", (int64_t)n_blocks, "blocks");
    const cs_farm farm = {
        .comm = session->comm,
        .n_items = (size_t)n_blocks,
        .block_size = 1,
        .n_threads = 1,
        .n_lanes = lanes,
        .crowded = session->threads.crowded,
        .window = files->queue + (size_t)(lanes * cs_comm_size(session->comm)),
        .source = {.self = NULL, .read = cs_source_nothing},
        .kernel = {.self = &c, .run = run_block},
        .sink = {.self = &sink, .write = write_block},
        .watcher = &progress,
        .on_progress = show,
    };
    const cs_status status = cs_farm_run(&counts, &farm, err);
    cs_progress_close(&progress);
    release(&c);
    cs_phases *phases = &session->phases;
    cs_phases_count(phases, cs_phases_add(phases, "extract"), counts.kernel_seconds,
                    (int64_t)counts.bytes_out);
    cs_phases_count(phases, cs_phases_add(phases, "write"), counts.sink_seconds, 0);
    cs_phases_count(phases, cs_phases_add(phases, "idle"), counts.idle_seconds, 0);
    return status;
}
