/* SPDX-License-Identifier: MIT */
#include "model/block_parts.h"

#include <math.h>

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

cs_status cs_block_runner_unpack(cs_block_runner *r, const cs_bytes *work, cs_error *err)
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

cs_status cs_block_runner_pack(cs_block_runner *r, cs_bytes *result, cs_error *err)
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
