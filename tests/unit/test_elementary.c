/* SPDX-License-Identifier: MIT */
/*
 * Exponential, logarithm, sine and cosine against the long double functions of the C library, whose
 * 11 bits more make them the truth here. Errors are in units of the last place of the true value.
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "kernels/math/elementary.h"

enum { N_DENSE = 200000, N_RANDOM = 300000 };

typedef double function(double x);
typedef long double truth(long double x);

/* The worst error of a function so far, and where. */
typedef struct {
    double ulp;
    double x;
} worst;

static double do_exp(double x)
{
    return csk_exp(x);
}

static double do_expm1(double x)
{
    return csk_expm1(x);
}

static double do_log(double x)
{
    return csk_log(x);
}

static double do_log1p(double x)
{
    return csk_log1p(x);
}

/* The distance of two neighbours among the doubles at |y|. */
static long double unit_of_last_place(long double y)
{
    int exponent;
    frexpl(y, &exponent);
    return ldexpl(1.0L, exponent - 53 < -1074 ? -1074 : exponent - 53);
}

static void compare(worst *w, function f, truth *g, double x)
{
    const double value = f(x);
    const long double expected = g((long double)x);
    if (!isfinite(value) && (value == (double)expected || (isnan(value) && isnan(expected)))) {
        return;
    }
    const double ulp =
        (double)(fabsl((long double)value - expected) / unit_of_last_place(expected));
    if (!(ulp <= w->ulp)) { /* also where it is NaN */
        *w = (worst){ulp, x};
    }
}

/* splitmix64 (Steele, Lea and Flood 2014): independent of the generator under test elsewhere. */
static uint64_t random_bits(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static double random_between(uint64_t *state, double low, double high)
{
    return low + (high - low) * ((double)(random_bits(state) >> 11) * 0x1p-53);
}

static void sweep(worst *w, function f, truth *g, double low, double high)
{
    uint64_t state = 42;
    for (int i = 0; i <= N_DENSE; i++) {
        compare(w, f, g, low + (high - low) * i / N_DENSE);
    }
    for (int i = 0; i < N_RANDOM; i++) {
        compare(w, f, g, random_between(&state, low, high));
    }
}

/* Doubles with random bits, so of every exponent, denormal ones and NaN among them. */
static void sweep_bits(worst *w, function f, truth *g, int only_positive)
{
    uint64_t state = 7;
    for (int i = 0; i < N_RANDOM; i++) {
        const uint64_t bits = random_bits(&state);
        compare(w, f, g, csk_from_bits(only_positive ? bits >> 1 : bits));
    }
}

/* 4000 neighbours on each side of x, where intervals meet or results leave the range. */
static void sweep_neighbours(worst *w, function f, truth *g, double x)
{
    double below = x;
    double above = x;
    for (int i = 0; i < 4000; i++) {
        compare(w, f, g, below);
        compare(w, f, g, above);
        below = nextafter(below, -INFINITY);
        above = nextafter(above, INFINITY);
    }
}

static void assert_worst(const char *name, worst w)
{
    print_message("%s: at most %.4f ulp, at %a\n", name, w.ulp, w.x);
    assert_true(w.ulp <= 1.0);
    assert_true(w.ulp > 0.3); /* the comparison works: rounding alone gives up to 0.5 */
}

static void exp_is_within_one_ulp(void **unused)
{
    (void)unused;
    worst w = {0};
    sweep(&w, do_exp, expl, -0.4, 0.4);
    sweep(&w, do_exp, expl, -50.0, 50.0);
    sweep(&w, do_exp, expl, -750.0, 720.0);
    sweep(&w, do_exp, expl, -746.0, -707.0); /* gradual underflow */
    sweep(&w, do_exp, expl, 709.0, 709.782712893383996);
    sweep_bits(&w, do_exp, expl, 0);
    sweep_neighbours(&w, do_exp, expl, 709.78271289338397);
    sweep_neighbours(&w, do_exp, expl, -708.39641853226411);
    sweep_neighbours(&w, do_exp, expl, -745.13321910194122);
    for (int n = -60; n <= 60; n++) { /* where the reduction goes to the next n */
        sweep_neighbours(&w, do_exp, expl, (n + 0.5) * 0.69314718055994530942);
    }
    assert_worst("exp", w);
}

static void expm1_is_within_one_ulp(void **unused)
{
    (void)unused;
    worst w = {0};
    sweep(&w, do_expm1, expm1l, -1e-3, 1e-3);
    sweep(&w, do_expm1, expm1l, -0.4, 0.4);
    sweep(&w, do_expm1, expm1l, -2.0, 2.0);
    sweep(&w, do_expm1, expm1l, -45.0, 45.0);
    sweep(&w, do_expm1, expm1l, -750.0, 720.0);
    sweep_bits(&w, do_expm1, expm1l, 0);
    sweep_neighbours(&w, do_expm1, expm1l, 40.0);
    sweep_neighbours(&w, do_expm1, expm1l, -40.0);
    sweep_neighbours(&w, do_expm1, expm1l, 0x1p-1022);
    for (int n = -60; n <= 60; n++) {
        sweep_neighbours(&w, do_expm1, expm1l, (n + 0.5) * 0.69314718055994530942);
    }
    assert_worst("expm1", w);
}

static void log_is_within_one_ulp(void **unused)
{
    (void)unused;
    worst w = {0};
    sweep(&w, do_log, logl, 0.5, 2.0);
    sweep(&w, do_log, logl, 0.999, 1.001);
    sweep(&w, do_log, logl, 0.0, 1e6);
    sweep(&w, do_log, logl, 0.0, 0x1p-1021);
    sweep_bits(&w, do_log, logl, 1);
    sweep_neighbours(&w, do_log, logl, 1.0);
    sweep_neighbours(&w, do_log, logl, 0.70710678118654752440);
    sweep_neighbours(&w, do_log, logl, 1.41421356237309504880);
    sweep_neighbours(&w, do_log, logl, 0x1p-1022);
    assert_worst("log", w);
}

static void log1p_is_within_one_ulp(void **unused)
{
    (void)unused;
    worst w = {0};
    sweep(&w, do_log1p, log1pl, -1e-3, 1e-3);
    sweep(&w, do_log1p, log1pl, -0.9999, 2.0);
    sweep(&w, do_log1p, log1pl, -1e-15, 1e-15);
    sweep(&w, do_log1p, log1pl, 0.0, 1e18);
    sweep_bits(&w, do_log1p, log1pl, 1);
    sweep_neighbours(&w, do_log1p, log1pl, 1.0);
    sweep_neighbours(&w, do_log1p, log1pl, -0.99999999999);
    assert_worst("log1p", w);
}

static void sine_and_cosine_are_within_2_to_minus_52(void **unused)
{
    (void)unused;
    const long double two_pi = 6.283185307179586476925286766559006L;
    uint64_t state = 11;
    long double largest = 0.0L;
    for (int i = 0; i < N_RANDOM; i++) {
        const double x = random_between(&state, -2.0, 2.0) * (i % 3 == 0 ? 0x1p-4 : 1.0);
        largest = fmaxl(largest, fabsl((long double)csk_sin_turn(x) - sinl(two_pi * x)));
        largest = fmaxl(largest, fabsl((long double)csk_cos_turn(x) - cosl(two_pi * x)));
        /* whole turns change nothing, not even a bit (x + 4096 is made exact first) */
        const double coarse = (x + 0x1p30) - 0x1p30;
        assert_true(csk_sin_turn(coarse + 4096.0) == csk_sin_turn(coarse));
        assert_true(csk_sin_turn(-x) == -csk_sin_turn(x));
        assert_true(csk_cos_turn(-x) == csk_cos_turn(x));
    }
    print_message("sin, cos: at most %.3Lf of 2^-52\n", largest * 0x1p52L);
    assert_true(largest <= 0x1p-52L);
    assert_true(csk_sin_turn(0.25) == 1.0 && csk_cos_turn(0.5) == -1.0);
    assert_true(csk_sin_turn(0.5) == 0.0 && csk_cos_turn(-0.75) == 0.0);
    assert_true(isnan(csk_sin_turn(INFINITY)) && isnan(csk_cos_turn(NAN)));
}

static void edges_are_those_of_the_standard(void **unused)
{
    (void)unused;
    assert_true(csk_exp(0.0) == 1.0 && csk_exp(-0.0) == 1.0);
    assert_true(csk_exp(INFINITY) == INFINITY && csk_exp(710.0) == INFINITY);
    assert_true(csk_exp(DBL_MAX) == INFINITY && csk_exp(-DBL_MAX) == 0.0);
    assert_true(csk_exp(-INFINITY) == 0.0 && csk_exp(-746.0) == 0.0);
    assert_true(csk_exp(-745.0) == 0x1p-1074);
    assert_true(isnan(csk_exp(NAN)) && isnan(csk_expm1(NAN)));
    assert_true(isnan(csk_log(NAN)) && isnan(csk_log1p(NAN)));
    assert_true(csk_expm1(-INFINITY) == -1.0 && csk_expm1(INFINITY) == INFINITY);
    assert_true(csk_expm1(0x1p-1074) == 0x1p-1074 && csk_expm1(-1e-310) == -1e-310);
    assert_true(csk_expm1(0.0) == 0.0 && signbit(csk_expm1(-0.0)) && !signbit(csk_expm1(0.0)));
    assert_true(csk_log(1.0) == 0.0 && !signbit(csk_log(1.0)));
    assert_true(csk_log(0.0) == -INFINITY && csk_log(-0.0) == -INFINITY);
    assert_true(csk_log(INFINITY) == INFINITY);
    assert_true(isnan(csk_log(-1.0)) && isnan(csk_log(-INFINITY)) && isnan(csk_log(-1e-310)));
    assert_true(csk_log1p(-1.0) == -INFINITY && csk_log1p(INFINITY) == INFINITY);
    assert_true(isnan(csk_log1p(-1.5)) && isnan(csk_log1p(-INFINITY)));
    assert_true(csk_log1p(1e-310) == 1e-310 && signbit(csk_log1p(-0.0)));
}

/*
 * The same bits everywhere: a checksum over results of all functions, as first computed (x86-64
 * with fma, gcc 12, -O2); the same on processors without fma, with clang, and at every -O.
 */
static void results_have_the_bits_they_always_had(void **unused)
{
    (void)unused;
    uint64_t state = 2024;
    uint64_t sum = 0;
    for (int i = 0; i < 100000; i++) {
        const double x = random_between(&state, -20.0, 20.0);
        const double results[] = {csk_exp(x),         csk_expm1(x),    csk_log(fabs(x)),
                                  csk_log1p(fabs(x)), csk_sin_turn(x), csk_cos_turn(x)};
        for (size_t k = 0; k < sizeof results / sizeof results[0]; k++) {
            sum = (sum ^ csk_bits(results[k])) * UINT64_C(0x100000001b3);
        }
    }
    print_message("checksum: %016llx\n", (unsigned long long)sum);
    assert_true(sum == UINT64_C(0xcbf48065a57b22e8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_is_within_one_ulp),
        cmocka_unit_test(expm1_is_within_one_ulp),
        cmocka_unit_test(log_is_within_one_ulp),
        cmocka_unit_test(log1p_is_within_one_ulp),
        cmocka_unit_test(sine_and_cosine_are_within_2_to_minus_52),
        cmocka_unit_test(edges_are_those_of_the_standard),
        cmocka_unit_test(results_have_the_bits_they_always_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
