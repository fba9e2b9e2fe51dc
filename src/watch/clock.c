/* SPDX-License-Identifier: MIT */
#include "watch/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

double cs_now(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

/* Ticks since boot at which this process began, 0 if unknown: field 22 of proc_pid_stat(5). */
static unsigned long long start_ticks(void)
{
    char line[1024];
    unsigned long long ticks = 0;
    FILE *file = fopen("/proc/self/stat", "re");
    if (file == NULL) {
        return 0;
    }
    const size_t size = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[size] = '\0';
    /* Field 2, the name in brackets, may hold blanks and brackets: count from the last bracket. */
    const char *rest = strrchr(line, ')');
    if (rest == NULL ||
        sscanf(rest + 1,
               " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
               &ticks) != 1) {
        return 0;
    }
    return ticks;
}

double cs_startup_seconds(void)
{
    const unsigned long long ticks = start_ticks();
    const long ticks_per_second = sysconf(_SC_CLK_TCK);
    if (ticks == 0 || ticks_per_second <= 0) {
        return 0.0;
    }
    const double age = seconds_of(CLOCK_BOOTTIME) - (double)ticks / (double)ticks_per_second;
    return age > 0.0 ? age : 0.0;
}
