/* SPDX-License-Identifier: MIT */
#include "model/block_parts.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/transpose/tile.h"

/* ---- forcing ---- */

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
static cs_status decode_row(cs_block_runner *r, cs_block_worker *w, size_t v, size_t i,
                            cs_error *err)
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

void cs_block_runner_decode(cs_block_runner *r, cs_block_worker *w, size_t i)
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

/* ---- results ---- */

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

void cs_block_runner_store(cs_block_runner *r, size_t i)
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

/* ---- encoding ---- */

static cs_status encode(cs_bytes *out, cs_block_worker *w, const cs_block_runner *r,
                        const void *data, size_t size)
{
    const cs_filters filters =
        cs_filters_make((size_t)r->plan.result.element_size, (int)r->plan.result.level);
    out->size = 0;
    CS_TRY(cs_bytes_reserve(out, cs_codec_bound(size), &w->error));
    cs_codec_encode(w->codec, out->data, &out->size, data, size, filters);
    return CS_OK;
}

cs_status cs_block_runner_encode(cs_block_runner *r, cs_block_worker *w, size_t i)
{
    const size_t element = (size_t)r->plan.result.element_size;
    const size_t size = (size_t)r->plan.result.n_time * element;
    for (size_t v = 0; v < r->plan.result.n_variables; v++) {
        cs_bytes *out = &r->encoded_rows[v * (size_t)r->plan.result.block_size + i];
        CS_TRY(encode(out, w, r, (const char *)r->values[v] + i * size, size));
    }
    return CS_OK;
}

cs_status cs_block_runner_encode_steps(cs_block_runner *r, cs_block_worker *w, size_t v, size_t k)
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
