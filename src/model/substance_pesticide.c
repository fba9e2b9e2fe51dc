/* SPDX-License-Identifier: MIT */
#include "kernels/substance/pesticide.h"
#include "model/substance_models.h"

static const cs_parameter_info PARAMETERS[] = {
    {"area", "m2", "area", CS_NO_DEFAULT},
    {"area_applic", "m2", "application_area", CS_NO_DEFAULT},
    {"M_total", "g m-2", "application_rate", CS_NO_DEFAULT},
    {"T_threshold", "degC", NULL, 5.0},
    {"T_objective", "degC d", NULL, 300.0},
    {"f_daily", "g m-2 d-1", NULL, 0.01},
    {"rain_threshold", "mm d-1", NULL, 1.0},
    {"beta", "km-1", NULL, 100.0},
    {"appl_loss", "1", NULL, 1e-4},
    {"k_decay", "d-1", NULL, 0.02},
    {"theta_decay", "1", NULL, 1.08},
    {"C_background", "ng L-1", NULL, 5.0},
};

static const cs_state_info STATES[] = {
    {"T_sum", "degC d"}, {"M_to_apply", "g m-2"}, {"M_stock", "g"}};

static csk_pesticide_parameters parameters_of(const double *p)
{
    return (csk_pesticide_parameters){.area = p[0],
                                      .area_applic = p[1],
                                      .M_total = p[2],
                                      .T_threshold = p[3],
                                      .T_objective = p[4],
                                      .f_daily = p[5],
                                      .rain_threshold = p[6],
                                      .beta = p[7],
                                      .appl_loss = p[8],
                                      .k_decay = p[9],
                                      .theta_decay = p[10],
                                      .C_background = p[11]};
}

static csk_pesticide_state state_of(const double *s)
{
    return (csk_pesticide_state){.T_sum = s[0], .M_to_apply = s[1], .M_stock = s[2]};
}

static void put_state(double *s, const csk_pesticide_state *state)
{
    s[0] = state->T_sum;
    s[1] = state->M_to_apply;
    s[2] = state->M_stock;
}

static const char *invalid(const double *p)
{
    const csk_pesticide_parameters parameters = parameters_of(p);
    return csk_pesticide_invalid(&parameters);
}

static const char *state_invalid(const double *s)
{
    const csk_pesticide_state state = state_of(s);
    return csk_pesticide_state_invalid(&state);
}

static void initial(double *s, const double *p)
{
    const csk_pesticide_parameters parameters = parameters_of(p);
    const csk_pesticide_state state = csk_pesticide_initial(&parameters);
    put_state(s, &state);
}

static void run(cs_substance_run *run)
{
    const csk_pesticide_parameters parameters = parameters_of(run->parameters);
    csk_pesticide_state state = state_of(run->states);
    const double before = state.M_stock;
    csk_pesticide_output output = {.load = run->load, .concentration = run->concentration};
    csk_pesticide_range(&output, &state, &run->forcing, &parameters, &run->clock, 0, 1);
    put_state(run->states, &state);
    run->mass = (cs_mass_balance){.before = before,
                                  .applied = output.applied_mass,
                                  .lost = output.lost_mass,
                                  .decayed = output.decayed_mass,
                                  .left = state.M_stock};
    run->n_negative = output.n_negative;
}

const cs_substance_model cs_model_pesticide = {.name = "pesticide",
                                               .parameters = PARAMETERS,
                                               .n_parameters = CS_COUNT(PARAMETERS),
                                               .states = STATES,
                                               .n_states = CS_COUNT(STATES),
                                               .needs = CS_NEEDS_ALL,
                                               .invalid = invalid,
                                               .state_invalid = state_invalid,
                                               .initial = initial,
                                               .run = run};
