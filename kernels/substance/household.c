/* SPDX-License-Identifier: MIT */
#include "kernels/substance/household.h"

#include "kernels/substance/delivery.h"
#include "kernels/substance/rules.h"

#define PART "household." /* before the names of parameters in the mixed model */

const char *csk_household_part_invalid(const csk_household_parameters *p)
{
    const csk_rule rules[] = {
        {csk_is_amount(p->population), PART "population must be a number >= 0"},
        {csk_is_amount(p->consumption), PART "consumption must be a number >= 0"},
        {csk_is_share(p->excreted), PART "excreted must be in 0 .. 1"},
        {csk_is_share(p->connected), PART "connected must be in 0 .. 1"},
        {csk_is_share(p->removal), PART "removal must be in 0 .. 1"},
        {csk_is_share(p->direct), PART "direct must be in 0 .. 1"},
        {csk_is_amount(p->point_load), PART "point_load must be a number >= 0"},
        {csk_is_amount(p->C_back), PART "C_back must be a number >= 0"},
    };
    return csk_first_broken(rules, sizeof rules / sizeof rules[0]);
}

const char *csk_household_invalid(const csk_household_parameters *parameters)
{
    return csk_without_part(csk_household_part_invalid(parameters), PART);
}

CSK_INLINE void trace_row(const csk_household_trace *trace, size_t i, double flux, double delivered)
{
    if (trace != NULL) {
        trace->Flux[i] = flux;
        trace->L[i] = delivered;
    }
}

CSK_INLINE void run(csk_household_output *restrict output, const csk_forcing *restrict forcing,
                    const csk_household_parameters *restrict p, const csk_clock *clock)
{
    const double people = csk_household_people(p);
    output->n_negative = 0;
    if (clock->n_time > 0) {
        output->load[0] = 0.0;
        output->concentration[0] = 0.0;
        trace_row(output->trace, 0, 0.0, 0.0);
    }
    for (size_t i = 1; i < clock->n_time; i++) {
        const double given = forcing->local_discharge[i];
        const double discharge = given > 0.0 ? given : 0.0;
        const double factor = p->patterns != NULL ? csk_patterns_row(p->patterns, clock, i) : 1.0;
        const double flux = people * factor + p->point_load;
        const double delivered = csk_delivered(flux, discharge, p->C_back);
        output->n_negative += given < 0.0 ? 1 : 0;
        output->load[i] = delivered * clock->step;
        output->concentration[i] = csk_concentration(flux, discharge, p->C_back);
        trace_row(output->trace, i, flux, delivered);
    }
}

CSK_CLONES void csk_household_range(csk_household_output *restrict outputs,
                                    const csk_forcing *restrict forcings,
                                    const csk_household_parameters *restrict parameters,
                                    const csk_clock *clock, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        run(&outputs[i], &forcings[i], &parameters[i], clock);
    }
}

void csk_household(csk_household_output *outputs, const csk_forcing *forcings,
                   const csk_household_parameters *parameters, const csk_clock *clock, size_t n,
                   int n_threads)
{
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (size_t i = 0; i < n; i++) {
        csk_household_range(outputs, forcings, parameters, clock, i, i + 1);
    }
}
