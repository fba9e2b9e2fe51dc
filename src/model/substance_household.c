/* SPDX-License-Identifier: MIT */
#include "model/substance_models.h"

enum { C_BACK = CS_N_HOUSEHOLD };

static const cs_parameter_info PARAMETERS[] = {
    CS_HOUSEHOLD_PARAMETERS(""),
    {"C_back", "ng L-1", NULL, 0.0},
};

csk_household_parameters cs_household_parameters(const double *p)
{
    return (csk_household_parameters){.population = p[0],
                                      .consumption = p[1],
                                      .excreted = p[2],
                                      .connected = p[3],
                                      .removal = p[4],
                                      .direct = p[5],
                                      .point_load = p[6]};
}

static csk_household_parameters with_background(const double *p)
{
    csk_household_parameters parameters = cs_household_parameters(p);
    parameters.C_back = p[C_BACK];
    return parameters;
}

static const char *invalid(const double *p)
{
    const csk_household_parameters parameters = with_background(p);
    return csk_household_invalid(&parameters);
}

static void run(cs_substance_run *run)
{
    csk_household_parameters parameters = with_background(run->parameters);
    parameters.patterns = run->patterns;
    csk_household_output output = {.load = run->load, .concentration = run->concentration};
    csk_household_range(&output, &run->forcing, &parameters, &run->clock, 0, 1);
    run->mass = cs_mass_none();
    run->n_negative = output.n_negative;
}

const cs_substance_model cs_model_household = {.name = "household",
                                               .parameters = PARAMETERS,
                                               .n_parameters = CS_COUNT(PARAMETERS),
                                               .needs = CS_NEEDS_WATER,
                                               .has_patterns = true,
                                               .invalid = invalid,
                                               .state_invalid = cs_no_state_invalid,
                                               .initial = cs_no_initial,
                                               .run = run};
