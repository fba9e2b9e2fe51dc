/* SPDX-License-Identifier: MIT */
#include "kernels/substance/mixed.h"

#include "kernels/math/sum.h"
#include "kernels/substance/delivery.h"
#include "kernels/substance/herbicide_rows.h"
#include "kernels/substance/rules.h"

const char *csk_mixed_invalid(const csk_mixed_parameters *parameters)
{
    const csk_rule rule = {csk_is_amount(parameters->C_back), "C_back must be a number >= 0"};
    const char *broken = csk_herbicide_part_invalid(&parameters->herbicide);
    if (broken == NULL) {
        broken = csk_biocide_part_invalid(&parameters->biocide);
    }
    if (broken == NULL) {
        broken = csk_household_part_invalid(&parameters->household);
    }
    return broken != NULL ? broken : csk_first_broken(&rule, 1);
}

/* What a catchment's rows have in common. */
typedef struct {
    double step;       /* d */
    double per_day;    /* 1/step */
    double into_soil;  /* (1 - k) A_appl: g of input per g/m2 applied */
    double washed;     /* biocide, g/mm */
    double people;     /* g/d */
    double point_load; /* g/d */
    double background; /* ng/L */
    csk_herbicide_season season;
    csk_herbicide_soil soil;
    const csk_patterns *patterns;
} setting;

CSK_INLINE setting prepare(const csk_mixed_parameters *p, const csk_clock *clock)
{
    const csk_herbicide_parameters *h = &p->herbicide;
    const double step = clock->step;
    return (setting){
        .step = step,
        .per_day = 1.0 / step,
        .into_soil = (1.0 - h->k) * h->A_appl,
        .washed = p->biocide.Beta * p->biocide.R_appl * p->biocide.A_appl,
        .people = csk_household_people(&p->household),
        .point_load = p->household.point_load,
        .background = p->C_back,
        .season = csk_herbicide_season_of(step, h->T_objective, h->Mtot),
        .soil = csk_herbicide_soil_of(step, h->Init_avail, h->Transfer_au, h->Transfer_ua, h->Eta,
                                      h->A_tot),
        .patterns = p->household.patterns,
    };
}

/* The fluxes of a row [g/d]. */
typedef struct {
    double herbicide, biocide, household;
} fluxes;

/* Sums over the rows. */
typedef struct {
    csk_pair applied, lost; /* g */
} balance;

CSK_INLINE fluxes pass_row(csk_herbicide_state *now, balance *sums, const setting *fixed,
                           const csk_forcing *restrict forcing, const csk_clock *clock,
                           double discharge, size_t i)
{
    const double temperature = forcing->temperature[i];
    const double precipitation = forcing->precipitation[i];
    const double applied = csk_herbicide_apply(&now->T_sum, &now->M_to_apply, &fixed->season,
                                               temperature, precipitation);
    const double input = applied * fixed->into_soil;
    const double lost =
        csk_herbicide_transport(&now->M_avail, &now->M_unavail, &fixed->soil, input, discharge);
    const double factor =
        fixed->patterns != NULL ? csk_patterns_row(fixed->patterns, clock, i) : 1.0;
    csk_sum_add(&sums->applied, input);
    csk_sum_add(&sums->lost, lost);
    return (fluxes){.herbicide = lost * fixed->per_day,
                    .biocide =
                        temperature > 0.0 ? fixed->washed * csk_not_negative(precipitation) : 0.0,
                    .household = fixed->people * factor + fixed->point_load};
}

CSK_INLINE void trace_row(const csk_mixed_trace *trace, size_t i, fluxes f)
{
    if (trace != NULL) {
        trace->herbicide[i] = f.herbicide;
        trace->biocide[i] = f.biocide;
        trace->household[i] = f.household;
    }
}

CSK_INLINE void run(csk_mixed_output *restrict output, csk_herbicide_state *restrict state,
                    const csk_forcing *restrict forcing,
                    const csk_mixed_parameters *restrict parameters, const csk_clock *clock)
{
    const setting fixed = prepare(parameters, clock);
    csk_herbicide_state now = *state;
    balance sums = {{0.0, 0.0}, {0.0, 0.0}};
    output->n_negative = 0;
    if (clock->n_time > 0) {
        output->load[0] = 0.0;
        output->concentration[0] = 0.0;
        trace_row(output->trace, 0, (fluxes){0.0, 0.0, 0.0});
    }
    for (size_t i = 1; i < clock->n_time; i++) {
        const double given = forcing->local_discharge[i];
        const double discharge = given > 0.0 ? given : 0.0;
        const fluxes f = pass_row(&now, &sums, &fixed, forcing, clock, discharge, i);
        const double flux = f.herbicide + f.biocide + f.household;
        output->n_negative += given < 0.0 ? 1 : 0;
        output->load[i] = csk_delivered(flux, discharge, fixed.background) * fixed.step;
        output->concentration[i] = csk_concentration(flux, discharge, fixed.background);
        trace_row(output->trace, i, f);
    }
    *state = now;
    output->applied_mass = sums.applied.high + sums.applied.low;
    output->lost_mass = sums.lost.high + sums.lost.low;
}

CSK_CLONES void csk_mixed_range(csk_mixed_output *restrict outputs,
                                csk_herbicide_state *restrict states,
                                const csk_forcing *restrict forcings,
                                const csk_mixed_parameters *restrict parameters,
                                const csk_clock *clock, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        run(&outputs[i], &states[i], &forcings[i], &parameters[i], clock);
    }
}

void csk_mixed(csk_mixed_output *outputs, csk_herbicide_state *states, const csk_forcing *forcings,
               const csk_mixed_parameters *parameters, const csk_clock *clock, size_t n,
               int n_threads)
{
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (size_t i = 0; i < n; i++) {
        csk_mixed_range(outputs, states, forcings, parameters, clock, i, i + 1);
    }
}
