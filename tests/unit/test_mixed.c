/* SPDX-License-Identifier: MIT */
/*
 * The mixed kernel: the sum of the kernels of its parts, the reference, the herbicide's balance,
 * and the same bits for any team, any range and any cutting of the series.
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
#include "kernels/substance/mixed.h"

enum { N_CATCHMENTS = 4, N_TIME = 3000, N_COLUMNS = 5 };

/* Catchments with random weather, and room for their results. */
typedef struct {
    double weather[N_CATCHMENTS][3][N_TIME];
    double column[N_CATCHMENTS][N_COLUMNS][N_TIME];
    csk_forcing forcings[N_CATCHMENTS];
    csk_mixed_parameters parameters[N_CATCHMENTS];
    csk_herbicide_state states[N_CATCHMENTS];
    csk_mixed_trace traces[N_CATCHMENTS];
    csk_mixed_output outputs[N_CATCHMENTS];
} basin;

static basin first, second; /* too large for the stack */
static csk_patterns patterns;

static const csk_clock hourly = {.n_time = N_TIME, .step = 1.0 / 24.0, .start = 1.7e9};

static double between(size_t catchment, uint64_t index, double low, double high)
{
    return low + (high - low) * csk_uniform(29, catchment, index);
}

static void connect(basin *b, size_t c, size_t first_row)
{
    double *column[N_COLUMNS];
    for (size_t k = 0; k < N_COLUMNS; k++) {
        column[k] = b->column[c][k] + first_row;
    }
    b->traces[c] = (csk_mixed_trace){column[0], column[1], column[2]};
    b->outputs[c] =
        (csk_mixed_output){.load = column[3], .concentration = column[4], .trace = &b->traces[c]};
    b->forcings[c] = (csk_forcing){b->weather[c][0] + first_row, b->weather[c][1] + first_row,
                                   b->weather[c][2] + first_row};
}

static csk_mixed_parameters make_parameters(size_t c)
{
    return (csk_mixed_parameters){
        .herbicide = {.A_tot = between(c, 1u << 20, 2e6, 3e7),
                      .A_appl = between(c, 2u << 20, 1e5, 1e6),
                      .Mtot = 0.05,
                      .k = 0.7,
                      .Init_avail = 0.3,
                      .T_objective = 4.0,
                      .Transfer_au = 0.05,
                      .Transfer_ua = 0.003,
                      .Eta = 5e9},
        .biocide = {.A_appl = between(c, 3u << 20, 1e4, 1e5), .R_appl = 0.3, .Beta = 2e-5},
        .household = {.population = between(c, 4u << 20, 0.0, 1e5),
                      .consumption = 0.001,
                      .excreted = 0.1,
                      .connected = 0.95,
                      .removal = 0.1,
                      .direct = 1.0,
                      .point_load = c == 1 ? 5.0 : 0.0,
                      .patterns = c == 2 ? NULL : &patterns},
        .C_back = c == 3 ? 0.0 : 4.0};
}

static void make_basin(basin *b)
{
    memset(b, 0, sizeof *b);
    patterns = csk_patterns_even();
    patterns.daily[6] = 2.0;
    patterns.daily[3] = 0.0;
    patterns.weekly[0] = 1.5;
    patterns.weekly[6] = 0.5;
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        for (size_t i = 0; i < N_TIME; i++) {
            b->weather[c][0][i] = i % 11 == 0 ? 0.0 : between(c, 4 * i, -2.0, 16.0);
            b->weather[c][1][i] = fmax(0.0, between(c, 4 * i + 1, -30.0, 20.0));
            b->weather[c][2][i] = between(c, 4 * i + 2, -0.05, 1.0);
        }
        for (size_t k = 0; k < 3; k++) {
            b->weather[c][k][0] = (double)NAN; /* is never read */
        }
        connect(b, c, 0);
        b->parameters[c] = make_parameters(c);
        assert_null(csk_mixed_invalid(&b->parameters[c]));
        b->states[c] = csk_herbicide_initial(&b->parameters[c].herbicide);
        b->states[c].M_avail = 100.0;
    }
}

static void run_range(basin *b, const csk_clock *clock, size_t begin, size_t end)
{
    csk_mixed_range(b->outputs, b->states, b->forcings, b->parameters, clock, begin, end);
}

static int is_close(double x, double y, double tolerance)
{
    return fabs(x - y) <= tolerance * fabs(y) || (isnan(x) && isnan(y));
}

/* Loads of the parts on their own, without background, and one background. */
static void it_is_the_sum_of_its_parts(void **unused)
{
    (void)unused;
    static double load[3][N_TIME];
    static double ignored[N_TIME];
    make_basin(&first);
    run_range(&first, &hourly, 0, N_CATCHMENTS);
    make_basin(&second);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        const csk_mixed_parameters *p = &second.parameters[c];
        csk_herbicide_output herbicide = {.load = load[0], .concentration = ignored};
        csk_biocide_output biocide = {.load = load[1], .concentration = ignored};
        csk_household_output household = {.load = load[2], .concentration = ignored};
        csk_herbicide_range(&herbicide, &second.states[c], &second.forcings[c], &p->herbicide,
                            &hourly, 0, 1);
        csk_biocide_range(&biocide, &second.forcings[c], &p->biocide, &hourly, 0, 1);
        csk_household_range(&household, &second.forcings[c], &p->household, &hourly, 0, 1);
        size_t n_frost = 0;
        for (size_t i = 1; i < N_TIME; i++) {
            const double q = fmax(0.0, second.weather[c][2][i]);
            const double flux = (load[0][i] + load[1][i] + load[2][i]) / hourly.step;
            const double delivered = flux + 0.0864 * p->C_back * q;
            const double concentration = q > 0.0 ? delivered / (0.0864 * q) : (double)NAN;
            assert_true(is_close(first.column[c][3][i], delivered * hourly.step, 1e-14));
            assert_true(is_close(first.column[c][4][i], concentration, 1e-14));
            if (second.weather[c][0][i] <= 0.0) {
                assert_true(first.column[c][1][i] == 0.0);
                n_frost++;
            }
        }
        assert_true(n_frost > 100);
        assert_memory_equal(&first.states[c], &second.states[c], sizeof first.states[c]);
        assert_true(first.outputs[c].applied_mass == herbicide.applied_mass);
        assert_true(first.outputs[c].applied_mass > 0.0);
        assert_int_equal(first.outputs[c].n_negative, herbicide.n_negative);
    }
}

static void agrees_with_the_reference(void **unused)
{
    (void)unused;
    const csk_clock few = {.n_time = 1500, .step = hourly.step, .start = hourly.start};
    make_basin(&first);
    run_range(&first, &few, 0, N_CATCHMENTS);
    make_basin(&second);
    csk_mixed_ref(second.outputs, second.states, second.forcings, second.parameters, &few, 0,
                  N_CATCHMENTS);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        for (size_t k = 0; k < N_COLUMNS; k++) {
            for (size_t i = 0; i < few.n_time; i++) {
                assert_true(is_close(first.column[c][k][i], second.column[c][k][i], 1e-10));
            }
        }
        assert_true(is_close(first.outputs[c].lost_mass, second.outputs[c].lost_mass, 1e-11));
        assert_int_equal(first.outputs[c].n_negative, second.outputs[c].n_negative);
    }
}

static void mass_is_conserved(void **unused)
{
    (void)unused;
    make_basin(&first);
    run_range(&first, &hourly, 0, N_CATCHMENTS);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        const double came = 100.0 + first.outputs[c].applied_mass;
        const double left = first.states[c].M_avail + first.states[c].M_unavail;
        assert_true(is_close(first.outputs[c].lost_mass + left, came, 1e-12));
    }
}

static void teams_and_ranges_give_the_same_bits(void **unused)
{
    (void)unused;
    make_basin(&first);
    run_range(&first, &hourly, 0, N_CATCHMENTS);
    for (int n_threads = 1; n_threads <= 4; n_threads++) {
        make_basin(&second);
        csk_mixed(second.outputs, second.states, second.forcings, second.parameters, &hourly,
                  N_CATCHMENTS, n_threads);
        assert_memory_equal(first.column, second.column, sizeof first.column);
        assert_memory_equal(first.states, second.states, sizeof first.states);
    }
}

static void two_parts_make_a_series(void **unused)
{
    (void)unused;
    const size_t part = 1111;
    make_basin(&first);
    run_range(&first, &hourly, 0, N_CATCHMENTS);
    make_basin(&second);
    const csk_clock beginning = {.n_time = part, .step = hourly.step, .start = hourly.start};
    const csk_clock rest = {.n_time = N_TIME - part + 1,
                            .step = hourly.step,
                            .start = hourly.start,
                            .number = part - 1};
    run_range(&second, &beginning, 0, N_CATCHMENTS);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        connect(&second, c, part - 1);
    }
    run_range(&second, &rest, 0, N_CATCHMENTS);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        for (size_t k = 0; k < N_COLUMNS; k++) { /* fluxes of the shared row are now 0 */
            second.column[c][k][part - 1] = first.column[c][k][part - 1];
        }
    }
    assert_memory_equal(first.column, second.column, sizeof first.column);
}

static void invalid_parameters_are_named_with_their_part(void **unused)
{
    (void)unused;
    const csk_mixed_parameters good = make_parameters(0);
    csk_mixed_parameters bad = good;
    bad.herbicide.Eta = -1.0;
    assert_string_equal(csk_mixed_invalid(&bad), "herbicide.Eta must be a number >= 0");
    bad = good;
    bad.biocide.A_appl = (double)NAN;
    assert_string_equal(csk_mixed_invalid(&bad), "biocide.A_appl must be a number >= 0");
    bad = good;
    bad.household.direct = 2.0;
    assert_string_equal(csk_mixed_invalid(&bad), "household.direct must be in 0 .. 1");
    bad = good;
    bad.C_back = -1.0;
    assert_string_equal(csk_mixed_invalid(&bad), "C_back must be a number >= 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_sum_of_its_parts),
        cmocka_unit_test(agrees_with_the_reference),
        cmocka_unit_test(mass_is_conserved),
        cmocka_unit_test(teams_and_ranges_give_the_same_bits),
        cmocka_unit_test(two_parts_make_a_series),
        cmocka_unit_test(invalid_parameters_are_named_with_their_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
