/* SPDX-License-Identifier: MIT */
#include "kernels/substance/pesticide.h"

#include "kernels/math/sum.h"
#include "kernels/substance/delivery.h"
#include "kernels/substance/pesticide_rows.h"
#include "kernels/substance/rules.h"

const char *csk_pesticide_invalid(const csk_pesticide_parameters *p)
{
    const csk_rule rules[] = {
        {csk_is_amount(p->area) && p->area > 0.0, "area must be a number > 0"},
        {csk_is_amount(p->area_applic), "area_applic must be a number >= 0"},
        {csk_is_amount(p->M_total), "M_total must be a number >= 0"},
        {csk_is_number(p->T_threshold), "T_threshold must be a number"},
        {csk_is_number(p->T_objective), "T_objective must be a number"},
        {csk_is_amount(p->f_daily), "f_daily must be a number >= 0"},
        {csk_is_number(p->rain_threshold), "rain_threshold must be a number"},
        {csk_is_amount(p->beta), "beta must be a number >= 0"},
        {csk_is_amount(p->appl_loss), "appl_loss must be a number >= 0"},
        {csk_is_amount(p->k_decay), "k_decay must be a number >= 0"},
        {p->theta_decay >= 0.5 && p->theta_decay < 1.5,
         "theta_decay must be at least 0.5 and less than 1.5"},
        {csk_is_amount(p->C_background), "C_background must be a number >= 0"},
    };
    return csk_first_broken(rules, sizeof rules / sizeof rules[0]);
}

const char *csk_pesticide_state_invalid(const csk_pesticide_state *state)
{
    const csk_rule rules[] = {
        {csk_is_amount(state->T_sum), "initial T_sum must be a number >= 0"},
        {csk_is_amount(state->M_to_apply), "initial M_to_apply must be a number >= 0"},
        {csk_is_amount(state->M_stock), "initial M_stock must be a number >= 0"},
    };
    return csk_first_broken(rules, sizeof rules / sizeof rules[0]);
}

csk_pesticide_state csk_pesticide_initial(const csk_pesticide_parameters *parameters)
{
    return (csk_pesticide_state){.M_to_apply = parameters->M_total};
}

/* What a catchment's rows have in common. */
typedef struct {
    double step;        /* d */
    double per_day;     /* 1/step */
    double area_applic; /* m2 */
    double background;  /* ng/L */
    csk_pesticide_season season;
    csk_pesticide_soil soil;
} setting;

CSK_INLINE setting prepare(const csk_pesticide_parameters *p, const csk_clock *clock)
{
    const double step = clock->step;
    return (setting){
        .step = step,
        .per_day = 1.0 / step,
        .area_applic = p->area_applic,
        .background = p->C_background,
        .season = csk_pesticide_season_of(step, p->T_threshold, p->T_objective, p->rain_threshold,
                                          p->M_total, p->f_daily),
        .soil =
            csk_pesticide_soil_of(step, p->beta, p->appl_loss, p->k_decay, p->theta_decay, p->area),
    };
}

CSK_INLINE void trace_row(const csk_pesticide_trace *trace, size_t i,
                          const csk_pesticide_state *state, double rate, double delivered)
{
    if (trace == NULL) {
        return;
    }
    trace->T_sum[i] = state->T_sum;
    trace->M_to_apply[i] = state->M_to_apply;
    trace->f_applic[i] = rate;
    trace->M_stock[i] = state->M_stock;
    trace->F_X[i] = delivered;
}

/* Sums over the rows. */
typedef struct {
    csk_pair applied, lost, decayed; /* g */
} balance;

/* One row: moves the state, adds to the sums, writes the results. */
CSK_INLINE void pass_row(csk_pesticide_output *restrict output, csk_pesticide_state *now,
                         balance *sums, const csk_forcing *restrict forcing, const setting *fixed,
                         const csk_clock *clock, size_t i)
{
    const double given = forcing->local_discharge[i];
    const double discharge = given > 0.0 ? given : 0.0;
    const double temperature = forcing->temperature[i];
    const double begin = (double)(clock->number + i - 1) * fixed->step;
    const double end = (double)(clock->number + i) * fixed->step;
    const double applied = csk_pesticide_apply(&now->T_sum, &now->M_to_apply, &fixed->season,
                                               temperature, forcing->precipitation[i], begin, end);
    const double input = applied * fixed->area_applic;
    const csk_pesticide_fate fate = csk_pesticide_wash(
        &now->M_stock, &fixed->soil, input, temperature, CSK_SECONDS_PER_DAY * discharge);
    const double flux = fate.lost * fixed->per_day;
    const double delivered = csk_delivered(flux, discharge, fixed->background);
    csk_sum_add(&sums->applied, input);
    csk_sum_add(&sums->lost, fate.lost);
    csk_sum_add(&sums->decayed, fate.decayed);
    output->n_negative += given < 0.0 ? 1 : 0;
    output->load[i] = delivered * fixed->step;
    output->concentration[i] = csk_concentration(flux, discharge, fixed->background);
    trace_row(output->trace, i, now, applied * fixed->per_day, delivered);
}

CSK_INLINE void run(csk_pesticide_output *restrict output, csk_pesticide_state *restrict state,
                    const csk_forcing *restrict forcing,
                    const csk_pesticide_parameters *restrict parameters, const csk_clock *clock)
{
    const setting fixed = prepare(parameters, clock);
    csk_pesticide_state now = *state;
    balance sums = {{0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}};
    output->n_negative = 0;
    if (clock->n_time > 0) {
        output->load[0] = 0.0;
        output->concentration[0] = 0.0;
        trace_row(output->trace, 0, &now, 0.0, 0.0);
    }
    for (size_t i = 1; i < clock->n_time; i++) {
        pass_row(output, &now, &sums, forcing, &fixed, clock, i);
    }
    *state = now;
    output->applied_mass = sums.applied.high + sums.applied.low;
    output->lost_mass = sums.lost.high + sums.lost.low;
    output->decayed_mass = sums.decayed.high + sums.decayed.low;
}

CSK_CLONES void csk_pesticide_range(csk_pesticide_output *restrict outputs,
                                    csk_pesticide_state *restrict states,
                                    const csk_forcing *restrict forcings,
                                    const csk_pesticide_parameters *restrict parameters,
                                    const csk_clock *clock, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        run(&outputs[i], &states[i], &forcings[i], &parameters[i], clock);
    }
}

void csk_pesticide(csk_pesticide_output *outputs, csk_pesticide_state *states,
                   const csk_forcing *forcings, const csk_pesticide_parameters *parameters,
                   const csk_clock *clock, size_t n, int n_threads)
{
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (size_t i = 0; i < n; i++) {
        csk_pesticide_range(outputs, states, forcings, parameters, clock, i, i + 1);
    }
}
