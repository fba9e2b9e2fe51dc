/* SPDX-License-Identifier: MIT */
/**
 * Numbers and time stamps in pieces of text that end nowhere: pointer and length.
 *
 * The whole piece must be the number; the callers have cut off blanks. Correctly rounded and
 * independent of the locale. Thread-safe; no memory. Each returns whether the text is one, and
 * leaves the output alone if not.
 */
#ifndef CS_TEXT_NUMBER_H
#define CS_TEXT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * A decimal number: 3, -0.5, .5, 2e-5, 1E+3; finite. No hexadecimal, no inf, no nan.
 *
 * Up to 15 digits with a power of ten within 10^22 need one multiplication (Clinger 1990), up to 19
 * within 10^27 one wide division; others go through strtod. At most 1000 characters. About 10 ns.
 */
bool cs_text_double(double *out, const char *text, size_t length);

/** A whole number with an optional sign, -2^63 to 2^63 - 1. */
bool cs_text_int64(int64_t *out, const char *text, size_t length);

/**
 * YYYY-MM-DD, YYYY-MM-DD HH:MM or YYYY-MM-DD HH:MM:SS, T in place of the blank, Z at the end.
 *
 * @param out [out] seconds since 1970-01-01 00:00:00 UTC, proleptic Gregorian, no leap seconds
 */
bool cs_text_time(int64_t *out, const char *text, size_t length);

/** Whether a field says that a value is missing: empty, NA, N/A, NaN, null, in any case. */
bool cs_text_missing(const char *text, size_t length);

#endif
