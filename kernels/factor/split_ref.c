/* SPDX-License-Identifier: MIT */
#include "kernels/factor/split.h"

/* 2, 3, then the numbers 5 and 1 mod 6. */
static uint8_t divide(uint64_t *primes, uint64_t n)
{
    uint8_t found = 0;
    for (uint64_t d = 2, gap = 1; d <= n / d; d += gap, gap = d == 3 ? 2 : d == 5 ? 2 : 6 - gap) {
        for (; n % d == 0; n /= d) {
            primes[found++] = d;
        }
    }
    if (n > 1) {
        primes[found++] = n;
    }
    return found;
}

void csk_factor_list_ref(uint64_t *primes, uint8_t *n_primes, const uint64_t *n, size_t begin,
                         size_t end)
{
    for (size_t i = begin; i < end; i++) {
        n_primes[i] = divide(primes + i * CSK_FACTOR_MAX, n[i]);
    }
}
