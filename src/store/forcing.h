/* SPDX-License-Identifier: MIT */
/**
 * An input: per-catchment numbers and forcing series, behind an operation table. Two kinds are
 * known by their content: our CF timeSeries file and the input file of CrossWater.
 *
 * Opened on rank 0 only. Rows travel to the ranks as they are stored (compressed), so that rank 0
 * does not spend its time inflating: cs_forcing_read fills a packet, cs_packet_row decodes one row
 * of it anywhere, given the format, which is plain data to be broadcast.
 */
#ifndef CS_STORE_FORCING_H
#define CS_STORE_FORCING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "store/codec.h"
#include "store/variables.h"

/** How the rows of one variable are stored and what they mean. Plain data. */
typedef struct {
    cs_filters filters;   /* with the element's size: 4 (float32) or 8 (float64) */
    uint32_t wanted;      /* 1: packets carry it */
    uint32_t has_missing; /* 1: values equal to `missing` are missing */
    float missing;        /* the file's _FillValue */
    uint32_t padding;
    double factor, summand; /* our unit = factor x stored + summand */
} cs_row_format;

/** How the packets of an input are to be read. Plain data. */
typedef struct {
    uint64_t n_time_stored;      /* values of a stored row */
    uint64_t first_time, n_time; /* the part of it that the run uses */
    cs_row_format variable[CS_N_VARIABLES];
} cs_forcing_format;

/** What an input is about; owned by it. Counts are those of the selection. */
typedef struct {
    char *path;
    size_t n_catchment, n_time;
    double step_days; /* of a row */
    double start;     /* seconds since 1970 of row 0 (the end of its interval) */
    int64_t *id;      /* [n_catchment] > 0, distinct */
    char **name;      /* [n_catchment] where ids are texts, else NULL */
    char *title, *source, *licence, *attribution, *history, *content_id; /* NULL: not given */
} cs_forcing_info;

/** Which part of the input is used. Zero-initialised with from = -INFINITY, to = INFINITY: all. */
typedef struct {
    const int64_t *only; /* [n_only] distinct ids; NULL: all */
    size_t n_only;
    size_t first_n;  /* only the first N of these; 0: all */
    double from, to; /* rows whose time (seconds since 1970) is from <= t <= to */
} cs_selection;

/** The selection of everything. */
cs_selection cs_selection_all(void);

typedef struct cs_forcing cs_forcing;

/**
 * Opens an input, whichever kind its content shows it to be, and checks what every run needs:
 * ids, time axis, and area where there is one.
 *
 * Rank 0. Errors: CS_IO, CS_DATA (what is wrong, in which dataset), CS_MEMORY.
 */
cs_status cs_forcing_open(cs_forcing **forcing, const char *path, const cs_selection *selection,
                          cs_error *err);

void cs_forcing_close(cs_forcing *forcing);

const cs_forcing_info *cs_forcing_get_info(const cs_forcing *forcing);

/** Makes a variable part of the packets; checks its shape, type and unit. Errors: CS_DATA. */
cs_status cs_forcing_want(cs_forcing *forcing, cs_variable variable, cs_error *err);

/** Valid until the forcing is closed; after all cs_forcing_want calls. */
const cs_forcing_format *cs_forcing_get_format(const cs_forcing *forcing);

/**
 * Reads one number per catchment, in our unit; *values is NULL where there is no such dataset.
 *
 * @param values [out] [n_catchment], the caller frees
 * Errors: CS_DATA (wrong shape, type, unknown unit).
 */
cs_status cs_forcing_number(cs_forcing *forcing, double **values, const char *name, cs_error *err);

/** Appends the packet of catchments first..first+count-1 (of the selection). Errors: CS_DATA. */
cs_status cs_forcing_read(cs_forcing *forcing, cs_bytes *packet, size_t first, size_t count,
                          cs_error *err);

/** Estimated bytes of all packets together, for --check. */
uint64_t cs_forcing_size(const cs_forcing *forcing);

/** A row of a packet, still encoded. Points into the packet. */
typedef struct {
    const void *data;
    uint64_t size;    /* 0: never written, all values missing */
    uint64_t skipped; /* HDF5's filter mask */
} cs_packet_row;

/**
 * Finds the rows of a packet.
 *
 * Any rank, any thread.
 * @param rows [out] [CS_N_VARIABLES][count]; rows of variables that are not wanted are empty
 */
cs_status cs_packet_index(cs_packet_row *rows, cs_reader *packet, size_t count,
                          const cs_forcing_format *format, cs_error *err);

/**
 * Decodes a row: the run's part of it in our unit, missing values as NaN.
 *
 * Any rank, any thread.
 * @param values  [out] [format->n_time]
 * @param scratch [out] [format->n_time_stored] elements as stored, overwritten
 * Errors: CS_DATA (damaged chunk).
 */
cs_status cs_packet_decode(float *values, const cs_packet_row *row, float *scratch, cs_codec *codec,
                           const cs_forcing_format *format, cs_variable variable, cs_error *err);

/**
 * The same for rows of float64 elements, but for the unit of precipitation: it is mm/d, as given.
 * (mm/h would change the last bits: not every double is 24 times a double.)
 */
cs_status cs_packet_decode_f64(double *values, const cs_packet_row *row, double *scratch,
                               cs_codec *codec, const cs_forcing_format *format,
                               cs_variable variable, cs_error *err);

#endif
