/* SPDX-License-Identifier: MIT */
/*
 * The model types of the server's layouts against the fused kernels, on random weather, and their
 * conventions: ports that are not connected, columns that are not wanted, rows without water. The
 * comparison with the servers is in test_golden_components.c.
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
#include "kernels/substance/biocide_wwtp.h"
#include "kernels/substance/components.h"
#include "kernels/substance/herbicide.h"
#include "kernels/substance/pesticide.h"

enum { N_TIME = 9000 };

static const csk_clock hourly = {.n_time = N_TIME, .step = 1.0 / 24.0};
static double T[N_TIME], P[N_TIME], Q[N_TIME], Q_total[N_TIME], Q_background[N_TIME];
static double row[12][N_TIME];
static const csk_forcing forcing = {T, P, Q};

static double between(uint64_t index, double low, double high)
{
    return low + (high - low) * csk_uniform(31, 0, index);
}

static void make_weather(void)
{
    for (size_t i = 0; i < N_TIME; i++) {
        const double season = i > 2400 && i < 6700 ? 12.0 : 0.0;
        T[i] = i % 31 == 0 ? 0.0 : between(4 * i, -8.0, 5.0) + season;
        P[i] = between(4 * i + 1, -20.0, 20.0); /* below 0 is none */
        Q[i] = between(4 * i + 2, -0.01, 1.0);
        Q_total[i] = 86400.0 * Q[i];
        Q_background[i] = 86400000.0 * Q[i];
    }
    T[0] = P[0] = Q[0] = Q_total[0] = Q_background[0] = (double)NAN; /* is never read */
}

/* The concentrations of a kernel and of a component, in which what is missing is 0. */
static void assert_concentrations(const double *kernel, const double *component, double proportion)
{
    size_t n_missing = 0;
    for (size_t i = 0; i < N_TIME; i++) {
        const double c = proportion * component[i];
        if (isnan(kernel[i])) {
            assert_true(c == 0.0);
            n_missing++;
        } else if (!(fabs(c - kernel[i]) <= 1e-10 * (1.0 + kernel[i]))) {
            fail_msg("row %zu: %.17g, the kernel has %.17g", i, c, kernel[i]);
        }
    }
    assert_true(n_missing > 10);
}

static void herbicide_in_two_is_herbicide_in_one(void **unused)
{
    (void)unused;
    const csk_herbicide_parameters p = {.A_tot = 15e6,
                                        .A_appl = 3e6,
                                        .Mtot = 0.05,
                                        .k = 0.7,
                                        .Init_avail = 0.3,
                                        .T_objective = 30.0,
                                        .Transfer_au = 0.05,
                                        .Transfer_ua = 0.003,
                                        .Eta = 5e9,
                                        .C_back = 5.0};
    make_weather();
    csk_herbicide_state state = csk_herbicide_initial(&p);
    csk_herbicide_output fused = {.load = row[0], .concentration = row[1]};
    csk_herbicide_range(&fused, &state, &forcing, &p, &hourly, 0, 1);
    assert_true(fused.applied_mass > 0.0);

    const csk_component_herbicide_application_parameters applied = {p.Mtot, p.T_objective};
    const csk_component_herbicide_application_input weather = {T, P};
    const csk_component_herbicide_application_output application = {.f_applic = row[2]};
    csk_component_herbicide_application_state first = {.M_to_apply = p.Mtot};
    csk_component_herbicide_application(&application, &first, &weather, &applied, &hourly);
    const csk_component_herbicide_parameters moved = {.A_tot = p.A_tot,
                                                      .A_appl = p.A_appl,
                                                      .k = p.k,
                                                      .Init_avail = p.Init_avail,
                                                      .Transfer_au = p.Transfer_au,
                                                      .Transfer_ua = p.Transfer_ua,
                                                      .Eta = p.Eta,
                                                      .C_back = p.C_back};
    const csk_component_herbicide_input flows = {row[2], Q};
    const csk_component_herbicide_output transport = {.C = row[3]};
    csk_component_herbicide_state second = {0.0, 0.0};
    csk_component_herbicide(&transport, &second, &flows, &moved, &hourly);
    assert_concentrations(row[1], row[3], 1.0);
    assert_true(first.T_sum == state.T_sum && first.M_to_apply == state.M_to_apply);
    assert_true(fabs(second.M_unavail - state.M_unavail) <= 1e-10 * state.M_unavail);
}

static void pesticide_in_two_is_pesticide_in_one(void **unused)
{
    (void)unused;
    const csk_pesticide_parameters p = {.area = 15e6,
                                        .area_applic = 3e6,
                                        .M_total = 0.05,
                                        .T_threshold = 3.0,
                                        .T_objective = 50.0,
                                        .f_daily = 0.002,
                                        .rain_threshold = 1.0,
                                        .beta = 100.0,
                                        .appl_loss = 1e-4,
                                        .k_decay = 0.02,
                                        .theta_decay = 1.08,
                                        .C_background = 5.0};
    make_weather();
    csk_pesticide_state state = csk_pesticide_initial(&p);
    csk_pesticide_output fused = {.load = row[0], .concentration = row[1]};
    csk_pesticide_range(&fused, &state, &forcing, &p, &hourly, 0, 1);
    assert_true(fused.applied_mass > 0.0);

    const csk_component_iwq_quality_application_parameters applied = {
        p.M_total, p.T_threshold, p.T_objective, p.f_daily, p.rain_threshold};
    const csk_component_iwq_quality_application_input weather = {T, P};
    const csk_component_iwq_quality_application_output application = {.f_applic = row[2]};
    csk_component_iwq_quality_application_state first = {.M_to_apply = p.M_total};
    csk_component_iwq_quality_application(&application, &first, &weather, &applied, &hourly);
    const csk_component_iwq_quality_pesticide_parameters moved = {.area = p.area,
                                                                  .area_applic = p.area_applic,
                                                                  .beta = p.beta,
                                                                  .appl_loss = p.appl_loss,
                                                                  .k_decay = p.k_decay,
                                                                  .theta_decay = p.theta_decay,
                                                                  .C_background = p.C_background};
    const csk_component_iwq_quality_pesticide_input flows = {row[2], T, Q_total, Q_total,
                                                             Q_background};
    const csk_component_iwq_quality_pesticide_output stock = {.C_X = row[3]};
    csk_component_iwq_quality_pesticide_state second = {0.0};
    csk_component_iwq_quality_pesticide(&stock, &second, &flows, &moved, &hourly);
    assert_concentrations(row[1], row[3], 0.001);
    assert_true(first.T_sum == state.T_sum && first.M_to_apply == state.M_to_apply);
    assert_true(fabs(second.M_stock - state.M_stock) <= 1e-10 * state.M_stock);
}

static void biocides_are_the_kernels(void **unused)
{
    (void)unused;
    make_weather();
    const csk_biocide_parameters p = {.A_appl = 4e5, .R_appl = 0.3, .Beta = 2e-5, .C_back = 1.5};
    csk_biocide_output fused = {.load = row[0], .concentration = row[1]};
    csk_biocide_range(&fused, &forcing, &p, &hourly, 0, 1);
    const csk_component_biocide_parameters parameters = {p.R_appl, p.A_appl, p.Beta, p.C_back};
    const csk_component_biocide_input in = {Q, P, T};
    const csk_component_biocide_output out = {.C = row[2]};
    csk_component_biocide(&out, &in, &parameters, &hourly);
    assert_concentrations(row[1], row[2], 1.0);

    const csk_biocide_wwtp_parameters w = {4e5, 0.3, 0.02, 0.8, 0.5, 1.5};
    csk_biocide_wwtp_output fused_wwtp = {.load = row[0], .concentration = row[1]};
    csk_biocide_wwtp_range(&fused_wwtp, &forcing, &w, &hourly, 0, 1);
    const csk_component_iwq_quality_biocide_parameters share = {.a_urban = w.a_urban,
                                                                .M_stock = w.M_stock,
                                                                .beta = w.beta,
                                                                .k_wwtp = w.k_wwtp,
                                                                .f_wwtp = w.f_wwtp,
                                                                .C_background = w.C_background};
    csk_component_iwq_quality_biocide_input rain = {
        .F_driver = P, .Q_total = Q_total, .Q_background = Q_background};
    const csk_component_iwq_quality_biocide_output washed = {.C_X = row[2]};
    csk_component_iwq_quality_biocide(&washed, &rain, &share, &hourly);
    assert_concentrations(row[1], row[2], 0.001);
    csk_component_iwq_quality_biocide_parameters by_port = share;
    by_port.f_wwtp = 77.0; /* the port counts */
    for (size_t i = 0; i < N_TIME; i++) {
        row[4][i] = 0.5;
    }
    rain.f_wwtp = row[4];
    const csk_component_iwq_quality_biocide_output again = {.C_X = row[3]};
    csk_component_iwq_quality_biocide(&again, &rain, &by_port, &hourly);
    assert_memory_equal(row[2], row[3], sizeof row[2]);
}

/* Nothing connected, nothing wanted: states follow what zeros say, and nothing is written. */
static void ports_may_be_open(void **unused)
{
    (void)unused;
    const csk_component_herbicide_application_parameters applied = {0.05, 100.0};
    const csk_component_herbicide_application_input no_weather = {NULL, NULL};
    const csk_component_herbicide_application_output nothing = {NULL, NULL, NULL};
    csk_component_herbicide_application_state state = {0.02, 10.0};
    const csk_clock day = {.n_time = 25, .step = 1.0 / 24.0};
    csk_component_herbicide_application(&nothing, &state, &no_weather, &applied, &day);
    assert_true(fabs(state.T_sum - 10.0 * exp(-0.99)) < 1e-13); /* T = 0 */
    assert_true(state.M_to_apply == 0.02);
    const csk_component_iwq_quality_pesticide_parameters moved = {
        .area = 1.0, .k_decay = 0.1, .theta_decay = 1.0};
    const csk_component_iwq_quality_pesticide_input no_flows = {0};
    const csk_component_iwq_quality_pesticide_output no_columns = {0};
    csk_component_iwq_quality_pesticide_state stock = {10.0};
    csk_component_iwq_quality_pesticide(&no_columns, &stock, &no_flows, &moved, &day);
    assert_true(fabs(stock.M_stock - 10.0 * exp(-0.1)) < 1e-13);
}

/* Row 0: states as given, fluxes and concentrations 0. */
static void row_0_is_the_initial_state(void **unused)
{
    (void)unused;
    make_weather();
    const csk_component_herbicide_parameters moved = {
        .A_tot = 1e6, .A_appl = 1e5, .Eta = 1e9, .C_back = 5.0};
    const csk_component_herbicide_input flows = {NULL, Q};
    const csk_component_herbicide_output out = {row[0], row[1], row[2], row[3], row[4], row[5]};
    csk_component_herbicide_state stocks = {250.0, 1200.0};
    csk_component_herbicide(&out, &stocks, &flows, &moved, &hourly);
    assert_true(row[0][0] == 0.0 && row[1][0] == 0.0 && row[2][0] == 0.0 && row[5][0] == 0.0);
    assert_true(row[3][0] == 250.0 && row[4][0] == 1200.0);
    assert_true(row[3][N_TIME - 1] == stocks.M_avail && row[1][1] > 0.0);
}

static void invalid_parameters_are_named(void **unused)
{
    (void)unused;
    const csk_component_herbicide_application_parameters a = {-1.0, 0.0};
    assert_non_null(strstr(csk_component_herbicide_application_invalid(&a), "M_totalperA"));
    csk_component_herbicide_parameters b = {.A_tot = 1.0};
    assert_null(csk_component_herbicide_invalid(&b));
    b.Eta = -1.0;
    assert_non_null(strstr(csk_component_herbicide_invalid(&b), "Eta"));
    const csk_component_biocide_parameters c = {.Beta = (double)NAN};
    assert_non_null(strstr(csk_component_biocide_invalid(&c), "Beta"));
    const csk_component_iwq_quality_application_parameters d = {.f_daily = -1.0};
    assert_non_null(strstr(csk_component_iwq_quality_application_invalid(&d), "f_daily"));
    const csk_component_iwq_quality_pesticide_parameters e = {.area = 1.0, .theta_decay = 1.5};
    assert_non_null(strstr(csk_component_iwq_quality_pesticide_invalid(&e), "theta_decay"));
    const csk_component_iwq_quality_biocide_parameters f = {.k_wwtp = 1.5};
    assert_non_null(strstr(csk_component_iwq_quality_biocide_invalid(&f), "k_wwtp"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(herbicide_in_two_is_herbicide_in_one),
        cmocka_unit_test(pesticide_in_two_is_pesticide_in_one),
        cmocka_unit_test(biocides_are_the_kernels),
        cmocka_unit_test(ports_may_be_open),
        cmocka_unit_test(row_0_is_the_initial_state),
        cmocka_unit_test(invalid_parameters_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
