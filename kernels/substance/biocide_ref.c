/* SPDX-License-Identifier: MIT */
/* The biocide model as it is written down, in long double: slow, plain, for tests only. */
#include <math.h>

#include "kernels/substance/biocide.h"

static void row(csk_biocide_output *output, const csk_forcing *forcing,
                const csk_biocide_parameters *p, const csk_clock *clock, size_t i)
{
    const long double q = fmaxl(forcing->local_discharge[i], 0.0L);
    const long double rain = fmaxl(forcing->precipitation[i], 0.0L);
    const long double flux = (long double)p->Beta * p->R_appl * p->A_appl * rain;
    long double concentration = 0.0L;
    long double load = 0.0L;
    if (forcing->temperature[i] > 0.0) {
        concentration = flux / (86400.0L * q) * 1e6L + p->C_back;
        load = (flux + 0.0864L * p->C_back * q) * clock->step;
    }
    output->load[i] = (double)load;
    output->concentration[i] = q > 0.0L ? (double)concentration : (double)NAN;
    output->n_negative += forcing->local_discharge[i] < 0.0 ? 1 : 0;
    if (output->trace != NULL) {
        output->trace->Flux[i] = (double)flux;
        output->trace->L[i] = q > 0.0L ? (double)(0.0864L * concentration * q) : 0.0;
    }
}

void csk_biocide_ref(csk_biocide_output *outputs, const csk_forcing *forcings,
                     const csk_biocide_parameters *parameters, const csk_clock *clock, size_t begin,
                     size_t end)
{
    for (size_t k = begin; k < end; k++) {
        outputs[k].n_negative = 0;
        if (clock->n_time > 0) {
            outputs[k].load[0] = 0.0;
            outputs[k].concentration[0] = 0.0;
            if (outputs[k].trace != NULL) {
                outputs[k].trace->Flux[0] = 0.0;
                outputs[k].trace->L[0] = 0.0;
            }
        }
        for (size_t i = 1; i < clock->n_time; i++) {
            row(&outputs[k], &forcings[k], &parameters[k], clock, i);
        }
    }
}
