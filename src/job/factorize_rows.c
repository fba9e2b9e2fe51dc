/* SPDX-License-Identifier: MIT */
#include "job/factorize_rows.h"

#include <stdlib.h>
#include <string.h>

#include "store/factors.h"

struct cs_factor_rows {
    bool has_numbers, has_place;
    int deflate;
    cs_factor_place place;
    cs_bytes column[CS_N_FACTORS]; /* of the block, by dataset */
    uint64_t n_rows, n_primes;
    cs_codec *codec;
    unsigned char *encoded;
};

cs_status cs_factor_rows_open(cs_factor_rows **out, bool has_numbers, int deflate, cs_error *err)
{
    cs_factor_rows *rows = NULL;
    const size_t chunk = CS_FACTORS_CHUNK * sizeof(uint64_t);
    *out = NULL;
    CS_TRY(cs_alloc(&rows, 1, sizeof *rows, "rows", err));
    rows->has_numbers = has_numbers;
    rows->deflate = deflate;
    cs_status status = CS_OK;
    CS_CHECK(cs_codec_open(&rows->codec, chunk, err));
    CS_CHECK(cs_alloc(&rows->encoded, cs_codec_bound(chunk), 1, "a chunk", err));
    *out = rows;
    return CS_OK;
release:
    cs_factor_rows_close(rows);
    return status;
}

void cs_factor_rows_close(cs_factor_rows *rows)
{
    if (rows == NULL) {
        return;
    }
    for (int d = 0; d < CS_N_FACTORS; d++) {
        cs_bytes_free(&rows->column[d]);
    }
    cs_codec_close(rows->codec);
    free(rows->encoded);
    free(rows);
}

void cs_factor_rows_begin(cs_factor_rows *rows, const cs_factor_place *place)
{
    rows->has_place = place != NULL;
    rows->place = place != NULL ? *place : (cs_factor_place){0};
    rows->n_rows = 0;
    rows->n_primes = 0;
    for (int d = 0; d < CS_N_FACTORS; d++) {
        rows->column[d].size = 0;
    }
}

/* ---- rows ---- */

/* Lists of one integer: distinct primes with their exponents. Room was made. */
static void add_row(cs_factor_rows *rows, const csk_factor_rows *lists, size_t i)
{
    uint64_t *prime = (uint64_t *)(void *)rows->column[CS_FACTORS_PRIME].data;
    uint8_t *exponent = rows->column[CS_FACTORS_EXPONENT].data;
    uint64_t *offset = (uint64_t *)(void *)rows->column[CS_FACTORS_OFFSET].data;
    offset[rows->n_rows++] = rows->place.prime + rows->n_primes;
    const uint32_t begin = lists->offset[i], end = lists->offset[i + 1];
    for (uint32_t k = begin; k < end; k++) {
        const uint64_t p = lists->wide != NULL ? lists->wide[k] : lists->narrow[k];
        if (k > begin && prime[rows->n_primes - 1] == p) {
            exponent[rows->n_primes - 1]++;
        } else {
            prime[rows->n_primes] = p;
            exponent[rows->n_primes++] = 1;
        }
    }
}

static cs_status reserve(cs_factor_rows *rows, size_t n_rows, size_t n_primes, cs_error *err)
{
    cs_bytes *column = rows->column;
    CS_TRY(cs_bytes_reserve(&column[CS_FACTORS_OFFSET], n_rows * sizeof(uint64_t), err));
    CS_TRY(cs_bytes_reserve(&column[CS_FACTORS_PRIME], n_primes * sizeof(uint64_t), err));
    return cs_bytes_reserve(&column[CS_FACTORS_EXPONENT], n_primes, err);
}

cs_status cs_factor_rows_add(cs_factor_rows *rows, const csk_factor_rows *lists, cs_error *err)
{
    CS_TRY(reserve(rows, lists->count, lists->offset[lists->count], err));
    for (size_t i = 0; i < lists->count; i++) {
        add_row(rows, lists, i);
    }
    rows->column[CS_FACTORS_OFFSET].size = rows->n_rows * sizeof(uint64_t);
    rows->column[CS_FACTORS_PRIME].size = rows->n_primes * sizeof(uint64_t);
    rows->column[CS_FACTORS_EXPONENT].size = rows->n_primes;
    return rows->has_numbers ? cs_bytes_append(&rows->column[CS_FACTORS_NUMBER], lists->number,
                                               lists->count * sizeof *lists->number, err)
                             : CS_OK;
}

/* ---- pieces ---- */

static cs_status put(cs_factor_rows *rows, cs_bytes *out, cs_factors_dataset d, size_t begin,
                     size_t count, bool is_whole, cs_error *err)
{
    const size_t element = cs_factors_element(d);
    const void *data = rows->column[d].data + begin * element;
    cs_factors_piece piece = {.dataset = d, .count = count, .n_bytes = count * element};
    piece.is_encoded = is_whole;
    piece.is_relative = d == CS_FACTORS_OFFSET && !rows->has_place;
    if (is_whole) {
        size_t n_encoded = 0;
        cs_codec_encode(rows->codec, rows->encoded, &n_encoded, data, count * element,
                        cs_factors_filters(d, rows->deflate));
        piece.n_bytes = n_encoded;
        data = rows->encoded;
    }
    CS_TRY(cs_bytes_append(out, &piece, sizeof piece, err));
    return cs_bytes_append(out, data, piece.n_bytes, err);
}

/* What reaches to the next chunk's beginning, whole chunks, and the beginning of the last one. */
static cs_status put_column(cs_factor_rows *rows, cs_bytes *out, cs_factors_dataset d,
                            uint64_t place, cs_error *err)
{
    const size_t n = rows->column[d].size / cs_factors_element(d);
    size_t done = 0;
    while (rows->has_place && done < n) {
        const size_t room = CS_FACTORS_CHUNK - (place + done) % CS_FACTORS_CHUNK;
        const size_t count = n - done < room ? n - done : room;
        CS_TRY(put(rows, out, d, done, count, count == CS_FACTORS_CHUNK, err));
        done += count;
    }
    return done < n ? put(rows, out, d, done, n - done, false, err) : CS_OK;
}

cs_status cs_factor_rows_end(cs_factor_rows *rows, cs_bytes *out, cs_error *err)
{
    for (int d = 0; d < CS_N_FACTORS; d++) {
        const bool by_row = d == CS_FACTORS_OFFSET || d == CS_FACTORS_NUMBER;
        CS_TRY(put_column(rows, out, (cs_factors_dataset)d,
                          by_row ? rows->place.row : rows->place.prime, err));
    }
    return CS_OK;
}
