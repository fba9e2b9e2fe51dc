/* SPDX-License-Identifier: MIT */
/*
 * The segmented sieve as one writes it down: for every integer of A..B its prime factors, in
 * memory, as offsets and primes, a segment of 2^13 at a time. What bench/factorize runs beside the
 * suite. factorize_plain A B      prints the sum of Omega and the seconds
 */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SEGMENT = 8192, MOST = 64 };

static uint32_t *prime;
static size_t n_primes;

static void make_primes(uint32_t root)
{
    uint8_t *composite = calloc(root + 2, 1);
    prime = malloc(((size_t)root + 2) * sizeof *prime);
    for (uint64_t p = 2; p <= root; p++) {
        if (composite[p]) {
            continue;
        }
        prime[n_primes++] = (uint32_t)p;
        for (uint64_t m = p * p; m <= root; m += p) {
            composite[m] = 1;
        }
    }
    free(composite);
}

/* How many primes each of first .. first + n - 1 has, and their product, as far as they are small.
 */
static void count(uint32_t *offset, uint64_t *product, uint64_t first, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        offset[i + 1] = 0;
        product[i] = 1;
    }
    for (size_t k = 0; k < n_primes; k++) {
        const uint64_t p = prime[k];
        for (uint64_t power = p; power < first + n; power *= p) {
            const uint64_t beyond = first % power;
            for (uint64_t i = beyond == 0 ? 0 : power - beyond; i < n; i += power) {
                offset[i + 1]++;
                product[i] *= p;
            }
            if (power > (first + n) / p) {
                break;
            }
        }
    }
}

/* The same again, now that it is known where each list begins. */
static void fill(uint64_t *list, uint32_t *at, uint64_t first, size_t n)
{
    for (size_t k = 0; k < n_primes; k++) {
        const uint64_t p = prime[k];
        for (uint64_t power = p; power < first + n; power *= p) {
            const uint64_t beyond = first % power;
            for (uint64_t i = beyond == 0 ? 0 : power - beyond; i < n; i += power) {
                list[at[i]++] = p;
            }
            if (power > (first + n) / p) {
                break;
            }
        }
    }
}

static uint64_t list_segment(uint32_t *offset, uint64_t *list, uint64_t first, size_t n)
{
    static uint64_t product[SEGMENT];
    static uint32_t at[SEGMENT];
    count(offset, product, first, n);
    offset[0] = 0;
    for (size_t i = 0; i < n; i++) {
        at[i] = offset[i];
        const uint64_t left = (first + i) / product[i];
        offset[i + 1] += offset[i] + (left > 1);
        if (left > 1) {
            list[offset[i + 1] - 1] = left;
        }
    }
    fill(list, at, first, n);
    return offset[n];
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        return 64;
    }
    const uint64_t first = strtoull(argv[1], NULL, 10), last = strtoull(argv[2], NULL, 10);
    uint32_t *offset = malloc((SEGMENT + 1) * sizeof *offset);
    uint64_t *list = malloc(SEGMENT * MOST * sizeof *list);
    uint64_t sum = 0;
    make_primes((uint32_t)sqrt((double)last) + 1);
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (uint64_t n = first; n <= last; n += SEGMENT) {
        sum += list_segment(offset, list, n, last - n < SEGMENT ? (size_t)(last - n + 1) : SEGMENT);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%" PRIu64 " %.6f\n", sum,
           (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec));
    return 0;
}
