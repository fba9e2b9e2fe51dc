/* SPDX-License-Identifier: MIT */
/* What all engines share. */
#include "model/engine.h"

#include <string.h>

static const double HOURS_PER_DAY = 24.0;

void cs_engine_forcing(double *values, const cs_engine_task *task, cs_variable variable, size_t i)
{
    const size_t n = task->n_time;
    if (task->forcing64[variable] != NULL) {
        memcpy(values, task->forcing64[variable] + i * n, n * sizeof *values);
    } else if (task->forcing[variable] != NULL) {
        const float *row = task->forcing[variable] + i * n;
        const double factor = variable == CS_PRECIPITATION ? HOURS_PER_DAY : 1.0;
        for (size_t t = 0; t < n; t++) {
            values[t] = factor * row[t];
        }
    }
}

void cs_engine_rest(cs_engine *engine)
{
    if (engine->ops->rest != NULL) {
        engine->ops->rest(engine->self);
    }
}

void cs_engine_close(cs_engine *engine)
{
    if (engine->ops != NULL) {
        engine->ops->close(engine->self);
    }
    *engine = (cs_engine){0};
}
