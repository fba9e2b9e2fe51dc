/* SPDX-License-Identifier: MIT */
#include "kernels/substance/components.h"

#include "kernels/substance/delivery.h"
#include "kernels/substance/herbicide_rows.h"
#include "kernels/substance/pesticide_rows.h"
#include "kernels/substance/rules.h"

/* ng/L times L/d to g/d, and g/m3 to ng/m3. */
#define GRAMS_PER_NANOGRAM 1e-9
#define NANOGRAMS_PER_GRAM 1e9

/* An input's row: 0 where nothing is connected. */
CSK_INLINE double at(const double *series, size_t i)
{
    return series != NULL ? series[i] : 0.0;
}

/* The same of water, be it discharge or rain. */
CSK_INLINE double water_at(const double *series, size_t i)
{
    return csk_not_negative(at(series, i));
}

CSK_INLINE void put(double *series, size_t i, double value)
{
    if (series != NULL) {
        series[i] = value;
    }
}

/* ---- herbicide_application ---- */

CSK_CLONES void csk_component_herbicide_application(
    const csk_component_herbicide_application_output *output,
    csk_component_herbicide_application_state *state,
    const csk_component_herbicide_application_input *input,
    const csk_component_herbicide_application_parameters *parameters, const csk_clock *clock)
{
    const csk_herbicide_season season =
        csk_herbicide_season_of(clock->step, parameters->T_objective, parameters->M_totalperA);
    for (size_t i = 0; i < clock->n_time; i++) {
        double applied = 0.0;
        if (i > 0) {
            applied = csk_herbicide_apply(&state->T_sum, &state->M_to_apply, &season,
                                          at(input->T, i), at(input->P, i));
        }
        put(output->M_to_apply, i, state->M_to_apply);
        put(output->T_sum, i, state->T_sum);
        put(output->f_applic, i, applied / clock->step);
    }
}

/* ---- herbicide ---- */

CSK_CLONES void csk_component_herbicide(const csk_component_herbicide_output *output,
                                        csk_component_herbicide_state *state,
                                        const csk_component_herbicide_input *input,
                                        const csk_component_herbicide_parameters *parameters,
                                        const csk_clock *clock)
{
    const double step = clock->step;
    const double into_soil = (1.0 - parameters->k) * parameters->A_appl;
    const double background = parameters->C_back;
    const csk_herbicide_soil soil =
        csk_herbicide_soil_of(step, parameters->Init_avail, parameters->Transfer_au,
                              parameters->Transfer_ua, parameters->Eta, parameters->A_tot);
    for (size_t i = 0; i < clock->n_time; i++) {
        double in = 0.0;
        double flux = 0.0;
        double water = 0.0;
        if (i > 0) {
            water = water_at(input->Q, i);
            in = at(input->F_applic, i) * into_soil;
            flux = csk_herbicide_transport(&state->M_avail, &state->M_unavail, &soil, in * step,
                                           water) /
                   step;
        }
        put(output->C, i, water > 0.0 ? csk_concentration(flux, water, background) : 0.0);
        put(output->Flux, i, flux);
        put(output->L, i, csk_delivered(flux, water, background));
        put(output->M_avail, i, state->M_avail);
        put(output->M_unavail, i, state->M_unavail);
        put(output->M_stock, i, in - flux);
    }
}

/* ---- biocide ---- */

CSK_CLONES void csk_component_biocide(const csk_component_biocide_output *output,
                                      const csk_component_biocide_input *input,
                                      const csk_component_biocide_parameters *parameters,
                                      const csk_clock *clock)
{
    const double source = parameters->Beta * parameters->M_totalperA * parameters->A_appl;
    const double background = parameters->C_back;
    for (size_t i = 0; i < clock->n_time; i++) {
        const double water = i > 0 ? water_at(input->Q, i) : 0.0;
        const double flux = i > 0 ? source * water_at(input->P, i) : 0.0;
        const int is_delivered = water > 0.0 && at(input->T, i) > 0.0;
        put(output->C, i, is_delivered ? csk_concentration(flux, water, background) : 0.0);
        put(output->Flux, i, flux);
        put(output->L, i, is_delivered ? csk_delivered(flux, water, background) : 0.0);
    }
}

/* ---- iwq_quality_application ---- */

CSK_CLONES void csk_component_iwq_quality_application(
    const csk_component_iwq_quality_application_output *output,
    csk_component_iwq_quality_application_state *state,
    const csk_component_iwq_quality_application_input *input,
    const csk_component_iwq_quality_application_parameters *parameters, const csk_clock *clock)
{
    const double step = clock->step;
    const csk_pesticide_season season = csk_pesticide_season_of(
        step, parameters->T_threshold, parameters->T_objective, parameters->rain_threshold,
        parameters->M_total, parameters->f_daily);
    for (size_t i = 0; i < clock->n_time; i++) {
        double applied = 0.0;
        if (i > 0) {
            const double begin = (double)(clock->number + i - 1) * step;
            const double end = (double)(clock->number + i) * step;
            applied = csk_pesticide_apply(&state->T_sum, &state->M_to_apply, &season,
                                          at(input->T_air, i), at(input->rain, i), begin, end);
        }
        put(output->T_sum, i, state->T_sum);
        put(output->M_to_apply, i, state->M_to_apply);
        put(output->f_applic, i, applied / step);
    }
}

/* ---- iwq_quality_pesticide ---- */

CSK_CLONES void csk_component_iwq_quality_pesticide(
    const csk_component_iwq_quality_pesticide_output *output,
    csk_component_iwq_quality_pesticide_state *state,
    const csk_component_iwq_quality_pesticide_input *input,
    const csk_component_iwq_quality_pesticide_parameters *parameters, const csk_clock *clock)
{
    const double step = clock->step;
    const csk_pesticide_soil soil =
        csk_pesticide_soil_of(step, parameters->beta, parameters->appl_loss, parameters->k_decay,
                              parameters->theta_decay, parameters->area);
    const double background = parameters->C_background * GRAMS_PER_NANOGRAM;
    for (size_t i = 0; i < clock->n_time; i++) {
        double flux = 0.0;
        double water = 0.0;
        if (i > 0) {
            const double in = at(input->f_applic, i) * parameters->area_applic * step;
            const csk_pesticide_fate fate = csk_pesticide_wash(
                &state->M_stock, &soil, in, at(input->T_air, i), water_at(input->F_driver, i));
            water = water_at(input->Q_total, i);
            flux = fate.lost / step + background * water_at(input->Q_background, i);
        }
        put(output->C_X, i, water > 0.0 ? NANOGRAMS_PER_GRAM * flux / water : 0.0);
        put(output->F_X, i, flux);
        put(output->M_stock, i, state->M_stock);
    }
}

/* ---- iwq_quality_biocide ---- */

CSK_CLONES void
csk_component_iwq_quality_biocide(const csk_component_iwq_quality_biocide_output *output,
                                  const csk_component_iwq_quality_biocide_input *input,
                                  const csk_component_iwq_quality_biocide_parameters *parameters,
                                  const csk_clock *clock)
{
    const double source =
        parameters->beta * parameters->a_urban * CSK_METRES_PER_MILLIMETRE * parameters->M_stock;
    const double background = parameters->C_background * GRAMS_PER_NANOGRAM;
    for (size_t i = 0; i < clock->n_time; i++) {
        double flux = 0.0;
        double water = 0.0;
        if (i > 0) {
            const double treated = input->f_wwtp != NULL ? input->f_wwtp[i] : parameters->f_wwtp;
            const double kept = 1.0 - csk_clamped_share(treated) * parameters->k_wwtp;
            water = water_at(input->Q_total, i);
            flux = source * water_at(input->F_driver, i) * kept +
                   background * water_at(input->Q_background, i);
        }
        put(output->C_X, i, water > 0.0 ? NANOGRAMS_PER_GRAM * flux / water : 0.0);
        put(output->F_X, i, flux);
    }
}
