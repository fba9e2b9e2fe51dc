/* SPDX-License-Identifier: MIT */
/* The program of bench/external: external_task KIND MILLISECONDS INPUT OUTPUT ID
 *   spin: uses so much processor time, sleep: takes so much time; both write a whole table
 *   true: ends at once and writes nothing */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static size_t count_rows(const char *path)
{
    static char buffer[1 << 16];
    FILE *file = fopen(path, "r");
    size_t n_lines = 0, n = 0;
    while (file != NULL && (n = fread(buffer, 1, sizeof buffer, file)) > 0) {
        for (const char *at = buffer; (at = memchr(at, '\n', (size_t)(buffer + n - at))) != NULL;
             at++) {
            n_lines++;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return n_lines > 0 ? n_lines - 1 : 0;
}

static int write_table(const char *path, const char *id, size_t n_rows)
{
    static char buffer[1 << 16];
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        return 1;
    }
    setvbuf(file, buffer, _IOFBF, sizeof buffer);
    fprintf(file, "Conc_%s\n", id);
    for (size_t i = 0; i < n_rows; i++) {
        fputs("12.3456789\n", file);
    }
    return fclose(file) != 0;
}

int main(int argc, char **argv)
{
    const double begin = seconds_of(CLOCK_MONOTONIC);
    if (argc != 6 || strcmp(argv[1], "true") == 0) {
        return argc != 6;
    }
    const double wanted = 1e-3 * strtod(argv[2], NULL);
    const int failed = write_table(argv[4], argv[5], count_rows(argv[3]));
    if (strcmp(argv[1], "sleep") == 0) {
        const double left = wanted - (seconds_of(CLOCK_MONOTONIC) - begin);
        const struct timespec nap = {.tv_nsec = left > 0.0 ? (long)(left * 1e9) : 0};
        nanosleep(&nap, NULL);
    } else {
        while (seconds_of(CLOCK_PROCESS_CPUTIME_ID) < wanted) {
        }
    }
    return failed;
}
