/* SPDX-License-Identifier: MIT */
#include "model/block.h"

#include <omp.h>
#include <stdlib.h>

#include "model/block_parts.h"
#include "watch/clock.h"

/* ---- opening and closing ---- */

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static cs_status open_worker(cs_block_worker *w, const cs_block_plan *plan, cs_error *err)
{
    const size_t element = (size_t)plan->result.element_size;
    const size_t tile = (size_t)(plan->result.step_rows * plan->result.block_size) * element;
    const size_t row = (size_t)plan->result.n_time * element;
    size_t stored = 0;
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        stored = larger(stored, (size_t)plan->forcing.n_time_stored *
                                    plan->forcing.variable[v].filters.element_size);
    }
    CS_TRY(cs_codec_open(&w->codec, larger(tile, larger(row, stored)), err));
    CS_TRY(cs_alloc(&w->row, stored, 1, "a row", err));
    return cs_alloc(&w->tile, tile, 1, "a tile", err);
}

static cs_status open_arrays(cs_block_runner *r, cs_error *err)
{
    const cs_result_format *format = &r->plan.result;
    const size_t block = (size_t)format->block_size, n_time = (size_t)format->n_time;
    const size_t cells = block * n_time, n_variables = (size_t)format->n_variables;
    const size_t n_chunks = (size_t)cs_result_step_chunks(format);
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        const cs_row_format *row = &r->plan.forcing.variable[v];
        if (row->wanted && row->filters.element_size == sizeof(double)) {
            CS_TRY(cs_alloc(&r->forcing64[v], cells, sizeof(double), "forcing of a block", err));
        } else if (row->wanted) {
            CS_TRY(cs_alloc(&r->forcing[v], cells, sizeof(float), "forcing of a block", err));
        }
    }
    for (size_t v = 0; v < n_variables; v++) {
        CS_TRY(cs_alloc(&r->values[v], cells, (size_t)format->element_size, "results", err));
    }
    CS_TRY(cs_alloc(&r->id, block, sizeof *r->id, "ids", err));
    CS_TRY(cs_alloc(&r->name, block, sizeof *r->name, "names", err));
    CS_TRY(cs_alloc(&r->load, cells, sizeof(double), "loads of a block", err));
    CS_TRY(cs_alloc(&r->concentration, cells, sizeof(double), "concentrations", err));
    CS_TRY(cs_alloc(&r->parameters, block * (size_t)r->plan.n_parameters, sizeof(double),
                    "parameters", err));
    CS_TRY(cs_alloc(&r->states, block * (size_t)format->n_states, sizeof(double), "states", err));
    CS_TRY(cs_alloc(&r->extras, block * (size_t)format->n_extras, sizeof(double), "extras", err));
    CS_TRY(cs_alloc(&r->rows, CS_N_VARIABLES * block, sizeof *r->rows, "rows", err));
    CS_TRY(cs_alloc(&r->record, block, sizeof *r->record, "records", err));
    CS_TRY(cs_alloc(&r->message, block, sizeof *r->message, "messages", err));
    CS_TRY(cs_alloc(&r->encoded_rows, n_variables * block, sizeof(cs_bytes), "rows", err));
    return cs_alloc(&r->encoded_steps, n_variables * n_chunks, sizeof(cs_bytes), "steps", err);
}

cs_status cs_block_runner_open(cs_block_runner **out, const cs_block_plan *plan,
                               const cs_engine *engine, int n_threads, cs_error *err)
{
    cs_block_runner *r = NULL;
    CS_TRY(cs_alloc(&r, 1, sizeof *r, "the block runner", err));
    r->plan = *plan;
    r->engine = *engine;
    r->n_threads = n_threads;
    cs_status status = CS_OK;
    CS_CHECK(cs_alloc(&r->workers, (size_t)n_threads, sizeof *r->workers, "threads", err));
    for (int i = 0; i < n_threads; i++) {
        CS_CHECK(open_worker(&r->workers[i], plan, err));
    }
    CS_CHECK(open_arrays(r, err));
    *out = r;
    return CS_OK;
release:
    cs_block_runner_close(r);
    return status;
}

static void free_all_bytes(cs_bytes *bytes, size_t n)
{
    for (size_t i = 0; bytes != NULL && i < n; i++) {
        cs_bytes_free(&bytes[i]);
    }
    free(bytes);
}

void cs_block_runner_close(cs_block_runner *r)
{
    if (r == NULL) {
        return;
    }
    const cs_result_format *format = &r->plan.result;
    const size_t block = (size_t)format->block_size, n_variables = (size_t)format->n_variables;
    for (int i = 0; r->workers != NULL && i < r->n_threads; i++) {
        cs_codec_close(r->workers[i].codec);
        free(r->workers[i].row);
        free(r->workers[i].tile);
    }
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        free(r->forcing[v]);
        free(r->forcing64[v]);
    }
    for (size_t v = 0; v < n_variables; v++) {
        free(r->values[v]);
    }
    free_all_bytes(r->encoded_rows, n_variables * block);
    free_all_bytes(r->encoded_steps, n_variables * (size_t)cs_result_step_chunks(format));
    free_all_bytes(r->message, block);
    free(r->workers);
    free(r->id);
    free(r->name);
    free(r->load);
    free(r->concentration);
    free(r->parameters);
    free(r->states);
    free(r->extras);
    free(r->rows);
    free(r->record);
    free(r);
}

const cs_block_times *cs_block_runner_times(const cs_block_runner *r)
{
    return &r->times;
}

/* ---- teams ---- */

static void decode_all(cs_block_runner *r)
{
#pragma omp parallel for schedule(dynamic) num_threads(r->n_threads)
    for (size_t i = 0; i < r->n; i++) {
        cs_block_runner_decode(r, &r->workers[omp_get_thread_num()], i);
    }
}

static void encode_all_rows(cs_block_runner *r)
{
#pragma omp parallel for schedule(dynamic) num_threads(r->n_threads)
    for (size_t i = 0; i < r->n; i++) {
        cs_block_worker *w = &r->workers[omp_get_thread_num()];
        cs_block_runner_store(r, i);
        w->error.status |= (int)cs_block_runner_encode(r, w, i);
    }
}

static void encode_all_steps(cs_block_runner *r)
{
    const size_t n_chunks = (size_t)cs_result_step_chunks(&r->plan.result);
    const size_t n = n_chunks * (size_t)r->plan.result.n_variables;
#pragma omp parallel for schedule(dynamic) num_threads(r->n_threads)
    for (size_t j = 0; j < n; j++) {
        cs_block_worker *w = &r->workers[omp_get_thread_num()];
        w->error.status |= (int)cs_block_runner_encode_steps(r, w, j / n_chunks, j % n_chunks);
    }
}

static cs_status thread_failures(cs_block_runner *r, cs_error *err)
{
    cs_status status = CS_OK;
    for (int i = 0; i < r->n_threads; i++) {
        if (r->workers[i].error.status != CS_OK && status == CS_OK) {
            *err = r->workers[i].error;
            status = CS_MEMORY; /* the only failure that threads know */
            err->status = (int)status;
        }
        r->workers[i].error = (cs_error){0};
    }
    return status;
}

/* ---- a block ---- */

static double lap(double *since)
{
    const double now = cs_now(), seconds = now - *since;
    *since = now;
    return seconds;
}

cs_status cs_block_run(cs_block_runner *r, cs_bytes *result, const cs_bytes *work, size_t count,
                       cs_error *err)
{
    CS_INVARIANT(count <= r->plan.result.block_size);
    r->n = count;
    double clock = cs_now();
    CS_TRY(cs_block_runner_unpack(r, work, err));
    decode_all(r);
    r->times.decode += lap(&clock);
    cs_engine_task task = {.n = count,
                           .n_time = (size_t)r->plan.result.n_time,
                           .n_parameters = (size_t)r->plan.n_parameters,
                           .n_states = (size_t)r->plan.result.n_states,
                           .n_extras = (size_t)r->plan.result.n_extras,
                           .step_days = r->plan.step_days,
                           .id = r->plan.with_ids ? r->id : NULL,
                           .name = r->plan.with_names ? r->name : NULL,
                           .start = r->plan.start,
                           .number = (size_t)r->plan.number,
                           .patterns = r->plan.has_patterns != 0 ? &r->plan.patterns : NULL,
                           .parameters = r->parameters,
                           .states = r->states,
                           .load = r->load,
                           .concentration = r->concentration,
                           .record = r->record,
                           .message = r->message,
                           .extras = r->extras};
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        task.forcing[v] = r->forcing[v];
        task.forcing64[v] = r->forcing64[v];
    }
    CS_TRY(r->engine.ops->run(r->engine.self, &task, r->n_threads, err));
    r->times.model += lap(&clock);
    encode_all_rows(r);
    r->times.encode += lap(&clock);
    encode_all_steps(r);
    r->times.rearrange += lap(&clock);
    CS_TRY(thread_failures(r, err));
    return cs_block_runner_pack(r, result, err);
}
