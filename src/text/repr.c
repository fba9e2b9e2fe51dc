/* SPDX-License-Identifier: MIT */
#include "text/repr.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/format.h"

/* A decimal number: 0.DIGITS x 10^point, without zeros at either end of the digits. */
typedef struct {
    char digits[48]; /* [n_digits], the rest is room that may be copied */
    int n_digits;
    int point;
} decimal;

/* repr writes exponents outside of 1e-4 <= |x| < 1e16. */
enum { LOWEST_POINT = -3, HIGHEST_POINT = 16 };

static size_t put_text(char *out, const char *text)
{
    const size_t length = strlen(text);
    memcpy(out, text, length);
    return length;
}

static size_t put_exponent(char *out, int exponent)
{
    size_t n = 0;
    out[n++] = 'e';
    out[n++] = exponent < 0 ? '-' : '+';
    const int size = exponent < 0 ? -exponent : exponent;
    if (size >= 100) {
        out[n++] = (char)('0' + size / 100);
    }
    out[n++] = (char)('0' + size / 10 % 10);
    out[n++] = (char)('0' + size % 10);
    return n;
}

static size_t put_scientific(char *out, const decimal *d)
{
    size_t n = 0;
    out[n++] = d->digits[0];
    if (d->n_digits > 1) {
        out[n++] = '.';
        memcpy(out + n, d->digits + 1, (size_t)d->n_digits - 1);
        n += (size_t)d->n_digits - 1;
    }
    return n + put_exponent(out + n, d->point - 1);
}

/* Copies of fixed size, longer than needed, are the fastest; out has the room. */
static size_t put_positional(char *out, const decimal *d)
{
    enum { COPY = 20 };
    if (d->point <= 0) { /* 0.00DIGITS */
        memcpy(out, "0.000", 5);
        memcpy(out + 2 - d->point, d->digits, COPY);
        return (size_t)(2 - d->point + d->n_digits);
    }
    memcpy(out, d->digits, COPY);
    if (d->n_digits <= d->point) {
        memset(out + d->n_digits, '0', (size_t)(d->point - d->n_digits));
        memcpy(out + d->point, ".0", 2);
        return (size_t)d->point + 2;
    }
    out[d->point] = '.';
    memcpy(out + d->point + 1, d->digits + d->point, COPY);
    return (size_t)d->n_digits + 1;
}

static size_t put_decimal(char *out, int is_negative, const decimal *d)
{
    size_t n = 0;
    if (is_negative) {
        out[n++] = '-';
    }
    return n + (d->point < LOWEST_POINT || d->point > HIGHEST_POINT ? put_scientific(out + n, d)
                                                                    : put_positional(out + n, d));
}

/* Takes a number as printf writes it apart: digits, a point or none, an exponent or none. */
static void read_number(decimal *d, const char *text, size_t length)
{
    const char *end = text + length;
    int n_before = 0, is_behind = 0;
    d->n_digits = 0;
    d->point = 0;
    for (; text < end && *text != 'e'; text++) {
        if (*text == '.') {
            is_behind = 1;
        } else if (d->n_digits > 0 || *text != '0') {
            d->digits[d->n_digits++] = *text;
            n_before += !is_behind;
        } else {
            d->point -= is_behind; /* a zero between point and digits */
        }
    }
    d->point += n_before;
    if (text < end) {
        char exponent[8] = "";
        memcpy(exponent, text + 1, (size_t)(end - text) - 1);
        d->point += (int)strtol(exponent, NULL, 10);
    }
    while (d->n_digits > 1 && d->digits[d->n_digits - 1] == '0') {
        d->n_digits--;
    }
}

/* Tiny numbers have less than 15 digits. */
static size_t put_subnormal(char *text, size_t size, double value)
{
    int n_digits = 1;
    do {
        snprintf(text, size, "%.*e", n_digits - 1, value);
    } while (strtod(text, NULL) != value && ++n_digits <= 17);
    return strlen(text);
}

/* ---- the usual numbers, exactly, in 128 bits ---- */

__extension__ typedef unsigned __int128 wide;

enum { N_DIGITS = 17, LOWEST_EXPONENT = -36, HIGHEST_EXPONENT = 49, MAX_POWER = 27 };

static const uint64_t HUNDRED_MILLION = UINT64_C(100000000);    /* 10^8 */
static const uint64_t TOO_LARGE = UINT64_C(100000000000000000); /* 10^17 */

/* 5^power x 2^n, n zeros before it; with `shift` and the exponent of a double: what the double's
 * mantissa lacks for the product to be in units of 2^-64. */
static const struct {
    uint64_t five;
    int shift;
} POWER[MAX_POWER + 1] = {{UINT64_C(0x8000000000000000), -51}, {UINT64_C(0xa000000000000000), -48},
                          {UINT64_C(0xc800000000000000), -45}, {UINT64_C(0xfa00000000000000), -42},
                          {UINT64_C(0x9c40000000000000), -38}, {UINT64_C(0xc350000000000000), -35},
                          {UINT64_C(0xf424000000000000), -32}, {UINT64_C(0x9896800000000000), -28},
                          {UINT64_C(0xbebc200000000000), -25}, {UINT64_C(0xee6b280000000000), -22},
                          {UINT64_C(0x9502f90000000000), -18}, {UINT64_C(0xba43b74000000000), -15},
                          {UINT64_C(0xe8d4a51000000000), -12}, {UINT64_C(0x9184e72a00000000), -8},
                          {UINT64_C(0xb5e620f480000000), -5},  {UINT64_C(0xe35fa931a0000000), -2},
                          {UINT64_C(0x8e1bc9bf04000000), 2},   {UINT64_C(0xb1a2bc2ec5000000), 5},
                          {UINT64_C(0xde0b6b3a76400000), 8},   {UINT64_C(0x8ac7230489e80000), 12},
                          {UINT64_C(0xad78ebc5ac620000), 15},  {UINT64_C(0xd8d726b7177a8000), 18},
                          {UINT64_C(0x878678326eac9000), 22},  {UINT64_C(0xa968163f0a57b400), 25},
                          {UINT64_C(0xd3c21bcecceda100), 28},  {UINT64_C(0x84595161401484a0), 32},
                          {UINT64_C(0xa56fa5b99019a5c8), 35},  {UINT64_C(0xcecb8f27f4200f3a), 38}};

/* value x 10^power, exactly, in units of 2^-64; its whole part has 17 digits. What is not farther
 * away than `reach` reads back as the same double: half the distance to the next one (0.55 to 11.2
 * of the 17th digit), and that itself where the mantissa is even. */
typedef struct {
    wide number, reach;
    int power;
} scaled;

static uint64_t whole_of(wide number)
{
    return (uint64_t)(number >> 64);
}

/* `mantissa` x 2^(exponent - 52), 2^exponent <= value: a tenth more or less is found by trying. */
static scaled scale(uint64_t mantissa, int exponent)
{
    const int log10_of_2 = 1233, shift = 12; /* 0.30103 = 1233 / 2^12 */
    scaled s = {.power = N_DIGITS - 1 - ((exponent * log10_of_2) >> shift)};
    for (;; s.power--) {
        const uint64_t five = POWER[s.power].five;
        const int lacks = POWER[s.power].shift + exponent; /* 1 to 5 */
        s.number = (wide)(mantissa << lacks) * five;
        s.reach = ((wide)five << (lacks - 1)) - mantissa % 2;
        if (whole_of(s.number) < TOO_LARGE) {
            return s;
        }
    }
}

/* Rounds to a multiple of `unit`, half to even; whether it reads back as the same double. `unit` is
 * a constant after inlining; nothing here is a jump, since digits are as good as random. */
static inline bool round_to(uint64_t *digits, const scaled *s, uint64_t unit)
{
    const uint64_t multiple = whole_of(s->number) / unit;
    const wide below = s->number - ((wide)(multiple * unit) << 64);
    const wide half = (wide)unit << 63;
    const uint64_t is_up = whole_of(below + half - 1 + multiple % 2) >= unit;
    const wide off = below - ((wide)(is_up * unit) << 64); /* may be below 0: wraps around */
    *digits = (multiple + is_up) * unit;
    return off + s->reach <= 2 * s->reach;
}

/* 15 digits where they do, which most numbers show by their last two; else 16 or 17. */
static uint64_t shortest_digits(const scaled *s)
{
    uint64_t digits = 0, all = 0;
    const uint64_t last_two = whole_of(s->number) % 100;
    const uint64_t near = whole_of(s->reach);
    if ((last_two <= near || last_two + near >= 99) && round_to(&digits, s, 100)) {
        return digits;
    }
    round_to(&all, s, 1);
    const uint64_t is_shorter = round_to(&digits, s, 10);
    return all ^ ((all ^ digits) & -is_shorter);
}

/* The eight digits of a number below 10^8, each in a byte, the first one in the lowest: halves,
 * quarters and single digits side by side in one word. */
static uint64_t eight_digits(uint64_t value)
{
    const uint64_t halves = value / 10000 | value % 10000 << 32;
    const uint64_t hundreds = (halves * 10486 >> 20) & UINT64_C(0x7f0000007f);
    const uint64_t pairs = hundreds | (halves - 100 * hundreds) << 16;
    const uint64_t tens = (pairs * 103 >> 10) & UINT64_C(0x000f000f000f000f);
    return tens | (pairs - 10 * tens) << 8;
}

/* 17 digits as text, and how many there are without zeros at the end. */
typedef struct {
    char first;
    wide others; /* the second one in the lowest byte */
    int n_digits;
} digit_text;

static digit_text text_of(uint64_t digits)
{
    const uint64_t upper = digits / HUNDRED_MILLION;
    const uint64_t low = eight_digits(digits % HUNDRED_MILLION);
    const uint64_t high = eight_digits(upper % HUNDRED_MILLION);
    const uint64_t zeros = UINT64_C(0x3030303030303030);
    const int n_digits = low != 0    ? N_DIGITS - __builtin_clzll(low) / 8
                         : high != 0 ? N_DIGITS - 8 - __builtin_clzll(high) / 8
                                     : 1;
    return (digit_text){.first = (char)('0' + upper / HUNDRED_MILLION),
                        .others = (wide)(low | zeros) << 64 | (high | zeros),
                        .n_digits = n_digits};
}

/* The sixteen characters in the order of their bytes. */
static void put_sixteen(char *out, wide text)
{
    uint64_t words[] = {(uint64_t)text, (uint64_t)(text >> 64)};
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    words[0] = __builtin_bswap64(words[0]);
    words[1] = __builtin_bswap64(words[1]);
#endif
    memcpy(out, words, sizeof words);
}

/* 0.DIGITS x 10^point. More may be written than belongs to it: out has the room. */
static size_t put_digits(char *out, const digit_text *d, int point)
{
    if (point < LOWEST_POINT || point > HIGHEST_POINT) { /* D.IGITSe-05 */
        out[0] = d->first;
        out[1] = '.';
        put_sixteen(out + 2, d->others);
        const size_t n = d->n_digits > 1 ? (size_t)d->n_digits + 1 : 1;
        return n + put_exponent(out + n, point - 1);
    }
    if (point <= 0) { /* 0.00DIGITS */
        memcpy(out, "0.000", 5);
        out[2 - point] = d->first;
        put_sixteen(out + 3 - point, d->others);
        return (size_t)(2 - point + d->n_digits);
    }
    out[0] = d->first;
    put_sixteen(out + 1, d->others);
    out[point] = '.';
    put_sixteen(out + point + 1, d->others >> (8 * (point - 1)));
    if (d->n_digits <= point) {
        out[point + 1] = '0';
        return (size_t)point + 2;
    }
    return (size_t)d->n_digits + 1;
}

/* Writes a positive number; 0: it is none of the usual ones. A power of two has its lower neighbour
 * nearer than the upper one. */
static size_t put_usual(char *out, double value)
{
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    const int exponent = (int)(bits >> 52) - 1023;
    const uint64_t fraction = bits & UINT64_C(0xfffffffffffff);
    if (exponent < LOWEST_EXPONENT || exponent > HIGHEST_EXPONENT || fraction == 0) {
        return 0;
    }
    const scaled s = scale(fraction | UINT64_C(1) << 52, exponent);
    const uint64_t digits = shortest_digits(&s);
    const bool is_next = digits >= TOO_LARGE; /* 9.99... became 10 */
    const digit_text d = text_of(is_next ? TOO_LARGE / 10 : digits);
    return put_digits(out, &d, N_DIGITS - s.power + is_next);
}

size_t cs_text_put_repr(char out[static CS_TEXT_REPR_LENGTH], double value)
{
    if (!isfinite(value)) {
        return put_text(out, isnan(value) ? "nan" : value > 0.0 ? "inf" : "-inf");
    }
    const bool is_negative = signbit(value) != 0;
    const double size = fabs(value);
    if (size == 0.0) {
        return put_text(out, is_negative ? "-0.0" : "0.0");
    }
    out[0] = '-';
    const size_t n = put_usual(out + is_negative, size);
    if (n > 0) {
        return n + is_negative;
    }
    decimal d;
    char text[CS_TEXT_REPR_LENGTH];
    const size_t length =
        size < DBL_MIN ? put_subnormal(text, sizeof text, size) : cs_text_put_shortest(text, size);
    read_number(&d, text, length);
    return put_decimal(out, is_negative, &d);
}
