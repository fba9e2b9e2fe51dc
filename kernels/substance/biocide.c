/* SPDX-License-Identifier: MIT */
#include "kernels/substance/biocide.h"

#include "kernels/substance/delivery.h"
#include "kernels/substance/rules.h"

#define PART "biocide." /* before the names of parameters in the mixed model */

const char *csk_biocide_part_invalid(const csk_biocide_parameters *p)
{
    const csk_rule rules[] = {
        {csk_is_amount(p->A_appl), PART "A_appl must be a number >= 0"},
        {csk_is_amount(p->R_appl), PART "R_appl must be a number >= 0"},
        {csk_is_amount(p->Beta), PART "Beta must be a number >= 0"},
        {csk_is_amount(p->C_back), PART "C_back must be a number >= 0"},
    };
    return csk_first_broken(rules, sizeof rules / sizeof rules[0]);
}

const char *csk_biocide_invalid(const csk_biocide_parameters *parameters)
{
    return csk_without_part(csk_biocide_part_invalid(parameters), PART);
}

CSK_INLINE void trace_row(const csk_biocide_trace *trace, size_t i, double flux, double delivered)
{
    if (trace != NULL) {
        trace->Flux[i] = flux;
        trace->L[i] = delivered;
    }
}

CSK_INLINE void run(csk_biocide_output *restrict output, const csk_forcing *restrict forcing,
                    const csk_biocide_parameters *restrict parameters, const csk_clock *clock)
{
    const double source = parameters->Beta * parameters->R_appl * parameters->A_appl; /* g/mm */
    const double background = parameters->C_back;
    output->n_negative = 0;
    if (clock->n_time > 0) {
        output->load[0] = 0.0;
        output->concentration[0] = 0.0;
        trace_row(output->trace, 0, 0.0, 0.0);
    }
    for (size_t i = 1; i < clock->n_time; i++) {
        const double given = forcing->local_discharge[i];
        const double discharge = given > 0.0 ? given : 0.0;
        const double flux = source * csk_not_negative(forcing->precipitation[i]);
        const double thaws = forcing->temperature[i] > 0.0 ? 1.0 : 0.0;
        const double delivered = thaws * csk_delivered(flux, discharge, background);
        output->n_negative += given < 0.0 ? 1 : 0;
        output->load[i] = delivered * clock->step;
        output->concentration[i] = thaws * csk_concentration(flux, discharge, background);
        trace_row(output->trace, i, flux, discharge > 0.0 ? delivered : 0.0);
    }
}

CSK_CLONES void csk_biocide_range(csk_biocide_output *restrict outputs,
                                  const csk_forcing *restrict forcings,
                                  const csk_biocide_parameters *restrict parameters,
                                  const csk_clock *clock, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        run(&outputs[i], &forcings[i], &parameters[i], clock);
    }
}

void csk_biocide(csk_biocide_output *outputs, const csk_forcing *forcings,
                 const csk_biocide_parameters *parameters, const csk_clock *clock, size_t n,
                 int n_threads)
{
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (size_t i = 0; i < n; i++) {
        csk_biocide_range(outputs, forcings, parameters, clock, i, i + 1);
    }
}
