/* SPDX-License-Identifier: MIT */
/**
 * The numbers that fill an external program's templates, for every catchment. Rank 0.
 */
#ifndef CS_MODEL_EXTERNAL_NUMBERS_H
#define CS_MODEL_EXTERNAL_NUMBERS_H

#include "config/config.h"
#include "model/external_text.h"
#include "model/substance.h"
#include "store/forcing.h"

/**
 * Looks each number up: as parameter or initial state of the substance, then as the template's own
 * value, then as the model's default, then as area (A_tot), application_area (A_appl) and
 * application_rate (R_appl), at last as a variable of the input.
 *
 * Where the substance has the parameter ratio_herbicide_area_cal r > 0, C_back is scaled by
 * (A_appl / A_tot) / r, and is 0 where R_appl is 0.
 *
 * @param values [out] [n_catchment][wanted->n], the caller frees; NULL on failure
 * @param model  [in]  NULL: none of ours
 * Errors: CS_DATA (nobody knows a number: which, and where it is wanted), CS_MEMORY.
 */
cs_status cs_external_numbers_resolve(double **values, const cs_wanted *wanted,
                                      const cs_config *config, const cs_config_substance *substance,
                                      const cs_substance_model *model, cs_forcing *forcing,
                                      cs_error *err);

#endif
