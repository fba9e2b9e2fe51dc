/* SPDX-License-Identifier: MIT */
/*
 * The household kernel and the patterns of emission: values worked out by hand, means over rows of
 * any length, the reference that adds up seconds, and the same bits for any team and any range.
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
#include "kernels/substance/household.h"

enum { N_CATCHMENTS = 5, N_TIME = 200 };

/* 2024-02-26 00:00 UTC, a Monday; 2024 has a 29 February. */
#define MONDAY 1708905600

/* Catchments with random discharge, and room for their results. */
typedef struct {
    double discharge[N_CATCHMENTS][N_TIME];
    double column[N_CATCHMENTS][4][N_TIME];
    csk_forcing forcings[N_CATCHMENTS];
    csk_household_parameters parameters[N_CATCHMENTS];
    csk_household_trace traces[N_CATCHMENTS];
    csk_household_output outputs[N_CATCHMENTS];
} basin;

static basin first, second;
static csk_patterns patterns;

static double between(uint64_t stream, uint64_t index, double low, double high)
{
    return low + (high - low) * csk_uniform(5, stream, index);
}

/* Random factors with mean 1. */
static void make_pattern(double *factors, size_t n, uint64_t stream)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        factors[i] = between(stream, i, 0.0, 2.0);
        sum += factors[i];
    }
    for (size_t i = 0; i < n; i++) {
        factors[i] *= (double)n / sum;
    }
}

static void make_patterns(void)
{
    make_pattern(patterns.weekly, CSK_N_WEEKLY, 100);
    make_pattern(patterns.daily, CSK_N_DAILY, 101);
    make_pattern(patterns.monthly, CSK_N_MONTHLY, 102);
}

static void make_basin(basin *b)
{
    memset(b, 0, sizeof *b);
    make_patterns();
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        for (size_t i = 0; i < N_TIME; i++) {
            b->discharge[c][i] = between(2 * c, i, -0.1, 2.0);
        }
        b->discharge[c][0] = (double)NAN; /* is never read */
        b->forcings[c] = (csk_forcing){.local_discharge = b->discharge[c]};
        b->parameters[c] =
            (csk_household_parameters){.population = between(2 * c + 1, 0, 0.0, 1e5),
                                       .consumption = between(2 * c + 1, 1, 0.0, 0.01),
                                       .excreted = between(2 * c + 1, 2, 0.0, 1.0),
                                       .connected = between(2 * c + 1, 3, 0.0, 1.0),
                                       .removal = between(2 * c + 1, 4, 0.0, 1.0),
                                       .direct = between(2 * c + 1, 5, 0.0, 1.0),
                                       .point_load = c == 2 ? 40.0 : 0.0,
                                       .C_back = c == 0 ? 0.0 : 2.5,
                                       .patterns = c == 1 ? NULL : &patterns};
        b->traces[c] = (csk_household_trace){b->column[c][0], b->column[c][1]};
        b->outputs[c] = (csk_household_output){b->column[c][2], b->column[c][3],
                                               c == 3 ? NULL : &b->traces[c], 99};
    }
}

static void assert_near(double x, double expected, double tolerance)
{
    if (!(fabs(x - expected) <= tolerance * fabs(expected))) {
        fail_msg("%.17g, expected %.17g", x, expected);
    }
}

/*
 * 1000 persons x 0.002 g x 0.5 = 1 g/d; 0.8 connected with half removed, 0.2 past the plant of
 * which a tenth arrives: 0.42 g/d. And 3 g/d of a hospital.
 */
static void rows_give_what_the_equation_says(void **unused)
{
    (void)unused;
    const double Q[] = {9.0, 0.5, 0.0, -1.0};
    double load[4], concentration[4], Flux[4], L[4];
    const csk_forcing forcing = {.local_discharge = Q};
    const csk_household_parameters p = {.population = 1000.0,
                                        .consumption = 0.002,
                                        .excreted = 0.5,
                                        .connected = 0.8,
                                        .removal = 0.5,
                                        .direct = 0.1,
                                        .point_load = 3.0,
                                        .C_back = 2.0};
    const csk_clock clock = {.n_time = 4, .step = 0.25};
    csk_household_trace trace = {Flux, L};
    csk_household_output output = {load, concentration, &trace, 99};
    assert_null(csk_household_invalid(&p));
    csk_household_range(&output, &forcing, &p, &clock, 0, 1);
    assert_true(load[0] == 0.0 && concentration[0] == 0.0 && Flux[0] == 0.0 && L[0] == 0.0);
    assert_near(Flux[1], 3.42, 1e-15);
    assert_near(load[1], (3.42 + 0.0864) / 4, 1e-15);
    assert_near(concentration[1], 3.42 / (86400.0 * 0.5) * 1e6 + 2.0, 1e-15);
    for (size_t i = 2; i < 4; i++) { /* point sources do not vanish without water */
        assert_near(load[i], 3.42 / 4, 1e-15);
        assert_true(isnan(concentration[i]));
    }
    assert_int_equal(output.n_negative, 1);
}

/* Largest difference relative to the value. */
static void assert_close(const double *x, const double *y, double tolerance)
{
    for (size_t i = 0; i < N_TIME; i++) {
        assert_true(fabs(x[i] - y[i]) <= tolerance * fabs(y[i]) || (isnan(x[i]) && isnan(y[i])));
    }
}

/* Rows of an hour, of a third of it off the hour, of a day at 5 o'clock, of a week. */
static void agrees_with_the_reference(void **unused)
{
    (void)unused;
    const csk_clock clocks[] = {
        {.n_time = N_TIME, .step = 1.0 / 24.0, .start = MONDAY},
        {.n_time = N_TIME, .step = 1.0 / 72.0, .start = MONDAY + 600.0, .number = 31},
        {.n_time = 20, .step = 1.0, .start = MONDAY - 19.0 * 3600.0},
        {.n_time = 4, .step = 7.0, .start = MONDAY},
    };
    for (size_t k = 0; k < sizeof clocks / sizeof clocks[0]; k++) {
        make_basin(&first);
        make_basin(&second);
        csk_household_range(first.outputs, first.forcings, first.parameters, &clocks[k], 0,
                            N_CATCHMENTS);
        csk_household_ref(second.outputs, second.forcings, second.parameters, &clocks[k], 0,
                          N_CATCHMENTS);
        for (size_t c = 0; c < N_CATCHMENTS; c++) {
            for (size_t j = 0; j < 4; j++) {
                assert_close(first.column[c][j], second.column[c][j], 2e-15);
            }
            assert_int_equal(first.outputs[c].n_negative, second.outputs[c].n_negative);
        }
    }
}

/* Every month from 1970 to 2400, by a calendar that counts days. */
static void months_follow_the_calendar(void **unused)
{
    (void)unused;
    static const int LENGTH[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    csk_patterns p = csk_patterns_even();
    for (size_t i = 0; i < CSK_N_MONTHLY; i++) {
        p.monthly[i] = (double)(i + 1);
    }
    int64_t day = 0;
    for (int year = 1970; year <= 2400; year++) {
        const int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 0; month < 12; month++) {
            const int length = LENGTH[month] + (month == 1 && leap ? 1 : 0);
            assert_true(csk_patterns_at(&p, day * 86400) == month + 1.0);
            assert_true(csk_patterns_at(&p, (day + length) * 86400 - 1) == month + 1.0);
            day += length;
        }
    }
    assert_true(csk_patterns_at(&p, -1) == 12.0); /* 1969-12-31 */
    assert_true(csk_patterns_at(&p, -32 * (int64_t)86400) == 11.0);
}

static void weeks_begin_on_monday_and_days_at_midnight(void **unused)
{
    (void)unused;
    csk_patterns p = csk_patterns_even();
    for (size_t i = 0; i < CSK_N_WEEKLY; i++) {
        p.weekly[i] = (double)(i + 1);
    }
    assert_true(csk_patterns_at(&p, 0) == 4.0); /* 1970-01-01 was a Thursday */
    assert_true(csk_patterns_at(&p, MONDAY) == 1.0);
    assert_true(csk_patterns_at(&p, MONDAY - 1) == 7.0);
    p = csk_patterns_even();
    for (size_t i = 0; i < CSK_N_DAILY; i++) {
        p.daily[i] = (double)(i + 1);
    }
    assert_true(csk_patterns_at(&p, MONDAY) == 1.0);
    assert_true(csk_patterns_at(&p, MONDAY - 1) == 24.0);
    assert_true(csk_patterns_at(&p, MONDAY + 3599) == 1.0);
    assert_true(csk_patterns_at(&p, MONDAY + 3600) == 2.0);
}

/* An hour alone, two halves of hours, a whole day: 1 whatever its pattern, a week likewise. */
static void means_are_exact(void **unused)
{
    (void)unused;
    make_patterns();
    csk_patterns p = csk_patterns_even();
    memcpy(p.daily, patterns.daily, sizeof p.daily);
    assert_true(csk_patterns_mean(&p, MONDAY, MONDAY + 3600) == p.daily[0]);
    assert_true(csk_patterns_mean(&p, MONDAY + 60, MONDAY + 70) == p.daily[0]);
    assert_near(csk_patterns_mean(&p, MONDAY + 1800, MONDAY + 5400),
                (p.daily[0] + p.daily[1]) / 2.0, 1e-15);
    assert_near(csk_patterns_mean(&p, MONDAY + 1234, MONDAY + 1234 + 86400), 1.0, 1e-14);
    assert_true(csk_patterns_mean(&p, MONDAY, MONDAY) == p.daily[0]);
    memcpy(p.weekly, patterns.weekly, sizeof p.weekly);
    assert_near(csk_patterns_mean(&p, MONDAY + 777, MONDAY + 777 + 7 * 86400), 1.0, 2e-2);
    assert_near(csk_patterns_mean(&p, MONDAY, MONDAY + 7 * 86400), 1.0, 1e-14);
    assert_near(csk_patterns_mean(&p, MONDAY + 86400, MONDAY + 2 * 86400), p.weekly[1], 1e-14);
}

/* A row of the clock ends at its time: row 1 of a series that starts at 0 h is the hour from 0. */
static void rows_have_the_hours_before_their_time(void **unused)
{
    (void)unused;
    make_patterns();
    csk_patterns p = csk_patterns_even();
    memcpy(p.daily, patterns.daily, sizeof p.daily);
    const csk_clock clock = {.n_time = 9, .step = 1.0 / 24.0, .start = MONDAY};
    assert_true(csk_patterns_row(&p, &clock, 1) == p.daily[0]);
    assert_true(csk_patterns_row(&p, &clock, 8) == p.daily[7]);
    const csk_clock later = {.n_time = 9, .step = 1.0 / 24.0, .start = MONDAY, .number = 30};
    assert_true(csk_patterns_row(&p, &later, 1) == p.daily[6]);
}

static void patterns_have_mean_one(void **unused)
{
    (void)unused;
    double factors[CSK_N_WEEKLY] = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
    assert_true(csk_pattern_is_valid(factors, CSK_N_WEEKLY));
    factors[3] += 6.9e-9;
    assert_true(csk_pattern_is_valid(factors, CSK_N_WEEKLY));
    factors[3] += 0.2e-9;
    assert_false(csk_pattern_is_valid(factors, CSK_N_WEEKLY));
    const double negative[] = {3.0, -1.0};
    assert_false(csk_pattern_is_valid(negative, 2));
    const double nothing[] = {1.0, (double)NAN};
    assert_false(csk_pattern_is_valid(nothing, 2));
}

static void teams_and_ranges_give_the_same_bits(void **unused)
{
    (void)unused;
    const csk_clock clock = {.n_time = N_TIME, .step = 1.0 / 24.0, .start = MONDAY};
    make_basin(&first);
    csk_household_range(first.outputs, first.forcings, first.parameters, &clock, 0, N_CATCHMENTS);
    for (int n_threads = 1; n_threads <= 4; n_threads++) {
        make_basin(&second);
        csk_household(second.outputs, second.forcings, second.parameters, &clock, N_CATCHMENTS,
                      n_threads);
        assert_memory_equal(first.column, second.column, sizeof first.column);
    }
    make_basin(&second);
    csk_household_range(second.outputs, second.forcings, second.parameters, &clock, 3,
                        N_CATCHMENTS);
    csk_household_range(second.outputs, second.forcings, second.parameters, &clock, 0, 3);
    assert_memory_equal(first.column, second.column, sizeof first.column);
}

static csk_household_parameters with(size_t offset, double value)
{
    csk_household_parameters p = {.population = 1.0};
    memcpy((char *)&p + offset, &value, sizeof value);
    return p;
}

static void assert_refused(csk_household_parameters p, const char *name)
{
    const char *rule = csk_household_invalid(&p);
    assert_non_null(rule);
    assert_true(strncmp(rule, name, strlen(name)) == 0);
    rule = csk_household_part_invalid(&p);
    assert_true(strncmp(rule, "household.", 10) == 0 &&
                strncmp(rule + 10, name, strlen(name)) == 0);
}

static void invalid_parameters_are_named(void **unused)
{
    (void)unused;
#define REFUSED(field, value)                                                                      \
    assert_refused(with(offsetof(csk_household_parameters, field), value), #field)
    REFUSED(population, -1.0);
    REFUSED(consumption, (double)NAN);
    REFUSED(excreted, 1.1);
    REFUSED(connected, -0.1);
    REFUSED(removal, 1.1);
    REFUSED(direct, (double)NAN);
    REFUSED(point_load, -1.0);
    REFUSED(C_back, (double)INFINITY);
#undef REFUSED
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_give_what_the_equation_says),
        cmocka_unit_test(agrees_with_the_reference),
        cmocka_unit_test(months_follow_the_calendar),
        cmocka_unit_test(weeks_begin_on_monday_and_days_at_midnight),
        cmocka_unit_test(means_are_exact),
        cmocka_unit_test(rows_have_the_hours_before_their_time),
        cmocka_unit_test(patterns_have_mean_one),
        cmocka_unit_test(teams_and_ranges_give_the_same_bits),
        cmocka_unit_test(invalid_parameters_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
