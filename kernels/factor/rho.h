/* SPDX-License-Identifier: MIT */
/**
 * A divisor of a composite by Pollard's rho: for numbers of which curves find all primes at once.
 */
#ifndef CSK_FACTOR_RHO_H
#define CSK_FACTOR_RHO_H

#include <stdint.h>

/**
 * A divisor of the odd composite n other than 1 and n.
 *
 * Pollard (1975), A Monte Carlo method for factorization, BIT 15, 331-334, in the form of Brent
 * (1980), An improved Monte Carlo factorization algorithm, BIT 20, 176-184.
 * Thread-safe, no memory. Cost: about the square root of n's least prime factor, in multiplications
 * modulo n.
 */
uint64_t csk_rho_divisor(uint64_t n);

#endif
