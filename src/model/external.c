/* SPDX-License-Identifier: MIT */
#include "model/external.h"

#include <pthread.h>
#include <stdlib.h>

#include "model/external_parts.h"
#include "model/external_program.h"

/* What may be in a program's folder, for which there is room: tables of 60 columns of 16 characters
 * in all, and 16 MiB besides. What writes more is broken. */
enum { BYTES_A_ROW = 1024, BYTES_BESIDES = 16 << 20 };

static cs_status external_run(void *engine, cs_engine_task *task, int n_threads, cs_error *err)
{
    cs_external *self = engine;
    cs_status status = CS_OK;
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (size_t i = 0; i < task->n; i++) {
        cs_error own = {0};
        const cs_status failed = cs_external_run_catchment(self, task, i, &own);
        if (failed != CS_OK) {
#pragma omp critical(cs_external_failure)
            {
                *err = own;
                status = failed;
            }
        }
    }
    return status;
}

static void external_close(void *engine)
{
    cs_external *self = engine;
    cs_external_close_workers(self);
    cs_scratch_close(&self->scratch);
    cs_external_series_free(self->series);
    free(self->program[0]);
    free(self->program[1]);
    cs_external_close_templates(self);
    pthread_mutex_destroy(&self->lock);
    pthread_cond_destroy(&self->released);
    free(self);
}

static void external_rest(void *engine)
{
    cs_external_close_lanes(engine);
}

static const cs_engine_ops EXTERNAL_OPS = {
    .type = "external", .run = external_run, .rest = external_rest, .close = external_close};

cs_status cs_engine_open_external(cs_engine *engine, const cs_external_spec *spec, cs_error *err)
{
    cs_external *self = NULL;
    CS_TRY(cs_alloc(&self, 1, sizeof *self, "the engine", err));
    self->config = spec->config;
    self->engine = spec->engine;
    self->substance = spec->substance;
    self->keep = spec->keep;
    self->n_time = spec->n_time;
    self->first_place = spec->first_place;
    const bool keeps = cs_external_program_keeps(&spec->engine->external) != NULL;
    /* a server would be bound as the program is that starts it */
    self->n_places = keeps || spec->engine->external.all_cpus ? 1 : spec->n_places;
    self->max_bytes = (uint64_t)spec->n_time * BYTES_A_ROW + BYTES_BESIDES;
    self->needs = cs_external_series_needs(&spec->engine->external);
    self->scratch.lock = -1;
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->released, NULL);
    cs_status status = CS_OK;
    CS_CHECK(cs_keep_prepare(&self->keep, err));
    CS_CHECK(cs_external_open_templates(self, spec, err));
    CS_CHECK(cs_external_program_find(self->program, spec->config, spec->engine, err));
    CS_CHECK(cs_external_series_open(&self->series, spec->config, &spec->engine->external,
                                     spec->n_time, spec->step_days, err));
    CS_CHECK(cs_scratch_open(&self->scratch, spec->scratch, spec->n_workers,
                             self->max_bytes * spec->n_sharing, err));
    CS_CHECK(cs_external_open_workers(self, spec, err));
    *engine = (cs_engine){.ops = &EXTERNAL_OPS, .self = self};
    return CS_OK;
release:
    external_close(self);
    return status;
}
