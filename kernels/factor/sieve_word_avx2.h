/* SPDX-License-Identifier: MIT */
/**
 * A word of the sieve in a vector register. Private to the files of kernels/factor that are
 * compiled for AVX2.
 */
#ifndef CSK_FACTOR_SIEVE_WORD_AVX2_H
#define CSK_FACTOR_SIEVE_WORD_AVX2_H

#include <immintrin.h>

#include "kernels/factor/sieve.h"

#define TARGET __attribute__((target("avx2,bmi,bmi2,lzcnt")))
#define INLINE static inline __attribute__((always_inline, target("avx2,bmi,bmi2,lzcnt")))

INLINE __m128i load(const csk_sieve_word *word)
{
    return _mm_load_si128((const __m128i *)(const void *)word);
}

/* Pairs of lanes fit 32 bits, their products 64 bits. */
INLINE uint64_t product_wide(const csk_sieve_word *word)
{
    const __m128i filled = _mm_max_epu16(load(word), _mm_set1_epi16(1));
    const __m128i pairs =
        _mm_mullo_epi32(_mm_and_si128(filled, _mm_set1_epi32(0xffff)), _mm_srli_epi32(filled, 16));
    const __m128i fours = _mm_mul_epu32(pairs, _mm_srli_epi64(pairs, 32));
    return (uint64_t)_mm_cvtsi128_si64(fours) * (uint64_t)_mm_extract_epi64(fours, 1);
}

#endif
