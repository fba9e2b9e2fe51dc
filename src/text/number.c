/* SPDX-License-Identifier: MIT */
#include "text/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text/decimal.h"

enum { MAX_NUMBER = 1000, EXACT_POWER = 22, MAX_EXPONENT = 99999 };

/* 10^22 = 5^22 x 2^22 is the largest power of ten that is a double: 5^22 has 52 bits. */
static const double power_of_ten[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number taken apart: mantissa x 10^exponent. */
typedef struct {
    bool negative;
    bool exact;        /* the mantissa holds all digits */
    uint64_t mantissa; /* its first 19 digits at most */
    int exponent;
} decimal;

/* Digits from `at` on are put to the mantissa; returns where they end. */
static const char *read_digits(decimal *d, int *n_digits, const char *at, const char *end,
                               int exponent_each)
{
    for (; at < end && is_digit(*at); at++) {
        if (d->mantissa >= UINT64_C(1000000000000000000)) { /* 19 digits are in */
            d->exact = false;
        } else {
            d->mantissa = 10 * d->mantissa + (uint64_t)(*at - '0');
            d->exponent += exponent_each;
        }
        ++*n_digits;
    }
    return at;
}

static const char *read_exponent(decimal *d, const char *at, const char *end)
{
    if (at == end || (*at != 'e' && *at != 'E')) {
        return at;
    }
    at++;
    const bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    if (at == end || !is_digit(*at)) {
        return NULL;
    }
    int exponent = 0;
    for (; at < end && is_digit(*at); at++) {
        exponent = exponent < MAX_EXPONENT ? 10 * exponent + (*at - '0') : exponent;
    }
    d->exponent += negative ? -exponent : exponent;
    return at;
}

static bool take_apart(decimal *d, const char *text, size_t length)
{
    const char *at = text;
    const char *end = text + length;
    int n_digits = 0;
    *d = (decimal){.exact = true};
    if (at < end && (*at == '-' || *at == '+')) {
        d->negative = *at++ == '-';
    }
    at = read_digits(d, &n_digits, at, end, 0);
    if (at < end && *at == '.') {
        at = read_digits(d, &n_digits, at + 1, end, -1);
    }
    at = n_digits == 0 ? NULL : read_exponent(d, at, end);
    return at == end;
}

static bool by_strtod(double *out, const char *text, size_t length)
{
    char copy[MAX_NUMBER + 1];
    memcpy(copy, text, length);
    copy[length] = '\0';
    const double value = strtod(copy, NULL); /* its grammar was checked; programs keep locale C */
    if (!isfinite(value)) {
        return false;
    }
    *out = value;
    return true;
}

bool cs_text_double(double *out, const char *text, size_t length)
{
    decimal d;
    if (length > MAX_NUMBER || !take_apart(&d, text, length)) {
        return false;
    }
    const int power = abs(d.exponent);
    double value = (double)d.mantissa;
    if (d.exact && d.mantissa <= UINT64_C(1) << 53 && power <= EXACT_POWER) {
        /* mantissa and power are exact, so one operation rounds once */
        value = d.exponent < 0 ? value / power_of_ten[power] : value * power_of_ten[power];
    } else if (d.exact && d.mantissa > 0 && power <= CS_DECIMAL_POWER) {
        value = cs_decimal_to_double(d.mantissa, d.exponent);
    } else {
        return by_strtod(out, text, length);
    }
    *out = d.negative ? -value : value;
    return true;
}

bool cs_text_int64(int64_t *out, const char *text, size_t length)
{
    const bool sign = length > 0 && (text[0] == '-' || text[0] == '+');
    const bool negative = sign && text[0] == '-';
    int64_t value = 0; /* of the sign that is wanted, as -2^63 has no positive counterpart */
    for (size_t i = sign ? 1 : 0; i < length; i++) {
        if (!is_digit(text[i]) || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, negative ? '0' - text[i] : text[i] - '0', &value)) {
            return false;
        }
    }
    if (length == (sign ? 1u : 0u)) {
        return false;
    }
    *out = value;
    return true;
}

/* A fixed number of digits; -1 if they are not all digits. */
static int read_fixed(const char *text, size_t n_digits)
{
    int value = 0;
    for (size_t i = 0; i < n_digits; i++) {
        if (!is_digit(text[i])) {
            return -1;
        }
        value = 10 * value + (text[i] - '0');
    }
    return value;
}

static int days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Days since 1970-01-01. Years begin in March here, so that the leap day is a year's last. */
static int64_t days_of(int year, int month, int day)
{
    const int y = month > 2 ? year : year - 1;
    const int months = month > 2 ? month - 3 : month + 9; /* since March */
    const int century_days = 365 * y + (y >= 0 ? y / 4 - y / 100 + y / 400 : -1);
    return (int64_t)century_days + (153 * months + 2) / 5 + (day - 1) - 719468;
}

static bool read_date(int64_t *days, const char *text)
{
    const int year = read_fixed(text, 4);
    const int month = read_fixed(text + 5, 2);
    const int day = read_fixed(text + 8, 2);
    if (text[4] != '-' || text[7] != '-' || year < 0 || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month)) {
        return false;
    }
    *days = days_of(year, month, day);
    return true;
}

/* HH:MM or HH:MM:SS. */
static bool read_clock(int64_t *seconds, const char *text, size_t length)
{
    if ((length != 5 && length != 8) || text[2] != ':' || (length == 8 && text[5] != ':')) {
        return false;
    }
    const int hour = read_fixed(text, 2);
    const int minute = read_fixed(text + 3, 2);
    const int second = length == 8 ? read_fixed(text + 6, 2) : 0;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
        return false;
    }
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
}

bool cs_text_time(int64_t *out, const char *text, size_t length)
{
    enum { DATE = 10 };
    int64_t days = 0;
    int64_t seconds = 0;
    if (length < DATE || !read_date(&days, text)) {
        return false;
    }
    if (length > DATE) {
        length -= text[length - 1] == 'Z' ? 1 : 0;
        if ((text[DATE] != ' ' && text[DATE] != 'T') ||
            !read_clock(&seconds, text + DATE + 1, length - DATE - 1)) {
            return false;
        }
    }
    *out = days * 86400 + seconds;
    return true;
}

bool cs_text_missing(const char *text, size_t length)
{
    static const char *const words[] = {"", "NA", "N/A", "NaN", "null"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (length == strlen(words[i]) && strncasecmp(text, words[i], length) == 0) {
            return true;
        }
    }
    return false;
}
