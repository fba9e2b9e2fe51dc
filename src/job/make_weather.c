/* SPDX-License-Identifier: MIT */
#include "job/make_weather.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "kernels/basin/synthetic.h"

#define DEFAULT_LAPSE      -0.0065 /* K/m, the standard atmosphere's */
#define DEFAULT_OROGRAPHIC 5e-4    /* 1/m: 5 % of the sea level's per 100 m */

size_t cs_make_n_days(size_t n_time)
{
    return n_time / CSK_BASIN_DAY_STEPS + (n_time % CSK_BASIN_DAY_STEPS != 0);
}

cs_status cs_make_weather_allocate(cs_make_weather *weather, size_t n_station, size_t n_time,
                                   cs_error *err)
{
    size_t n_values = 0;
    if (n_time == 0 || __builtin_mul_overflow(n_station, n_time, &n_values)) {
        return cs_fail(err, CS_USAGE, "--hours: %zu is not a number of hours", n_time);
    }
    weather->n_station = n_station;
    weather->n_time = n_time;
    CS_TRY(cs_alloc(&weather->place, n_station, sizeof *weather->place, "stations", err));
    CS_TRY(cs_alloc(&weather->temperature, n_values, sizeof(double), "stations' series", err));
    CS_TRY(cs_alloc(&weather->precipitation, n_values, sizeof(double), "stations' series", err));
    return cs_alloc(&weather->lapse, cs_make_n_days(n_time), sizeof(double), "lapse rates", err);
}

void cs_make_weather_free(cs_make_weather *weather)
{
    free(weather->place);
    free(weather->temperature);
    free(weather->precipitation);
    free(weather->lapse);
    *weather = (cs_make_weather){0};
}

static struct tm date_of(int64_t day)
{
    const time_t seconds = (time_t)(day * 86400);
    struct tm date = {0};
    gmtime_r(&seconds, &date);
    return date;
}

double cs_make_day_of_year(int64_t day)
{
    return (double)date_of(day).tm_yday;
}

int cs_make_month(int64_t day)
{
    return date_of(day).tm_mon;
}

cs_status cs_make_weather_synthesize(cs_make_weather *weather, const cs_make_options *options,
                                     cs_error *err)
{
    const double lapse = isnan(options->lapse) ? DEFAULT_LAPSE : options->lapse;
    CS_TRY(cs_make_weather_allocate(weather, CSK_BASIN_SYNTHETIC, options->n_time, err));
    weather->orographic = isnan(options->orographic) ? DEFAULT_OROGRAPHIC : options->orographic;
    weather->northward = options->northward;
    weather->advection = options->advection;
    weather->day_of_year = cs_make_day_of_year(options->start_day);
    for (size_t d = 0; d < cs_make_n_days(options->n_time); d++) {
        weather->lapse[d] = lapse;
    }
    csk_basin_place_stations(weather->place, weather->n_station, options->seed);
    csk_basin_synthesize(weather->temperature, weather->precipitation, weather->place,
                         weather->n_station, lapse, weather->northward, weather->n_time,
                         weather->day_of_year, options->seed);
    return CS_OK;
}

/* The part of a weather that has a fixed size. */
typedef struct {
    uint64_t n_station, n_time;
    double northward, orographic, advection, day_of_year;
} head;

cs_status cs_make_weather_broadcast(cs_make_weather *weather, cs_comm *comm, cs_error *err)
{
    head h = {weather->n_station,  weather->n_time,    weather->northward,
              weather->orographic, weather->advection, weather->day_of_year};
    cs_comm_broadcast(comm, &h, sizeof h);
    cs_status status = CS_OK;
    if (cs_comm_rank(comm) != 0) {
        status = cs_make_weather_allocate(weather, h.n_station, h.n_time, err);
        weather->northward = h.northward;
        weather->orographic = h.orographic;
        weather->advection = h.advection;
        weather->day_of_year = h.day_of_year;
    }
    CS_TRY(cs_comm_agree(comm, status, err));
    const size_t n_bytes = weather->n_station * weather->n_time * sizeof(double);
    cs_comm_broadcast(comm, weather->place, weather->n_station * sizeof *weather->place);
    cs_comm_broadcast(comm, weather->temperature, n_bytes);
    cs_comm_broadcast(comm, weather->precipitation, n_bytes);
    cs_comm_broadcast(comm, weather->lapse, cs_make_n_days(weather->n_time) * sizeof(double));
    return CS_OK;
}

csk_basin_stations cs_make_weather_stations(const cs_make_weather *weather)
{
    return (csk_basin_stations){.n_station = weather->n_station,
                                .n_time = weather->n_time,
                                .place = weather->place,
                                .temperature = weather->temperature,
                                .precipitation = weather->precipitation,
                                .lapse = weather->lapse,
                                .northward = weather->northward,
                                .orographic = weather->orographic,
                                .advection = weather->advection};
}
