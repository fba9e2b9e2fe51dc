/* SPDX-License-Identifier: MIT */
#include "store/earlier.h"

#include <stdlib.h>

#include "store/forcing.h"
#include "store/hdf.h"
#include "store/result_packet.h"

/* A place and its id, to be put in order of id. */
typedef struct {
    int64_t id;
    size_t place;
} entry;

struct cs_earlier {
    cs_forcing *axes; /* ids and time are read as those of an input */
    hid_t file;
    cs_earlier_info info;
    entry *sorted; /* [n_catchment] */
};

static cs_status no_result(cs_error *err, const cs_earlier *earlier, const char *what)
{
    return cs_fail(err, CS_DATA, "%s: is no result file of catchsim: %s", earlier->info.path, what);
}

/* ---- datasets ---- */

/* Opens a dataset of one value per catchment; negative: there is none. */
static cs_status open_column(hid_t *dataset, const cs_earlier *earlier, const char *name,
                             cs_error *err)
{
    *dataset = H5I_INVALID_HID;
    if (H5Lexists(earlier->file, name, H5P_DEFAULT) <= 0) {
        H5Eclear2(H5E_DEFAULT); /* also where its group is missing */
        return CS_OK;
    }
    *dataset = H5Dopen2(earlier->file, name, H5P_DEFAULT);
    if (*dataset < 0) {
        return cs_hdf_fail(err, CS_DATA, "%s: %s cannot be opened", earlier->info.path, name);
    }
    const hid_t space = H5Dget_space(*dataset);
    hsize_t length = 0;
    const bool fits = H5Sget_simple_extent_ndims(space) == 1 &&
                      H5Sget_simple_extent_dims(space, &length, NULL) == 1 &&
                      length == earlier->info.n_catchment;
    H5Sclose(space);
    if (!fits) {
        H5Dclose(*dataset);
        *dataset = H5I_INVALID_HID;
        return cs_fail(err, CS_DATA, "%s: dataset %s must have one value per catchment",
                       earlier->info.path, name);
    }
    return CS_OK;
}

static cs_status read_column(void *values, const cs_earlier *earlier, hid_t dataset, hid_t type,
                             const char *name, cs_error *err)
{
    return H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0
               ? cs_hdf_fail(err, CS_DATA, "%s: dataset %s cannot be read as numbers",
                             earlier->info.path, name)
               : CS_OK;
}

cs_status cs_earlier_numbers(double **values, const cs_earlier *earlier, const char *name,
                             cs_error *err)
{
    hid_t dataset = H5I_INVALID_HID;
    *values = NULL;
    CS_TRY(open_column(&dataset, earlier, name, err));
    if (dataset < 0) {
        return CS_OK;
    }
    cs_status status = cs_alloc(values, earlier->info.n_catchment, sizeof **values, name, err);
    if (status == CS_OK) {
        status = read_column(*values, earlier, dataset, H5T_NATIVE_DOUBLE, name, err);
    }
    H5Dclose(dataset);
    if (status != CS_OK) {
        free(*values);
        *values = NULL;
    }
    return status;
}

static cs_status read_status(cs_earlier *earlier, cs_error *err)
{
    hid_t dataset = H5I_INVALID_HID;
    cs_earlier_info *info = &earlier->info;
    CS_TRY(open_column(&dataset, earlier, "run_status", err));
    if (dataset < 0) {
        return no_result(err, earlier, "dataset run_status is missing");
    }
    cs_status status = cs_alloc(&info->status, info->n_catchment, 1, "run_status", err);
    if (status == CS_OK) {
        status = read_column(info->status, earlier, dataset, H5T_NATIVE_SCHAR, "run_status", err);
    }
    H5Dclose(dataset);
    for (size_t i = 0; status == CS_OK && i < info->n_catchment; i++) {
        if (info->status[i] < 0 || info->status[i] >= CS_N_RUN_STATUS) {
            status = no_result(err, earlier, "run_status has unknown values");
        }
    }
    return status;
}

/* ---- what the file is about ---- */

static cs_status read_type(cs_earlier *earlier, cs_error *err)
{
    const hid_t dataset = H5Dopen2(earlier->file, "load", H5P_DEFAULT);
    if (dataset < 0) {
        H5Eclear2(H5E_DEFAULT);
        return no_result(err, earlier, "dataset load is missing");
    }
    const hid_t type = H5Dget_type(dataset);
    earlier->info.float64 = H5Tget_size(type) == sizeof(double);
    H5Tclose(type);
    H5Dclose(dataset);
    return CS_OK;
}

static cs_status read_configuration(cs_earlier *earlier, cs_error *err)
{
    char *text = NULL;
    const hid_t dataset = H5Dopen2(earlier->file, "run/configuration", H5P_DEFAULT);
    if (dataset < 0) {
        H5Eclear2(H5E_DEFAULT);
        return no_result(err, earlier, "dataset /run/configuration is missing");
    }
    const hid_t stored = H5Dget_type(dataset);
    const bool is_text = H5Tis_variable_str(stored) > 0;
    const bool is_read =
        is_text && H5Dread(dataset, stored, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text) >= 0;
    cs_status status = CS_OK;
    if (is_read) {
        status = cs_copy_string(&earlier->info.configuration, text != NULL ? text : "", err);
        H5free_memory(text);
    } else {
        status =
            cs_hdf_fail(err, CS_DATA, "%s: /run/configuration cannot be read", earlier->info.path);
    }
    H5Tclose(stored);
    H5Dclose(dataset);
    return status;
}

/* Files of version 0.1.0 from before there were pieces have neither: they begin their series. */
static cs_status read_series(cs_earlier *earlier, cs_error *err)
{
    cs_earlier_info *info = &earlier->info;
    double number = 0.0;
    bool has_start = false, has_number = false;
    CS_TRY(cs_hdf_read_number(&info->series_start, &has_start, earlier->file, "series_start", err));
    CS_TRY(cs_hdf_read_number(&number, &has_number, earlier->file, "series_number", err));
    if (!has_start || !has_number) {
        info->series_start = info->start;
        number = 0.0;
    }
    if (!(number >= 0.0 && number < 9e15)) {
        return no_result(err, earlier, "attribute series_number is no row number");
    }
    info->series_number = (uint64_t)number;
    return CS_OK;
}

static cs_status read_head(cs_earlier *earlier, cs_error *err)
{
    const cs_forcing_info *axes = cs_forcing_get_info(earlier->axes);
    cs_earlier_info *info = &earlier->info;
    *info = (cs_earlier_info){.path = axes->path,
                              .n_catchment = axes->n_catchment,
                              .n_time = axes->n_time,
                              .id = axes->id,
                              .step_days = axes->step_days,
                              .start = axes->start};
    info->last = info->start + (double)(info->n_time - 1) * info->step_days * 86400.0;
    CS_TRY(cs_hdf_read_text(&info->substance, earlier->file, "substance", err));
    CS_TRY(cs_hdf_read_text(&info->model, earlier->file, "model", err));
    CS_TRY(cs_hdf_read_text(&info->content_id, earlier->file, "input_content_id", err));
    if (info->substance == NULL || info->model == NULL) {
        return no_result(err, earlier, "attributes substance and model are missing");
    }
    CS_TRY(read_series(earlier, err));
    CS_TRY(read_status(earlier, err));
    CS_TRY(read_type(earlier, err));
    return read_configuration(earlier, err);
}

/* ---- ids ---- */

static int compare_entries(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static cs_status sort_ids(cs_earlier *earlier, cs_error *err)
{
    const cs_earlier_info *info = &earlier->info;
    CS_TRY(cs_alloc(&earlier->sorted, info->n_catchment, sizeof(entry), "the ids", err));
    for (size_t i = 0; i < info->n_catchment; i++) {
        earlier->sorted[i] = (entry){.id = info->id[i], .place = i};
    }
    qsort(earlier->sorted, info->n_catchment, sizeof(entry), compare_entries);
    return CS_OK;
}

bool cs_earlier_find(size_t *place, const cs_earlier *earlier, int64_t id)
{
    const entry wanted = {.id = id};
    const entry *found = bsearch(&wanted, earlier->sorted, earlier->info.n_catchment, sizeof(entry),
                                 compare_entries);
    if (found != NULL) {
        *place = found->place;
    }
    return found != NULL;
}

const cs_earlier_info *cs_earlier_get_info(const cs_earlier *earlier)
{
    return &earlier->info;
}

/* ---- opening and closing ---- */

cs_status cs_earlier_open(cs_earlier **out, const char *path, cs_error *err)
{
    cs_earlier *earlier = NULL;
    const cs_selection all = cs_selection_all();
    *out = NULL;
    CS_TRY(cs_alloc(&earlier, 1, sizeof *earlier, "an earlier result", err));
    earlier->file = H5I_INVALID_HID;
    cs_status status = CS_OK;
    CS_CHECK(cs_forcing_open(&earlier->axes, path, &all, err));
    CS_CHECK(cs_hdf_open(&earlier->file, path, err));
    CS_CHECK(read_head(earlier, err));
    CS_CHECK(sort_ids(earlier, err));
    *out = earlier;
    return CS_OK;
release:
    cs_earlier_close(earlier);
    return status;
}

void cs_earlier_close(cs_earlier *earlier)
{
    if (earlier == NULL) {
        return;
    }
    free(earlier->info.substance);
    free(earlier->info.model);
    free(earlier->info.content_id);
    free(earlier->info.configuration);
    free(earlier->info.status);
    free(earlier->sorted);
    cs_hdf_drop(earlier->file);
    cs_forcing_close(earlier->axes);
    free(earlier);
}
