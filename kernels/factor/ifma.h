/* SPDX-License-Identifier: MIT */
/**
 * What the two vector arithmetics share: AVX-512 with multiply-add of 52 bits (IFMA). A vector
 * is two registers of eight numbers, whose instructions alternate: a multiply-add takes four
 * cycles, two can begin in each, and no processor looks far enough ahead to find others by itself.
 * Includers close with #include "kernels/factor/ifma_end.h".
 *
 * Everything between is compiled for these processors, and must not run on others.
 */
#ifndef CSK_FACTOR_IFMA_H
#define CSK_FACTOR_IFMA_H

#include <immintrin.h>
#include <stdint.h>

#include "kernels/factor/divisor.h"
#include "kernels/factor/split_engine.h"
#include "kernels/math/clones.h"

#ifdef __clang__
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512dq,avx512cd,avx512ifma,bmi,bmi2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512cd,avx512ifma,bmi,bmi2")
#endif

enum { N_LANES = 16 };

typedef struct {
    __m512i a, b;
} vector;

/* Some of the lanes. */
typedef struct {
    __mmask8 a, b;
} lanes;

CSK_INLINE vector all(uint64_t x)
{
    return (vector){_mm512_set1_epi64((long long)x), _mm512_set1_epi64((long long)x)};
}

CSK_INLINE vector load(const uint64_t *x)
{
    return (vector){_mm512_loadu_si512(x), _mm512_loadu_si512(x + 8)};
}

CSK_INLINE void store(uint64_t *out, vector x)
{
    _mm512_storeu_si512(out, x.a);
    _mm512_storeu_si512(out + 8, x.b);
}

CSK_INLINE vector load_32(const uint32_t *x)
{
    return (vector){_mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)x)),
                    _mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)(x + 8)))};
}

/* name(x, y), lane by lane. */
#define OF_TWO(name, instruction)                                                                  \
    CSK_INLINE vector name(vector x, vector y)                                                     \
    {                                                                                              \
        return (vector){instruction(x.a, y.a), instruction(x.b, y.b)};                             \
    }
OF_TWO(plus, _mm512_add_epi64)
OF_TWO(minus, _mm512_sub_epi64)
OF_TWO(times, _mm512_mullo_epi64)
OF_TWO(bits_and, _mm512_and_si512)
OF_TWO(bits_or, _mm512_or_si512)
OF_TWO(bits_xor, _mm512_xor_si512)
OF_TWO(lesser, _mm512_min_epu64)
OF_TWO(greater, _mm512_max_epu64)
OF_TWO(left_by, _mm512_sllv_epi64)
OF_TWO(right_by, _mm512_srlv_epi64)

/* name(a, x, y) = a + the low, or high, 52 bits of the product of the low 52 bits of x and y. */
#define OF_THREE(name, instruction)                                                                \
    CSK_INLINE vector name(vector a, vector x, vector y)                                           \
    {                                                                                              \
        return (vector){instruction(a.a, x.a, y.a), instruction(a.b, x.b, y.b)};                   \
    }
OF_THREE(low, _mm512_madd52lo_epu64)
OF_THREE(high, _mm512_madd52hi_epu64)

/* name(x, y): the lanes where it is so, as unsigned numbers. */
#define COMPARISON(name, instruction)                                                              \
    CSK_INLINE lanes name(vector x, vector y)                                                      \
    {                                                                                              \
        return (lanes){instruction(x.a, y.a), instruction(x.b, y.b)};                              \
    }
COMPARISON(at_most, _mm512_cmple_epu64_mask)
COMPARISON(equal, _mm512_cmpeq_epu64_mask)
COMPARISON(have_common_bits, _mm512_test_epi64_mask)

/* x where it is so, else y. */
CSK_INLINE vector choose(lanes where, vector x, vector y)
{
    return (vector){_mm512_mask_mov_epi64(y.a, where.a, x.a),
                    _mm512_mask_mov_epi64(y.b, where.b, x.b)};
}

/* Shifts by as many bits in all lanes; the last one keeps the sign. */
CSK_INLINE vector left(vector x, unsigned bits)
{
    return (vector){_mm512_slli_epi64(x.a, bits), _mm512_slli_epi64(x.b, bits)};
}

CSK_INLINE vector right(vector x, unsigned bits)
{
    return (vector){_mm512_srli_epi64(x.a, bits), _mm512_srli_epi64(x.b, bits)};
}

CSK_INLINE vector right_signed(vector x, unsigned bits)
{
    return (vector){_mm512_srai_epi64(x.a, bits), _mm512_srai_epi64(x.b, bits)};
}

/* How many bits x has, 0 where it is 0. */
CSK_INLINE vector bits_of(vector x)
{
    return minus(all(64), (vector){_mm512_lzcnt_epi64(x.a), _mm512_lzcnt_epi64(x.b)});
}

CSK_INLINE uint64_t or_of_all(vector x)
{
    return (uint64_t)_mm512_reduce_or_epi64(_mm512_or_si512(x.a, x.b));
}

CSK_INLINE vector mask_52(void)
{
    return all((UINT64_C(1) << 52) - 1);
}

CSK_INLINE vector lowest_bit(vector x)
{
    return bits_and(x, minus(all(0), x));
}

/* n n' = 1 mod 2^64 as in montgomery.h. */
CSK_INLINE vector inverse_64(vector n)
{
    vector x = bits_xor(times(n, all(3)), all(2));
    for (int i = 0; i < 4; i++) {
        x = times(x, minus(all(2), times(n, x)));
    }
    return x;
}

/* gcd(x, n) of odd n, as csk_common_divisor. */
static vector common_divisors(vector x, vector n)
{
    for (;;) {
        const lanes left_over = have_common_bits(x, x);
        if (left_over.a == 0 && left_over.b == 0) {
            return n;
        }
        const vector odd = right_by(x, minus(bits_of(lowest_bit(x)), all(1)));
        const vector less = lesser(odd, n);
        x = choose(left_over, minus(greater(odd, n), less), x);
        n = choose(left_over, less, n);
    }
}

/* csk_curve_divisor for all lanes; z1 and z2 are reduced. */
static void curve_divisors(uint64_t *divisor, vector z1, vector z2, const uint64_t *n)
{
    uint64_t z[N_LANES];
    store(z, z1);
    store(divisor, common_divisors(z2, load(n)));
    for (int i = 0; i < N_LANES; i++) {
        if (divisor[i] == n[i]) {
            divisor[i] = csk_common_divisor(z[i], n[i]);
        }
    }
}

#endif
