/* SPDX-License-Identifier: MIT */
/*
 * Splitting in plain C. A multiplication waits for three others, so a few numbers go side by side:
 * the processor has something to do meanwhile.
 */
#include "kernels/factor/divisor.h"
#include "kernels/factor/montgomery.h"
#include "kernels/factor/split_engine.h"

enum { N_GROUPS = 4, N_LANES = 1 };

typedef uint64_t residue;

typedef struct {
    uint64_t n, inverse, one, to_form;
} modulus;

CSK_INLINE residue mul(residue a, residue b, const modulus *m)
{
    return csk_mont_mul(a, b, m->n, m->inverse);
}

CSK_INLINE residue square(residue a, const modulus *m)
{
    return csk_mont_mul(a, a, m->n, m->inverse);
}

CSK_INLINE residue add(residue a, residue b, const modulus *m)
{
    return csk_mont_add(a, b, m->n);
}

CSK_INLINE residue sub(residue a, residue b, const modulus *m)
{
    return csk_mont_sub(a, b, m->n);
}

CSK_INLINE residue small(const uint32_t *value, const modulus *m)
{
    return mul(m->to_form, *value, m);
}

#include "kernels/factor/ecm_curve.h"

static void prepare(modulus *m, const uint64_t *n)
{
    for (int g = 0; g < N_GROUPS; g++) {
        m[g].n = n[g];
        m[g].inverse = csk_mont_inverse(n[g]);
        m[g].one = csk_mont_one(n[g]);
        m[g].to_form = csk_mont_square_of_radix(n[g], m[g].inverse, m[g].one);
    }
}

static void curve(uint64_t *divisor, const uint64_t *n, const uint32_t *sigma,
                  const csk_ecm_plan *plan)
{
    modulus m[N_GROUPS];
    prepare(m, n);
    residue z1[N_GROUPS], z2[N_GROUPS];
    run_curve(z1, z2, sigma, plan, m);
    for (int g = 0; g < N_GROUPS; g++) {
        divisor[g] = csk_curve_divisor(z1[g], z2[g], n[g]);
    }
}

/* base^(n - 1) bit by bit from the top: a power on the way whose rest of the exponent is even must
 * be -1, or the power of the odd part 1. Numbers have different lengths: the leading bits of the
 * shorter ones square 1. */
static void strong(uint8_t *passes, const uint64_t *n, const uint32_t *base)
{
    modulus m[N_GROUPS];
    prepare(m, n);
    residue x[N_GROUPS], b[N_GROUPS];
    uint64_t all = 0;
    for (int g = 0; g < N_GROUPS; g++) {
        x[g] = m[g].one;
        b[g] = small(&base[g], &m[g]);
        passes[g] = 0;
        all |= n[g];
    }
    for (int bit = 63 - __builtin_clzll(all); bit >= 1; bit--) {
        for (int g = 0; g < N_GROUPS; g++) {
            const int twos = __builtin_ctzll(n[g] - 1);
            x[g] = square(x[g], &m[g]);
            x[g] = n[g] >> bit & 1 ? mul(x[g], b[g], &m[g]) : x[g];
            passes[g] |=
                (bit <= twos && x[g] == n[g] - m[g].one) || (bit == twos && x[g] == m[g].one);
        }
    }
}

const csk_split_engine csk_split_plain = {.width = N_GROUPS, .curve = curve, .strong = strong};
