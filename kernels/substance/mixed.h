/* SPDX-License-Identifier: MIT */
/**
 * The mixed model: one substance that comes from fields, from facades and from people.
 *
 *     flux = flux of the herbicide + [T > 0] flux of the biocide + flux of the household
 *
 * Equations in herbicide.h, biocide.h and household.h; the sum becomes load and concentration with
 * one background, as delivery.h says.
 */
#ifndef CSK_SUBSTANCE_MIXED_H
#define CSK_SUBSTANCE_MIXED_H

#include "kernels/substance/biocide.h"
#include "kernels/substance/herbicide.h"
#include "kernels/substance/household.h"

/** Parameters of one catchment; the parts' own C_back are not used. */
typedef struct {
    csk_herbicide_parameters herbicide;
    csk_biocide_parameters biocide;
    csk_household_parameters household;
    double C_back; /* background of the sum, ng/L */
} csk_mixed_parameters;

/** The parts' fluxes, all arrays of the caller. */
typedef struct {
    double *herbicide; /* [n_time] g/d */
    double *biocide;   /* [n_time] g/d, 0 where T <= 0 */
    double *household; /* [n_time] g/d */
} csk_mixed_trace;

/** The results of one catchment; the arrays are the caller's. */
typedef struct {
    double *load;           /* [n_time] g per time step */
    double *concentration;  /* [n_time] ng/L, NaN where the discharge is <= 0 */
    csk_mixed_trace *trace; /* NULL: not wanted */
    double applied_mass;    /* [out] g that came into the herbicide's stocks */
    double lost_mass;       /* [out] g that left them */
    size_t n_negative;      /* [out] rows with a negative discharge, which counted as 0 */
} csk_mixed_output;

/** Which rule the parameters break, as a text without a full stop; NULL if none. */
const char *csk_mixed_invalid(const csk_mixed_parameters *parameters);

/**
 * Runs the model for the catchments begin .. end - 1, one after the other.
 *
 * Thread-safe for disjoint outputs and states. Never fails: parameters, states and forcing were
 * checked. Row 0 of load, concentration and fluxes is 0. The state is the herbicide's, with its
 * balance: initial (a + u) + applied_mass = lost_mass + final (a + u), to 1e-12 relative.
 * Cost: that of the herbicide and of the household; memory: none.
 *
 * @param outputs    [out]    one a catchment; its pointers are read
 * @param states     [in,out] one a catchment: initial, then final
 * @param forcings   [in]     one a catchment
 * @param parameters [in]     one a catchment, valid
 * @param clock      [in]     of all catchments
 */
void csk_mixed_range(csk_mixed_output *restrict outputs, csk_herbicide_state *restrict states,
                     const csk_forcing *restrict forcings,
                     const csk_mixed_parameters *restrict parameters, const csk_clock *clock,
                     size_t begin, size_t end);

/** csk_mixed_range over all n catchments by a team of threads; the same bits for any team. */
void csk_mixed(csk_mixed_output *outputs, csk_herbicide_state *states, const csk_forcing *forcings,
               const csk_mixed_parameters *parameters, const csk_clock *clock, size_t n,
               int n_threads);

/** The same by the references of the parts, row by row, for tests. */
void csk_mixed_ref(csk_mixed_output *outputs, csk_herbicide_state *states,
                   const csk_forcing *forcings, const csk_mixed_parameters *parameters,
                   const csk_clock *clock, size_t begin, size_t end);

#endif
