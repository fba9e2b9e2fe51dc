/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "kernels/factor/sieve_paths.h"
#include "kernels/math/clones.h"

#define TARGET

CSK_INLINE void push(csk_sieve_word *word, uint16_t prime)
{
    word->lane[1] = word->lane[1] << 16 | word->lane[0] >> 48;
    word->lane[0] = word->lane[0] << 16 | prime;
}

CSK_INLINE uint32_t lane_of(const csk_sieve_word *word, int k)
{
    return (uint32_t)(word->lane[k / 4] >> (16 * (k % 4)) & 0xffff);
}

CSK_INLINE uint32_t count_of(const csk_sieve_word *word)
{
    uint32_t n = 0;
    for (int k = 0; k < 8; k++) {
        n += lane_of(word, k) != 0;
    }
    return n;
}

CSK_INLINE uint64_t product_of(const csk_sieve_word *word)
{
    uint64_t product = 1;
    for (int k = 0; k < 8; k++) {
        const uint32_t lane = lane_of(word, k);
        product *= lane != 0 ? lane : 1;
    }
    return product;
}

CSK_INLINE void store_narrow(uint32_t *list, const csk_sieve_word *word)
{
    for (int k = 0; k < 8; k++) {
        list[k] = lane_of(word, k);
    }
}

CSK_INLINE void store_wide(uint64_t *list, const csk_sieve_word *word)
{
    for (int k = 0; k < 8; k++) {
        list[k] = lane_of(word, k);
    }
}

CSK_INLINE void copy_wide(uint64_t *list, const uint32_t *smooth)
{
    for (int k = 0; k < 8; k++) {
        list[k] = smooth[k];
    }
}

#define PUSH                      push
#define COUNT                     count_of
#define PRODUCT                   product_of
#define STORE_NARROW              store_narrow
#define STORE_WIDE                store_wide
#define COPY_NARROW(list, smooth) memcpy(list, smooth, 8 * sizeof *(smooth))
#define COPY_WIDE                 copy_wide
#include "kernels/factor/sieve_emit.h"

void csk_sieve_push_plain(csk_sieve *sieve)
{
    push_all(sieve);
}

void csk_sieve_emit_plain(csk_sieve *sieve, uint64_t first, size_t begin, size_t count)
{
    if (sieve->wide) {
        emit_wide(sieve, first, begin, count);
    } else {
        emit_narrow(sieve, first, begin, count);
    }
}
