/* SPDX-License-Identifier: MIT */
/*
 * FLINT's n_factor over a range or a list; what bench/factorize runs beside the suite.
 *   factorize_flint A B | factorize_flint FILE      prints the sum of Omega and the seconds
 */
#include <flint/ulong_extras.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t omega(uint64_t n)
{
    n_factor_t factors;
    uint64_t sum = 0;
    n_factor_init(&factors);
    if (n > 1) {
        n_factor(&factors, n, 1);
    }
    for (int k = 0; k < factors.num; k++) {
        sum += (uint64_t)factors.exp[k];
    }
    return sum;
}

static uint64_t of_file(const char *path)
{
    FILE *file = fopen(path, "r");
    uint64_t n = 0, sum = 0;
    while (file != NULL && fscanf(file, "%" SCNu64, &n) == 1) {
        sum += omega(n);
    }
    return sum;
}

static uint64_t of_range(uint64_t first, uint64_t last)
{
    uint64_t sum = 0;
    for (uint64_t n = first; n <= last; n++) {
        sum += omega(n);
    }
    return sum;
}

int main(int argc, char **argv)
{
    struct timespec begin, end;
    if (argc != 2 && argc != 3) {
        return 64;
    }
    clock_gettime(CLOCK_MONOTONIC, &begin);
    const uint64_t sum = argc == 2
                             ? of_file(argv[1])
                             : of_range(strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10));
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%" PRIu64 " %.6f\n", sum,
           (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec));
    return 0;
}
