/* SPDX-License-Identifier: MIT */
/*
 * The mixed model by the references of its parts, each run over one row at a time without a
 * background: slow, plain, for tests only.
 */
#include <math.h>

#include "kernels/substance/mixed.h"

/* Rows of a run over one: the row before, and the row. */
enum { N_PAIR = 2 };

/* The fluxes of row i [g/d], in long double for their sum. */
typedef struct {
    long double herbicide, biocide, household;
} fluxes;

static fluxes pass_row(csk_mixed_output *output, csk_herbicide_state *state,
                       const csk_forcing *forcing, const csk_mixed_parameters *p,
                       const csk_clock *clock, size_t i)
{
    const csk_clock pair = {.n_time = N_PAIR,
                            .step = clock->step,
                            .start = clock->start,
                            .number = clock->number + i - 1};
    const csk_forcing at = {forcing->temperature + i - 1, forcing->precipitation + i - 1,
                            forcing->local_discharge + i - 1};
    csk_mixed_parameters parts = *p;
    parts.herbicide.C_back = parts.biocide.C_back = parts.household.C_back = 0.0;
    double load[3][N_PAIR];
    double ignored[N_PAIR];
    csk_herbicide_output herbicide = {.load = load[0], .concentration = ignored};
    csk_biocide_output biocide = {.load = load[1], .concentration = ignored};
    csk_household_output household = {.load = load[2], .concentration = ignored};
    csk_herbicide_ref(&herbicide, state, &at, &parts.herbicide, &pair, 0, 1);
    csk_biocide_ref(&biocide, &at, &parts.biocide, &pair, 0, 1);
    csk_household_ref(&household, &at, &parts.household, &pair, 0, 1);
    output->applied_mass += herbicide.applied_mass;
    output->lost_mass += herbicide.lost_mass;
    output->n_negative += herbicide.n_negative;
    return (fluxes){load[0][1] / (long double)clock->step, load[1][1] / (long double)clock->step,
                    load[2][1] / (long double)clock->step};
}

static void report(csk_mixed_output *output, size_t i, fluxes f, long double q, double background,
                   double step)
{
    const long double delivered = f.herbicide + f.biocide + f.household + 0.0864L * background * q;
    output->load[i] = (double)(delivered * step);
    output->concentration[i] = q > 0.0L ? (double)(delivered / (0.0864L * q)) : (double)NAN;
    if (output->trace != NULL) {
        output->trace->herbicide[i] = (double)f.herbicide;
        output->trace->biocide[i] = (double)f.biocide;
        output->trace->household[i] = (double)f.household;
    }
}

void csk_mixed_ref(csk_mixed_output *outputs, csk_herbicide_state *states,
                   const csk_forcing *forcings, const csk_mixed_parameters *parameters,
                   const csk_clock *clock, size_t begin, size_t end)
{
    for (size_t k = begin; k < end; k++) {
        csk_mixed_output *output = &outputs[k];
        output->applied_mass = output->lost_mass = 0.0;
        output->n_negative = 0;
        if (clock->n_time > 0) {
            report(output, 0, (fluxes){0.0L, 0.0L, 0.0L}, 0.0L, 0.0, clock->step);
            output->concentration[0] = 0.0;
        }
        for (size_t i = 1; i < clock->n_time; i++) {
            const fluxes f = pass_row(output, &states[k], &forcings[k], &parameters[k], clock, i);
            report(output, i, f, fmaxl(forcings[k].local_discharge[i], 0.0L), parameters[k].C_back,
                   clock->step);
        }
    }
}
