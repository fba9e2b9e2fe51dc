/* SPDX-License-Identifier: MIT */
/**
 * The biocide model with a sewage plant: rain washes a substance from urban areas, and a plant
 * keeps back a share of what goes through it.
 *
 *     flux = 0.001 beta a_urban M_stock P (1 - clamp(f_wwtp, 0, 1) k_wwtp)   [g/d]
 *
 * with P precipitation [mm/d]; no memory from row to row, no dependence on temperature. flux
 * becomes load and concentration as delivery.h says. Source: the biocide model of the public iWaQa
 * server (Honti et al. 2017), its ports fed with precipitation and local discharge.
 */
#ifndef CSK_SUBSTANCE_BIOCIDE_WWTP_H
#define CSK_SUBSTANCE_BIOCIDE_WWTP_H

#include "kernels/substance/forcing.h"

/** Parameters of one catchment, by the names of the model. */
typedef struct {
    double a_urban;      /* m2 */
    double M_stock;      /* what it carries, g/m2 */
    double beta;         /* share washed off by a metre of rain, 1/m */
    double k_wwtp;       /* share that the plant keeps back */
    double f_wwtp;       /* share that goes through the plant; counts as 0 below 0, as 1 above 1 */
    double C_background; /* ng/L */
} csk_biocide_wwtp_parameters;

/** The model's other column, an array of the caller. */
typedef struct {
    double *F_X; /* [n_time] g/d: flux and background */
} csk_biocide_wwtp_trace;

/** The results of one catchment; the arrays are the caller's. */
typedef struct {
    double *load;                  /* [n_time] g per time step */
    double *concentration;         /* [n_time] ng/L, NaN where the discharge is <= 0 */
    csk_biocide_wwtp_trace *trace; /* NULL: not wanted */
    size_t n_negative;             /* [out] rows with a negative discharge, which counted as 0 */
} csk_biocide_wwtp_output;

/** Which rule the parameters break, as a text without a full stop; NULL if none. */
const char *csk_biocide_wwtp_invalid(const csk_biocide_wwtp_parameters *parameters);

/**
 * Runs the model for the catchments begin .. end - 1, one after the other.
 *
 * Thread-safe for disjoint outputs. Never fails: parameters and forcing were checked; temperature
 * is not read. Row 0 of load and concentration is 0. Cost: about 1 ns a row; memory: none.
 *
 * @param outputs    [out] one a catchment; its pointers are read
 * @param forcings   [in]  one a catchment
 * @param parameters [in]  one a catchment, valid
 * @param clock      [in]  of all catchments
 */
void csk_biocide_wwtp_range(csk_biocide_wwtp_output *restrict outputs,
                            const csk_forcing *restrict forcings,
                            const csk_biocide_wwtp_parameters *restrict parameters,
                            const csk_clock *clock, size_t begin, size_t end);

/** csk_biocide_wwtp_range over all n catchments by a team of threads; the same bits for any team.
 */
void csk_biocide_wwtp(csk_biocide_wwtp_output *outputs, const csk_forcing *forcings,
                      const csk_biocide_wwtp_parameters *parameters, const csk_clock *clock,
                      size_t n, int n_threads);

/** The same in plain long double, for tests. */
void csk_biocide_wwtp_ref(csk_biocide_wwtp_output *outputs, const csk_forcing *forcings,
                          const csk_biocide_wwtp_parameters *parameters, const csk_clock *clock,
                          size_t begin, size_t end);

#endif
