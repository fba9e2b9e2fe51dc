/* SPDX-License-Identifier: MIT */
/**
 * The pesticide model: farmers apply a substance once it is warm enough, it decays on the fields,
 * and runoff washes a share of it into the water.
 *
 * T temperature [degC], P precipitation [mm/d], Q local discharge [m3/s], time in days, x days
 * since row number 0, doy = x mod 365.25:
 *
 *     dS/dt = max(T - T_threshold, 0) - [T <= 0] 0.99 S                     temperature sum
 *     f     = f_daily M/(M + 0.01 M_total) if doy >= 5, S > T_objective, P <= rain_threshold
 *             and M_total > 0, else 0
 *     dM/dt = 2 (M_total - M) if doy < 5, else -f                           still to be applied
 *     in    = area_applic times the row's mean of f
 *     decay = k_decay theta_decay^(T - 20) m
 *     flux  = 0.001 beta (86400 Q/area) m + appl_loss in
 *     dm/dt = in - decay - flux                                             stock
 *
 * flux becomes load and concentration as delivery.h says. Source: the application and pesticide
 * models of the public iWaQa server (Honti et al. 2017), its ports fed with the local discharge. M
 * below 1e-18 M_total counts as 0, and so does a stock below 1e-30 g.
 *
 * Forcing is constant over a row, so each row has a closed form; the turns of a year and the
 * crossing of T_objective are located inside it.
 */
#ifndef CSK_SUBSTANCE_PESTICIDE_H
#define CSK_SUBSTANCE_PESTICIDE_H

#include "kernels/substance/forcing.h"

/** Parameters of one catchment, by the names of the model. */
typedef struct {
    double area;           /* m2 */
    double area_applic;    /* area of application, m2 */
    double M_total;        /* amount applied in a year, g/m2 */
    double T_threshold;    /* degC above which warmth counts */
    double T_objective;    /* temperature sum at which application begins, degC d */
    double f_daily;        /* fastest application, g/m2/d */
    double rain_threshold; /* most rain at which a farmer works, mm/d */
    double beta;           /* share washed off by a kilometre of runoff, 1/km */
    double appl_loss;      /* share lost to the water at application */
    double k_decay;        /* decay at 20 degC, 1/d */
    double theta_decay;    /* factor of decay per degC */
    double C_background;   /* ng/L */
} csk_pesticide_parameters;

/** What a catchment remembers; a run that begins where another ended gives what one run gives. */
typedef struct {
    double T_sum;      /* S, degC d */
    double M_to_apply; /* M, g/m2 */
    double M_stock;    /* m, g */
} csk_pesticide_state;

/** The model's other columns, all arrays of the caller; states at the row's end, fluxes its mean.
 */
typedef struct {
    double *T_sum;      /* [n_time] degC d */
    double *M_to_apply; /* [n_time] g/m2 */
    double *f_applic;   /* [n_time] g/m2/d */
    double *M_stock;    /* [n_time] g */
    double *F_X;        /* [n_time] g/d: flux and background */
} csk_pesticide_trace;

/** The results of one catchment; the arrays are the caller's. */
typedef struct {
    double *load;               /* [n_time] g per time step */
    double *concentration;      /* [n_time] ng/L, NaN where the discharge is <= 0 */
    csk_pesticide_trace *trace; /* NULL: not wanted */
    double applied_mass;        /* [out] g: sum of in x step */
    double lost_mass;           /* [out] g that went into the water: sum of flux x step */
    double decayed_mass;        /* [out] g: sum of decay x step */
    size_t n_negative;          /* [out] rows with a negative discharge, which counted as 0 */
} csk_pesticide_output;

/** Which rule the parameters break, as a text without a full stop; NULL if none. */
const char *csk_pesticide_invalid(const csk_pesticide_parameters *parameters);

/** The same for an initial state: every part a number >= 0. */
const char *csk_pesticide_state_invalid(const csk_pesticide_state *state);

/** The state at the beginning where nothing else is told: all to be applied, no stock. */
csk_pesticide_state csk_pesticide_initial(const csk_pesticide_parameters *parameters);

/**
 * Runs the model for the catchments begin .. end - 1, one after the other.
 *
 * Thread-safe for disjoint outputs and states. Never fails: parameters, states and forcing were
 * checked. Row 0 of load, concentration and fluxes is 0. To go on with a later piece of the same
 * series, its row 0 is the last row done, and the clock's number says which that is.
 * Balance: initial m + applied_mass = lost_mass + decayed_mass + final m, to 1e-12 relative.
 * Cost: about 35 ns a row where the processor has fma; memory: none.
 *
 * @param outputs    [out]    one a catchment; its pointers are read
 * @param states     [in,out] one a catchment: initial, then final
 * @param forcings   [in]     one a catchment
 * @param parameters [in]     one a catchment, valid
 * @param clock      [in]     of all catchments
 */
void csk_pesticide_range(csk_pesticide_output *restrict outputs,
                         csk_pesticide_state *restrict states, const csk_forcing *restrict forcings,
                         const csk_pesticide_parameters *restrict parameters,
                         const csk_clock *clock, size_t begin, size_t end);

/** csk_pesticide_range over all n catchments by a team of threads; the same bits for any team. */
void csk_pesticide(csk_pesticide_output *outputs, csk_pesticide_state *states,
                   const csk_forcing *forcings, const csk_pesticide_parameters *parameters,
                   const csk_clock *clock, size_t n, int n_threads);

/** The same in plain long double, for tests: slow, and by other means. */
void csk_pesticide_ref(csk_pesticide_output *outputs, csk_pesticide_state *states,
                       const csk_forcing *forcings, const csk_pesticide_parameters *parameters,
                       const csk_clock *clock, size_t begin, size_t end);

#endif
