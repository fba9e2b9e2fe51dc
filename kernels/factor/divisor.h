/* SPDX-License-Identifier: MIT */
/**
 * Greatest common divisors with an odd number.
 */
#ifndef CSK_FACTOR_DIVISOR_H
#define CSK_FACTOR_DIVISOR_H

#include <stdint.h>

#include "kernels/math/clones.h"

/** gcd(x, n), n odd; n where x = 0. Stein (1967): halving and differences instead of divisions. */
CSK_INLINE uint64_t csk_common_divisor(uint64_t x, uint64_t n)
{
    while (x != 0) {
        x >>= __builtin_ctzll(x);
        const uint64_t difference = x > n ? x - n : n - x;
        n = x < n ? x : n;
        x = difference;
    }
    return n;
}

/** What a curve found of n: by both stages, or by the first alone where both found all of n. */
CSK_INLINE uint64_t csk_curve_divisor(uint64_t z1, uint64_t z2, uint64_t n)
{
    const uint64_t divisor = csk_common_divisor(z2, n);
    return divisor < n ? divisor : csk_common_divisor(z1, n);
}

#endif
