/* SPDX-License-Identifier: MIT */
#include "pipe/halt.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "watch/clock.h"

cs_status cs_halt_open(cs_halt *halt, cs_error *err)
{
    if (pipe2(halt->wake, O_CLOEXEC) != 0) {
        return cs_fail_errno(err, CS_IO, "streams: a pipe cannot be made");
    }
    atomic_init(&halt->is_set, false);
    halt->n_ended = 0;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&halt->told, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&halt->lock, NULL);
    return CS_OK;
}

void cs_halt_close(cs_halt *halt)
{
    pthread_cond_destroy(&halt->told);
    pthread_mutex_destroy(&halt->lock);
    close(halt->wake[0]);
    close(halt->wake[1]);
}

void cs_halt_set(cs_halt *halt)
{
    pthread_mutex_lock(&halt->lock);
    if (!atomic_exchange(&halt->is_set, true)) {
        close(halt->wake[1]); /* an end of file for all, however many look */
        halt->wake[1] = -1;
    }
    pthread_cond_broadcast(&halt->told);
    pthread_mutex_unlock(&halt->lock);
}

bool cs_halt_is_set(cs_halt *halt)
{
    return atomic_load(&halt->is_set);
}

static struct timespec moment_of(double seconds)
{
    const double whole = floor(seconds);
    return (struct timespec){.tv_sec = (time_t)whole, .tv_nsec = (long)((seconds - whole) * 1e9)};
}

void cs_halt_sleep(cs_halt *halt, double until)
{
    const struct timespec moment = moment_of(until);
    pthread_mutex_lock(&halt->lock);
    while (!cs_halt_is_set(halt) &&
           pthread_cond_timedwait(&halt->told, &halt->lock, &moment) != ETIMEDOUT) {
    }
    pthread_mutex_unlock(&halt->lock);
}

void cs_halt_note_end(cs_halt *halt)
{
    pthread_mutex_lock(&halt->lock);
    halt->n_ended++;
    pthread_cond_broadcast(&halt->told);
    pthread_mutex_unlock(&halt->lock);
}

bool cs_halt_wait_for_ends(cs_halt *halt, size_t n, double seconds)
{
    const struct timespec moment = moment_of(cs_now() + seconds);
    pthread_mutex_lock(&halt->lock);
    while (halt->n_ended < n &&
           pthread_cond_timedwait(&halt->told, &halt->lock, &moment) != ETIMEDOUT) {
    }
    const bool all = halt->n_ended >= n;
    pthread_mutex_unlock(&halt->lock);
    return all;
}

bool cs_halt_wait_for_input(cs_halt *halt, int file)
{
    struct pollfd files[] = {{.fd = file, .events = POLLIN},
                             {.fd = halt->wake[0], .events = POLLIN}};
    do {
        poll(files, 2, -1);
    } while (files[0].revents == 0 && files[1].revents == 0);
    return files[1].revents == 0;
}
