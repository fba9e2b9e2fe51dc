/* SPDX-License-Identifier: MIT */
/**
 * Inside of kernels/scan: what a few bytes are, one at a time. [p, end) is what may be looked at.
 */
#ifndef CSK_SCAN_SCAN_TEXT_H
#define CSK_SCAN_SCAN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kernels/scan/scan.h"

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p)) {
        p++;
    }
    return p;
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline const char *skip_digits(const char *p, const char *end)
{
    while (p < end && is_digit(*p)) {
        p++;
    }
    return p;
}

/* Behind a scalar, whatever it is. */
static inline const char *scalar_end(const char *p, const char *end)
{
    while (p < end && *p != ',' && *p != '}' && *p != ']' && !is_blank(*p)) {
        p++;
    }
    return p;
}

/* Whether [p, end) is a number as RFC 8259 has it. */
static inline bool is_number(const char *p, const char *end)
{
    p += p < end && *p == '-';
    const char *whole = p;
    p = skip_digits(p, end);
    if (p == whole || (*whole == '0' && p > whole + 1)) {
        return false;
    }
    if (p < end && *p == '.') {
        const char *fraction = p + 1;
        p = skip_digits(fraction, end);
        if (p == fraction) {
            return false;
        }
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        const char *exponent = p;
        p = skip_digits(exponent, end);
        if (p == exponent) {
            return false;
        }
    }
    return p == end;
}

static inline bool is_word(const char *p, const char *end, const char *word, size_t length)
{
    return (size_t)(end - p) == length && memcmp(p, word, length) == 0;
}

static inline bool is_scalar(const char *p, const char *end)
{
    return is_number(p, end) || is_word(p, end, "true", 4) || is_word(p, end, "false", 5) ||
           is_word(p, end, "null", 4);
}

static inline bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Bytes of the UTF-8 sequence at p, whose first byte is no ASCII; 0: it is none (Unicode 15, table
 * 3-7: no overlong forms, no surrogates, nothing above U+10FFFF). */
static inline size_t utf8_length(const char *p, const char *end)
{
    const unsigned char first = (unsigned char)p[0];
    const size_t n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || (size_t)(end - p) < n) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if (!is_continuation(p[i])) {
            return 0;
        }
    }
    const unsigned char second = (unsigned char)p[1];
    const bool out_of_range = (first == 0xe0 && second < 0xa0) ||
                              (first == 0xed && second > 0x9f) ||
                              (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
    return out_of_range ? 0 : n;
}

static inline size_t put_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    const size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)(lead[n] | code);
    return n;
}

/* Four hexadecimal digits; false if they are not. */
static inline bool read_hex4(uint32_t *code, const char *p, const char *end)
{
    if (end - p < 4) {
        return false;
    }
    *code = 0;
    for (int i = 0; i < 4; i++) {
        const char c = p[i];
        const char low = (char)(c | 0x20);
        if (!is_digit(c) && (low < 'a' || low > 'f')) {
            return false;
        }
        *code = *code << 4 | (uint32_t)(is_digit(c) ? c - '0' : low - 'a' + 10);
    }
    return true;
}

/* Behind the escape \uXXXX or its pair; NULL: it is none. p is behind "\u". */
static inline const char *read_unicode(uint32_t *code, const char *p, const char *end)
{
    uint32_t low = 0;
    if (!read_hex4(code, p, end)) {
        return NULL;
    }
    p += 4;
    if (*code < 0xd800 || *code > 0xdfff) {
        return p;
    }
    if (*code > 0xdbff || end - p < 6 || p[0] != '\\' || p[1] != 'u' ||
        !read_hex4(&low, p + 2, end) || low < 0xdc00 || low > 0xdfff) {
        return NULL; /* half of a pair stands for nothing */
    }
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return p + 6;
}

/* Behind the escape at p, which is a backslash; NULL: it is none. */
static inline const char *read_escape(uint32_t *code, const char *p, const char *end)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (end - p < 2) {
        return NULL;
    }
    if (p[1] == 'u') {
        return read_unicode(code, p + 2, end);
    }
    const char *name = memchr(names, p[1], sizeof names - 1);
    if (name == NULL) {
        return NULL;
    }
    *code = (unsigned char)values[name - names];
    return p + 2;
}

/* Whether the escaped text [p, end) is the key, once it is unescaped. */
static inline bool is_escaped_key(const char *p, const char *end, const char *key, size_t length)
{
    const char *const key_end = key + length;
    while (p < end) {
        char bytes[4];
        size_t n = 1;
        bytes[0] = *p;
        if (*p == '\\') {
            uint32_t code = 0;
            p = read_escape(&code, p, end);
            if (p == NULL) {
                return false;
            }
            n = put_utf8(bytes, code);
        } else {
            p++;
        }
        if ((size_t)(key_end - key) < n || memcmp(key, bytes, n) != 0) {
            return false;
        }
        key += n;
    }
    return key == key_end;
}

#endif
