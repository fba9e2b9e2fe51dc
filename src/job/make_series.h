/* SPDX-License-Identifier: MIT */
/**
 * What a station measured in the time of the run, with gaps (NaN).
 */
#ifndef CS_JOB_MAKE_SERIES_H
#define CS_JOB_MAKE_SERIES_H

#include "job/make_weather.h"

typedef struct {
    const char *name; /* the options' */
    csk_basin_place place;
    bool daily;            /* the days' values are what was measured, the hours' are made of them */
    double *temperature;   /* [n_time] degC, mean of the hour */
    double *precipitation; /* [n_time] mm/h */
    double *day_mean;      /* [n_days] degC; of hourly stations for complete days only */
    double *day_sum;       /* [n_days] mm; likewise */
} cs_make_series;

/** Makes room, all values missing. Errors: CS_MEMORY. */
cs_status cs_make_series_allocate(cs_make_series *series, size_t n_time, cs_error *err);
void cs_make_series_free(cs_make_series *series);

/**
 * Reads a station's rows that lie in the run (make_stations.c).
 *
 * A table whose time stamps are all midnights is daily: a row is a day. Otherwise it is hourly, a
 * row is the hour that ends at its stamp. Negative precipitation counts as missing.
 * Errors: CS_IO, CS_DATA, CS_MEMORY, CS_USAGE.
 */
cs_status cs_make_series_read(cs_make_series *series, const cs_make_station *station,
                              int64_t start_day, size_t n_time, cs_error *err);

/** How gaps of a station were filled: hours. */
typedef struct {
    size_t interpolated;       /* temperature, up to 6 h, between its neighbours */
    size_t temperature_others; /* from other stations */
    size_t temperature_usual;  /* the hour's mean around that day, or over all days */
    size_t precipitation_others;
    size_t precipitation_none; /* taken as 0 */
} cs_make_gaps;

/**
 * Makes complete hourly series of what n stations measured (docs/catchmake.md has the rules).
 *
 * @param weather [out] allocated for n stations; places, series and lapse rates are set
 * @param gaps    [out] [n]
 * @param series  [in,out] [n]; gaps of up to 6 h and hours of daily stations are filled in
 * @param options [in]  start, lapse and orographic gradient, as given or to be estimated
 * Errors: CS_DATA if no station has any temperature or any precipitation; CS_MEMORY.
 */
cs_status cs_make_series_complete(cs_make_weather *weather, cs_make_gaps *gaps,
                                  cs_make_series *series, size_t n, const cs_make_options *options,
                                  cs_error *err);

#endif
