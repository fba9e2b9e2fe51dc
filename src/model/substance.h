/* SPDX-License-Identifier: MIT */
/**
 * The catalogue of substance models: names, parameters, states, and the kernel behind each.
 *
 * Thread-safe; all tables are constant. Facts of docs/models.md.
 */
#ifndef CS_MODEL_SUBSTANCE_H
#define CS_MODEL_SUBSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/substance/forcing.h"
#include "kernels/substance/patterns.h"
#include "store/result_packet.h"
#include "store/variables.h"

/** A parameter: what it defaults to if the configuration does not give it. */
typedef struct {
    const char *name, *units;
    const char *from;     /* a per-catchment variable of the input; NULL: default_value */
    double default_value; /* NaN: there is none, it must be given */
} cs_parameter_info;

typedef struct {
    const char *name, *units;
} cs_state_info;

/** One catchment's run; arrays are the caller's. */
typedef struct {
    csk_forcing forcing;
    csk_clock clock;
    const csk_patterns *patterns; /* of emission, for models that have them; NULL: even */
    const double *parameters;     /* [n_parameters] in the catalogue's order, valid */
    double *states;               /* [n_states] initial, then final */
    double *load;                 /* [n_time] g per time step */
    double *concentration;        /* [n_time] ng/L, NaN where there is no local discharge */
    cs_mass_balance mass;         /* [out] */
    size_t n_negative;            /* [out] rows whose discharge was negative and counted as 0 */
} cs_substance_run;

typedef struct {
    const char *name;
    const cs_parameter_info *parameters;
    size_t n_parameters;
    const cs_state_info *states;
    size_t n_states;
    uint32_t needs;    /* bit 1 << cs_variable for each forcing variable */
    bool has_patterns; /* it knows patterns of emission */
    /** Which rule parameters break; NULL: none. */
    const char *(*invalid)(const double *parameters);
    /** Changes valid parameters to those that the model is run with, once; NULL: they are. */
    void (*settle)(double *parameters);
    /** Which rule states break; NULL: none. */
    const char *(*state_invalid)(const double *states);
    /** States at the beginning where the configuration does not give them. */
    void (*initial)(double *states, const double *parameters);
    void (*run)(cs_substance_run *run);
} cs_substance_model;

/** The model of this name, or NULL. */
const cs_substance_model *cs_substance_find(const char *name);

/** All names, separated by ", ", for messages. */
const char *cs_substance_names(void);

#endif
