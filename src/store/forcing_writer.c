/* SPDX-License-Identifier: MIT */
#include "store/forcing_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/output.h"
#include "store/content_id.h"
#include "store/timeseries.h"

struct cs_forcing_writer {
    cs_output output;
    hid_t file;
    cs_scales scales;
    size_t n_catchment, n_time;
    hid_t variable[CS_N_VARIABLES];
    cs_content_id *content; /* hashes what is written */
};

static cs_status explain(cs_error *err, const cs_forcing_writer *writer, cs_status status)
{
    if (status == CS_OK) {
        return CS_OK;
    }
    cs_error inner = *err;
    return cs_fail(err, status, "%s: %s", writer->output.part_path, inner.message);
}

static cs_status write_integers(cs_forcing_writer *writer, const char *name, hid_t type,
                                const void *values, const char *long_name, cs_error *err)
{
    if (values == NULL) {
        return CS_OK;
    }
    const cs_hdf_layout layout = {.name = name,
                                  .type = type,
                                  .rank = 1,
                                  .shape = {writer->n_catchment},
                                  .long_name = long_name};
    cs_content_id_add(writer->content, values, writer->n_catchment * H5Tget_size(type));
    return cs_hdf_write_array(writer->file, &layout, values, &writer->scales.catchment, err);
}

static cs_status create_variables(cs_forcing_writer *writer, int level, cs_error *err)
{
    static const char *const LONG_NAMES[CS_N_VARIABLES] = {
        "air temperature", "precipitation", "discharge at the outlet of the catchment",
        "discharge that arises in the catchment itself"};
    static const char *const STANDARD_NAMES[CS_N_VARIABLES] = {
        "air_temperature", NULL, "water_volume_transport_in_river_channel", NULL};
    const hid_t scales[2] = {writer->scales.catchment, writer->scales.time};
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        const cs_hdf_layout layout = {.name = cs_variable_name((cs_variable)v),
                                      .type = H5T_IEEE_F32LE,
                                      .rank = 2,
                                      .shape = {writer->n_catchment, writer->n_time},
                                      .chunk = {1, writer->n_time},
                                      .filters = cs_filters_make(sizeof(float), level),
                                      .units = cs_variable_units((cs_variable)v),
                                      .long_name = LONG_NAMES[v],
                                      .standard_name = STANDARD_NAMES[v]};
        CS_TRY(cs_timeseries_variable(&writer->variable[v], writer->file, &layout, scales, err));
        CS_TRY(cs_hdf_write_text(writer->variable[v], "cell_methods", "time: mean", err));
    }
    return CS_OK;
}

static cs_status read_start(double *start, const cs_forcing_spec *spec, cs_error *err)
{
    double unit_seconds = 0.0, epoch = 0.0;
    if (!cs_calendar_units(&unit_seconds, &epoch, spec->time_units) || unit_seconds != 3600.0) {
        return cs_fail(err, CS_INTERNAL, "time units \"%s\" are no hours since a date",
                       spec->time_units);
    }
    *start = epoch + 3600.0 * spec->step_hours;
    return CS_OK;
}

static cs_status write_head(cs_forcing_writer *writer, const cs_forcing_spec *spec, cs_error *err)
{
    cs_timeseries about = {.n_catchment = spec->n_catchment,
                           .n_time = spec->n_time,
                           .id = spec->id,
                           .step_hours = spec->step_hours,
                           .title = spec->title,
                           .source = spec->source,
                           .history = spec->history,
                           .licence = spec->licence,
                           .attribution = spec->attribution};
    CS_TRY(read_start(&about.start, spec, err));
    CS_TRY(cs_hdf_create(&writer->file, writer->output.part_path, err));
    CS_TRY(cs_timeseries_write(&writer->scales, writer->file, &about, err));
    cs_content_id_add(writer->content, spec->id, spec->n_catchment * sizeof *spec->id);
    CS_TRY(write_integers(writer, "next_down_id", H5T_NATIVE_INT64, spec->next_down_id,
                          "id of the next catchment downstream, 0: outlet", err));
    CS_TRY(write_integers(writer, "strahler", H5T_NATIVE_INT32, spec->strahler,
                          "Strahler order of the catchment's stream", err));
    return create_variables(writer, spec->deflate, err);
}

cs_status cs_forcing_writer_create(cs_forcing_writer **out, const char *path,
                                   const cs_forcing_spec *spec, cs_error *err)
{
    cs_forcing_writer *writer = NULL;
    CS_TRY(cs_alloc(&writer, 1, sizeof *writer, "the file writer", err));
    *writer = (cs_forcing_writer){.output = {.journal = -1},
                                  .file = H5I_INVALID_HID,
                                  .scales = {H5I_INVALID_HID, H5I_INVALID_HID},
                                  .n_catchment = spec->n_catchment,
                                  .n_time = spec->n_time};
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        writer->variable[v] = H5I_INVALID_HID;
    }
    cs_status status = CS_OK;
    CS_CHECK(cs_content_id_open(&writer->content, err));
    CS_CHECK(cs_output_claim(&writer->output, path, spec->replace, err));
    CS_CHECK(explain(err, writer, write_head(writer, spec, err)));
    *out = writer;
    return CS_OK;
release:
    cs_forcing_writer_close(writer);
    return status;
}

cs_status cs_forcing_writer_number(cs_forcing_writer *writer, const char *name,
                                   const double *values, const char *units, const char *long_name,
                                   cs_error *err)
{
    const cs_hdf_layout layout = {.name = name,
                                  .type = H5T_IEEE_F64LE,
                                  .rank = 1,
                                  .shape = {writer->n_catchment},
                                  .units = units,
                                  .long_name = long_name};
    cs_content_id_add(writer->content, values, writer->n_catchment * sizeof *values);
    return explain(
        err, writer,
        cs_hdf_write_array(writer->file, &layout, values, &writer->scales.catchment, err));
}

cs_status cs_forcing_writer_row(cs_forcing_writer *writer, cs_variable variable, size_t index,
                                const void *encoded, size_t size, cs_error *err)
{
    const hsize_t offset[2] = {index, 0};
    cs_content_id_add(writer->content, encoded, size);
    return explain(err, writer,
                   cs_hdf_write_chunk(writer->variable[variable], offset, encoded, size, err));
}

cs_status cs_forcing_writer_read(cs_forcing_writer *writer, cs_bytes *out, cs_variable variable,
                                 size_t index, cs_error *err)
{
    const hsize_t offset[2] = {index, 0};
    uint32_t skipped = 0;
    return explain(err, writer,
                   cs_hdf_read_chunk(writer->variable[variable], offset, out, &skipped, err));
}

static cs_status close_datasets(cs_forcing_writer *writer, cs_error *err)
{
    cs_status status = cs_scales_close(&writer->scales, err);
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        cs_error other;
        const cs_status closed = cs_hdf_close_dataset(
            &writer->variable[v], cs_variable_name((cs_variable)v), status == CS_OK ? err : &other);
        status = status == CS_OK ? closed : status;
    }
    return status;
}

cs_status cs_forcing_writer_finish(cs_forcing_writer *writer, cs_error *err)
{
    char id[CS_CONTENT_ID_LENGTH];
    if (cs_content_id_text(id, writer->content)) {
        CS_TRY(cs_hdf_write_text(writer->file, "content_id", id, err));
    }
    CS_TRY(explain(err, writer, close_datasets(writer, err)));
    const hid_t file = writer->file;
    writer->file = H5I_INVALID_HID;
    CS_TRY(cs_hdf_close(file, writer->output.part_path, err));
    return cs_output_finish(&writer->output, err);
}

void cs_forcing_writer_close(cs_forcing_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    cs_error ignored; /* an unfinished file is removed */
    (void)close_datasets(writer, &ignored);
    cs_hdf_drop(writer->file);
    cs_output_release(&writer->output);
    cs_content_id_close(writer->content);
    free(writer);
}
