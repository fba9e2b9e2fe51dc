/* SPDX-License-Identifier: MIT */
/**
 * Is a 64-bit number prime? Proven, not probable.
 *
 * The strong test of Miller (1976) and Rabin (1980) with bases that leave no composite:
 *
 *     n < 4,759,123,141               2, 7, 61            Jaeschke (1993), Math. Comp. 61, 915-926
 *     n < 341,550,071,728,321         2, 3, .. 17         Jaeschke (1993)
 *     n < 3,825,123,056,546,413,051   2, 3, .. 23         Jiang and Deng (2014), Math. Comp. 83,
 *                                                         2915-2924
 *     all below 2^64                  2, 3, .. 37         Sorenson and Webster (2017), Math. Comp.
 *                                                         86, 985-1003 (good to 3.18e23)
 */
#ifndef CSK_FACTOR_PRIMALITY_H
#define CSK_FACTOR_PRIMALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CSK_MAX_WITNESSES = 12 };

/**
 * The bases for n: how many, and in *witnesses, the first is always 2. A number > 61 is prime if it
 * passes the strong test for each of them.
 */
size_t csk_witnesses(const uint8_t **witnesses, uint64_t n);

/**
 * True if n is prime; 0 and 1 are not. Thread-safe, never fails, no memory. Cost: up to 12 powers
 * modulo n (about 5 us) for a prime, one for nearly every composite.
 */
bool csk_is_prime(uint64_t n);

#endif
