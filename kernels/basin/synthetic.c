/* SPDX-License-Identifier: MIT */
#include "kernels/basin/synthetic.h"

#include <math.h>

#include "kernels/basin/streams.h"
#include "kernels/basin/tree.h"
#include "kernels/math/elementary.h"
#include "kernels/math/random.h"

#define DAYS_PER_YEAR 365.25

/* Temperature, made to look like the upper Rhine valley (Freiburg, Basel). */
#define SEA_LEVEL_MEAN   11.0 /* degC at 48 degrees north */
#define SEASON_AMPLITUDE 9.0  /* K */
#define WARMEST_DAY      200.0
#define DAY_AMPLITUDE    3.5 /* K, mean over the year; 2 K more in summer, 2 K less in winter */
#define WARMEST_HOUR     14.0
#define SYNOPTIC_SIGMA   3.5   /* K */
#define SYNOPTIC_LENGTH  600.0 /* km */
#define SYNOPTIC_MEMORY  60.0  /* h */

/* Rain: the field exceeds the threshold in one hour of ten, and what exceeds it counts squared:
 * E[((z - q)+)^2] = (1 + q^2) 0.1 - q pdf(q) = 0.0393 for q = 1.2816, so an intensity of 2.7 mm/h
 * makes 0.106 mm/h or 930 mm a year. */
#define RAIN_THRESHOLD 1.2816
#define RAIN_INTENSITY 2.7   /* mm/h */
#define RAIN_SEASON    0.3   /* share that summer's rain is heavier, and winter's lighter */
#define RAIN_LENGTH    120.0 /* km */
#define RAIN_MEMORY    6.0   /* h */

/* A Gaussian field of mean 0 and variance 1, as it changes with time, seen from some places. */
typedef struct {
    uint64_t seed, stream;
    double persistence;           /* share of an amplitude that is left an hour later */
    double refresh;               /* weight of the new noise: keeps the variance at 1 */
    double kx[CSK_BASIN_MODES];   /* turns/km to the east */
    double ky[CSK_BASIN_MODES];   /* turns/km to the north */
    double even[CSK_BASIN_MODES]; /* amplitudes of cosines, variance 1 */
    double odd[CSK_BASIN_MODES];  /* of sines */
    double cosine[CSK_BASIN_SYNTHETIC][CSK_BASIN_MODES]; /* of the phase at each place */
    double sine[CSK_BASIN_SYNTHETIC][CSK_BASIN_MODES];
} field;

/* A wave vector is normal with standard deviation 1/L, which makes the correlation Gaussian with
 * length L. The wave vectors of all fields lie in one stream, `stream` keeps them apart. */
static void field_open(field *f, double length_km, double memory_h, uint64_t seed, uint64_t stream)
{
    const double scale = 1.0 / (CSK_TWO_PI * length_km);
    f->seed = seed;
    f->stream = stream;
    f->persistence = csk_exp(-1.0 / memory_h);
    f->refresh = sqrt(1.0 - f->persistence * f->persistence);
    for (size_t m = 0; m < CSK_BASIN_MODES; m++) {
        f->kx[m] = scale * csk_normal(seed, CSK_STREAM_WAVE, 2 * (stream + m));
        f->ky[m] = scale * csk_normal(seed, CSK_STREAM_WAVE, 2 * (stream + m) + 1);
        f->even[m] = csk_normal(seed, stream + m, 0);
        f->odd[m] = csk_normal(seed, stream + m, 1);
    }
}

static void field_look_from(field *f, size_t s, const csk_basin_place *place)
{
    const csk_basin_place corner = {CSK_BASIN_WEST, CSK_BASIN_SOUTH, 0.0};
    const csk_basin_place below = {place->lon, CSK_BASIN_SOUTH, 0.0};
    const csk_basin_place beside = {CSK_BASIN_WEST, place->lat, 0.0};
    const double x = csk_basin_distance(&corner, &below) * (place->lon < corner.lon ? -1.0 : 1.0);
    const double y = csk_basin_distance(&corner, &beside) * (place->lat < corner.lat ? -1.0 : 1.0);
    for (size_t m = 0; m < CSK_BASIN_MODES; m++) {
        const double turns = f->kx[m] * x + f->ky[m] * y;
        f->cosine[s][m] = csk_cos_turn(turns);
        f->sine[s][m] = csk_sin_turn(turns);
    }
}

/* To hour t from the one before. */
static void field_advance(field *f, size_t t)
{
    for (size_t m = 0; m < CSK_BASIN_MODES; m++) {
        const uint64_t stream = f->stream + m;
        f->even[m] = f->persistence * f->even[m] + f->refresh * csk_normal(f->seed, stream, 2 * t);
        f->odd[m] =
            f->persistence * f->odd[m] + f->refresh * csk_normal(f->seed, stream, 2 * t + 1);
    }
}

static double field_value(const field *f, size_t s)
{
    double sum = 0.0;
    for (size_t m = 0; m < CSK_BASIN_MODES; m++) {
        sum += f->even[m] * f->cosine[s][m] + f->odd[m] * f->sine[s][m];
    }
    return sum / sqrt((double)CSK_BASIN_MODES);
}

void csk_basin_place_stations(csk_basin_place *place, size_t n_station, uint64_t seed)
{
    size_t columns = 1;
    while (3 * columns * columns < 2 * n_station) { /* rows : columns about as 3 : 2 */
        columns++;
    }
    const size_t rows = (n_station + columns - 1) / columns;
    for (size_t s = 0; s < n_station; s++) {
        const double x = (double)(s % columns) + csk_uniform(seed, CSK_STREAM_STATION, 2 * s);
        const double y = (double)(s / columns) + csk_uniform(seed, CSK_STREAM_STATION, 2 * s + 1);
        place[s].lon = CSK_BASIN_WEST + (CSK_BASIN_EAST - CSK_BASIN_WEST) * x / (double)columns;
        place[s].lat = CSK_BASIN_NORTH - (CSK_BASIN_NORTH - CSK_BASIN_SOUTH) * y / (double)rows;
        place[s].elevation = 0.0;
    }
}

/* What all stations have in common in one hour. */
typedef struct {
    double season; /* -1..1, 1: the warmest day */
    double day;    /* -1..1, 1: the warmest hour */
} moment;

static moment moment_of(size_t t, double day_of_year)
{
    const double hours = (double)t + 0.5; /* the middle of the interval */
    return (moment){
        .season = csk_cos_turn((day_of_year + hours / 24.0 - WARMEST_DAY) / DAYS_PER_YEAR),
        .day = csk_cos_turn((hours - WARMEST_HOUR) / 24.0),
    };
}

static double mean_temperature(const csk_basin_place *place, double lapse, double northward)
{
    return SEA_LEVEL_MEAN + northward * (place->lat - 48.0) + lapse * place->elevation;
}

static double temperature_of(double mean, moment now, double noise)
{
    return mean + SEASON_AMPLITUDE * now.season + (DAY_AMPLITUDE + 2.0 * now.season) * now.day +
           SYNOPTIC_SIGMA * noise;
}

static double precipitation_of(moment now, double noise)
{
    const double excess = noise - RAIN_THRESHOLD;
    const double intensity = RAIN_INTENSITY * (1.0 + RAIN_SEASON * now.season);
    return excess > 0.0 ? intensity * excess * excess : 0.0;
}

void csk_basin_synthesize(double *temperature, double *precipitation, const csk_basin_place *place,
                          size_t n_station, double lapse, double northward, size_t n_time,
                          double day_of_year, uint64_t seed)
{
    field synoptic;
    field rain;
    field_open(&synoptic, SYNOPTIC_LENGTH, SYNOPTIC_MEMORY, seed, CSK_STREAM_TEMPERATURE);
    field_open(&rain, RAIN_LENGTH, RAIN_MEMORY, seed, CSK_STREAM_RAIN);
    for (size_t s = 0; s < n_station; s++) {
        field_look_from(&synoptic, s, &place[s]);
        field_look_from(&rain, s, &place[s]);
    }
    for (size_t t = 0; t < n_time; t++) {
        if (t > 0) {
            field_advance(&synoptic, t);
            field_advance(&rain, t);
        }
        const moment now = moment_of(t, day_of_year);
        for (size_t s = 0; s < n_station; s++) {
            const size_t at = s * n_time + t;
            temperature[at] = temperature_of(mean_temperature(&place[s], lapse, northward), now,
                                             field_value(&synoptic, s));
            precipitation[at] = precipitation_of(now, field_value(&rain, s));
        }
    }
}
