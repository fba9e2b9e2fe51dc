/* SPDX-License-Identifier: MIT */
/* The native engine: our kernels over the catchments of a block. */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "model/engine.h"
#include "watch/clock.h"

static const double HOURS_PER_DAY = 24.0; /* from mm/h of the input to mm/d of the kernels */

typedef struct {
    const cs_substance_model *model;
} native;

/* The first row from 1 on with a NaN in a variable that the model needs; 0: none. */
static size_t find_missing(const cs_engine_task *task, size_t i, uint32_t needs, int *variable)
{
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        if ((needs >> v & 1) == 0) {
            continue;
        }
        const float *row = task->forcing[v] + i * task->n_time;
        for (size_t t = 1; t < task->n_time; t++) {
            if (!isfinite(row[t])) {
                *variable = v;
                return t;
            }
        }
    }
    return 0;
}

static cs_status refuse_missing(cs_engine_task *task, size_t i, uint32_t needs, cs_error *err)
{
    int variable = 0;
    const size_t row = find_missing(task, i, needs, &variable);
    if (row == 0) {
        return CS_OK;
    }
    task->record[i].status = CS_RUN_INVALID_INPUT;
    char text[128];
    const int length = snprintf(text, sizeof text, "%s is missing or not finite in row %zu",
                                cs_variable_name((cs_variable)variable), row);
    return cs_bytes_append(&task->message[i], text, (size_t)length, err);
}

/* A row in doubles; NULL where the variable is not wanted. */
static const double *widen(double *row, const float *stored, size_t n, double factor)
{
    for (size_t t = 0; stored != NULL && t < n; t++) {
        row[t] = factor * stored[t];
    }
    return stored != NULL ? row : NULL;
}

/* One catchment's row of a variable; NULL where it is not wanted. */
static const float *stored_row(const cs_engine_task *task, cs_variable variable, size_t i)
{
    const float *rows = task->forcing[variable];
    return rows != NULL ? rows + i * task->n_time : NULL;
}

/* Doubles of one catchment: [3][n_time] per thread. A model reads only what it needs. */
static csk_forcing prepare_forcing(double *scratch, const cs_engine_task *task, size_t i)
{
    const size_t n = task->n_time;
    return (csk_forcing){
        .temperature = widen(scratch, stored_row(task, CS_TEMPERATURE, i), n, 1.0),
        .precipitation =
            widen(scratch + n, stored_row(task, CS_PRECIPITATION, i), n, HOURS_PER_DAY),
        .local_discharge = widen(scratch + 2 * n, stored_row(task, CS_LOCAL_DISCHARGE, i), n, 1.0)};
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
                               double *scratch, cs_error *err)
{
    cs_run_record *record = &task->record[i];
    if (record->status != CS_RUN_PENDING) {
        return CS_OK;
    }
    const double begin = cs_now();
    CS_TRY(refuse_missing(task, i, model->needs, err));
    if (record->status == CS_RUN_INVALID_INPUT) {
        return CS_OK;
    }
    cs_substance_run run = {
        .forcing = prepare_forcing(scratch, task, i),
        .clock = {.n_time = task->n_time, .step = task->step_days, .start = task->start},
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
    record->applied = run.applied;
    record->left = run.left;
    record->n_negative_discharge = (int64_t)run.n_negative;
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
    double *scratch = NULL; /* [n_threads][3][n_time] */
    CS_TRY(cs_alloc(&scratch, 3 * (size_t)n_threads * task->n_time, sizeof *scratch,
                    "forcing of a catchment", err));
    cs_status status = CS_OK;
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (size_t i = 0; i < task->n; i++) {
        cs_error own = {0};
        double *mine = scratch + 3 * (size_t)omp_get_thread_num() * task->n_time;
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

void cs_engine_close(cs_engine *engine)
{
    if (engine->ops != NULL) {
        engine->ops->close(engine->self);
    }
    *engine = (cs_engine){0};
}
