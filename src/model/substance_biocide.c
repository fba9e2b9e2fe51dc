/* SPDX-License-Identifier: MIT */
#include "model/substance_models.h"

enum { C_BACK = CS_N_BIOCIDE };

static const cs_parameter_info PARAMETERS[] = {
    CS_BIOCIDE_PARAMETERS(""),
    {"C_back", "ng L-1", NULL, 0.0},
};

csk_biocide_parameters cs_biocide_parameters(const double *p)
{
    return (csk_biocide_parameters){.A_appl = p[0], .R_appl = p[1], .Beta = p[2]};
}

static csk_biocide_parameters with_background(const double *p)
{
    csk_biocide_parameters parameters = cs_biocide_parameters(p);
    parameters.C_back = p[C_BACK];
    return parameters;
}

static const char *invalid(const double *p)
{
    const csk_biocide_parameters parameters = with_background(p);
    return csk_biocide_invalid(&parameters);
}

static void run(cs_substance_run *run)
{
    const csk_biocide_parameters parameters = with_background(run->parameters);
    csk_biocide_output output = {.load = run->load, .concentration = run->concentration};
    csk_biocide_range(&output, &run->forcing, &parameters, &run->clock, 0, 1);
    run->mass = cs_mass_none();
    run->n_negative = output.n_negative;
}

const cs_substance_model cs_model_biocide = {.name = "biocide",
                                             .parameters = PARAMETERS,
                                             .n_parameters = CS_COUNT(PARAMETERS),
                                             .needs = CS_NEEDS_ALL,
                                             .invalid = invalid,
                                             .state_invalid = cs_no_state_invalid,
                                             .initial = cs_no_initial,
                                             .run = run};
