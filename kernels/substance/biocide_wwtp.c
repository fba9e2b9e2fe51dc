/* SPDX-License-Identifier: MIT */
#include "kernels/substance/biocide_wwtp.h"

#include "kernels/substance/delivery.h"
#include "kernels/substance/rules.h"

#define METRES_PER_MILLIMETRE 0.001

const char *csk_biocide_wwtp_invalid(const csk_biocide_wwtp_parameters *p)
{
    const csk_rule rules[] = {
        {csk_is_amount(p->a_urban), "a_urban must be a number >= 0"},
        {csk_is_amount(p->M_stock), "M_stock must be a number >= 0"},
        {csk_is_amount(p->beta), "beta must be a number >= 0"},
        {csk_is_share(p->k_wwtp), "k_wwtp must be in 0 .. 1"},
        {csk_is_number(p->f_wwtp), "f_wwtp must be a number"},
        {csk_is_amount(p->C_background), "C_background must be a number >= 0"},
    };
    return csk_first_broken(rules, sizeof rules / sizeof rules[0]);
}

CSK_INLINE void trace_row(const csk_biocide_wwtp_trace *trace, size_t i, double delivered)
{
    if (trace != NULL) {
        trace->F_X[i] = delivered;
    }
}

CSK_INLINE void run(csk_biocide_wwtp_output *restrict output, const csk_forcing *restrict forcing,
                    const csk_biocide_wwtp_parameters *restrict p, const csk_clock *clock)
{
    const double through = csk_clamped_share(p->f_wwtp) * p->k_wwtp;
    const double source =
        p->beta * p->a_urban * METRES_PER_MILLIMETRE * p->M_stock * (1.0 - through); /* g/mm */
    output->n_negative = 0;
    if (clock->n_time > 0) {
        output->load[0] = 0.0;
        output->concentration[0] = 0.0;
        trace_row(output->trace, 0, 0.0);
    }
    for (size_t i = 1; i < clock->n_time; i++) {
        const double given = forcing->local_discharge[i];
        const double discharge = given > 0.0 ? given : 0.0;
        const double flux = source * csk_not_negative(forcing->precipitation[i]);
        const double delivered = csk_delivered(flux, discharge, p->C_background);
        output->n_negative += given < 0.0 ? 1 : 0;
        output->load[i] = delivered * clock->step;
        output->concentration[i] = csk_concentration(flux, discharge, p->C_background);
        trace_row(output->trace, i, delivered);
    }
}

CSK_CLONES void csk_biocide_wwtp_range(csk_biocide_wwtp_output *restrict outputs,
                                       const csk_forcing *restrict forcings,
                                       const csk_biocide_wwtp_parameters *restrict parameters,
                                       const csk_clock *clock, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        run(&outputs[i], &forcings[i], &parameters[i], clock);
    }
}

void csk_biocide_wwtp(csk_biocide_wwtp_output *outputs, const csk_forcing *forcings,
                      const csk_biocide_wwtp_parameters *parameters, const csk_clock *clock,
                      size_t n, int n_threads)
{
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (size_t i = 0; i < n; i++) {
        csk_biocide_wwtp_range(outputs, forcings, parameters, clock, i, i + 1);
    }
}
