/* SPDX-License-Identifier: MIT */
#include "text/repr.h"

#include <float.h>
#include <math.h>
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

size_t cs_text_put_repr(char out[static CS_TEXT_REPR_LENGTH], double value)
{
    if (!isfinite(value)) {
        return put_text(out, isnan(value) ? "nan" : value > 0.0 ? "inf" : "-inf");
    }
    const double size = fabs(value);
    if (size == 0.0) {
        return put_text(out, signbit(value) ? "-0.0" : "0.0");
    }
    char text[CS_TEXT_REPR_LENGTH];
    const size_t length =
        size < DBL_MIN ? put_subnormal(text, sizeof text, size) : cs_text_put_shortest(text, size);
    decimal d;
    read_number(&d, text, length);
    return put_decimal(out, signbit(value) != 0, &d);
}

/* ---- floats ---- */

enum { N_FLOAT_DIGITS = 9, MAX_POWER = 22 };

static const double POWER_OF_TEN[MAX_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The power p with 10^8 <= size x 10^p < 10^10; size is a normal number. */
static int power_to_nine_digits(double size)
{
    uint64_t bits = 0;
    memcpy(&bits, &size, sizeof bits);
    const int exponent = (int)(bits >> 52) - 1023; /* 2^exponent <= size */
    const int log10_of_2 = 1233, shift = 12;       /* 0.30103 = 1233 / 2^12 */
    return N_FLOAT_DIGITS - 1 - ((exponent * log10_of_2) >> shift);
}

/* Half the distance to the next float on the nearer side; 0 for subnormal numbers. */
static double half_distance(float value)
{
    uint32_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    const uint64_t exponent = bits >> 23 & 0xff;
    if (exponent == 0) {
        return 0.0;
    }
    const uint64_t is_power_of_2 = (bits & 0x7fffff) == 0; /* below one, floats are closer */
    const uint64_t as_double = (exponent + 1023 - 127 - 24 - is_power_of_2) << 52;
    double distance = 0.0;
    memcpy(&distance, &as_double, sizeof distance);
    return distance;
}

/* Writes a number of at most 16 digits, two at a time; returns how many there are. */
static int put_whole(char *out, uint64_t value)
{
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233"
        "34353637383940414243444546474849505152535455565758596061626364656667"
        "6869707172737475767778798081828384858687888990919293949596979899";
    char text[16];
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

/* The fewest digits within `near` of `scaled`, a number with nine or ten digits before the point.
 * From the left, digits are cut off as long as the rest, rounded, is near enough. */
static void find_digits(decimal *d, double scaled, double near, int power)
{
    uint64_t head = (uint64_t)scaled, best = (uint64_t)(scaled + 0.5);
    double unit = 1.0;
    int point = -power, best_point = point;
    for (;;) {
        head /= 10;
        unit *= 10.0;
        point++;
        const double below = scaled - (double)head * unit;
        if (head > 0 && below <= near) {
            best = head;
        } else if (unit - below <= near) {
            best = head + 1;
        } else {
            break;
        }
        best_point = point;
    }
    if (best >= 10) {
        while (best % 10 == 0) { /* 999 + 1 */
            best /= 10;
            best_point++;
        }
    }
    d->n_digits = put_whole(d->digits, best);
    d->point = best_point + d->n_digits;
}

size_t cs_text_put_float(char out[static CS_TEXT_REPR_LENGTH], float value, double factor,
                         double summand)
{
    const double converted = factor * (double)value + summand;
    const double size = fabs(converted);
    if (!isfinite(converted) || size == 0.0) {
        return cs_text_put_repr(out, converted);
    }
    /* A little less than half the distance covers the rounding of what is computed here. */
    const double near = 0.999999 * factor * half_distance(value);
    const int power = power_to_nine_digits(size);
    if (power < -MAX_POWER || power > MAX_POWER || near < 1e-9 * size) {
        return cs_text_put_repr(out, converted);
    }
    const double scale = POWER_OF_TEN[power < 0 ? -power : power];
    decimal d;
    find_digits(&d, power < 0 ? size / scale : size * scale,
                power < 0 ? near / scale : near * scale, power);
    return put_decimal(out, signbit(converted) != 0, &d);
}
