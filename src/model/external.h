/* SPDX-License-Identifier: MIT */
/**
 * The external engine: somebody's program, started once for each catchment.
 *
 * For a catchment it writes the files that the configuration asks for into a folder of a worker's
 * own, lets the rank's warden run the program there, and takes the concentration out of the table
 * that the program wrote. The output decides: a run is ok if the program ended with status 0 and
 * the table has a number in every row where there is local discharge.
 *
 * Load of a step [g] = 0.0864 x concentration [ng/L] x local discharge [m3/s] x days of the step;
 * where local discharge is not positive, the concentration is missing and the load 0.
 */
#ifndef CS_MODEL_EXTERNAL_H
#define CS_MODEL_EXTERNAL_H

#include "config/config.h"
#include "model/engine.h"
#include "model/external_keep.h"
#include "model/external_text.h"

/** What it is opened with; the same on all ranks but for n_workers. */
typedef struct {
    const cs_config *config;
    const cs_config_engine *engine;
    const cs_config_substance *substance;
    const char *layout; /* the templates' texts, zero-terminated; NULL: none */
    const char *parameters;
    const char *scratch; /* --scratch, or NULL */
    size_t n_workers;    /* programs in flight, >= 1 */
    size_t n_sharing;    /* ranks on this node that need room for scratch, >= 1 */
    size_t first_place;  /* of this rank's workers among those that share its CPUs */
    size_t n_places;     /* programs in flight that share them; 1: none is bound */
    size_t n_time;
    double step_days;
    cs_keep_rule keep; /* runs whose files are kept */
} cs_external_spec;

/**
 * Finds the numbers that a catchment needs: task->parameters in this order.
 *
 * @param wanted [out] released by cs_wanted_free, also after a failure
 * Errors: CS_DATA (broken templates, with file and line), CS_MEMORY. Uses neither n_workers nor
 * what follows it in the spec.
 */
cs_status cs_external_find_wanted(cs_wanted *wanted, const cs_external_spec *spec, cs_error *err);

/**
 * Opens the engine: checks the program and whether enough files can be open, makes the scratch.
 *
 * Lanes to the warden are opened when they are needed, and closed by cs_engine_rest.
 * Errors: CS_DATA (no such program, not executable), CS_IO (scratch, limit of open files),
 * CS_INTERNAL (no warden), CS_MEMORY.
 */
cs_status cs_engine_open_external(cs_engine *engine, const cs_external_spec *spec, cs_error *err);

#endif
