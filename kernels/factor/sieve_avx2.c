/* SPDX-License-Identifier: MIT */
#include "kernels/factor/sieve_paths.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include "kernels/factor/sieve_word_avx2.h"

INLINE void push(csk_sieve_word *word, uint16_t prime)
{
    const __m128i pushed = _mm_or_si128(_mm_slli_si128(load(word), 2), _mm_cvtsi32_si128(prime));
    _mm_store_si128((__m128i *)(void *)word, pushed);
}

/* Lanes fill up from the lowest: the first empty one tells how many there are. */
INLINE uint32_t count_of(const csk_sieve_word *word)
{
    const __m128i empty = _mm_cmpeq_epi16(load(word), _mm_setzero_si128());
    return _tzcnt_u32((uint32_t)_mm_movemask_epi8(empty) | 0x10000) / 2;
}

INLINE uint32_t product_narrow(const csk_sieve_word *word)
{
    const __m256i lanes = _mm256_cvtepu16_epi32(load(word));
    const __m256i filled = _mm256_max_epu32(lanes, _mm256_set1_epi32(1));
    __m128i product =
        _mm_mullo_epi32(_mm256_castsi256_si128(filled), _mm256_extracti128_si256(filled, 1));
    product = _mm_mullo_epi32(product, _mm_shuffle_epi32(product, 0x4e));
    product = _mm_mullo_epi32(product, _mm_shuffle_epi32(product, 0xb1));
    return (uint32_t)_mm_cvtsi128_si32(product);
}

INLINE void store_narrow(uint32_t *list, const csk_sieve_word *word)
{
    _mm256_storeu_si256((__m256i *)(void *)list, _mm256_cvtepu16_epi32(load(word)));
}

INLINE void store_wide(uint64_t *list, const csk_sieve_word *word)
{
    const __m128i lanes = load(word);
    _mm256_storeu_si256((__m256i *)(void *)list, _mm256_cvtepu16_epi64(lanes));
    _mm256_storeu_si256((__m256i *)(void *)(list + 4),
                        _mm256_cvtepu16_epi64(_mm_unpackhi_epi64(lanes, lanes)));
}

INLINE void copy_narrow(uint32_t *list, const uint32_t *smooth)
{
    _mm256_storeu_si256((__m256i *)(void *)list,
                        _mm256_loadu_si256((const __m256i *)(const void *)smooth));
}

INLINE void copy_wide(uint64_t *list, const uint32_t *smooth)
{
    const __m128i *from = (const __m128i *)(const void *)smooth;
    _mm256_storeu_si256((__m256i *)(void *)list, _mm256_cvtepu32_epi64(_mm_loadu_si128(from)));
    _mm256_storeu_si256((__m256i *)(void *)(list + 4),
                        _mm256_cvtepu32_epi64(_mm_loadu_si128(from + 1)));
}

#define PUSH          push
#define COUNT         count_of
#define PRODUCT(word) (sizeof *list == 4 ? product_narrow(word) : product_wide(word))
#define STORE_NARROW  store_narrow
#define STORE_WIDE    store_wide
#define COPY_NARROW   copy_narrow
#define COPY_WIDE     copy_wide
#include "kernels/factor/sieve_emit.h"

TARGET void csk_sieve_push_avx2(csk_sieve *sieve)
{
    push_all(sieve);
}

TARGET void csk_sieve_emit_avx2(csk_sieve *sieve, uint64_t first, size_t begin, size_t count)
{
    if (sieve->wide) {
        emit_wide(sieve, first, begin, count);
    } else {
        emit_narrow(sieve, first, begin, count);
    }
}

#else

void csk_sieve_push_avx2(csk_sieve *sieve)
{
    csk_sieve_push_plain(sieve);
}

void csk_sieve_emit_avx2(csk_sieve *sieve, uint64_t first, size_t begin, size_t count)
{
    csk_sieve_emit_plain(sieve, first, begin, count);
}

#endif
