/* SPDX-License-Identifier: MIT */
#include "kernels/factor/text.h"

#include <string.h>

#include "kernels/math/clones.h"

enum {
    LINE_BYTES = 64,  /* of a line besides its factors, with what stores reach beyond its end */
    TOKEN_BYTES = 24, /* of a factor: separator, 20 digits; an exponent comes with two factors */
};

static const char JSON_BEGIN[] = "{\"n\":";
static const char JSON_MIDDLE[] = ",\"factors\":[";

size_t csk_text_bound(const csk_factor_rows *lists)
{
    return lists->count * LINE_BYTES + lists->offset[lists->count] * TOKEN_BYTES + LINE_BYTES;
}

static void make_smooth(csk_text *text)
{
    static const char PRIMES[4] = "2357";
    memset(text->smooth, 0, sizeof text->smooth);
    for (unsigned key = 0; key < CSK_PRIMES_KEYS; key++) {
        const unsigned exponent[4] = {key & 15, key >> 4 & 7, key >> 7 & 3, key >> 9 & 3};
        unsigned count = 0;
        uint32_t value = 1;
        for (unsigned k = 0; k < 4; k++) {
            for (unsigned i = 0; i < exponent[k]; i++, count++) {
                if (count < CSK_TEXT_SMOOTH) {
                    text->smooth[key][2 * count] = text->token[0][0];
                    text->smooth[key][2 * count + 1] = PRIMES[k];
                    value *= (uint32_t)(PRIMES[k] - '0');
                }
            }
        }
        text->smooth[key][31] = (char)(2 * count);
        text->value[key] = count > CSK_TEXT_SMOOTH ? 0 : value;
    }
    text->value[CSK_PRIMES_KEYS] = 0;
}

void csk_text_make(csk_text *text, csk_text_style style)
{
    text->style = style;
    for (unsigned i = 0; i < CSK_TEXT_FOURS; i++) {
        const unsigned digit[4] = {i / 1000, i / 100 % 10, i / 10 % 10, i % 10};
        for (int k = 0; k < 4; k++) {
            text->four[i][k] = (char)('0' + digit[k]);
        }
    }
    for (unsigned i = 0; i < CSK_TEXT_TOKENS; i++) {
        char *token = text->token[i];
        int length = 1;
        memset(token, 0, 8);
        token[0] = style == CSK_TEXT_JSON ? ',' : ' ';
        for (unsigned unit = 10000; unit > 0; unit /= 10) {
            if (i >= unit || unit == 1) {
                token[length++] = (char)('0' + i / unit % 10);
            }
        }
        token[7] = (char)length;
    }
    text->token[0][7] = 0; /* no prime, no group's beginning: the token of what is not there */
    make_smooth(text);
}

CSK_INLINE char *put_token(char *out, const csk_text *text, uint32_t value)
{
    memcpy(out, text->token[value], 8);
    return out + text->token[value][7];
}

CSK_INLINE char *put_four(char *out, const csk_text *text, uint32_t value)
{
    memcpy(out, text->four[value], 4);
    return out + 4;
}

/* A separator and any number: as many groups of four digits as it needs behind a token. */
static char *put_large(char *out, const csk_text *text, uint64_t value)
{
    uint32_t group[4];
    int n = 0;
    for (; value >= CSK_TEXT_TOKENS; value /= 10000) {
        group[n++] = (uint32_t)(value % 10000);
    }
    out = put_token(out, text, (uint32_t)value);
    while (n > 0) {
        out = put_four(out, text, group[--n]);
    }
    return out;
}

CSK_INLINE char *put_factor(char *out, const csk_text *text, uint64_t prime)
{
    if (prime < CSK_TEXT_TOKENS) {
        return put_token(out, text, (uint32_t)prime);
    }
    if (prime < UINT64_C(10000) * CSK_TEXT_TOKENS) {
        const uint32_t value = (uint32_t)prime;
        return put_four(put_token(out, text, value / 10000), text, value % 10000);
    }
    return put_large(out, text, prime);
}

CSK_INLINE uint64_t factor_at(const csk_factor_rows *lists, uint32_t k, bool wide)
{
    return wide ? lists->wide[k] : lists->narrow[k];
}

static char *put_powers(char *out, const csk_text *text, const csk_factor_rows *lists, size_t i,
                        bool wide)
{
    const uint32_t end = lists->offset[i + 1];
    for (uint32_t k = lists->offset[i]; k < end;) {
        const uint64_t prime = factor_at(lists, k, wide);
        uint32_t exponent = 0;
        for (; k < end && factor_at(lists, k, wide) == prime; k++) {
            exponent++;
        }
        out = put_factor(out, text, prime);
        if (exponent > 1) {
            char *separator = out;
            out = put_token(out, text, exponent);
            *separator = '^';
        }
    }
    return out;
}

/* The number of a line: all its digits but the last four, which change from line to line. */
typedef struct {
    uint64_t high; /* number / 10000 */
    uint32_t low;  /* number % 10000 */
    int length;    /* of the digits of high */
    char digits[16];
} line_number;

static void set_number(line_number *n, const csk_text *text, uint64_t number)
{
    char buffer[32];
    n->high = number / 10000;
    n->low = (uint32_t)(number % 10000);
    n->length = (int)(put_large(buffer, text, n->high) - buffer) - 1;
    memcpy(n->digits, buffer + 1, sizeof n->digits);
}

CSK_INLINE void next_number(line_number *n, const csk_text *text)
{
    if (++n->low == 10000) {
        set_number(n, text, (n->high + 1) * 10000);
    }
}

CSK_INLINE char *put_number(char *out, const line_number *n, const csk_text *text)
{
    if (n->high == 0) {
        const char *token = text->token[n->low];
        memcpy(out, token + 1, 4);
        return out + (n->low == 0 ? 1 : token[7] - 1);
    }
    memcpy(out, n->digits, sizeof n->digits);
    return put_four(out + n->length, text, n->low);
}

static char *put_each(char *out, const csk_text *text, const uint32_t *narrow, const uint64_t *wide,
                      uint32_t begin, uint32_t end)
{
    for (uint32_t k = begin; k < end; k++) {
        out = put_factor(out, text, wide != NULL ? wide[k] : narrow[k]);
    }
    return out;
}

/*
 * A separator and a number below 10^8, by arithmetic alone: a table of them all would not stay in
 * the first cache. Two halves, then four quarters, then eight digits are split in one word side by
 * side (x / 100 = x * 10486 >> 20 up to 10^4, x / 10 = x * 103 >> 10 up to 100); zeros ahead are
 * shifted out.
 */
CSK_INLINE char *put_eight(char *out, char separator, uint32_t value)
{
    const uint64_t halves = value / 10000 | (uint64_t)(value % 10000) << 32;
    const uint64_t hundreds = halves * 10486 >> 20 & UINT64_C(0x7f0000007f);
    const uint64_t quarters = hundreds | (halves - hundreds * 100) << 16;
    const uint64_t tens = quarters * 103 >> 10 & UINT64_C(0x000f000f000f000f);
    const uint64_t digits = tens | (quarters - tens * 10) << 8;
    const int zeros = __builtin_ctzll(digits | UINT64_C(1) << 56) / 8;
    uint64_t text = (digits | UINT64_C(0x3030303030303030)) >> 8 * zeros;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    text = __builtin_bswap64(text);
#endif
    *out = separator;
    memcpy(out + 1, &text, 8);
    return out + 9 - zeros;
}

/*
 * How many primes a list has is guessed wrongly every other time, and so is the size of the last
 * one. So where the sieve says how a list begins, that is copied in one piece; then the first FEW
 * but the last are written in any case, those that are not there as the empty token 0, and the last
 * by arithmetic.
 */
CSK_INLINE char *put_factors(char *out, const csk_text *text, const csk_factor_rows *lists,
                             size_t i, bool wide, bool has_keys)
{
    enum { MORE = 5 };
    const uint32_t FEW = has_keys ? 2 : MORE;
    uint32_t begin = lists->offset[i];
    const uint32_t end = lists->offset[i + 1];
    const uint32_t key = has_keys ? lists->key[i] : CSK_PRIMES_KEYS;
    if (has_keys && key < CSK_PRIMES_KEYS && text->value[key] != 0) {
        const uint32_t length = (uint32_t)text->smooth[key][31];
        memcpy(out, text->smooth[key], sizeof text->smooth[key]);
        out += length;
        begin += length / 2;
    }
    if (begin == end) {
        return out;
    }
    const uint64_t largest = factor_at(lists, end - 1, wide);
    const uint32_t n_others = end - begin - 1;
    if (largest >= 100000000 || (wide && n_others > 0 && lists->wide[end - 2] >= CSK_TEXT_TOKENS)) {
        return put_each(out, text, lists->narrow, lists->wide, begin, end);
    }
    for (uint32_t k = 0; k < FEW; k++) {
        const uint32_t there = (uint32_t)((int32_t)(k - n_others) >> 31); /* all bits, or none */
        out = put_token(out, text, (uint32_t)factor_at(lists, begin + k, wide) & there);
    }
    if (n_others > FEW) {
        out = put_each(out, text, lists->narrow, lists->wide, begin + FEW, end - 1);
    }
    return put_eight(out, text->token[0][0], (uint32_t)largest);
}

CSK_INLINE char *put_json(char *out, const csk_text *text, const csk_factor_rows *rows, size_t i,
                          bool wide)
{
    memcpy(out, JSON_MIDDLE, sizeof JSON_MIDDLE);
    char *bracket = out + sizeof JSON_MIDDLE - 2;
    const bool is_empty = rows->offset[i] == rows->offset[i + 1];
    out = put_factors(bracket, text, rows, i, wide, false); /* its comma is mended */
    *bracket = '[';
    out += is_empty;
    memcpy(out, "]}\n", 3);
    return out + 3;
}

/* `rows` are copied, so that the compiler knows that text does not overwrite them. */
CSK_INLINE size_t write_lines(char *begin, const csk_text *text, const csk_factor_rows rows,
                              csk_text_style style, bool wide, bool has_keys)
{
    char *out = begin;
    line_number number;
    set_number(&number, text, rows.first);
    for (size_t i = 0; i < rows.count; i++) {
        if (!has_keys && rows.number != NULL) {
            set_number(&number, text, rows.number[i]);
        }
        if (style == CSK_TEXT_JSON) {
            memcpy(out, JSON_BEGIN, sizeof JSON_BEGIN);
            out = put_number(out + sizeof JSON_BEGIN - 1, &number, text);
            out = put_json(out, text, &rows, i, wide);
        } else {
            out = put_number(out, &number, text);
            *out++ = ':';
            out = style == CSK_TEXT_PLAIN ? put_factors(out, text, &rows, i, wide, has_keys)
                                          : put_powers(out, text, &rows, i, wide);
            *out++ = '\n';
        }
        next_number(&number, text);
    }
    return (size_t)(out - begin);
}

static size_t write_plain(char *out, const csk_text *text, const csk_factor_rows *rows)
{
    const bool has_keys = rows->key != NULL && rows->number == NULL;
    if (rows->wide != NULL) {
        return has_keys ? write_lines(out, text, *rows, CSK_TEXT_PLAIN, true, true)
                        : write_lines(out, text, *rows, CSK_TEXT_PLAIN, true, false);
    }
    return has_keys ? write_lines(out, text, *rows, CSK_TEXT_PLAIN, false, true)
                    : write_lines(out, text, *rows, CSK_TEXT_PLAIN, false, false);
}

size_t csk_text_write(char *out, const csk_text *text, const csk_factor_rows *rows)
{
    const bool wide = rows->wide != NULL;
    switch (text->style) {
    case CSK_TEXT_PLAIN:
        return write_plain(out, text, rows);
    case CSK_TEXT_EXPONENTS:
        return write_lines(out, text, *rows, CSK_TEXT_EXPONENTS, wide, false);
    case CSK_TEXT_JSON:
        return write_lines(out, text, *rows, CSK_TEXT_JSON, wide, false);
    }
    return 0;
}
