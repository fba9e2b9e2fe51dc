/* SPDX-License-Identifier: MIT */
#include "kernels/substance/mixed.h"
#include "model/substance_models.h"

/* Where the lists of the parts begin. */
enum {
    HERBICIDE = 0,
    BIOCIDE = HERBICIDE + CS_N_HERBICIDE,
    HOUSEHOLD = BIOCIDE + CS_N_BIOCIDE,
    C_BACK = HOUSEHOLD + CS_N_HOUSEHOLD,
};

static const cs_parameter_info PARAMETERS[] = {
    CS_HERBICIDE_PARAMETERS("herbicide."),
    CS_BIOCIDE_PARAMETERS("biocide."),
    CS_HOUSEHOLD_PARAMETERS("household."),
    {"C_back", "ng L-1", NULL, CS_HERBICIDE_BACKGROUND},
};

static csk_mixed_parameters parameters_of(const double *p)
{
    return (csk_mixed_parameters){.herbicide = cs_herbicide_parameters(p + HERBICIDE),
                                  .biocide = cs_biocide_parameters(p + BIOCIDE),
                                  .household = cs_household_parameters(p + HOUSEHOLD),
                                  .C_back = p[C_BACK]};
}

static const char *invalid(const double *p)
{
    const csk_mixed_parameters parameters = parameters_of(p);
    return csk_mixed_invalid(&parameters);
}

static void initial(double *s, const double *p)
{
    const csk_mixed_parameters parameters = parameters_of(p);
    const csk_herbicide_state state = csk_herbicide_initial(&parameters.herbicide);
    cs_herbicide_put_state(s, &state);
}

static void run(cs_substance_run *run)
{
    csk_mixed_parameters parameters = parameters_of(run->parameters);
    parameters.household.patterns = run->patterns;
    csk_herbicide_state state = cs_herbicide_state(run->states);
    const double before = state.M_avail + state.M_unavail;
    csk_mixed_output output = {.load = run->load, .concentration = run->concentration};
    csk_mixed_range(&output, &state, &run->forcing, &parameters, &run->clock, 0, 1);
    cs_herbicide_put_state(run->states, &state);
    run->mass = (cs_mass_balance){.before = before,
                                  .applied = output.applied_mass,
                                  .lost = output.lost_mass,
                                  .left = state.M_avail + state.M_unavail};
    run->n_negative = output.n_negative;
}

const cs_substance_model cs_model_mixed = {.name = "mixed",
                                           .parameters = PARAMETERS,
                                           .n_parameters = CS_COUNT(PARAMETERS),
                                           .states = cs_herbicide_states,
                                           .n_states = CS_N_HERBICIDE_STATES,
                                           .needs = CS_NEEDS_ALL,
                                           .has_patterns = true,
                                           .invalid = invalid,
                                           .state_invalid = cs_herbicide_state_invalid,
                                           .initial = initial,
                                           .run = run};
