/* SPDX-License-Identifier: MIT */
/* The CF timeSeries input file of docs/file-formats.md. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/log.h"
#include "store/forcing_ops.h"
#include "store/hdf.h"
#include "store/names.h"
#include "store/units.h"

typedef struct {
    char *path;
    hid_t file;
    size_t n_catchment, n_time;
    hid_t variable[CS_N_VARIABLES]; /* negative: not wanted */
    bool raw[CS_N_VARIABLES];       /* chunks are rows of ours: passed on as they are */
    float *row;                     /* [n_time] */
} cf_input;

/* For files that are not stored by catchment: rows of the same chunks follow each other. */
enum { CACHE_BYTES = 64 << 20, CACHE_SLOTS = 12421 /* a prime, HDF5's advice */ };

static cs_status bad(cs_error *err, const cf_input *input, const char *dataset, const char *what)
{
    return cs_fail(err, CS_DATA, "%s: dataset %s: %s", input->path, dataset, what);
}

/* ---- opening datasets ---- */

/* Opens a dataset and checks its shape; *dataset is negative where there is none of that name. */
static cs_status open_shaped(hid_t *dataset, const cf_input *input, const char *name, int rank,
                             const hsize_t *shape, cs_error *err)
{
    *dataset = H5I_INVALID_HID;
    if (H5Lexists(input->file, name, H5P_DEFAULT) <= 0) {
        return CS_OK;
    }
    const hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access, CACHE_SLOTS, CACHE_BYTES, 0.75);
    *dataset = H5Dopen2(input->file, name, access);
    H5Pclose(access);
    if (*dataset < 0) {
        return cs_hdf_fail(err, CS_DATA, "%s: %s is no dataset that can be opened", input->path,
                           name);
    }
    hsize_t actual[H5S_MAX_RANK] = {0};
    const hid_t space = H5Dget_space(*dataset);
    const int actual_rank = H5Sget_simple_extent_dims(space, actual, NULL);
    H5Sclose(space);
    bool same = actual_rank == rank;
    for (int i = 0; same && i < rank; i++) {
        same = shape[i] == 0 || actual[i] == shape[i];
    }
    if (!same) {
        H5Dclose(*dataset);
        *dataset = H5I_INVALID_HID;
        return cs_fail(err, CS_DATA, "%s: dataset %s: shape %llu x %llu (rank %d), expected %s",
                       input->path, name, (unsigned long long)actual[0],
                       (unsigned long long)(actual_rank > 1 ? actual[1] : 1), actual_rank,
                       rank == 2       ? "(catchment, time)"
                       : shape[0] == 0 ? "one dimension"
                                       : "(catchment)");
    }
    return CS_OK;
}

static H5T_class_t class_of(hid_t dataset)
{
    const hid_t type = H5Dget_type(dataset);
    const H5T_class_t class = H5Tget_class(type);
    H5Tclose(type);
    return class;
}

static size_t length_of(hid_t dataset)
{
    const hid_t space = H5Dget_space(dataset);
    const hssize_t length = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    return length > 0 ? (size_t)length : 0;
}

/* ---- ids ---- */

/* Adds file and dataset (NULL: the file's own) to what an attribute's reader says. */
static cs_status explain(cs_error *err, const cf_input *input, const char *dataset,
                         cs_status status)
{
    if (status != CS_OK) {
        const cs_error inner = *err;
        return cs_fail(err, status, "%s: %s%s%s%s", input->path, dataset == NULL ? "" : "dataset ",
                       dataset == NULL ? "" : dataset, dataset == NULL ? "" : ": ", inner.message);
    }
    return CS_OK;
}

static cs_status read_names(cs_forcing_info *info, hid_t dataset, const cf_input *input,
                            const char *name, cs_error *err)
{
    char *where = NULL;
    CS_TRY(cs_format(&where, err, "%s: dataset %s", input->path, name));
    const cs_status status = cs_names_read(&info->name, dataset, info->n_catchment, where, err);
    free(where);
    return status;
}

/* Texts that are numbers are the ids; otherwise they are names, and the ids places in the file. */
static cs_status read_text_ids(cs_forcing_info *info, hid_t dataset, const cf_input *input,
                               cs_error *err)
{
    CS_TRY(read_names(info, dataset, input, "catchment", err));
    if (cs_names_are_ids(info->id, info->name, info->n_catchment)) {
        cs_names_free(info->name, info->n_catchment);
        info->name = NULL;
        return CS_OK;
    }
    for (size_t i = 0; i < info->n_catchment; i++) {
        info->id[i] = (int64_t)i + 1;
    }
    return CS_OK;
}

static cs_status read_number_ids(cs_forcing_info *info, hid_t dataset, const cf_input *input,
                                 cs_error *err)
{
    if (H5Dread(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, info->id) < 0) {
        return cs_hdf_fail(err, CS_DATA, "%s: dataset catchment: cannot be read", input->path);
    }
    hid_t names = H5I_INVALID_HID;
    const hsize_t shape = info->n_catchment;
    CS_TRY(open_shaped(&names, input, "catchment_name", 1, &shape, err));
    if (names < 0) {
        return CS_OK;
    }
    const cs_status status = class_of(names) == H5T_STRING
                                 ? read_names(info, names, input, "catchment_name", err)
                                 : bad(err, input, "catchment_name", "must hold texts");
    H5Dclose(names);
    return status;
}

static cs_status read_ids(cs_forcing_info *info, cf_input *input, cs_error *err)
{
    hid_t dataset = H5I_INVALID_HID;
    const hsize_t any = 0;
    CS_TRY(open_shaped(&dataset, input, "catchment", 1, &any, err));
    if (dataset < 0) {
        return bad(err, input, "catchment", "is missing; it holds the id of every catchment");
    }
    info->n_catchment = input->n_catchment = length_of(dataset);
    const H5T_class_t class = class_of(dataset);
    cs_status status = CS_OK;
    if (info->n_catchment == 0) {
        status = bad(err, input, "catchment", "is empty; there must be at least one catchment");
    } else if (class != H5T_INTEGER && class != H5T_STRING) {
        status = bad(err, input, "catchment", "must hold integers or texts");
    } else {
        status = cs_alloc(&info->id, info->n_catchment, sizeof *info->id, "the ids", err);
    }
    if (status == CS_OK) {
        status = class == H5T_STRING ? read_text_ids(info, dataset, input, err)
                                     : read_number_ids(info, dataset, input, err);
    }
    H5Dclose(dataset);
    return status;
}

/* ---- time axis ---- */

static cs_status check_steps(cs_forcing_info *info, const double *time, double unit_seconds,
                             const cf_input *input, cs_error *err)
{
    const double step = info->n_time > 1 ? time[1] - time[0] : 3600.0 / unit_seconds;
    for (size_t i = 0; i < info->n_time; i++) {
        const double expected = time[0] + (double)i * step;
        if (!(fabs(time[i] - expected) <= 1e-6 * step * (double)(i + 1)) || !(step > 0.0)) {
            return cs_fail(err, CS_DATA,
                           "%s: dataset time: value %zu is %.17g, expected %.17g; time steps must "
                           "be positive and all the same",
                           input->path, i + 1, time[i], expected);
        }
    }
    info->step_days = step * unit_seconds / 86400.0;
    return CS_OK;
}

static cs_status read_time_values(cs_forcing_info *info, hid_t dataset, const cf_input *input,
                                  cs_error *err)
{
    double *time = NULL, unit_seconds = 0.0, epoch = 0.0;
    char *units = NULL;
    cs_status status = CS_OK;
    CS_CHECK(explain(err, input, "time", cs_hdf_read_text(&units, dataset, "units", err)));
    if (units == NULL || !cs_calendar_units(&unit_seconds, &epoch, units)) {
        status = cs_fail(err, CS_DATA,
                         "%s: dataset time: units \"%s\" are not understood; write \"hours since "
                         "YYYY-MM-DD 00:00:00\"",
                         input->path, units == NULL ? "" : units);
        goto release;
    }
    CS_CHECK(cs_alloc(&time, info->n_time, sizeof *time, "the time axis", err));
    if (H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, time) < 0) {
        status = cs_hdf_fail(err, CS_DATA, "%s: dataset time: cannot be read", input->path);
        goto release;
    }
    CS_CHECK(check_steps(info, time, unit_seconds, input, err));
    info->start = epoch + time[0] * unit_seconds;
release:
    free(units);
    free(time);
    return status;
}

static cs_status read_time(cs_forcing_info *info, cf_input *input, cs_error *err)
{
    hid_t dataset = H5I_INVALID_HID;
    const hsize_t any = 0;
    CS_TRY(open_shaped(&dataset, input, "time", 1, &any, err));
    if (dataset < 0) {
        return bad(err, input, "time", "is missing; it holds the end of every time step");
    }
    info->n_time = input->n_time = length_of(dataset);
    const H5T_class_t class = class_of(dataset);
    cs_status status = CS_OK;
    if (info->n_time == 0) {
        status = bad(err, input, "time", "is empty; there must be at least one time step");
    } else if (class != H5T_FLOAT && class != H5T_INTEGER) {
        status = bad(err, input, "time", "must hold numbers");
    } else {
        status = read_time_values(info, dataset, input, err);
    }
    H5Dclose(dataset);
    return status;
}

/* ---- forcing variables ---- */

/* Whether chunks are whole rows, as float32 of this machine, with no filter but ours. */
static bool is_raw(cs_filters *filters, hid_t dataset, size_t n_time)
{
    bool raw = false;
    const hid_t list = H5Dget_create_plist(dataset), type = H5Dget_type(dataset);
    hsize_t chunk[2] = {0, 0};
    *filters = (cs_filters){.element_size = sizeof(float)};
    if (H5Tequal(type, H5T_IEEE_F32LE) > 0 && H5Pget_layout(list) == H5D_CHUNKED &&
        H5Pget_chunk(list, 2, chunk) == 2) {
        raw = chunk[0] == 1 && chunk[1] == n_time;
        const int n_filters = H5Pget_nfilters(list);
        for (int i = 0; raw && i < n_filters; i++) {
            unsigned flags = 0, values[8] = {0};
            size_t n_values = 8;
            const H5Z_filter_t id =
                H5Pget_filter2(list, (unsigned)i, &flags, &n_values, values, 0, NULL, NULL);
            if (id == H5Z_FILTER_SHUFFLE && i == 0) {
                filters->shuffle = 1;
            } else if (id == H5Z_FILTER_DEFLATE && i == n_filters - 1) {
                filters->deflate = 1;
            } else {
                raw = false;
            }
        }
    }
    H5Tclose(type);
    H5Pclose(list);
    if (!raw) {
        *filters = (cs_filters){.element_size = sizeof(float)};
    }
    return raw;
}

static cs_status read_conversion(cs_row_format *format, hid_t dataset, const cf_input *input,
                                 const char *name, cs_error *err)
{
    char *units = NULL;
    const char *known = NULL;
    CS_TRY(explain(err, input, name, cs_hdf_read_text(&units, dataset, "units", err)));
    cs_status status = CS_OK;
    if (!cs_units_conversion(&format->factor, &format->summand, &known, name, units)) {
        status = cs_fail(err, CS_DATA, "%s: dataset %s: attribute units is \"%s\"; write %s",
                         input->path, name, units == NULL ? "" : units, known);
    }
    free(units);
    return status;
}

/* The value of what is missing: _FillValue, or what netCDF fills with where nobody says so, 15 x
 * 2^119, float and double alike. */
static cs_status read_missing(double *missing, hid_t dataset, const cf_input *input,
                              const char *name, cs_error *err)
{
    bool found = false;
    CS_TRY(
        explain(err, input, name, cs_hdf_read_number(missing, &found, dataset, "_FillValue", err)));
    if (!found) {
        *missing = 0x1.ep122;
    }
    return CS_OK;
}

static cs_status refuse_packed(hid_t dataset, const cf_input *input, const char *name,
                               cs_error *err)
{
    if (H5Aexists(dataset, "scale_factor") > 0 || H5Aexists(dataset, "add_offset") > 0) {
        return bad(err, input, name, "is packed (scale_factor, add_offset); write it as float32");
    }
    return CS_OK;
}

static cs_status check_variable(cs_row_format *format, hid_t dataset, const cf_input *input,
                                const char *name, cs_error *err)
{
    if (class_of(dataset) != H5T_FLOAT) {
        return bad(err, input, name, "must hold floating-point numbers (float32)");
    }
    double missing = NAN;
    CS_TRY(refuse_packed(dataset, input, name, err));
    CS_TRY(read_conversion(format, dataset, input, name, err));
    CS_TRY(read_missing(&missing, dataset, input, name, err));
    const bool is_number = !isnan(missing);
    format->has_missing = is_number;
    format->missing = (float)missing;
    return CS_OK;
}

static cs_status cf_want(void *self, cs_row_format *format, cs_variable variable, cs_error *err)
{
    cf_input *input = self;
    const char *name = cs_variable_name(variable);
    const hsize_t shape[2] = {input->n_catchment, input->n_time};
    hid_t dataset = H5I_INVALID_HID;
    CS_TRY(open_shaped(&dataset, input, name, 2, shape, err));
    if (dataset < 0) {
        return cs_fail(err, CS_DATA,
                       "%s: dataset %s is missing; it holds float32 (catchment, time) in %s",
                       input->path, name, cs_variable_units(variable));
    }
    const cs_status status = check_variable(format, dataset, input, name, err);
    if (status != CS_OK) {
        H5Dclose(dataset);
        return status;
    }
    input->variable[variable] = dataset;
    input->raw[variable] = is_raw(&format->filters, dataset, input->n_time);
    if (!input->raw[variable]) {
        cs_log(CS_LOG_INFO,
               "%s: dataset %s is not stored by catchment (chunks of 1 x n_time, shuffle, "
               "deflate): rank 0 reads it slowly",
               input->path, name);
    }
    return CS_OK;
}

static cs_status append_raw(cf_input *input, cs_bytes *packet, cs_variable variable, size_t place,
                            cs_error *err)
{
    const hsize_t offset[2] = {place, 0};
    cs_bytes chunk = {0};
    uint32_t skipped = 0;
    cs_status status = cs_hdf_read_chunk(input->variable[variable], offset, &chunk, &skipped, err);
    if (status == CS_OK) {
        status = cs_packet_append(packet, chunk.data, chunk.size, skipped, err);
    }
    cs_bytes_free(&chunk);
    return status;
}

static cs_status append_read(cf_input *input, cs_bytes *packet, cs_variable variable, size_t place,
                             cs_error *err)
{
    const hsize_t start[2] = {place, 0}, count[2] = {1, input->n_time};
    const hid_t memory = H5Screate_simple(2, count, NULL);
    const hid_t space = H5Dget_space(input->variable[variable]);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    const herr_t read = H5Dread(input->variable[variable], H5T_NATIVE_FLOAT, memory, space,
                                H5P_DEFAULT, input->row);
    H5Sclose(space);
    H5Sclose(memory);
    if (read < 0) {
        return cs_hdf_fail(err, CS_DATA, "%s: dataset %s: row %zu cannot be read", input->path,
                           cs_variable_name(variable), place + 1);
    }
    return cs_packet_append(packet, input->row, input->n_time * sizeof(float), 0, err);
}

static cs_status append_row(cf_input *input, cs_bytes *packet, cs_variable variable, size_t place,
                            cs_error *err)
{
    if (!input->raw[variable]) {
        return append_read(input, packet, variable, place, err);
    }
    return append_raw(input, packet, variable, place, err);
}

static cs_status cf_rows(void *self, cs_bytes *packet, const cs_forcing_format *format,
                         const size_t *place, size_t count, cs_error *err)
{
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        for (size_t i = 0; format->variable[v].wanted && i < count; i++) {
            CS_TRY(append_row(self, packet, (cs_variable)v, place[i], err));
        }
    }
    return CS_OK;
}

/* ---- per-catchment numbers ---- */

static cs_status read_numbers(double *values, hid_t dataset, const cf_input *input,
                              const char *name, cs_error *err)
{
    const H5T_class_t class = class_of(dataset);
    if (class != H5T_FLOAT && class != H5T_INTEGER) {
        return bad(err, input, name, "must hold numbers");
    }
    cs_row_format format = {0};
    double missing = NAN;
    CS_TRY(refuse_packed(dataset, input, name, err));
    CS_TRY(read_conversion(&format, dataset, input, name, err));
    CS_TRY(read_missing(&missing, dataset, input, name, err));
    if (H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
        return cs_hdf_fail(err, CS_DATA, "%s: dataset %s: cannot be read", input->path, name);
    }
    for (size_t i = 0; i < input->n_catchment; i++) {
        values[i] = values[i] == missing ? (double)NAN : format.factor * values[i] + format.summand;
    }
    return CS_OK;
}

static cs_status cf_number(void *self, double **values, const char *name, cs_error *err)
{
    const cf_input *input = self;
    const hsize_t shape = input->n_catchment;
    hid_t dataset = H5I_INVALID_HID;
    *values = NULL;
    CS_TRY(open_shaped(&dataset, input, name, 1, &shape, err));
    if (dataset < 0) {
        return CS_OK;
    }
    cs_status status = cs_alloc(values, input->n_catchment, sizeof **values, name, err);
    if (status == CS_OK) {
        status = read_numbers(*values, dataset, input, name, err);
    }
    if (status != CS_OK) {
        free(*values);
        *values = NULL;
    }
    H5Dclose(dataset);
    return status;
}

static uint64_t cf_size(void *self, cs_variable variable)
{
    const cf_input *input = self;
    return H5Dget_storage_size(input->variable[variable]);
}

static void cf_close(void *self)
{
    cf_input *input = self;
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        if (input->variable[v] >= 0) {
            H5Dclose(input->variable[v]);
        }
    }
    cs_hdf_drop(input->file);
    free(input->path);
    free(input->row);
    free(input);
}

static const cs_forcing_ops CF_OPS = {.kind = "CF timeSeries",
                                      .want = cf_want,
                                      .number = cf_number,
                                      .rows = cf_rows,
                                      .size = cf_size,
                                      .close = cf_close};

static cs_status read_texts(cs_forcing_info *info, const cf_input *input, cs_error *err)
{
    const struct {
        const char *name;
        char **text;
    } texts[] = {{"title", &info->title},          {"source", &info->source},
                 {"history", &info->history},      {"licence", &info->licence},
                 {"license", &info->licence},      {"attribution", &info->attribution},
                 {"content_id", &info->content_id}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (*texts[i].text == NULL) {
            CS_TRY(explain(err, input, NULL,
                           cs_hdf_read_text(texts[i].text, input->file, texts[i].name, err)));
        }
    }
    return cs_copy_string(&info->path, input->path, err);
}

cs_status cs_forcing_cf_open(cs_forcing_file *file, const char *path, cs_error *err)
{
    cf_input *input = NULL;
    CS_TRY(cs_alloc(&input, 1, sizeof *input, "the input", err));
    input->file = H5I_INVALID_HID;
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        input->variable[v] = H5I_INVALID_HID;
    }
    file->ops = &CF_OPS; /* from here on close releases it */
    file->self = input;
    CS_TRY(cs_copy_string(&input->path, path, err));
    CS_TRY(cs_hdf_open(&input->file, path, err));
    CS_TRY(read_texts(&file->info, input, err));
    CS_TRY(read_ids(&file->info, input, err));
    CS_TRY(read_time(&file->info, input, err));
    return cs_alloc(&input->row, input->n_time, sizeof *input->row, "a row", err);
}
