/* SPDX-License-Identifier: MIT */
#include "job/fakegen_team.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "job/fakegen_output.h"
#include "text/gzip.h"

/* A chunk that a thread has taken. */
typedef struct {
    size_t file;
    uint64_t chunk;
    uint64_t number; /* among those of this rank */
    int descriptor;
} taken;

/* What a thread works with. */
typedef struct {
    cs_bytes text, packed;
    cs_gzip *gzip;
} workplace;

static void fail(cs_fakegen_team *team, const cs_error *err)
{
    pthread_mutex_lock(&team->lock);
    if (!team->failed) {
        team->error = *err;
    }
    team->failed = true;
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);
}

/* ---- taking and giving back; under the lock ---- */

static cs_status open_file(cs_fakegen_team *team, size_t i, cs_error *err)
{
    const cs_fakegen_file *file = &team->plan->files[i];
    cs_fakegen_open_file *open = &team->open[i];
    const uint64_t size = (uint64_t)team->size;
    open->n_left = (file->n_chunks - (uint64_t)team->rank + size - 1) / size;
    if (team->plan->target == CS_FAKEGEN_FILES && !team->plan->shared) {
        return cs_fakegen_create(&open->descriptor, file->part_path, err);
    }
    return cs_fakegen_open(&open->descriptor, file->part_path, err);
}

static cs_status take(cs_fakegen_team *team, taken *t, bool *any, cs_error *err)
{
    const cs_fakegen_plan *plan = team->plan;
    while (team->file < plan->n_files && team->chunk >= plan->files[team->file].n_chunks) {
        team->file++;
        team->chunk = (uint64_t)team->rank;
    }
    *any = !team->failed && team->file < plan->n_files;
    if (!*any) {
        return CS_OK;
    }
    if (team->chunk == (uint64_t)team->rank) {
        CS_TRY(open_file(team, team->file, err));
    }
    *t = (taken){.file = team->file,
                 .chunk = team->chunk,
                 .number = team->n_taken++,
                 .descriptor = team->open[team->file].descriptor};
    team->chunk += (uint64_t)team->size;
    return CS_OK;
}

static cs_status give_back(cs_fakegen_team *team, const taken *t, size_t size, cs_error *err)
{
    cs_fakegen_open_file *open = &team->open[t->file];
    const cs_fakegen_file *file = &team->plan->files[t->file];
    team->n_rows += cs_fakegen_chunk_count(team->plan, file, t->chunk);
    team->n_bytes += size;
    if (--open->n_left > 0) {
        return CS_OK;
    }
    const int failed = close(open->descriptor);
    open->descriptor = -1;
    return failed ? cs_fail_errno(err, CS_IO, "%s: cannot be written", file->part_path) : CS_OK;
}

/* ---- a thread ---- */

/* Waits for the chunk's turn, and hands the place behind it on. Whether to go on. */
static bool find_place(cs_fakegen_team *team, const taken *t, size_t size, uint64_t *offset)
{
    pthread_mutex_lock(&team->lock);
    while (!team->failed && (team->turn != t->number || !team->have_offset)) {
        pthread_cond_wait(&team->changed, &team->lock);
    }
    const bool go_on = !team->failed;
    *offset = team->size == 1 && t->chunk == 0 ? 0 : team->offset;
    team->offset = *offset + size;
    team->turn++;
    team->have_offset = team->size == 1;
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);
    return go_on;
}

static cs_status make_workplace(workplace *w, const cs_fakegen_plan *plan, cs_error *err)
{
    CS_TRY(cs_bytes_reserve(&w->text, plan->max_chunk_bytes, err));
    if (plan->gzip == 0) {
        return CS_OK;
    }
    CS_TRY(cs_gzip_open(&w->gzip, plan->gzip, err));
    return cs_bytes_reserve(&w->packed, cs_gzip_bound(w->gzip, plan->max_chunk_bytes), err);
}

static cs_status make_chunk(cs_fakegen_team *team, workplace *w, const taken *t, bool *go_on,
                            cs_error *err)
{
    const cs_fakegen_plan *plan = team->plan;
    const cs_fakegen_file *file = &plan->files[t->file];
    const unsigned char *data = w->text.data;
    uint64_t offset = 0;
    size_t size = cs_fakegen_chunk_write(w->text.data, plan, file, t->chunk);
    if (w->gzip != NULL) {
        size = cs_gzip_pack(w->gzip, w->packed.data, data, size);
        data = w->packed.data;
    }
    if (plan->target == CS_FAKEGEN_FILES && !find_place(team, t, size, &offset)) {
        *go_on = false;
        return CS_OK;
    }
    CS_TRY(cs_fakegen_write_at(t->descriptor, data, size, offset, file->part_path, err));
    pthread_mutex_lock(&team->lock);
    const cs_status status = give_back(team, t, size, err);
    pthread_mutex_unlock(&team->lock);
    return status;
}

static cs_status make_chunks(cs_fakegen_team *team, workplace *w, cs_error *err)
{
    CS_TRY(make_workplace(w, team->plan, err));
    for (bool go_on = true; go_on;) {
        taken t;
        pthread_mutex_lock(&team->lock);
        const cs_status status = take(team, &t, &go_on, err);
        pthread_mutex_unlock(&team->lock);
        CS_TRY(status);
        if (go_on) {
            CS_TRY(make_chunk(team, w, &t, &go_on, err));
        }
    }
    return CS_OK;
}

static void work(cs_fakegen_team *team)
{
    workplace w = {0};
    cs_error err = {0};
    if (make_chunks(team, &w, &err) != CS_OK) {
        fail(team, &err);
    }
    cs_gzip_close(w.gzip);
    cs_bytes_free(&w.text);
    cs_bytes_free(&w.packed);
}

static void *lead(void *argument)
{
    cs_fakegen_team *team = argument;
#pragma omp parallel num_threads(team->n_threads)
    work(team);
    pthread_mutex_lock(&team->lock);
    team->finished = true;
    pthread_cond_broadcast(&team->ended);
    pthread_mutex_unlock(&team->lock);
    return NULL;
}

/* ---- the main thread ---- */

cs_status cs_fakegen_team_open(cs_fakegen_team *team, const cs_fakegen_plan *plan, int rank,
                               int size, int n_threads, cs_error *err)
{
    sigset_t all, before;
    pthread_condattr_t monotonic;
    *team = (cs_fakegen_team){.plan = plan,
                              .rank = rank,
                              .size = size,
                              .n_threads = n_threads,
                              .chunk = (uint64_t)rank,
                              .have_offset = size == 1,
                              .finished = true};
    pthread_mutex_init(&team->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&team->changed, NULL);
    pthread_cond_init(&team->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    CS_TRY(cs_alloc(&team->open, plan->n_files, sizeof *team->open, "open files", err));
    for (size_t i = 0; i < plan->n_files; i++) {
        team->open[i].descriptor = -1;
    }
    team->finished = false;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failure = pthread_create(&team->thread, NULL, lead, team);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure != 0) {
        free(team->open);
        team->open = NULL;
        return cs_fail(err, CS_INTERNAL, "cannot start a compute thread: %s", strerror(failure));
    }
    return CS_OK;
}

bool cs_fakegen_team_wait(cs_fakegen_team *team, double seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    const long nanoseconds = until.tv_nsec + (long)(seconds * 1e9);
    until.tv_sec += nanoseconds / 1000000000;
    until.tv_nsec = nanoseconds % 1000000000;
    pthread_mutex_lock(&team->lock);
    int waited = 0;
    while (!team->finished && waited == 0) {
        waited = pthread_cond_timedwait(&team->ended, &team->lock, &until);
    }
    const bool finished = team->finished;
    pthread_mutex_unlock(&team->lock);
    return finished;
}

bool cs_fakegen_team_pass(cs_fakegen_team *team, uint64_t *offset)
{
    pthread_mutex_lock(&team->lock);
    team->offset = *offset;
    team->have_offset = true;
    pthread_cond_broadcast(&team->changed);
    while (!team->failed && team->have_offset) {
        pthread_cond_wait(&team->changed, &team->lock);
    }
    *offset = team->offset;
    const bool fine = !team->failed;
    pthread_mutex_unlock(&team->lock);
    return fine;
}

void cs_fakegen_team_stop(cs_fakegen_team *team)
{
    pthread_mutex_lock(&team->lock);
    team->failed = true;
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);
}

cs_status cs_fakegen_team_close(cs_fakegen_team *team, cs_error *err)
{
    if (team->open != NULL) {
        pthread_join(team->thread, NULL);
        for (size_t i = 0; i < team->plan->n_files; i++) {
            if (team->open[i].descriptor >= 0) {
                close(team->open[i].descriptor);
            }
        }
    }
    free(team->open);
    pthread_cond_destroy(&team->changed);
    pthread_cond_destroy(&team->ended);
    pthread_mutex_destroy(&team->lock);
    if (team->error.status != CS_OK) {
        *err = team->error;
    }
    return (cs_status)team->error.status;
}
