/* SPDX-License-Identifier: MIT */
/**
 * Division by the primes below 1024.
 */
#ifndef CSK_FACTOR_SMALL_DIVISORS_H
#define CSK_FACTOR_SMALL_DIVISORS_H

#include <stddef.h>
#include <stdint.h>

/* Numbers below the square of this have no divisor left but themselves. */
enum { CSK_SMALL_BOUND = 1024, CSK_N_ODD_PRIMES = 171, CSK_N_DIVISORS = 176 };

/** The odd primes below 1024; the padding to a multiple of 16 is 0. */
extern const uint16_t csk_odd_primes[CSK_N_DIVISORS];

/** p inverse[i] = 1 mod 2^64; n is a multiple of p exactly if n inverse[i] mod 2^64, then n / p, is
 * at most limit[i] = floor((2^64 - 1) / p). Padding: 1 and 0, which only 0 is a multiple of. */
typedef struct {
    _Alignas(64) uint64_t inverse[CSK_N_DIVISORS];
    _Alignas(64) uint64_t limit[CSK_N_DIVISORS];
} csk_divisors;

extern const csk_divisors csk_small_divisors;

/**
 * Divides n > 0 by the primes below 1024 as often as they go.
 *
 * Thread-safe, never fails. Cost: about 200 multiplications.
 *
 * @param primes   [out] the primes found, increasing, with multiplicity
 * @param n_primes [out] how many
 * @return what is left
 */
uint64_t csk_divide_by_small(uint64_t *primes, uint8_t *n_primes, uint64_t n);

#endif
