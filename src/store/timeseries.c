/* SPDX-License-Identifier: MIT */
#include "store/timeseries.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

static cs_status write_root(hid_t file, const cs_timeseries *about, cs_error *err)
{
    const int format = 1;
    CS_TRY(cs_hdf_write_text(file, "Conventions", "CF-1.8", err));
    CS_TRY(cs_hdf_write_text(file, "featureType", "timeSeries", err));
    CS_TRY(cs_hdf_write_scalar(file, "catchsim_format", H5T_NATIVE_INT, &format, err));
    CS_TRY(cs_hdf_write_text(file, "title", about->title, err));
    CS_TRY(cs_hdf_write_text(file, "source", about->source, err));
    CS_TRY(cs_hdf_write_text(file, "history", about->history, err));
    CS_TRY(cs_hdf_write_text(file, "licence", about->licence, err));
    return cs_hdf_write_text(file, "attribution", about->attribution, err);
}

static cs_status write_catchment(cs_scales *scales, hid_t file, const cs_timeseries *about,
                                 cs_error *err)
{
    const cs_hdf_layout layout = {.name = "catchment",
                                  .type = H5T_NATIVE_INT64,
                                  .rank = 1,
                                  .shape = {about->n_catchment},
                                  .long_name = "catchment id"};
    CS_TRY(cs_hdf_create_dataset(&scales->catchment, file, &layout, err));
    CS_TRY(cs_hdf_write_text(scales->catchment, "cf_role", "timeseries_id", err));
    if (H5Dwrite(scales->catchment, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, about->id) <
        0) {
        return cs_hdf_fail(err, CS_IO, "dataset catchment cannot be written");
    }
    return cs_hdf_make_scale(scales->catchment, "catchment", err);
}

static cs_status write_names(const cs_scales *scales, hid_t file, const cs_timeseries *about,
                             cs_error *err)
{
    if (about->name == NULL) {
        return CS_OK;
    }
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    const cs_hdf_layout layout = {.name = "catchment_name",
                                  .type = type,
                                  .rank = 1,
                                  .shape = {about->n_catchment},
                                  .long_name = "catchment id as given"};
    const cs_status status =
        cs_hdf_write_array(file, &layout, about->name, &scales->catchment, err);
    H5Tclose(type);
    return status;
}

/* The epoch is the midnight at or before the first interval's beginning. */
static double epoch_of(const cs_timeseries *about)
{
    return 86400.0 * floor((about->start - about->step_hours * 3600.0) / 86400.0 + 1e-9);
}

static cs_status write_bounds(const cs_scales *scales, hid_t file, const double *hours,
                              const cs_timeseries *about, cs_error *err)
{
    double *bounds = NULL;
    CS_TRY(cs_alloc(&bounds, about->n_time, 2 * sizeof *bounds, "time bounds", err));
    for (size_t i = 0; i < about->n_time; i++) {
        bounds[2 * i] = i > 0 ? hours[i - 1] : hours[i] - about->step_hours;
        bounds[2 * i + 1] = hours[i];
    }
    hid_t nv = H5I_INVALID_HID;
    const cs_hdf_layout nv_layout = {.name = "nv", .type = H5T_IEEE_F32BE, .rank = 1, .shape = {2}};
    cs_status status = CS_OK;
    CS_CHECK(cs_hdf_create_dataset(&nv, file, &nv_layout, err));
    /* how netCDF-4 marks a dimension that has no variable: name and length, ten digits */
    CS_CHECK(cs_hdf_make_scale(
        nv, "This is a netCDF dimension but not a netCDF variable.         2", err));
    const hid_t both[2] = {scales->time, nv};
    const cs_hdf_layout layout = {
        .name = "time_bnds", .type = H5T_NATIVE_DOUBLE, .rank = 2, .shape = {about->n_time, 2}};
    CS_CHECK(cs_hdf_write_array(file, &layout, bounds, both, err));
release:
    if (nv >= 0) {
        H5Dclose(nv);
    }
    free(bounds);
    return status;
}

static cs_status write_time(cs_scales *scales, hid_t file, const cs_timeseries *about,
                            cs_error *err)
{
    const double epoch = epoch_of(about);
    const double first = (about->start - epoch) / 3600.0;
    char date[CS_CALENDAR_LENGTH], units[CS_CALENDAR_LENGTH + 16];
    cs_calendar_format(date, epoch);
    snprintf(units, sizeof units, "hours since %s", date);
    double *hours = NULL;
    cs_status status = CS_OK;
    CS_CHECK(cs_alloc(&hours, about->n_time, sizeof *hours, "the time axis", err));
    for (size_t i = 0; i < about->n_time; i++) {
        hours[i] = first + (double)i * about->step_hours;
    }
    const cs_hdf_layout layout = {.name = "time",
                                  .type = H5T_NATIVE_DOUBLE,
                                  .rank = 1,
                                  .shape = {about->n_time},
                                  .units = units,
                                  .long_name = "end of the time step, UTC",
                                  .standard_name = "time"};
    CS_CHECK(cs_hdf_create_dataset(&scales->time, file, &layout, err));
    CS_CHECK(cs_hdf_write_text(scales->time, "calendar", "standard", err));
    CS_CHECK(cs_hdf_write_text(scales->time, "bounds", "time_bnds", err));
    CS_CHECK(cs_hdf_write_text(scales->time, "axis", "T", err));
    if (H5Dwrite(scales->time, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, hours) < 0) {
        status = cs_hdf_fail(err, CS_IO, "dataset time cannot be written");
        goto release;
    }
    CS_CHECK(cs_hdf_make_scale(scales->time, "time", err));
    CS_CHECK(write_bounds(scales, file, hours, about, err));
release:
    free(hours);
    return status;
}

cs_status cs_timeseries_write(cs_scales *scales, hid_t file, const cs_timeseries *about,
                              cs_error *err)
{
    CS_TRY(write_root(file, about, err));
    CS_TRY(write_catchment(scales, file, about, err));
    CS_TRY(write_names(scales, file, about, err));
    return write_time(scales, file, about, err);
}

cs_status cs_timeseries_variable(hid_t *dataset, hid_t file, const cs_hdf_layout *layout,
                                 const hid_t scales[2], cs_error *err)
{
    CS_TRY(cs_hdf_create_dataset(dataset, file, layout, err));
    return cs_hdf_attach(*dataset, scales, layout->rank, err);
}

cs_status cs_scales_close(cs_scales *scales, cs_error *err)
{
    const cs_status first = cs_hdf_close_dataset(&scales->catchment, "catchment", err);
    const cs_status second = cs_hdf_close_dataset(&scales->time, "time", err);
    return first != CS_OK ? first : second;
}
