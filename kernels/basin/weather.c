/* SPDX-License-Identifier: MIT */
#include "kernels/basin/weather.h"

#include <math.h>
#include <string.h>

#include "kernels/math/elementary.h"

/* A degree of latitude: the earth's meridian of 40,008 km / 360. */
#define KM_PER_DEGREE 111.13

static double distance_east(const csk_basin_place *from, const csk_basin_place *to)
{
    const double middle = 0.5 * (from->lat + to->lat) / 360.0; /* turns */
    return (to->lon - from->lon) * KM_PER_DEGREE * csk_cos_turn(middle);
}

double csk_basin_distance(const csk_basin_place *a, const csk_basin_place *b)
{
    const double east = distance_east(a, b);
    const double north = (b->lat - a->lat) * KM_PER_DEGREE;
    return sqrt(east * east + north * north);
}

/* The nearest stations in order of distance, one more than are used; equal ones in order of
 * number. Returns how many there are. */
static size_t find_nearest(size_t nearest[CSK_BASIN_NEAREST + 1],
                           double distance[CSK_BASIN_NEAREST + 1],
                           const csk_basin_stations *stations, const csk_basin_place *place)
{
    size_t n = 0;
    for (size_t s = 0; s < stations->n_station; s++) {
        const double d = csk_basin_distance(&stations->place[s], place);
        size_t at = n < CSK_BASIN_NEAREST + 1 ? n++ : n;
        for (; at > 0 && d < distance[at - 1]; at--) {
            if (at < CSK_BASIN_NEAREST + 1) {
                distance[at] = distance[at - 1];
                nearest[at] = nearest[at - 1];
            }
        }
        if (at < CSK_BASIN_NEAREST + 1) {
            distance[at] = d;
            nearest[at] = s;
        }
    }
    return n;
}

static double orographic_factor(double gradient, double elevation, double station_elevation)
{
    const double there = 1.0 + gradient * (station_elevation > 0.0 ? station_elevation : 0.0);
    const double here = 1.0 + gradient * (elevation > 0.0 ? elevation : 0.0);
    const double factor = here / there;
    return factor < 0.5 ? 0.5 : factor > 2.0 ? 2.0 : factor;
}

static size_t cyclic_delay(double km_east, double km_per_hour, size_t n_time)
{
    if (km_per_hour <= 0.0 || n_time == 0) {
        return 0;
    }
    const double hours = floor(km_east / km_per_hour + 0.5);
    const double cycles = floor(hours / (double)n_time);
    const size_t delay = (size_t)(hours - cycles * (double)n_time);
    return delay < n_time ? delay : 0;
}

size_t csk_basin_find_shares(csk_basin_share shares[CSK_BASIN_NEAREST],
                             const csk_basin_stations *stations, const csk_basin_place *place)
{
    size_t nearest[CSK_BASIN_NEAREST + 1];
    double distance[CSK_BASIN_NEAREST + 1];
    const size_t n_near = find_nearest(nearest, distance, stations, place);
    const size_t n = n_near < CSK_BASIN_NEAREST ? n_near : CSK_BASIN_NEAREST;
    /* R a little beyond the first one left out, so that not all weights can vanish. */
    const double reach = n_near > n ? 1.001 * distance[n] + 1.0 : 0.0;
    double sum = 0.0;
    for (size_t k = 0; k < n; k++) {
        const csk_basin_place *station = &stations->place[nearest[k]];
        const double d = distance[k] > 1.0 ? distance[k] : 1.0;
        const double w = reach > 0.0 ? (reach - distance[k]) / (reach * d) : 1.0 / d;
        shares[k].station = nearest[k];
        shares[k].weight = w * w;
        shares[k].factor =
            orographic_factor(stations->orographic, place->elevation, station->elevation);
        shares[k].delay =
            cyclic_delay(distance_east(station, place), stations->advection, stations->n_time);
        sum += w * w;
    }
    for (size_t k = 0; k < n; k++) {
        shares[k].weight /= sum;
    }
    return n;
}

static void add_share(double *restrict temperature, double *restrict precipitation,
                      const csk_basin_stations *stations, const csk_basin_share *share)
{
    const size_t n_time = stations->n_time;
    const double *restrict t_station = stations->temperature + share->station * n_time;
    const double *restrict p_station = stations->precipitation + share->station * n_time;
    const double scale = share->weight * share->factor;
    for (size_t t = 0; t < n_time; t++) {
        temperature[t] += share->weight * t_station[t];
    }
    for (size_t t = 0; t < share->delay; t++) {
        precipitation[t] += scale * p_station[t + n_time - share->delay];
    }
    for (size_t t = share->delay; t < n_time; t++) {
        precipitation[t] += scale * p_station[t - share->delay];
    }
}

void csk_basin_weather(double *temperature, double *precipitation,
                       const csk_basin_stations *stations, const csk_basin_place *place)
{
    csk_basin_share shares[CSK_BASIN_NEAREST];
    const size_t n_share = csk_basin_find_shares(shares, stations, place);
    double elevation = 0.0; /* m, of the stations as weighted */
    double latitude = 0.0;  /* degrees, likewise */
    memset(temperature, 0, stations->n_time * sizeof *temperature);
    memset(precipitation, 0, stations->n_time * sizeof *precipitation);
    for (size_t k = 0; k < n_share; k++) {
        add_share(temperature, precipitation, stations, &shares[k]);
        elevation += shares[k].weight * stations->place[shares[k].station].elevation;
        latitude += shares[k].weight * stations->place[shares[k].station].lat;
    }
    const double rise = place->elevation - elevation;
    const double north = stations->northward * (place->lat - latitude);
    for (size_t t = 0; t < stations->n_time; t++) {
        temperature[t] += stations->lapse[t / CSK_BASIN_DAY_STEPS] * rise + north;
    }
}
