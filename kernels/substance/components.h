/* SPDX-License-Identifier: MIT */
/**
 * The model types of the external model server's layouts, each on the whole series of one
 * catchment.
 *
 * catchmodel wires them as a layout says: an output series of one, times the connection's
 * proportion and added up, is an input series of another. The kernels of catchsim run the same rows
 * fused (herbicide.h, biocide.h, pesticide.h, biocide_wwtp.h), where the equations stand too.
 *
 * Names of parameters, ports and states are those of the layouts. Every type has
 *
 *   csk_component_<type>_parameters  numbers; valid ones are the caller's duty (..._invalid below)
 *   csk_component_<type>_input       series [n_time]; NULL: the port is not connected, 0 throughout
 *   csk_component_<type>_output      series [n_time] of the caller; NULL: not wanted
 *   csk_component_<type>_state       in: initial, out: final; only for types with states
 *
 * Row 0 of an input is never read: row 0 of an output is the initial state, of a flux or a
 * concentration 0. Row i of an input holds from row i - 1 to row i; of an output, states are those
 * at the row's end, fluxes its mean. Negative discharges count as 0, and where there is no water a
 * concentration is 0 (not missing, as in the kernels: these are the server's tables). Inputs from
 * row 1 on hold no NaN. An output may not be the same array as an input.
 *
 * All are local, thread-safe for disjoint outputs and states, and never fail. The same bits on
 * every processor. Cost: at most about 40 ns a row; memory: none.
 */
#ifndef CSK_SUBSTANCE_COMPONENTS_H
#define CSK_SUBSTANCE_COMPONENTS_H

#include "kernels/substance/forcing.h"

/* ---- herbicide_application ---- */

typedef struct {
    double M_totalperA; /* amount applied in a year, g/m2 */
    double T_objective; /* temperature sum at which application begins, degC d */
} csk_component_herbicide_application_parameters;

typedef struct {
    const double *T; /* degC */
    const double *P; /* mm/d */
} csk_component_herbicide_application_input;

typedef struct {
    double *M_to_apply; /* g/m2 */
    double *T_sum;      /* degC d */
    double *f_applic;   /* g/m2/d */
} csk_component_herbicide_application_output;

typedef struct {
    double M_to_apply; /* g/m2; where nothing is told: M_totalperA */
    double T_sum;      /* degC d */
} csk_component_herbicide_application_state;

/* ---- herbicide: transport ---- */

typedef struct {
    double A_tot;       /* area, m2 */
    double A_appl;      /* area of application, m2 */
    double k;           /* share lost at application */
    double Init_avail;  /* share of the input that is available at once */
    double Transfer_au; /* available to unavailable, 1/d */
    double Transfer_ua; /* unavailable to available, 1/d */
    double Eta;         /* export per squared specific discharge, s/m2 */
    double C_back;      /* background, ng/L */
} csk_component_herbicide_parameters;

typedef struct {
    const double *F_applic; /* g/m2/d */
    const double *Q;        /* m3/s */
} csk_component_herbicide_input;

typedef struct {
    double *C;         /* ng/L */
    double *Flux;      /* g/d */
    double *L;         /* g/d: Flux and background, 0.0864 C Q */
    double *M_avail;   /* g */
    double *M_unavail; /* g */
    double *M_stock;   /* g/d: mean rate of change of M_avail + M_unavail */
} csk_component_herbicide_output;

typedef struct {
    double M_avail, M_unavail; /* g */
} csk_component_herbicide_state;

/* ---- biocide ---- */

typedef struct {
    double M_totalperA; /* what the treated area carries, g/m2 */
    double A_appl;      /* treated area, m2 */
    double Beta;        /* share washed off by a millimetre of rain, 1/mm */
    double C_back;      /* background, ng/L */
} csk_component_biocide_parameters;

typedef struct {
    const double *Q; /* m3/s */
    const double *P; /* mm/d */
    const double *T; /* degC */
} csk_component_biocide_input;

typedef struct {
    double *C;    /* ng/L */
    double *Flux; /* g/d, also where T <= 0 */
    double *L;    /* g/d: 0.0864 C Q */
} csk_component_biocide_output;

/* ---- iwq_quality_application ---- */

typedef struct {
    double M_total;        /* amount applied in a year, g/m2 */
    double T_threshold;    /* degC above which warmth counts */
    double T_objective;    /* temperature sum at which application begins, degC d */
    double f_daily;        /* fastest application, g/m2/d */
    double rain_threshold; /* most rain at which a farmer works, mm/d */
} csk_component_iwq_quality_application_parameters;

typedef struct {
    const double *T_air; /* degC */
    const double *rain;  /* mm/d */
} csk_component_iwq_quality_application_input;

typedef struct {
    double *T_sum;      /* degC d */
    double *M_to_apply; /* g/m2 */
    double *f_applic;   /* g/m2/d */
} csk_component_iwq_quality_application_output;

typedef struct {
    double T_sum;      /* degC d */
    double M_to_apply; /* g/m2; where nothing is told: M_total */
} csk_component_iwq_quality_application_state;

/* ---- iwq_quality_pesticide ---- */

typedef struct {
    double area;         /* m2 */
    double area_applic;  /* area of application, m2 */
    double beta;         /* washed off: 1e-3 beta per metre of runoff */
    double appl_loss;    /* share lost to the water at application */
    double k_decay;      /* decay at 20 degC, 1/d */
    double theta_decay;  /* factor of decay per degC */
    double C_background; /* ng/L */
} csk_component_iwq_quality_pesticide_parameters;

typedef struct {
    const double *f_applic;     /* g/m2/d */
    const double *T_air;        /* degC */
    const double *F_driver;     /* m3/d (86400 Q of the layouts) */
    const double *Q_total;      /* m3/d */
    const double *Q_background; /* L/d (86400000 Q of the layouts) */
} csk_component_iwq_quality_pesticide_input;

typedef struct {
    double *C_X;     /* ng/m3: the layouts take 0.001 of it, ng/L */
    double *F_X;     /* g/d: what is washed off, and background */
    double *M_stock; /* g */
} csk_component_iwq_quality_pesticide_output;

typedef struct {
    double M_stock; /* g */
} csk_component_iwq_quality_pesticide_state;

/* ---- iwq_quality_biocide ---- */

typedef struct {
    double a_urban;      /* m2 */
    double M_stock;      /* what it carries, g/m2 */
    double beta;         /* share washed off by a metre of rain, 1/m */
    double k_wwtp;       /* share removed in the sewage plant */
    double f_wwtp;       /* share that goes through it, where the port is not connected */
    double C_background; /* ng/L */
} csk_component_iwq_quality_biocide_parameters;

typedef struct {
    const double *F_driver;     /* mm/d (rain) */
    const double *T_air;        /* degC; the model does not use it */
    const double *Q_total;      /* m3/d */
    const double *Q_background; /* L/d */
    const double *f_wwtp;       /* share; NULL: the parameter */
} csk_component_iwq_quality_biocide_input;

typedef struct {
    double *C_X; /* ng/m3 */
    double *F_X; /* g/d */
} csk_component_iwq_quality_biocide_output;

/* ---- which rule the parameters break, as a text without a full stop; NULL if none ---- */

const char *csk_component_herbicide_application_invalid(
    const csk_component_herbicide_application_parameters *parameters);
const char *csk_component_herbicide_invalid(const csk_component_herbicide_parameters *parameters);
const char *csk_component_biocide_invalid(const csk_component_biocide_parameters *parameters);
const char *csk_component_iwq_quality_application_invalid(
    const csk_component_iwq_quality_application_parameters *parameters);
const char *csk_component_iwq_quality_pesticide_invalid(
    const csk_component_iwq_quality_pesticide_parameters *parameters);
const char *csk_component_iwq_quality_biocide_invalid(
    const csk_component_iwq_quality_biocide_parameters *parameters);

/* ---- runs ---- */

void csk_component_herbicide_application(
    const csk_component_herbicide_application_output *output,
    csk_component_herbicide_application_state *state,
    const csk_component_herbicide_application_input *input,
    const csk_component_herbicide_application_parameters *parameters, const csk_clock *clock);

void csk_component_herbicide(const csk_component_herbicide_output *output,
                             csk_component_herbicide_state *state,
                             const csk_component_herbicide_input *input,
                             const csk_component_herbicide_parameters *parameters,
                             const csk_clock *clock);

void csk_component_biocide(const csk_component_biocide_output *output,
                           const csk_component_biocide_input *input,
                           const csk_component_biocide_parameters *parameters,
                           const csk_clock *clock);

/** The clock's number and step give the days since row number 0 that seasons follow. */
void csk_component_iwq_quality_application(
    const csk_component_iwq_quality_application_output *output,
    csk_component_iwq_quality_application_state *state,
    const csk_component_iwq_quality_application_input *input,
    const csk_component_iwq_quality_application_parameters *parameters, const csk_clock *clock);

void csk_component_iwq_quality_pesticide(
    const csk_component_iwq_quality_pesticide_output *output,
    csk_component_iwq_quality_pesticide_state *state,
    const csk_component_iwq_quality_pesticide_input *input,
    const csk_component_iwq_quality_pesticide_parameters *parameters, const csk_clock *clock);

void csk_component_iwq_quality_biocide(
    const csk_component_iwq_quality_biocide_output *output,
    const csk_component_iwq_quality_biocide_input *input,
    const csk_component_iwq_quality_biocide_parameters *parameters, const csk_clock *clock);

#endif
