/* SPDX-License-Identifier: MIT */
/**
 * What all our CF timeSeries files share: root attributes, the coordinates catchment and time.
 * Private to src/store.
 */
#ifndef CS_STORE_TIMESERIES_H
#define CS_STORE_TIMESERIES_H

#include "store/hdf.h"

/** The coordinates of a file. All borrowed; texts may be NULL. */
typedef struct {
    size_t n_catchment, n_time;
    const int64_t *id;
    char *const *name; /* NULL: ids are the file's own */
    double step_hours;
    double start; /* seconds since 1970 of the first row's end */
    const char *title, *source, *history, *licence, *attribution;
} cs_timeseries;

/** Dimension scales; negative until made. */
typedef struct {
    hid_t catchment, time;
} cs_scales;

/** Writes root attributes, catchment (with names), time and time_bnds. */
cs_status cs_timeseries_write(cs_scales *scales, hid_t file, const cs_timeseries *about,
                              cs_error *err);

/** Creates an empty variable (catchment, time), or (time, catchment), attached to the scales. */
cs_status cs_timeseries_variable(hid_t *dataset, hid_t file, const cs_hdf_layout *layout,
                                 const hid_t scales[2], cs_error *err);

/** Closes them; what is small is written only here. Errors: CS_IO. */
cs_status cs_scales_close(cs_scales *scales, cs_error *err);

#endif
