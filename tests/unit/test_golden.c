/* SPDX-License-Identifier: MIT */
/*
 * The kernels against the output of real model servers (golden/ of the shared folder, which says
 * where it comes from). Models with states are compared with the run at solver accuracy 1e-8, which
 * an exact method meets to 1e-5 of the largest concentration and 1e-4 of the maximum of every other
 * column; those without to 1e-8 (nine printed digits).
 */
#include "golden_table.h"

#include "kernels/substance/biocide.h"
#include "kernels/substance/herbicide.h"

/* Numbers of layout.xml and param.txt of each case. */
static const csk_herbicide_parameters herbicide_parameters[] = {
    {.A_tot = 15e6,
     .A_appl = 3e6,
     .Mtot = 0.05,
     .k = 0.7,
     .Init_avail = 0.3,
     .T_objective = 100.0,
     .Transfer_au = 0.05,
     .Transfer_ua = 0.003,
     .Eta = 5e9,
     .C_back = 5.0},
    {.A_tot = 8.2e6,
     .A_appl = 0.41e6,
     .Mtot = 0.021,
     .k = 0.2,
     .Init_avail = 0.6,
     .T_objective = 30.0,
     .Transfer_au = 0.4,
     .Transfer_ua = 0.02,
     .Eta = 2e9,
     .C_back = 0.0},
};
static const csk_herbicide_state herbicide_states[] = {
    {.M_to_apply = 0.05},
    {.M_to_apply = 0.0, .M_avail = 250.0, .M_unavail = 1200.0},
};
static const csk_biocide_parameters biocide_parameters[] = {
    {.A_appl = 0.4e6, .R_appl = 0.3, .Beta = 2e-5, .C_back = 1.5},
    {.A_appl = 52e3, .R_appl = 0.011, .Beta = 5e-4, .C_back = 0.0},
};

static csk_forcing forcing_of(const table *t)
{
    return (csk_forcing){.temperature = column(t, "T"),
                         .precipitation = column(t, "P"),
                         .local_discharge = column(t, "Qloc")};
}

/* The load follows from the golden column L, which has the background in it. */
static void assert_load(const table *golden, const double *load, double step, double tolerance)
{
    double per_day[N_ROWS];
    for (size_t i = 0; i < N_ROWS; i++) {
        per_day[i] = load[i] / step;
    }
    assert_column(golden, "L", per_day, tolerance);
}

static void compare_herbicide(size_t which)
{
    static table input, golden;
    static double row[10][N_ROWS];
    char name[64];
    snprintf(name, sizeof name, "herbicide/case%zu/input.txt", which + 1);
    read_table(&input, name);
    snprintf(name, sizeof name, "herbicide/case%zu/out_acc1e-8.txt", which + 1);
    read_table(&golden, name);

    const csk_clock clock = {.n_time = N_ROWS, .step = 1.0 / 24.0};
    const csk_forcing forcing = forcing_of(&input);
    const double objective = herbicide_parameters[which].T_objective;
    csk_herbicide_state state = herbicide_states[which];
    csk_herbicide_trace trace = {row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]};
    csk_herbicide_output output = {.load = row[8], .concentration = row[9], .trace = &trace};
    assert_null(csk_herbicide_invalid(&herbicide_parameters[which]));
    csk_herbicide_range(&output, &state, &forcing, &herbicide_parameters[which], &clock, 0, 1);

    assert_column(&golden, "Conc", output.concentration, 1e-5);
    assert_column(&golden, "M_to_apply", trace.M_to_apply, 1e-4);
    assert_column(&golden, "T_sum", trace.T_sum, 1e-4);
    assert_but_for_jumps(&golden, "f_applic", trace.f_applic, "T_sum", objective);
    assert_column(&golden, "M_avail", trace.M_avail, 1e-4);
    assert_column(&golden, "M_unavail", trace.M_unavail, 1e-4);
    assert_but_for_jumps(&golden, "M_stock", trace.M_stock, "T_sum", objective);
    assert_column(&golden, "Flux", trace.Flux, 1e-4);
    assert_column(&golden, "L", trace.L, 1e-4);
    assert_load(&golden, output.load, clock.step, 1e-4);
}

static void compare_biocide(size_t which)
{
    static table input, golden;
    static double row[4][N_ROWS];
    char name[64];
    snprintf(name, sizeof name, "biocide/case%zu/input.txt", which + 1);
    read_table(&input, name);
    snprintf(name, sizeof name, "biocide/case%zu/out.txt", which + 1);
    read_table(&golden, name);

    const csk_clock clock = {.n_time = N_ROWS, .step = 1.0 / 24.0};
    const csk_forcing forcing = forcing_of(&input);
    csk_biocide_trace trace = {row[0], row[1]};
    csk_biocide_output output = {.load = row[2], .concentration = row[3], .trace = &trace};
    assert_null(csk_biocide_invalid(&biocide_parameters[which]));
    csk_biocide_range(&output, &forcing, &biocide_parameters[which], &clock, 0, 1);

    assert_column(&golden, "Conc", output.concentration, 1e-8);
    assert_column(&golden, "Flux", trace.Flux, 1e-8);
    assert_column(&golden, "L", trace.L, 1e-8);
    assert_load(&golden, output.load, clock.step, 1e-8);
}

static void herbicide_case_1(void **unused)
{
    (void)unused;
    compare_herbicide(0);
}

static void herbicide_case_2(void **unused)
{
    (void)unused;
    compare_herbicide(1);
}

static void biocide_case_1(void **unused)
{
    (void)unused;
    compare_biocide(0);
}

static void biocide_case_2(void **unused)
{
    (void)unused;
    compare_biocide(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(herbicide_case_1),
        cmocka_unit_test(herbicide_case_2),
        cmocka_unit_test(biocide_case_1),
        cmocka_unit_test(biocide_case_2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
