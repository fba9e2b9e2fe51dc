/* SPDX-License-Identifier: MIT */
#include "store/results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "store/result_table.h"
#include "store/timeseries.h"

/* One of the two files. */
typedef struct {
    cs_output own;     /* unless the caller claimed it */
    cs_output *output; /* own, or the caller's */
    hid_t file;
    cs_scales scales;
    hid_t variable[CS_N_RESULT_VARIABLES];
} result_file;

struct cs_results {
    cs_result_format format;
    bool rows_only;
    size_t n_catchment;
    int64_t *id; /* [n_catchment] */
    char *substance, *configuration, *history, *identity;
    cs_bytes *places; /* of the packet that is being written; NULL: nobody asks */
    const unsigned char *packet;
    result_file by_catchment, by_step; /* by_step only if format.with_steps */
    cs_result_table table;
};

size_t cs_results_block_size(size_t n_catchment)
{
    size_t size = 16;
    while (size < 256 && size * 256 < n_catchment) {
        size *= 2;
    }
    return size < n_catchment ? size : n_catchment; /* HDF5: no chunk is larger than its dataset */
}

size_t cs_results_step_rows(size_t n_time)
{
    const size_t rows = 384; /* 16 days of hours; with 16..256 catchments 24 to 384 KiB */
    return rows < n_time ? rows : n_time;
}

/* ---- creation ---- */

static const struct {
    const char *name, *units, *long_name;
} VARIABLES[CS_N_RESULT_VARIABLES] = {
    [CS_RESULT_LOAD] = {"load", "g", "load of the substance per time step"},
    [CS_RESULT_CONCENTRATION] = {"concentration", "ng L-1",
                                 "concentration of the substance in the local discharge"},
    [CS_RESULT_DISCHARGE] = {"discharge", "m3 s-1", "discharge"},
    [CS_RESULT_LOCAL_DISCHARGE] = {"local_discharge", "m3 s-1",
                                   "discharge that arises in the catchment itself"},
};

static cs_status create_variable(result_file *to, const cs_results *results, int v, bool by_step,
                                 cs_error *err)
{
    const cs_result_format *format = &results->format;
    const float fill4 = NAN;
    const double fill8 = NAN;
    const bool wide = format->element_size == 8;
    cs_hdf_layout layout = {
        .name = VARIABLES[v].name,
        .type = wide ? H5T_IEEE_F64LE : H5T_IEEE_F32LE,
        .rank = 2,
        .shape = {results->n_catchment, (hsize_t)format->n_time},
        .chunk = {1, (hsize_t)format->n_time},
        .filters = cs_filters_make((size_t)format->element_size, (int)format->level),
        .fill = wide ? (const void *)&fill8 : (const void *)&fill4,
        .units = VARIABLES[v].units,
        .long_name = VARIABLES[v].long_name,
    };
    hid_t scales[2] = {to->scales.catchment, to->scales.time};
    if (by_step) {
        layout.shape[0] = (hsize_t)format->n_time;
        layout.shape[1] = results->n_catchment;
        layout.chunk[0] = (hsize_t)format->step_rows;
        layout.chunk[1] = (hsize_t)format->block_size;
        scales[0] = to->scales.time;
        scales[1] = to->scales.catchment;
    }
    CS_TRY(cs_timeseries_variable(&to->variable[v], to->file, &layout, scales, err));
    return cs_hdf_write_text(to->variable[v], "cell_methods",
                             v == CS_RESULT_LOAD ? "time: sum" : "time: mean", err);
}

static cs_timeseries describe(const char *title, const cs_forcing_info *info)
{
    return (cs_timeseries){.n_catchment = info->n_catchment,
                           .n_time = info->n_time,
                           .id = info->id,
                           .name = info->name,
                           .step_hours = 24.0 * info->step_days,
                           .start = info->start,
                           .title = title,
                           .source = info->source,
                           .licence = info->licence,
                           .attribution = info->attribution};
}

/* Adds which file it is to what went wrong inside of it. */
static cs_status explain(cs_error *err, const result_file *to, cs_status status)
{
    if (status == CS_OK) {
        return CS_OK;
    }
    const cs_error inner = *err;
    return cs_fail(err, status, "%s: %s", to->output->part_path, inner.message);
}

static cs_status write_head(result_file *to, const cs_results *results, const cs_results_spec *spec,
                            const cs_forcing_info *info, bool by_step, cs_error *err)
{
    char *title = NULL;
    cs_status status = CS_OK;
    CS_CHECK(cs_format(&title, err, "%s: %s by %s", spec->substance, spec->model,
                       by_step ? "time step" : "catchment"));
    const cs_timeseries about = describe(title, info);
    CS_CHECK(cs_timeseries_write(&to->scales, to->file, &about, err));
    CS_CHECK(cs_hdf_write_text(to->file, "substance", spec->substance, err));
    CS_CHECK(cs_hdf_write_text(to->file, "model", spec->model, err));
    CS_CHECK(cs_hdf_write_text(to->file, "input_content_id", info->content_id, err));
    CS_CHECK(
        cs_hdf_write_scalar(to->file, "series_start", H5T_NATIVE_DOUBLE, &spec->series_start, err));
    CS_CHECK(cs_hdf_write_scalar(to->file, "series_number", H5T_NATIVE_UINT64, &spec->series_number,
                                 err));
    for (int v = 0; v < (int)results->format.n_variables; v++) {
        CS_CHECK(create_variable(to, results, v, by_step, err));
    }
release:
    free(title);
    return status;
}

static cs_status create_file(result_file *to, const cs_results *results,
                             const cs_results_spec *spec, const cs_forcing_info *info, bool by_step,
                             cs_error *err)
{
    const char *path = by_step ? spec->steps_path : spec->path;
    to->output = by_step ? spec->steps_claimed : spec->claimed;
    if (to->output == NULL) {
        to->output = &to->own;
        CS_TRY(cs_output_claim(to->output, path, spec->replace, err));
    }
    CS_TRY(cs_hdf_create(&to->file, to->output->part_path, err));
    return explain(err, to, write_head(to, results, spec, info, by_step, err));
}

static void no_file(result_file *file)
{
    file->own.journal = -1;
    file->file = H5I_INVALID_HID;
    file->scales = (cs_scales){H5I_INVALID_HID, H5I_INVALID_HID};
    for (int v = 0; v < CS_N_RESULT_VARIABLES; v++) {
        file->variable[v] = H5I_INVALID_HID;
    }
}

cs_status cs_results_create(cs_results **out, const cs_results_spec *spec,
                            const cs_forcing *forcing, cs_error *err)
{
    const cs_forcing_info *info = cs_forcing_get_info(forcing);
    cs_results *results = NULL;
    CS_TRY(cs_alloc(&results, 1, sizeof *results, "the results", err));
    results->format = spec->format;
    results->rows_only = spec->rows_only;
    results->n_catchment = info->n_catchment;
    no_file(&results->by_catchment);
    no_file(&results->by_step);
    cs_status status = CS_OK;
    CS_CHECK(cs_alloc(&results->id, info->n_catchment, sizeof *results->id, "the ids", err));
    memcpy(results->id, info->id, info->n_catchment * sizeof *results->id);
    CS_CHECK(cs_copy_string(&results->substance, spec->substance, err));
    CS_CHECK(cs_copy_string(&results->configuration, spec->configuration, err));
    CS_CHECK(cs_copy_string(&results->history, spec->history, err));
    if (spec->identity != NULL) {
        CS_CHECK(cs_copy_string(&results->identity, spec->identity, err));
    }
    CS_CHECK(cs_result_table_open(&results->table, info->n_catchment, &spec->format, err));
    CS_CHECK(create_file(&results->by_catchment, results, spec, info, false, err));
    if (spec->format.with_steps) {
        CS_CHECK(create_file(&results->by_step, results, spec, info, true, err));
    }
    *out = results;
    return CS_OK;
release:
    cs_results_close(results);
    return status;
}

/* ---- packets ---- */

/* Writes a chunk and tells where, if somebody wants to know. */
static cs_status write_chunk(cs_results *results, int file, int v, const hsize_t offset[2],
                             const void *data, size_t size, cs_error *err)
{
    result_file *to = file == CS_RESULT_FILE ? &results->by_catchment : &results->by_step;
    if (results->places == NULL) {
        return explain(err, to, cs_hdf_write_chunk(to->variable[v], offset, data, size, err));
    }
    cs_result_place place = {.at = (uint64_t)((const unsigned char *)data - results->packet),
                             .size = size,
                             .file = (uint64_t)file};
    CS_TRY(explain(err, to,
                   cs_hdf_write_chunk_located(&place.address, to->file, to->variable[v], offset,
                                              data, size, err)));
    return cs_bytes_append(results->places, &place, sizeof place, err);
}

static cs_status put_rows(cs_results *results, cs_reader *packet, int v, size_t first, size_t count,
                          cs_error *err)
{
    for (size_t i = 0; i < count; i++) {
        cs_encoded row;
        CS_TRY(cs_result_take(&row, packet, err));
        const hsize_t offset[2] = {first + i, 0};
        if (row.size > 0) {
            CS_TRY(
                write_chunk(results, CS_RESULT_FILE, v, offset, row.data, (size_t)row.size, err));
        }
    }
    return CS_OK;
}

static cs_status put_step_chunk(cs_results *results, int v, uint64_t k, size_t first,
                                const void *data, size_t size, cs_error *err)
{
    const hsize_t offset[2] = {k * results->format.step_rows, first};
    return size > 0 ? write_chunk(results, CS_RESULT_STEP_FILE, v, offset, data, size, err) : CS_OK;
}

static cs_status put_steps(cs_results *results, cs_reader *packet, int v, size_t first,
                           cs_error *err)
{
    const uint64_t n_chunks = cs_result_step_chunks(&results->format);
    for (uint64_t k = 0; k < n_chunks; k++) {
        cs_encoded chunk;
        CS_TRY(cs_result_take(&chunk, packet, err));
        CS_TRY(put_step_chunk(results, v, k, first, chunk.data, (size_t)chunk.size, err));
    }
    return CS_OK;
}

cs_status cs_results_put_step_chunk(cs_results *results, int v, uint64_t k, size_t first,
                                    const cs_bytes *chunk, cs_error *err)
{
    return put_step_chunk(results, v, k, first, chunk->data, chunk->size, err);
}

cs_status cs_results_put(cs_results *results, const cs_bytes *bytes, size_t first, size_t count,
                         int rank, const char *host, cs_error *err)
{
    cs_reader packet = cs_reader_make(bytes->data, bytes->size);
    CS_TRY(cs_result_table_take(&results->table, &packet, first, count, rank, host, err));
    for (int v = 0; v < (int)results->format.n_variables; v++) {
        CS_TRY(put_rows(results, &packet, v, first, count, err));
        if (!results->rows_only) {
            CS_TRY(put_steps(results, &packet, v, first, err));
        }
    }
    return CS_OK;
}

cs_status cs_results_put_located(cs_results *results, cs_bytes *places, const cs_bytes *packet,
                                 size_t first, size_t count, int rank, const char *host,
                                 cs_error *err)
{
    results->places = places;
    results->packet = packet->data;
    const cs_status status = cs_results_put(results, packet, first, count, rank, host, err);
    results->places = NULL;
    return status;
}

cs_status cs_results_put_failure(cs_results *results, size_t first, size_t count, int rank,
                                 const char *host, const char *message, cs_error *err)
{
    return cs_result_table_fail(&results->table, first, count, rank, host, message, err);
}

const cs_run_record *cs_results_records(const cs_results *results)
{
    return results->table.record;
}

const char *cs_results_message(const cs_results *results, size_t place)
{
    return results->table.message[place];
}

double cs_results_extra(const cs_results *results, size_t extra, size_t place)
{
    CS_INVARIANT(extra < results->table.n_extras);
    return results->table.extras[extra * results->table.n + place];
}

/* ---- the end ---- */

static cs_status close_datasets(result_file *file, cs_error *err)
{
    cs_status status = cs_scales_close(&file->scales, err);
    for (int v = 0; v < CS_N_RESULT_VARIABLES; v++) {
        cs_error other;
        const cs_status closed = cs_hdf_close_dataset(&file->variable[v], VARIABLES[v].name,
                                                      status == CS_OK ? err : &other);
        status = status == CS_OK ? closed : status;
    }
    return status;
}

/* History comes last, since its length differs from run to run: so all else has the same place. */
static cs_status close_file(cs_results *results, result_file *file, cs_error *err)
{
    CS_TRY(explain(err, file, cs_hdf_write_text(file->file, "history", results->history, err)));
    CS_TRY(explain(err, file, close_datasets(file, err)));
    const hid_t handle = file->file;
    file->file = H5I_INVALID_HID;
    return cs_hdf_close(handle, file->output->part_path, err);
}

static cs_status write_table(cs_results *results, const char *report, cs_error *err)
{
    result_file *file = &results->by_catchment;
    const cs_result_texts texts = {
        .configuration = results->configuration, .identity = results->identity, .report = report};
    const cs_status status =
        cs_result_table_write(&results->table, file->file, file->scales.catchment, results->id,
                              &results->format, &texts, err);
    return explain(err, file, status);
}

cs_status cs_results_complete(cs_results *results, const char *report, cs_error *err)
{
    CS_TRY(write_table(results, report, err));
    CS_TRY(close_file(results, &results->by_catchment, err));
    CS_TRY(cs_output_sync(results->by_catchment.output, err));
    if (results->format.with_steps) {
        CS_TRY(close_file(results, &results->by_step, err));
        CS_TRY(cs_output_sync(results->by_step.output, err));
    }
    return CS_OK;
}

cs_status cs_results_finish(cs_results *results, const char *report, cs_error *err)
{
    CS_TRY(cs_results_complete(results, report, err)); /* both are whole before either */
    if (results->format.with_steps) {                  /* has its name */
        CS_TRY(cs_output_finish(results->by_step.output, err));
    }
    return cs_output_finish(results->by_catchment.output, err);
}

cs_status cs_results_read_identity(char **identity, const char *path, cs_error *err)
{
    hid_t file = H5I_INVALID_HID;
    *identity = NULL;
    CS_TRY(cs_hdf_open(&file, path, err));
    cs_status status = CS_OK;
    if (H5Lexists(file, "run", H5P_DEFAULT) > 0) {
        const hid_t run = H5Gopen2(file, "run", H5P_DEFAULT);
        status = cs_hdf_read_text_dataset(identity, run, "identity", err);
        H5Gclose(run);
    }
    cs_hdf_drop(file);
    return status;
}

static void drop_file(result_file *file)
{
    cs_error ignored; /* the file is removed */
    (void)close_datasets(file, &ignored);
    cs_hdf_drop(file->file);
    cs_output_release(&file->own);
}

void cs_results_close(cs_results *results)
{
    if (results == NULL) {
        return;
    }
    drop_file(&results->by_catchment);
    drop_file(&results->by_step);
    cs_result_table_close(&results->table);
    free(results->id);
    free(results->substance);
    free(results->configuration);
    free(results->history);
    free(results->identity);
    free(results);
}
