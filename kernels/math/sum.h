/* SPDX-License-Identifier: MIT */
/**
 * Sums that lose nothing: a running sum as a pair of doubles.
 *
 * Thread-safe, never fail. The value is high + low.
 */
#ifndef CSK_MATH_SUM_H
#define CSK_MATH_SUM_H

#include "kernels/math/elementary.h"

/** Adds x, so that a year of small rows loses nothing (Knuth's exact sum). */
CSK_INLINE void csk_sum_add(csk_pair *sum, double x)
{
    const double high = sum->high + x;
    const double part = high - sum->high;
    sum->low += (sum->high - (high - part)) + (x - part);
    sum->high = high;
}

#endif
