/* SPDX-License-Identifier: MIT */
#include "store/factors.h"

#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "store/hdf.h"

/* A dataset that grows at its end: whole chunks are written, the last one is kept. */
typedef struct {
    hid_t id;
    uint64_t count;      /* elements */
    unsigned char *tail; /* [CS_FACTORS_CHUNK] elements of the last, incomplete chunk */
} column;

struct cs_factors {
    cs_output output;
    hid_t file;
    column columns[CS_N_FACTORS];
    cs_filters filters[CS_N_FACTORS];
    cs_codec *codec;
    unsigned char *encoded;
};

static const char *const NAMES[CS_N_FACTORS] = {"offset", "prime", "exponent", "number"};
static const char *const LONG_NAMES[CS_N_FACTORS] = {
    "integer i has elements offset[i] to offset[i + 1] - 1 of prime and exponent",
    "distinct prime factors, increasing", "how often the prime divides the integer",
    "the integers"};

size_t cs_factors_element(cs_factors_dataset dataset)
{
    return dataset == CS_FACTORS_EXPONENT ? 1 : sizeof(uint64_t);
}

cs_filters cs_factors_filters(cs_factors_dataset dataset, int level)
{
    cs_filters filters = cs_filters_make(cs_factors_element(dataset), level);
    if (dataset == CS_FACTORS_EXPONENT) {
        filters.shuffle = 0;
    }
    return filters;
}

static cs_status create_column(cs_factors *factors, int d, cs_error *err)
{
    const cs_filters filters = factors->filters[d];
    const hid_t type = d == CS_FACTORS_EXPONENT ? H5T_STD_U8LE : H5T_STD_U64LE;
    const hsize_t none = 0, chunk = CS_FACTORS_CHUNK, unlimited = H5S_UNLIMITED;
    const hid_t space = H5Screate_simple(1, &none, &unlimited);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(creation, false);
    H5Pset_chunk(creation, 1, &chunk);
    if (filters.shuffle) {
        H5Pset_shuffle(creation);
    }
    if (filters.deflate) {
        const unsigned hdf5_levels =
            9; /* libdeflate has more; HDF5 refuses what it does not know */
        H5Pset_deflate(creation, filters.level < hdf5_levels ? filters.level : hdf5_levels);
    }
    column *c = &factors->columns[d];
    c->id = H5Dcreate2(factors->file, NAMES[d], type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    H5Pclose(creation);
    H5Sclose(space);
    if (c->id < 0) {
        return cs_hdf_fail(err, CS_IO, "%s: %s cannot be created", factors->output.part_path,
                           NAMES[d]);
    }
    CS_TRY(cs_alloc(&c->tail, CS_FACTORS_CHUNK, cs_factors_element((cs_factors_dataset)d),
                    "a chunk", err));
    return cs_hdf_write_text(c->id, "long_name", LONG_NAMES[d], err);
}

static cs_status write_head(cs_factors *factors, const cs_factors_spec *spec, cs_error *err)
{
    CS_TRY(cs_hdf_create(&factors->file, factors->output.part_path, err));
    CS_TRY(cs_hdf_write_text(factors->file, "title", "Prime factors of integers", err));
    CS_TRY(cs_hdf_write_text(factors->file, "history", spec->history, err));
    if (!spec->is_list) {
        CS_TRY(cs_hdf_write_scalar(factors->file, "first", H5T_NATIVE_UINT64, &spec->first, err));
        CS_TRY(cs_hdf_write_scalar(factors->file, "last", H5T_NATIVE_UINT64, &spec->last, err));
    }
    for (int d = 0; d < CS_N_FACTORS; d++) {
        factors->filters[d] = cs_factors_filters((cs_factors_dataset)d, spec->deflate);
        if (d != CS_FACTORS_NUMBER || spec->is_list) {
            CS_TRY(create_column(factors, d, err));
        }
    }
    return CS_OK;
}

cs_status cs_factors_create(cs_factors **out, const char *path, const cs_factors_spec *spec,
                            cs_error *err)
{
    cs_factors *factors = NULL;
    const size_t chunk = CS_FACTORS_CHUNK * sizeof(uint64_t);
    *out = NULL;
    CS_TRY(cs_alloc(&factors, 1, sizeof *factors, "the file writer", err));
    factors->output.journal = -1;
    factors->file = H5I_INVALID_HID;
    for (int d = 0; d < CS_N_FACTORS; d++) {
        factors->columns[d].id = H5I_INVALID_HID;
    }
    cs_status status = CS_OK;
    CS_CHECK(cs_codec_open(&factors->codec, chunk, err));
    CS_CHECK(cs_alloc(&factors->encoded, cs_codec_bound(chunk), 1, "a chunk", err));
    CS_CHECK(cs_output_claim(&factors->output, path, spec->replace, err));
    CS_CHECK(write_head(factors, spec, err));
    *out = factors;
    return CS_OK;
release:
    cs_factors_close(factors);
    return status;
}

/* ---- writing ---- */

static cs_status write_chunk(cs_factors *factors, int d, const void *encoded, size_t size,
                             uint64_t count, cs_error *err)
{
    column *c = &factors->columns[d];
    const hsize_t begin = c->count / CS_FACTORS_CHUNK * CS_FACTORS_CHUNK;
    const hsize_t end = begin + count;
    if (H5Dset_extent(c->id, &end) < 0) {
        return cs_hdf_fail(err, CS_IO, "%s: %s cannot grow", factors->output.part_path, NAMES[d]);
    }
    return cs_hdf_write_chunk(c->id, &begin, encoded, size, err);
}

/* Writes the kept chunk; of the very last one the rest is zero. */
static cs_status flush_tail(cs_factors *factors, int d, uint64_t count, cs_error *err)
{
    const size_t element = cs_factors_element((cs_factors_dataset)d);
    column *c = &factors->columns[d];
    memset(c->tail + count * element, 0, (CS_FACTORS_CHUNK - count) * element);
    size_t size = 0;
    cs_codec_encode(factors->codec, factors->encoded, &size, c->tail, CS_FACTORS_CHUNK * element,
                    factors->filters[d]);
    return write_chunk(factors, d, factors->encoded, size, count, err);
}

static cs_status append(cs_factors *factors, int d, const unsigned char *data, uint64_t count,
                        cs_error *err)
{
    const size_t element = cs_factors_element((cs_factors_dataset)d);
    column *c = &factors->columns[d];
    while (count > 0) {
        const uint64_t kept = c->count % CS_FACTORS_CHUNK;
        const uint64_t room = CS_FACTORS_CHUNK - kept;
        const uint64_t n = count < room ? count : room;
        memcpy(c->tail + kept * element, data, n * element);
        if (n == room) {
            CS_TRY(flush_tail(factors, d, CS_FACTORS_CHUNK, err));
        }
        c->count += n;
        data += n * element;
        count -= n;
    }
    return CS_OK;
}

static cs_status append_relative(cs_factors *factors, uint64_t base, const unsigned char *data,
                                 uint64_t count, cs_error *err)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t offset = 0;
        memcpy(&offset, data + i * sizeof offset, sizeof offset);
        offset += base;
        CS_TRY(append(factors, CS_FACTORS_OFFSET, (const unsigned char *)&offset, 1, err));
    }
    return CS_OK;
}

cs_status cs_factors_write(cs_factors *factors, const cs_bytes *pieces, cs_error *err)
{
    cs_reader reader = cs_reader_make(pieces->data, pieces->size);
    const uint64_t base = factors->columns[CS_FACTORS_PRIME].count;
    while (reader.at < reader.end) {
        cs_factors_piece piece;
        const void *data = NULL;
        CS_TRY(cs_reader_copy(&reader, &piece, sizeof piece, err));
        CS_TRY(cs_reader_take(&reader, &data, piece.n_bytes, err));
        CS_INVARIANT(piece.dataset < CS_N_FACTORS && factors->columns[piece.dataset].id >= 0);
        if (piece.is_encoded) {
            column *c = &factors->columns[piece.dataset];
            CS_INVARIANT(c->count % CS_FACTORS_CHUNK == 0 && piece.count == CS_FACTORS_CHUNK);
            CS_TRY(write_chunk(factors, (int)piece.dataset, data, piece.n_bytes, piece.count, err));
            c->count += piece.count;
        } else if (piece.is_relative) {
            CS_TRY(append_relative(factors, base, data, piece.count, err));
        } else {
            CS_TRY(append(factors, (int)piece.dataset, data, piece.count, err));
        }
    }
    return CS_OK;
}

cs_status cs_factors_finish(cs_factors *factors, cs_error *err)
{
    const uint64_t end = factors->columns[CS_FACTORS_PRIME].count;
    CS_TRY(append(factors, CS_FACTORS_OFFSET, (const unsigned char *)&end, 1, err));
    for (int d = 0; d < CS_N_FACTORS; d++) {
        column *c = &factors->columns[d];
        if (c->id < 0) {
            continue;
        }
        if (c->count % CS_FACTORS_CHUNK > 0) {
            CS_TRY(flush_tail(factors, d, c->count % CS_FACTORS_CHUNK, err));
        }
        CS_TRY(cs_hdf_close_dataset(&c->id, NAMES[d], err));
    }
    const hid_t file = factors->file;
    factors->file = H5I_INVALID_HID;
    CS_TRY(cs_hdf_close(file, factors->output.part_path, err));
    return cs_output_finish(&factors->output, err);
}

void cs_factors_close(cs_factors *factors)
{
    if (factors == NULL) {
        return;
    }
    for (int d = 0; d < CS_N_FACTORS; d++) {
        if (factors->columns[d].id >= 0) {
            H5Dclose(factors->columns[d].id);
        }
        free(factors->columns[d].tail);
    }
    cs_hdf_drop(factors->file);
    cs_output_release(&factors->output);
    cs_codec_close(factors->codec);
    free(factors->encoded);
    free(factors);
}
