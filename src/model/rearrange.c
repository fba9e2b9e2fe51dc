/* SPDX-License-Identifier: MIT */
#include "model/rearrange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/transpose/tile.h"
#include "watch/clock.h"

struct cs_rearranger {
    cs_result_format format;
    size_t n_catchment;
    size_t first, n;                   /* the tile: its first catchment, how many it has so far */
    void *rows[CS_N_RESULT_VARIABLES]; /* [block_size][n_time] elements */
    void *tile;                        /* [step_rows][block_size] elements */
    cs_codec *codec;
    cs_bytes chunk; /* encoded */
    double seconds;
};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t row_size(const cs_rearranger *r)
{
    return (size_t)(r->format.n_time * r->format.element_size);
}

static size_t tile_size(const cs_rearranger *r)
{
    return (size_t)(r->format.step_rows * r->format.block_size * r->format.element_size);
}

static cs_filters filters_of(const cs_rearranger *r)
{
    return cs_filters_make((size_t)r->format.element_size, (int)r->format.level);
}

cs_status cs_rearranger_open(cs_rearranger **out, const cs_result_format *format,
                             size_t n_catchment, cs_error *err)
{
    cs_rearranger *r = NULL;
    *out = NULL;
    CS_TRY(cs_alloc(&r, 1, sizeof *r, "the rearrangement", err));
    r->format = *format;
    r->n_catchment = n_catchment;
    cs_status status = CS_OK;
    for (size_t v = 0; v < format->n_variables; v++) {
        CS_CHECK(cs_alloc(&r->rows[v], (size_t)format->block_size, row_size(r), "a tile", err));
    }
    CS_CHECK(cs_alloc(&r->tile, tile_size(r), 1, "a tile", err));
    CS_CHECK(cs_bytes_reserve(&r->chunk, cs_codec_bound(tile_size(r)), err));
    CS_CHECK(cs_codec_open(&r->codec, larger(tile_size(r), row_size(r)), err));
    *out = r;
    return CS_OK;
release:
    cs_rearranger_close(r);
    return status;
}

void cs_rearranger_close(cs_rearranger *r)
{
    if (r == NULL) {
        return;
    }
    for (int v = 0; v < CS_N_RESULT_VARIABLES; v++) {
        free(r->rows[v]);
    }
    free(r->tile);
    cs_bytes_free(&r->chunk);
    cs_codec_close(r->codec);
    free(r);
}

double cs_rearranger_seconds(const cs_rearranger *r)
{
    return r->seconds;
}

/* ---- tiles ---- */

static void transpose(cs_rearranger *r, size_t v, size_t first_row, size_t n_rows)
{
    const size_t n_time = (size_t)r->format.n_time, width = (size_t)r->format.block_size;
    const size_t height = (size_t)r->format.step_rows;
    if (r->format.element_size == sizeof(double)) {
        csk_transpose_tile_f64(r->tile, (const double *)r->rows[v] + first_row, r->n, n_rows,
                               n_time, width, height, NAN);
    } else {
        csk_transpose_tile_f32(r->tile, (const float *)r->rows[v] + first_row, r->n, n_rows, n_time,
                               width, height, NAN);
    }
}

static cs_status write_tile(cs_rearranger *r, cs_results *results, cs_error *err)
{
    const size_t n_time = (size_t)r->format.n_time, height = (size_t)r->format.step_rows;
    for (size_t v = 0; v < r->format.n_variables; v++) {
        for (size_t first_row = 0, k = 0; first_row < n_time; first_row += height, k++) {
            const size_t left = n_time - first_row;
            transpose(r, v, first_row, left < height ? left : height);
            cs_codec_encode(r->codec, r->chunk.data, &r->chunk.size, r->tile, tile_size(r),
                            filters_of(r));
            CS_TRY(cs_results_put_step_chunk(results, (int)v, k, r->first, &r->chunk, err));
        }
    }
    r->first += r->n;
    r->n = 0;
    return CS_OK;
}

static cs_status end_tile(cs_rearranger *r, cs_results *results, cs_error *err)
{
    const bool is_full = r->n == r->format.block_size || r->first + r->n == r->n_catchment;
    return is_full ? write_tile(r, results, err) : CS_OK;
}

/* ---- rows ---- */

static void fill_missing(void *row, size_t n_time, size_t element)
{
    for (size_t t = 0; t < n_time; t++) {
        if (element == sizeof(double)) {
            ((double *)row)[t] = NAN;
        } else {
            ((float *)row)[t] = NAN;
        }
    }
}

static cs_status decode_row(cs_rearranger *r, size_t v, const cs_encoded *encoded, cs_error *err)
{
    char *row = (char *)r->rows[v] + r->n * row_size(r);
    if (encoded->size == 0) {
        fill_missing(row, (size_t)r->format.n_time, (size_t)r->format.element_size);
        return CS_OK;
    }
    return cs_codec_decode(r->codec, row, row_size(r), encoded->data, (size_t)encoded->size, 0,
                           filters_of(r), err);
}

/* Finds the encoded rows of a packet: encoded[n_variables][count], all empty without one. */
static cs_status find_rows(cs_encoded *encoded, const cs_rearranger *r, const cs_bytes *bytes,
                           size_t count, cs_error *err)
{
    if (bytes == NULL) {
        return CS_OK;
    }
    cs_reader packet = cs_reader_make(bytes->data, bytes->size);
    uint64_t n_skipped = count * (r->format.n_states + r->format.n_extras) * sizeof(double);
    for (size_t i = 0; i < count; i++) {
        cs_run_record record;
        CS_TRY(cs_reader_copy(&packet, &record, sizeof record, err));
        n_skipped += record.n_message;
    }
    const void *skipped = NULL;
    CS_TRY(cs_reader_take(&packet, &skipped, (size_t)n_skipped, err));
    for (size_t j = 0; j < count * r->format.n_variables; j++) {
        CS_TRY(cs_result_take(&encoded[j], &packet, err));
    }
    return CS_OK;
}

cs_status cs_rearranger_put(cs_rearranger *r, cs_results *results, const cs_bytes *packet,
                            size_t first, size_t count, cs_error *err)
{
    const double begin = cs_now();
    cs_encoded *encoded = NULL;
    CS_INVARIANT(first == r->first + r->n && first + count <= r->n_catchment);
    CS_TRY(cs_alloc(&encoded, count * (size_t)r->format.n_variables, sizeof *encoded, "rows", err));
    cs_status status = CS_OK;
    CS_CHECK(find_rows(encoded, r, packet, count, err));
    for (size_t i = 0; i < count; i++) {
        for (size_t v = 0; v < r->format.n_variables; v++) {
            CS_CHECK(decode_row(r, v, &encoded[v * count + i], err));
        }
        r->n++;
        CS_CHECK(end_tile(r, results, err));
    }
release:
    free(encoded);
    r->seconds += cs_now() - begin;
    return status;
}
