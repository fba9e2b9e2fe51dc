/* SPDX-License-Identifier: MIT */
/* The biocide_wwtp model as it is written down, in long double: slow, plain, for tests only. */
#include <math.h>

#include "kernels/substance/biocide_wwtp.h"

static void row(csk_biocide_wwtp_output *output, const csk_forcing *forcing,
                const csk_biocide_wwtp_parameters *p, const csk_clock *clock, size_t i)
{
    const long double q = fmaxl(forcing->local_discharge[i], 0.0L);
    const long double treated = fminl(fmaxl(p->f_wwtp, 0.0L), 1.0L);
    const long double rain = fmaxl(forcing->precipitation[i], 0.0L);
    const long double flux =
        0.001L * p->beta * p->a_urban * rain * p->M_stock * (1.0L - treated * p->k_wwtp);
    const long double delivered = flux + 0.0864L * p->C_background * q;
    output->load[i] = (double)(delivered * clock->step);
    output->concentration[i] = q > 0.0L ? (double)(delivered / (0.0864L * q)) : (double)NAN;
    output->n_negative += forcing->local_discharge[i] < 0.0 ? 1 : 0;
    if (output->trace != NULL) {
        output->trace->F_X[i] = (double)delivered;
    }
}

void csk_biocide_wwtp_ref(csk_biocide_wwtp_output *outputs, const csk_forcing *forcings,
                          const csk_biocide_wwtp_parameters *parameters, const csk_clock *clock,
                          size_t begin, size_t end)
{
    for (size_t k = begin; k < end; k++) {
        outputs[k].n_negative = 0;
        if (clock->n_time > 0) {
            outputs[k].load[0] = 0.0;
            outputs[k].concentration[0] = 0.0;
            if (outputs[k].trace != NULL) {
                outputs[k].trace->F_X[0] = 0.0;
            }
        }
        for (size_t i = 1; i < clock->n_time; i++) {
            row(&outputs[k], &forcings[k], &parameters[k], clock, i);
        }
    }
}
