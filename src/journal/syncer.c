/* SPDX-License-Identifier: MIT */
#include "journal/syncer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

struct cs_syncer {
    int files[CS_SYNCER_MOST_FILES]; /* own descriptors */
    size_t n;
    double period; /* s */
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    bool is_closing, is_dirty;
    int failure; /* errno of a sync that failed; 0: none */
};

static void close_files(cs_syncer *s)
{
    for (size_t i = 0; i < s->n; i++) {
        close(s->files[i]);
    }
}

/* Some file systems cannot sync: then nothing better can be had. */
static int sync_files(const cs_syncer *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (fdatasync(s->files[i]) != 0 && errno != EINVAL && errno != EROFS) {
            return errno;
        }
    }
    return 0;
}

static struct timespec after(double seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    const double whole = (double)(long)seconds;
    until.tv_sec += (time_t)whole;
    until.tv_nsec += (long)((seconds - whole) * 1e9);
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    return until;
}

/* With the lock held. */
static void wait_a_period(cs_syncer *s)
{
    const struct timespec until = after(s->period);
    int late = 0;
    while (!s->is_closing && late == 0) {
        late = pthread_cond_timedwait(&s->changed, &s->lock, &until);
    }
}

static void *run(void *argument)
{
    cs_syncer *s = argument;
    pthread_mutex_lock(&s->lock);
    for (wait_a_period(s); !s->is_closing; wait_a_period(s)) {
        if (!s->is_dirty) {
            continue;
        }
        s->is_dirty = false;
        pthread_mutex_unlock(&s->lock);
        const int failure = sync_files(s);
        pthread_mutex_lock(&s->lock);
        s->failure = s->failure == 0 ? failure : s->failure;
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* Signals go to the main thread. */
static int start(cs_syncer *s)
{
    sigset_t all, before;
    pthread_condattr_t monotonic;
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failure = pthread_create(&s->thread, NULL, run, s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure;
}

static void release(cs_syncer *s)
{
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    close_files(s);
    free(s);
}

cs_status cs_syncer_open(cs_syncer **out, const int *files, size_t n, double interval,
                         cs_error *err)
{
    cs_syncer *s = NULL;
    *out = NULL;
    CS_INVARIANT(n <= CS_SYNCER_MOST_FILES && interval > 0.0);
    CS_TRY(cs_alloc(&s, 1, sizeof *s, "the syncing thread", err));
    s->period = interval / 2.0;
    for (; s->n < n; s->n++) {
        s->files[s->n] = fcntl(files[s->n], F_DUPFD_CLOEXEC, 0);
        if (s->files[s->n] < 0) {
            const cs_status status = cs_fail_errno(err, CS_IO, "too many open files");
            close_files(s);
            free(s);
            return status;
        }
    }
    const int failure = start(s);
    if (failure != 0) {
        release(s);
        return cs_fail(err, CS_INTERNAL, "cannot start a thread: %s", strerror(failure));
    }
    *out = s;
    return CS_OK;
}

cs_status cs_syncer_note(cs_syncer *s, cs_error *err)
{
    pthread_mutex_lock(&s->lock);
    s->is_dirty = true;
    const int failure = s->failure;
    pthread_mutex_unlock(&s->lock);
    errno = failure;
    return failure == 0 ? CS_OK
                        : cs_fail_errno(err, CS_IO,
                                        "what was written cannot be made durable; see to the disk");
}

void cs_syncer_close(cs_syncer *s)
{
    if (s == NULL) {
        return;
    }
    pthread_mutex_lock(&s->lock);
    s->is_closing = true;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    release(s);
}
