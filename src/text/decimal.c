/* SPDX-License-Identifier: MIT */
#include "text/decimal.h"

#include <string.h>

__extension__ typedef unsigned __int128 wide;

enum { MANTISSA_BITS = 52, EXPONENT_BIAS = 1075 }; /* a double is mantissa x 2^(exponent - 1075) */

static const uint64_t power_of_five[CS_DECIMAL_POWER + 1] = {
    1u,
    5u,
    25u,
    125u,
    625u,
    3125u,
    15625u,
    78125u,
    390625u,
    1953125u,
    9765625u,
    48828125u,
    244140625u,
    1220703125u,
    6103515625u,
    30517578125u,
    152587890625u,
    762939453125u,
    3814697265625u,
    19073486328125u,
    95367431640625u,
    476837158203125u,
    2384185791015625u,
    11920928955078125u,
    59604644775390625u,
    298023223876953125u,
    1490116119384765625u,
    7450580596923828125u,
};

/* 2^n for -1022 <= n <= 1023. */
static double power_of_two(int n)
{
    const uint64_t bits = (uint64_t)(n + 1023) << MANTISSA_BITS;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double cs_decimal_to_double(uint64_t mantissa, int power)
{
    /* The conversion of a wide integer to double rounds once; scaling by powers of two is exact. */
    if (power >= 0) {
        return (double)((wide)mantissa * power_of_five[power]) * power_of_two(power);
    }
    /* The quotient has 64 bits or more, so that its last bit may stand for all that is left. */
    const int shift = 64 + __builtin_clzll(mantissa);
    const wide dividend = (wide)mantissa << shift;
    const wide quotient = dividend / power_of_five[-power];
    const unsigned rest = dividend != quotient * power_of_five[-power];
    return (double)(quotient | rest) * power_of_two(power - shift);
}

/* quotient + rest/divisor rounded; `rest` < divisor < 2^127. */
static wide round_quotient(wide quotient, wide rest, wide divisor)
{
    const wide twice = 2 * rest;
    return quotient + (twice > divisor || (twice == divisor && (quotient & 1) != 0) ? 1 : 0);
}

/* mantissa x 5^power x 2^exponent for power >= 0; false if it is out of range. */
static bool scale_up(wide *scaled, uint64_t mantissa, int power, int exponent)
{
    const wide product = (wide)mantissa * power_of_five[power]; /* < 2^(53 + 63) */
    if (exponent >= 0) {
        const int room = __builtin_clzll(mantissa) + __builtin_clzll(power_of_five[power]);
        *scaled = exponent < room ? product << exponent : 0;
        return exponent < room;
    }
    if (exponent < -126) {
        *scaled = 0; /* less than a half */
        return true;
    }
    const wide unit = (wide)1 << -exponent;
    *scaled = round_quotient(product >> -exponent, product & (unit - 1), unit);
    return true;
}

/* mantissa x 2^exponent / 5^power. */
static bool scale_down(wide *scaled, uint64_t mantissa, int power, int exponent)
{
    if (exponent > 74 || exponent < -63) {
        return false; /* so that 2^53 x 2^74 and 5^27 x 2^63 fit, the latter twice */
    }
    const wide dividend = (wide)mantissa << (exponent > 0 ? exponent : 0);
    const wide divisor = (wide)power_of_five[power] << (exponent < 0 ? -exponent : 0);
    const wide quotient = dividend / divisor;
    *scaled = round_quotient(quotient, dividend - quotient * divisor, divisor);
    return true;
}

bool cs_decimal_scale(uint64_t *scaled, double value, int power)
{
    if (power > CS_DECIMAL_POWER || power < -CS_DECIMAL_POWER) {
        return false;
    }
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const int biased = (int)(bits >> MANTISSA_BITS);
    if (biased == 0) {
        return false; /* denormal: far out of range anyway */
    }
    const uint64_t one = UINT64_C(1) << MANTISSA_BITS;
    const uint64_t mantissa = (bits & (one - 1)) | one;
    const int exponent = biased - EXPONENT_BIAS + power;
    wide result = 0;
    if (!(power >= 0 ? scale_up(&result, mantissa, power, exponent)
                     : scale_down(&result, mantissa, -power, exponent)) ||
        result >> 63 != 0) {
        return false;
    }
    *scaled = (uint64_t)result;
    return true;
}
