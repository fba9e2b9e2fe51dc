/* SPDX-License-Identifier: MIT */
#include "watch/cpu_times.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* A line has a name and ten counters of at most 20 digits. */
enum { LINE_LENGTH = 512 };

/* Reads a line such as "cpu3 1 2 3 4 5 6 7 8 9 10"; false if it is of another kind. */
static bool parse_line(cs_cpu_times *times, int *cpu, const char *line)
{
    unsigned long long user, nice, system, idle, iowait = 0, irq = 0, softirq = 0, steal = 0;
    const int n = sscanf(line, "cpu%d %llu %llu %llu %llu %llu %llu %llu %llu", cpu, &user, &nice,
                         &system, &idle, &iowait, &irq, &softirq, &steal);
    if (n < 5) { /* the first kernels had four counters */
        return false;
    }
    times->busy = user + nice + system + irq + softirq + steal;
    times->total = times->busy + idle + iowait;
    times->known = true;
    return true;
}

static bool is_of_one_cpu(const char *line)
{
    return isdigit((unsigned char)line[3]) != 0;
}

bool cs_cpu_times_read(cs_cpu_times *times, const int *cpus, size_t n_cpus, const char *path)
{
    char line[LINE_LENGTH];
    size_t wanted = 0; /* of cpus, which ascend like the lines */
    memset(times, 0, n_cpus * sizeof *times);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    /* The lines of CPUs come first; the next one, of interrupts, may be very long. */
    while (wanted < n_cpus && fgets(line, sizeof line, file) != NULL &&
           strncmp(line, "cpu", 3) == 0) {
        cs_cpu_times read;
        int cpu = -1;
        if (!is_of_one_cpu(line) || !parse_line(&read, &cpu, line)) {
            continue; /* the sum of all */
        }
        while (wanted < n_cpus && cpus[wanted] < cpu) {
            wanted++;
        }
        if (wanted < n_cpus && cpus[wanted] == cpu) {
            times[wanted++] = read;
        }
    }
    fclose(file);
    return true;
}

double cs_cpu_times_percent(const cs_cpu_times *before, const cs_cpu_times *after)
{
    if (!before->known || !after->known || after->total <= before->total) {
        return -1.0;
    }
    /* Waiting may be counted backwards, so busy can grow by more than all together. */
    const double total = (double)(after->total - before->total);
    const double busy = after->busy > before->busy ? (double)(after->busy - before->busy) : 0.0;
    return busy < total ? 100.0 * busy / total : 100.0;
}
