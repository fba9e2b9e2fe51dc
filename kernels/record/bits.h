/* SPDX-License-Identifier: MIT */
/**
 * The bits behind fake records: a generator for each record, picks, keyed permutations.
 *
 * A record's generator is one of SplitMix (Steele, Lea and Flood 2014, Fast splittable
 * pseudorandom number generators): word c is mix(start + c x gamma). Its start and its odd gamma
 * are 127 bits of Philox (kernels/math/random.h) of the seed and the record's number. So every word
 * is a function of seed, record and c, and no word costs more than two multiplications.
 */
#ifndef CSK_RECORD_BITS_H
#define CSK_RECORD_BITS_H

#include <stdint.h>

#include "kernels/math/clones.h"
#include "kernels/math/random.h"

__extension__ typedef unsigned __int128 csk_u128;

/** Philox' stream of records' generators: "fakegen" in ASCII. */
#define CSK_RECORD_STREAM UINT64_C(0x66616b6567656e)

typedef struct {
    uint64_t start;
    uint64_t gamma; /* odd */
} csk_record_generator;

/** A bijection of 64 bits that leaves no pattern: the finaliser of SplitMix64. */
CSK_INLINE uint64_t csk_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/** The generator of a record. */
CSK_INLINE csk_record_generator csk_record_generator_of(uint64_t seed, uint64_t record)
{
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t counter[4] = {(uint32_t)record, (uint32_t)(record >> 32),
                                 (uint32_t)CSK_RECORD_STREAM, (uint32_t)(CSK_RECORD_STREAM >> 32)};
    uint32_t out[4];
    csk_philox(out, counter, key);
    return (csk_record_generator){.start = (uint64_t)out[1] << 32 | out[0],
                                  .gamma = ((uint64_t)out[3] << 32 | out[2]) | 1};
}

/**
 * Picks one of n (0: of 2^64) with the random fraction *word / 2^64, and leaves there the rest of
 * the fraction, as good as new but for log2(n) of its 64 bits.
 */
CSK_INLINE uint64_t csk_pick(uint64_t *word, uint64_t n)
{
    if (n == 0) {
        return *word;
    }
    const csk_u128 product = (csk_u128)*word * n;
    *word = (uint64_t)product;
    return (uint64_t)(product >> 64);
}

/**
 * A keyed permutation of 0..n-1: a Feistel network over the next even number of bits, walked until
 * it falls below n again (Black and Rogaway 2002, Ciphers with arbitrary finite domains). Needs
 * fewer than four walks in the mean.
 *
 * @param i [in] below n
 * @param n [in] at least 1
 */
CSK_INLINE uint64_t csk_permute(uint64_t i, uint64_t n, uint64_t key)
{
    enum { N_ROUNDS = 6 };
    int half = 1;
    while (half < 32 && (UINT64_C(1) << (2 * half)) < n) {
        half++;
    }
    const uint64_t mask = (UINT64_C(1) << half) - 1;
    do {
        uint64_t left = i >> half;
        uint64_t right = i & mask;
        for (uint64_t round = 1; round <= N_ROUNDS; round++) {
            const uint64_t swap = right;
            right = left ^ (csk_mix(key + (round << 56 ^ right)) & mask);
            left = swap;
        }
        i = left << half | right;
    } while (i >= n);
    return i;
}

#endif
