/* SPDX-License-Identifier: MIT */
/**
 * Inside of kernels/scan: the reference's way through a line and its strings; of scan_ref.c alone.
 */
#ifndef CSK_SCAN_SCAN_REF_TEXT_H
#define CSK_SCAN_SCAN_REF_TEXT_H

#include <string.h>

#include "kernels/scan/scan.h"

/* A line under examination; `bad` is the first thing that is wrong with it. */
typedef struct {
    const unsigned char *p, *end;
    csk_scan_result bad;
} cursor;

static int peek(const cursor *c)
{
    return c->p < c->end ? *c->p : -1;
}

static void spoil(cursor *c, csk_scan_result why)
{
    if (c->bad == CSK_SCAN_OK) {
        c->bad = why;
    }
}

static void blanks(cursor *c)
{
    while (peek(c) == ' ' || peek(c) == '\t' || peek(c) == '\r' || peek(c) == '\n') {
        c->p++;
    }
}

/* The next byte that is no blank has to be this one. */
static void demand(cursor *c, int byte)
{
    blanks(c);
    if (peek(c) == byte) {
        c->p++;
    } else {
        spoil(c, peek(c) < 0 ? CSK_SCAN_TRUNCATED : CSK_SCAN_BROKEN);
    }
}

static int hex_digit(int c)
{
    const char *digits = "0123456789abcdef", *capitals = "0123456789ABCDEF";
    const char *found = c > 0 ? strchr(digits, c) : NULL;
    if (found != NULL) {
        return (int)(found - digits);
    }
    found = c > 0 ? strchr(capitals, c) : NULL;
    return found != NULL ? (int)(found - capitals) : -1;
}

static long hex4(const unsigned char *p, const unsigned char *end)
{
    long code = 0;
    for (int i = 0; i < 4; i++) {
        const int digit = p + i < end ? hex_digit(p[i]) : -1;
        if (digit < 0) {
            return -1;
        }
        code = code * 16 + digit;
    }
    return code;
}

static size_t encode(unsigned char *out, long code)
{
    if (code < 0x80) {
        out[0] = (unsigned char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (unsigned char)(0xc0 + code / 64);
        out[1] = (unsigned char)(0x80 + code % 64);
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (unsigned char)(0xe0 + code / 4096);
        out[1] = (unsigned char)(0x80 + code / 64 % 64);
        out[2] = (unsigned char)(0x80 + code % 64);
        return 3;
    }
    out[0] = (unsigned char)(0xf0 + code / 262144);
    out[1] = (unsigned char)(0x80 + code / 4096 % 64);
    out[2] = (unsigned char)(0x80 + code / 64 % 64);
    out[3] = (unsigned char)(0x80 + code % 64);
    return 4;
}

/* The character that an escape stands for; -1: none. Goes behind it. */
static long unescape(cursor *c)
{
    const int kind = c->end - c->p > 1 ? c->p[1] : -1;
    c->p += 2;
    switch (kind) {
    case '"':
    case '\\':
    case '/':
        return kind;
    case 'b':
        return 8;
    case 'f':
        return 12;
    case 'n':
        return 10;
    case 'r':
        return 13;
    case 't':
        return 9;
    case 'u':
        break;
    default:
        return -1;
    }
    const long high = hex4(c->p, c->end);
    c->p += 4;
    if (high < 0xd800 || high >= 0xe000) {
        return high;
    }
    const int has_low = c->end - c->p >= 6 && c->p[0] == '\\' && c->p[1] == 'u';
    const long low = has_low ? hex4(c->p + 2, c->end) : -1;
    c->p += 6;
    return high >= 0xdc00 || low < 0xdc00 || low >= 0xe000
               ? -1
               : 65536 + (high - 0xd800) * 1024 + (low - 0xdc00);
}

/* Length of the sequence at p, decoded in full and encoded again: what comes out must be the same.
 */
static size_t sequence(const unsigned char *p, const unsigned char *end)
{
    for (size_t n = 2; n <= 4 && n <= (size_t)(end - p); n++) {
        const int marks[] = {0, 0, 0xc0, 0xe0, 0xf0}, bits[] = {0, 0, 5, 4, 3};
        if (p[0] >> bits[n] != marks[n] >> bits[n]) {
            continue;
        }
        long code = p[0] & ((1 << bits[n]) - 1);
        for (size_t i = 1; i < n; i++) {
            code = p[i] / 64 == 2 ? code * 64 + p[i] % 64 : 0x110000;
        }
        unsigned char again[4];
        if (code >= 0x80 && code < 0x110000 && (code < 0xd800 || code > 0xdfff) &&
            encode(again, code) == n && memcmp(again, p, n) == 0) {
            return n;
        }
    }
    return 0;
}

/* Decodes the inside of a string, all of [p, end); out has as much room. Returns the length. */
static size_t decode(unsigned char *out, cursor *c, int keep_newlines)
{
    size_t length = 0;
    while (c->bad == CSK_SCAN_OK && c->p < c->end) {
        if (*c->p == '\\') {
            const long code = unescape(c);
            if (code < 0) {
                spoil(c, CSK_SCAN_BAD_ESCAPE);
            } else if (!keep_newlines && (code == 10 || code == 13)) {
                out[length++] = '\\';
                out[length++] = code == 10 ? 'n' : 'r';
            } else {
                length += encode(out + length, code);
            }
        } else if (*c->p < 32) {
            spoil(c, CSK_SCAN_BAD_CONTROL);
        } else {
            const size_t n = *c->p < 128 ? 1 : sequence(c->p, c->end);
            if (n == 0) {
                spoil(c, CSK_SCAN_BAD_UTF8);
            }
            memcpy(out + length, c->p, n);
            length += n;
            c->p += n;
        }
    }
    return length;
}

/* Goes behind the quote that ends a string, from behind the one that begins it. */
static void pass_string(cursor *c)
{
    while (peek(c) >= 0 && peek(c) != '"') {
        c->p += peek(c) == '\\' ? 2 : 1;
    }
    if (c->p >= c->end) {
        spoil(c, CSK_SCAN_TRUNCATED);
        return;
    }
    c->p++;
}

#endif
