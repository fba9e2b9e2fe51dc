/* SPDX-License-Identifier: MIT */
#include "job/fakegen_team.h"

#include <omp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "job/fakegen_output.h"
#include "text/gzip.h"

/* What a thread that makes works with. */
typedef struct {
    bool makes, writes;
    cs_gzip *gzip;
    cs_bytes text; /* of a chunk that is packed */
    cs_fakegen_slot
        own; /* for what goes nowhere: it needs no order, and stays in its core's cache */
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

/* The slot of the next chunk, or what goes nowhere into `own`; NULL if all are taken. */
static cs_status take(cs_fakegen_slot **slot, cs_fakegen_team *team, cs_fakegen_slot *own,
                      cs_error *err)
{
    const cs_fakegen_plan *plan = team->plan;
    *slot = NULL;
    while (team->file < plan->n_files && team->chunk >= plan->files[team->file].n_chunks) {
        team->file++;
        team->chunk = (uint64_t)team->rank;
    }
    team->all_taken = team->file == plan->n_files;
    if (team->all_taken) {
        pthread_cond_broadcast(&team->changed);
        return CS_OK;
    }
    if (team->chunk == (uint64_t)team->rank) {
        CS_TRY(open_file(team, team->file, err));
    }
    *slot = own;
    if (plan->target == CS_FAKEGEN_FILES) {
        *slot = &team->slots[team->n_taken++ % team->n_slots];
        (*slot)->bytes = team->spare[--team->n_spare];
    }
    (*slot)->file = team->file;
    (*slot)->chunk = team->chunk;
    (*slot)->made = false;
    team->chunk += (uint64_t)team->size;
    return CS_OK;
}

/* Gives a made chunk its place: it takes the tail before it, and leaves its own. */
static void place_slot(cs_fakegen_slot *slot, cs_fakegen_place *place, bool is_last)
{
    const size_t before = place->offset % CS_FAKEGEN_PAGE;
    slot->data = slot->bytes.data + CS_FAKEGEN_PAGE - before;
    slot->offset = place->offset - before;
    memcpy(slot->data, place->tail, before);
    place->offset += slot->size;
    const size_t after = is_last ? 0 : place->offset % CS_FAKEGEN_PAGE;
    slot->size += before - after;
    memcpy(place->tail, slot->data + slot->size, after);
}

/* Room is asked for so far ahead, in bytes: each time is a transaction of the file system's, and a
 * run that is killed leaves it in its NAME.part. */
enum { RESERVE_BYTES = 64 << 20 };

/* Whether room is to be asked for before a chunk that has just got its place. */
static void plan_room(cs_fakegen_slot *slot, cs_fakegen_place *place, uint64_t n_behind,
                      size_t chunk_bytes)
{
    slot->reserve_from = slot->reserve_to = 0;
    if (n_behind > 0 && place->offset > place->reserved) {
        const bool near = n_behind < RESERVE_BYTES / chunk_bytes;
        slot->reserve_from = place->reserved;
        slot->reserve_to = place->offset + (near ? n_behind * chunk_bytes : RESERVE_BYTES);
        place->reserved = slot->reserve_to;
    }
}

/* Gives places to what has been made, in order. */
static void place_made(cs_fakegen_team *team)
{
    while (team->have_place && team->n_placed < team->n_taken) {
        cs_fakegen_slot *slot = &team->slots[team->n_placed % team->n_slots];
        if (!slot->made) {
            break;
        }
        if (slot->chunk == 0) {
            team->place.offset = 0;
            team->place.reserved = 0;
        }
        const uint64_t n_behind = team->plan->files[slot->file].n_chunks - slot->chunk - 1;
        place_slot(slot, &team->place, n_behind == 0);
        plan_room(slot, &team->place, n_behind, team->plan->max_chunk_bytes);
        team->n_placed++;
        team->have_place = team->size == 1;
    }
    pthread_cond_broadcast(&team->changed);
}

static cs_status give_back(cs_fakegen_team *team, const cs_fakegen_slot *slot, cs_error *err)
{
    cs_fakegen_open_file *open = &team->open[slot->file];
    const cs_fakegen_file *file = &team->plan->files[slot->file];
    team->n_rows += cs_fakegen_chunk_count(team->plan, file, slot->chunk);
    team->n_bytes += slot->size;
    if (--open->n_left > 0) {
        return CS_OK;
    }
    const int failed = close(open->descriptor);
    open->descriptor = -1;
    return failed ? cs_fail_errno(err, CS_IO, "%s: cannot be written", file->part_path) : CS_OK;
}

/* ---- a thread; the lock is held where it steps, and let go for the work itself ---- */

static cs_status write_chunk(cs_fakegen_team *team, cs_error *err)
{
    cs_fakegen_slot *slot = &team->slots[team->n_written % team->n_slots];
    const int descriptor = team->open[slot->file].descriptor;
    team->writing = true;
    pthread_mutex_unlock(&team->lock);
    cs_fakegen_reserve(descriptor, slot->reserve_from, slot->reserve_to);
    const cs_status status = cs_fakegen_write_at(descriptor, slot->data, slot->size, slot->offset,
                                                 team->plan->files[slot->file].part_path, err);
    pthread_mutex_lock(&team->lock);
    CS_TRY(status);
    team->spare[team->n_spare++] = slot->bytes;
    slot->bytes = (cs_bytes){0};
    team->writing = false;
    team->n_written++;
    pthread_cond_broadcast(&team->changed);
    return give_back(team, slot, err);
}

/* The chunk into its slot, a page behind the beginning. */
static cs_status fill_slot(cs_fakegen_slot *slot, workplace *w, const cs_fakegen_plan *plan,
                           cs_error *err)
{
    const cs_fakegen_file *file = &plan->files[slot->file];
    const size_t room =
        w->gzip != NULL ? cs_gzip_bound(w->gzip, plan->max_chunk_bytes) : plan->max_chunk_bytes;
    CS_TRY(cs_bytes_reserve(&slot->bytes, CS_FAKEGEN_PAGE + room, err));
    unsigned char *out = slot->bytes.data + CS_FAKEGEN_PAGE;
    unsigned char *text = w->gzip != NULL ? w->text.data : out;
    slot->size = cs_fakegen_chunk_write(text, plan, file, slot->chunk);
    if (w->gzip != NULL) {
        slot->size = cs_gzip_pack(w->gzip, out, text, slot->size);
    }
    return CS_OK;
}

static cs_status make_chunk(cs_fakegen_team *team, workplace *w, cs_error *err)
{
    const bool nowhere = team->plan->target == CS_FAKEGEN_NOWHERE;
    cs_fakegen_slot *slot = NULL;
    CS_TRY(take(&slot, team, &w->own, err));
    if (slot == NULL) {
        return CS_OK;
    }
    const int descriptor = team->open[slot->file].descriptor;
    pthread_mutex_unlock(&team->lock);
    cs_status status = fill_slot(slot, w, team->plan, err);
    if (nowhere && status == CS_OK) {
        status = cs_fakegen_write_at(descriptor, slot->bytes.data, slot->size, 0,
                                     team->plan->files[slot->file].part_path, err);
    }
    pthread_mutex_lock(&team->lock);
    CS_TRY(status);
    if (nowhere) {
        return give_back(team, slot, err);
    }
    slot->made = true;
    place_made(team);
    return CS_OK;
}

/* What is most urgent: a chunk that can be written, one to make, or to wait. Whether to go on. */
static cs_status step(bool *go_on, cs_fakegen_team *team, workplace *w, cs_error *err)
{
    const bool ordered = team->plan->target == CS_FAKEGEN_FILES;
    const bool has_room = !ordered || team->n_taken - team->n_written < team->n_slots;
    *go_on = !team->failed && !(team->all_taken && (!ordered || team->n_written == team->n_taken));
    if (!*go_on) {
        return CS_OK;
    }
    if (w->writes && !team->writing && team->n_written < team->n_placed) {
        return write_chunk(team, err);
    }
    if (w->makes && has_room && !team->all_taken) {
        return make_chunk(team, w, err);
    }
    pthread_cond_wait(&team->changed, &team->lock);
    return CS_OK;
}

static cs_status make_workplace(workplace *w, const cs_fakegen_plan *plan, cs_error *err)
{
    if (plan->gzip == 0 || !w->makes) {
        return CS_OK;
    }
    CS_TRY(cs_bytes_reserve(&w->text, plan->max_chunk_bytes, err));
    return cs_gzip_open(&w->gzip, plan->gzip, err);
}

static void work(cs_fakegen_team *team, bool makes, bool writes)
{
    workplace w = {.makes = makes, .writes = writes};
    cs_error err = {0};
    cs_status status = make_workplace(&w, team->plan, &err);
    pthread_mutex_lock(&team->lock);
    for (bool go_on = true; go_on && status == CS_OK;) {
        status = step(&go_on, team, &w, &err);
    }
    pthread_mutex_unlock(&team->lock);
    if (status != CS_OK) {
        fail(team, &err);
    }
    cs_gzip_close(w.gzip);
    cs_bytes_free(&w.text);
    cs_bytes_free(&w.own.bytes);
}

static void *lead(void *argument)
{
    cs_fakegen_team *team = argument;
#pragma omp parallel num_threads(team->n_threads + team->has_writer)
    {
        const bool alone = omp_get_num_threads() <= team->n_threads; /* OpenMP may give fewer */
        const bool makes = alone || omp_get_thread_num() < team->n_threads;
        work(team, makes, alone || !makes);
    }
    pthread_mutex_lock(&team->lock);
    team->finished = true;
    pthread_cond_broadcast(&team->ended);
    pthread_mutex_unlock(&team->lock);
    return NULL;
}

/* ---- the main thread ---- */

/* Chunks that a rank makes ahead of its writing. None where ranks take turns: then one makes while
 * the other writes, and they seldom meet at the file's lock (two ranks on two cores: medians of 5.5
 * GB/s without, 5.1 GB/s with one). */
enum { N_AHEAD = 2 };

cs_status cs_fakegen_team_open(cs_fakegen_team *team, const cs_fakegen_plan *plan, int rank,
                               int size, int n_threads, bool has_writer, cs_error *err)
{
    sigset_t all, before;
    pthread_condattr_t monotonic;
    *team = (cs_fakegen_team){.plan = plan,
                              .rank = rank,
                              .size = size,
                              .n_threads = n_threads,
                              .has_writer = has_writer,
                              .n_slots = (uint64_t)n_threads + (size == 1 ? N_AHEAD : 0),
                              .chunk = (uint64_t)rank,
                              .have_place = size == 1,
                              .finished = true};
    pthread_mutex_init(&team->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&team->changed, NULL);
    pthread_cond_init(&team->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    CS_TRY(cs_alloc(&team->slots, team->n_slots, sizeof *team->slots, "slots", err));
    CS_TRY(cs_alloc(&team->spare, team->n_slots, sizeof *team->spare, "buffers", err));
    team->n_spare = team->n_slots;
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

bool cs_fakegen_team_pass(cs_fakegen_team *team, cs_fakegen_place *place)
{
    pthread_mutex_lock(&team->lock);
    team->place = *place;
    team->have_place = true;
    place_made(team);
    while (!team->failed && team->have_place) {
        pthread_cond_wait(&team->changed, &team->lock);
    }
    *place = team->place;
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
    for (size_t i = 0; team->slots != NULL && i < team->n_slots; i++) {
        cs_bytes_free(&team->slots[i].bytes);
    }
    for (size_t i = 0; i < team->n_spare; i++) {
        cs_bytes_free(&team->spare[i]);
    }
    free(team->spare);
    free(team->slots);
    free(team->open);
    pthread_cond_destroy(&team->changed);
    pthread_cond_destroy(&team->ended);
    pthread_mutex_destroy(&team->lock);
    if (team->error.status != CS_OK) {
        *err = team->error;
    }
    return (cs_status)team->error.status;
}
