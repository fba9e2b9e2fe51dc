/* SPDX-License-Identifier: MIT */
/**
 * The complete hourly series of the stations that catchments take their weather from.
 */
#ifndef CS_JOB_MAKE_WEATHER_H
#define CS_JOB_MAKE_WEATHER_H

#include "job/make.h"
#include "kernels/basin/weather.h"

/** Zero-initialised: empty. The same on all ranks after cs_make_weather_broadcast. */
typedef struct {
    size_t n_station, n_time;
    csk_basin_place *place; /* [n_station] */
    double *temperature;    /* n_station x n_time, degC */
    double *precipitation;  /* n_station x n_time, mm/h */
    double *lapse;          /* [days begun], K/m */
    double northward;       /* K per degree of latitude */
    double orographic;      /* 1/m */
    double advection;       /* km/h */
    double day_of_year;     /* of the first hour, 0: 1 January */
} cs_make_weather;

/** Makes room. Errors: CS_USAGE for no hours, CS_MEMORY. */
cs_status cs_make_weather_allocate(cs_make_weather *weather, size_t n_station, size_t n_time,
                                   cs_error *err);
void cs_make_weather_free(cs_make_weather *weather);

/** Days begun in n_time hours. */
size_t cs_make_n_days(size_t n_time);

/** The series of synthetic stations. Rank 0. Errors: CS_USAGE, CS_MEMORY. */
cs_status cs_make_weather_synthesize(cs_make_weather *weather, const cs_make_options *options,
                                     cs_error *err);

/**
 * Reads the stations of the options and completes their series (make_stations.c, make_fill.c).
 * Rank 0. Errors: CS_USAGE, CS_IO, CS_DATA, CS_MEMORY.
 */
cs_status cs_make_weather_read(cs_make_weather *weather, const cs_make_options *options,
                               cs_error *err);

/** Copies rank 0's weather to all ranks. Collective. Errors: CS_MEMORY, agreed on. */
cs_status cs_make_weather_broadcast(cs_make_weather *weather, cs_comm *comm, cs_error *err);

/** The weather as kernels see it; valid as long as the weather is. */
csk_basin_stations cs_make_weather_stations(const cs_make_weather *weather);

/** Day of the year, 0: 1 January, and month, 0: January, of a day since 1970-01-01. */
double cs_make_day_of_year(int64_t day);
int cs_make_month(int64_t day);

#endif
