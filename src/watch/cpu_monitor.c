/* SPDX-License-Identifier: MIT */
#include "watch/cpu_monitor.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"
#include "watch/clock.h"
#include "watch/cpu_times.h"
#include "watch/terminal.h"

static const char COUNTERS[] = "/proc/stat";
static const double SHORTEST = 0.1;    /* s: ten ticks, so that a percentage means something */
static const double LONGEST = 86400.0; /* s */

/* A line: 115 of labels, 32 times 19 of " cpu2147483647=100%", 11 of the mean: at most 734. */
enum { HOST_LENGTH = 65, LINE_LENGTH = 1024, PERCENT_LENGTH = 16 };

struct cs_cpu_monitor {
    cs_cpu_monitor_options options;
    int rank;
    char host[HOST_LENGTH];
    size_t n_cpus;
    int *cpus;            /* cpus[n_cpus], ascending, each once */
    cs_cpu_times *before; /* [n_cpus] at the last line */
    cs_cpu_times *after;  /* [n_cpus] now */
    double started;       /* s of cs_now() */
    double last_line;     /* s of cs_now(), when `before` was read */
    size_t n_lines;       /* intervals printed */
    bool has_warned;
    pthread_t thread;
    pthread_mutex_t mutex;  /* guards stopping; all else is the thread's alone while it runs */
    pthread_cond_t changed; /* on the monotonic clock */
    bool stopping;
};

cs_status cs_cpu_monitor_parse(cs_cpu_monitor_options *options, const char *text, cs_error *err)
{
    *options = (cs_cpu_monitor_options){.seconds = 1.0};
    if (text == NULL) {
        return CS_OK;
    }
    if (strcmp(text, "once") == 0) {
        options->once = true;
        return CS_OK;
    }
    char *end = NULL;
    const double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(seconds >= SHORTEST && seconds <= LONGEST)) {
        return cs_fail(err, CS_USAGE,
                       "--cpu-monitor=%s: expected seconds from %.1f to %.0f, or once", text,
                       SHORTEST, LONGEST);
    }
    options->seconds = seconds;
    return CS_OK;
}

static void warn_once(cs_cpu_monitor *monitor, bool has_counters)
{
    if (monitor->has_warned) {
        return;
    }
    if (!has_counters) {
        cs_log(CS_LOG_WARNING, "cpu-monitor: host=%s: cannot read %s, so there is nothing to show",
               monitor->host, COUNTERS);
        monitor->has_warned = true;
        return;
    }
    for (size_t i = 0; i < monitor->n_cpus; i++) {
        if (!monitor->after[i].known) {
            cs_log(CS_LOG_WARNING,
                   "cpu-monitor: host=%s: cpu%d is not in %s (offline?), shown as -", monitor->host,
                   monitor->cpus[i], COUNTERS);
            monitor->has_warned = true;
            return;
        }
    }
}

static const char *format_percent(char text[PERCENT_LENGTH], double percent)
{
    if (percent < 0.0) {
        return "-";
    }
    snprintf(text, PERCENT_LENGTH, "%.0f%%", percent);
    return text;
}

/* Over the CPUs that are known, negative if none is. */
static double mean_percent(const cs_cpu_monitor *monitor)
{
    double sum = 0.0;
    size_t n = 0;
    for (size_t i = 0; i < monitor->n_cpus; i++) {
        const double percent = cs_cpu_times_percent(&monitor->before[i], &monitor->after[i]);
        if (percent >= 0.0) {
            sum += percent;
            n++;
        }
    }
    return n > 0 ? sum / (double)n : -1.0;
}

static void print_group(const cs_cpu_monitor *monitor, size_t begin, size_t end, double now,
                        double mean)
{
    char line[LINE_LENGTH];
    char percent[PERCENT_LENGTH];
    size_t used = (size_t)snprintf(line, sizeof line, "cpu-monitor rank=%d host=%s t=%.1f",
                                   monitor->rank, monitor->host, now - monitor->started);
    for (size_t i = begin; i < end; i++) {
        const double busy = cs_cpu_times_percent(&monitor->before[i], &monitor->after[i]);
        used += (size_t)snprintf(line + used, sizeof line - used, " cpu%d=%s", monitor->cpus[i],
                                 format_percent(percent, busy));
    }
    used += (size_t)snprintf(line + used, sizeof line - used, " mean=%s\n",
                             format_percent(percent, mean));
    cs_log_write(line, used);
}

static void print_interval(cs_cpu_monitor *monitor)
{
    const bool has_counters =
        cs_cpu_times_read(monitor->after, monitor->cpus, monitor->n_cpus, COUNTERS);
    const double now = cs_now();
    warn_once(monitor, has_counters);
    const double mean = mean_percent(monitor);
    for (size_t begin = 0; has_counters && begin < monitor->n_cpus; begin += CS_CPU_MONITOR_GROUP) {
        const size_t n_left = monitor->n_cpus - begin;
        const size_t n = n_left < CS_CPU_MONITOR_GROUP ? n_left : CS_CPU_MONITOR_GROUP;
        print_group(monitor, begin, begin + n, now, mean);
    }
    cs_cpu_times *read = monitor->after;
    monitor->after = monitor->before;
    monitor->before = read;
    monitor->last_line = now;
    monitor->n_lines++;
}

/* Waits until `when` (s of the monotonic clock); true if the monitor is to stop. */
static bool wait_until(cs_cpu_monitor *monitor, double when)
{
    const double whole = floor(when);
    const struct timespec time = {.tv_sec = (time_t)whole, .tv_nsec = (long)((when - whole) * 1e9)};
    int failure = 0;
    pthread_mutex_lock(&monitor->mutex);
    while (!monitor->stopping && failure == 0) {
        failure = monitor->options.once && monitor->n_lines > 0
                      ? pthread_cond_wait(&monitor->changed, &monitor->mutex)
                      : pthread_cond_timedwait(&monitor->changed, &monitor->mutex, &time);
    }
    const bool stopping = monitor->stopping;
    pthread_mutex_unlock(&monitor->mutex);
    return stopping;
}

/*
 * The whole interval nearest to one after the last line: lines keep their rhythm, a late one does
 * not delay those that follow, and one that came a little early does not come twice.
 */
static double next_line(const cs_cpu_monitor *monitor)
{
    const double interval = monitor->options.seconds;
    const double n = round((monitor->last_line - monitor->started) / interval) + 1.0;
    return monitor->started + n * interval;
}

static void *watch(void *argument)
{
    cs_cpu_monitor *monitor = argument;
    while (!wait_until(monitor, next_line(monitor))) {
        print_interval(monitor);
    }
    const bool has_shown_all = monitor->options.once && monitor->n_lines > 0;
    if (!has_shown_all && cs_now() - monitor->last_line >= SHORTEST) {
        print_interval(monitor);
    }
    return NULL;
}

static int compare_ints(const void *a, const void *b)
{
    const int x = *(const int *)a;
    const int y = *(const int *)b;
    return (x > y) - (x < y);
}

/* Sorts in place and drops negative and repeated numbers; returns how many are left. */
static size_t make_ascending(int *cpus, size_t n_cpus)
{
    size_t n = 0;
    qsort(cpus, n_cpus, sizeof *cpus, compare_ints);
    for (size_t i = 0; i < n_cpus; i++) {
        if (cpus[i] >= 0 && (n == 0 || cpus[i] != cpus[n - 1])) {
            cpus[n++] = cpus[i];
        }
    }
    return n;
}

static cs_status take_cpus(cs_cpu_monitor *monitor, const int *cpus, size_t n_cpus, cs_error *err)
{
    CS_TRY(cs_alloc(&monitor->cpus, n_cpus, sizeof *cpus, "a list of CPUs", err));
    if (n_cpus > 0) {
        memcpy(monitor->cpus, cpus, n_cpus * sizeof *cpus);
    }
    monitor->n_cpus = make_ascending(monitor->cpus, n_cpus);
    if (monitor->n_cpus == 0) {
        return cs_fail(err, CS_INTERNAL, "cpu-monitor: host=%s: no CPU to watch", monitor->host);
    }
    const size_t n = monitor->n_cpus;
    CS_TRY(cs_alloc(&monitor->before, n, sizeof *monitor->before, "counters of CPUs", err));
    return cs_alloc(&monitor->after, n, sizeof *monitor->after, "counters of CPUs", err);
}

static void release(cs_cpu_monitor *monitor)
{
    pthread_cond_destroy(&monitor->changed);
    pthread_mutex_destroy(&monitor->mutex);
    free(monitor->cpus);
    free(monitor->before);
    free(monitor->after);
    free(monitor);
}

static cs_status make(cs_cpu_monitor **monitor, int rank, const char *host, cs_error *err)
{
    pthread_condattr_t attributes;
    CS_TRY(cs_alloc(monitor, 1, sizeof **monitor, "the CPU monitor", err));
    (*monitor)->rank = rank;
    snprintf((*monitor)->host, sizeof(*monitor)->host, "%s", host);
    pthread_mutex_init(&(*monitor)->mutex, NULL); /* these do not fail on Linux */
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&(*monitor)->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return CS_OK;
}

/* A thread inherits the mask of the one that makes it: signals are blocked from its first moment.
 */
static cs_status start_thread(cs_cpu_monitor *monitor, cs_error *err)
{
    sigset_t all;
    sigset_t mine;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mine);
    const int failure = pthread_create(&monitor->thread, NULL, watch, monitor);
    pthread_sigmask(SIG_SETMASK, &mine, NULL);
    if (failure != 0) {
        return cs_fail(err, CS_INTERNAL, "cpu-monitor: cannot start its thread: %s",
                       strerror(failure));
    }
    return CS_OK;
}

cs_status cs_cpu_monitor_start(cs_cpu_monitor **monitor, const cs_cpu_monitor_options *options,
                               const int *cpus, size_t n_cpus, int rank, const char *host,
                               cs_error *err)
{
    cs_status status = CS_OK;
    CS_TRY(make(monitor, rank, host, err));
    (*monitor)->options = *options;
    CS_CHECK(take_cpus(*monitor, cpus, n_cpus, err));
    cs_cpu_times_read((*monitor)->before, (*monitor)->cpus, (*monitor)->n_cpus, COUNTERS);
    (*monitor)->started = cs_now();
    (*monitor)->last_line = (*monitor)->started;
    CS_CHECK(start_thread(*monitor, err));
release:
    if (status != CS_OK) {
        release(*monitor);
        *monitor = NULL;
    }
    return status;
}

void cs_cpu_monitor_stop(cs_cpu_monitor *monitor)
{
    if (monitor == NULL) {
        return;
    }
    pthread_mutex_lock(&monitor->mutex);
    monitor->stopping = true;
    pthread_cond_signal(&monitor->changed);
    pthread_mutex_unlock(&monitor->mutex);
    pthread_join(monitor->thread, NULL);
    release(monitor);
}
