/* SPDX-License-Identifier: MIT */
/**
 * Prime factors of integers one by one: any list of 64-bit numbers, in any order.
 *
 * Each number is divided by the 172 primes below 1024 (an exact division is a multiplication by the
 * inverse modulo 2^64: Granlund and Montgomery 1994). What is left goes through a proven test of
 * primality (primality.h) and, if it is composite, through curves of the elliptic-curve method
 * (ecm_curve.h), several numbers side by side, until only primes are left. The primes of a number
 * are unique, so that the order of work does not show.
 */
#ifndef CSK_FACTOR_SPLIT_H
#define CSK_FACTOR_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 2^63 has 63 prime factors; a power of two for the rows. */
enum { CSK_FACTOR_MAX = 64 };

/** The arithmetics that numbers can be split with. */
typedef enum {
    CSK_SPLIT_AUTO,  /* the fastest that this processor has */
    CSK_SPLIT_PLAIN, /* C, 64 bits at a time */
    CSK_SPLIT_IFMA,  /* AVX-512 with 52-bit multiply-add (Intel since Ice Lake, AMD since Zen 4) */
} csk_split_path;

/** Whether this processor and build have it; AUTO and PLAIN always. Thread-safe. */
bool csk_split_path_available(csk_split_path path);

/**
 * The prime factors of n[begin..end), with multiplicity, increasing.
 *
 * Serial, thread-safe, never fails; about 100 KiB of stack. The same results on every path.
 *
 * @param primes   [out] rows of CSK_FACTOR_MAX: those of n[i] are primes[i * CSK_FACTOR_MAX + k],
 *                       k < n_primes[i]; the rest of a row is left as it was
 * @param n_primes [out] how many, 0 for n = 0 and n = 1
 * @param n        [in]  any 64-bit integers
 * Cost: random 64-bit integers 1.6 us, products of two primes of 32 bits 10 us a number with IFMA
 * (Zen 5, 4 GHz), three times that in plain C. Lanes are filled from the range, so short ranges
 * (below a few hundred numbers) cost more a number.
 */
void csk_factor_list(uint64_t *restrict primes, uint8_t *restrict n_primes,
                     const uint64_t *restrict n, size_t begin, size_t end);

/** The same on a path that is available. */
void csk_factor_list_by(csk_split_path path, uint64_t *restrict primes, uint8_t *restrict n_primes,
                        const uint64_t *restrict n, size_t begin, size_t end);

/** The same for all of n[count] by an OpenMP team of n_threads; call it outside of other teams. */
void csk_factor_lists(uint64_t *restrict primes, uint8_t *restrict n_primes,
                      const uint64_t *restrict n, size_t count, int n_threads);

/** The same plainly, by trial division, for tests: about sqrt(n) / 3 divisions a number. */
void csk_factor_list_ref(uint64_t *primes, uint8_t *n_primes, const uint64_t *n, size_t begin,
                         size_t end);

#endif
