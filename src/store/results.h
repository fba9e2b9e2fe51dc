/* SPDX-License-Identifier: MIT */
/**
 * The result of one substance: a result file by catchment and, if wanted, a step file by time step.
 *
 * Both are CF timeSeries files (docs/file-formats.md), written in one pass from result packets that
 * the ranks fill (store/result_packet.h): rows and step chunks arrive encoded. Rank 0, main thread.
 */
#ifndef CS_STORE_RESULTS_H
#define CS_STORE_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/output.h"
#include "store/forcing.h"
#include "store/result_packet.h"

typedef struct cs_results cs_results;

/** What is written. Texts are used during create only. */
typedef struct {
    const char *path;       /* result file */
    const char *steps_path; /* step file; NULL: none */
    bool replace;           /* existing files are replaced, otherwise refused */
    cs_output *claimed;     /* outputs that the caller holds and finishes; NULL: the results do */
    cs_output *steps_claimed;
    const char *identity; /* of the run, for the result file (journal/identity.h); NULL: none */
    bool rows_only;       /* packets have no step chunks: cs_results_put_step_chunk brings them */
    const char *substance, *model;
    const char *history;       /* a line on how it was made */
    const char *configuration; /* the run's XML, or "" */
    double series_start;       /* seconds since 1970 of row number 0 of the series */
    uint64_t series_number;    /* of this file's row 0 in it */
    cs_result_format format;
} cs_results_spec;

/** Chunk of step files, a function of the sizes alone: n_catchment/256 rounded up to a power of
 * two, within 16..256 and n_catchment, wide; 384 time steps, within n_time, high. */
size_t cs_results_block_size(size_t n_catchment);
size_t cs_results_step_rows(size_t n_time);

/** The files of a result, as cs_result_place names them. */
enum { CS_RESULT_FILE, CS_RESULT_STEP_FILE, CS_N_RESULT_FILES };

/** Where a chunk of a packet is since it was written: its bytes lie there as they came. */
typedef struct {
    uint64_t at;      /* offset in the packet */
    uint64_t size;    /* bytes */
    uint64_t address; /* offset in the file */
    uint64_t file;    /* CS_RESULT_FILE or CS_RESULT_STEP_FILE */
} cs_result_place;

/** The text that a finished result file was created with as its identity, released by free(); NULL
 * if it has none, or is no result. Errors: CS_IO, CS_DATA (not HDF5), CS_MEMORY. */
cs_status cs_results_read_identity(char **identity, const char *path, cs_error *err);

/** Claims the outputs, unless they are claimed, and creates them with dimensions and coordinates.
 * Errors: CS_IO, CS_LOCKED, CS_MEMORY; nothing is left behind on failure. */
cs_status cs_results_create(cs_results **results, const cs_results_spec *spec,
                            const cs_forcing *forcing, cs_error *err);

/**
 * Writes the packet of catchments first..first+count-1.
 *
 * @param host [in] where it was computed; rank likewise
 * Errors: CS_IO (no space left ...), CS_INTERNAL (no packet).
 */
cs_status cs_results_put(cs_results *results, const cs_bytes *packet, size_t first, size_t count,
                         int rank, const char *host, cs_error *err);

/** The same; tells where in the files the packet's chunks are now: appends a cs_result_place for
 * each, in the order of the packet. */
cs_status cs_results_put_located(cs_results *results, cs_bytes *places, const cs_bytes *packet,
                                 size_t first, size_t count, int rank, const char *host,
                                 cs_error *err);

/** Writes step chunk k of variable v of the catchments from `first` on, encoded. Errors: CS_IO. */
cs_status cs_results_put_step_chunk(cs_results *results, int v, uint64_t k, size_t first,
                                    const cs_bytes *chunk, cs_error *err);

/** Records that these catchments failed as a whole, with this message. */
cs_status cs_results_put_failure(cs_results *results, size_t first, size_t count, int rank,
                                 const char *host, const char *message, cs_error *err);

/** The records so far: [n_catchment]; messages NULL where there is none. */
const cs_run_record *cs_results_records(const cs_results *results);
const char *cs_results_message(const cs_results *results, size_t place);

/** One of the format's extras of a catchment so far; NaN: missing. */
double cs_results_extra(const cs_results *results, size_t extra, size_t place);

/** Writes states, statuses and group /run with the report (JSON), closes both files and makes them
 * durable; renaming them is left to who claimed them. Errors: CS_IO. */
cs_status cs_results_complete(cs_results *results, const char *report, cs_error *err);

/** The same, and renames them into place: for outputs that the results claimed themselves. */
cs_status cs_results_finish(cs_results *results, const char *report, cs_error *err);

/** Releases; what is not finished is removed. NULL is fine. */
void cs_results_close(cs_results *results);

#endif
