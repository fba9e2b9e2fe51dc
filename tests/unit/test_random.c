/* SPDX-License-Identifier: MIT */
/*
 * The random numbers: known answers of the generator's authors, moments, and the normal quantile
 * against the error function of the C library.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "kernels/math/random.h"

enum { N_DRAWS = 1000000 };

/* Known answers published with the reference implementation of the paper (Random123, kat_vectors).
 */
static void philox_gives_the_published_answers(void **unused)
{
    (void)unused;
    static const struct {
        uint32_t counter[4], key[2], expected[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint32_t out[4];
        csk_philox(out, known[i].counter, known[i].key);
        assert_memory_equal(out, known[i].expected, sizeof out);
    }
}

/* The layout that random.h promises, with the third known answer. */
static void bits_go_where_the_header_says(void **unused)
{
    (void)unused;
    const double u = csk_uniform(UINT64_C(0x299f31d0a4093822), UINT64_C(0x0370734413198a2e),
                                 UINT64_C(0x85a308d3243f6a88));
    const uint64_t bits = UINT64_C(0x94fdccebd16cfe09) >> 12;
    assert_true(u == ((double)bits + 0.5) / 0x1p52);
    const double z = csk_normal(UINT64_C(0x299f31d0a4093822), UINT64_C(0x0370734413198a2e),
                                UINT64_C(0x85a308d3243f6a88));
    const uint64_t other = UINT64_C(0x24126ea15001e420) >> 12;
    assert_true(z == csk_normal_quantile(((double)other + 0.5) / 0x1p52));
}

/* Central moments of a sample about a known mean. */
typedef struct {
    double mean, variance, skewness, kurtosis;
} moments;

static moments moments_of(double draw(uint64_t, uint64_t, uint64_t), double mean)
{
    double sum[5] = {0.0};
    for (uint64_t i = 0; i < N_DRAWS; i++) {
        const double d = draw(1, 2, i) - mean;
        sum[1] += d;
        sum[2] += d * d;
        sum[3] += d * d * d;
        sum[4] += d * d * d * d;
    }
    const double variance = sum[2] / N_DRAWS;
    return (moments){mean + sum[1] / N_DRAWS, variance, sum[3] / N_DRAWS / pow(variance, 1.5),
                     sum[4] / N_DRAWS / (variance * variance)};
}

/* Bounds are about four standard errors of a million draws. */
static void uniform_has_its_moments(void **unused)
{
    (void)unused;
    const moments m = moments_of(csk_uniform, 0.5);
    assert_true(fabs(m.mean - 0.5) < 1.2e-3);
    assert_true(fabs(m.variance - 1.0 / 12.0) < 3e-4);
    assert_true(fabs(m.skewness) < 8e-3);
    assert_true(fabs(m.kurtosis - 1.8) < 8e-3);
}

static void normal_has_its_moments(void **unused)
{
    (void)unused;
    const moments m = moments_of(csk_normal, 0.0);
    assert_true(fabs(m.mean) < 4e-3);
    assert_true(fabs(m.variance - 1.0) < 6e-3);
    assert_true(fabs(m.skewness) < 1e-2);
    assert_true(fabs(m.kurtosis - 3.0) < 2e-2);
}

/* Pearson's chi-square over 1024 cells: mean 1023, standard deviation 45. */
static void uniform_fills_its_cells_evenly(void **unused)
{
    (void)unused;
    static int count[1024];
    for (uint64_t i = 0; i < N_DRAWS; i++) {
        const double u = csk_uniform(20220101, i, 3); /* along the streams this time */
        assert_true(u > 0.0 && u < 1.0);
        count[(int)(u * 1024.0)]++;
    }
    const double expected = N_DRAWS / 1024.0;
    double chi_square = 0.0;
    for (int k = 0; k < 1024; k++) {
        chi_square += (count[k] - expected) * (count[k] - expected) / expected;
    }
    print_message("chi-square: %.1f\n", chi_square);
    assert_true(chi_square > 1023.0 - 4.0 * 45.3 && chi_square < 1023.0 + 4.0 * 45.3);
}

static void uniform_and_normal_are_uncorrelated(void **unused)
{
    (void)unused;
    double same_index = 0.0;
    double next_index = 0.0;
    double next_stream = 0.0;
    for (uint64_t i = 0; i < N_DRAWS; i++) {
        const double z = csk_normal(5, 0, i);
        same_index += z * (csk_uniform(5, 0, i) - 0.5);
        next_index += z * csk_normal(5, 0, i + 1);
        next_stream += z * csk_normal(5, 1, i);
    }
    assert_true(fabs(same_index) < 4.0 * sqrt(N_DRAWS / 12.0));
    assert_true(fabs(next_index) < 4.0 * sqrt(N_DRAWS));
    assert_true(fabs(next_stream) < 4.0 * sqrt(N_DRAWS));
}

/* The distribution function of the quantile gives p back; erfc is that of the C library. */
static void quantile_inverts_the_distribution(void **unused)
{
    (void)unused;
    for (int i = 1; i < 4000; i++) {
        const double p = i <= 2000 ? i / 4000.0 : pow(10.0, -(i - 2000) / 130.0);
        const long double z = (long double)csk_normal_quantile(p);
        const long double back = 0.5L * erfcl(-z * 0.707106781186547524400844362104849L);
        /* dp/p = z dz for small p: an error of 1e-15 in z counts z^2 times */
        const long double bound = 2e-15L * (1.0L + z * z);
        assert_true(fabsl(back - (long double)p) <= bound * (long double)p);
    }
    for (int i = 1; i < 4096; i++) { /* here 1 - p is exact */
        const double p = i / 4096.0;
        assert_true(csk_normal_quantile(1.0 - p) == -csk_normal_quantile(p));
    }
    assert_true(csk_normal_quantile(0.5) == 0.0);
    assert_true(csk_normal_quantile(0.0) == -INFINITY && csk_normal_quantile(1.0) == INFINITY);
    assert_true(isnan(csk_normal_quantile(-0.1)) && isnan(csk_normal_quantile(1.1)));
    assert_true(isnan(csk_normal_quantile(NAN)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_answers),
        cmocka_unit_test(bits_go_where_the_header_says),
        cmocka_unit_test(uniform_has_its_moments),
        cmocka_unit_test(normal_has_its_moments),
        cmocka_unit_test(uniform_fills_its_cells_evenly),
        cmocka_unit_test(uniform_and_normal_are_uncorrelated),
        cmocka_unit_test(quantile_inverts_the_distribution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
