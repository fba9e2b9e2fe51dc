/* SPDX-License-Identifier: MIT */
#include "model/substance.h"

#include <string.h>

#include "model/substance_models.h"

const char *cs_no_state_invalid(const double *states)
{
    (void)states;
    return NULL;
}

void cs_no_initial(double *states, const double *parameters)
{
    (void)states;
    (void)parameters;
}

const cs_substance_model *cs_substance_find(const char *name)
{
    static const cs_substance_model *const MODELS[] = {
        &cs_model_herbicide,    &cs_model_biocide,   &cs_model_pesticide,
        &cs_model_biocide_wwtp, &cs_model_household, &cs_model_mixed,
    };
    for (size_t i = 0; i < CS_COUNT(MODELS); i++) {
        if (strcmp(MODELS[i]->name, name) == 0) {
            return MODELS[i];
        }
    }
    return NULL;
}

const char *cs_substance_names(void)
{
    return "herbicide, biocide, pesticide, biocide_wwtp, household, mixed";
}
