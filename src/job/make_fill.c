/* SPDX-License-Identifier: MIT */
/* Complete hourly series of stations with gaps, some of them daily. */
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "job/make_series.h"
#include "kernels/math/elementary.h"

enum {
    LONGEST_LINE = 6,   /* h of a gap that is bridged by a straight line */
    USUAL_DAYS = 15,    /* days on either side that tell what an hour is usually like */
    MIN_LAPSE_DAYS = 5, /* days a month that an estimated lapse rate needs */
    SHOWER_FIRST = 14,  /* default hours of a day's rain: showers of the afternoon, UTC */
    SHOWER_END = 20,
};

#define MIN_RISE           300.0   /* m between stations that a gradient is estimated from */
#define DEFAULT_LAPSE      -0.0065 /* K/m */
#define STEEPEST_LAPSE     -0.0098 /* K/m: dry air */
#define WEAKEST_LAPSE      -0.003  /* K/m */
#define DEFAULT_OROGRAPHIC 5e-4    /* 1/m */
#define LARGEST_OROGRAPHIC 1e-3    /* 1/m */
#define DAY_AMPLITUDE      3.5     /* K, where no hourly station tells */
#define WARMEST_HOUR       14.0    /* UTC */
#define MIN_RATIO          0.5     /* of precipitation between stations */
#define MAX_RATIO          2.0

/* Everything that the steps below look at. */
typedef struct {
    cs_make_series *series;
    size_t n, n_time, n_days;
    int64_t start_day;
} stations;

static size_t hours_of(const stations *all, size_t day)
{
    const size_t rest = all->n_time - day * CSK_BASIN_DAY_STEPS;
    return rest < CSK_BASIN_DAY_STEPS ? rest : CSK_BASIN_DAY_STEPS;
}

static double bounded(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* ---- short gaps ---- */

/* Returns the hours that were filled. */
static size_t bridge_short_gaps(double *x, size_t n)
{
    size_t n_filled = 0;
    for (size_t t = 1; t < n; t++) {
        if (!isnan(x[t]) || isnan(x[t - 1])) {
            continue;
        }
        size_t end = t;
        while (end < n && isnan(x[end])) {
            end++;
        }
        if (end < n && end - t <= LONGEST_LINE) {
            const double left = x[t - 1];
            const double step = (x[end] - left) / (double)(end - t + 1);
            for (size_t k = t; k < end; k++) {
                x[k] = left + step * (double)(k - t + 1);
                n_filled++;
            }
        }
        t = end;
    }
    return n_filled;
}

/* ---- days of hourly stations ---- */

/* The sum of 24 hours; NaN if one is missing, or the run ends before. */
static double sum_of_day(const stations *all, const double *x, size_t day)
{
    double sum = hours_of(all, day) == CSK_BASIN_DAY_STEPS ? 0.0 : NAN;
    for (size_t h = 0; h < hours_of(all, day); h++) {
        sum += x[day * CSK_BASIN_DAY_STEPS + h];
    }
    return sum;
}

static void sum_up_days(const stations *all, cs_make_series *series)
{
    for (size_t day = 0; day < all->n_days; day++) {
        series->day_mean[day] = sum_of_day(all, series->temperature, day) / CSK_BASIN_DAY_STEPS;
        series->day_sum[day] = sum_of_day(all, series->precipitation, day);
    }
}

/* ---- lapse rates ---- */

/* Sums of a regression of temperature on elevation, each day about its own means. */
typedef struct {
    double zz, zt;
    size_t n_days;
} regression;

static void add_day(regression *r, const stations *all, size_t day)
{
    double n = 0.0;
    double z_sum = 0.0;
    double t_sum = 0.0;
    double lowest = INFINITY;
    double highest = -INFINITY;
    for (size_t s = 0; s < all->n; s++) {
        if (!isnan(all->series[s].day_mean[day])) {
            const double z = all->series[s].place.elevation;
            n += 1.0;
            z_sum += z;
            t_sum += all->series[s].day_mean[day];
            lowest = z < lowest ? z : lowest;
            highest = z > highest ? z : highest;
        }
    }
    if (highest - lowest < MIN_RISE) {
        return;
    }
    for (size_t s = 0; s < all->n; s++) {
        if (!isnan(all->series[s].day_mean[day])) {
            const double dz = all->series[s].place.elevation - z_sum / n;
            r->zz += dz * dz;
            r->zt += dz * (all->series[s].day_mean[day] - t_sum / n);
        }
    }
    r->n_days++;
}

/* Of a month, 0: January. A month without enough days takes the regression of its mirror in the
 * year of temperatures, whose turning points are in January and July: February for December, March
 * for November and so on. */
static double lapse_of_month(const regression month[12], int m)
{
    const int mirror = (12 - m) % 12;
    const regression *r = month[m].n_days >= MIN_LAPSE_DAYS ? &month[m] : &month[mirror];
    return r->n_days >= MIN_LAPSE_DAYS ? bounded(r->zt / r->zz, STEEPEST_LAPSE, WEAKEST_LAPSE)
                                       : DEFAULT_LAPSE;
}

static void estimate_lapse(double *lapse, const stations *all)
{
    regression month[12] = {0};
    for (size_t day = 0; day < all->n_days; day++) {
        add_day(&month[cs_make_month(all->start_day + (int64_t)day)], all, day);
    }
    for (size_t day = 0; day < all->n_days; day++) {
        lapse[day] = lapse_of_month(month, cs_make_month(all->start_day + (int64_t)day));
    }
}

static void set_lapse(double *lapse, const stations *all, double given)
{
    if (isnan(given)) {
        estimate_lapse(lapse, all);
        return;
    }
    for (size_t day = 0; day < all->n_days; day++) {
        lapse[day] = given;
    }
}

/* ---- hours of daily stations ---- */

/* How a day goes about its mean [K] and when its rain falls [shares], as hourly stations saw it. */
typedef struct {
    double anomaly[CSK_BASIN_DAY_STEPS];
    double share[CSK_BASIN_DAY_STEPS];  /* where they had rain; adds up to 1 */
    double shower[CSK_BASIN_DAY_STEPS]; /* where they had none; adds up to 1 */
    double sum;                         /* of their rain, mm, mean of the stations */
} day_shape;

static void find_temperature_shape(day_shape *shape, const stations *all, size_t day)
{
    double n = 0.0;
    for (size_t s = 0; s < all->n; s++) {
        const cs_make_series *series = &all->series[s];
        if (series->daily || isnan(series->day_mean[day])) {
            continue;
        }
        n += 1.0;
        for (size_t h = 0; h < CSK_BASIN_DAY_STEPS; h++) {
            shape->anomaly[h] +=
                series->temperature[day * CSK_BASIN_DAY_STEPS + h] - series->day_mean[day];
        }
    }
    for (size_t h = 0; h < CSK_BASIN_DAY_STEPS; h++) {
        shape->anomaly[h] =
            n > 0.0 ? shape->anomaly[h] / n
                    : DAY_AMPLITUDE * csk_cos_turn(((double)h + 0.5 - WARMEST_HOUR) / 24.0);
    }
}

static void find_rain_shape(day_shape *shape, const stations *all, size_t day)
{
    double n = 0.0;
    for (size_t s = 0; s < all->n; s++) {
        const cs_make_series *series = &all->series[s];
        if (series->daily || isnan(series->day_sum[day])) {
            continue;
        }
        n += 1.0;
        shape->sum += series->day_sum[day];
        for (size_t h = 0; h < CSK_BASIN_DAY_STEPS; h++) {
            shape->share[h] += series->precipitation[day * CSK_BASIN_DAY_STEPS + h];
        }
    }
    for (size_t h = 0; h < CSK_BASIN_DAY_STEPS; h++) {
        shape->share[h] = shape->sum > 0.0 ? shape->share[h] / shape->sum : 0.0;
        shape->shower[h] =
            h >= SHOWER_FIRST && h < SHOWER_END ? 1.0 / (double)(SHOWER_END - SHOWER_FIRST) : 0.0;
    }
    shape->sum = n > 0.0 ? shape->sum / n : 0.0;
}

/* The hourly stations' pattern counts as far as they had as much rain; what is beyond falls as
 * showers. Otherwise a trace at one of them would draw the rain of a day into one hour. */
static void spread_day(cs_make_series *series, const stations *all, const day_shape *shape,
                       size_t day)
{
    const double sum = series->day_sum[day];
    const double trust = sum > shape->sum ? shape->sum / sum : 1.0;
    const bool use_shape = shape->sum > 0.0;
    for (size_t h = 0; h < hours_of(all, day); h++) {
        const size_t t = day * CSK_BASIN_DAY_STEPS + h;
        const double share = use_shape ? trust * shape->share[h] + (1.0 - trust) * shape->shower[h]
                                       : shape->shower[h];
        series->temperature[t] = series->day_mean[day] + shape->anomaly[h];
        series->precipitation[t] = sum * share;
    }
}

static void spread_daily_stations(const stations *all)
{
    for (size_t day = 0; day < all->n_days; day++) {
        day_shape shape = {0};
        find_temperature_shape(&shape, all, day);
        find_rain_shape(&shape, all, day);
        for (size_t s = 0; s < all->n; s++) {
            if (all->series[s].daily) {
                spread_day(&all->series[s], all, &shape, day);
            }
        }
    }
}

/* ---- what other stations tell ---- */

/* Temperature at station s in hour t as the others have it, NaN if none has. */
static double temperature_of_others(const stations *all, size_t s, size_t t, const double *lapse)
{
    double sum = 0.0;
    double n = 0.0;
    for (size_t o = 0; o < all->n; o++) {
        if (o != s && !isnan(all->series[o].temperature[t])) {
            const double rise = all->series[s].place.elevation - all->series[o].place.elevation;
            sum += all->series[o].temperature[t] + lapse[t / CSK_BASIN_DAY_STEPS] * rise;
            n += 1.0;
        }
    }
    return n > 0.0 ? sum / n : NAN;
}

static double precipitation_of_others(const stations *all, size_t s, size_t t)
{
    double sum = 0.0;
    double n = 0.0;
    for (size_t o = 0; o < all->n; o++) {
        if (o != s && !isnan(all->series[o].precipitation[t])) {
            sum += all->series[o].precipitation[t];
            n += 1.0;
        }
    }
    return n > 0.0 ? sum / n : NAN;
}

/* Mean of (own - others) over the hours that both have. */
static double mean_difference(const stations *all, size_t s, const double *lapse)
{
    double sum = 0.0;
    double n = 0.0;
    for (size_t t = 0; t < all->n_time; t++) {
        const double difference =
            all->series[s].temperature[t] - temperature_of_others(all, s, t, lapse);
        if (!isnan(difference)) {
            sum += difference;
            n += 1.0;
        }
    }
    return n > 0.0 ? sum / n : 0.0;
}

/* Sum of own over sum of others in the hours that both have. */
static double mean_ratio(const stations *all, size_t s)
{
    double own = 0.0;
    double others = 0.0;
    for (size_t t = 0; t < all->n_time; t++) {
        const double there = precipitation_of_others(all, s, t);
        if (!isnan(there) && !isnan(all->series[s].precipitation[t])) {
            own += all->series[s].precipitation[t];
            others += there;
        }
    }
    return others > 0.0 ? bounded(own / others, MIN_RATIO, MAX_RATIO) : 1.0;
}

/* Mean of the same hour over the days [first, end); NaN if there is none. */
static double mean_of_hour(const double *x, size_t n_time, size_t hour, size_t first, size_t end)
{
    double sum = 0.0;
    double n = 0.0;
    for (size_t day = first; day < end; day++) {
        const size_t t = day * CSK_BASIN_DAY_STEPS + hour;
        if (t < n_time && !isnan(x[t])) {
            sum += x[t];
            n += 1.0;
        }
    }
    return n > 0.0 ? sum / n : NAN;
}

static double usual_temperature(const stations *all, size_t s, size_t t)
{
    const double *x = all->series[s].temperature;
    const size_t day = t / CSK_BASIN_DAY_STEPS;
    const size_t hour = t % CSK_BASIN_DAY_STEPS;
    const size_t first = day > USUAL_DAYS ? day - USUAL_DAYS : 0;
    const double near = mean_of_hour(x, all->n_time, hour, first, day + USUAL_DAYS + 1);
    return isnan(near) ? mean_of_hour(x, all->n_time, hour, 0, all->n_days) : near;
}

static cs_status complete_temperature(double *out, cs_make_gaps *gaps, const stations *all,
                                      size_t s, const double *lapse, cs_error *err)
{
    const double difference = mean_difference(all, s, lapse);
    for (size_t t = 0; t < all->n_time; t++) {
        out[t] = all->series[s].temperature[t];
        if (isnan(out[t])) {
            out[t] = temperature_of_others(all, s, t, lapse) + difference;
            gaps->temperature_others += isnan(out[t]) ? 0 : 1;
        }
        if (isnan(out[t])) {
            out[t] = usual_temperature(all, s, t);
            gaps->temperature_usual++;
        }
        if (isnan(out[t])) {
            return cs_fail(err, CS_DATA,
                           "station %s: no temperature at %02zu:00 of any day, nor at another "
                           "station: shorten --hours",
                           all->series[s].name, t % CSK_BASIN_DAY_STEPS);
        }
    }
    return CS_OK;
}

static void complete_precipitation(double *out, cs_make_gaps *gaps, const stations *all, size_t s)
{
    const double ratio = mean_ratio(all, s);
    for (size_t t = 0; t < all->n_time; t++) {
        out[t] = all->series[s].precipitation[t];
        if (isnan(out[t])) {
            out[t] = ratio * precipitation_of_others(all, s, t);
            gaps->precipitation_others += isnan(out[t]) ? 0 : 1;
        }
        if (isnan(out[t])) {
            out[t] = 0.0;
            gaps->precipitation_none++;
        }
    }
}

/* ---- orographic gradient ---- */

/* mm */
static double station_sum(const cs_make_weather *weather, size_t s)
{
    double sum = 0.0;
    for (size_t t = 0; t < weather->n_time; t++) {
        sum += weather->precipitation[s * weather->n_time + t];
    }
    return sum;
}

/* Least squares of sum = a (1 + g z) over the stations; about the means, as add_day. */
static double estimate_orographic(const cs_make_weather *weather)
{
    const double n = (double)weather->n_station;
    double z_mean = 0.0;
    double p_mean = 0.0;
    double lowest = INFINITY;
    double highest = -INFINITY;
    for (size_t s = 0; s < weather->n_station; s++) {
        const double z = weather->place[s].elevation;
        z_mean += z / n;
        p_mean += station_sum(weather, s) / n;
        lowest = z < lowest ? z : lowest;
        highest = z > highest ? z : highest;
    }
    if (highest - lowest < MIN_RISE) {
        return DEFAULT_OROGRAPHIC;
    }
    double zz = 0.0;
    double zp = 0.0;
    for (size_t s = 0; s < weather->n_station; s++) {
        const double dz = weather->place[s].elevation - z_mean;
        zz += dz * dz;
        zp += dz * (station_sum(weather, s) - p_mean);
    }
    const double sea_level = p_mean - zp / zz * z_mean; /* a */
    return sea_level > 0.0 ? bounded(zp / zz / sea_level, 0.0, LARGEST_OROGRAPHIC)
                           : LARGEST_OROGRAPHIC;
}

/* ---- the whole ---- */

static cs_status check_any(const stations *all, cs_error *err)
{
    size_t n_temperature = 0;
    size_t n_precipitation = 0;
    for (size_t s = 0; s < all->n; s++) {
        for (size_t t = 0; t < all->n_time; t++) {
            n_temperature += isnan(all->series[s].temperature[t]) ? 0 : 1;
            n_precipitation += isnan(all->series[s].precipitation[t]) ? 0 : 1;
        }
    }
    if (n_temperature == 0 || n_precipitation == 0) {
        return cs_fail(err, CS_DATA, "no station has any %s in the time of --start and --hours",
                       n_temperature == 0 ? "temperature" : "precipitation");
    }
    return CS_OK;
}

cs_status cs_make_series_complete(cs_make_weather *weather, cs_make_gaps *gaps,
                                  cs_make_series *series, size_t n, const cs_make_options *options,
                                  cs_error *err)
{
    const size_t n_time = options->n_time;
    const stations all = {series, n, n_time, cs_make_n_days(n_time), options->start_day};
    memset(gaps, 0, n * sizeof *gaps);
    for (size_t s = 0; s < n; s++) {
        if (!series[s].daily) {
            gaps[s].interpolated = bridge_short_gaps(series[s].temperature, n_time);
            sum_up_days(&all, &series[s]);
        }
    }
    set_lapse(weather->lapse, &all, options->lapse);
    spread_daily_stations(&all);
    CS_TRY(check_any(&all, err));
    for (size_t s = 0; s < n; s++) {
        weather->place[s] = series[s].place;
        CS_TRY(complete_temperature(weather->temperature + s * n_time, &gaps[s], &all, s,
                                    weather->lapse, err));
        complete_precipitation(weather->precipitation + s * n_time, &gaps[s], &all, s);
    }
    weather->orographic =
        isnan(options->orographic) ? estimate_orographic(weather) : options->orographic;
    weather->northward = options->northward;
    weather->advection = options->advection;
    weather->day_of_year = cs_make_day_of_year(options->start_day);
    return CS_OK;
}
