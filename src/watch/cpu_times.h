/* SPDX-License-Identifier: MIT */
/**
 * What Linux counts for each CPU in /proc/stat (proc_stat(5)): ticks busy and ticks in all.
 *
 * Local. Thread-safe.
 */
#ifndef CS_WATCH_CPU_TIMES_H
#define CS_WATCH_CPU_TIMES_H

#include <stdbool.h>
#include <stddef.h>

/** Counted since boot, in ticks (0.01 s). */
typedef struct {
    unsigned long long busy;  /* all but idle and waiting for input/output */
    unsigned long long total; /* a guest's time counts once, it is in user's already */
    bool known;               /* false: the CPU is not listed (offline, or not this container's) */
} cs_cpu_times;

/**
 * Reads the counters of some CPUs.
 *
 * @param times [out] times[n_cpus]
 * @param cpus  [in]  cpus[n_cpus], their numbers, ascending
 * @param path  [in]  "/proc/stat", or a file of that form
 * @return false if the file cannot be read; then no CPU is known
 * Cost: one reading of the lines of all CPUs of the machine.
 */
bool cs_cpu_times_read(cs_cpu_times *times, const int *cpus, size_t n_cpus, const char *path);

/** Percent busy between two readings, 0..100; negative if either is unknown or no tick passed. */
double cs_cpu_times_percent(const cs_cpu_times *before, const cs_cpu_times *after);

#endif
