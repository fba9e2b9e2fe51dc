/* SPDX-License-Identifier: MIT */
/**
 * What a sieve over integers up to `last` divides by: the primes up to its square root.
 *
 * Made once, then shared by all threads. Primes below 2^16 are stored as they are, larger ones as
 * their halved distances, a byte each (no gap below 2^32 is longer than 336; T. R. Nicely's
 * tables), so that even 2^63 takes 146 million bytes only.
 */
#ifndef CSK_FACTOR_PRIMES_H
#define CSK_FACTOR_PRIMES_H

#include <stddef.h>
#include <stdint.h>

enum {
    CSK_PRIMES_SMALL = 6542,   /* primes below 2^16 */
    CSK_PRIMES_ORIGIN = 65535, /* what the first large prime's distance counts from */
    CSK_PRIMES_KEYS = 2048,    /* exponents of 2, 3, 5, 7 in 4, 3, 2, 2 bits */
};

/** The largest integer of a range: 2^63. */
#define CSK_FACTOR_LAST (UINT64_C(1) << 63)

/** 2^a 3^b 5^c 7^d, by its key a + 16 b + 128 c + 512 d. */
typedef struct {
    uint64_t inverse; /* of the odd part, mod 2^64 */
    uint8_t shift;    /* a */
    uint8_t count;    /* a + b + c + d; of more than 8, the list holds nothing */
} csk_smooth;

typedef struct {
    uint64_t last;
    size_t n_small;
    uint16_t small[CSK_PRIMES_SMALL]; /* 2, 3, 5 .. 65521 or the square root */
    size_t n_large;
    uint8_t *half_gap; /* [n_large] */
    csk_smooth smooth[CSK_PRIMES_KEYS];
    uint32_t smooth_list[CSK_PRIMES_KEYS][8];
} csk_factor_primes;

/** floor(sqrt(n)). Thread-safe. */
uint64_t csk_square_root(uint64_t n);

/** Bytes of memory that csk_factor_primes_make needs besides the structure. */
size_t csk_factor_primes_bytes(uint64_t last);

/**
 * Makes the primes up to the square root of `last` <= CSK_FACTOR_LAST.
 *
 * @param memory [in] csk_factor_primes_bytes(last), the caller's, as long as the primes are used
 * Serial. Never fails. Cost: sqrt(last) log log: 1 ms at 10^12, 2 s at 2^63.
 */
void csk_factor_primes_make(csk_factor_primes *primes, void *memory, uint64_t last);

#endif
