/* SPDX-License-Identifier: MIT */
/* The native engine: our kernels over the catchments of a block. */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "model/engine.h"
#include "watch/clock.h"

typedef struct {
    const cs_substance_model *model;
} native;

/* The first row from 1 on with a NaN; 0: none. */
static size_t find_missing(const double *row, size_t n_time)
{
    for (size_t t = 1; t < n_time; t++) {
        if (!isfinite(row[t])) {
            return t;
        }
    }
    return 0;
}

/* Refuses the catchment if a variable that the model needs is missing somewhere. */
static cs_status refuse_missing(cs_engine_task *task, size_t i, const double *forcing,
                                uint32_t needs, cs_error *err)
{
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        const size_t row = (needs >> v & 1) == 0
                               ? 0
                               : find_missing(forcing + (size_t)v * task->n_time, task->n_time);
        if (row > 0) {
            char text[128];
            const int length = snprintf(text, sizeof text, "%s is missing or not finite in row %zu",
                                        cs_variable_name((cs_variable)v), row);
            task->record[i].status = CS_RUN_INVALID_INPUT;
            return cs_bytes_append(&task->message[i], text, (size_t)length, err);
        }
    }
    return CS_OK;
}

/* Refuses the catchment if an earlier run was to leave its states and did not. */
static cs_status refuse_no_state(cs_engine_task *task, size_t i, const cs_substance_model *model,
                                 cs_error *err)
{
    for (size_t s = 0; s < model->n_states; s++) {
        if (isnan(task->states[i * model->n_states + s])) {
            char text[128];
            const int length = snprintf(text, sizeof text,
                                        "no initial state %s: its run failed in the earlier result",
                                        model->states[s].name);
            task->record[i].status = CS_RUN_INVALID_INPUT;
            return cs_bytes_append(&task->message[i], text, (size_t)length, err);
        }
    }
    return CS_OK;
}

/* Kernels take negative precipitation as 0, as they do with discharge; row 0 is never read. */
static int64_t count_negative(const double *precipitation, size_t n_time)
{
    int64_t n = 0;
    for (size_t t = 1; t < n_time; t++) {
        n += precipitation[t] < 0.0;
    }
    return n;
}

/* Copies the variables that the model needs, in the kernels' units: [CS_N_VARIABLES][n_time]. */
static void copy_forcing(double *forcing, const cs_engine_task *task, size_t i, uint32_t needs)
{
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        if (needs >> v & 1) {
            cs_engine_forcing(forcing + (size_t)v * task->n_time, task, (cs_variable)v, i);
        }
    }
}

/* The same as the kernels know it; NULL where the model does not need it. */
static csk_forcing arrange_forcing(const double *forcing, size_t n_time, uint32_t needs)
{
    const double *row[CS_N_VARIABLES];
    for (size_t v = 0; v < CS_N_VARIABLES; v++) {
        row[v] = (needs >> v & 1) != 0 ? forcing + v * n_time : NULL;
    }
    return (csk_forcing){.temperature = row[CS_TEMPERATURE],
                         .precipitation = row[CS_PRECIPITATION],
                         .local_discharge = row[CS_LOCAL_DISCHARGE]};
}

/* Whether the results are numbers: huge forcing can overflow. */
static int is_finite_result(const cs_substance_run *run)
{
    for (size_t t = 0; t < run->clock.n_time; t++) {
        if (!isfinite(run->load[t]) || isinf(run->concentration[t])) {
            return 0;
        }
    }
    return 1;
}

static cs_status run_catchment(const cs_substance_model *model, cs_engine_task *task, size_t i,
                               double *forcing, cs_error *err)
{
    cs_run_record *record = &task->record[i];
    if (record->status != CS_RUN_PENDING) {
        return CS_OK;
    }
    const double begin = cs_now();
    CS_TRY(refuse_no_state(task, i, model, err));
    if (record->status == CS_RUN_PENDING) {
        copy_forcing(forcing, task, i, model->needs);
        CS_TRY(refuse_missing(task, i, forcing, model->needs, err));
    }
    if (record->status == CS_RUN_INVALID_INPUT) {
        return CS_OK;
    }
    cs_substance_run run = {.forcing = arrange_forcing(forcing, task->n_time, model->needs),
                            .clock = {.n_time = task->n_time,
                                      .step = task->step_days,
                                      .start = task->start,
                                      .number = task->number},
                            .patterns = task->patterns,
                            .parameters = task->parameters + i * model->n_parameters,
                            .states = task->states + i * model->n_states,
                            .load = task->load + i * task->n_time,
                            .concentration = task->concentration + i * task->n_time};
    model->run(&run);
    if (!(run.forcing.local_discharge[0] > 0.0)) {
        run.concentration[0] = NAN; /* as in every row; kernels never read row 0 */
    }
    record->attempts = 1;
    record->mass = run.mass;
    record->n_negative_discharge = (int64_t)run.n_negative;
    record->n_negative_precipitation = run.forcing.precipitation != NULL
                                           ? count_negative(run.forcing.precipitation, task->n_time)
                                           : 0;
    record->status = CS_RUN_OK;
    if (!is_finite_result(&run)) {
        static const char TEXT[] = "the result is not finite: forcing or parameters are too large";
        record->status = CS_RUN_FAILED;
        CS_TRY(cs_bytes_append(&task->message[i], TEXT, sizeof TEXT - 1, err));
    }
    record->seconds = cs_now() - begin;
    return CS_OK;
}

static cs_status native_run(void *self, cs_engine_task *task, int n_threads, cs_error *err)
{
    const native *engine = self;
    double *scratch = NULL; /* [n_threads][CS_N_VARIABLES][n_time] */
    const size_t share = CS_N_VARIABLES * task->n_time;
    CS_TRY(cs_alloc(&scratch, (size_t)n_threads * share, sizeof *scratch, "forcing of a catchment",
                    err));
    cs_status status = CS_OK;
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (size_t i = 0; i < task->n; i++) {
        cs_error own = {0};
        double *mine = scratch + (size_t)omp_get_thread_num() * share;
        const cs_status failed = run_catchment(engine->model, task, i, mine, &own);
        if (failed != CS_OK) {
#pragma omp critical(cs_native_failure)
            {
                *err = own;
                status = failed;
            }
        }
    }
    free(scratch);
    return status;
}

static const cs_engine_ops NATIVE_OPS = {.type = "native", .run = native_run, .close = free};

cs_status cs_engine_open_native(cs_engine *engine, const cs_substance_model *model, cs_error *err)
{
    native *self = NULL;
    CS_TRY(cs_alloc(&self, 1, sizeof *self, "the engine", err));
    self->model = model;
    *engine = (cs_engine){.ops = &NATIVE_OPS, .self = self};
    return CS_OK;
}
