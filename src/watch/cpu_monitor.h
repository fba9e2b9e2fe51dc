/* SPDX-License-Identifier: MIT */
/**
 * The per-CPU monitor: a thread that prints how busy every CPU is, again and again.
 *
 * One line an interval and host, on stderr whatever the log's level (it was asked for):
 *
 *     cpu-monitor rank=0 host=node1 t=3.0 cpu0=97% cpu1=12% mean=54%
 *
 * t is seconds since the monitor started; busy is everything but idle and waiting for input and
 * output, of all processes on that CPU; mean is over the CPUs of the monitor. `-` in place of the
 * percentage: the CPU was offline or counted no tick. Hosts of more than CS_CPU_MONITOR_GROUP CPUs
 * get several lines an interval, each with the labels and the mean over all. Every line is one
 * write(2) below PIPE_BUF, so lines of several ranks do not mix. docs/monitor.md has examples.
 *
 * Wraps around any work. Local: no MPI; whoever starts one per host passes the union of what the
 * ranks of that host may use. The thread blocks all signals, so that they reach main.
 */
#ifndef CS_WATCH_CPU_MONITOR_H
#define CS_WATCH_CPU_MONITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { CS_CPU_MONITOR_GROUP = 32 }; /* CPUs a line: 32 x " cpu1023=100%" and labels, about 500 */

typedef struct {
    double seconds; /* the interval, >= 0.1: /proc/stat counts in ticks of 0.01 s */
    bool once;      /* one line after the first interval, and no more */
} cs_cpu_monitor_options;

/**
 * Reads the value of --cpu-monitor.
 *
 * @param text [in] NULL (no value): every second; "once": once, after a second; or SECONDS
 * Errors: CS_USAGE for anything else, and for less than 0.1 or more than a day. Thread-safe.
 */
cs_status cs_cpu_monitor_parse(cs_cpu_monitor_options *options, const char *text, cs_error *err);

typedef struct cs_cpu_monitor cs_cpu_monitor;

/**
 * Starts a monitor. Several may run at once.
 *
 * @param monitor [out] released by cs_cpu_monitor_stop; NULL on failure
 * @param cpus    [in]  cpus[n_cpus] in any order, copied; twice the same and negative numbers are
 *                      passed over, so lists of several ranks can be put behind each other
 * @param rank    [in]  label: the rank that prints
 * @param host    [in]  label: its host's name, copied
 * Errors: CS_MEMORY; CS_INTERNAL where there is no CPU or no thread to be had. A /proc/stat that
 * cannot be read and CPUs that are not in it are a warning in the log, once.
 */
cs_status cs_cpu_monitor_start(cs_cpu_monitor **monitor, const cs_cpu_monitor_options *options,
                               const int *cpus, size_t n_cpus, int rank, const char *host,
                               cs_error *err);

/**
 * Stops the monitor at once, without waiting for the interval's end, and releases it; NULL is
 * fine. Prints a last line for the rest of the interval if that is 0.1 s or more (with `once` only
 * if none was printed yet).
 */
void cs_cpu_monitor_stop(cs_cpu_monitor *monitor);

#endif
