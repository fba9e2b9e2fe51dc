/* SPDX-License-Identifier: MIT */
/**
 * Exponential, logarithm, sine and cosine with the same bits on every processor and compiler.
 *
 * Only + - * / and fma (rounded once each by IEEE 754) and operations on the bits of a double: no
 * function of a mathematics library, whose results differ between versions, and between the scalar
 * and the vector form. Round to nearest is assumed, -ffp-contract=off is needed.
 *
 * csk_exp, csk_expm1, csk_log, csk_log1p are at most 1 ulp off for every double (measured: 0.67,
 * and 0.76 for denormal results of csk_exp), csk_sin_turn and csk_cos_turn at most 2^-52
 * (absolute). NaN gives NaN; neither errno nor the floating-point flags are meant to be read.
 * Thread-safe, never fail, no memory.
 *
 * How: reduction to a short interval (Cody and Waite 1980: ln 2 in two parts, the first with so few
 * bits that n times it is exact), Taylor's series there with its rest below 2^-56 of the result,
 * the leading terms kept as a sum of two doubles (Dekker 1971). Coefficients are written as the
 * quotients they are, so there is no table to trust.
 */
#ifndef CSK_MATH_ELEMENTARY_H
#define CSK_MATH_ELEMENTARY_H

#include <stdint.h>
#include <string.h>

#include "kernels/math/clones.h"

/* Adding it rounds to an integer, which then stands in the low bits (1.5 x 2^52). */
#define CSK_ROUNDER 0x1.8p52
/* ln 2 rounded down to 42 bits (times an exponent of 11 bits is exact), and what is left of it. */
#define CSK_LN2_HIGH       0x1.62e42fefa38p-1
#define CSK_LN2_LOW        0x1.ef35793c7673p-45
#define CSK_LOG2_E         0x1.71547652b82fep+0
#define CSK_TWO_PI         0x1.921fb54442d18p+2
#define CSK_SQRT_HALF_BITS UINT64_C(0x3fe6a09e667f3bcd)
#define CSK_INFINITY       __builtin_inf()
#define CSK_NAN            __builtin_nan("")

/** A number as the unevaluated sum of two doubles, |low| <= ulp(high)/2 or little more. */
typedef struct {
    double high, low;
} csk_pair;

CSK_INLINE uint64_t csk_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

CSK_INLINE double csk_from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/** 2^n for -1022 <= n <= 1023. */
CSK_INLINE double csk_power_of_two(int64_t n)
{
    return csk_from_bits((uint64_t)(n + 1023) << 52);
}

/** a + b exactly, where |a| >= |b| or a = 0. */
CSK_INLINE csk_pair csk_fast_sum(double a, double b)
{
    const double high = a + b;
    return (csk_pair){high, (a - high) + b};
}

/** An argument of exp as n ln 2 + (r.high + r.low), |r| <= ln(2)/2, for |x| < 2^20. */
typedef struct {
    int64_t n;
    csk_pair r;
} csk_exp_argument;

CSK_INLINE csk_exp_argument csk_exp_reduce(double x)
{
    const double rounded = __builtin_fma(x, CSK_LOG2_E, CSK_ROUNDER);
    const double n = rounded - CSK_ROUNDER;
    const double rest = __builtin_fma(-n, CSK_LN2_HIGH, x); /* exact */
    const double high = __builtin_fma(-n, CSK_LN2_LOW, rest);
    const double low = __builtin_fma(-n, CSK_LN2_LOW, rest - high);
    return (csk_exp_argument){(int32_t)(uint32_t)csk_bits(rounded), {high, low}};
}

/**
 * e^(r.high + r.low) - 1 for |r| <= 0.35.
 *
 * r + r^2/2 is exact in the pair; the series ends with r^14/14!, its rest is below
 * 0.35^15/15! = 1.1e-19, that is 2^-61 of r.
 */
CSK_INLINE csk_pair csk_expm1_reduced(csk_pair r)
{
    const double x = r.high;
    double q = 1.0 / 87178291200.0; /* 1/14! */
    q = __builtin_fma(q, x, 1.0 / 6227020800.0);
    q = __builtin_fma(q, x, 1.0 / 479001600.0);
    q = __builtin_fma(q, x, 1.0 / 39916800.0);
    q = __builtin_fma(q, x, 1.0 / 3628800.0);
    q = __builtin_fma(q, x, 1.0 / 362880.0);
    q = __builtin_fma(q, x, 1.0 / 40320.0);
    q = __builtin_fma(q, x, 1.0 / 5040.0);
    q = __builtin_fma(q, x, 1.0 / 720.0);
    q = __builtin_fma(q, x, 1.0 / 120.0);
    q = __builtin_fma(q, x, 1.0 / 24.0);
    q = __builtin_fma(q, x, 1.0 / 6.0);
    const double half = 0.5 * x;
    const double square = half * x;
    const double square_low = __builtin_fma(half, x, -square);
    const csk_pair sum = csk_fast_sum(x, square);
    const double slope = __builtin_fma(r.low, x, r.low); /* d(e^r)/dr = 1 + r to first order */
    const double tail = __builtin_fma(x * x * x, q, square_low + slope);
    return (csk_pair){sum.high, sum.low + tail};
}

/** e^x: 0 below about -745.13, infinity above about 709.78, denormal numbers between. */
CSK_INLINE double csk_exp(double x)
{
    double bounded = x < -746.0 ? -746.0 : x; /* keeps NaN */
    bounded = bounded > 710.0 ? 710.0 : bounded;
    const csk_exp_argument a = csk_exp_reduce(bounded);
    const csk_pair e = csk_expm1_reduced(a.r);
    const csk_pair sum = csk_fast_sum(1.0, e.high);
    const double mantissa = sum.high + (sum.low + e.low);
    const int64_t half = a.n >> 1; /* two steps: 2^n alone may be too large or too small */
    return mantissa * csk_power_of_two(half) * csk_power_of_two(a.n - half);
}

/** e^x - 1 without cancellation. */
CSK_INLINE double csk_expm1(double x)
{
    if (x > 40.0) { /* here e^x is above 2^57, 1 is nothing beside it */
        return csk_exp(x);
    }
    const csk_exp_argument a = csk_exp_reduce(x < -40.0 ? -40.0 : x);
    const csk_pair e = csk_expm1_reduced(a.r);
    const double scale = csk_power_of_two(a.n);
    const csk_pair shift = csk_fast_sum(a.n < 0 ? -1.0 : scale, a.n < 0 ? scale : -1.0);
    const csk_pair sum = csk_fast_sum(shift.high, scale * e.high); /* shift.high = 0: n = 0 */
    const double result = sum.high + (sum.low + __builtin_fma(scale, e.low, shift.low));
    return __builtin_copysign(result, x); /* -0 stays -0 */
}

/**
 * k ln 2 + ln(1 + f) + extra, for sqrt(1/2) <= 1 + f <= sqrt(2) and |extra| a few ulp at most.
 *
 * With s = f/(2 + f): ln(1 + f) = 2 atanh(s) = f - f^2/2 + s (f^2/2 + R), R = sum of
 * 2 s^2j/(2j + 1) over j >= 1. |s| <= 0.1716, so behind j = 11 less than 2^-66 is left.
 */
CSK_INLINE double csk_log_reduced(double f, int64_t k, double extra)
{
    const double s = f / (2.0 + f);
    const double z = s * s;
    double r = 2.0 / 23.0;
    r = __builtin_fma(r, z, 2.0 / 21.0);
    r = __builtin_fma(r, z, 2.0 / 19.0);
    r = __builtin_fma(r, z, 2.0 / 17.0);
    r = __builtin_fma(r, z, 2.0 / 15.0);
    r = __builtin_fma(r, z, 2.0 / 13.0);
    r = __builtin_fma(r, z, 2.0 / 11.0);
    r = __builtin_fma(r, z, 2.0 / 9.0);
    r = __builtin_fma(r, z, 2.0 / 7.0);
    r = __builtin_fma(r, z, 2.0 / 5.0);
    r = __builtin_fma(r, z, 2.0 / 3.0);
    const double half = 0.5 * f;
    const double square = half * f;
    const double square_low = __builtin_fma(half, f, -square);
    const csk_pair lead = csk_fast_sum(f, -square);
    const double n = (double)k;
    const csk_pair sum = csk_fast_sum(n * CSK_LN2_HIGH, lead.high);
    const double tail = __builtin_fma(s, __builtin_fma(r, z, square), -square_low);
    return sum.high + (sum.low + (lead.low + (__builtin_fma(n, CSK_LN2_LOW, tail) + extra)));
}

/** A positive finite number as 2^k m, sqrt(1/2) <= m < sqrt(2). */
typedef struct {
    int64_t k;
    double m;
} csk_log_argument;

CSK_INLINE csk_log_argument csk_log_reduce(double x)
{
    const int denormal = x < 0x1p-1022;
    const uint64_t bits = csk_bits(denormal ? x * 0x1p54 : x);
    const int64_t k = (int64_t)(bits - CSK_SQRT_HALF_BITS) >> 52;
    return (csk_log_argument){denormal ? k - 54 : k, csk_from_bits(bits - ((uint64_t)k << 52))};
}

/** ln x: -infinity for 0, NaN below. */
CSK_INLINE double csk_log(double x)
{
    const csk_log_argument a = csk_log_reduce(x);
    double result = csk_log_reduced(a.m - 1.0, a.k, 0.0);
    result = x < CSK_INFINITY ? result : x; /* infinity and NaN */
    result = x == 0.0 ? -CSK_INFINITY : result;
    return x < 0.0 ? CSK_NAN : result;
}

/** ln(1 + x) without cancellation: -infinity for -1, NaN below. */
CSK_INLINE double csk_log1p(double x)
{
    const double sum = 1.0 + x;
    const double lost = x > 1.0 ? 1.0 - (sum - x) : x - (sum - 1.0);
    const csk_log_argument a = csk_log_reduce(sum);
    double result = csk_log_reduced(a.m - 1.0, a.k, lost / sum);
    result = __builtin_copysign(result, x); /* -0 stays -0 */
    result = x < CSK_INFINITY ? result : x;
    result = x == -1.0 ? -CSK_INFINITY : result;
    return x < -1.0 ? CSK_NAN : result;
}

/**
 * sin(2 pi (x + quarters/4)): x is brought to |r| <= 1/8 turn exactly, then Taylor's series to
 * angle^17 and angle^16 with |angle| <= pi/4; the rests are below 1e-19 and 2.1e-18.
 */
CSK_INLINE double csk_turn(double x, uint32_t quarters)
{
    const double rounded = __builtin_fma(x, 4.0, CSK_ROUNDER);
    const double r = __builtin_fma(rounded - CSK_ROUNDER, -0.25, x);
    const double angle = CSK_TWO_PI * r;
    const double z = angle * angle;
    double s = 1.0 / 355687428096000.0; /* 1/17! */
    s = __builtin_fma(s, z, -1.0 / 1307674368000.0);
    s = __builtin_fma(s, z, 1.0 / 6227020800.0);
    s = __builtin_fma(s, z, -1.0 / 39916800.0);
    s = __builtin_fma(s, z, 1.0 / 362880.0);
    s = __builtin_fma(s, z, -1.0 / 5040.0);
    s = __builtin_fma(s, z, 1.0 / 120.0);
    s = __builtin_fma(s, z, -1.0 / 6.0);
    double c = 1.0 / 20922789888000.0; /* 1/16! */
    c = __builtin_fma(c, z, -1.0 / 87178291200.0);
    c = __builtin_fma(c, z, 1.0 / 479001600.0);
    c = __builtin_fma(c, z, -1.0 / 3628800.0);
    c = __builtin_fma(c, z, 1.0 / 40320.0);
    c = __builtin_fma(c, z, -1.0 / 720.0);
    c = __builtin_fma(c, z, 1.0 / 24.0);
    c = __builtin_fma(c, z, -0.5);
    const double sine = __builtin_fma(angle * z, s, angle);
    const double cosine = __builtin_fma(c, z, 1.0);
    const uint32_t quadrant = (uint32_t)csk_bits(rounded) + quarters;
    const double value = (quadrant & 1) != 0 ? cosine : sine;
    const double result = (quadrant & 2) != 0 ? -value : value;
    return __builtin_fabs(x) <= 0x1p48 ? result : CSK_NAN;
}

/** sin(2 pi x) for |x| <= 2^48; NaN beyond (and for infinity and NaN). */
CSK_INLINE double csk_sin_turn(double x)
{
    return csk_turn(x, 0);
}

/** cos(2 pi x) for |x| <= 2^48; NaN beyond (and for infinity and NaN). */
CSK_INLINE double csk_cos_turn(double x)
{
    return csk_turn(x, 1);
}

#endif
