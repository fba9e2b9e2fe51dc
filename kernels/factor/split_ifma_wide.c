/* SPDX-License-Identifier: MIT */
/*
 * Splitting numbers from 2^48 up to 2^64 with 52-bit multiply-add: two words of 52 bits a residue,
 * x stands for x 2^-104 mod n.
 *
 * The low word is below 2^52, the high one takes the rest. With operands below 2^72 the high words
 * are below 2^20 and their product is below 2^52, so that it has no high half. Results are below
 * a b / 2^104 + 2 n: hardly more than 2 n, whatever sums of results a and b are.
 */
#include "kernels/factor/split_engine.h"

#ifdef CSK_SPLIT_HAS_IFMA

#include "kernels/factor/ifma.h"

enum { N_GROUPS = 2 };

typedef struct {
    vector low, high;
} residue;

typedef struct {
    residue n, four_n, shift, to_form;
    vector inverse;
} modulus;

/* Words with any carries, also below 0, to a low word of 52 bits. */
CSK_INLINE residue carried(vector low_word, vector high_word)
{
    return (residue){bits_and(low_word, mask_52()), plus(high_word, right_signed(low_word, 52))};
}

/* What multiply-adds of a product go into each word; two sums where one would be a long chain. */
typedef struct {
    vector t0, t1, t1_more, t2, t2_more;
} words;

/* A product to a residue. The first word goes by addition of t0 (n k), where n k = -1 mod 2^52:
 * that makes it t0 shift, shift = (n k + 1) / 2^52 < n, and needs no quotient. The second goes by
 * subtraction of q n, whose word is the same and vanishes; n, which t2 has, is added so that the
 * difference is not below 0. */
CSK_INLINE residue reduce(words p, const modulus *m)
{
    const vector t1 = plus(low(p.t1, p.t0, m->shift.low), p.t1_more);
    const vector q = low(all(0), t1, m->inverse);
    const vector t2_more = high(low(p.t2_more, p.t0, m->shift.high), p.t0, m->shift.low);
    const vector t3 = high(m->n.high, p.t0, m->shift.high);
    const vector t2 = plus(plus(p.t2, right(t1, 52)), t2_more);
    const vector drop = high(all(0), q, m->n.low), drop_more = low(all(0), q, m->n.high);
    return carried(minus(minus(t2, drop), drop_more), minus(t3, high(all(0), q, m->n.high)));
}

CSK_INLINE residue mul(residue a, residue b, const modulus *m)
{
    const words p = {.t0 = low(all(0), a.low, b.low),
                     .t1 = high(all(0), a.low, b.low),
                     .t1_more = low(low(all(0), a.low, b.high), a.high, b.low),
                     .t2 = high(high(m->n.low, a.low, b.high), a.high, b.low),
                     .t2_more = low(all(0), a.high, b.high)};
    return reduce(p, m);
}

CSK_INLINE residue square(residue a, const modulus *m)
{
    const vector twice = plus(a.high, a.high);
    const words p = {.t0 = low(all(0), a.low, a.low),
                     .t1 = high(all(0), a.low, a.low),
                     .t1_more = low(all(0), a.low, twice),
                     .t2 = high(m->n.low, a.low, twice),
                     .t2_more = low(all(0), a.high, a.high)};
    return reduce(p, m);
}

CSK_INLINE residue add(residue a, residue b, const modulus *m)
{
    (void)m;
    return carried(plus(a.low, b.low), plus(a.high, b.high));
}

CSK_INLINE residue sub(residue a, residue b, const modulus *m)
{
    return carried(plus(a.low, minus(m->four_n.low, b.low)),
                   plus(a.high, minus(m->four_n.high, b.high)));
}

CSK_INLINE residue small(const uint32_t *value, const modulus *m)
{
    return mul((residue){load_32(value), all(0)}, m->to_form, m);
}

#include "kernels/factor/ecm_curve.h"

/* x - n where that is not below 0. */
static residue reduced_once(residue x, const modulus *m)
{
    const residue less = carried(minus(x.low, m->n.low), minus(x.high, m->n.high));
    const lanes not_below = at_most(less.high, all(INT64_MAX));
    return (residue){choose(not_below, less.low, x.low), choose(not_below, less.high, x.high)};
}

/* x < 3 n to x mod n, as one word. */
static vector reduced(residue x, const modulus *m)
{
    x = reduced_once(reduced_once(x, m), m);
    return bits_or(x.low, left(x.high, 52));
}

static residue words_of(vector x)
{
    return (residue){bits_and(x, mask_52()), right(x, 52)};
}

/* 2^power mod n, power > 48. */
static vector power_of_two(vector n, uint64_t power)
{
    const vector bits = bits_of(n);
    /* 2^bits - n; 64 bits shift 1 out */
    vector x = minus(left_by(all(1), bits), n);
    for (uint64_t i = 48; i < power; i++) {
        const vector gap = minus(n, x);
        const vector twice = choose(at_most(gap, x), minus(x, gap), plus(x, x));
        x = choose(at_most(bits, all(i)), twice, x);
    }
    return x;
}

/* (n k + 1) / 2^52 for k = -1 / n mod 2^52, where the lowest word of n k is 2^52 - 1. */
static residue shift_of(residue n, vector inverse)
{
    const vector k = bits_and(minus(all(0), inverse), mask_52());
    const vector low_word = low(high(all(1), n.low, k), n.high, k);
    return carried(low_word, high(all(0), n.high, k));
}

/* 2^208 mod n from the form of 2^13, 2^117 mod n, by three squarings. */
static void prepare(modulus *m, const uint64_t *number)
{
    const vector n = load(number);
    m->n = words_of(n);
    m->four_n = carried(left(m->n.low, 2), left(m->n.high, 2));
    m->inverse = inverse_64(n);
    m->shift = shift_of(m->n, m->inverse);
    residue x = words_of(power_of_two(n, 117));
    for (int i = 0; i < 3; i++) {
        x = square(x, m);
    }
    m->to_form = x;
}

/* A base below 2^6 is a factor as it is: the product is below 2^72 and needs no reduction. */
typedef vector base_factor;

CSK_INLINE base_factor base_for(vector base, const modulus *m)
{
    (void)m;
    return base;
}

CSK_INLINE residue times_base(residue x, base_factor base, lanes where, const modulus *m)
{
    (void)m;
    const vector factor = choose(where, base, all(1));
    return (residue){low(all(0), x.low, factor), low(high(all(0), x.low, factor), x.high, factor)};
}

#include "kernels/factor/ifma_calls.h"

const csk_split_engine csk_split_ifma_wide = {
    .width = N_GROUPS * N_LANES, .curve = curve, .strong = strong};

#include "kernels/factor/ifma_end.h"

#endif
