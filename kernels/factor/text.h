/* SPDX-License-Identifier: MIT */
/**
 * Lists of prime factors as text.
 *
 * Digits come from tables, four at a time, and the number of a line from that of the line before;
 * nothing is formatted by printf.
 */
#ifndef CSK_FACTOR_TEXT_H
#define CSK_FACTOR_TEXT_H

#include "kernels/factor/primes.h"
#include "kernels/factor/rows.h"

typedef enum {
    CSK_TEXT_PLAIN,     /* "12: 2 2 3", as GNU factor */
    CSK_TEXT_EXPONENTS, /* "12: 2^2 3", as GNU factor --exponents */
    CSK_TEXT_JSON,      /* {"n":12,"factors":[2,2,3]} */
} csk_text_style;

enum {
    CSK_TEXT_TOKENS = 65536,
    CSK_TEXT_FOURS = 10000,
    CSK_TEXT_SMOOTH = 15, /* factors of a piece, two bytes each, beside its length */
};

/** Tables of a style; made once, then shared by all threads. */
typedef struct {
    _Alignas(
        64) char token[CSK_TEXT_TOKENS][8]; /* separator, digits; the last byte: their length */
    _Alignas(64) char smooth[CSK_PRIMES_KEYS][32]; /* of 2^a 3^b 5^c 7^d by its key: a token for
                                                      each; the last byte: their length */
    char four[CSK_TEXT_FOURS][4];                  /* 0000 to 9999 */
    uint32_t value[CSK_PRIMES_KEYS + 1]; /* 2^a 3^b 5^c 7^d by its key; 0: no text, or no key */
    csk_text_style style;
} csk_text;

void csk_text_make(csk_text *text, csk_text_style style);

/** Bytes that csk_text_write may touch for these lists. */
size_t csk_text_bound(const csk_factor_rows *lists);

/**
 * Writes a line for each integer.
 *
 * @param out [out] csk_text_bound(lists) bytes
 * @return bytes of text. Serial; thread-safe. Never fails.
 */
size_t csk_text_write(char *out, const csk_text *text, const csk_factor_rows *lists);

#endif
