/* SPDX-License-Identifier: MIT */
#include "kernels/factor/rows.h"

/* Equal neighbours are powers: a prime never divides two integers in a row, and in a list of others
 * the neighbours of different integers are told apart by their rows. */
static uint64_t count_distinct(const csk_factor_rows *lists)
{
    uint64_t n = 0;
    for (size_t i = 0; i < lists->count; i++) {
        for (uint32_t k = lists->offset[i]; k < lists->offset[i + 1]; k++) {
            n += k == lists->offset[i] || lists->wide[k] != lists->wide[k - 1];
        }
    }
    return n;
}

static uint64_t count_distinct_narrow(const uint32_t *restrict primes, size_t n)
{
    uint64_t n_distinct = n > 0;
    for (size_t k = 1; k < n; k++) {
        n_distinct += primes[k] != primes[k - 1];
    }
    return n_distinct;
}

static uint64_t count_distinct_wide(const uint64_t *restrict primes, size_t n)
{
    uint64_t n_distinct = n > 0;
    for (size_t k = 1; k < n; k++) {
        n_distinct += primes[k] != primes[k - 1];
    }
    return n_distinct;
}

static void add_prime(csk_factor_sums *sums, uint64_t prime)
{
    if (sums->first_prime == 0) {
        sums->first_prime = prime;
    } else if (prime > sums->last_prime && prime - sums->last_prime > sums->largest_gap) {
        sums->largest_gap = prime - sums->last_prime;
        sums->gap_begin = sums->last_prime;
    }
    sums->last_prime = prime;
}

void csk_factor_sums_add(csk_factor_sums *sums, const csk_factor_rows *lists)
{
    const size_t n = lists->count;
    const size_t n_factors = lists->offset[n];
    sums->n_integers += n;
    sums->n_factors += n_factors;
    if (lists->number != NULL) {
        sums->n_distinct += count_distinct(lists);
    } else {
        sums->n_distinct += lists->wide != NULL ? count_distinct_wide(lists->wide, n_factors)
                                                : count_distinct_narrow(lists->narrow, n_factors);
    }
    for (size_t i = 0; i < n; i++) {
        if (lists->offset[i + 1] - lists->offset[i] == 1) {
            sums->n_primes++;
            add_prime(sums, lists->number != NULL ? lists->number[i] : lists->first + i);
        }
    }
}

void csk_factor_sums_join(csk_factor_sums *sums, const csk_factor_sums *next)
{
    sums->n_integers += next->n_integers;
    sums->n_primes += next->n_primes;
    sums->n_factors += next->n_factors;
    sums->n_distinct += next->n_distinct;
    if (next->first_prime == 0) {
        return;
    }
    add_prime(sums, next->first_prime);
    if (next->largest_gap > sums->largest_gap) {
        sums->largest_gap = next->largest_gap;
        sums->gap_begin = next->gap_begin;
    }
    sums->last_prime = next->last_prime;
}
