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

/* Writes a number of at most 18 digits, two at a time; returns how many there are. */
static int put_whole(char *out, uint64_t value)
{
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233"
        "34353637383940414243444546474849505152535455565758596061626364656667"
        "6869707172737475767778798081828384858687888990919293949596979899";
    char text[18];
    size_t first = sizeof text;
    while (value >= 100) {
        first -= 2;
        memcpy(text + first, pairs + 2 * (value % 100), 2);
        value /= 100;
    }
    first -= 2;
    memcpy(text + first, pairs + 2 * value, 2);
    first += value < 10;
    memcpy(out, text + first, sizeof text - first);
    return (int)(sizeof text - first);
}

static const uint64_t POWER_OF_FIVE[MAX_POWER + 1] = {UINT64_C(1),
                                                      UINT64_C(5),
                                                      UINT64_C(25),
                                                      UINT64_C(125),
                                                      UINT64_C(625),
                                                      UINT64_C(3125),
                                                      UINT64_C(15625),
                                                      UINT64_C(78125),
                                                      UINT64_C(390625),
                                                      UINT64_C(1953125),
                                                      UINT64_C(9765625),
                                                      UINT64_C(48828125),
                                                      UINT64_C(244140625),
                                                      UINT64_C(1220703125),
                                                      UINT64_C(6103515625),
                                                      UINT64_C(30517578125),
                                                      UINT64_C(152587890625),
                                                      UINT64_C(762939453125),
                                                      UINT64_C(3814697265625),
                                                      UINT64_C(19073486328125),
                                                      UINT64_C(95367431640625),
                                                      UINT64_C(476837158203125),
                                                      UINT64_C(2384185791015625),
                                                      UINT64_C(11920928955078125),
                                                      UINT64_C(59604644775390625),
                                                      UINT64_C(298023223876953125),
                                                      UINT64_C(1490116119384765625),
                                                      UINT64_C(7450580596923828125)};

/* value x 10^power = number / 2^shift, exactly; its whole part has 17 digits. */
typedef struct {
    wide number;
    int power, shift;
    uint64_t five; /* 5^power: the distance between doubles, in units of 2^-shift */
} scaled;

/* `mantissa` x 2^(exponent - 52), 2^exponent <= value: a tenth more or less is found by trying. */
static scaled scale(uint64_t mantissa, int exponent)
{
    static const uint64_t TENTH = UINT64_C(100000000000000000); /* 10^17 */
    const int log10_of_2 = 1233, shift = 12;                    /* 0.30103 = 1233 / 2^12 */
    scaled s = {.power = N_DIGITS - 1 - ((exponent * log10_of_2) >> shift)};
    for (;; s.power--) {
        s.five = POWER_OF_FIVE[s.power];
        s.number = (wide)mantissa * s.five;
        s.shift = 52 - exponent - s.power;
        if ((uint64_t)(s.number >> s.shift) < TENTH) {
            return s;
        }
    }
}

/* Rounds to 17 - log10(unit) digits; whether that reads back as the same double. */
static bool round_to(uint64_t *digits, const scaled *s, uint64_t unit, bool is_even)
{
    const uint64_t whole = (uint64_t)(s->number >> s->shift);
    const wide one = (wide)unit << s->shift;
    const wide rest = s->number - ((wide)(whole - whole % unit) << s->shift);
    *digits = whole / unit;
    const bool is_up = 2 * rest > one || (2 * rest == one && *digits % 2 == 1);
    const wide distance = is_up ? one - rest : rest;
    *digits += is_up;
    return 2 * distance < s->five || (2 * distance == s->five && is_even);
}

/* Takes a positive number apart; false: it is none of the usual ones. A power of two has its lower
 * neighbour nearer than the upper one. */
static bool take_apart(decimal *d, double value)
{
    uint64_t bits = 0, digits = 0, unit = 100;
    memcpy(&bits, &value, sizeof bits);
    const int exponent = (int)(bits >> 52) - 1023;
    const uint64_t fraction = bits & UINT64_C(0xfffffffffffff);
    if (exponent < LOWEST_EXPONENT || exponent > HIGHEST_EXPONENT || fraction == 0) {
        return false;
    }
    const scaled s = scale(fraction | UINT64_C(1) << 52, exponent);
    int n_cut = 2;
    while (!round_to(&digits, &s, unit, fraction % 2 == 0) && unit > 1) {
        unit /= 10;
        n_cut--;
    }
    d->n_digits = put_whole(d->digits, digits);
    d->point = d->n_digits + n_cut - s.power;
    while (d->n_digits > 1 && d->digits[d->n_digits - 1] == '0') {
        d->n_digits--;
    }
    return true;
}

size_t cs_text_put_repr(char out[static CS_TEXT_REPR_LENGTH], double value)
{
    if (!isfinite(value)) {
        return put_text(out, isnan(value) ? "nan" : value > 0.0 ? "inf" : "-inf");
    }
    const double size = fabs(value);
    if (size == 0.0) {
        return put_text(out, signbit(value) ? "-0.0" : "0.0");
    }
    decimal d;
    if (take_apart(&d, size)) {
        return put_decimal(out, signbit(value) != 0, &d);
    }
    char text[CS_TEXT_REPR_LENGTH];
    const size_t length =
        size < DBL_MIN ? put_subnormal(text, sizeof text, size) : cs_text_put_shortest(text, size);
    read_number(&d, text, length);
    return put_decimal(out, signbit(value) != 0, &d);
}
