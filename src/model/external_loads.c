/* SPDX-License-Identifier: MIT */
#include "model/external_parts.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/external_output.h"

static cs_status read_output(cs_external_worker *w, const cs_external *self, double *concentration,
                             const cs_external_values *values, cs_error *err)
{
    const cs_config_external *from = &self->engine->external;
    char path[PATH_MAX];
    cs_output_column columns[CS_N_COLUMNS] = {
        [CS_COLUMN_CONCENTRATION] = {.required = true, .values = concentration},
        [CS_COLUMN_LOCAL_DISCHARGE] = {.required = from->local_discharge != NULL,
                                       .values = w->values[CS_COLUMN_LOCAL_DISCHARGE]},
        [CS_COLUMN_DISCHARGE] = {.required = from->discharge != NULL,
                                 .values = w->values[CS_COLUMN_DISCHARGE]},
    };
    const size_t n_columns = from->discharge != NULL ? CS_N_COLUMNS : CS_COLUMN_DISCHARGE;
    CS_TRY(cs_external_fill_names(w, self, self->columns, n_columns, values, err));
    const char *at = (const char *)w->names.data;
    for (size_t c = 0; c < n_columns; c++) {
        columns[c].name = at;
        at += strlen(at) + 1;
    }
    snprintf(path, sizeof path, "%s/%s", w->folder, values->file[CS_FILE_OUTPUT]);
    CS_TRY(cs_external_output_read(&w->text, path, self->max_bytes, err));
    CS_TRY(cs_external_output_parse(columns, n_columns, (const char *)w->text.data, w->text.size,
                                    self->n_time, err));
    const double per_m3 = cs_external_series_per_m3(from, columns[CS_COLUMN_LOCAL_DISCHARGE].name);
    for (size_t t = 0; columns[CS_COLUMN_LOCAL_DISCHARGE].is_there && t < self->n_time; t++) {
        w->values[CS_COLUMN_LOCAL_DISCHARGE][t] /= per_m3; /* the column of its input, handed on */
    }
    return CS_OK;
}

/* Concentrations to loads; a concentration must be a number wherever there is local discharge, but
 * in row 0, where models have nothing to say yet. */
static cs_status make_loads(cs_engine_task *task, size_t i, const double *local_discharge,
                            cs_error *err)
{
    const double grams_a_day = 0.0864; /* of 1 ng/L in 1 m3/s */
    double *load = task->load + i * task->n_time;
    double *concentration = task->concentration + i * task->n_time;
    int64_t n_negative = 0;
    for (size_t t = 0; t < task->n_time; t++) {
        const double q = local_discharge[t];
        if (q <= 0.0) {
            n_negative += q < 0.0;
            concentration[t] = NAN;
            load[t] = 0.0;
            continue;
        }
        const bool is_known = isfinite(q) && isfinite(concentration[t]);
        if (!is_known && t == 0) {
            concentration[t] = NAN;
            load[t] = 0.0;
            continue;
        }
        if (!is_known) {
            return cs_fail(err, CS_DATA,
                           "row %zu of its output: the %s is missing, NaN or infinite", t + 1,
                           isfinite(q) ? "concentration" : "local discharge");
        }
        load[t] = grams_a_day * concentration[t] * q * task->step_days;
    }
    task->record[i].n_negative_discharge = n_negative;
    return CS_OK;
}

cs_status cs_external_take_output(cs_external_worker *w, const cs_external *self,
                                  cs_engine_task *task, size_t i, const cs_external_values *values,
                                  cs_error *err)
{
    /* where the table has no such column */
    cs_engine_forcing(w->values[CS_COLUMN_LOCAL_DISCHARGE], task, CS_LOCAL_DISCHARGE, i);
    CS_TRY(read_output(w, self, task->concentration + i * task->n_time, values, err));
    return make_loads(task, i, w->values[CS_COLUMN_LOCAL_DISCHARGE], err);
}
