/* SPDX-License-Identifier: MIT */
/**
 * What one curve of the elliptic-curve method does, laid out beforehand: the same for every number,
 * so that numbers can go through it side by side in the lanes of a vector.
 *
 * Stage 1 multiplies a point by 2^twos and by the `multipliers` (products of the odd prime powers
 * up to B1), each along a chain of differential additions: of three multiples (a, b, a - b), at
 * first (2, 1, 1),
 *
 *     bit 0: (a + b, b, a)        bit 1: (a + b, a, b)
 *
 * which is Euclid's algorithm by subtraction run backwards (Montgomery 1992, Evaluating recurrences
 * of form X(m+n) = f(X(m), X(n), X(m-n)) via Lucas chains). A chain is the bits from the lowest up
 * to, without, the highest that is set. For each multiplier the shortest chain is taken; primes are
 * multiplied in pairs where that is shorter.
 *
 * Stage 2 finds orders with one more prime q, B1 < q <= B2: q = i wheel +- j with j < wheel / 2 and
 * coprime to it. Bit k of pairs[i - first] says that the k-th such j is needed with i.
 */
#ifndef CSK_FACTOR_ECM_PLAN_H
#define CSK_FACTOR_ECM_PLAN_H

#include <stddef.h>
#include <stdint.h>

enum {
    CSK_ECM_MAX_WHEEL = 120, /* wheels are multiples of 12 */
    CSK_ECM_MAX_BABIES = 16, /* numbers below 60 that are coprime to 120 */
};

typedef struct {
    uint32_t b1, b2;
    uint32_t twos;
    size_t n_chains;
    const uint32_t *multipliers; /* [n_chains] */
    const uint32_t *chains;      /* [n_chains] */
    uint32_t wheel;
    uint32_t first;        /* the least i */
    size_t n_giants;       /* i < first + n_giants */
    const uint32_t *pairs; /* [n_giants] */
} csk_ecm_plan;

/** For prime factors up to 24 bits: numbers below 2^48, and the first try of others. */
extern const csk_ecm_plan csk_ecm_narrow;

/** For numbers up to 2^64: prime factors up to 32 bits. */
extern const csk_ecm_plan csk_ecm_wide;

#endif
