/* SPDX-License-Identifier: MIT */
/**
 * The sieve's innermost loops, once a path. Private to kernels/factor.
 */
#ifndef CSK_FACTOR_SIEVE_PATHS_H
#define CSK_FACTOR_SIEVE_PATHS_H

#include "kernels/factor/sieve.h"

/** Pushes all primes into the words of a segment; words were zeroed. */
void csk_sieve_push_plain(csk_sieve *sieve);
void csk_sieve_push_avx2(csk_sieve *sieve);

/** Writes the lists of `count` integers from `first`, all at least 1, and offset[1 .. count]. */
void csk_sieve_emit_plain(csk_sieve *sieve, uint64_t first, size_t begin, size_t count);
void csk_sieve_emit_avx2(csk_sieve *sieve, uint64_t first, size_t begin, size_t count);

/** Writes the list of one integer by trial of what may divide it; returns its length. */
size_t csk_sieve_divide(uint64_t *list, const csk_sieve *sieve, uint64_t n, size_t i);

#endif
