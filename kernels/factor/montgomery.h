/* SPDX-License-Identifier: MIT */
/**
 * Arithmetic modulo an odd 64-bit number in Montgomery's form: x stands for x 2^-64 mod n.
 *
 * Montgomery (1985), Modular multiplication without trial division, Math. Comp. 44, 519-521, in the
 * variant that subtracts: with n n' = 1 (not -1) mod 2^64 the low halves of a b and q n are the
 * same and vanish, so no carry is lost where n has all 64 bits. Residues are in [0, n).
 * Thread-safe, never fail, no memory.
 */
#ifndef CSK_FACTOR_MONTGOMERY_H
#define CSK_FACTOR_MONTGOMERY_H

#include <stdint.h>

#include "kernels/math/clones.h"

__extension__ typedef unsigned __int128 csk_uint128;

/** n n' = 1 mod 2^64, n odd: 3n ^ 2 is right to 5 bits, each of Newton's steps doubles them. */
CSK_INLINE uint64_t csk_mont_inverse(uint64_t n)
{
    uint64_t x = (3 * n) ^ 2;
    x *= 2 - n * x;
    x *= 2 - n * x;
    x *= 2 - n * x;
    return x * (2 - n * x);
}

/** a b 2^-64 mod n; a < n, b any, or the other way round. */
CSK_INLINE uint64_t csk_mont_mul(uint64_t a, uint64_t b, uint64_t n, uint64_t inverse)
{
    const csk_uint128 product = (csk_uint128)a * b;
    const uint64_t high = (uint64_t)(product >> 64);
    const uint64_t q = (uint64_t)product * inverse;
    const uint64_t drop = (uint64_t)(((csk_uint128)q * n) >> 64);
    return high - drop + (high < drop ? n : 0);
}

CSK_INLINE uint64_t csk_mont_add(uint64_t a, uint64_t b, uint64_t n)
{
    const uint64_t gap = n - b;
    return a >= gap ? a - gap : a + b;
}

CSK_INLINE uint64_t csk_mont_sub(uint64_t a, uint64_t b, uint64_t n)
{
    return a - b + (a < b ? n : 0);
}

/** The form of 1: 2^64 mod n, n > 1. */
CSK_INLINE uint64_t csk_mont_one(uint64_t n)
{
    return (0 - n) % n;
}

/** What brings a number into the form: 2^128 mod n. Six squarings of the form of 2. */
CSK_INLINE uint64_t csk_mont_square_of_radix(uint64_t n, uint64_t inverse, uint64_t one)
{
    uint64_t x = csk_mont_add(one, one, n);
    for (int i = 0; i < 6; i++) {
        x = csk_mont_mul(x, x, n, inverse);
    }
    return x;
}

#endif
