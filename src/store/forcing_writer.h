/* SPDX-License-Identifier: MIT */
/**
 * Writes an input (forcing) file: CF timeSeries in HDF5 as docs/file-formats.md says.
 *
 * Rank 0, main thread. Written to `path.part` and renamed by cs_forcing_writer_finish; closed
 * without finish, nothing is left. Rows (one catchment's series) arrive as raw chunks: encoded by
 * cs_codec_encode (store/codec.h, filters cs_filters_make(4, deflate)) on any thread of any rank.
 */
#ifndef CS_STORE_FORCING_WRITER_H
#define CS_STORE_FORCING_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "store/codec.h"
#include "store/variables.h"

typedef struct cs_forcing_writer cs_forcing_writer;

/** What the file is about. All texts may be NULL. */
typedef struct {
    size_t n_catchment, n_time;
    double step_hours;      /* of the time axis */
    const char *time_units; /* "hours since 2021-01-01 00:00:00"; time[i] = (i + 1) step_hours */
    const int64_t *id;      /* [n_catchment] > 0, distinct */
    const int64_t *next_down_id; /* [n_catchment], 0: outlet */
    const int32_t *strahler;     /* [n_catchment] */
    const char *title, *source, *history, *licence, *attribution;
    int deflate;  /* level of the rows, 0..12 */
    bool replace; /* an existing file is replaced, otherwise refused (CS_IO) */
} cs_forcing_spec;

/** Creates the file with its dimensions, ids and network. Errors: CS_IO, CS_LOCKED, CS_MEMORY. */
cs_status cs_forcing_writer_create(cs_forcing_writer **writer, const char *path,
                                   const cs_forcing_spec *spec, cs_error *err);

/** Writes one number per catchment: values[n_catchment] in `units` ("m2", "degrees_east", ...). */
cs_status cs_forcing_writer_number(cs_forcing_writer *writer, const char *name,
                                   const double *values, const char *units, const char *long_name,
                                   cs_error *err);

/** Writes the encoded row of catchment `index` (place in the file): `size` bytes of one chunk. */
cs_status cs_forcing_writer_row(cs_forcing_writer *writer, cs_variable variable, size_t index,
                                const void *encoded, size_t size, cs_error *err);

/** Reads back an encoded row that was written: appended to `out`. */
cs_status cs_forcing_writer_read(cs_forcing_writer *writer, cs_bytes *out, cs_variable variable,
                                 size_t index, cs_error *err);

/** Stores content_id (where xxHash is built in), makes the file durable and renames it. */
cs_status cs_forcing_writer_finish(cs_forcing_writer *writer, cs_error *err);

/** Releases; removes the unfinished file. NULL is fine. */
void cs_forcing_writer_close(cs_forcing_writer *writer);

#endif
