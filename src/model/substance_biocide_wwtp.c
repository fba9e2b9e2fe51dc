/* SPDX-License-Identifier: MIT */
#include "kernels/substance/biocide_wwtp.h"
#include "model/substance_models.h"

static const cs_parameter_info PARAMETERS[] = {
    {"a_urban", "m2", "application_area", CS_NO_DEFAULT},
    {"M_stock", "g m-2", "application_rate", CS_NO_DEFAULT},
    {"beta", "m-1", NULL, 0.002},
    {"k_wwtp", "1", NULL, 0.0},
    {"f_wwtp", "1", NULL, 0.0},
    {"C_background", "ng L-1", NULL, 0.0},
};

static csk_biocide_wwtp_parameters parameters_of(const double *p)
{
    return (csk_biocide_wwtp_parameters){.a_urban = p[0],
                                         .M_stock = p[1],
                                         .beta = p[2],
                                         .k_wwtp = p[3],
                                         .f_wwtp = p[4],
                                         .C_background = p[5]};
}

static const char *invalid(const double *p)
{
    const csk_biocide_wwtp_parameters parameters = parameters_of(p);
    return csk_biocide_wwtp_invalid(&parameters);
}

static void run(cs_substance_run *run)
{
    const csk_biocide_wwtp_parameters parameters = parameters_of(run->parameters);
    csk_biocide_wwtp_output output = {.load = run->load, .concentration = run->concentration};
    csk_biocide_wwtp_range(&output, &run->forcing, &parameters, &run->clock, 0, 1);
    run->mass = cs_mass_none();
    run->n_negative = output.n_negative;
}

const cs_substance_model cs_model_biocide_wwtp = {.name = "biocide_wwtp",
                                                  .parameters = PARAMETERS,
                                                  .n_parameters = CS_COUNT(PARAMETERS),
                                                  .needs = CS_NEEDS_PRECIPITATION | CS_NEEDS_WATER,
                                                  .invalid = invalid,
                                                  .state_invalid = cs_no_state_invalid,
                                                  .initial = cs_no_initial,
                                                  .run = run};
