/* SPDX-License-Identifier: MIT */
#include "model/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    cs_compare_side reference, other;
} pair;

static const cs_result_extra EXTRAS[CS_N_COMPARE] = {
    [CS_COMPARE_CONCENTRATION_MAX] = {"concentration_max", "ng L-1",
                                      "largest difference of concentrations"},
    [CS_COMPARE_CONCENTRATION_RMS] = {"concentration_rms", "ng L-1",
                                      "root mean square of the differences of concentrations"},
    [CS_COMPARE_CONCENTRATION_ROW] = {"concentration_row", "1",
                                      "time step of the largest difference, from 0"},
    [CS_COMPARE_LOAD_MAX] = {"load_max", "g", "largest difference of loads"},
    [CS_COMPARE_LOAD_RMS] = {"load_rms", "g", "root mean square of the differences of loads"},
    [CS_COMPARE_LOAD_ROW] = {"load_row", "1", "time step of the largest difference, from 0"},
    [CS_COMPARE_MISSING_ROWS] = {"missing_rows", "1",
                                 "time steps whose concentration only one engine has"},
    [CS_COMPARE_RUN_STATUS] = {"run_status", "1", "run_status of the other engine"},
};

void cs_compare_describe(cs_result_format *format)
{
    format->n_extras = CS_N_COMPARE;
    snprintf(format->extra_group, sizeof format->extra_group, "compare");
    memcpy(format->extra, EXTRAS, sizeof EXTRAS);
}

/* ---- differences ---- */

typedef struct {
    double max, rms; /* NaN: no row has both values */
    double row;      /* NaN: no difference */
    size_t n_missing;
} difference;

static difference measure(const double *reference, const double *other, size_t n)
{
    difference d = {.max = NAN, .rms = NAN, .row = NAN};
    double sum = 0.0;
    size_t n_both = 0;
    for (size_t t = 0; t < n; t++) {
        const double x = fabs(other[t] - reference[t]);
        if (isnan(x)) {
            d.n_missing += isnan(other[t]) != isnan(reference[t]);
            continue;
        }
        if (n_both == 0 || x > d.max) {
            d.max = x;
            d.row = x > 0.0 ? (double)t : (double)NAN;
        }
        sum += x * x;
        n_both++;
    }
    if (n_both > 0) {
        d.rms = sqrt(sum / (double)n_both);
    }
    return d;
}

static void compare_catchment(const cs_engine_task *task, const cs_engine_task *other, size_t i)
{
    const size_t n = task->n_time;
    double *extras = task->extras + i * CS_N_COMPARE;
    const difference c = measure(task->concentration + i * n, other->concentration + i * n, n);
    const difference l = measure(task->load + i * n, other->load + i * n, n);
    extras[CS_COMPARE_CONCENTRATION_MAX] = c.max;
    extras[CS_COMPARE_CONCENTRATION_RMS] = c.rms;
    extras[CS_COMPARE_CONCENTRATION_ROW] = c.row;
    extras[CS_COMPARE_LOAD_MAX] = l.max;
    extras[CS_COMPARE_LOAD_RMS] = l.rms;
    extras[CS_COMPARE_LOAD_ROW] = l.row;
    extras[CS_COMPARE_MISSING_ROWS] = (double)c.n_missing;
}

/* ---- running ---- */

/* What the other engine writes to: arrays of its own beside the task's inputs. */
static cs_status open_other(cs_engine_task *other, const cs_engine_task *task, cs_error *err)
{
    const size_t cells = task->n * task->n_time, n_states = task->n * task->n_states;
    *other = *task;
    other->states = other->load = other->concentration = other->extras = NULL;
    other->record = NULL;
    other->message = NULL;
    CS_TRY(cs_alloc(&other->states, n_states, sizeof(double), "states to compare", err));
    CS_TRY(cs_alloc(&other->load, cells, sizeof(double), "loads to compare", err));
    CS_TRY(cs_alloc(&other->concentration, cells, sizeof(double), "concentrations", err));
    CS_TRY(cs_alloc(&other->record, task->n, sizeof *other->record, "records to compare", err));
    CS_TRY(cs_alloc(&other->message, task->n, sizeof *other->message, "messages", err));
    if (n_states > 0) {
        memcpy(other->states, task->states, n_states * sizeof(double)); /* before they are run */
    }
    return CS_OK;
}

static void close_other(cs_engine_task *other)
{
    for (size_t i = 0; other->message != NULL && i < other->n; i++) {
        cs_bytes_free(&other->message[i]);
    }
    free(other->message);
    free(other->record);
    free(other->concentration);
    free(other->load);
    free(other->states);
}

/* Runs one engine on its own columns of the parameters. */
static cs_status run_side(const cs_compare_side *side, cs_engine_task *task, int n_threads,
                          cs_error *err)
{
    const size_t width = side->n_parameters;
    const double *all = task->parameters;
    double *own = NULL;
    CS_INVARIANT(side->first_parameter + width <= task->n_parameters);
    CS_TRY(cs_alloc(&own, task->n * width, sizeof *own, "parameters of an engine", err));
    for (size_t i = 0; i < task->n && width > 0; i++) {
        memcpy(own + i * width, all + i * task->n_parameters + side->first_parameter,
               width * sizeof *own);
    }
    cs_engine_task of_side = *task; /* results are behind pointers */
    of_side.parameters = own;
    of_side.n_parameters = width;
    const cs_status status = side->engine.ops->run(side->engine.self, &of_side, n_threads, err);
    free(own);
    return status;
}

/* Hands on what the reference could run. */
static void copy_records(cs_engine_task *other, const cs_engine_task *task)
{
    for (size_t i = 0; i < task->n; i++) {
        const cs_run_status status = (cs_run_status)task->record[i].status;
        other->record[i] = cs_run_record_make(status == CS_RUN_OK ? CS_RUN_PENDING : status);
    }
}

/* The other engine's failure becomes the catchment's message. */
static cs_status tell_failure(const cs_engine_task *task, const cs_engine_task *other, size_t i,
                              const char *type, cs_error *err)
{
    char text[96];
    const cs_run_status status = (cs_run_status)other->record[i].status;
    const int length = snprintf(text, sizeof text, "not compared: %s engine: %s: ", type,
                                cs_run_status_name(status));
    CS_TRY(cs_bytes_append(&task->message[i], text, (size_t)length, err));
    return cs_bytes_append(&task->message[i], other->message[i].data, other->message[i].size, err);
}

static cs_status compare_all(const cs_engine_task *task, const cs_engine_task *other,
                             const char *type, cs_error *err)
{
    for (size_t i = 0; i < task->n; i++) {
        task->extras[i * CS_N_COMPARE + CS_COMPARE_RUN_STATUS] = (double)other->record[i].status;
        if (task->record[i].status != CS_RUN_OK) {
            continue;
        }
        if (other->record[i].status == CS_RUN_OK) {
            compare_catchment(task, other, i);
        } else {
            CS_TRY(tell_failure(task, other, i, type, err));
        }
    }
    return CS_OK;
}

static cs_status compare_run(void *self, cs_engine_task *task, int n_threads, cs_error *err)
{
    const pair *engines = self;
    CS_INVARIANT(task->n_extras == CS_N_COMPARE);
    cs_engine_task other;
    cs_status status = CS_OK;
    CS_CHECK(open_other(&other, task, err));
    CS_CHECK(run_side(&engines->reference, task, n_threads, err));
    copy_records(&other, task);
    CS_CHECK(run_side(&engines->other, &other, n_threads, err));
    CS_CHECK(compare_all(task, &other, engines->other.engine.ops->type, err));
release:
    close_other(&other);
    return status;
}

static void compare_rest(void *self)
{
    pair *engines = self;
    cs_engine_rest(&engines->reference.engine);
    cs_engine_rest(&engines->other.engine);
}

static void compare_close(void *self)
{
    pair *engines = self;
    cs_engine_close(&engines->reference.engine);
    cs_engine_close(&engines->other.engine);
    free(engines);
}

static const cs_engine_ops COMPARE_OPS = {
    .type = "both", .run = compare_run, .rest = compare_rest, .close = compare_close};

cs_status cs_engine_open_compare(cs_engine *engine, const cs_compare_side *reference,
                                 const cs_compare_side *other, cs_error *err)
{
    pair *self = NULL;
    CS_TRY(cs_alloc(&self, 1, sizeof *self, "the engine", err));
    *self = (pair){.reference = *reference, .other = *other};
    *engine = (cs_engine){.ops = &COMPARE_OPS, .self = self};
    return CS_OK;
}
