/* SPDX-License-Identifier: MIT */
#include "model/block.h"

#include <float.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/transpose/tile.h"
#include "watch/clock.h"

/* What a thread needs for itself. */
typedef struct {
    cs_codec *codec;
    void *row;      /* [n_time_stored] elements of an input row */
    void *tile;     /* [step_rows][block_size] elements, before encoding */
    cs_error error; /* of this thread's own; CS_OK: none */
} worker;

struct cs_block_runner {
    cs_block_plan plan;
    cs_engine engine;
    int n_threads;
    worker *workers; /* [n_threads] */
    cs_block_times times;
    size_t n;                             /* catchments of the current block */
    cs_packet_row *rows;                  /* [CS_N_VARIABLES][block_size] */
    float *forcing[CS_N_VARIABLES];       /* [block_size][n_time], NULL: not wanted, or float64 */
    double *forcing64[CS_N_VARIABLES];    /* the same of rows stored as float64 */
    int64_t *id;                          /* [block_size] */
    const char **name;                    /* [block_size] in the packet of work */
    double *parameters, *states, *extras; /* [block_size][..] */
    double *load, *concentration;         /* [block_size][n_time] */
    cs_run_record *record;                /* [block_size] */
    cs_bytes *message;                    /* [block_size] */
    void *values[CS_N_RESULT_VARIABLES];  /* [block_size][n_time] elements as stored */
    cs_bytes *encoded_rows;               /* [n_variables][block_size] */
    cs_bytes *encoded_steps;              /* [n_variables][n_step_chunks] */
};

/* ---- opening and closing ---- */

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static cs_status open_worker(worker *w, const cs_block_plan *plan, cs_error *err)
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

/* ---- the steps of a block; each is a loop whose passes do not depend on each other ---- */

static void record_failure(cs_block_runner *r, size_t i, cs_run_status status, const char *message)
{
    cs_error ignored;
    r->record[i].status = (int32_t)status;
    r->message[i].size = 0;
    /* without memory for the message there is at least the status */
    (void)cs_bytes_append(&r->message[i], message, strlen(message), &ignored);
}

/* Decodes a row in the precision it is stored in; what cannot be decoded is all missing, so that
 * whichever engine runs refuses it. */
static cs_status decode_row(cs_block_runner *r, worker *w, size_t v, size_t i, cs_error *err)
{
    const cs_forcing_format *format = &r->plan.forcing;
    const size_t n_time = (size_t)format->n_time;
    const cs_packet_row *row = &r->rows[v * r->n + i];
    float *values = r->forcing[v] == NULL ? NULL : r->forcing[v] + i * n_time;
    double *values64 = r->forcing64[v] == NULL ? NULL : r->forcing64[v] + i * n_time;
    cs_status status = CS_OK;
    if (values64 != NULL) {
        status = cs_packet_decode_f64(values64, row, w->row, w->codec, format, (cs_variable)v, err);
    } else if (values != NULL) {
        status = cs_packet_decode(values, row, w->row, w->codec, format, (cs_variable)v, err);
    }
    for (size_t t = 0; t < n_time && status != CS_OK; t++) {
        if (values64 != NULL) {
            values64[t] = NAN;
        } else {
            values[t] = NAN;
        }
    }
    return status;
}

static void decode_catchment(cs_block_runner *r, worker *w, size_t i)
{
    for (size_t v = 0; v < CS_N_VARIABLES; v++) {
        cs_error err = {0};
        if (decode_row(r, w, v, i, &err) != CS_OK) {
            char text[CS_ERROR_LENGTH + 64];
            snprintf(text, sizeof text, "%s: %s", cs_variable_name((cs_variable)v), err.message);
            record_failure(r, i, CS_RUN_INVALID_INPUT, text);
        }
    }
}

static void find_peak(cs_block_runner *r, size_t i)
{
    const size_t n_time = (size_t)r->plan.result.n_time;
    const double *load = r->load + i * n_time, *concentration = r->concentration + i * n_time;
    cs_run_record *record = &r->record[i];
    for (size_t t = 0; t < n_time; t++) {
        record->load += load[t];
        if (concentration[t] > record->peak || (isnan(record->peak) && !isnan(concentration[t]))) {
            record->peak = concentration[t];
            record->peak_row = (int64_t)t;
        }
    }
}

static void store_doubles(void *out, const double *in, size_t offset, size_t n, size_t element)
{
    if (element == sizeof(double)) {
        memcpy((double *)out + offset, in + offset, n * sizeof(double));
        return;
    }
    float *to = (float *)out + offset;
    for (size_t t = 0; t < n; t++) {
        to[t] = (float)in[offset + t];
    }
}

static void store_floats(void *out, const float *in, size_t offset, size_t n, size_t element)
{
    if (element == sizeof(float)) {
        memcpy((float *)out + offset, in + offset, n * sizeof(float));
        return;
    }
    double *to = (double *)out + offset;
    for (size_t t = 0; t < n; t++) {
        to[t] = in[offset + t];
    }
}

/* Puts a catchment's forcing into the type of the file. */
static void store_forcing(cs_block_runner *r, cs_result_variable to, cs_variable from,
                          size_t offset)
{
    const size_t n_time = (size_t)r->plan.result.n_time;
    const size_t element = (size_t)r->plan.result.element_size;
    if (r->forcing64[from] != NULL) {
        store_doubles(r->values[to], r->forcing64[from], offset, n_time, element);
    } else {
        store_floats(r->values[to], r->forcing[from], offset, n_time, element);
    }
}

static void store_missing(void *out, size_t offset, size_t n, size_t element)
{
    for (size_t t = 0; t < n; t++) {
        if (element == sizeof(double)) {
            ((double *)out)[offset + t] = NAN;
        } else {
            ((float *)out)[offset + t] = NAN;
        }
    }
}

static bool fits_float32(const double *values, size_t n)
{
    size_t n_larger = 0;
    for (size_t t = 0; t < n; t++) {
        n_larger += fabs(values[t]) > (double)FLT_MAX;
    }
    return n_larger == 0;
}

/* Numbers that the type of the file cannot hold are a failure, not an infinite result. */
static void refuse_too_large(cs_block_runner *r, size_t i)
{
    const size_t n_time = (size_t)r->plan.result.n_time, offset = i * n_time;
    if (r->record[i].status == CS_RUN_OK && r->plan.result.element_size == sizeof(float) &&
        !(fits_float32(r->load + offset, n_time) &&
          fits_float32(r->concentration + offset, n_time))) {
        record_failure(
            r, i, CS_RUN_FAILED,
            "the result is too large for float32: check the parameters, or write float64");
    }
}

/* Puts the results of a catchment into the type of the file. */
static void store_catchment(cs_block_runner *r, size_t i)
{
    refuse_too_large(r, i);
    const size_t n_time = (size_t)r->plan.result.n_time, offset = i * n_time;
    const size_t element = (size_t)r->plan.result.element_size;
    const bool ok = r->record[i].status == CS_RUN_OK;
    if (ok) {
        find_peak(r, i);
        store_doubles(r->values[CS_RESULT_LOAD], r->load, offset, n_time, element);
        store_doubles(r->values[CS_RESULT_CONCENTRATION], r->concentration, offset, n_time,
                      element);
    } else {
        store_missing(r->values[CS_RESULT_LOAD], offset, n_time, element);
        store_missing(r->values[CS_RESULT_CONCENTRATION], offset, n_time, element);
        for (size_t s = 0; s < r->plan.result.n_states; s++) {
            r->states[i * r->plan.result.n_states + s] = NAN;
        }
    }
    if (r->plan.result.n_variables > CS_RESULT_DISCHARGE) {
        store_forcing(r, CS_RESULT_DISCHARGE, CS_DISCHARGE, offset);
        store_forcing(r, CS_RESULT_LOCAL_DISCHARGE, CS_LOCAL_DISCHARGE, offset);
    }
}

static cs_status encode(cs_bytes *out, worker *w, const cs_block_runner *r, const void *data,
                        size_t size)
{
    const cs_filters filters =
        cs_filters_make((size_t)r->plan.result.element_size, (int)r->plan.result.level);
    out->size = 0;
    CS_TRY(cs_bytes_reserve(out, cs_codec_bound(size), &w->error));
    cs_codec_encode(w->codec, out->data, &out->size, data, size, filters);
    return CS_OK;
}

static cs_status encode_catchment(cs_block_runner *r, worker *w, size_t i)
{
    const size_t element = (size_t)r->plan.result.element_size;
    const size_t size = (size_t)r->plan.result.n_time * element;
    for (size_t v = 0; v < r->plan.result.n_variables; v++) {
        cs_bytes *out = &r->encoded_rows[v * (size_t)r->plan.result.block_size + i];
        CS_TRY(encode(out, w, r, (const char *)r->values[v] + i * size, size));
    }
    return CS_OK;
}

/* Step chunk k of variable v: time steps k step_rows .. of all catchments of the block. */
static cs_status encode_step_chunk(cs_block_runner *r, worker *w, size_t v, size_t k)
{
    const cs_result_format *format = &r->plan.result;
    const size_t n_time = (size_t)format->n_time, width = (size_t)format->block_size;
    const size_t height = (size_t)format->step_rows, first = k * height;
    const size_t n_t = n_time - first < height ? n_time - first : height;
    if (format->element_size == sizeof(double)) {
        csk_transpose_tile_f64(w->tile, (const double *)r->values[v] + first, r->n, n_t, n_time,
                               width, height, NAN);
    } else {
        csk_transpose_tile_f32(w->tile, (const float *)r->values[v] + first, r->n, n_t, n_time,
                               width, height, NAN);
    }
    cs_bytes *out = &r->encoded_steps[v * (size_t)cs_result_step_chunks(format) + k];
    return encode(out, w, r, w->tile, height * width * (size_t)format->element_size);
}

/* ---- teams ---- */

static void decode_all(cs_block_runner *r)
{
#pragma omp parallel for schedule(dynamic) num_threads(r->n_threads)
    for (size_t i = 0; i < r->n; i++) {
        decode_catchment(r, &r->workers[omp_get_thread_num()], i);
    }
}

static void encode_all_rows(cs_block_runner *r)
{
#pragma omp parallel for schedule(dynamic) num_threads(r->n_threads)
    for (size_t i = 0; i < r->n; i++) {
        worker *w = &r->workers[omp_get_thread_num()];
        store_catchment(r, i);
        w->error.status |= (int)encode_catchment(r, w, i);
    }
}

static void encode_all_steps(cs_block_runner *r)
{
    const size_t n_chunks = (size_t)cs_result_step_chunks(&r->plan.result);
    const size_t n = n_chunks * (size_t)r->plan.result.n_variables;
#pragma omp parallel for schedule(dynamic) num_threads(r->n_threads)
    for (size_t j = 0; j < n; j++) {
        worker *w = &r->workers[omp_get_thread_num()];
        w->error.status |= (int)encode_step_chunk(r, w, j / n_chunks, j % n_chunks);
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

/* ---- packets ---- */

static cs_status find_ids(cs_block_runner *r, cs_reader *packet, cs_error *err)
{
    if (r->plan.with_ids) {
        CS_TRY(cs_reader_copy(packet, r->id, r->n * sizeof *r->id, err));
    }
    for (size_t i = 0; r->plan.with_names && i < r->n; i++) {
        uint64_t size = 0;
        const void *text = NULL;
        CS_TRY(cs_reader_copy(packet, &size, sizeof size, err));
        CS_TRY(cs_reader_take(packet, &text, (size_t)size, err));
        r->name[i] = text;
    }
    return CS_OK;
}

static cs_status unpack(cs_block_runner *r, const cs_bytes *work, cs_error *err)
{
    cs_reader packet = cs_reader_make(work->data, work->size);
    CS_TRY(find_ids(r, &packet, err));
    const size_t n_parameters = r->n * (size_t)r->plan.n_parameters;
    const size_t n_states = r->n * (size_t)r->plan.result.n_states;
    CS_TRY(cs_reader_copy(&packet, r->parameters, n_parameters * sizeof(double), err));
    CS_TRY(cs_reader_copy(&packet, r->states, n_states * sizeof(double), err));
    for (size_t i = 0; i < r->n; i++) {
        r->record[i] = cs_run_record_make(CS_RUN_PENDING);
        r->message[i].size = 0;
    }
    for (size_t k = 0; k < r->n * (size_t)r->plan.result.n_extras; k++) {
        r->extras[k] = NAN;
    }
    return cs_packet_index(r->rows, &packet, r->n, &r->plan.forcing, err);
}

static size_t packed_size(const cs_block_runner *r)
{
    const size_t block = (size_t)r->plan.result.block_size;
    const size_t n_chunks = (size_t)cs_result_step_chunks(&r->plan.result);
    size_t size = CS_BYTES_SLACK;
    const size_t n_numbers = (size_t)(r->plan.result.n_states + r->plan.result.n_extras);
    size += r->n * (sizeof *r->record + n_numbers * sizeof(double));
    for (size_t i = 0; i < r->n; i++) {
        size += r->message[i].size;
    }
    for (size_t v = 0; v < r->plan.result.n_variables; v++) {
        for (size_t i = 0; i < r->n; i++) {
            size += sizeof(uint64_t) + r->encoded_rows[v * block + i].size;
        }
        for (size_t k = 0; k < n_chunks; k++) {
            size += sizeof(uint64_t) + r->encoded_steps[v * n_chunks + k].size;
        }
    }
    return size;
}

static cs_status pack_records(cs_block_runner *r, cs_bytes *result, cs_error *err)
{
    for (size_t i = 0; i < r->n; i++) {
        r->record[i].n_message = r->message[i].size;
    }
    const size_t n_states = r->n * (size_t)r->plan.result.n_states;
    CS_TRY(cs_bytes_append(result, r->record, r->n * sizeof *r->record, err));
    const size_t n_extras = r->n * (size_t)r->plan.result.n_extras;
    CS_TRY(cs_bytes_append(result, r->states, n_states * sizeof(double), err));
    CS_TRY(cs_bytes_append(result, r->extras, n_extras * sizeof(double), err));
    for (size_t i = 0; i < r->n; i++) {
        CS_TRY(cs_bytes_append(result, r->message[i].data, r->message[i].size, err));
    }
    return CS_OK;
}

static cs_status pack(cs_block_runner *r, cs_bytes *result, cs_error *err)
{
    const size_t block = (size_t)r->plan.result.block_size;
    const size_t n_chunks = (size_t)cs_result_step_chunks(&r->plan.result);
    CS_TRY(cs_bytes_reserve(result, packed_size(r), err));
    CS_TRY(pack_records(r, result, err));
    for (size_t v = 0; v < r->plan.result.n_variables; v++) {
        for (size_t i = 0; i < r->n; i++) {
            /* the values of a failed run are all missing, which is what is read if there are none
             */
            const cs_bytes *row = &r->encoded_rows[v * block + i];
            const bool none = v < CS_RESULT_DISCHARGE && r->record[i].status != CS_RUN_OK;
            CS_TRY(cs_result_append(result, row->data, none ? 0 : row->size, err));
        }
        for (size_t k = 0; k < n_chunks; k++) {
            const cs_bytes *chunk = &r->encoded_steps[v * n_chunks + k];
            CS_TRY(cs_result_append(result, chunk->data, chunk->size, err));
        }
    }
    return CS_OK;
}

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
    CS_TRY(unpack(r, work, err));
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
    return pack(r, result, err);
}
