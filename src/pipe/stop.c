/* SPDX-License-Identifier: MIT */
#include "pipe/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "watch/clock.h"

cs_status cs_stop_open(cs_stop *stop, cs_error *err)
{
    if (pipe2(stop->wake, O_CLOEXEC) != 0) {
        return cs_fail_errno(err, CS_IO, "streams: a pipe cannot be made");
    }
    atomic_init(&stop->is_set, false);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&stop->told, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&stop->lock, NULL);
    return CS_OK;
}

void cs_stop_close(cs_stop *stop)
{
    pthread_cond_destroy(&stop->told);
    pthread_mutex_destroy(&stop->lock);
    close(stop->wake[0]);
    close(stop->wake[1]);
}

void cs_stop_set(cs_stop *stop)
{
    pthread_mutex_lock(&stop->lock);
    if (!atomic_exchange(&stop->is_set, true)) {
        close(stop->wake[1]); /* an end of file for all, however many look */
        stop->wake[1] = -1;
    }
    pthread_cond_broadcast(&stop->told);
    pthread_mutex_unlock(&stop->lock);
}

bool cs_stop_is_set(cs_stop *stop)
{
    return atomic_load(&stop->is_set);
}

void cs_stop_sleep(cs_stop *stop, double until)
{
    const double seconds = floor(until);
    const struct timespec moment = {.tv_sec = (time_t)seconds,
                                    .tv_nsec = (long)((until - seconds) * 1e9)};
    pthread_mutex_lock(&stop->lock);
    while (!cs_stop_is_set(stop) &&
           pthread_cond_timedwait(&stop->told, &stop->lock, &moment) != ETIMEDOUT) {
    }
    pthread_mutex_unlock(&stop->lock);
}

bool cs_stop_wait_for_input(cs_stop *stop, int file)
{
    struct pollfd files[] = {{.fd = file, .events = POLLIN},
                             {.fd = stop->wake[0], .events = POLLIN}};
    do {
        poll(files, 2, -1);
    } while (files[0].revents == 0 && files[1].revents == 0);
    return files[1].revents == 0;
}
