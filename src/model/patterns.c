/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "model/parameters.h"

static cs_status check(const cs_config_pattern *pattern, cs_pattern_kind kind,
                       const cs_config *config, const cs_config_substance *substance,
                       const cs_substance_model *model, cs_error *err)
{
    if (!model->has_patterns) {
        return cs_config_fail_at(config, pattern->line, err, CS_DATA,
                                 "substance %s: model %s has no patterns", substance->name,
                                 model->name);
    }
    if (!csk_pattern_is_valid(pattern->values, pattern->n)) {
        double sum = 0.0;
        for (size_t i = 0; i < pattern->n; i++) {
            sum += pattern->values[i];
        }
        return cs_config_fail_at(config, pattern->line, err, CS_DATA,
                                 "substance %s: the %s pattern must have values >= 0 with mean 1 "
                                 "(to 1e-9); their mean is %.12g",
                                 substance->name, cs_pattern_name(kind), sum / (double)pattern->n);
    }
    return CS_OK;
}

cs_status cs_patterns_resolve(csk_patterns *patterns, bool *is_given, const cs_config *config,
                              const cs_config_substance *substance, const cs_substance_model *model,
                              cs_error *err)
{
    *patterns = csk_patterns_even();
    *is_given = false;
    double *const of_kind[CS_N_PATTERNS] = {patterns->weekly, patterns->daily, patterns->monthly};
    for (int kind = 0; kind < CS_N_PATTERNS; kind++) {
        const cs_config_pattern *pattern = &substance->patterns[kind];
        if (pattern->n == 0) {
            continue;
        }
        CS_TRY(check(pattern, (cs_pattern_kind)kind, config, substance, model, err));
        memcpy(of_kind[kind], pattern->values, pattern->n * sizeof(double));
        *is_given = true;
    }
    return CS_OK;
}
