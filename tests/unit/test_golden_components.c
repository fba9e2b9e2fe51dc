/* SPDX-License-Identifier: MIT */
/*
 * The model types of the server's layouts, wired as the golden layouts wire them, against the
 * output of real model servers; and against the fused kernel.
 */
#include "golden_table.h"

#include "kernels/substance/components.h"
#include "kernels/substance/herbicide.h"

static const csk_clock hourly = {.n_time = N_ROWS, .step = 1.0 / 24.0};
static double row[16][N_ROWS];
static table input, golden;

static void read_case(const char *model, int which, const char *output)
{
    char name[64];
    snprintf(name, sizeof name, "%s/case%d/input.txt", model, which);
    read_table(&input, name);
    snprintf(name, sizeof name, "%s/case%d/%s", model, which, output);
    read_table(&golden, name);
}

/* A connection with a proportion. */
static const double *scaled(double *out, const double *in, double proportion)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        out[i] = proportion * in[i];
    }
    return out;
}

static void herbicide_chain(int which, csk_component_herbicide_application_parameters applied,
                            csk_component_herbicide_parameters moved,
                            csk_component_herbicide_application_state application,
                            csk_component_herbicide_state stocks)
{
    read_case("herbicide", which, "out_acc1e-8.txt");
    assert_null(csk_component_herbicide_application_invalid(&applied));
    assert_null(csk_component_herbicide_invalid(&moved));
    const csk_component_herbicide_application_input weather = {column(&input, "T"),
                                                               column(&input, "P")};
    const csk_component_herbicide_application_output first = {row[0], row[1], row[2]};
    csk_component_herbicide_application(&first, &application, &weather, &applied, &hourly);
    const csk_component_herbicide_input flows = {row[2], column(&input, "Qloc")};
    const csk_component_herbicide_output second = {row[3], row[4], row[5], row[6], row[7], row[8]};
    csk_component_herbicide(&second, &stocks, &flows, &moved, &hourly);
    assert_column(&golden, "M_to_apply", first.M_to_apply, 1e-4);
    assert_column(&golden, "T_sum", first.T_sum, 1e-4);
    assert_but_for_jumps(&golden, "f_applic", first.f_applic, "T_sum", applied.T_objective);
    assert_column(&golden, "Conc", second.C, 1e-5);
    assert_column(&golden, "Flux", second.Flux, 1e-4);
    assert_column(&golden, "L", second.L, 1e-4);
    assert_column(&golden, "M_avail", second.M_avail, 1e-4);
    assert_column(&golden, "M_unavail", second.M_unavail, 1e-4);
    assert_but_for_jumps(&golden, "M_stock", second.M_stock, "T_sum", applied.T_objective);
    assert_true(stocks.M_avail == row[6][N_ROWS - 1] && application.T_sum == row[1][N_ROWS - 1]);
}

static const csk_component_herbicide_application_parameters applied_1 = {0.05, 100.0};
static const csk_component_herbicide_parameters moved_1 = {.A_tot = 15e6,
                                                           .A_appl = 3e6,
                                                           .k = 0.7,
                                                           .Init_avail = 0.3,
                                                           .Transfer_au = 0.05,
                                                           .Transfer_ua = 0.003,
                                                           .Eta = 5e9,
                                                           .C_back = 5.0};

static void herbicide_case_1(void **unused)
{
    (void)unused;
    herbicide_chain(1, applied_1, moved_1, (csk_component_herbicide_application_state){0.05, 0.0},
                    (csk_component_herbicide_state){0.0, 0.0});
}

static void herbicide_case_2(void **unused)
{
    (void)unused;
    const csk_component_herbicide_parameters moved = {.A_tot = 8.2e6,
                                                      .A_appl = 0.41e6,
                                                      .k = 0.2,
                                                      .Init_avail = 0.6,
                                                      .Transfer_au = 0.4,
                                                      .Transfer_ua = 0.02,
                                                      .Eta = 2e9,
                                                      .C_back = 0.0};
    herbicide_chain(2, (csk_component_herbicide_application_parameters){0.021, 30.0}, moved,
                    (csk_component_herbicide_application_state){0.0, 0.0},
                    (csk_component_herbicide_state){250.0, 1200.0});
}

/* The chain hands a rate on where the fused kernel hands a mass on: rounding apart, the same. */
static void the_herbicide_chain_is_the_fused_kernel(void **unused)
{
    (void)unused;
    herbicide_case_1(NULL);
    const csk_forcing forcing = {column(&input, "T"), column(&input, "P"), column(&input, "Qloc")};
    const csk_herbicide_parameters p = {.A_tot = moved_1.A_tot,
                                        .A_appl = moved_1.A_appl,
                                        .Mtot = applied_1.M_totalperA,
                                        .k = moved_1.k,
                                        .Init_avail = moved_1.Init_avail,
                                        .T_objective = applied_1.T_objective,
                                        .Transfer_au = moved_1.Transfer_au,
                                        .Transfer_ua = moved_1.Transfer_ua,
                                        .Eta = moved_1.Eta,
                                        .C_back = moved_1.C_back};
    csk_herbicide_state state = csk_herbicide_initial(&p);
    csk_herbicide_output output = {.load = row[14], .concentration = row[15]};
    csk_herbicide_range(&output, &state, &forcing, &p, &hourly, 0, 1);
    double largest = 0.0;
    for (size_t i = 0; i < N_ROWS; i++) {
        largest = fmax(largest, fabs(row[15][i] - row[3][i]) / (1.0 + row[3][i]));
    }
    assert_true(largest < 1e-13);
}

static void biocide_chain(int which, csk_component_biocide_parameters parameters)
{
    read_case("biocide", which, "out.txt");
    assert_null(csk_component_biocide_invalid(&parameters));
    const csk_component_biocide_input in = {column(&input, "Qloc"), column(&input, "P"),
                                            column(&input, "T")};
    const csk_component_biocide_output out = {row[0], row[1], row[2]};
    csk_component_biocide(&out, &in, &parameters, &hourly);
    assert_column(&golden, "Conc", out.C, 1e-8);
    assert_column(&golden, "Flux", out.Flux, 1e-8);
    assert_column(&golden, "L", out.L, 1e-8);
}

static void biocide_cases(void **unused)
{
    (void)unused;
    biocide_chain(1, (csk_component_biocide_parameters){0.3, 0.4e6, 2e-5, 1.5});
    biocide_chain(2, (csk_component_biocide_parameters){0.011, 52e3, 5e-4, 0.0});
}

static void pesticide_chain(int which, csk_component_iwq_quality_application_parameters applied,
                            csk_component_iwq_quality_pesticide_parameters moved,
                            csk_component_iwq_quality_application_state application)
{
    read_case("pesticide", which, "out_acc1e-8.txt");
    assert_null(csk_component_iwq_quality_application_invalid(&applied));
    assert_null(csk_component_iwq_quality_pesticide_invalid(&moved));
    const double *T = column(&input, "T");
    const double *Qloc = column(&input, "Qloc");
    const csk_component_iwq_quality_application_input weather = {T, column(&input, "P")};
    const csk_component_iwq_quality_application_output first = {row[0], row[1], row[2]};
    csk_component_iwq_quality_application(&first, &application, &weather, &applied, &hourly);
    csk_component_iwq_quality_pesticide_state stock = {0.0};
    const csk_component_iwq_quality_pesticide_input flows = {
        .f_applic = row[2],
        .T_air = T,
        .F_driver = scaled(row[6], Qloc, 86400.0),
        .Q_total = row[6],
        .Q_background = scaled(row[7], Qloc, 86400000.0)};
    const csk_component_iwq_quality_pesticide_output second = {row[3], row[4], row[5]};
    csk_component_iwq_quality_pesticide(&second, &stock, &flows, &moved, &hourly);
    assert_column(&golden, "Conc", scaled(row[8], second.C_X, 0.001), 1e-5);
    assert_column(&golden, "Load", second.F_X, 1e-4);
    assert_column(&golden, "Mstock", second.M_stock, 1e-4);
    assert_column(&golden, "Tsum", first.T_sum, 1e-4);
    assert_column(&golden, "Mtoapply", first.M_to_apply, 1e-4);
    assert_but_for_jumps(&golden, "fapplic", first.f_applic, "Tsum", applied.T_objective);
}

static void pesticide_case_1(void **unused)
{
    (void)unused;
    pesticide_chain(1,
                    (csk_component_iwq_quality_application_parameters){.M_total = 0.05,
                                                                       .T_threshold = 5.0,
                                                                       .T_objective = 60.0,
                                                                       .f_daily = 0.01,
                                                                       .rain_threshold = 1.0},
                    (csk_component_iwq_quality_pesticide_parameters){.area = 15e6,
                                                                     .area_applic = 3e6,
                                                                     .beta = 100.0,
                                                                     .appl_loss = 1e-4,
                                                                     .k_decay = 0.02,
                                                                     .theta_decay = 1.08,
                                                                     .C_background = 5.0},
                    (csk_component_iwq_quality_application_state){.M_to_apply = 0.05});
}

static void pesticide_case_2(void **unused)
{
    (void)unused;
    pesticide_chain(2,
                    (csk_component_iwq_quality_application_parameters){.M_total = 0.021,
                                                                       .T_threshold = -3.0,
                                                                       .T_objective = 20.0,
                                                                       .f_daily = 0.002,
                                                                       .rain_threshold = 1.0},
                    (csk_component_iwq_quality_pesticide_parameters){.area = 8.2e6,
                                                                     .area_applic = 0.41e6,
                                                                     .beta = 1000.0,
                                                                     .appl_loss = 1e-4,
                                                                     .k_decay = 0.2,
                                                                     .theta_decay = 1.08,
                                                                     .C_background = 5.0},
                    (csk_component_iwq_quality_application_state){.M_to_apply = 0.0});
}

static void biocide_wwtp_chain(int which, csk_component_iwq_quality_biocide_parameters parameters)
{
    read_case("biocide_wwtp", which, "out.txt");
    assert_null(csk_component_iwq_quality_biocide_invalid(&parameters));
    const double *Qloc = column(&input, "Qloc");
    const csk_component_iwq_quality_biocide_input in = {.F_driver = column(&input, "P"),
                                                        .Q_total = scaled(row[2], Qloc, 86400.0),
                                                        .Q_background =
                                                            scaled(row[3], Qloc, 86400000.0)};
    const csk_component_iwq_quality_biocide_output out = {row[0], row[1]};
    csk_component_iwq_quality_biocide(&out, &in, &parameters, &hourly);
    assert_column(&golden, "Conc", scaled(row[4], out.C_X, 0.001), 1e-8);
    assert_column(&golden, "Load", out.F_X, 1e-8);
}

static void biocide_wwtp_cases(void **unused)
{
    (void)unused;
    biocide_wwtp_chain(1, (csk_component_iwq_quality_biocide_parameters){
                              .a_urban = 0.4e6, .M_stock = 0.3, .beta = 0.02, .C_background = 1.5});
    biocide_wwtp_chain(2, (csk_component_iwq_quality_biocide_parameters){
                              .a_urban = 52e3, .M_stock = 0.011, .beta = 0.5});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(herbicide_case_1),
        cmocka_unit_test(herbicide_case_2),
        cmocka_unit_test(the_herbicide_chain_is_the_fused_kernel),
        cmocka_unit_test(biocide_cases),
        cmocka_unit_test(pesticide_case_1),
        cmocka_unit_test(pesticide_case_2),
        cmocka_unit_test(biocide_wwtp_cases),
    };
    return skip_exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
