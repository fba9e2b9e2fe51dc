/* SPDX-License-Identifier: MIT */
#include "kernels/factor/primes.h"

#include <math.h>
#include <string.h>

/* Odd integers that are sieved at once, a byte each: 32 KiB stay in the first cache. */
enum { WINDOW = 32768 };

uint64_t csk_square_root(uint64_t n)
{
    uint64_t root = (uint64_t)sqrt((double)n); /* within 1 of it */
    while (root > UINT32_MAX || root * root > n) {
        root--;
    }
    while (root < UINT32_MAX && (root + 1) * (root + 1) <= n) {
        root++;
    }
    return root;
}

size_t csk_factor_primes_bytes(uint64_t last)
{
    const uint64_t root = csk_square_root(last);
    size_t n_large = 0;
    if (root > CSK_PRIMES_ORIGIN) {
        /* pi(x) < 1.25506 x / log x (Rosser and Schoenfeld 1962), less those below 2^16 */
        n_large = (size_t)(1.25506 * (double)root / log((double)root)) - CSK_PRIMES_SMALL + 1;
    }
    return WINDOW + n_large;
}

/* ---- primes ---- */

/* Strikes out multiples of odd primes among the odd integers low, low + 2, ... */
static void strike(uint8_t *restrict composite, uint64_t low, size_t n, const uint16_t *small,
                   size_t n_small)
{
    memset(composite, 0, n);
    for (size_t k = 1; k < n_small; k++) {
        const uint64_t p = small[k];
        uint64_t from = p * p;
        if (from >= low + 2 * n) {
            break;
        }
        if (from < low) {
            from = (low + p - 1) / p * p;
            from += from % 2 == 0 ? p : 0;
        }
        for (size_t i = (size_t)(from - low) / 2; i < n; i += p) {
            composite[i] = 1;
        }
    }
}

static void make_small(csk_factor_primes *primes, uint8_t *composite, uint64_t root)
{
    const uint64_t end = root < CSK_PRIMES_ORIGIN ? root : CSK_PRIMES_ORIGIN;
    primes->n_small = 0;
    if (end >= 2) {
        primes->small[primes->n_small++] = 2;
    }
    /* Those up to 255 strike out the rest: first by themselves. */
    memset(composite, 0, WINDOW);
    for (size_t i = 1; 2 * i + 1 <= end; i++) {
        const size_t p = 2 * i + 1;
        if (composite[i]) {
            continue;
        }
        primes->small[primes->n_small++] = (uint16_t)p;
        for (size_t j = p * p / 2; j < WINDOW; j += p) {
            composite[j] = 1;
        }
    }
}

static void make_large(csk_factor_primes *primes, uint8_t *composite, uint64_t root)
{
    uint64_t before = CSK_PRIMES_ORIGIN;
    for (uint64_t low = CSK_PRIMES_ORIGIN; low <= root; low += 2 * WINDOW) {
        const uint64_t left = (root - low) / 2 + 1;
        const size_t n = left < WINDOW ? (size_t)left : WINDOW;
        strike(composite, low, n, primes->small, primes->n_small);
        for (size_t i = low == CSK_PRIMES_ORIGIN; i < n; i++) {
            if (!composite[i]) {
                primes->half_gap[primes->n_large++] = (uint8_t)((low + 2 * i - before) / 2);
                before = low + 2 * i;
            }
        }
    }
}

/* ---- 2, 3, 5, 7 ---- */

static void append(uint32_t *list, uint8_t *n, uint32_t prime, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        list[(*n)++] = prime;
    }
}

/* Newton's method doubles the bits that are right; 3 x ^ 2 has five. */
static uint64_t inverse_of(uint64_t odd)
{
    uint64_t x = (3 * odd) ^ 2;
    for (int bits = 5; bits < 64; bits *= 2) {
        x *= 2 - odd * x;
    }
    return x;
}

static void make_smooth(csk_factor_primes *primes)
{
    static const uint32_t ODD[3] = {3, 5, 7};
    memset(primes->smooth_list, 0, sizeof primes->smooth_list);
    for (unsigned key = 0; key < CSK_PRIMES_KEYS; key++) {
        csk_smooth *smooth = &primes->smooth[key];
        const unsigned twos = key & 15;
        const unsigned exponent[3] = {key >> 4 & 7, key >> 7 & 3, key >> 9 & 3};
        const unsigned count = twos + exponent[0] + exponent[1] + exponent[2];
        uint64_t odd = 1;
        uint8_t n = 0;
        *smooth = (csk_smooth){.shift = (uint8_t)twos, .count = (uint8_t)count};
        if (count > 8) {
            continue;
        }
        append(primes->smooth_list[key], &n, 2, twos);
        for (int k = 0; k < 3; k++) {
            append(primes->smooth_list[key], &n, ODD[k], exponent[k]);
            for (unsigned i = 0; i < exponent[k]; i++) {
                odd *= ODD[k];
            }
        }
        smooth->inverse = inverse_of(odd);
    }
}

void csk_factor_primes_make(csk_factor_primes *primes, void *memory, uint64_t last)
{
    uint8_t *composite = memory;
    const uint64_t root = csk_square_root(last);
    primes->last = last;
    primes->n_large = 0;
    primes->half_gap = composite + WINDOW;
    make_small(primes, composite, root);
    make_large(primes, composite, root);
    make_smooth(primes);
}
