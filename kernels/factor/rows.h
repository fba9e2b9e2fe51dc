/* SPDX-License-Identifier: MIT */
/**
 * Prime factors of several integers, in compressed rows.
 */
#ifndef CSK_FACTOR_ROWS_H
#define CSK_FACTOR_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/factor/split.h"

/** Places behind the last prime that can be read: readers take several at once. */
enum { CSK_FACTOR_SLACK = 16 };

/**
 * The primes of integer i are places offset[i] to offset[i + 1] - 1 of `narrow`, or of `wide` where
 * that is not NULL: increasing, with multiplicity; 0 and 1 have none. Owned by whoever made it, who
 * leaves CSK_FACTOR_SLACK more places readable behind the last.
 */
typedef struct {
    size_t count;
    uint64_t first;         /* integer i is first + i, unless ... */
    const uint64_t *number; /* ... this is given: number[i] */
    const uint32_t *offset; /* [count + 1], offset[0] = 0 */
    const uint32_t *narrow; /* [offset[count]], all integers being below 2^32 */
    const uint64_t *wide;   /* [offset[count]], or NULL */
    const uint16_t *key;    /* [count] how lists begin: a key of primes.h, or none of them; or NULL */
} csk_factor_rows;

/** Sums over integers that follow each other. Zeroed: of none. */
typedef struct {
    uint64_t n_integers;
    uint64_t n_primes;
    uint64_t n_factors;   /* with multiplicity: the sum of Omega */
    uint64_t n_distinct;  /* the sum of omega */
    uint64_t first_prime; /* 0: none */
    uint64_t last_prime;  /* 0: none */
    uint64_t largest_gap; /* between neighbouring primes, 0: less than two */
    uint64_t gap_begin;   /* the prime before the first such gap */
} csk_factor_sums;

/**
 * Adds lists that follow those of `sums`. Serial; thread-safe for different sums. The gap means
 * something only if the integers increase. Never fails; one pass.
 */
void csk_factor_sums_add(csk_factor_sums *sums, const csk_factor_rows *lists);

/** Adds what was summed over integers that follow those of `sums`. */
void csk_factor_sums_join(csk_factor_sums *sums, const csk_factor_sums *next);

#endif
