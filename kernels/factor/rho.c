/* SPDX-License-Identifier: MIT */
#include "kernels/factor/rho.h"

#include "kernels/factor/divisor.h"
#include "kernels/factor/montgomery.h"

/* A walk x -> x^2 + c modulo n, c in Montgomery's form. */
typedef struct {
    uint64_t n, inverse, c;
} walk;

static uint64_t step(const walk *w, uint64_t x)
{
    return csk_mont_add(csk_mont_mul(x, x, w->n, w->inverse), w->c, w->n);
}

static uint64_t distance(uint64_t x, uint64_t y)
{
    return x > y ? x - y : y - x;
}

/* Differences are multiplied up, so that a batch of them needs one greatest common divisor. */
enum { BATCH = 32 };

/* The first divisor after the start of a batch that is not 1, difference by difference. */
static uint64_t retrace(const walk *w, uint64_t anchor, uint64_t x)
{
    uint64_t divisor;
    do {
        x = step(w, x);
        divisor = csk_common_divisor(distance(x, anchor), w->n);
    } while (divisor == 1);
    return divisor;
}

/* A divisor > 1; n itself if the walk meets itself modulo all prime factors at once. */
static uint64_t follow(const walk *w, uint64_t one, uint64_t x)
{
    for (uint64_t length = 1;; length *= 2) {
        const uint64_t anchor = x;
        for (uint64_t done = 0; done < length; done += BATCH) {
            const uint64_t start = x;
            uint64_t product = one;
            for (uint64_t i = 0; i < BATCH && i < length - done; i++) {
                x = step(w, x);
                product = csk_mont_mul(product, distance(x, anchor), w->n, w->inverse);
            }
            if (csk_common_divisor(product, w->n) != 1) {
                return retrace(w, anchor, start);
            }
        }
    }
}

uint64_t csk_rho_divisor(uint64_t n)
{
    walk w = {.n = n, .inverse = csk_mont_inverse(n)};
    const uint64_t one = csk_mont_one(n);
    uint64_t divisor;
    do {
        w.c = csk_mont_add(w.c, one, n);
        divisor = follow(&w, one, one);
    } while (divisor == n);
    return divisor;
}
