/* SPDX-License-Identifier: MIT */
/**
 * Counter-based random numbers: a number is a function of where it belongs, not of who drew before.
 *
 * Philox4x32-10 of Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2,
 * 3. There is no state, so any rank or thread draws any number in any order, and the bits are the
 * same everywhere. Which bits go where:
 *
 *     key[0], key[1]          low, high half of the seed
 *     counter[0], counter[1]  low, high half of the index
 *     counter[2], counter[3]  low, high half of the stream
 *     out[0], out[1]          low, high half of the 64 bits of csk_uniform
 *     out[2], out[3]          low, high half of the 64 bits of csk_normal
 *
 * so csk_uniform and csk_normal of the same seed, stream and index are independent of each other.
 * Streams are for what must not be mixed up, such as one for each catchment and quantity.
 * Thread-safe, never fail, no memory; about 10 ns and 20 ns a number.
 */
#ifndef CSK_MATH_RANDOM_H
#define CSK_MATH_RANDOM_H

#include <stdint.h>

/** The bijection itself: 128 bits of counter to 128 random bits, under a key of 64. */
void csk_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

/**
 * Uniform in (0, 1): the middle of one of 2^52 equal intervals, an odd multiple of 2^-53, so never
 * 0 or 1 and symmetric about 1/2.
 */
double csk_uniform(uint64_t seed, uint64_t stream, uint64_t index);

/** Normal with mean 0 and variance 1: csk_normal_quantile of a uniform number; within +-8.21. */
double csk_normal(uint64_t seed, uint64_t stream, uint64_t index);

/**
 * Inverse of the normal distribution function, to about 1e-15 relative.
 *
 * Wichura (1988), algorithm AS 241 (PPND16). p in (0, 1); 0, 1 give -+infinity, others NaN.
 */
double csk_normal_quantile(double p);

#endif
