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

/** The shortest of 1 to 17 digits that reads back as the same value; nan, inf, -inf. About 20 ns
 * from 1e-10 to 1e14, 100 ns beyond. */
size_t cs_text_put_repr(char out[static CS_TEXT_REPR_LENGTH], double value);

#endif
