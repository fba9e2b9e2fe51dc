/* SPDX-License-Identifier: MIT */
/*
 * The pesticide kernel: closed forms worked out by hand, the long double reference, the balance of
 * mass, and the same bits for any team, any range and any cutting of the series. The comparison
 * with the original model is in test_golden.c.
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/math/elementary.h"
#include "kernels/math/random.h"
#include "kernels/substance/pesticide.h"

/* Two years and a bit, so that the second season's turns are within rows. */
enum { N_CATCHMENTS = 8, N_TIME = 17800, N_COLUMNS = 7 };

/* Catchments with random weather, and room for their results. */
typedef struct {
    double weather[N_CATCHMENTS][3][N_TIME];
    double column[N_CATCHMENTS][N_COLUMNS][N_TIME];
    csk_forcing forcings[N_CATCHMENTS];
    csk_pesticide_parameters parameters[N_CATCHMENTS];
    csk_pesticide_state states[N_CATCHMENTS];
    csk_pesticide_trace traces[N_CATCHMENTS];
    csk_pesticide_output outputs[N_CATCHMENTS];
} basin;

static basin first, second; /* too large for the stack */

static const csk_clock hourly = {.n_time = N_TIME, .step = 1.0 / 24.0};
static const csk_clock daily = {.n_time = 740, .step = 1.0};
static const csk_clock weekly = {.n_time = 106, .step = 7.0}; /* a row holds a whole refill */

static double between(size_t catchment, uint64_t index, double low, double high)
{
    return low + (high - low) * csk_uniform(23, catchment, index);
}

/* What the arrays of one catchment are. */
static void connect(basin *b, size_t c, size_t first_row)
{
    double *column[N_COLUMNS];
    for (size_t k = 0; k < N_COLUMNS; k++) {
        column[k] = b->column[c][k] + first_row;
    }
    b->traces[c] = (csk_pesticide_trace){column[0], column[1], column[2], column[3], column[4]};
    b->outputs[c] = (csk_pesticide_output){
        .load = column[5], .concentration = column[6], .trace = &b->traces[c]};
    b->forcings[c] = (csk_forcing){b->weather[c][0] + first_row, b->weather[c][1] + first_row,
                                   b->weather[c][2] + first_row};
}

/* Summer and winter, by exactly rounded operations only: results_have_the_bits_they_always_had. */
static void make_weather(basin *b, size_t c, const csk_clock *clock)
{
    for (size_t i = 0; i < clock->n_time; i++) {
        const double chance = between(c, 4 * i + 2, 0.0, 1.0);
        const double day = (double)i * clock->step;
        const double day_of_year = day < 365.0 ? day : day - 365.0;
        const int is_summer = day_of_year > 100.0 && day_of_year < 280.0;
        const double T = between(c, 4 * i, -9.0, 6.0) + (is_summer ? 12.0 : 0.0);
        const double rain = between(c, 4 * i + 3, -30.0, 20.0);
        b->weather[c][0][i] = chance < 0.02 ? 0.0 : T;
        b->weather[c][1][i] = rain > 0.0 ? rain : 0.0;
        b->weather[c][2][i] = chance > 0.99   ? 0.0
                              : chance > 0.98 ? -0.1
                                              : between(c, 4 * i + 1, 0.01, 2.0);
    }
    b->weather[c][2][7] = -2.0;
    for (size_t k = 0; k < 3; k++) {
        b->weather[c][k][0] = (double)NAN; /* is never read */
    }
}

/* Ordinary parameters first, then every kind of corner. */
static csk_pesticide_parameters make_parameters(size_t c)
{
    csk_pesticide_parameters p = {.area = between(c, 1u << 20, 2e6, 3e7),
                                  .area_applic = between(c, 2u << 20, 1e5, 1e6),
                                  .M_total = between(c, 3u << 20, 0.01, 0.1),
                                  .T_threshold = 5.0,
                                  .T_objective = 100.0,
                                  .f_daily = 0.002,
                                  .rain_threshold = 1.0,
                                  .beta = 100.0,
                                  .appl_loss = 1e-4,
                                  .k_decay = 0.02,
                                  .theta_decay = 1.08,
                                  .C_background = 5.0};
    switch (c) {
    case 2: /* the sum rises and falls at once */
        p.T_threshold = -4.0;
        p.T_objective = 8.0;
        break;
    case 3: /* no decay, all at once into the water */
        p.k_decay = 0.0;
        p.appl_loss = 1.0;
        break;
    case 4: /* the stock is gone within rows */
        p.beta = 1e9;
        p.C_background = 0.0;
        break;
    case 5: /* decays within seconds where it is cold */
        p.k_decay = 5.0;
        p.theta_decay = 0.5;
        break;
    case 6: /* slow application, no wash-off */
        p.f_daily = 1e-5;
        p.beta = 0.0;
        break;
    default:
        break;
    }
    return p;
}

static void make_basin(basin *b, const csk_clock *clock)
{
    memset(b, 0, sizeof *b);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        make_weather(b, c, clock);
        connect(b, c, 0);
        b->parameters[c] = make_parameters(c);
        assert_null(csk_pesticide_invalid(&b->parameters[c]));
        b->states[c] = csk_pesticide_initial(&b->parameters[c]);
        if (c % 2 == 1) {
            b->states[c].M_stock = 300.0;
            b->states[c].M_to_apply = 0.0; /* filled in the first days */
        }
    }
}

static void run_range(basin *b, const csk_clock *clock, size_t begin, size_t end)
{
    csk_pesticide_range(b->outputs, b->states, b->forcings, b->parameters, clock, begin, end);
}

/* Largest difference of two columns as part of the largest value; missing values must agree. */
static double difference(const double *x, const double *y, size_t n)
{
    double scale = DBL_MIN;
    double worst = 0.0;
    for (size_t i = 0; i < n; i++) {
        scale = fmax(scale, fabs(y[i]));
        if (!(isnan(x[i]) && isnan(y[i])) && !(fabs(x[i] - y[i]) <= worst)) {
            worst = fabs(x[i] - y[i]);
        }
    }
    return worst / scale;
}

static void assert_near(double x, double expected, double tolerance)
{
    if (!(fabs(x - expected) <= tolerance * fabs(expected))) {
        fail_msg("%.17g, expected %.17g", x, expected);
    }
}

/*
 * The rate of application has 1e-10: in a row in which the temperature sum passes the objective,
 * the rounding of a year's sum decides over a part of an hour. So have the columns that follow it
 * at once.
 */
static void compare_with_reference(const csk_clock *clock)
{
    const double tolerance[N_COLUMNS] = {1e-12, 1e-11, 1e-10, 1e-11, 1e-10, 1e-10, 1e-10};
    make_basin(&first, clock);
    make_basin(&second, clock);
    run_range(&first, clock, 0, N_CATCHMENTS);
    csk_pesticide_ref(second.outputs, second.states, second.forcings, second.parameters, clock, 0,
                      N_CATCHMENTS);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        for (size_t k = 0; k < N_COLUMNS; k++) {
            const double d = difference(first.column[c][k], second.column[c][k], clock->n_time);
            if (!(d <= tolerance[k])) {
                fail_msg("catchment %zu, column %zu: off by %g of the largest value", c, k, d);
            }
        }
        assert_int_equal(first.outputs[c].n_negative, second.outputs[c].n_negative);
        assert_true(first.outputs[c].n_negative > 0);
        assert_true(second.outputs[c].applied_mass > 0.0);
        assert_near(first.outputs[c].applied_mass, second.outputs[c].applied_mass, 1e-11);
        assert_near(first.outputs[c].lost_mass, second.outputs[c].lost_mass, 1e-11);
        assert_near(first.outputs[c].decayed_mass, second.outputs[c].decayed_mass, 1e-11);
    }
}

static void agrees_with_the_reference(void **unused)
{
    (void)unused;
    compare_with_reference(&hourly);
    compare_with_reference(&daily);
    compare_with_reference(&weekly);
}

static void mass_is_conserved(void **unused)
{
    (void)unused;
    const csk_clock *const clocks[] = {&hourly, &daily, &weekly};
    for (size_t k = 0; k < sizeof clocks / sizeof clocks[0]; k++) {
        make_basin(&first, clocks[k]);
        make_basin(&second, clocks[k]); /* keeps the initial states */
        run_range(&first, clocks[k], 0, N_CATCHMENTS);
        for (size_t c = 0; c < N_CATCHMENTS; c++) {
            const csk_pesticide_output *o = &first.outputs[c];
            const double came = second.states[c].M_stock + o->applied_mass;
            const double went = o->lost_mass + o->decayed_mass + first.states[c].M_stock;
            print_message("catchment %zu: balance off by %.1e\n", c, fabs(came - went) / came);
            assert_true(o->applied_mass > 0.0);
            assert_near(went, came, 1e-12);
        }
    }
}

/* Ten years of rows that are all alike: rounding has no bias that adds up. */
static void mass_is_conserved_in_a_steady_climate(void **unused)
{
    (void)unused;
    make_basin(&first, &hourly);
    for (size_t i = 0; i < N_TIME; i++) {
        first.weather[0][0][i] = 14.0;
        first.weather[0][1][i] = 0.5;
        first.weather[0][2][i] = 0.3;
    }
    double came = first.states[0].M_stock = 1000.0;
    double went = 0.0;
    for (int part = 0; part < 5; part++) {
        run_range(&first, &hourly, 0, 1);
        came += first.outputs[0].applied_mass;
        went += first.outputs[0].lost_mass + first.outputs[0].decayed_mass;
    }
    assert_near(went + first.states[0].M_stock, came, 1e-12);
}

static void nothing_is_negative(void **unused)
{
    (void)unused;
    make_basin(&first, &hourly);
    run_range(&first, &hourly, 0, N_CATCHMENTS);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        for (size_t k = 0; k < N_COLUMNS; k++) {
            for (size_t i = 0; i < N_TIME; i++) {
                const int missing = k == 6 && i > 0 && !(first.weather[c][2][i] > 0.0);
                const double x = first.column[c][k][i];
                assert_true(missing ? isnan(x) : x >= 0.0 && isfinite(x));
            }
        }
    }
}

static void teams_and_ranges_give_the_same_bits(void **unused)
{
    (void)unused;
    make_basin(&first, &daily);
    run_range(&first, &daily, 0, N_CATCHMENTS);
    for (int n_threads = 1; n_threads <= 4; n_threads++) {
        make_basin(&second, &daily);
        csk_pesticide(second.outputs, second.states, second.forcings, second.parameters, &daily,
                      N_CATCHMENTS, n_threads);
        assert_memory_equal(first.column, second.column, sizeof first.column);
        assert_memory_equal(first.states, second.states, sizeof first.states);
    }
    make_basin(&second, &daily);
    run_range(&second, &daily, 5, N_CATCHMENTS);
    run_range(&second, &daily, 0, 5);
    assert_memory_equal(first.column, second.column, sizeof first.column);
}

/* The second part begins with the last row of the first, and the clock says which that is. */
static void two_parts_make_a_series(void **unused)
{
    (void)unused;
    const size_t part = 8765; /* in the turn of the year */
    make_basin(&first, &hourly);
    run_range(&first, &hourly, 0, N_CATCHMENTS);
    make_basin(&second, &hourly);
    const csk_clock beginning = {.n_time = part, .step = hourly.step};
    const csk_clock rest = {.n_time = N_TIME - part + 1, .step = hourly.step, .number = part - 1};
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
    assert_memory_equal(first.states, second.states, sizeof first.states);
}

/* The same bits everywhere: a checksum, as first computed (gcc 12, -O2, with fma). */
static void results_have_the_bits_they_always_had(void **unused)
{
    (void)unused;
    make_basin(&first, &hourly);
    run_range(&first, &hourly, 0, N_CATCHMENTS);
    uint64_t sum = 0;
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        for (size_t k = 0; k < N_COLUMNS; k++) {
            for (size_t i = 0; i < N_TIME; i++) {
                sum = (sum ^ csk_bits(first.column[c][k][i])) * UINT64_C(0x100000001b3);
            }
        }
    }
    print_message("checksum: %016llx\n", (unsigned long long)sum);
    assert_true(sum == UINT64_C(0x76f87ef933b2f7ad));
}

/* One catchment under constant weather, for closed forms. */
typedef struct {
    csk_pesticide_parameters parameters;
    csk_pesticide_state state;
    double T, P, Q;
} constant;

static const csk_pesticide_parameters plain = {.area = 1e6,
                                               .area_applic = 2e5,
                                               .M_total = 0.05,
                                               .T_threshold = 5.0,
                                               .T_objective = 1e9,
                                               .f_daily = 0.01,
                                               .rain_threshold = 1.0,
                                               .theta_decay = 1.08};

/* Runs n rows of a step [d] from row `number` on; returns the output without its arrays. */
static csk_pesticide_output run_constant(constant *c, size_t number, size_t n, double step)
{
    make_basin(&first, &daily);
    for (size_t i = 0; i <= n; i++) {
        first.weather[0][0][i] = c->T;
        first.weather[0][1][i] = c->P;
        first.weather[0][2][i] = c->Q;
    }
    const csk_clock clock = {.n_time = n + 1, .step = step, .number = number};
    csk_pesticide_range(first.outputs, &c->state, first.forcings, &c->parameters, &clock, 0, 1);
    return first.outputs[0];
}

/* At 20 degC with k = 0.1: M e^(-0.1 t); 10 degC warmer 1.08^10 times as fast. */
static void stock_decays_with_warmth(void **unused)
{
    (void)unused;
    constant c = {plain, {.M_stock = 500.0}, .T = 20.0, .P = 0.0, .Q = 0.0};
    c.parameters.k_decay = 0.1;
    const csk_pesticide_output o = run_constant(&c, 0, 40, 0.25);
    assert_near(c.state.M_stock, 500.0 * exp(-1.0), 1e-14);
    assert_near(o.decayed_mass, 500.0 * (1.0 - exp(-1.0)), 1e-14);
    assert_true(o.lost_mass == 0.0);
    c.state.M_stock = 500.0;
    c.T = 30.0;
    run_constant(&c, 0, 1, 10.0);
    assert_near(c.state.M_stock, 500.0 * exp(-pow(1.08, 10.0)), 1e-13);
}

/* 0.001 beta (86400 Q/area) a day is washed off: 100 x 0.001 x 86400 x 2/1e6 = 0.01728. */
static void runoff_washes_the_stock_off(void **unused)
{
    (void)unused;
    constant c = {plain, {.M_stock = 500.0}, .T = 20.0, .P = 0.0, .Q = 2.0};
    c.parameters.beta = 100.0;
    c.parameters.C_background = 3.0;
    const csk_pesticide_output o = run_constant(&c, 0, 1, 1.0);
    const double lost = 500.0 * (1.0 - exp(-0.01728));
    assert_near(o.lost_mass, lost, 1e-13);
    assert_near(first.column[0][5][1], lost + 0.0864 * 3.0 * 2.0, 1e-13);
    assert_near(first.column[0][6][1], lost / (86400.0 * 2.0) * 1e6 + 3.0, 1e-13);
    assert_true(first.column[0][5][0] == 0.0 && first.column[0][6][0] == 0.0);
}

/* Sum 90 at 25 degC: threshold 5, 20 a day; above 100 after half of the row of one day. */
static void application_begins_inside_a_row(void **unused)
{
    (void)unused;
    constant c = {plain, {.T_sum = 90.0, .M_to_apply = 0.05}, .T = 25.0, .P = 1.0, .Q = 1.0};
    c.parameters.T_objective = 100.0;
    c.parameters.appl_loss = 0.25;
    const csk_pesticide_output o = run_constant(&c, 50, 1, 1.0);
    const double M = c.state.M_to_apply;
    assert_near(M + 0.0005 * log(M), 0.05 + 0.0005 * log(0.05) - 0.01 * 0.5, 1e-15);
    assert_near(c.state.T_sum, 110.0, 0.0);
    assert_near(o.applied_mass, (0.05 - M) * 2e5, 1e-12);
    assert_near(o.lost_mass, 0.25 * o.applied_mass, 1e-14); /* at once */
    assert_near(c.state.M_stock, 0.75 * o.applied_mass, 1e-14);
    c.state = (csk_pesticide_state){.T_sum = 90.0, .M_to_apply = 0.05};
    c.P = 1.0 + 1e-12; /* too wet */
    assert_true(run_constant(&c, 50, 1, 1.0).applied_mass == 0.0);
}

/* In frost with a threshold of -10 the sum 50 tends to 5/0.99 at -5 degC; 20 is passed at t. */
static void application_ends_as_the_sum_falls(void **unused)
{
    (void)unused;
    constant c = {plain, {.T_sum = 50.0, .M_to_apply = 0.05}, .T = -5.0, .P = 0.0, .Q = 0.0};
    c.parameters.T_threshold = -10.0;
    c.parameters.T_objective = 20.0;
    run_constant(&c, 10, 1, 3.0);
    const double rest = 5.0 / 0.99;
    const double t = log((50.0 - rest) / (20.0 - rest)) / 0.99;
    const double M = c.state.M_to_apply;
    assert_near(c.state.T_sum, rest + (50.0 - rest) * exp(-0.99 * 3.0), 1e-14);
    assert_near(M + 0.0005 * log(M), 0.05 + 0.0005 * log(0.05) - 0.01 * t, 1e-14);
}

/* And rises to it from below: from 0 at -5 degC 4 is passed at t, and application goes on. */
static void application_begins_in_frost(void **unused)
{
    (void)unused;
    constant c = {plain, {.T_sum = 0.0, .M_to_apply = 0.05}, .T = -5.0, .P = 0.0, .Q = 0.0};
    c.parameters.T_threshold = -10.0;
    c.parameters.T_objective = 4.0;
    run_constant(&c, 10, 1, 3.0);
    const double rest = 5.0 / 0.99;
    const double t = 3.0 - log(rest / (rest - 4.0)) / 0.99;
    const double M = c.state.M_to_apply;
    assert_near(M + 0.0005 * log(M), 0.05 + 0.0005 * log(0.05) - 0.01 * t, 1e-14);
}

/*
 * One row of 400 d from day 0: 5 d of refill, application until 365.25, 5 d of refill, then
 * 29.75 d of application again.
 */
static void years_turn_inside_a_row(void **unused)
{
    (void)unused;
    constant c = {plain, {.T_sum = 1.0, .M_to_apply = 0.0}, .T = 20.0, .P = 0.0, .Q = 0.0};
    c.parameters.T_objective = 0.0;
    c.parameters.f_daily = 1e-4; /* 0.036 in a year: some is left */
    const csk_pesticide_output o = run_constant(&c, 0, 1, 400.0);
    const double expected[] = {360.25, 29.75};
    double M = 0.0;
    double applied = 0.0;
    for (size_t i = 0; i < 2; i++) {
        M = 0.05 + (M - 0.05) * exp(-10.0);
        double low = 0.0;
        double high = M;
        for (int k = 0; k < 100; k++) {
            const double middle = 0.5 * (low + high);
            const double fall = (M - middle) + 0.0005 * log(M / middle);
            if (fall > 1e-4 * expected[i]) {
                low = middle;
            } else {
                high = middle;
            }
        }
        applied += M - high;
        M = high;
    }
    assert_near(c.state.M_to_apply, M, 1e-12);
    assert_near(o.applied_mass, applied * 2e5, 1e-12);
}

/* Day 5 in the middle of a row: 12 h of refill, 12 h of application. */
static void the_season_opens_at_day_five(void **unused)
{
    (void)unused;
    constant c = {plain, {.T_sum = 1.0, .M_to_apply = 0.01}, .T = 20.0, .P = 0.0, .Q = 0.0};
    c.parameters.T_objective = 0.0;
    run_constant(&c, 4, 1, 1.0); /* day 4 to 5: nothing is applied */
    assert_near(c.state.M_to_apply, 0.05 - 0.04 * exp(-2.0), 1e-14);
    assert_true(first.column[0][2][1] == 0.0);
    c.state.M_to_apply = 0.01;
    run_constant(&c, 3, 1, 9.0 / 7.0); /* day 27/7 to 36/7 */
    const double filled = 0.05 - 0.04 * exp(-2.0 * (5.0 - 27.0 / 7.0));
    const double M = c.state.M_to_apply;
    assert_near(M + 0.0005 * log(M), filled + 0.0005 * log(filled) - 0.01 / 7.0, 1e-13);
}

static void negative_discharge_is_no_flow(void **unused)
{
    (void)unused;
    constant c = {plain, {.M_stock = 100.0}, .T = 5.0, .P = 0.0, .Q = -3.0};
    c.parameters.beta = 100.0;
    c.parameters.C_background = 7.0;
    const csk_pesticide_output o = run_constant(&c, 0, 4, 1.0);
    assert_int_equal(o.n_negative, 4);
    assert_true(c.state.M_stock == 100.0 && o.lost_mass == 0.0);
    assert_true(first.column[0][5][3] == 0.0 && isnan(first.column[0][6][3]));
}

static void assert_refused(csk_pesticide_parameters p, const char *name)
{
    const char *rule = csk_pesticide_invalid(&p);
    assert_non_null(rule);
    assert_non_null(strstr(rule, name));
}

static csk_pesticide_parameters with(size_t offset, double value)
{
    csk_pesticide_parameters p = plain;
    memcpy((char *)&p + offset, &value, sizeof value);
    return p;
}

static void invalid_parameters_are_named(void **unused)
{
    (void)unused;
    assert_null(csk_pesticide_invalid(&plain));
#define REFUSED(field, value)                                                                      \
    assert_refused(with(offsetof(csk_pesticide_parameters, field), value), #field)
    REFUSED(area, 0.0);
    REFUSED(area_applic, (double)NAN);
    REFUSED(M_total, -0.1);
    REFUSED(T_threshold, (double)NAN);
    REFUSED(T_objective, (double)INFINITY);
    REFUSED(f_daily, -1.0);
    REFUSED(rain_threshold, (double)NAN);
    REFUSED(beta, -1e-9);
    REFUSED(appl_loss, -1e-9);
    REFUSED(k_decay, -1e-9);
    REFUSED(theta_decay, 0.4999);
    REFUSED(theta_decay, 1.5);
    REFUSED(C_background, -1.0);
#undef REFUSED
    csk_pesticide_state state = csk_pesticide_initial(&plain);
    assert_true(state.M_to_apply == plain.M_total && state.M_stock == 0.0);
    assert_null(csk_pesticide_state_invalid(&state));
    state.M_stock = -1.0;
    assert_non_null(strstr(csk_pesticide_state_invalid(&state), "M_stock"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_reference),
        cmocka_unit_test(mass_is_conserved),
        cmocka_unit_test(mass_is_conserved_in_a_steady_climate),
        cmocka_unit_test(nothing_is_negative),
        cmocka_unit_test(teams_and_ranges_give_the_same_bits),
        cmocka_unit_test(two_parts_make_a_series),
        cmocka_unit_test(results_have_the_bits_they_always_had),
        cmocka_unit_test(stock_decays_with_warmth),
        cmocka_unit_test(runoff_washes_the_stock_off),
        cmocka_unit_test(application_begins_inside_a_row),
        cmocka_unit_test(application_ends_as_the_sum_falls),
        cmocka_unit_test(application_begins_in_frost),
        cmocka_unit_test(years_turn_inside_a_row),
        cmocka_unit_test(the_season_opens_at_day_five),
        cmocka_unit_test(negative_discharge_is_no_flow),
        cmocka_unit_test(invalid_parameters_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
