/* SPDX-License-Identifier: MIT */
/**
 * One curve of the elliptic-curve method, written once for every arithmetic.
 *
 * Lenstra (1987), Factoring integers with elliptic curves, Ann. Math. 126, 649-673; Montgomery
 * (1987), Speeding the Pollard and elliptic curve methods of factorization, Math. Comp. 48, 243-264
 * (curves, differential additions, stage 2); Suyama's curves, whose order is a multiple of 12.
 * The curve's coefficient stays a fraction, so that nothing has to be inverted modulo n.
 *
 * Included by the file of an arithmetic after it has defined
 *
 *     N_GROUPS, N_LANES  groups of numbers that go side by side, numbers of a group
 *     residue, modulus   the residues of a group, its moduli with what belongs to them
 *     mul, square, add, sub                     of residues
 *     small(const uint32_t values[N_LANES], m)  integers as residues
 *
 * Factors of mul and square may be sums or differences of two results of mul and square, or of
 * three in all; so arithmetics need not reduce sums.
 */
#ifndef CSK_FACTOR_ECM_CURVE_H
#define CSK_FACTOR_ECM_CURVE_H

#include "kernels/factor/ecm_plan.h"

/* X : Z of a point for every number. */
typedef struct {
    residue x[N_GROUPS], z[N_GROUPS];
} points;

/* -(A + 2) / 4 of B y^2 = x^3 + A x^2 + x as a fraction, for every number. */
typedef struct {
    residue numerator[N_GROUPS], denominator[N_GROUPS];
} curves;

/* Suyama's curve of sigma > 5 with its point: u = sigma^2 - 5, v = 4 sigma, X : Z = u^3 : v^3 and
 * (A + 2) / 4 = (v - u)^3 (3 u + v) / (16 u^3 v). */
static void choose_curve(points *p, curves *c, const uint32_t *sigma, const modulus *m)
{
    for (int g = 0; g < N_GROUPS; g++) {
        uint32_t u[N_LANES], v[N_LANES], u_less_v[N_LANES], sum[N_LANES], v16[N_LANES];
        for (int i = 0; i < N_LANES; i++) {
            const uint32_t s = sigma[g * N_LANES + i];
            u[i] = s * s - 5;
            v[i] = 4 * s;
            u_less_v[i] = u[i] - v[i];
            sum[i] = 3 * u[i] + v[i];
            v16[i] = 16 * v[i];
        }
        const residue u1 = small(u, &m[g]);
        const residue v1 = small(v, &m[g]);
        const residue d1 = small(u_less_v, &m[g]);
        p->x[g] = mul(square(u1, &m[g]), u1, &m[g]);
        p->z[g] = mul(square(v1, &m[g]), v1, &m[g]);
        const residue cube = mul(square(d1, &m[g]), d1, &m[g]);
        c->numerator[g] = mul(cube, small(sum, &m[g]), &m[g]);
        c->denominator[g] = mul(p->x[g], small(v16, &m[g]), &m[g]);
    }
}

/* r = a + b, where difference = a - b; r is none of them. */
static void add_points(points *restrict r, const points *a, const points *b,
                       const points *difference, const modulus *m)
{
    for (int g = 0; g < N_GROUPS; g++) {
        const residue u = mul(sub(a->x[g], a->z[g], &m[g]), add(b->x[g], b->z[g], &m[g]), &m[g]);
        const residue v = mul(add(a->x[g], a->z[g], &m[g]), sub(b->x[g], b->z[g], &m[g]), &m[g]);
        r->x[g] = mul(difference->z[g], square(add(u, v, &m[g]), &m[g]), &m[g]);
        r->z[g] = mul(difference->x[g], square(sub(u, v, &m[g]), &m[g]), &m[g]);
    }
}

/* r = 2 a; r may be a. */
static void double_points(points *r, const points *a, const curves *c, const modulus *m)
{
    for (int g = 0; g < N_GROUPS; g++) {
        const residue s = square(add(a->x[g], a->z[g], &m[g]), &m[g]);
        const residue d = square(sub(a->x[g], a->z[g], &m[g]), &m[g]);
        const residue t = sub(s, d, &m[g]);
        const residue dd = mul(d, c->denominator[g], &m[g]);
        const residue nt = mul(t, c->numerator[g], &m[g]);
        r->x[g] = mul(s, dd, &m[g]);
        r->z[g] = mul(t, sub(dd, nt, &m[g]), &m[g]);
    }
}

/* p times the plan's multipliers and powers of 2. */
static void stage_one(points *p, const curves *c, const csk_ecm_plan *plan, const modulus *m)
{
    for (uint32_t i = 0; i < plan->twos; i++) {
        double_points(p, p, c, m);
    }
    points memory[4];
    points *a = &memory[0], *b = &memory[1], *difference = &memory[2], *free = &memory[3];
    *a = *p;
    for (size_t i = 0; i < plan->n_chains; i++) {
        *b = *difference = *a;
        double_points(a, b, c, m);
        for (uint32_t bits = plan->chains[i]; bits > 1; bits >>= 1) {
            add_points(free, a, b, difference, m);
            points *const sum = free;
            free = difference;
            if (bits & 1) {
                difference = b;
                b = a;
            } else {
                difference = a;
            }
            a = sum;
        }
    }
    *p = *a;
}

/* The multiples of a point that stage 2 takes small steps with: those of the numbers 1 and 5 mod 6,
 * j in multiple[j / 3]. */
enum { N_STEPS = CSK_ECM_MAX_WHEEL / 6 + 1 };

typedef struct {
    points multiple[N_STEPS];
    points two;
    const points *baby[CSK_ECM_MAX_BABIES];        /* the k-th that is coprime to the wheel */
    residue product[CSK_ECM_MAX_BABIES][N_GROUPS]; /* its X Z */
} steps;

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    while (b != 0) {
        const uint32_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}

static void make_steps(steps *s, const points *p, const curves *c, const csk_ecm_plan *plan,
                       const modulus *m)
{
    points three, six;
    points *const multiple = s->multiple;
    multiple[0] = *p;
    double_points(&s->two, p, c, m);
    add_points(&three, &s->two, p, p, m);
    double_points(&six, &three, c, m);
    add_points(&multiple[1], &three, &s->two, p, m);
    add_points(&multiple[2], &six, p, &multiple[1], m);
    add_points(&multiple[3], &multiple[1], &six, p, m);
    for (uint32_t k = 4; k <= plan->wheel / 6; k++) {
        add_points(&multiple[k], &multiple[k - 2], &six, &multiple[k - 4], m);
    }
    size_t n_babies = 0;
    for (uint32_t j = 1; j < plan->wheel / 2; j++) {
        if (common_divisor(j, plan->wheel) == 1) {
            const points *const baby = &multiple[j / 3];
            for (int g = 0; g < N_GROUPS; g++) {
                s->product[n_babies][g] = mul(baby->x[g], baby->z[g], &m[g]);
            }
            s->baby[n_babies++] = baby;
        }
    }
}

/* Multiplies sum[] by X(giant) Z(baby) - X(baby) Z(giant) of every pair: 0 modulo a prime factor
 * for which the two points are the same or opposite. */
static void take_pairs(residue *sum, const points *giant, uint32_t pairs, const steps *s,
                       const modulus *m)
{
    residue product[N_GROUPS];
    for (int g = 0; g < N_GROUPS; g++) {
        product[g] = mul(giant->x[g], giant->z[g], &m[g]);
    }
    for (; pairs != 0; pairs &= pairs - 1) {
        const int k = __builtin_ctz(pairs);
        const points *const baby = s->baby[k];
        for (int g = 0; g < N_GROUPS; g++) {
            const residue cross = mul(sub(giant->x[g], baby->x[g], &m[g]),
                                      add(giant->z[g], baby->z[g], &m[g]), &m[g]);
            const residue rest = sub(s->product[k][g], product[g], &m[g]);
            sum[g] = mul(sum[g], add(cross, rest, &m[g]), &m[g]);
        }
    }
}

static void stage_two(residue *sum, const points *p, const curves *c, const csk_ecm_plan *plan,
                      const modulus *m)
{
    steps s;
    make_steps(&s, p, c, plan, m);
    /* half the wheel is even, so its neighbours are among the multiples */
    const uint32_t last = plan->wheel / 6;
    points memory[4];
    points *wheel = &memory[0], *giant = &memory[1], *before = &memory[2], *free = &memory[3];
    add_points(wheel, &s.multiple[last], &s.multiple[last - 1], &s.two, m);
    *before = *wheel;
    double_points(giant, wheel, c, m);
    if (plan->first == 1) {
        take_pairs(sum, wheel, plan->pairs[0], &s, m);
    }
    const uint32_t end = plan->first + (uint32_t)plan->n_giants;
    for (uint32_t i = 2; i < end; i++) {
        if (i >= plan->first) {
            take_pairs(sum, giant, plan->pairs[i - plan->first], &s, m);
        }
        add_points(free, giant, wheel, before, m);
        points *const next = free;
        free = before;
        before = giant;
        giant = next;
    }
}

/* One curve for every number: z1[] is 0 modulo the prime factors that stage 1 found, z2[] modulo
 * those that either stage found. */
static void run_curve(residue *z1, residue *z2, const uint32_t *sigma, const csk_ecm_plan *plan,
                      const modulus *m)
{
    points p;
    curves c;
    choose_curve(&p, &c, sigma, m);
    stage_one(&p, &c, plan, m);
    for (int g = 0; g < N_GROUPS; g++) {
        z1[g] = z2[g] = p.z[g];
    }
    stage_two(z2, &p, &c, plan, m);
}

#endif
