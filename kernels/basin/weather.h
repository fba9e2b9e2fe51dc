/* SPDX-License-Identifier: MIT */
/**
 * Weather of a catchment from that of stations around it.
 *
 * Temperature is brought to the catchment's elevation by the day's lapse rate and to its latitude
 * by a gradient, precipitation by an orographic factor and shifted in time as weather moves from
 * west to east; both are weighted means over the stations.
 */
#ifndef CSK_BASIN_WEATHER_H
#define CSK_BASIN_WEATHER_H

#include <stddef.h>

/** Where a station or the middle of a catchment is. */
typedef struct {
    double lon, lat;  /* degrees */
    double elevation; /* m */
} csk_basin_place;

enum {
    CSK_BASIN_NEAREST = 3,   /* stations that a catchment's weather is made of, at most */
    CSK_BASIN_DAY_STEPS = 24 /* hours of a day: series are hourly and begin at midnight */
};

/** Complete hourly series of some stations: no gaps. Memory is the caller's. */
typedef struct {
    size_t n_station;             /* >= 1 */
    size_t n_time;                /* hours */
    const csk_basin_place *place; /* [n_station] */
    const double *temperature;    /* n_station x n_time, degC, mean of the hour */
    const double *precipitation;  /* n_station x n_time, mm/h, >= 0 */
    const double *lapse;          /* [days begun], K/m, < 0: colder upwards */
    double northward;             /* K per degree of latitude: colder to the north, < 0 */
    double orographic;            /* 1/m: precipitation grows by this share of the sea level's */
    double advection;             /* km/h that rain moves from west to east; 0: none */
} csk_basin_stations;

/** What a catchment takes from one station. */
typedef struct {
    size_t station;
    double weight; /* the weights of a catchment add up to 1 */
    double factor; /* of precipitation, 0.5..2 */
    size_t delay;  /* hours that rain comes later than at the station, 0..n_time-1 (cyclic) */
} csk_basin_share;

/**
 * Distance of two places on a plane that touches the earth between them [km]; right to 1 % within
 * 1,000 km.
 */
double csk_basin_distance(const csk_basin_place *a, const csk_basin_place *b);

/**
 * Finds the shares of a place: the nearest stations, at most CSK_BASIN_NEAREST.
 *
 * Weights are inverse-distance weights ((R - d)/(R d))^2 (Franke and Nielson 1980) with R the
 * distance of the nearest station that is left out, so that they change continuously from place to
 * place; without such a station 1/d^2 (Shepard 1968). Distances count at least 1 km.
 *
 * The orographic factor is (1 + g z)/(1 + g z_station), within 0.5..2. The delay is the
 * distance to the east over the speed, in whole hours; it is cyclic (what leaves the series at its
 * end comes in at its beginning), so sums of precipitation stay as they are.
 *
 * @return number of shares, >= 1
 */
size_t csk_basin_find_shares(csk_basin_share shares[CSK_BASIN_NEAREST],
                             const csk_basin_stations *stations, const csk_basin_place *place);

/**
 * Weather of one place.
 *
 * Thread-safe, never fails, no memory. Cost: a pass over the series of each share.
 *
 * @param temperature   [out] [n_time] degC
 * @param precipitation [out] [n_time] mm/h
 */
void csk_basin_weather(double *temperature, double *precipitation,
                       const csk_basin_stations *stations, const csk_basin_place *place);

#endif
