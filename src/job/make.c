/* SPDX-License-Identifier: MIT */
#include "job/make.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"
#include "config/options.h"
#include "job/make_basin.h"
#include "job/make_columns.h"
#include "job/make_discharge.h"
#include "job/make_rows.h"
#include "job/make_weather.h"
#include "store/forcing_writer.h"

/* What a run holds: rank 0 all of it, other ranks the weather. */
typedef struct {
    cs_make_basin basin;
    cs_make_weather weather;
    cs_forcing_writer *writer;
    cs_make_water water;
} making;

void cs_make_options_init(cs_make_options *options)
{
    *options = (cs_make_options){.n_catchment = 1000,
                                 .n_time = 8760,
                                 .start_day = 18628, /* 2021-01-01 */
                                 .seed = 1,
                                 .lapse = NAN,
                                 .northward = -0.5,
                                 .orographic = 5e-4,
                                 .advection = 30.0,
                                 .deflate = 1};
    cs_make_network_columns_init(options->column);
}

void cs_make_options_free(cs_make_options *options)
{
    free(options->station);
    options->station = NULL;
    options->n_station = 0;
}

/* ---- rank 0: what the file is about ---- */

static cs_status prepare(making *m, const cs_make_options *options, cs_error *err)
{
    if (options->network == NULL) {
        CS_TRY(cs_make_basin_grow(&m->basin, options->n_catchment, options->seed, err));
        CS_TRY(cs_make_weather_synthesize(&m->weather, options, err));
        return cs_make_basin_finish(&m->basin, "synthetic basin", options->seed, err);
    }
    CS_TRY(cs_make_basin_read(&m->basin, options, err));
    CS_TRY(cs_make_basin_finish(&m->basin, options->network, options->seed, err));
    return cs_make_weather_read(&m->weather, options, err);
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* The first day, as YYYY-MM-DD. */
typedef struct {
    char text[32];
} date;

static date date_text(const cs_make_options *options)
{
    date day;
    const time_t seconds = (time_t)(options->start_day * 86400);
    struct tm parts = {0};
    strftime(day.text, sizeof day.text, "%Y-%m-%d", gmtime_r(&seconds, &parts));
    return day;
}

/* Appends to a text that is cut off where it gets too long; the stations are its end. */
static void append(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void append(char *text, size_t size, const char *format, ...)
{
    const size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

static void append_or_estimate(char *text, size_t size, const char *option, double number)
{
    if (isnan(number)) {
        append(text, size, " --%s=estimate", option);
    } else {
        append(text, size, " --%s=%g", option, number);
    }
}

/* What the file's content depends on and nothing else: neither time nor host nor ranks. */
static void describe(char *text, size_t size, const cs_make_options *options)
{
    text[0] = '\0';
    append(text, size, "catchmake %s", cs_version());
    if (options->network == NULL) {
        append(text, size, " --catchments=%zu", options->n_catchment);
    } else {
        append(text, size, " --network=%s", file_name(options->network));
    }
    append(text, size, " --start=%s --hours=%zu --seed=%" PRIu64, date_text(options).text,
           options->n_time, options->seed);
    append_or_estimate(text, size, "lapse-rate", options->lapse);
    append_or_estimate(text, size, "northward-gradient", options->northward);
    append_or_estimate(text, size, "orographic-gradient", options->orographic);
    append_or_estimate(text, size, "advection", options->advection);
    for (size_t s = 0; s < options->n_station; s++) {
        const cs_make_station *station = &options->station[s];
        append(text, size, " --station=%s:%s:%g:%g:%g", file_name(station->path), station->name,
               station->place.lon, station->place.lat, station->place.elevation);
    }
}

static cs_status create(making *m, const cs_make_options *options, cs_error *err)
{
    const cs_make_basin *basin = &m->basin;
    char units[64];
    char history[2048];
    snprintf(units, sizeof units, "hours since %s 00:00:00", date_text(options).text);
    describe(history, sizeof history, options);
    const bool given = options->network != NULL;
    const cs_forcing_spec spec = {
        .n_catchment = basin->n,
        .n_time = m->weather.n_time,
        .step_hours = 1.0,
        .time_units = units,
        .id = basin->id,
        .next_down_id = basin->next_down_id,
        .strahler = basin->strahler,
        .title = given ? "Given river network with weather from stations and modelled runoff"
                       : "Synthetic river basin",
        .source = "catchsim catchmake: weather interpolated between stations, runoff by a lumped "
                  "degree-day and linear-reservoir model, not calibrated",
        .history = history,
        .licence = options->licence,
        .attribution = options->attribution,
        .deflate = options->deflate,
        .replace = options->fresh,
    };
    return cs_forcing_writer_create(&m->writer, options->output, &spec, err);
}

static cs_status write_numbers(making *m, cs_error *err)
{
    const cs_make_basin *b = &m->basin;
    const struct {
        const char *name;
        const double *values;
        const char *units, *long_name;
    } numbers[] = {
        {"area", b->area, "m2", "area of the catchment"},
        {"lon", b->lon, "degrees_east", "longitude of the catchment"},
        {"lat", b->lat, "degrees_north", "latitude of the catchment"},
        {"elevation", b->elevation, "m", "mean elevation of the catchment"},
        {"application_area", b->application_area, "m2", "area that herbicide is applied to"},
        {"facade_area", b->facade_area, "m2", "area of facades and roofs with biocide"},
        {"application_rate", b->application_rate, "g m-2", "herbicide applied per year and area"},
        {"population", b->population, "persons", "people who live in the catchment"},
    };
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        CS_TRY(cs_forcing_writer_number(m->writer, numbers[k].name, numbers[k].values,
                                        numbers[k].units, numbers[k].long_name, err));
    }
    return CS_OK;
}

static cs_status begin(making *m, const cs_make_options *options, cs_error *err)
{
    CS_TRY(prepare(m, options, err));
    CS_TRY(create(m, options, err));
    return write_numbers(m, err);
}

static cs_status end(making *m, const cs_make_options *options, int n_threads,
                     cs_progress_mode progress, cs_error *err)
{
    CS_TRY(cs_make_discharge(m->writer, &m->basin.network, m->weather.n_time, options->deflate,
                             n_threads, progress, err));
    CS_TRY(cs_forcing_writer_finish(m->writer, err));
    cs_log(CS_LOG_INFO, "made %s catchments=%zu hours=%zu runoff_coefficient=%.2f", options->output,
           m->basin.n, m->weather.n_time,
           m->water.precipitation > 0.0 ? m->water.runoff / m->water.precipitation : 0.0);
    return CS_OK;
}

cs_status cs_make_run(cs_comm *comm, const cs_make_options *options, const cs_threads *threads,
                      cs_progress_mode progress, cs_error *err)
{
    making m = {0};
    const bool is_root = cs_comm_rank(comm) == 0;
    cs_status status = is_root ? begin(&m, options, err) : CS_OK;
    CS_CHECK(cs_comm_agree(comm, status, err));
    CS_CHECK(cs_make_weather_broadcast(&m.weather, comm, err));
    uint64_t n_items = m.basin.n;
    cs_comm_broadcast(comm, &n_items, sizeof n_items);
    CS_CHECK(cs_make_rows(&m.water, comm, m.writer, &m.basin, &m.weather, n_items, options->deflate,
                          threads, progress, err));
    status = is_root ? end(&m, options, threads->n_threads, progress, err) : CS_OK;
    status = cs_comm_agree(comm, status, err);
release:
    cs_forcing_writer_close(m.writer);
    cs_make_basin_free(&m.basin);
    cs_make_weather_free(&m.weather);
    return status;
}
