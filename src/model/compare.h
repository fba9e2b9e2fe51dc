/* SPDX-License-Identifier: MIT */
/**
 * An engine that runs two engines on the same work and measures by how much they differ: the check
 * that a program and our model of it agree.
 */
#ifndef CS_MODEL_COMPARE_H
#define CS_MODEL_COMPARE_H

#include "model/engine.h"

/** The numbers that it leaves for each catchment in the task's extras, in this order. */
typedef enum {
    CS_COMPARE_CONCENTRATION_MAX, /* ng/L, of |other - reference|; NaN: nothing to compare */
    CS_COMPARE_CONCENTRATION_RMS, /* ng/L */
    CS_COMPARE_CONCENTRATION_ROW, /* row of the maximum, from 0; NaN: no difference */
    CS_COMPARE_LOAD_MAX,          /* g per time step */
    CS_COMPARE_LOAD_RMS,          /* g per time step */
    CS_COMPARE_LOAD_ROW,
    CS_COMPARE_MISSING_ROWS, /* rows whose concentration only one of them has */
    CS_COMPARE_RUN_STATUS,   /* cs_run_status of the other engine */
    CS_N_COMPARE
} cs_compare_extra;

/** Describes these numbers in the format of results: group `compare`. */
void cs_compare_describe(cs_result_format *format);

/** An engine and the columns of the task's parameters that are its own: engines may share columns,
 * or each have others (a program's templates want other numbers than our model). */
typedef struct {
    cs_engine engine;
    size_t first_parameter, n_parameters;
} cs_compare_side;

/**
 * Opens it over two engines, which it closes with itself (not if it fails to open).
 *
 * Loads, concentrations, final states and records of a run are those of the reference; a catchment
 * that it cannot run is not tried with the other. If the other fails, the catchment's record stays
 * ok, its message says why, and its differences are missing. Thread-safe if the two are.
 *
 * Errors: CS_MEMORY.
 */
cs_status cs_engine_open_compare(cs_engine *engine, const cs_compare_side *reference,
                                 const cs_compare_side *other, cs_error *err);

#endif
