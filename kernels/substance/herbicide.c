/* SPDX-License-Identifier: MIT */
#include "kernels/substance/herbicide.h"

#include "kernels/math/sum.h"
#include "kernels/substance/herbicide_rows.h"
#include "kernels/substance/rules.h"

#define PART "herbicide." /* before the names of parameters in the mixed model */

const char *csk_herbicide_part_invalid(const csk_herbicide_parameters *p)
{
    const csk_rule rules[] = {
        {csk_is_amount(p->A_tot) && p->A_tot > 0.0, PART "A_tot must be a number > 0"},
        {csk_is_amount(p->A_appl), PART "A_appl must be a number >= 0"},
        {csk_is_amount(p->Mtot), PART "R_appl (Mtot) must be a number >= 0"},
        {csk_is_share(p->k), PART "k must be in 0 .. 1"},
        {csk_is_share(p->Init_avail), PART "Init_avail must be in 0 .. 1"},
        {csk_is_amount(p->T_objective), PART "T_objective must be a number >= 0"},
        {csk_is_share(p->Transfer_au) && p->Transfer_au < 1.0,
         PART "Transfer_au must be >= 0 and less than 1"},
        {csk_is_share(p->Transfer_ua) && p->Transfer_ua < 1.0,
         PART "Transfer_ua must be >= 0 and less than 1"},
        {csk_is_amount(p->Eta), PART "Eta must be a number >= 0"},
        {csk_is_amount(p->C_back), PART "C_back must be a number >= 0"},
    };
    return csk_first_broken(rules, sizeof rules / sizeof rules[0]);
}

const char *csk_herbicide_invalid(const csk_herbicide_parameters *parameters)
{
    return csk_without_part(csk_herbicide_part_invalid(parameters), PART);
}

const char *csk_herbicide_state_invalid(const csk_herbicide_state *state)
{
    const csk_rule rules[] = {
        {csk_is_amount(state->T_sum), "initial T_sum must be a number >= 0"},
        {csk_is_amount(state->M_to_apply), "initial M_to_apply must be a number >= 0"},
        {csk_is_amount(state->M_avail), "initial M_avail must be a number >= 0"},
        {csk_is_amount(state->M_unavail), "initial M_unavail must be a number >= 0"},
    };
    return csk_first_broken(rules, sizeof rules / sizeof rules[0]);
}

csk_herbicide_state csk_herbicide_initial(const csk_herbicide_parameters *parameters)
{
    return (csk_herbicide_state){.M_to_apply = parameters->Mtot};
}

/* What a catchment's rows have in common. */
typedef struct {
    double step;       /* d */
    double per_day;    /* 1/step */
    double into_soil;  /* (1 - k) A_appl: g of input per g/m2 applied */
    double background; /* ng/L */
    csk_herbicide_season season;
    csk_herbicide_soil soil;
} setting;

CSK_INLINE setting prepare(const csk_herbicide_parameters *p, const csk_clock *clock)
{
    const double step = clock->step;
    return (setting){
        .step = step,
        .per_day = 1.0 / step,
        .into_soil = (1.0 - p->k) * p->A_appl,
        .background = p->C_back,
        .season = csk_herbicide_season_of(step, p->T_objective, p->Mtot),
        .soil = csk_herbicide_soil_of(step, p->Init_avail, p->Transfer_au, p->Transfer_ua, p->Eta,
                                      p->A_tot),
    };
}

/* What a row did, beside the state. */
typedef struct {
    double applied;   /* g/m2 */
    double input;     /* g */
    double flux;      /* g/d */
    double delivered; /* g/d */
} change;

CSK_INLINE void trace_row(const csk_herbicide_trace *trace, size_t i,
                          const csk_herbicide_state *state, const setting *fixed, change c)
{
    if (trace == NULL) {
        return;
    }
    trace->M_to_apply[i] = state->M_to_apply;
    trace->T_sum[i] = state->T_sum;
    trace->f_applic[i] = c.applied * fixed->per_day;
    trace->M_avail[i] = state->M_avail;
    trace->M_unavail[i] = state->M_unavail;
    trace->M_stock[i] = c.input * fixed->per_day - c.flux;
    trace->Flux[i] = c.flux;
    trace->L[i] = c.delivered;
}

CSK_INLINE void run(csk_herbicide_output *restrict output, csk_herbicide_state *restrict state,
                    const csk_forcing *restrict forcing,
                    const csk_herbicide_parameters *restrict parameters, const csk_clock *clock)
{
    const setting fixed = prepare(parameters, clock);
    csk_herbicide_state now = *state;
    csk_pair applied = {0.0, 0.0};
    csk_pair lost = {0.0, 0.0};
    size_t n_negative = 0;
    if (clock->n_time > 0) {
        output->load[0] = 0.0;
        output->concentration[0] = 0.0;
        trace_row(output->trace, 0, &now, &fixed, (change){0});
    }
    for (size_t i = 1; i < clock->n_time; i++) {
        const double given = forcing->local_discharge[i];
        const double discharge = given > 0.0 ? given : 0.0;
        n_negative += given < 0.0 ? 1 : 0;
        change c;
        c.applied = csk_herbicide_apply(&now.T_sum, &now.M_to_apply, &fixed.season,
                                        forcing->temperature[i], forcing->precipitation[i]);
        c.input = c.applied * fixed.into_soil;
        const double loss =
            csk_herbicide_transport(&now.M_avail, &now.M_unavail, &fixed.soil, c.input, discharge);
        c.flux = loss * fixed.per_day;
        c.delivered = csk_delivered(c.flux, discharge, fixed.background);
        csk_sum_add(&applied, c.input);
        csk_sum_add(&lost, loss);
        output->load[i] = c.delivered * fixed.step;
        output->concentration[i] = csk_concentration(c.flux, discharge, fixed.background);
        trace_row(output->trace, i, &now, &fixed, c);
    }
    *state = now;
    output->applied_mass = applied.high + applied.low;
    output->lost_mass = lost.high + lost.low;
    output->n_negative = n_negative;
}

CSK_CLONES void csk_herbicide_range(csk_herbicide_output *restrict outputs,
                                    csk_herbicide_state *restrict states,
                                    const csk_forcing *restrict forcings,
                                    const csk_herbicide_parameters *restrict parameters,
                                    const csk_clock *clock, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        run(&outputs[i], &states[i], &forcings[i], &parameters[i], clock);
    }
}

void csk_herbicide(csk_herbicide_output *outputs, csk_herbicide_state *states,
                   const csk_forcing *forcings, const csk_herbicide_parameters *parameters,
                   const csk_clock *clock, size_t n, int n_threads)
{
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (size_t i = 0; i < n; i++) {
        csk_herbicide_range(outputs, states, forcings, parameters, clock, i, i + 1);
    }
}
