/* SPDX-License-Identifier: MIT */
/*
 * The biocide_wwtp kernel: values worked out by hand from the equation, the reference, and the same
 * bits for any team and any range. The comparison with the original model is in test_golden.c.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/math/random.h"
#include "kernels/substance/biocide_wwtp.h"

enum { N_CATCHMENTS = 6, N_TIME = 300, N_COLUMNS = 3 };

/* Catchments with random weather, and room for their results. */
typedef struct {
    double weather[N_CATCHMENTS][2][N_TIME];
    double column[N_CATCHMENTS][N_COLUMNS][N_TIME];
    csk_forcing forcings[N_CATCHMENTS];
    csk_biocide_wwtp_parameters parameters[N_CATCHMENTS];
    csk_biocide_wwtp_trace traces[N_CATCHMENTS];
    csk_biocide_wwtp_output outputs[N_CATCHMENTS];
} basin;

static basin first, second;

static const csk_clock hourly = {.n_time = N_TIME, .step = 1.0 / 24.0};

static double between(uint64_t stream, uint64_t index, double low, double high)
{
    return low + (high - low) * csk_uniform(7, stream, index);
}

static void make_basin(basin *b)
{
    memset(b, 0, sizeof *b);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        for (size_t i = 0; i < N_TIME; i++) {
            b->weather[c][0][i] = between(4 * c, i, -30.0, 60.0); /* below 0 is none */
            b->weather[c][1][i] = between(4 * c + 1, i, -0.2, 2.0);
        }
        b->weather[c][0][0] = b->weather[c][1][0] = (double)NAN; /* is never read */
        b->forcings[c] =
            (csk_forcing){.precipitation = b->weather[c][0], .local_discharge = b->weather[c][1]};
        b->parameters[c] = (csk_biocide_wwtp_parameters){.a_urban = between(4 * c + 2, 0, 0.0, 1e6),
                                                         .M_stock = between(4 * c + 2, 1, 0.0, 0.5),
                                                         .beta = between(4 * c + 2, 2, 0.0, 0.1),
                                                         .k_wwtp = between(4 * c + 2, 3, 0.0, 1.0),
                                                         .f_wwtp = between(4 * c + 2, 4, -0.5, 1.5),
                                                         .C_background = c == 0 ? 0.0 : 2.5};
        assert_null(csk_biocide_wwtp_invalid(&b->parameters[c]));
        b->traces[c] = (csk_biocide_wwtp_trace){b->column[c][0]};
        b->outputs[c] = (csk_biocide_wwtp_output){b->column[c][1], b->column[c][2],
                                                  c == 3 ? NULL : &b->traces[c], 99};
    }
}

/* 0.02/m x 1e5 m2 x 0.3 g/m2 x 0.024 m/d = 14.4 g/d, of which half goes through 0.8 of removal. */
static void rows_give_what_the_equation_says(void **unused)
{
    (void)unused;
    const double P[] = {9.0, 24.0, 0.0, 24.0};
    const double Q[] = {9.0, 0.5, 0.5, -1.0};
    double load[4], concentration[4], F_X[4];
    const csk_forcing forcing = {.precipitation = P, .local_discharge = Q};
    csk_biocide_wwtp_parameters p = {.a_urban = 1e5,
                                     .M_stock = 0.3,
                                     .beta = 0.02,
                                     .k_wwtp = 0.8,
                                     .f_wwtp = 0.5,
                                     .C_background = 2.0};
    const csk_clock clock = {.n_time = 4, .step = 0.25};
    csk_biocide_wwtp_trace trace = {F_X};
    csk_biocide_wwtp_output output = {load, concentration, &trace, 99};
    csk_biocide_wwtp_range(&output, &forcing, &p, &clock, 0, 1);
    const double flux = 14.4 * 0.6;
    assert_true(load[0] == 0.0 && concentration[0] == 0.0 && F_X[0] == 0.0);
    assert_true(fabs(F_X[1] - flux - 0.0864) < 1e-13);
    assert_true(fabs(load[1] - (flux + 0.0864) / 4) < 1e-13);
    assert_true(fabs(concentration[1] - (flux / 43200.0 * 1e6 + 2.0)) < 1e-11);
    assert_true(fabs(concentration[2] - 2.0) < 1e-15);
    assert_true(fabs(load[3] - flux / 4) < 1e-13 && isnan(concentration[3]));
    assert_int_equal(output.n_negative, 1);
    p.f_wwtp = 7.0; /* counts as 1 */
    csk_biocide_wwtp_range(&output, &forcing, &p, &clock, 0, 1);
    assert_true(fabs(load[3] - 14.4 * 0.2 / 4) < 1e-13);
    p.f_wwtp = -7.0; /* counts as 0 */
    csk_biocide_wwtp_range(&output, &forcing, &p, &clock, 0, 1);
    assert_true(fabs(load[3] - 14.4 / 4) < 1e-13);
}

static void agrees_with_the_reference(void **unused)
{
    (void)unused;
    make_basin(&first);
    make_basin(&second);
    csk_biocide_wwtp_range(first.outputs, first.forcings, first.parameters, &hourly, 0,
                           N_CATCHMENTS);
    csk_biocide_wwtp_ref(second.outputs, second.forcings, second.parameters, &hourly, 0,
                         N_CATCHMENTS);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        for (size_t k = 0; k < N_COLUMNS; k++) {
            const double *x = first.column[c][k];
            const double *y = second.column[c][k];
            for (size_t i = 0; i < N_TIME; i++) {
                assert_true(fabs(x[i] - y[i]) <= 2e-15 * fabs(y[i]) ||
                            (isnan(x[i]) && isnan(y[i])));
            }
        }
        assert_true(first.outputs[c].n_negative > 0);
        assert_int_equal(first.outputs[c].n_negative, second.outputs[c].n_negative);
    }
}

static void teams_and_ranges_give_the_same_bits(void **unused)
{
    (void)unused;
    make_basin(&first);
    csk_biocide_wwtp_range(first.outputs, first.forcings, first.parameters, &hourly, 0,
                           N_CATCHMENTS);
    for (int n_threads = 1; n_threads <= 4; n_threads++) {
        make_basin(&second);
        csk_biocide_wwtp(second.outputs, second.forcings, second.parameters, &hourly, N_CATCHMENTS,
                         n_threads);
        assert_memory_equal(first.column, second.column, sizeof first.column);
    }
}

static void invalid_parameters_are_named(void **unused)
{
    (void)unused;
    const csk_biocide_wwtp_parameters good = {.a_urban = 1.0};
    csk_biocide_wwtp_parameters bad = good;
    assert_null(csk_biocide_wwtp_invalid(&good));
    bad.beta = -1e-9;
    assert_non_null(strstr(csk_biocide_wwtp_invalid(&bad), "beta"));
    bad = good;
    bad.k_wwtp = 1.1;
    assert_non_null(strstr(csk_biocide_wwtp_invalid(&bad), "k_wwtp"));
    bad = good;
    bad.f_wwtp = (double)NAN;
    assert_non_null(strstr(csk_biocide_wwtp_invalid(&bad), "f_wwtp"));
    bad = good;
    bad.M_stock = -1.0;
    assert_non_null(strstr(csk_biocide_wwtp_invalid(&bad), "M_stock"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_give_what_the_equation_says),
        cmocka_unit_test(agrees_with_the_reference),
        cmocka_unit_test(teams_and_ranges_give_the_same_bits),
        cmocka_unit_test(invalid_parameters_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
