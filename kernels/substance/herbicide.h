/* SPDX-License-Identifier: MIT */
/**
 * The herbicide model: farmers apply a substance in spring, rain and seepage carry it to the water.
 *
 * T temperature [degC], P precipitation [mm/d], Q local discharge [m3/s], time in days:
 *
 *     dS/dt = max(T, 0) - [T <= 0] 0.99 S                                  temperature sum
 *     f     = (Mtot/14) M / (M + 0.01 Mtot) if S > T_objective, P <= 2, T >= 0, M > 0, else 0
 *     dM/dt = [T <= -5] 0.99 (Mtot - M) - f                                still to be applied
 *     in    = (1 - k) A_appl times the row's mean of f
 *     flux  = 86400 Eta (Q/A_tot)^2 a
 *     da/dt = Init_avail in - Transfer_au a + Transfer_ua u - flux         stock available
 *     du/dt = (1 - Init_avail) in + Transfer_au a - Transfer_ua u          and unavailable
 *
 * flux becomes load and concentration as delivery.h says. Source: Moser et al. (2018), HESS 22,
 * 4229-4249. M below 1e-18 Mtot counts as 0, and so does a stock below 1e-30 g (a molecule weighs
 * 4e-22 g): neither changes a result, both avoid slow tails of denormal numbers.
 *
 * Forcing is constant over a row, so each row has a closed form and there is no solver tolerance:
 * results do not depend on how rows are grouped into runs, and mass is conserved to rounding.
 */
#ifndef CSK_SUBSTANCE_HERBICIDE_H
#define CSK_SUBSTANCE_HERBICIDE_H

#include "kernels/substance/forcing.h"

/** Parameters of one catchment, by the names of the model. */
typedef struct {
    double A_tot;       /* area, m2 */
    double A_appl;      /* area of application, m2 */
    double Mtot;        /* amount applied in a year (R_appl), g/m2 */
    double k;           /* share lost at application */
    double Init_avail;  /* share of the input that is available at once */
    double T_objective; /* temperature sum at which application begins, degC d */
    double Transfer_au; /* available to unavailable, 1/d */
    double Transfer_ua; /* unavailable to available, 1/d */
    double Eta;         /* export per squared specific discharge, s/m2 */
    double C_back;      /* background, ng/L */
} csk_herbicide_parameters;

/** What a catchment remembers; a run that begins where another ended gives what one run gives. */
typedef struct {
    double T_sum;      /* S, degC d */
    double M_to_apply; /* M, g/m2 */
    double M_avail;    /* a, g */
    double M_unavail;  /* u, g */
} csk_herbicide_state;

/** The model's other columns, all arrays of the caller; states at the row's end, fluxes its mean.
 */
typedef struct {
    double *M_to_apply; /* [n_time] g/m2 */
    double *T_sum;      /* [n_time] degC d */
    double *f_applic;   /* [n_time] g/m2/d */
    double *M_avail;    /* [n_time] g */
    double *M_unavail;  /* [n_time] g */
    double *M_stock;    /* [n_time] g/d: mean rate of change of M_avail + M_unavail */
    double *Flux;       /* [n_time] g/d */
    double *L;          /* [n_time] g/d: Flux and background */
} csk_herbicide_trace;

/** The results of one catchment; the arrays are the caller's. */
typedef struct {
    double *load;               /* [n_time] g per time step */
    double *concentration;      /* [n_time] ng/L, NaN where the discharge is <= 0 */
    csk_herbicide_trace *trace; /* NULL: not wanted */
    double applied_mass;        /* [out] g that came into the stocks: sum of in x step */
    double lost_mass;           /* [out] g that left them: sum of flux x step */
    size_t n_negative;          /* [out] rows with a negative discharge, which counted as 0 */
} csk_herbicide_output;

/** Which rule the parameters break, as a text without a full stop; NULL if none. */
const char *csk_herbicide_invalid(const csk_herbicide_parameters *parameters);

/** The same, naming the parameter as the mixed model does: "herbicide." before it. */
const char *csk_herbicide_part_invalid(const csk_herbicide_parameters *parameters);

/** The same for an initial state: every part a number >= 0. */
const char *csk_herbicide_state_invalid(const csk_herbicide_state *state);

/** The state at the beginning where nothing else is told: all to be applied, empty stocks. */
csk_herbicide_state csk_herbicide_initial(const csk_herbicide_parameters *parameters);

/**
 * Runs the model for the catchments begin .. end - 1, one after the other.
 *
 * Thread-safe for disjoint outputs and states. Never fails: parameters, states and forcing were
 * checked. Row 0 of load, concentration and fluxes is 0. No result is negative, whatever the size
 * of the rates. To go on with a later piece of the same series, its row 0 is the last row done.
 * Balance: initial (a + u) + applied_mass = lost_mass + final (a + u), to 1e-12 relative.
 * Cost: about 25 ns a row where the processor has fma (40 ns where nearly all is lost in a row,
 * 3 us without fma, which is then emulated); memory: none.
 *
 * @param outputs    [out]    one a catchment; its pointers are read
 * @param states     [in,out] one a catchment: initial, then final
 * @param forcings   [in]     one a catchment
 * @param parameters [in]     one a catchment, valid
 * @param clock      [in]     of all catchments
 */
void csk_herbicide_range(csk_herbicide_output *restrict outputs,
                         csk_herbicide_state *restrict states, const csk_forcing *restrict forcings,
                         const csk_herbicide_parameters *restrict parameters,
                         const csk_clock *clock, size_t begin, size_t end);

/** csk_herbicide_range over all n catchments by a team of threads; the same bits for any team. */
void csk_herbicide(csk_herbicide_output *outputs, csk_herbicide_state *states,
                   const csk_forcing *forcings, const csk_herbicide_parameters *parameters,
                   const csk_clock *clock, size_t n, int n_threads);

/** The same in plain long double, for tests: slow, and by other means. */
void csk_herbicide_ref(csk_herbicide_output *outputs, csk_herbicide_state *states,
                       const csk_forcing *forcings, const csk_herbicide_parameters *parameters,
                       const csk_clock *clock, size_t begin, size_t end);

#endif
