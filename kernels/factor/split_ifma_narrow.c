/* SPDX-License-Identifier: MIT */
/*
 * Splitting numbers below 2^48 with 52-bit multiply-add: x stands for x 2^-52 mod n.
 *
 * Products may be up to 16 n^2: reduced, they are below 16 n^2 / 2^52 + n <= 2 n. So sums of two
 * results, differences with 2 n added, and what ecm_curve.h makes of three (6 n times 2 n) need no
 * reduction.
 */
#include "kernels/factor/split_engine.h"

#ifdef CSK_SPLIT_HAS_IFMA

#include "kernels/factor/ifma.h"

enum { N_GROUPS = 2 };

typedef vector residue;

typedef struct {
    vector n, two_n, inverse, to_form;
} modulus;

/* The low halves of a b and q n are the same and vanish; n is added so that nothing is below 0. */
CSK_INLINE residue mul(residue a, residue b, const modulus *m)
{
    const vector q = low(all(0), low(all(0), a, b), m->inverse);
    return minus(high(m->n, a, b), high(all(0), q, m->n));
}

CSK_INLINE residue square(residue a, const modulus *m)
{
    return mul(a, a, m);
}

CSK_INLINE residue add(residue a, residue b, const modulus *m)
{
    (void)m;
    return plus(a, b);
}

CSK_INLINE residue sub(residue a, residue b, const modulus *m)
{
    return plus(a, minus(m->two_n, b));
}

CSK_INLINE residue small(const uint32_t *value, const modulus *m)
{
    return mul(load_32(value), m->to_form, m);
}

#include "kernels/factor/ecm_curve.h"

/* x <= 2 n to x mod n; a difference below 0 is a huge number. */
static vector reduced(residue x, const modulus *m)
{
    x = lesser(x, minus(x, m->n));
    return lesser(x, minus(x, m->n));
}

/* 2^104 mod n from the form of 2^13, 2^65 mod n, by two squarings. */
static void prepare(modulus *m, const uint64_t *number)
{
    const vector n = load(number);
    const vector bits = bits_of(n);
    vector x = minus(left_by(all(1), bits), n);
    for (uint64_t power = 20; power < 65; power++) {
        const vector twice = plus(x, x);
        x = choose(at_most(bits, all(power)), lesser(twice, minus(twice, n)), x);
    }
    m->n = n;
    m->two_n = plus(n, n);
    m->inverse = inverse_64(n);
    m->to_form = square(square(x, m), m);
}

typedef residue base_factor;

CSK_INLINE base_factor base_for(vector base, const modulus *m)
{
    return mul(base, m->to_form, m);
}

CSK_INLINE residue times_base(residue x, base_factor base, lanes where, const modulus *m)
{
    return choose(where, mul(x, base, m), x);
}

#include "kernels/factor/ifma_calls.h"

const csk_split_engine csk_split_ifma_narrow = {
    .width = N_GROUPS * N_LANES, .curve = curve, .strong = strong};

#include "kernels/factor/ifma_end.h"

#endif
