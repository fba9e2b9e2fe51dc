/* SPDX-License-Identifier: MIT */
/**
 * The household model: what people take and excrete, or wash off, reaches the water through sewage
 * plants or past them, whatever the weather.
 *
 *     people = population consumption excreted
 *              (connected (1 - removal) + (1 - connected) direct)            [g/d]
 *     flux   = people x patterns + point_load                                [g/d]
 *
 * Patterns (patterns.h) spread what people emit over the week, the day and the year; a row has
 * their mean over its time. Point loads (hospitals, industry) are constant. flux becomes load and
 * concentration as delivery.h says: at zero discharge the load stays, the concentration is missing.
 */
#ifndef CSK_SUBSTANCE_HOUSEHOLD_H
#define CSK_SUBSTANCE_HOUSEHOLD_H

#include "kernels/math/clones.h"
#include "kernels/substance/forcing.h"
#include "kernels/substance/patterns.h"

/** Parameters of one catchment, by the names of the model. */
typedef struct {
    double population;            /* persons */
    double consumption;           /* g per person and day */
    double excreted;              /* share that is not metabolised */
    double connected;             /* share of people connected to a sewage plant */
    double removal;               /* share that the plant keeps back */
    double direct;                /* share that reaches the water of those not connected */
    double point_load;            /* g/d */
    double C_back;                /* background, ng/L */
    const csk_patterns *patterns; /* NULL: even */
} csk_household_parameters;

/** The model's other columns, all arrays of the caller. */
typedef struct {
    double *Flux; /* [n_time] g/d */
    double *L;    /* [n_time] g/d: Flux and background */
} csk_household_trace;

/** The results of one catchment; the arrays are the caller's. */
typedef struct {
    double *load;               /* [n_time] g per time step */
    double *concentration;      /* [n_time] ng/L, NaN where the discharge is <= 0 */
    csk_household_trace *trace; /* NULL: not wanted */
    size_t n_negative;          /* [out] rows with a negative discharge, which counted as 0 */
} csk_household_output;

/** What people emit [g/d] in the mean over all patterns. */
CSK_INLINE double csk_household_people(const csk_household_parameters *p)
{
    const double arrives = p->connected * (1.0 - p->removal) + (1.0 - p->connected) * p->direct;
    return p->population * p->consumption * p->excreted * arrives;
}

/** Which rule the parameters break, as a text without a full stop; NULL if none. */
const char *csk_household_invalid(const csk_household_parameters *parameters);

/** The same, naming the parameter as the mixed model does: "household." before it. */
const char *csk_household_part_invalid(const csk_household_parameters *parameters);

/**
 * Runs the model for the catchments begin .. end - 1, one after the other.
 *
 * Thread-safe for disjoint outputs. Never fails: parameters and forcing were checked. Of the
 * forcing only the local discharge is read, and of the clock its start too. Row 0 of load and
 * concentration is 0. Cost: about 1 ns a row, with patterns 45 ns for every hour that it touches;
 * memory: none.
 *
 * @param outputs    [out] one a catchment; its pointers are read
 * @param forcings   [in]  one a catchment
 * @param parameters [in]  one a catchment, valid
 * @param clock      [in]  of all catchments
 */
void csk_household_range(csk_household_output *restrict outputs,
                         const csk_forcing *restrict forcings,
                         const csk_household_parameters *restrict parameters,
                         const csk_clock *clock, size_t begin, size_t end);

/** csk_household_range over all n catchments by a team of threads; the same bits for any team. */
void csk_household(csk_household_output *outputs, const csk_forcing *forcings,
                   const csk_household_parameters *parameters, const csk_clock *clock, size_t n,
                   int n_threads);

/** The same in plain long double, the patterns second by second, for tests. */
void csk_household_ref(csk_household_output *outputs, const csk_forcing *forcings,
                       const csk_household_parameters *parameters, const csk_clock *clock,
                       size_t begin, size_t end);

#endif
