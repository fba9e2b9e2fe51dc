/* SPDX-License-Identifier: MIT */
/*
 * The kernels against the output of real model servers (golden/ of the shared folder, which says
 * where it comes from). Models with states are compared with the run at solver accuracy 1e-8, which
 * an exact method meets to 1e-5 of the largest concentration and 1e-4 of the maximum of every other
 * column; those without to 1e-8 (nine printed digits).
 */
#include "golden_table.h"

#include "kernels/substance/biocide.h"
#include "kernels/substance/biocide_wwtp.h"
#include "kernels/substance/herbicide.h"
#include "kernels/substance/pesticide.h"

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

static const csk_pesticide_parameters pesticide_parameters[] = {
    {.area = 15e6,
     .area_applic = 3e6,
     .M_total = 0.05,
     .T_threshold = 5.0,
     .T_objective = 60.0,
     .f_daily = 0.01,
     .rain_threshold = 1.0,
     .beta = 100.0,
     .appl_loss = 1e-4,
     .k_decay = 0.02,
     .theta_decay = 1.08,
     .C_background = 5.0},
    {.area = 8.2e6,
     .area_applic = 0.41e6,
     .M_total = 0.021,
     .T_threshold = -3.0,
     .T_objective = 20.0,
     .f_daily = 0.002,
     .rain_threshold = 1.0,
     .beta = 1000.0,
     .appl_loss = 1e-4,
     .k_decay = 0.2,
     .theta_decay = 1.08,
     .C_background = 5.0},
};
static const csk_pesticide_state pesticide_states[] = {{.M_to_apply = 0.05}, {.M_to_apply = 0.0}};
static const csk_biocide_wwtp_parameters biocide_wwtp_parameters[] = {
    {.a_urban = 0.4e6, .M_stock = 0.3, .beta = 0.02, .C_background = 1.5},
    {.a_urban = 52e3, .M_stock = 0.011, .beta = 0.5},
};

static csk_forcing forcing_of(const table *t)
{
    return (csk_forcing){.temperature = column(t, "T"),
                         .precipitation = column(t, "P"),
                         .local_discharge = column(t, "Qloc")};
}

/* The load follows from the golden column of g/d that has the background in it. */
static void assert_load(const table *golden, const char *prefix, const double *load, double step,
                        double tolerance)
{
    double per_day[N_ROWS];
    for (size_t i = 0; i < N_ROWS; i++) {
        per_day[i] = load[i] / step;
    }
    assert_column(golden, prefix, per_day, tolerance);
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
    assert_load(&golden, "L", output.load, clock.step, 1e-4);
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
    assert_load(&golden, "L", output.load, clock.step, 1e-8);
}

static void compare_pesticide(size_t which)
{
    static table input, golden;
    static double row[7][N_ROWS];
    char name[64];
    snprintf(name, sizeof name, "pesticide/case%zu/input.txt", which + 1);
    read_table(&input, name);
    snprintf(name, sizeof name, "pesticide/case%zu/out_acc1e-8.txt", which + 1);
    read_table(&golden, name);

    const csk_clock clock = {.n_time = N_ROWS, .step = 1.0 / 24.0};
    const csk_forcing forcing = forcing_of(&input);
    const double objective = pesticide_parameters[which].T_objective;
    csk_pesticide_state state = pesticide_states[which];
    csk_pesticide_trace trace = {row[0], row[1], row[2], row[3], row[4]};
    csk_pesticide_output output = {.load = row[5], .concentration = row[6], .trace = &trace};
    assert_null(csk_pesticide_invalid(&pesticide_parameters[which]));
    csk_pesticide_range(&output, &state, &forcing, &pesticide_parameters[which], &clock, 0, 1);

    assert_column(&golden, "Conc", output.concentration, 1e-5);
    assert_column(&golden, "Load", trace.F_X, 1e-4);
    assert_column(&golden, "Mstock", trace.M_stock, 1e-4);
    assert_column(&golden, "Tsum", trace.T_sum, 1e-4);
    assert_column(&golden, "Mtoapply", trace.M_to_apply, 1e-4);
    assert_but_for_jumps(&golden, "fapplic", trace.f_applic, "Tsum", objective);
    assert_load(&golden, "Load", output.load, clock.step, 1e-4);
}

static void compare_biocide_wwtp(size_t which)
{
    static table input, golden;
    static double row[3][N_ROWS];
    char name[64];
    snprintf(name, sizeof name, "biocide_wwtp/case%zu/input.txt", which + 1);
    read_table(&input, name);
    snprintf(name, sizeof name, "biocide_wwtp/case%zu/out.txt", which + 1);
    read_table(&golden, name);

    const csk_clock clock = {.n_time = N_ROWS, .step = 1.0 / 24.0};
    const csk_forcing forcing = forcing_of(&input);
    csk_biocide_wwtp_trace trace = {row[0]};
    csk_biocide_wwtp_output output = {row[1], row[2], &trace, 0};
    assert_null(csk_biocide_wwtp_invalid(&biocide_wwtp_parameters[which]));
    csk_biocide_wwtp_range(&output, &forcing, &biocide_wwtp_parameters[which], &clock, 0, 1);

    assert_column(&golden, "Conc", output.concentration, 1e-8);
    assert_column(&golden, "Load", trace.F_X, 1e-8);
    assert_load(&golden, "Load", output.load, clock.step, 1e-8);
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

static void pesticide_case_1(void **unused)
{
    (void)unused;
    compare_pesticide(0);
}

static void pesticide_case_2(void **unused)
{
    (void)unused;
    compare_pesticide(1);
}

static void biocide_wwtp_case_1(void **unused)
{
    (void)unused;
    compare_biocide_wwtp(0);
}

static void biocide_wwtp_case_2(void **unused)
{
    (void)unused;
    compare_biocide_wwtp(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(herbicide_case_1),    cmocka_unit_test(herbicide_case_2),
        cmocka_unit_test(biocide_case_1),      cmocka_unit_test(biocide_case_2),
        cmocka_unit_test(pesticide_case_1),    cmocka_unit_test(pesticide_case_2),
        cmocka_unit_test(biocide_wwtp_case_1), cmocka_unit_test(biocide_wwtp_case_2),
    };
    return skip_exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
