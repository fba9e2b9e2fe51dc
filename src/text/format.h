/* SPDX-License-Identifier: MIT */
/**
 * Numbers to text: as printf does it, to the last digit, at a quarter of its cost.
 *
 * Correctly rounded and independent of the locale; NaN becomes `NaN`, infinities `inf` and `-inf`.
 * Nothing is terminated: the functions return how many characters they wrote. Thread-safe.
 */
#ifndef CS_TEXT_FORMAT_H
#define CS_TEXT_FORMAT_H

#include <stddef.h>

/** Room that any number needs: -1.2345678901234567e-308 has 24 characters. */
enum { CS_TEXT_NUMBER_LENGTH = 32 };

/**
 * Writes a number with so many significant digits, as `%.<digits>g` does: no trailing zeros,
 * an exponent below 1e-4 and from 10^digits on.
 *
 * About 30 ns within 10^(digits - 28) to 10^(digits + 26); beyond that by snprintf.
 *
 * @param out    [out] CS_TEXT_NUMBER_LENGTH characters
 * @param digits [in]  1 to 17
 */
size_t cs_text_put_double(char *out, double value, int digits);

/** The same with as many digits, 15 to 17, as reading the same value back needs. */
size_t cs_text_put_shortest(char *out, double value);

#endif
