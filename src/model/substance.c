/* SPDX-License-Identifier: MIT */
#include "model/substance.h"

#include <math.h>
#include <string.h>

#include "kernels/substance/biocide.h"
#include "kernels/substance/herbicide.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define NO_DEFAULT   NAN

static const uint32_t WEATHER_AND_WATER =
    1U << CS_TEMPERATURE | 1U << CS_PRECIPITATION | 1U << CS_LOCAL_DISCHARGE;

/* ---- herbicide ---- */

static const cs_parameter_info HERBICIDE_PARAMETERS[] = {
    {"A_tot", "m2", "area", NO_DEFAULT},
    {"A_appl", "m2", "application_area", NO_DEFAULT},
    {"R_appl", "g m-2", "application_rate", NO_DEFAULT},
    {"k", "1", NULL, 0.7},
    {"Init_avail", "1", NULL, 0.3},
    {"T_objective", "degC d", NULL, 400.0},
    {"Transfer_au", "d-1", NULL, 0.05},
    {"Transfer_ua", "d-1", NULL, 0.003},
    {"Eta", "s m-2", NULL, 5e9},
    {"C_back", "ng L-1", NULL, 5.0},
};

static const cs_state_info HERBICIDE_STATES[] = {
    {"T_sum", "degC d"}, {"M_to_apply", "g m-2"}, {"M_avail", "g"}, {"M_unavail", "g"}};

static csk_herbicide_parameters herbicide_parameters(const double *p)
{
    return (csk_herbicide_parameters){.A_tot = p[0],
                                      .A_appl = p[1],
                                      .Mtot = p[2],
                                      .k = p[3],
                                      .Init_avail = p[4],
                                      .T_objective = p[5],
                                      .Transfer_au = p[6],
                                      .Transfer_ua = p[7],
                                      .Eta = p[8],
                                      .C_back = p[9]};
}

static csk_herbicide_state herbicide_state(const double *s)
{
    return (csk_herbicide_state){
        .T_sum = s[0], .M_to_apply = s[1], .M_avail = s[2], .M_unavail = s[3]};
}

static void put_herbicide_state(double *s, const csk_herbicide_state *state)
{
    s[0] = state->T_sum;
    s[1] = state->M_to_apply;
    s[2] = state->M_avail;
    s[3] = state->M_unavail;
}

static const char *herbicide_invalid(const double *p)
{
    const csk_herbicide_parameters parameters = herbicide_parameters(p);
    return csk_herbicide_invalid(&parameters);
}

static const char *herbicide_state_invalid(const double *s)
{
    const csk_herbicide_state state = herbicide_state(s);
    return csk_herbicide_state_invalid(&state);
}

static void herbicide_initial(double *s, const double *p)
{
    const csk_herbicide_parameters parameters = herbicide_parameters(p);
    const csk_herbicide_state state = csk_herbicide_initial(&parameters);
    put_herbicide_state(s, &state);
}

static void herbicide_run(cs_substance_run *run)
{
    const csk_herbicide_parameters parameters = herbicide_parameters(run->parameters);
    csk_herbicide_state state = herbicide_state(run->states);
    csk_herbicide_output output = {.load = run->load, .concentration = run->concentration};
    csk_herbicide_range(&output, &state, &run->forcing, &parameters, &run->clock, 0, 1);
    put_herbicide_state(run->states, &state);
    run->applied = output.applied_mass;
    run->left = state.M_avail + state.M_unavail;
    run->n_negative = output.n_negative;
}

/* ---- biocide ---- */

static const cs_parameter_info BIOCIDE_PARAMETERS[] = {
    {"A_appl", "m2", "application_area", NO_DEFAULT},
    {"R_appl", "g m-2", NULL, 0.3},
    {"Beta", "mm-1", NULL, 2e-5},
    {"C_back", "ng L-1", NULL, 0.0},
};

static csk_biocide_parameters biocide_parameters(const double *p)
{
    return (csk_biocide_parameters){.A_appl = p[0], .R_appl = p[1], .Beta = p[2], .C_back = p[3]};
}

static const char *biocide_invalid(const double *p)
{
    const csk_biocide_parameters parameters = biocide_parameters(p);
    return csk_biocide_invalid(&parameters);
}

static void biocide_run(cs_substance_run *run)
{
    const csk_biocide_parameters parameters = biocide_parameters(run->parameters);
    csk_biocide_output output = {.load = run->load, .concentration = run->concentration};
    csk_biocide_range(&output, &run->forcing, &parameters, &run->clock, 0, 1);
    run->applied = NAN;
    run->left = NAN;
    run->n_negative = output.n_negative;
}

/* ---- models without states ---- */

static const char *no_state_invalid(const double *states)
{
    (void)states;
    return NULL;
}

static void no_initial(double *states, const double *parameters)
{
    (void)states;
    (void)parameters;
}

/* ---- the catalogue ---- */

static const cs_substance_model *catalogue(size_t *n)
{
    static const cs_substance_model MODELS[] = {
        {.name = "herbicide",
         .parameters = HERBICIDE_PARAMETERS,
         .n_parameters = COUNT(HERBICIDE_PARAMETERS),
         .states = HERBICIDE_STATES,
         .n_states = COUNT(HERBICIDE_STATES),
         .needs = WEATHER_AND_WATER,
         .invalid = herbicide_invalid,
         .state_invalid = herbicide_state_invalid,
         .initial = herbicide_initial,
         .run = herbicide_run},
        {.name = "biocide",
         .parameters = BIOCIDE_PARAMETERS,
         .n_parameters = COUNT(BIOCIDE_PARAMETERS),
         .needs = WEATHER_AND_WATER,
         .invalid = biocide_invalid,
         .state_invalid = no_state_invalid,
         .initial = no_initial,
         .run = biocide_run},
    };
    *n = COUNT(MODELS);
    return MODELS;
}

const cs_substance_model *cs_substance_find(const char *name)
{
    size_t n = 0;
    const cs_substance_model *models = catalogue(&n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(models[i].name, name) == 0) {
            return &models[i];
        }
    }
    return NULL;
}

const char *cs_substance_names(void)
{
    return "herbicide, biocide";
}
