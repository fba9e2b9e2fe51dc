/* SPDX-License-Identifier: MIT */
/**
 * The biocide model: rain washes a share of what facades and roofs carry into the water.
 *
 *     flux = Beta R_appl A_appl P                                    [g/d]
 *     concentration = flux / (86400 Q) 1e6 + C_back where Q > 0       [ng/L]
 *     load = (flux + 0.0864 C_back Q) step                           [g per time step]
 *
 * with P precipitation and Q local discharge; no stock, no memory from row to row. Where it does
 * not thaw (T <= 0) nothing is delivered: load and concentration are 0. Source: Moser et al.
 * (2018), HESS 22, 4229-4249.
 */
#ifndef CSK_SUBSTANCE_BIOCIDE_H
#define CSK_SUBSTANCE_BIOCIDE_H

#include "kernels/substance/forcing.h"

/** Parameters of one catchment, by the names of the model. */
typedef struct {
    double A_appl; /* treated area, m2 */
    double R_appl; /* what it carries, g/m2 */
    double Beta;   /* share washed off by a millimetre of rain, 1/mm */
    double C_back; /* background, ng/L */
} csk_biocide_parameters;

/** The model's other columns, all arrays of the caller. */
typedef struct {
    double *Flux; /* [n_time] g/d, also where T <= 0 */
    double *L;    /* [n_time] g/d: 0.0864 C Q, 0 where the discharge is <= 0 */
} csk_biocide_trace;

/** The results of one catchment; the arrays are the caller's. */
typedef struct {
    double *load;             /* [n_time] g per time step */
    double *concentration;    /* [n_time] ng/L, NaN where the discharge is <= 0 */
    csk_biocide_trace *trace; /* NULL: not wanted */
    size_t n_negative;        /* [out] rows with a negative discharge, which counted as 0 */
} csk_biocide_output;

/** Which rule the parameters break, as a text without a full stop; NULL if none. */
const char *csk_biocide_invalid(const csk_biocide_parameters *parameters);

/** The same, naming the parameter as the mixed model does: "biocide." before it. */
const char *csk_biocide_part_invalid(const csk_biocide_parameters *parameters);

/**
 * Runs the model for the catchments begin .. end - 1, one after the other.
 *
 * Thread-safe for disjoint outputs. Never fails: parameters and forcing were checked.
 * Row 0 of load and concentration is 0. Cost: about 1 ns a row; memory: none.
 *
 * @param outputs    [out] one a catchment; its pointers are read
 * @param forcings   [in]  one a catchment
 * @param parameters [in]  one a catchment, valid
 * @param clock      [in]  of all catchments
 */
void csk_biocide_range(csk_biocide_output *restrict outputs, const csk_forcing *restrict forcings,
                       const csk_biocide_parameters *restrict parameters, const csk_clock *clock,
                       size_t begin, size_t end);

/** csk_biocide_range over all n catchments by a team of threads; the same bits for any team. */
void csk_biocide(csk_biocide_output *outputs, const csk_forcing *forcings,
                 const csk_biocide_parameters *parameters, const csk_clock *clock, size_t n,
                 int n_threads);

/** The same in plain long double, for tests. */
void csk_biocide_ref(csk_biocide_output *outputs, const csk_forcing *forcings,
                     const csk_biocide_parameters *parameters, const csk_clock *clock, size_t begin,
                     size_t end);

#endif
