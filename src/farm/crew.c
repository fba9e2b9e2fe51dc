/* SPDX-License-Identifier: MIT */
#include "farm/crew.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "watch/phases.h"

struct cs_crew {
    cs_kernel kernel;
    int rank, n_threads;
    bool crowded;
    pthread_t *threads;   /* [n_lanes] */
    int n_lanes;          /* that were started */
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t submitted, finished;
    cs_task_list to_do, done;
    int closing;
    double kernel_seconds, idle_seconds;
};

static void run_task(cs_crew *crew, cs_task *task)
{
    const double begin = cs_now();
    cs_error *err = &task->report.error;
    const cs_status status = crew->kernel.run(crew->kernel.self, &task->out, &task->in,
                                              &task->block, crew->n_threads, err);
    err->status = (int)status;
    if (status != CS_OK) {
        cs_bytes_free(&task->out);
    }
    cs_bytes_free(&task->in);
    task->report.rank = crew->rank;
    task->report.seconds = cs_now() - begin;
}

static cs_task *next_task(cs_crew *crew)
{
    const double begin = cs_now();
    while (crew->to_do.length == 0 && !crew->closing) {
        pthread_cond_wait(&crew->submitted, &crew->lock);
    }
    crew->idle_seconds += cs_now() - begin;
    return cs_task_pop(&crew->to_do);
}

/*
 * Where threads outnumber cores, those that compute give way to the main threads, which move what
 * all wait for: else rank 0 gets a 17th of two cores for files and messages. The team inherits it.
 */
static void give_way(void)
{
    const int lower = 10;                             /* a tenth of a main thread's weight */
    setpriority(PRIO_PROCESS, (id_t)gettid(), lower); /* refused: no harm */
}

static void *work(void *argument)
{
    cs_crew *crew = argument;
    if (crew->crowded) {
        give_way();
    }
    pthread_mutex_lock(&crew->lock);
    for (cs_task *task = next_task(crew); task != NULL; task = next_task(crew)) {
        pthread_mutex_unlock(&crew->lock);
        run_task(crew, task);
        pthread_mutex_lock(&crew->lock);
        crew->kernel_seconds += task->report.seconds;
        cs_task_push(&crew->done, task);
        pthread_cond_signal(&crew->finished);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

static cs_status start_threads(cs_crew *crew, int n_lanes, cs_error *err)
{
    sigset_t all, before;
    int failure = 0;
    CS_TRY(cs_alloc(&crew->threads, (size_t)n_lanes, sizeof *crew->threads, "threads", err));
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (crew->n_lanes < n_lanes && failure == 0) {
        failure = pthread_create(&crew->threads[crew->n_lanes], NULL, work, crew);
        crew->n_lanes += failure == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure == 0
               ? CS_OK
               : cs_fail(err, CS_INTERNAL, "cannot start a compute thread: %s", strerror(failure));
}

cs_status cs_crew_open(cs_crew **out, const cs_kernel *kernel, int rank, int n_threads, int n_lanes,
                       bool crowded, cs_error *err)
{
    cs_crew *crew = NULL;
    CS_TRY(cs_alloc(&crew, 1, sizeof *crew, "the compute thread", err));
    crew->kernel = *kernel;
    crew->rank = rank;
    crew->n_threads = n_threads;
    crew->crowded = crowded;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&crew->submitted, NULL);
    pthread_cond_init(&crew->finished, &monotonic);
    pthread_condattr_destroy(&monotonic);
    const cs_status status = start_threads(crew, n_lanes, err);
    if (status != CS_OK) {
        cs_crew_close(crew);
        return status;
    }
    *out = crew;
    return CS_OK;
}

void cs_crew_close(cs_crew *crew)
{
    if (crew == NULL) {
        return;
    }
    pthread_mutex_lock(&crew->lock);
    crew->closing = 1;
    pthread_cond_broadcast(&crew->submitted);
    pthread_mutex_unlock(&crew->lock);
    for (int i = 0; i < crew->n_lanes; i++) {
        pthread_join(crew->threads[i], NULL);
    }
    for (cs_task *task = cs_task_pop(&crew->done); task != NULL; task = cs_task_pop(&crew->done)) {
        cs_task_free(task);
    }
    pthread_cond_destroy(&crew->submitted);
    pthread_cond_destroy(&crew->finished);
    pthread_mutex_destroy(&crew->lock);
    free(crew->threads);
    free(crew);
}

void cs_crew_submit(cs_crew *crew, cs_task *task)
{
    pthread_mutex_lock(&crew->lock);
    cs_task_push(&crew->to_do, task);
    pthread_cond_signal(&crew->submitted);
    pthread_mutex_unlock(&crew->lock);
}

cs_task *cs_crew_collect(cs_crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    cs_task *task = cs_task_pop(&crew->done);
    pthread_mutex_unlock(&crew->lock);
    return task;
}

void cs_crew_wait(cs_crew *crew, double seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    const long ns = until.tv_nsec + (long)(seconds * 1e9);
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&crew->lock);
    if (crew->done.length == 0) {
        pthread_cond_timedwait(&crew->finished, &crew->lock, &until);
    }
    pthread_mutex_unlock(&crew->lock);
}

void cs_crew_times(cs_crew *crew, double *kernel_seconds, double *idle_seconds)
{
    pthread_mutex_lock(&crew->lock);
    *kernel_seconds = crew->kernel_seconds / crew->n_lanes;
    *idle_seconds = crew->idle_seconds / crew->n_lanes;
    pthread_mutex_unlock(&crew->lock);
}
