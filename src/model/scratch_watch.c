/* SPDX-License-Identifier: MIT */
#include "model/scratch_watch.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "model/scratch_tree.h"
#include "model/warden.h"

enum { INTERVAL_NS = 100000000 };

/* What a worker runs. */
typedef struct {
    const char *folder; /* NULL: nothing */
    int lane;
    bool is_ended;
} watched;

struct cs_scratch_watch {
    uint64_t n_bytes;
    size_t n;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    watched *items; /* [n] */
    size_t n_running;
    bool closes;
};

/* With the lock held, so that a worker's folder and lane stay what they are. */
static void look(cs_scratch_watch *watch)
{
    for (size_t i = 0; i < watch->n; i++) {
        watched *item = &watch->items[i];
        cs_scratch_use use;
        if (item->folder == NULL || item->is_ended) {
            continue;
        }
        cs_scratch_measure(&use, item->folder, watch->n_bytes);
        if (use.n_bytes > watch->n_bytes) {
            cs_warden_end(item->lane);
            item->is_ended = true;
        }
    }
}

static void add_interval(struct timespec *when)
{
    clock_gettime(CLOCK_MONOTONIC, when);
    when->tv_nsec += INTERVAL_NS;
    when->tv_sec += when->tv_nsec / 1000000000;
    when->tv_nsec %= 1000000000;
}

static void *watch_all(void *about)
{
    cs_scratch_watch *watch = about;
    pthread_mutex_lock(&watch->lock);
    while (!watch->closes) {
        if (watch->n_running == 0) {
            pthread_cond_wait(&watch->changed, &watch->lock);
            continue;
        }
        struct timespec when;
        add_interval(&when);
        while (!watch->closes &&
               pthread_cond_timedwait(&watch->changed, &watch->lock, &when) == 0) {
        }
        look(watch);
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

/* Signals are for the other threads. */
static int start_thread(cs_scratch_watch *watch)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&watch->thread, NULL, watch_all, watch);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

static void init_lock(cs_scratch_watch *watch)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&watch->lock, NULL);
    pthread_cond_init(&watch->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void release(cs_scratch_watch *watch)
{
    pthread_mutex_destroy(&watch->lock);
    pthread_cond_destroy(&watch->changed);
    free(watch->items);
    free(watch);
}

cs_status cs_scratch_watch_open(cs_scratch_watch **out, size_t n, uint64_t n_bytes, cs_error *err)
{
    cs_scratch_watch *watch = NULL;
    *out = NULL;
    CS_TRY(cs_alloc(&watch, 1, sizeof *watch, "the watch over scratch", err));
    watch->n = n;
    watch->n_bytes = n_bytes;
    init_lock(watch);
    cs_status status = cs_alloc(&watch->items, n, sizeof *watch->items, "workers", err);
    if (status == CS_OK && start_thread(watch) != 0) {
        status = cs_fail(err, CS_INTERNAL, "no thread for the watch over scratch");
    }
    if (status != CS_OK) {
        release(watch);
        return status;
    }
    *out = watch;
    return CS_OK;
}

void cs_scratch_watch_begin(cs_scratch_watch *watch, size_t worker, const char *folder, int lane)
{
    pthread_mutex_lock(&watch->lock);
    watch->items[worker] = (watched){.folder = folder, .lane = lane};
    if (watch->n_running++ == 0) {
        pthread_cond_signal(&watch->changed);
    }
    pthread_mutex_unlock(&watch->lock);
}

bool cs_scratch_watch_end(cs_scratch_watch *watch, size_t worker)
{
    pthread_mutex_lock(&watch->lock);
    const bool is_ended = watch->items[worker].is_ended;
    watch->items[worker] = (watched){0};
    watch->n_running--;
    pthread_mutex_unlock(&watch->lock);
    return is_ended;
}

void cs_scratch_watch_close(cs_scratch_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    pthread_mutex_lock(&watch->lock);
    watch->closes = true;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
    release(watch);
}
