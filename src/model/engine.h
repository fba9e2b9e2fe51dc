/* SPDX-License-Identifier: MIT */
/**
 * An engine runs the model of one substance for the catchments of a block: an operation table.
 *
 * The native engine calls our kernels; an external one starts somebody's program. One conformance
 * suite runs over all of them.
 */
#ifndef CS_MODEL_ENGINE_H
#define CS_MODEL_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "model/substance.h"
#include "store/result_packet.h"

/**
 * The work: n catchments. Arrays are the caller's. Of a wanted forcing variable exactly one of
 * forcing and forcing64 is there, in the input's own precision, of others none.
 * Catchments whose record is no longer pending have failed already and are passed over.
 */
typedef struct {
    size_t n, n_time, n_parameters, n_states, n_extras;
    double step_days;
    double start;                 /* seconds since 1970 of row number 0 of the series */
    size_t number;                /* of row 0 in the series, which may have begun in earlier runs */
    const csk_patterns *patterns; /* of emission; NULL: even */
    const int64_t *id;            /* [n] > 0; NULL where the engine does not want them */
    const char *const *name;      /* [n] where ids are texts and the engine wants them; else NULL */
    const float *forcing[CS_N_VARIABLES];    /* [n][n_time] degC, mm/h, m3/s, m3/s; NaN: missing */
    const double *forcing64[CS_N_VARIABLES]; /* instead, of float64 input: degC, mm/d, m3/s, m3/s */
    const double *parameters; /* [n][n_parameters] of the model, valid; external engines: the
                                 numbers that their templates want */
    double *states; /* [n][n_states] initial (NaN: an earlier run that failed left none), then
                       final; external engines have none */
    double *load;   /* [n][n_time] g per time step */
    double *concentration; /* [n][n_time] ng/L, NaN: no local discharge */
    cs_run_record *record; /* [n] status, attempts, exit, seconds, mass */
    cs_bytes *message;     /* [n] one line, no terminator; empty: none */
    double *extras;        /* [n][n_extras] of the result format, NaN at first */
} cs_engine_task;

typedef struct {
    const char *type; /* as in the configuration */
    /**
     * Runs all catchments of the task with a team of n_threads. Thread-safe. What goes wrong with a
     * catchment is in its record and message; a failure that is returned is the machinery's (out of
     * memory).
     */
    cs_status (*run)(void *self, cs_engine_task *task, int n_threads, cs_error *err);
    void (*rest)(void *self); /* what cs_engine_rest says; NULL: nothing is to be done */
    void (*close)(void *self);
} cs_engine_ops;

typedef struct {
    const cs_engine_ops *ops;
    void *self;
} cs_engine;

/**
 * Copies a variable of a catchment as doubles, exactly as given, precipitation in mm/d (24 times a
 * float32 is exact).
 *
 * Thread-safe. @param values [out] [n_time]; left alone if the variable is not wanted
 */
void cs_engine_forcing(double *values, const cs_engine_task *task, cs_variable variable, size_t i);

/** Opens the native engine for a model. */
cs_status cs_engine_open_native(cs_engine *engine, const cs_substance_model *model, cs_error *err);

/** Ends the processes that an engine keeps for its next run, which may still come. While none runs;
 * not thread-safe. */
void cs_engine_rest(cs_engine *engine);

/** Closes any engine; a zeroed one is fine. */
void cs_engine_close(cs_engine *engine);

#endif
