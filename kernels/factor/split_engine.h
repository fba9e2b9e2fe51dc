/* SPDX-License-Identifier: MIT */
/**
 * An arithmetic that splits several numbers side by side: an operation table.
 *
 * The numbers of a call are odd and without a factor below 62; those of a narrow one are from 2^20
 * to 2^48, those of a wide one from 2^48 to 2^64. Results are those of the numbers alone, whatever
 * is beside them. Thread-safe, never fail, no memory but the stack.
 */
#ifndef CSK_FACTOR_SPLIT_ENGINE_H
#define CSK_FACTOR_SPLIT_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/factor/ecm_plan.h"

enum { CSK_SPLIT_MAX_WIDTH = 32, CSK_NARROW_BITS = 48 };

typedef struct {
    size_t width; /* numbers of a call, at most CSK_SPLIT_MAX_WIDTH */

    /** divisor[width]: a divisor of n[i], which may be 1 or n[i], by the curve of sigma[i] > 5. */
    void (*curve)(uint64_t *divisor, const uint64_t *n, const uint32_t *sigma,
                  const csk_ecm_plan *plan);

    /** passes[width]: 1 where n[i] passes the strong test for the prime base[i] < 62, else 0. */
    void (*strong)(uint8_t *passes, const uint64_t *n, const uint32_t *base);
} csk_split_engine;

/** Plain C, 64 bits, narrow and wide; every processor. */
extern const csk_split_engine csk_split_plain;

/** AVX-512 with 52-bit multiply-add; where the compiler can. */
#if defined(__x86_64__) && defined(__GNUC__)
#define CSK_SPLIT_HAS_IFMA 1
extern const csk_split_engine csk_split_ifma_narrow, csk_split_ifma_wide;
#endif

#endif
