/* SPDX-License-Identifier: MIT */
#include "text/format.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "text/decimal.h"
#include "text/number.h"

enum { MAX_DIGITS = 17 };

static const uint64_t power_of_ten[MAX_DIGITS + 1] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
};

/* A rounded number: digits[0].digits[1].. x 10^exponent, without trailing zeros. */
typedef struct {
    char digits[MAX_DIGITS + 1];
    int n; /* >= 1 */
    int exponent;
} decimal;

/* floor(log10(value)), or one less: 1233/4096 is log10(2) rounded down by 1.4e-5. */
static int guess_exponent(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const int binary = (int)(bits >> 52) - 1023;
    return (binary * 1233 - (binary < 0 ? 4095 : 0)) / 4096;
}

static void write_pair(char *out, unsigned value)
{
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
}

/* All `n` digits of a value, two at a time from the last. */
static void write_digits(char *out, uint64_t value, int n)
{
    for (; n > 1; n -= 2) {
        write_pair(out + n - 2, (unsigned)(value % 100));
        value /= 100;
    }
    if (n > 0) {
        out[0] = (char)('0' + value);
    }
}

/* Takes a positive number apart; false if that is out of range of exact arithmetic. */
static bool take_apart(decimal *d, double value, int digits)
{
    uint64_t scaled = 0;
    d->exponent = guess_exponent(value);
    for (;; d->exponent++) {
        if (!cs_decimal_scale(&scaled, value, digits - 1 - d->exponent)) {
            return false;
        }
        if (scaled < power_of_ten[digits]) {
            break;
        }
    }
    write_digits(d->digits, scaled, digits);
    for (d->n = digits; d->n > 1 && d->digits[d->n - 1] == '0'; d->n--) {
    }
    return true;
}

static char *put_zeros(char *at, int n)
{
    for (int i = 0; i < n; i++) {
        *at++ = '0';
    }
    return at;
}

static char *put_digits(char *at, const char *digits, int n)
{
    memcpy(at, digits, (size_t)n);
    return at + n;
}

static char *put_exponent(char *at, int exponent)
{
    const unsigned size = (unsigned)(exponent < 0 ? -exponent : exponent);
    *at++ = 'e';
    *at++ = exponent < 0 ? '-' : '+';
    if (size >= 100) {
        *at++ = (char)('0' + size / 100);
    }
    write_pair(at, size % 100);
    return at + 2;
}

static char *put_scientific(char *at, const decimal *d)
{
    *at++ = d->digits[0];
    if (d->n > 1) {
        *at++ = '.';
        at = put_digits(at, d->digits + 1, d->n - 1);
    }
    return put_exponent(at, d->exponent);
}

static char *put_fixed(char *at, const decimal *d)
{
    const int whole = d->exponent + 1; /* digits before the point */
    if (whole <= 0) {
        *at++ = '0';
        *at++ = '.';
        at = put_zeros(at, -whole);
        return put_digits(at, d->digits, d->n);
    }
    if (whole >= d->n) {
        at = put_digits(at, d->digits, d->n);
        return put_zeros(at, whole - d->n);
    }
    at = put_digits(at, d->digits, whole);
    *at++ = '.';
    return put_digits(at, d->digits + whole, d->n - whole);
}

static size_t put_word(char *out, const char *word)
{
    const size_t length = strlen(word);
    memcpy(out, word, length);
    return length;
}

size_t cs_text_put_double(char *out, double value, int digits)
{
    char *at = out;
    decimal d;
    if (isnan(value)) {
        return put_word(out, "NaN");
    }
    if (isinf(value)) {
        return put_word(out, value < 0.0 ? "-inf" : "inf");
    }
    if (signbit(value)) {
        *at++ = '-';
        value = -value;
    }
    if (value == 0.0) {
        *at++ = '0';
    } else if (!take_apart(&d, value, digits)) {
        const size_t room = (size_t)(CS_TEXT_NUMBER_LENGTH - (at - out));
        at += snprintf(at, room, "%.*g", digits, value); /* programs keep locale C */
    } else if (d.exponent < -4 || d.exponent >= digits) {
        at = put_scientific(at, &d);
    } else {
        at = put_fixed(at, &d);
    }
    return (size_t)(at - out);
}

size_t cs_text_put_shortest(char *out, double value)
{
    for (int digits = 15; digits < MAX_DIGITS; digits++) {
        double back = 0.0;
        const size_t length = cs_text_put_double(out, value, digits);
        if (!isfinite(value) || (cs_text_double(&back, out, length) && back == value)) {
            return length;
        }
    }
    return cs_text_put_double(out, value, MAX_DIGITS);
}
