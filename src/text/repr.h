/* SPDX-License-Identifier: MIT */
/**
 * Numbers as Python writes them: the shortest decimal that reads back, independent of the locale.
 *
 * The form is that of Python's repr, which the programs of our users are used to: 9.13, 0.0, 12.0,
 * 5e-05, 1e+16. Thread-safe; no memory. Each returns the number of characters; no terminator.
 */
#ifndef CS_TEXT_REPR_H
#define CS_TEXT_REPR_H

#include <stddef.h>

enum { CS_TEXT_REPR_LENGTH = 40 }; /* no number is longer */

/** The shortest of 1 to 17 digits that reads back as the same value; nan, inf, -inf. About 100 ns.
 */
size_t cs_text_put_repr(char out[static CS_TEXT_REPR_LENGTH], double value);

/**
 * factor x value + summand, in the fewest digits from which the same float comes back when the
 * conversion is undone: a float of 9.13 is written as 9.13, and one of 4.8/24 with the factor 24
 * as 4.8. About 20 ns.
 */
size_t cs_text_put_float(char out[static CS_TEXT_REPR_LENGTH], float value, double factor,
                         double summand);

#endif
