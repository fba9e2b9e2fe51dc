/* SPDX-License-Identifier: MIT */
/**
 * The parameters and initial states of every catchment, from configuration and input.
 *
 * Rank 0: it needs the input. Everything is checked before anything runs.
 */
#ifndef CS_MODEL_PARAMETERS_H
#define CS_MODEL_PARAMETERS_H

#include <stdbool.h>

#include "base/error.h"
#include "config/config.h"
#include "model/substance.h"
#include "store/forcing.h"

typedef struct {
    double *values; /* [n_catchment][n_parameters] */
    double *states; /* [n_catchment][n_states] */
} cs_parameters;

/**
 * Resolves a substance's parameters: given as a number or as a variable of the input, else the
 * model's default.
 *
 * Errors: CS_DATA (unknown name; no such variable; a catchment whose value breaks a rule: which),
 * CS_MEMORY. On failure there is nothing to release.
 */
cs_status cs_parameters_resolve(cs_parameters *parameters, const cs_config *config,
                                const cs_config_substance *substance,
                                const cs_substance_model *model, cs_forcing *forcing,
                                cs_error *err);

/**
 * Takes the patterns of emission from a substance's configuration; what is not given is even.
 *
 * @param is_given [out] whether there is any
 * Errors: CS_DATA (the model has none; a value below 0; a mean that is not 1 to 1e-9), with the
 * place in the file.
 */
cs_status cs_patterns_resolve(csk_patterns *patterns, bool *is_given, const cs_config *config,
                              const cs_config_substance *substance, const cs_substance_model *model,
                              cs_error *err);

void cs_parameters_free(cs_parameters *parameters);

#endif
