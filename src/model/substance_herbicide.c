/* SPDX-License-Identifier: MIT */
#include "model/substance_models.h"

/* Behind the list that the mixed model shares. */
enum { C_BACK = CS_N_HERBICIDE, RATIO };

static const cs_parameter_info PARAMETERS[] = {
    CS_HERBICIDE_PARAMETERS(""),
    {"C_back", "ng L-1", NULL, CS_HERBICIDE_BACKGROUND},
    {"ratio_herbicide_area_cal", "1", NULL, 0.0},
};

const cs_state_info cs_herbicide_states[CS_N_HERBICIDE_STATES] = {
    {"T_sum", "degC d"}, {"M_to_apply", "g m-2"}, {"M_avail", "g"}, {"M_unavail", "g"}};

csk_herbicide_parameters cs_herbicide_parameters(const double *p)
{
    return (csk_herbicide_parameters){.A_tot = p[0],
                                      .A_appl = p[1],
                                      .Mtot = p[2],
                                      .k = p[3],
                                      .Init_avail = p[4],
                                      .T_objective = p[5],
                                      .Transfer_au = p[6],
                                      .Transfer_ua = p[7],
                                      .Eta = p[8]};
}

static csk_herbicide_parameters with_background(const double *p)
{
    csk_herbicide_parameters parameters = cs_herbicide_parameters(p);
    parameters.C_back = p[C_BACK];
    return parameters;
}

csk_herbicide_state cs_herbicide_state(const double *s)
{
    return (csk_herbicide_state){
        .T_sum = s[0], .M_to_apply = s[1], .M_avail = s[2], .M_unavail = s[3]};
}

void cs_herbicide_put_state(double *s, const csk_herbicide_state *state)
{
    s[0] = state->T_sum;
    s[1] = state->M_to_apply;
    s[2] = state->M_avail;
    s[3] = state->M_unavail;
}

const char *cs_herbicide_state_invalid(const double *s)
{
    const csk_herbicide_state state = cs_herbicide_state(s);
    return csk_herbicide_state_invalid(&state);
}

static const char *invalid(const double *p)
{
    const csk_herbicide_parameters parameters = with_background(p);
    const char *broken = csk_herbicide_invalid(&parameters);
    if (broken == NULL && !(p[RATIO] >= 0.0 && isfinite(p[RATIO]))) {
        broken = "ratio_herbicide_area_cal must be a number >= 0 (0: none)";
    }
    return broken;
}

/*
 * The background was calibrated where this share of the area was applied to; elsewhere it is in
 * proportion to the share there.
 */
static void settle(double *p)
{
    const csk_herbicide_parameters parameters = cs_herbicide_parameters(p);
    if (p[RATIO] > 0.0) {
        p[C_BACK] = parameters.Mtot > 0.0
                        ? p[C_BACK] * (parameters.A_appl / parameters.A_tot) / p[RATIO]
                        : 0.0;
    }
}

static void initial(double *s, const double *p)
{
    const csk_herbicide_parameters parameters = cs_herbicide_parameters(p);
    const csk_herbicide_state state = csk_herbicide_initial(&parameters);
    cs_herbicide_put_state(s, &state);
}

static void run(cs_substance_run *run)
{
    const csk_herbicide_parameters parameters = with_background(run->parameters);
    csk_herbicide_state state = cs_herbicide_state(run->states);
    const double before = state.M_avail + state.M_unavail;
    csk_herbicide_output output = {.load = run->load, .concentration = run->concentration};
    csk_herbicide_range(&output, &state, &run->forcing, &parameters, &run->clock, 0, 1);
    cs_herbicide_put_state(run->states, &state);
    run->mass = (cs_mass_balance){.before = before,
                                  .applied = output.applied_mass,
                                  .lost = output.lost_mass,
                                  .left = state.M_avail + state.M_unavail};
    run->n_negative = output.n_negative;
}

const cs_substance_model cs_model_herbicide = {.name = "herbicide",
                                               .parameters = PARAMETERS,
                                               .n_parameters = CS_COUNT(PARAMETERS),
                                               .states = cs_herbicide_states,
                                               .n_states = CS_N_HERBICIDE_STATES,
                                               .needs = CS_NEEDS_ALL,
                                               .invalid = invalid,
                                               .settle = settle,
                                               .state_invalid = cs_herbicide_state_invalid,
                                               .initial = initial,
                                               .run = run};
