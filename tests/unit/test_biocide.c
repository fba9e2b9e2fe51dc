/* SPDX-License-Identifier: MIT */
/*
 * The biocide kernel: values worked out by hand from the equation, the reference, and the same bits
 * for any team and any range.
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
#include "kernels/substance/biocide.h"

enum { N_CATCHMENTS = 7, N_TIME = 500 };

/* Catchments with random weather, and room for their results. */
typedef struct {
    double forcing_rows[N_CATCHMENTS][3][N_TIME];
    double result_rows[N_CATCHMENTS][4][N_TIME];
    csk_forcing forcings[N_CATCHMENTS];
    csk_biocide_parameters parameters[N_CATCHMENTS];
    csk_biocide_trace traces[N_CATCHMENTS];
    csk_biocide_output outputs[N_CATCHMENTS];
} basin;

static const csk_clock hourly = {.n_time = N_TIME, .step = 1.0 / 24.0};

static double between(uint64_t stream, uint64_t index, double low, double high)
{
    return low + (high - low) * csk_uniform(3, stream, index);
}

static void make_basin(basin *b)
{
    memset(b, 0, sizeof *b);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        double(*row)[N_TIME] = b->forcing_rows[c];
        for (size_t i = 0; i < N_TIME; i++) {
            row[0][i] = i % 11 == 0 ? 0.0 : between(4 * c, i, -10.0, 20.0);
            row[1][i] = between(4 * c + 1, i, -30.0, 60.0); /* below 0 is none */
            row[2][i] = between(4 * c + 2, i, -0.2, 2.0);
        }
        for (size_t k = 0; k < 3; k++) {
            row[k][0] = (double)NAN; /* is never read */
        }
        b->forcings[c] = (csk_forcing){row[0], row[1], row[2]};
        b->parameters[c] = (csk_biocide_parameters){.A_appl = between(4 * c + 3, 0, 0.0, 1e6),
                                                    .R_appl = between(4 * c + 3, 1, 0.0, 0.5),
                                                    .Beta = between(4 * c + 3, 2, 0.0, 1e-3),
                                                    .C_back = c == 0 ? 0.0 : 2.5};
        b->traces[c] = (csk_biocide_trace){b->result_rows[c][0], b->result_rows[c][1]};
        b->outputs[c] = (csk_biocide_output){b->result_rows[c][2], b->result_rows[c][3],
                                             c == 3 ? NULL : &b->traces[c], 99};
    }
}

/* Six rows whose results can be worked out on paper. */
static void rows_give_what_the_equation_says(void **unused)
{
    (void)unused;
    const double T[] = {9.0, 10.0, 0.0, 0.01, 10.0, 10.0};
    const double P[] = {9.0, 24.0, 24.0, 0.0, 24.0, 24.0};
    const double Q[] = {9.0, 0.5, 0.5, 0.5, 0.0, -1.0};
    double load[6];
    double concentration[6];
    double Flux[6];
    double L[6];
    const csk_forcing forcing = {T, P, Q};
    const csk_biocide_parameters p = {.A_appl = 1e5, .R_appl = 0.3, .Beta = 1e-4, .C_back = 2.0};
    const csk_clock clock = {.n_time = 6, .step = 0.25};
    csk_biocide_trace trace = {Flux, L};
    csk_biocide_output output = {load, concentration, &trace, 99};
    csk_biocide_range(&output, &forcing, &p, &clock, 0, 1);

    const double flux = 72.0;         /* 1e-4 x 0.3 x 1e5 x 24 g/d */
    const double background = 0.0864; /* 0.0864 x 2 ng/L x 0.5 m3/s */
    const double expected_load[] = {0.0,     (flux + background) / 4, 0.0, background / 4, flux / 4,
                                    flux / 4};
    const double c = 72.0 / (86400.0 * 0.5) * 1e6 + 2.0;
    const double expected_concentration[] = {0.0, c, 0.0, 2.0};
    for (size_t i = 0; i < 6; i++) {
        assert_true(fabs(load[i] - expected_load[i]) <= 1e-14 * expected_load[i]);
        assert_true(i >= 4 ? isnan(concentration[i])
                           : fabs(concentration[i] - expected_concentration[i]) <= 1e-14 * c);
    }
    assert_true(Flux[0] == 0.0 && fabs(Flux[2] - flux) < 1e-12); /* printed in frost too */
    assert_true(L[2] == 0.0 && L[4] == 0.0 && fabs(L[1] - flux - background) < 1e-12);
    assert_int_equal(output.n_negative, 1);
}

static void assert_close(const double *x, const double *y, double tolerance)
{
    for (size_t i = 0; i < N_TIME; i++) {
        assert_true(fabs(x[i] - y[i]) <= tolerance * fabs(y[i]) || (isnan(x[i]) && isnan(y[i])));
    }
}

static void agrees_with_the_reference(void **unused)
{
    (void)unused;
    static basin fast, plain;
    make_basin(&fast);
    make_basin(&plain);
    csk_biocide_range(fast.outputs, fast.forcings, fast.parameters, &hourly, 0, N_CATCHMENTS);
    csk_biocide_ref(plain.outputs, plain.forcings, plain.parameters, &hourly, 0, N_CATCHMENTS);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        for (size_t k = 0; k < 4; k++) {
            assert_close(fast.result_rows[c][k], plain.result_rows[c][k], 2e-15);
        }
        assert_true(fast.outputs[c].n_negative > 0);
        assert_int_equal(fast.outputs[c].n_negative, plain.outputs[c].n_negative);
    }
}

static void teams_and_ranges_give_the_same_bits(void **unused)
{
    (void)unused;
    static basin serial, other;
    make_basin(&serial);
    csk_biocide_range(serial.outputs, serial.forcings, serial.parameters, &hourly, 0, N_CATCHMENTS);
    for (int n_threads = 1; n_threads <= 4; n_threads++) {
        make_basin(&other);
        csk_biocide(other.outputs, other.forcings, other.parameters, &hourly, N_CATCHMENTS,
                    n_threads);
        assert_memory_equal(serial.result_rows, other.result_rows, sizeof serial.result_rows);
    }
    make_basin(&other);
    csk_biocide_range(other.outputs, other.forcings, other.parameters, &hourly, 3, N_CATCHMENTS);
    csk_biocide_range(other.outputs, other.forcings, other.parameters, &hourly, 0, 3);
    assert_memory_equal(serial.result_rows, other.result_rows, sizeof serial.result_rows);
}

static void invalid_parameters_are_named(void **unused)
{
    (void)unused;
    const csk_biocide_parameters good = {.A_appl = 1.0, .R_appl = 0.0, .Beta = 1.0, .C_back = 0.0};
    assert_null(csk_biocide_invalid(&good));
    csk_biocide_parameters bad = good;
    bad.Beta = -1e-9;
    assert_non_null(strstr(csk_biocide_invalid(&bad), "Beta"));
    bad = good;
    bad.C_back = (double)NAN;
    assert_non_null(strstr(csk_biocide_invalid(&bad), "C_back"));
    bad = good;
    bad.A_appl = (double)INFINITY;
    assert_non_null(strstr(csk_biocide_invalid(&bad), "A_appl"));
}

static void no_rows_are_no_problem(void **unused)
{
    (void)unused;
    const csk_clock none = {.n_time = 0, .step = 1.0};
    const csk_forcing forcing = {NULL, NULL, NULL};
    const csk_biocide_parameters p = {.A_appl = 1.0};
    csk_biocide_output output = {NULL, NULL, NULL, 99};
    csk_biocide_range(&output, &forcing, &p, &none, 0, 1);
    assert_int_equal(output.n_negative, 0);
    csk_biocide(NULL, NULL, NULL, &none, 0, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_give_what_the_equation_says),
        cmocka_unit_test(agrees_with_the_reference),
        cmocka_unit_test(teams_and_ranges_give_the_same_bits),
        cmocka_unit_test(invalid_parameters_are_named),
        cmocka_unit_test(no_rows_are_no_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
