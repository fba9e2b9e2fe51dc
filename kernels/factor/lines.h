/* SPDX-License-Identifier: MIT */
/**
 * Lines of text straight from a segment of the sieve: the bytes that csk_text_write makes of its
 * lists, without making the lists. For integers below 2^32, on processors with AVX2.
 */
#ifndef CSK_FACTOR_LINES_H
#define CSK_FACTOR_LINES_H

#include "kernels/factor/sieve.h"
#include "kernels/factor/text.h"

/** Whether it can be done with this sieve in this style; else go by lists. */
bool csk_lines_can(const csk_sieve *sieve, const csk_text *text);

/** Bytes that csk_lines_write may touch for `count` integers. */
size_t csk_lines_bound(size_t count);

/**
 * Writes a line for each of the integers that csk_sieve_fill found.
 *
 * @param out   [out] csk_lines_bound(count) bytes
 * @param text  [in]  of a style that csk_lines_can
 * @param first [in]  as csk_sieve_fill gave it, like count
 * @return bytes of text. Serial; thread-safe for different sieves. Never fails.
 */
size_t csk_lines_write(char *out, const csk_text *text, const csk_sieve *sieve, uint64_t first,
                       size_t count);

#endif
