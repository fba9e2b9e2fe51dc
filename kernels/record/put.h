/* SPDX-License-Identifier: MIT */
/**
 * Numbers, dates and hexadecimal digits straight into a buffer, two digits at a time.
 *
 * Each function returns the place behind what it wrote and may touch up to 32 bytes from where it
 * began.
 */
#ifndef CSK_RECORD_PUT_H
#define CSK_RECORD_PUT_H

#include <stdint.h>
#include <string.h>

#include "kernels/math/clones.h"

/** "00" to "99", and "00" to "ff". */
extern const char csk_record_pairs[100][2];
extern const char csk_record_hex[256][2];

CSK_INLINE unsigned char *csk_put_two(unsigned char *p, uint64_t below_100)
{
    memcpy(p, csk_record_pairs[below_100], 2);
    return p + 2;
}

CSK_INLINE unsigned char *csk_put_unsigned(unsigned char *p, uint64_t value)
{
    unsigned char digits[20];
    int at = 20;
    while (value >= 100) {
        at -= 2;
        memcpy(digits + at, csk_record_pairs[value % 100], 2);
        value /= 100;
    }
    at -= 2;
    memcpy(digits + at, csk_record_pairs[value], 2);
    at += value < 10;
    for (int i = at; i < 20; i++) {
        *p++ = digits[i];
    }
    return p;
}

/** The same for what is mostly short, without a loop. */
CSK_INLINE unsigned char *csk_put_number(unsigned char *p, uint64_t value)
{
    if (value >= 10000) {
        return csk_put_unsigned(p, value);
    }
    const uint32_t v = (uint32_t)value;
    unsigned char digits[8] = {0};
    memcpy(digits, csk_record_pairs[v / 100], 2);
    memcpy(digits + 2, csk_record_pairs[v % 100], 2);
    const int zeros = (v < 1000) + (v < 100) + (v < 10);
    memcpy(p, digits + zeros, 4);
    return p + 4 - zeros;
}

CSK_INLINE unsigned char *csk_put_signed(unsigned char *p, int64_t value)
{
    *p = '-';
    p += value < 0;
    return csk_put_number(p, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/** A number of 10^-digits, digits 0 to 18. */
CSK_INLINE unsigned char *csk_put_decimal(unsigned char *p, int64_t value, int digits)
{
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t unit = 1;
    for (int i = 0; i < digits; i++) {
        unit *= 10;
    }
    *p = '-';
    p += value < 0;
    p = csk_put_unsigned(p, rest / unit);
    if (digits == 0) {
        return p;
    }
    *p++ = '.';
    rest %= unit;
    for (int i = digits - 1; i >= 0; i--) {
        p[i] = (unsigned char)('0' + rest % 10);
        rest /= 10;
    }
    return p + digits;
}

/**
 * YYYY-MM-DD of a day since 1970-01-01, for years 0 to 9999. Years begin in March, so that the leap
 * day is a year's last: days before a month are then (153 m + 2) / 5 (Zeller's idea).
 */
CSK_INLINE unsigned char *csk_put_date(unsigned char *p, int64_t days)
{
    const uint32_t day = (uint32_t)(days + 719468); /* since 0000-03-01 */
    const uint32_t era = day / 146097;              /* of 400 years */
    const uint32_t in_era = day % 146097;
    const uint32_t year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    const uint32_t in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const uint32_t march = (5 * in_year + 2) / 153; /* 0: March */
    const uint32_t month = march < 10 ? march + 3 : march - 9;
    const uint32_t year = era * 400 + year_of_era + (month <= 2);
    p = csk_put_two(p, year / 100);
    p = csk_put_two(p, year % 100);
    *p++ = '-';
    p = csk_put_two(p, month);
    *p++ = '-';
    return csk_put_two(p, in_year - (153 * march + 2) / 5 + 1);
}

/** YYYY-MM-DDTHH:MM:SSZ of a second since 1970-01-01. */
CSK_INLINE unsigned char *csk_put_time(unsigned char *p, int64_t seconds)
{
    const uint64_t shifted = (uint64_t)(seconds + INT64_C(719468) * 86400);
    const uint32_t in_day = (uint32_t)(shifted % 86400);
    p = csk_put_date(p, (int64_t)(shifted / 86400) - 719468);
    *p++ = 'T';
    p = csk_put_two(p, in_day / 3600);
    *p++ = ':';
    p = csk_put_two(p, in_day / 60 % 60);
    *p++ = ':';
    p = csk_put_two(p, in_day % 60);
    *p++ = 'Z';
    return p;
}

/** The lowest n of 16 hexadecimal digits, highest first. */
CSK_INLINE unsigned char *csk_put_hex(unsigned char *p, uint64_t value, int n)
{
    if (n % 2 != 0) {
        n--;
        *p++ = (unsigned char)csk_record_hex[value >> (4 * n) & 15][1];
    }
    for (int shift = 4 * n - 8; shift >= 0; shift -= 8) {
        memcpy(p, csk_record_hex[value >> shift & 255], 2);
        p += 2;
    }
    return p;
}

/** A UUID of 128 random bits, of which six become version 4 and variant 1 (RFC 9562). */
CSK_INLINE unsigned char *csk_put_uuid(unsigned char *p, uint64_t high, uint64_t low)
{
    high = (high & ~UINT64_C(0xf000)) | UINT64_C(0x4000);
    low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63;
    p = csk_put_hex(p, high >> 32, 8);
    *p++ = '-';
    p = csk_put_hex(p, high >> 16, 4);
    *p++ = '-';
    p = csk_put_hex(p, high, 4);
    *p++ = '-';
    p = csk_put_hex(p, low >> 48, 4);
    *p++ = '-';
    return csk_put_hex(p, low, 12);
}

#endif
