/* SPDX-License-Identifier: MIT */
/*
 * The herbicide kernel: closed forms worked out by hand, the long double reference, the balance of
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

#include "kernels/math/random.h"
#include "kernels/substance/herbicide.h"
#include "kernels/substance/stocks.h"

enum { N_CATCHMENTS = 12, N_TIME = 8761, N_COLUMNS = 10 };

/* Catchments with a year of random weather, and room for their results. */
typedef struct {
    double weather[N_CATCHMENTS][3][N_TIME];
    double column[N_CATCHMENTS][N_COLUMNS][N_TIME];
    csk_forcing forcings[N_CATCHMENTS];
    csk_herbicide_parameters parameters[N_CATCHMENTS];
    csk_herbicide_state states[N_CATCHMENTS];
    csk_herbicide_trace traces[N_CATCHMENTS];
    csk_herbicide_output outputs[N_CATCHMENTS];
} basin;

static basin first, second; /* too large for the stack */

static const csk_clock hourly = {.n_time = N_TIME, .step = 1.0 / 24.0};
static const csk_clock daily = {.n_time = 366, .step = 1.0};

static double between(size_t catchment, uint64_t index, double low, double high)
{
    return low + (high - low) * csk_uniform(17, catchment, index);
}

/* What the arrays of one catchment are, columns in the order of the model's table. */
static void connect(basin *b, size_t c, size_t first_row)
{
    double *column[N_COLUMNS];
    for (size_t k = 0; k < N_COLUMNS; k++) {
        column[k] = b->column[c][k] + first_row;
    }
    b->traces[c] = (csk_herbicide_trace){column[0], column[1], column[2], column[3],
                                         column[4], column[5], column[6], column[7]};
    b->outputs[c] = (csk_herbicide_output){
        .load = column[8], .concentration = column[9], .trace = &b->traces[c]};
    b->forcings[c] = (csk_forcing){b->weather[c][0] + first_row, b->weather[c][1] + first_row,
                                   b->weather[c][2] + first_row};
}

/* Winter, summer and what is between, with rows of exactly 0 and -5 degC, drought and backflow. */
static void make_weather(basin *b, size_t c, const csk_clock *clock)
{
    for (size_t i = 0; i < clock->n_time; i++) {
        const double day = (double)i * clock->step;
        const double season = -9.0 * cos(2.0 * 3.14159265358979 * (day - 15.0) / 365.0);
        const double T = 6.0 + season + between(c, 4 * i, -6.0, 6.0);
        const double Q = exp(between(c, 4 * i + 1, -4.0, 2.0));
        const double chance = between(c, 4 * i + 2, 0.0, 1.0);
        b->weather[c][0][i] = chance < 0.01 ? 0.0 : chance < 0.02 ? -5.0 : T;
        b->weather[c][1][i] = fmax(0.0, between(c, 4 * i + 3, -30.0, 20.0));
        b->weather[c][2][i] = chance > 0.99 ? 0.0 : chance > 0.98 ? -0.1 : Q;
    }
    b->weather[c][2][7] = -2.0;
    for (size_t k = 0; k < 3; k++) {
        b->weather[c][k][0] = (double)NAN; /* is never read */
    }
}

/* Ordinary parameters first, then every kind of corner. */
static csk_herbicide_parameters make_parameters(size_t c)
{
    csk_herbicide_parameters p = {.A_tot = between(c, 1u << 20, 2e6, 3e7),
                                  .A_appl = between(c, 2u << 20, 1e5, 1e6),
                                  .Mtot = between(c, 3u << 20, 0.01, 0.1),
                                  .k = 0.7,
                                  .Init_avail = 0.3,
                                  .T_objective = between(c, 4u << 20, 100.0, 500.0),
                                  .Transfer_au = 0.05,
                                  .Transfer_ua = 0.003,
                                  .Eta = 5e9,
                                  .C_back = 5.0};
    switch (c) {
    case 3: /* nothing moves between the stocks */
        p.Transfer_au = p.Transfer_ua = 0.0;
        break;
    case 4: /* all transfers at their largest */
        p.Transfer_au = p.Transfer_ua = 0.999;
        break;
    case 5: /* the stock is gone within rows; series and eigenvalues both used */
        p.Eta = 1e13;
        break;
    case 6: /* gone within seconds */
        p.Eta = 1e16;
        break;
    case 7: /* only one way, at application all available */
        p.Transfer_ua = 0.0;
        p.Init_avail = 1.0;
        break;
    case 8: /* only the other way */
        p.Transfer_au = 0.0;
        p.Init_avail = 0.0;
        p.k = 0.0;
        break;
    case 9: /* no export */
        p.Eta = 0.0;
        break;
    case 10: /* application whenever it is not cold */
        p.T_objective = 0.0;
        p.C_back = 0.0;
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
        assert_null(csk_herbicide_invalid(&b->parameters[c]));
        b->states[c] = csk_herbicide_initial(&b->parameters[c]);
        if (c % 2 == 1) {
            b->states[c].M_avail = 300.0;
            b->states[c].M_unavail = 2000.0;
        }
    }
}

static void run_range(basin *b, const csk_clock *clock, size_t begin, size_t end)
{
    csk_herbicide_range(b->outputs, b->states, b->forcings, b->parameters, clock, begin, end);
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

/*
 * The rate of application and the change of stocks have 1e-11: in the row where application begins
 * the temperature sum of a year, in doubles, decides over a part of an hour.
 */
static void compare_with_reference(const csk_clock *clock)
{
    const double tolerance[N_COLUMNS] = {1e-12, 1e-12, 1e-11, 1e-12, 1e-12,
                                         1e-11, 1e-12, 1e-12, 1e-12, 1e-12};
    make_basin(&first, clock);
    make_basin(&second, clock);
    run_range(&first, clock, 0, N_CATCHMENTS);
    csk_herbicide_ref(second.outputs, second.states, second.forcings, second.parameters, clock, 0,
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
        assert_true(fabs(first.outputs[c].applied_mass - second.outputs[c].applied_mass) <=
                    1e-12 * second.outputs[c].applied_mass);
        assert_true(second.outputs[c].applied_mass > 0.0);
    }
}

static void agrees_with_the_reference_hourly(void **unused)
{
    (void)unused;
    compare_with_reference(&hourly);
}

static void agrees_with_the_reference_daily(void **unused)
{
    (void)unused;
    compare_with_reference(&daily);
}

static double stock(const csk_herbicide_state *state)
{
    return state->M_avail + state->M_unavail;
}

static void assert_balance(const csk_clock *clock)
{
    make_basin(&first, clock);
    make_basin(&second, clock); /* keeps the initial states */
    run_range(&first, clock, 0, N_CATCHMENTS);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        const csk_herbicide_output *o = &first.outputs[c];
        const double came = stock(&second.states[c]) + o->applied_mass;
        const double went = o->lost_mass + stock(&first.states[c]);
        print_message("catchment %zu: balance off by %.1e\n", c, fabs(came - went) / came);
        assert_true(came > 0.0);
        assert_true(fabs(came - went) <= 1e-12 * came);
        assert_true(o->applied_mass > 0.0);
        double load = 0.0;
        for (size_t i = 0; i < clock->n_time; i++) {
            load += first.column[c][6][i] * clock->step;
        }
        assert_true(fabs(load - o->lost_mass) <= 1e-11 * o->lost_mass);
    }
}

static void mass_is_conserved(void **unused)
{
    (void)unused;
    assert_balance(&hourly);
    assert_balance(&daily);
}

/* Ten years of rows that are all alike: rounding has no bias that adds up. */
static void mass_is_conserved_in_a_steady_climate(void **unused)
{
    (void)unused;
    make_basin(&first, &hourly);
    for (size_t i = 0; i < N_TIME; i++) {
        first.weather[0][0][i] = 4.0;
        first.weather[0][1][i] = 0.5;
        first.weather[0][2][i] = 0.3;
    }
    first.states[0].M_avail = 1000.0;
    double came = stock(&first.states[0]);
    double went = 0.0;
    for (int year = 0; year < 10; year++) {
        run_range(&first, &hourly, 0, 1);
        came += first.outputs[0].applied_mass;
        went += first.outputs[0].lost_mass;
    }
    went += stock(&first.states[0]);
    assert_true(fabs(came - went) <= 1e-12 * came);
}

static void assert_not_negative(const csk_clock *clock)
{
    run_range(&first, clock, 0, N_CATCHMENTS);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        for (size_t k = 0; k < N_COLUMNS; k++) {
            for (size_t i = 0; i < clock->n_time && k != 5; i++) { /* 5: M_stock has a sign */
                const int missing = k == 9 && i > 0 && !(first.weather[c][2][i] > 0.0);
                const double x = first.column[c][k][i];
                assert_true(missing ? isnan(x) : x >= 0.0 && isfinite(x));
            }
        }
    }
}

static void nothing_is_negative_whatever_the_rates(void **unused)
{
    (void)unused;
    const double eta[] = {1e-300, 1.0, 1e8, 1e11, 1e12, 1e14, 1e18, 1e40, 1e200, DBL_MAX};
    for (size_t e = 0; e < sizeof eta / sizeof eta[0]; e++) {
        make_basin(&first, &daily);
        for (size_t c = 0; c < N_CATCHMENTS; c++) {
            first.parameters[c].Eta = eta[e];
            first.states[c].M_avail = c % 3 == 0 ? 1e6 : 0.0;
            first.states[c].M_unavail = c % 3 == 1 ? 1e6 : 0.0;
        }
        assert_not_negative(&daily);
    }
}

static void teams_and_ranges_give_the_same_bits(void **unused)
{
    (void)unused;
    make_basin(&first, &daily);
    run_range(&first, &daily, 0, N_CATCHMENTS);
    for (int n_threads = 1; n_threads <= 4; n_threads++) {
        make_basin(&second, &daily);
        csk_herbicide(second.outputs, second.states, second.forcings, second.parameters, &daily,
                      N_CATCHMENTS, n_threads);
        assert_memory_equal(first.column, second.column, sizeof first.column);
        assert_memory_equal(first.states, second.states, sizeof first.states);
    }
    make_basin(&second, &daily);
    run_range(&second, &daily, 5, N_CATCHMENTS);
    run_range(&second, &daily, 0, 2);
    run_range(&second, &daily, 2, 5);
    assert_memory_equal(first.column, second.column, sizeof first.column);
    assert_memory_equal(first.states, second.states, sizeof first.states);
}

/* The second part begins with the last row of the first. */
static void two_halves_make_a_year(void **unused)
{
    (void)unused;
    const size_t half = 4000;
    make_basin(&first, &hourly);
    run_range(&first, &hourly, 0, N_CATCHMENTS);
    make_basin(&second, &hourly);
    const csk_clock beginning = {.n_time = half, .step = hourly.step};
    const csk_clock rest = {.n_time = N_TIME - half + 1, .step = hourly.step};
    run_range(&second, &beginning, 0, N_CATCHMENTS);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        connect(&second, c, half - 1);
    }
    run_range(&second, &rest, 0, N_CATCHMENTS);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        for (size_t k = 0; k < N_COLUMNS; k++) { /* fluxes of the shared row are now 0 */
            second.column[c][k][half - 1] = first.column[c][k][half - 1];
        }
    }
    assert_memory_equal(first.column, second.column, sizeof first.column);
    assert_memory_equal(first.states, second.states, sizeof first.states);
}

/*
 * The same bits everywhere: a checksum over a daily basin, as first computed (gcc 12, -O2, with
 * fma); weather is made of exactly rounded operations only.
 */
static void results_have_the_bits_they_always_had(void **unused)
{
    (void)unused;
    make_basin(&first, &hourly);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        for (size_t i = 0; i < N_TIME; i++) {
            first.weather[c][0][i] = between(c, 4 * i, -8.0, 14.0);
            first.weather[c][2][i] = between(c, 4 * i + 1, -0.01, 1.0);
        }
    }
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
    assert_true(sum == UINT64_C(0x2fb1008bfc78f013));
}

/* One catchment under constant weather, for closed forms. */
typedef struct {
    csk_herbicide_parameters parameters;
    csk_herbicide_state state;
    double T, P, Q;
} constant;

static const csk_herbicide_parameters plain = {.A_tot = 1e6,
                                               .A_appl = 2e5,
                                               .Mtot = 0.05,
                                               .k = 0.7,
                                               .Init_avail = 0.3,
                                               .T_objective = 1e9,
                                               .Eta = 1e9};

/* Runs n rows of a step [d]; returns the output without its arrays. */
static csk_herbicide_output run_constant(constant *c, size_t n, double step)
{
    make_basin(&first, &daily);
    for (size_t i = 0; i <= n; i++) {
        first.weather[0][0][i] = c->T;
        first.weather[0][1][i] = c->P;
        first.weather[0][2][i] = c->Q;
    }
    const csk_clock clock = {.n_time = n + 1, .step = step};
    csk_herbicide_range(first.outputs, &c->state, first.forcings, &c->parameters, &clock, 0, 1);
    return first.outputs[0];
}

static void assert_near(double x, double expected, double tolerance)
{
    if (!(fabs(x - expected) <= tolerance * fabs(expected))) {
        fail_msg("%.17g, expected %.17g", x, expected);
    }
}

/* Without transfers a falls as e^(-lambda t), lambda = 86400 Eta (Q/A_tot)^2. */
static void stock_alone_decays_exponentially(void **unused)
{
    (void)unused;
    const double discharge[] = {0.001, 0.02, 0.05, 0.1, 0.3, 1.0};
    for (size_t k = 0; k < sizeof discharge / sizeof discharge[0]; k++) {
        const double Q = discharge[k];
        constant c = {plain, {.M_avail = 700.0, .M_unavail = 11.0}, .T = 10.0, .P = 9.0, .Q = Q};
        const double lambda = 86400.0 * 1e9 * Q * Q / 1e12;
        const csk_herbicide_output o = run_constant(&c, 3, 1.0);
        const double left = 700.0 * exp(-3.0 * lambda);
        assert_near(c.state.M_avail, left < 1e-30 ? 0.0 : left, 1e-12);
        assert_near(o.lost_mass, -700.0 * expm1(-3.0 * lambda), 1e-14);
        assert_near(first.column[0][6][1], -700.0 * expm1(-lambda), 1e-14); /* mean over the day */
        assert_near(first.column[0][9][1], -700.0 * expm1(-lambda) / (86400.0 * Q) * 1e6, 1e-14);
        assert_true(c.state.M_unavail == 11.0);
    }
}

/* Without water the stocks approach au a = ua u as e^(-(au + ua) t). */
static void stocks_alone_reach_equilibrium(void **unused)
{
    (void)unused;
    const double step[] = {1.0 / 24.0, 1.0, 30.0};
    for (size_t k = 0; k < 3; k++) {
        constant c = {plain, {.M_avail = 600.0, .M_unavail = 40.0}, .T = 10.0, .P = 9.0, .Q = 0.0};
        c.parameters.Transfer_au = 0.3;
        c.parameters.Transfer_ua = 0.1;
        const csk_herbicide_output o = run_constant(&c, 10, step[k]);
        const double expected = 160.0 + (600.0 - 160.0) * exp(-0.4 * 10.0 * step[k]);
        assert_near(c.state.M_avail, expected, 1e-13);
        assert_near(stock(&c.state), 640.0, 1e-14);
        assert_true(o.lost_mass == 0.0 && isnan(first.column[0][9][5]));
    }
}

/* au = 0 and lambda = ua: one eigenvalue twice, a = (a0 + ua u0 t) e^(-ua t), u = u0 e^(-ua t). */
static void equal_eigenvalues_are_no_special_case(void **unused)
{
    (void)unused;
    const double step[] = {1.0 / 24.0, 1.0, 20.0};
    for (size_t k = 0; k < 3; k++) {
        constant c = {plain, {.M_avail = 50.0, .M_unavail = 900.0}, .T = 10.0, .P = 9.0, .Q = 1.0};
        c.parameters.Transfer_ua = 0.5;
        c.parameters.Eta = 0.5 * 1e12 / 86400.0;
        const double t = 4.0 * step[k];
        run_constant(&c, 4, step[k]);
        assert_near(c.state.M_avail, (50.0 + 0.5 * 900.0 * t) * exp(-0.5 * t), 1e-13);
        assert_near(c.state.M_unavail, 900.0 * exp(-0.5 * t), 1e-13);
    }
}

/* A loss without bound: all that is or becomes available leaves in the same row. */
static void huge_eta_empties_the_stock_at_once(void **unused)
{
    (void)unused;
    const double eta[] = {1e30, 1e100, 1e308};
    for (size_t k = 0; k < 3; k++) {
        constant c = {plain, {.M_avail = 50.0, .M_unavail = 900.0}, .T = 10.0, .P = 9.0, .Q = 1.0};
        c.parameters.Transfer_au = 0.2;
        c.parameters.Transfer_ua = 0.1;
        c.parameters.Eta = eta[k];
        const csk_herbicide_output o = run_constant(&c, 5, 1.0);
        assert_near(c.state.M_unavail, 900.0 * exp(-0.5), 1e-14);
        assert_near(o.lost_mass, 50.0 - 900.0 * expm1(-0.5), 1e-14);
        assert_true(c.state.M_avail >= 0.0 && c.state.M_avail < 1e-15);
    }
}

/* Series and eigenvalues agree where either may be used, inputs and all. */
static void both_ways_over_a_row_agree(void **unused)
{
    (void)unused;
    for (uint64_t i = 0; i < 20000; i++) {
        const csk_stock_rates rates = {i % 5 == 0 ? 0.0 : between(1, 5 * i, 0.0, 0.3),
                                       i % 7 == 0 ? 0.0 : between(1, 5 * i + 1, 0.0, 0.5),
                                       between(1, 5 * i + 2, 0.6, 1.1)};
        const csk_stocks x = {i % 3 == 0 ? 0.0 : between(1, 5 * i + 3, 0.0, 100.0), 70.0};
        const csk_stocks in = {between(1, 5 * i + 4, 0.0, 50.0), 5.0};
        const csk_stock_row s = csk_stocks_by_series(x, in, rates, 20);
        const csk_stock_row e = csk_stocks_by_spectrum(x, in, rates);
        assert_near(s.end.a, e.end.a, 1e-14);
        assert_near(s.end.u, e.end.u, 1e-14);
        assert_near(s.mean_a, e.mean_a, 1e-14);
    }
}

/* Where rates change from one number of terms to the next, results do not jump. */
static void shorter_series_are_as_good(void **unused)
{
    (void)unused;
    const double norm[] = {0x1p-7, 0x1p-5};
    const int n_terms[] = {6, 8};
    for (uint64_t i = 0; i < 20000; i++) {
        const size_t k = i % 2;
        const double au = between(2, 4 * i, 0.0, norm[k] / 2);
        const csk_stock_rates rates = {au, between(2, 4 * i + 1, 0.0, norm[k] / 2),
                                       norm[k] - 2.0 * au};
        const csk_stocks x = {between(2, 4 * i + 2, 0.0, 100.0), 70.0};
        const csk_stocks in = {between(2, 4 * i + 3, 0.0, 5.0), 5.0};
        const csk_stock_row s = csk_stocks_by_series(x, in, rates, n_terms[k]);
        const csk_stock_row l = csk_stocks_by_series(x, in, rates, 20);
        assert_near(s.end.a, l.end.a, 1e-15);
        assert_near(s.end.u, l.end.u, 1e-15);
        assert_near(s.mean_a, l.mean_a, 1e-15);
    }
}

/*
 * T = 10 and T_objective = 100.3: application begins at t = 10.03 d, inside a row. From then on
 * M + 0.01 Mtot ln M falls by Mtot/14 a day (integral of dM/dt = -f).
 */
static void application_begins_inside_a_row(void **unused)
{
    (void)unused;
    const double step[] = {1.0 / 24.0, 1.0, 6.0};
    const size_t rows[] = {20 * 24, 20, 3};
    for (size_t k = 0; k < 3; k++) {
        constant c = {plain, {.M_to_apply = 0.05}, .T = 10.0, .P = 2.0, .Q = 0.0};
        c.parameters.T_objective = 100.3;
        const csk_herbicide_output o = run_constant(&c, rows[k], step[k]);
        const double t = (double)rows[k] * step[k] - 10.03;
        const double M = c.state.M_to_apply;
        assert_near(M + 0.0005 * log(M / 0.05), 0.05 - 0.05 / 14.0 * t, 1e-13);
        assert_near(o.applied_mass, (0.05 - M) * 0.3 * 2e5, 1e-13);
        const size_t onset = (size_t)(10.03 / step[k]); /* rows that end before it */
        assert_true(first.column[0][2][onset] == 0.0 && first.column[0][2][onset + 1] > 0.0);
    }
}

/* Long after the season M is 0, not a denormal number, and all of it was applied. */
static void application_comes_to_an_end(void **unused)
{
    (void)unused;
    const double step[] = {1.0 / 24.0, 1.0, 30.0, 300.0};
    const size_t rows[] = {40 * 24, 40, 3, 1};
    for (size_t k = 0; k < 4; k++) {
        constant c = {plain, {.T_sum = 1.0, .M_to_apply = 0.05}, .T = 10.0, .P = 0.0, .Q = 0.0};
        c.parameters.T_objective = 0.0;
        const csk_herbicide_output o = run_constant(&c, rows[k], step[k]);
        assert_true(c.state.M_to_apply == 0.0);
        assert_near(o.applied_mass, 0.05 * 0.3 * 2e5, 1e-13);
        assert_near(stock(&c.state), 0.05 * 0.3 * 2e5, 1e-13);
    }
}

/* Rain, frost, an empty store and a season that has not come: nobody is in the field. */
static void application_waits_for_its_conditions(void **unused)
{
    (void)unused;
    const csk_herbicide_state ready = {.T_sum = 200.0, .M_to_apply = 0.05};
    const struct {
        double T, P, T_sum, M;
        int applies;
    } rows[] = {
        {10.0, 2.0, 200.0, 0.05, 1},      {10.0, 2.0000001, 200.0, 0.05, 0},
        {0.0, 0.0, 200.0, 0.05, 1},       {-1e-9, 0.0, 200.0, 0.05, 0},
        {10.0, 0.0, 200.0, 0.0, 0},       {1.0, 0.0, 99.0 - 1e-9, 0.05, 0},
        {1.0, 0.0, 99.0 + 1e-9, 0.05, 1}, {0.0, 0.0, 100.0, 0.05, 0},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        constant c = {plain, ready, .T = rows[k].T, .P = rows[k].P, .Q = 0.1};
        c.parameters.T_objective = 100.0;
        c.state.T_sum = rows[k].T_sum;
        c.state.M_to_apply = rows[k].M;
        const csk_herbicide_output o = run_constant(&c, 1, 1.0);
        assert_true((o.applied_mass > 0.0) == (rows[k].applies == 1));
    }
}

/* At exactly 0 degC work goes on until the sum has fallen to T_objective: ln(110/100)/0.99 d. */
static void application_ends_as_the_sum_falls(void **unused)
{
    (void)unused;
    constant c = {plain, {.T_sum = 110.0, .M_to_apply = 0.05}, .T = 0.0, .P = 0.0, .Q = 0.0};
    c.parameters.T_objective = 100.0;
    run_constant(&c, 2, 1.0);
    const double t = log(1.1) / 0.99;
    const double M = c.state.M_to_apply;
    assert_near(M + 0.0005 * log(M / 0.05), 0.05 - 0.05 / 14.0 * t, 1e-14);
    assert_near(c.state.T_sum, 110.0 * exp(-1.98), 1e-15);
    assert_true(first.column[0][2][2] == 0.0);
}

/* At -5 degC and below M goes back to Mtot as e^(-0.99 t); just above it stays. */
static void hard_frost_fills_the_store(void **unused)
{
    (void)unused;
    constant c = {plain, {.M_to_apply = 0.01}, .T = -5.0, .P = 0.0, .Q = 0.0};
    const csk_herbicide_output o = run_constant(&c, 6, 0.25);
    assert_near(c.state.M_to_apply, 0.05 - 0.04 * exp(-0.99 * 1.5), 1e-14);
    assert_true(o.applied_mass == 0.0);
    c.state.M_to_apply = 0.01;
    c.T = -4.999;
    run_constant(&c, 6, 0.25);
    assert_true(c.state.M_to_apply == 0.01);
}

/* A month in one row, a store far above or below Mtot: the Newton iteration starts well. */
static void depletion_holds_at_any_size(void **unused)
{
    (void)unused;
    const double share[] = {1e-12, 1e-6, 1e-3, 0.02, 0.5, 1.0, 3.0, 50.0};
    const double step[] = {1e-6, 1e-3, 0.05, 0.2, 1.0, 7.0, 14.0, 15.0, 30.0, 365.0};
    for (size_t i = 0; i < sizeof share / sizeof share[0]; i++) {
        for (size_t j = 0; j < sizeof step / sizeof step[0]; j++) {
            const double before = plain.Mtot * share[i];
            constant c = {plain, {.T_sum = 1.0, .M_to_apply = before}, .T = 1.0};
            c.parameters.T_objective = 0.0;
            run_constant(&c, 1, step[j]);
            const double M = c.state.M_to_apply;
            const double tau = 100.0 * step[j] / 14.0;
            assert_true(M < before);
            if (M > 0.0) {
                const double w = M / 0.0005;
                const double w0 = before / 0.0005;
                assert_true(fabs(w - w0 + log(w / w0) + tau) <= 1e-15 * (w0 + tau + 1.0) * 4.0);
            } else {
                assert_true(log(100.0 * share[i]) + 100.0 * share[i] - tau < log(1.01e-16));
            }
        }
    }
}

/* Backflow counts as no flow, is counted, and leaves the concentration missing. */
static void negative_discharge_is_no_flow(void **unused)
{
    (void)unused;
    constant c = {plain, {.M_avail = 100.0}, .T = 5.0, .P = 0.0, .Q = -3.0};
    c.parameters.C_back = 7.0;
    const csk_herbicide_output o = run_constant(&c, 4, 1.0);
    assert_int_equal(o.n_negative, 4);
    assert_true(c.state.M_avail == 100.0 && o.lost_mass == 0.0);
    assert_true(first.column[0][8][3] == 0.0 && isnan(first.column[0][9][3]));
    assert_true(first.column[0][8][0] == 0.0 && first.column[0][9][0] == 0.0);
}

/* Background alone: 5 ng/L in 2 m3/s are 0.0864 x 5 x 2 g/d. */
static void background_is_in_load_and_concentration(void **unused)
{
    (void)unused;
    constant c = {plain, {.T_sum = 0.0}, .T = 5.0, .P = 0.0, .Q = 2.0};
    c.parameters.C_back = 5.0;
    run_constant(&c, 2, 0.25);
    assert_near(first.column[0][8][2], 0.864 * 0.25, 1e-15);
    assert_near(first.column[0][9][2], 5.0, 1e-15);
    assert_true(first.column[0][6][2] == 0.0);
}

static void no_trace_changes_nothing(void **unused)
{
    (void)unused;
    make_basin(&first, &daily);
    run_range(&first, &daily, 0, N_CATCHMENTS);
    make_basin(&second, &daily);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        second.outputs[c].trace = NULL;
    }
    run_range(&second, &daily, 0, N_CATCHMENTS);
    for (size_t c = 0; c < N_CATCHMENTS; c++) {
        assert_memory_equal(first.column[c][8], second.column[c][8], sizeof first.column[c][8]);
        assert_memory_equal(first.column[c][9], second.column[c][9], sizeof first.column[c][9]);
    }
}

static void assert_refused(csk_herbicide_parameters p, const char *name)
{
    const char *rule = csk_herbicide_invalid(&p);
    assert_non_null(rule);
    assert_non_null(strstr(rule, name));
}

static csk_herbicide_parameters with(size_t offset, double value)
{
    csk_herbicide_parameters p = plain;
    memcpy((char *)&p + offset, &value, sizeof value);
    return p;
}

static void invalid_parameters_are_named(void **unused)
{
    (void)unused;
    assert_null(csk_herbicide_invalid(&plain));
#define REFUSED(field, value)                                                                      \
    assert_refused(with(offsetof(csk_herbicide_parameters, field), value), #field)
    REFUSED(A_tot, 0.0);
    REFUSED(A_tot, (double)NAN);
    REFUSED(A_appl, -1.0);
    REFUSED(Mtot, -0.1);
    REFUSED(k, -0.1);
    REFUSED(k, 1.1);
    REFUSED(Init_avail, 1.1);
    REFUSED(T_objective, -1.0);
    REFUSED(Transfer_au, 1.0);
    REFUSED(Transfer_ua, -0.1);
    REFUSED(Eta, (double)INFINITY);
    REFUSED(C_back, (double)NAN);
#undef REFUSED
    csk_herbicide_state state = csk_herbicide_initial(&plain);
    assert_true(state.M_to_apply == plain.Mtot && stock(&state) == 0.0);
    assert_null(csk_herbicide_state_invalid(&state));
    state.M_unavail = -1.0;
    assert_non_null(strstr(csk_herbicide_state_invalid(&state), "M_unavail"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_reference_hourly),
        cmocka_unit_test(agrees_with_the_reference_daily),
        cmocka_unit_test(mass_is_conserved),
        cmocka_unit_test(mass_is_conserved_in_a_steady_climate),
        cmocka_unit_test(nothing_is_negative_whatever_the_rates),
        cmocka_unit_test(teams_and_ranges_give_the_same_bits),
        cmocka_unit_test(two_halves_make_a_year),
        cmocka_unit_test(results_have_the_bits_they_always_had),
        cmocka_unit_test(stock_alone_decays_exponentially),
        cmocka_unit_test(stocks_alone_reach_equilibrium),
        cmocka_unit_test(equal_eigenvalues_are_no_special_case),
        cmocka_unit_test(huge_eta_empties_the_stock_at_once),
        cmocka_unit_test(both_ways_over_a_row_agree),
        cmocka_unit_test(shorter_series_are_as_good),
        cmocka_unit_test(application_begins_inside_a_row),
        cmocka_unit_test(application_comes_to_an_end),
        cmocka_unit_test(application_waits_for_its_conditions),
        cmocka_unit_test(application_ends_as_the_sum_falls),
        cmocka_unit_test(hard_frost_fills_the_store),
        cmocka_unit_test(depletion_holds_at_any_size),
        cmocka_unit_test(negative_discharge_is_no_flow),
        cmocka_unit_test(background_is_in_load_and_concentration),
        cmocka_unit_test(no_trace_changes_nothing),
        cmocka_unit_test(invalid_parameters_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
