/* SPDX-License-Identifier: MIT */
/**
 * Decimal to binary and back without rounding errors: the arithmetic below number.h and format.h.
 *
 * For the files of this folder only. A double is m x 2^e and 10^p is 5^p x 2^p, so within
 * |p| <= 27, where 5^p fits 64 bits, products and quotients are exact in 128 bits: no tables, no
 * error bounds, no special cases near ties. Thread-safe, no memory.
 */
#ifndef CS_TEXT_DECIMAL_H
#define CS_TEXT_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

enum { CS_DECIMAL_POWER = 27 }; /* 5^27 < 2^63 < 5^28 */

/**
 * The double closest to mantissa x 10^power, ties to even.
 *
 * @param mantissa [in] > 0
 * @param power    [in] -27 to 27
 */
double cs_decimal_to_double(uint64_t mantissa, int power);

/**
 * The integer closest to value x 10^power, ties to even.
 *
 * @param scaled [out] unless it is out of range
 * @param value  [in]  > 0, finite
 * @return whether |power| <= 27 and the result is below 2^63
 */
bool cs_decimal_scale(uint64_t *scaled, double value, int power);

#endif
