/* SPDX-License-Identifier: MIT */
/**
 * The operations of a vector arithmetic, written once for both widths.
 *
 * Included after ecm_curve.h and
 *
 *     prepare(m, n)                   the moduli of a group
 *     reduced(x, m)                   x mod n
 *     base_factor base_for(base, m)   what times_base takes
 *     times_base(x, base, where, m)   x times the base in the lanes of `where`
 */
#ifndef CSK_FACTOR_IFMA_CALLS_H
#define CSK_FACTOR_IFMA_CALLS_H

static void curve(uint64_t *divisor, const uint64_t *n, const uint32_t *sigma,
                  const csk_ecm_plan *plan)
{
    modulus m[N_GROUPS];
    residue z1[N_GROUPS], z2[N_GROUPS];
    for (int g = 0; g < N_GROUPS; g++) {
        prepare(&m[g], n + g * N_LANES);
    }
    run_curve(z1, z2, sigma, plan, m);
    for (int g = 0; g < N_GROUPS; g++) {
        curve_divisors(divisor + g * N_LANES, reduced(z1[g], &m[g]), reduced(z2[g], &m[g]),
                       n + g * N_LANES);
    }
}

/* A group's test on its way. */
typedef struct {
    residue x, one;
    base_factor base;
    vector n, lowest;           /* the numbers; the lowest bit of n - 1 */
    vector plus_one, minus_one; /* forms, reduced */
    lanes passed;
} strong_test;

static void begin_test(strong_test *t, const uint64_t *number, const uint32_t *base,
                       const modulus *m)
{
    static const uint32_t ones[N_LANES] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    t->n = load(number);
    t->lowest = lowest_bit(minus(t->n, all(1)));
    t->x = t->one = small(ones, m);
    t->plus_one = reduced(t->one, m);
    t->minus_one = minus(t->n, t->plus_one);
    t->base = base_for(load_32(base), m);
    t->passed = (lanes){0, 0};
}

/* The power as it is after the bit of the exponent. */
static void look(strong_test *t, vector bit, const modulus *m)
{
    const vector power = reduced(mul(t->x, t->one, m), m);
    const lanes even = at_most(bit, t->lowest), odd = equal(bit, t->lowest);
    const lanes is_one = equal(power, t->plus_one), is_minus_one = equal(power, t->minus_one);
    t->passed.a |= (even.a & is_minus_one.a) | (odd.a & is_one.a);
    t->passed.b |= (even.b & is_minus_one.b) | (odd.b & is_one.b);
}

/* As in split_plain.c: base^(n - 1) bit by bit from the top. */
static void strong(uint8_t *passes, const uint64_t *n, const uint32_t *base)
{
    modulus m[N_GROUPS];
    strong_test t[N_GROUPS];
    uint64_t bits = 0, lowest = 0;
    for (int g = 0; g < N_GROUPS; g++) {
        prepare(&m[g], n + g * N_LANES);
        begin_test(&t[g], n + g * N_LANES, base + g * N_LANES, &m[g]);
        bits |= or_of_all(t[g].n);
        lowest |= or_of_all(t[g].lowest);
    }
    for (uint64_t bit = UINT64_C(1) << (63 - __builtin_clzll(bits)); bit > 1; bit >>= 1) {
        for (int g = 0; g < N_GROUPS; g++) {
            const lanes set = have_common_bits(t[g].n, all(bit));
            t[g].x = times_base(square(t[g].x, &m[g]), t[g].base, set, &m[g]);
        }
        for (int g = 0; bit <= lowest && g < N_GROUPS; g++) {
            look(&t[g], all(bit), &m[g]);
        }
    }
    for (int i = 0; i < N_GROUPS * N_LANES; i++) {
        const lanes *const passed = &t[i / N_LANES].passed;
        passes[i] = (uint8_t)((unsigned)(passed->a | passed->b << 8) >> (i % N_LANES) & 1);
    }
}

#endif
