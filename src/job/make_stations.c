/* SPDX-License-Identifier: MIT */
/* Stations' tables: rows to series on the run's time axis. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "job/make_columns.h"
#include "job/make_series.h"
#include "text/delimited.h"

enum { HOUR = 3600, DAY = 86400 }; /* s */

/* One row of a table. */
typedef struct {
    int64_t time; /* s since 1970 */
    size_t line;
    double temperature;   /* degC, NaN: missing */
    double precipitation; /* in the column's unit, NaN: missing */
} reading;

cs_status cs_make_series_allocate(cs_make_series *series, size_t n_time, cs_error *err)
{
    const size_t n_days = cs_make_n_days(n_time);
    CS_TRY(cs_alloc(&series->temperature, n_time, sizeof(double), "a station's series", err));
    CS_TRY(cs_alloc(&series->precipitation, n_time, sizeof(double), "a station's series", err));
    CS_TRY(cs_alloc(&series->day_mean, n_days, sizeof(double), "a station's days", err));
    CS_TRY(cs_alloc(&series->day_sum, n_days, sizeof(double), "a station's days", err));
    for (size_t t = 0; t < n_time; t++) {
        series->temperature[t] = NAN;
        series->precipitation[t] = NAN;
    }
    for (size_t d = 0; d < n_days; d++) {
        series->day_mean[d] = NAN;
        series->day_sum[d] = NAN;
    }
    return CS_OK;
}

void cs_make_series_free(cs_make_series *series)
{
    free(series->temperature);
    free(series->precipitation);
    free(series->day_mean);
    free(series->day_sum);
    *series = (cs_make_series){0};
}

/* Where the columns of a station's table are. */
typedef struct {
    cs_delimited *table;
    const cs_make_station *station;
    size_t column[CS_MAKE_N_STATION_COLUMNS];
    size_t where;
    cs_make_conversion temperature, precipitation;
} source;

static cs_status find_columns(source *s, cs_error *err)
{
    const cs_make_station *station = s->station;
    for (int k = 0; k < CS_MAKE_N_STATION_COLUMNS; k++) {
        CS_TRY(cs_delimited_find(&s->column[k], s->table, station->column[k].name, err));
    }
    s->temperature =
        cs_make_station_conversion(CS_MAKE_TEMPERATURE, &station->column[CS_MAKE_TEMPERATURE]);
    s->precipitation =
        cs_make_station_conversion(CS_MAKE_PRECIPITATION, &station->column[CS_MAKE_PRECIPITATION]);
    return station->where_column[0] == '\0'
               ? CS_OK
               : cs_delimited_find(&s->where, s->table, station->where_column, err);
}

static bool is_wanted(const source *s)
{
    if (s->station->where_column[0] == '\0') {
        return true;
    }
    size_t length = 0;
    const char *text = cs_delimited_text(&length, s->table, s->where);
    return length == strlen(s->station->where_value) &&
           memcmp(text, s->station->where_value, length) == 0;
}

/* Limits catch a wrong unit: no weather on earth is outside. */
static cs_status read_reading(reading *r, const source *s, cs_error *err)
{
    r->line = cs_delimited_line(s->table);
    CS_TRY(cs_delimited_time(&r->time, s->table, s->column[CS_MAKE_TIME], err));
    CS_TRY(cs_delimited_double(&r->temperature, s->table, s->column[CS_MAKE_TEMPERATURE], err));
    r->temperature = s->temperature.factor * r->temperature + s->temperature.summand;
    if (r->temperature < -95.0 || r->temperature > 60.0) {
        return cs_delimited_refuse(s->table, s->column[CS_MAKE_TEMPERATURE],
                                   "is no air temperature: is the unit right?", err);
    }
    CS_TRY(cs_delimited_double(&r->precipitation, s->table, s->column[CS_MAKE_PRECIPITATION], err));
    if (r->precipitation > 2000.0) {
        return cs_delimited_refuse(s->table, s->column[CS_MAKE_PRECIPITATION],
                                   "is no precipitation: is the unit right?", err);
    }
    return CS_OK;
}

static cs_status read_readings(cs_bytes *readings, const source *s, cs_error *err)
{
    int64_t last = INT64_MIN;
    for (bool more = true;;) {
        CS_TRY(cs_delimited_next(s->table, &more, err));
        if (!more) {
            return CS_OK;
        }
        if (is_wanted(s)) {
            reading r = {0};
            CS_TRY(read_reading(&r, s, err));
            if (r.time <= last) {
                return cs_delimited_refuse(s->table, s->column[CS_MAKE_TIME],
                                           "is not after the row before it", err);
            }
            last = r.time;
            CS_TRY(cs_bytes_append(readings, &r, sizeof r, err));
        }
    }
}

static bool are_days(const reading *r, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (r[i].time % DAY != 0) {
            return false;
        }
    }
    return true;
}

static void place_day(cs_make_series *series, const reading *r, const source *s, int64_t start,
                      size_t n_time)
{
    const int64_t day = (r->time - start) / DAY;
    if (r->time < start || (uint64_t)day >= cs_make_n_days(n_time)) {
        return;
    }
    const bool is_amount = s->precipitation.per_day || s->precipitation.per_step;
    series->day_mean[day] = r->temperature;
    series->day_sum[day] =
        r->precipitation >= 0.0 ? r->precipitation * (is_amount ? 1.0 : 24.0) : NAN;
}

static cs_status place_hour(cs_make_series *series, const reading *r, const source *s,
                            int64_t start, size_t n_time, cs_error *err)
{
    if (r->time % HOUR != 0) {
        return cs_fail(err, CS_DATA, "%s:%zu: column %s: not a full hour", s->station->path,
                       r->line, s->station->column[CS_MAKE_TIME].name);
    }
    const int64_t hour = (r->time - start) / HOUR - 1; /* stamps are the end of the hour */
    if (r->time <= start || (uint64_t)hour >= n_time) {
        return CS_OK;
    }
    series->temperature[hour] = r->temperature;
    series->precipitation[hour] =
        r->precipitation >= 0.0 ? r->precipitation / (s->precipitation.per_day ? 24.0 : 1.0) : NAN;
    return CS_OK;
}

static cs_status place_readings(cs_make_series *series, const cs_bytes *readings, const source *s,
                                int64_t start_day, size_t n_time, cs_error *err)
{
    const reading *r = (const reading *)(const void *)readings->data;
    const size_t n = readings->size / sizeof *r;
    series->daily = are_days(r, n);
    for (size_t i = 0; i < n; i++) {
        if (series->daily) {
            place_day(series, &r[i], s, start_day * DAY, n_time);
        } else {
            CS_TRY(place_hour(series, &r[i], s, start_day * DAY, n_time, err));
        }
    }
    return CS_OK;
}

cs_status cs_make_series_read(cs_make_series *series, const cs_make_station *station,
                              int64_t start_day, size_t n_time, cs_error *err)
{
    source s = {.station = station};
    cs_bytes readings = {0};
    series->name = station->name;
    series->place = station->place;
    cs_status status = cs_delimited_open(&s.table, station->path, CS_DELIMITED_MAX, err);
    CS_CHECK(status);
    CS_CHECK(find_columns(&s, err));
    CS_CHECK(cs_make_series_allocate(series, n_time, err));
    CS_CHECK(read_readings(&readings, &s, err));
    if (readings.size == 0) {
        status = cs_fail(err, CS_DATA, "%s: no row for station %s", station->path, station->name);
        goto release;
    }
    CS_CHECK(place_readings(series, &readings, &s, start_day, n_time, err));
release:
    cs_bytes_free(&readings);
    cs_delimited_close(s.table);
    return status;
}

static void log_gaps(const cs_make_series *series, const cs_make_gaps *gaps)
{
    cs_log(CS_LOG_INFO,
           "station %s resolution=%s filled hours: temperature interpolated=%zu others=%zu "
           "usual=%zu precipitation others=%zu none=%zu",
           series->name, series->daily ? "day" : "hour", gaps->interpolated,
           gaps->temperature_others, gaps->temperature_usual, gaps->precipitation_others,
           gaps->precipitation_none);
}

cs_status cs_make_weather_read(cs_make_weather *weather, const cs_make_options *options,
                               cs_error *err)
{
    const size_t n = options->n_station;
    cs_make_series *series = NULL;
    cs_make_gaps *gaps = NULL;
    cs_status status = cs_alloc(&series, n, sizeof *series, "stations", err);
    CS_CHECK(status);
    CS_CHECK(cs_alloc(&gaps, n, sizeof *gaps, "stations", err));
    for (size_t s = 0; s < n; s++) {
        CS_CHECK(cs_make_series_read(&series[s], &options->station[s], options->start_day,
                                     options->n_time, err));
    }
    CS_CHECK(cs_make_weather_allocate(weather, n, options->n_time, err));
    CS_CHECK(cs_make_series_complete(weather, gaps, series, n, options, err));
    for (size_t s = 0; s < n; s++) {
        log_gaps(&series[s], &gaps[s]);
    }
release:
    for (size_t s = 0; series != NULL && s < n; s++) {
        cs_make_series_free(&series[s]);
    }
    free(series);
    free(gaps);
    return status;
}
