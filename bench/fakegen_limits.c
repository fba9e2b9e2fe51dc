/* SPDX-License-Identifier: MIT */
/*
 * The limits that bench/fakegen compares with; prints MB/s.
 *   fakegen_limits copy MEGABYTES             memory to memory, 64 MB at a time
 *   fakegen_limits write FILE MEGABYTES       the same prepared block of 256 KiB into a new file
 *   fakegen_limits reserved FILE MEGABYTES    likewise, room on the disk asked for before
 */
#define _GNU_SOURCE /* fallocate */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MB = 1000000, COPY = 64 * MB, BLOCK = 1 << 18 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double copy(long long n_bytes)
{
    char *from = malloc(COPY);
    char *to = malloc(COPY);
    if (from == NULL || to == NULL) {
        return -1.0;
    }
    memset(from, 'x', COPY);
    memset(to, 'y', COPY);
    const double begin = now();
    for (long long done = 0; done < n_bytes; done += COPY) {
        from[done % COPY] ^= 1; /* so that no copy is the last one's */
        memcpy(to, from, COPY);
        __asm__ volatile("" : : "r"(to) : "memory");
    }
    const double seconds = now() - begin;
    free(from);
    free(to);
    return seconds;
}

static double write_file(const char *path, long long n_bytes, bool reserved)
{
    static char block[BLOCK];
    memset(block, 'x', sizeof block);
    const double begin = now();
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (reserved && fallocate(file, FALLOC_FL_KEEP_SIZE, 0, n_bytes) != 0) {
        return -1.0;
    }
    for (long long done = 0; done < n_bytes; done += BLOCK) {
        if (file < 0 || write(file, block, BLOCK) != BLOCK) {
            return -1.0;
        }
    }
    return close(file) == 0 ? now() - begin : -1.0;
}

int main(int argc, char **argv)
{
    const bool reserved = argc == 4 && strcmp(argv[1], "reserved") == 0;
    const bool writes = reserved || (argc == 4 && strcmp(argv[1], "write") == 0);
    if (!writes && (argc != 3 || strcmp(argv[1], "copy") != 0)) {
        return 64;
    }
    const long long n_bytes = atoll(argv[argc - 1]) * MB;
    const double seconds = writes ? write_file(argv[2], n_bytes, reserved) : copy(n_bytes);
    if (seconds < 0.0) {
        perror(argv[1]);
        return 74;
    }
    printf("%.0f\n", (double)n_bytes / seconds * 1e-6);
    return 0;
}
