/* SPDX-License-Identifier: MIT */
/**
 * Trial division by every integer: how it is done without thinking, the baseline of scaling studies
 * and the oracle of the tests.
 */
#ifndef CSK_FACTOR_NAIVE_H
#define CSK_FACTOR_NAIVE_H

#include "kernels/factor/rows.h"

/**
 * Lists the prime factors of n, increasing, with multiplicity; 0 and 1 have none.
 *
 * @param list [out] list[CSK_FACTOR_MAX]
 * @return how many. Thread-safe. Cost: up to sqrt(n) divisions.
 */
size_t csk_factor_naive(uint64_t *list, uint64_t n);

/**
 * The same for begin <= i < end of n: list[i * CSK_FACTOR_MAX ..], n_list[i]. Serial; thread-safe
 * for parts that do not overlap.
 */
void csk_factor_naive_range(uint64_t *restrict list, uint8_t *restrict n_list,
                            const uint64_t *restrict n, size_t begin, size_t end);

#endif
