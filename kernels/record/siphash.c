/* SPDX-License-Identifier: MIT */
#include "kernels/record/siphash.h"

#include "kernels/math/clones.h"

typedef struct {
    uint64_t v0, v1, v2, v3;
} state;

CSK_INLINE uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

CSK_INLINE void mix(state *s, int n_rounds)
{
    for (int i = 0; i < n_rounds; i++) {
        s->v0 += s->v1;
        s->v1 = rotate(s->v1, 13) ^ s->v0;
        s->v0 = rotate(s->v0, 32);
        s->v2 += s->v3;
        s->v3 = rotate(s->v3, 16) ^ s->v2;
        s->v0 += s->v3;
        s->v3 = rotate(s->v3, 21) ^ s->v0;
        s->v2 += s->v1;
        s->v1 = rotate(s->v1, 17) ^ s->v2;
        s->v2 = rotate(s->v2, 32);
    }
}

CSK_INLINE void absorb(state *s, uint64_t word)
{
    s->v3 ^= word;
    mix(s, 2);
    s->v0 ^= word;
}

CSK_INLINE uint64_t load(const unsigned char *text, size_t n)
{
    uint64_t word = 0;
    for (size_t i = 0; i < n; i++) {
        word |= (uint64_t)text[i] << (8 * i);
    }
    return word;
}

void csk_siphash128(uint64_t out[2], const unsigned char *text, size_t n, const uint64_t key[2])
{
    /* "somepseudorandomlygeneratedbytes", as the paper has it; 0xee and 0xdd mark the long form */
    state s = {key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
               key[0] ^ UINT64_C(0x6c7967656e657261), key[1] ^ UINT64_C(0x7465646279746573)};
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        absorb(&s, load(text + i, 8));
    }
    absorb(&s, load(text + i, n - i) | (uint64_t)n << 56);
    s.v2 ^= 0xee;
    mix(&s, 4);
    out[0] = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
    s.v1 ^= 0xdd;
    mix(&s, 4);
    out[1] = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
