/* SPDX-License-Identifier: MIT */
#include "kernels/basin/hydrology.h"

#include <math.h>

#include "kernels/basin/weather.h"
#include "kernels/math/elementary.h"

const csk_basin_soil csk_basin_default_soil = {
    .melt = 3.5,
    .capacity = 150.0,
    .fast_share = 0.4,
    .fast_hours = 36.0,
    .slow_hours = 1500.0,
};

#define ALL_SNOW        0.0 /* degC: below it all precipitation is snow, */
#define ALL_RAIN        2.0 /* degC: above this all is rain */
#define SOIL_AT_EASE    0.7 /* share of the capacity above which evapotranspiration is PE */
#define DAYS_PER_YEAR   365.25
#define MJ_PER_MM       2.45   /* MJ/m2 to evaporate 1 mm of water */
#define SOLAR_CONSTANT  0.0820 /* MJ/(m2 min) */
#define MINUTES_PER_DAY 1440.0

/* arc cosine for -1 <= x <= 1, error below 2e-8: Abramowitz and Stegun (1964), 4.4.46. Here
 * because results must have the same bits everywhere. */
static double arc_cosine(double x)
{
    const double a = fabs(x);
    double p = -0.0012624911;
    p = fma(p, a, 0.0066700901);
    p = fma(p, a, -0.0170881256);
    p = fma(p, a, 0.0308918810);
    p = fma(p, a, -0.0501743046);
    p = fma(p, a, 0.0889789874);
    p = fma(p, a, -0.2145988016);
    p = fma(p, a, 1.5707963050);
    const double angle = sqrt(1.0 - a) * p;
    return x < 0.0 ? 0.5 * CSK_TWO_PI - angle : angle;
}

double csk_basin_radiation(double latitude, double day_of_year)
{
    const double year = day_of_year / DAYS_PER_YEAR;
    const double inverse_distance = 1.0 + 0.033 * csk_cos_turn(year);
    const double declination = 0.409 * csk_sin_turn(year - 1.39 / CSK_TWO_PI) / CSK_TWO_PI;
    const double sines = csk_sin_turn(latitude / 360.0) * csk_sin_turn(declination);
    const double cosines = csk_cos_turn(latitude / 360.0) * csk_cos_turn(declination);
    double sunset = cosines > 0.0 ? -sines / cosines : -1e9 * sines; /* its cosine */
    sunset = sunset < -1.0 ? -1.0 : sunset > 1.0 ? 1.0 : sunset;     /* polar day and night */
    const double radiation = MINUTES_PER_DAY / (0.5 * CSK_TWO_PI) * SOLAR_CONSTANT *
                             inverse_distance *
                             (arc_cosine(sunset) * sines + cosines * sqrt(1.0 - sunset * sunset));
    return radiation > 0.0 ? radiation / MJ_PER_MM : 0.0;
}

/* Of one hour of a day with these hourly temperatures, mm/h. */
static double potential_evapotranspiration(const double *temperature, size_t n_hours,
                                           double latitude, double day_of_year)
{
    double sum = 0.0;
    for (size_t t = 0; t < n_hours; t++) {
        sum += temperature[t];
    }
    const double mean = sum / (double)n_hours;
    return mean > -5.0 ? csk_basin_radiation(latitude, day_of_year) * (mean + 5.0) / 100.0 /
                             CSK_BASIN_DAY_STEPS
                       : 0.0;
}

/* Returns rain and melt, mm/h. */
static double pass_snow(double *snow, double melt_per_hour, double temperature,
                        double precipitation)
{
    double solid = (ALL_RAIN - temperature) / (ALL_RAIN - ALL_SNOW);
    solid = solid < 0.0 ? 0.0 : solid > 1.0 ? 1.0 : solid;
    *snow += solid * precipitation;
    double melt = temperature > 0.0 ? melt_per_hour * temperature : 0.0;
    melt = melt < *snow ? melt : *snow;
    *snow -= melt;
    return (precipitation - solid * precipitation) + melt;
}

/* Returns what runs off, mm/h. */
static double pass_soil(double *soil, double *evapotranspiration, double capacity, double water,
                        double potential)
{
    const double wetness = *soil / capacity;
    double runoff = water * (wetness < 1.0 ? wetness * wetness : 1.0);
    *soil += water - runoff;
    if (*soil > capacity) {
        runoff += *soil - capacity;
        *soil = capacity;
    }
    const double ease = *soil / (SOIL_AT_EASE * capacity);
    double actual = potential * (ease < 1.0 ? ease : 1.0);
    actual = actual < *soil ? actual : *soil;
    *soil -= actual;
    *evapotranspiration = actual;
    return runoff;
}

/* A linear reservoir with this constant inflow over the hour, mm/h: S' = S e + in k (1 - e), where
 * e = exp(-1/k). Returns the outflow, mm/h: what is not left. */
static double pass_reservoir(double *store, double inflow, double hours, double left)
{
    const double sum = *store + inflow;
    const double after = *store * left + inflow * (hours * (1.0 - left));
    *store = after;
    return sum > after ? sum - after : 0.0;
}

void csk_basin_runoff(double *runoff, csk_basin_stores *stores, csk_basin_balance *balance,
                      const csk_basin_soil *soil, const double *temperature,
                      const double *precipitation, size_t n_time, double latitude,
                      double day_of_year)
{
    const double melt = soil->melt / CSK_BASIN_DAY_STEPS;
    const double left_fast = csk_exp(-1.0 / soil->fast_hours);
    const double left_slow = csk_exp(-1.0 / soil->slow_hours);
    csk_basin_stores s = *stores;
    csk_basin_balance sum = {0};
    double potential = 0.0;
    for (size_t t = 0; t < n_time; t++) {
        if (t % CSK_BASIN_DAY_STEPS == 0) {
            const size_t rest = n_time - t;
            potential = potential_evapotranspiration(
                temperature + t, rest < CSK_BASIN_DAY_STEPS ? rest : CSK_BASIN_DAY_STEPS, latitude,
                day_of_year + (double)(t / CSK_BASIN_DAY_STEPS));
        }
        double evapotranspiration = 0.0;
        const double water = pass_snow(&s.snow, melt, temperature[t], precipitation[t]);
        const double surplus =
            pass_soil(&s.soil, &evapotranspiration, soil->capacity, water, potential);
        const double fast = soil->fast_share * surplus;
        runoff[t] = pass_reservoir(&s.fast, fast, soil->fast_hours, left_fast) +
                    pass_reservoir(&s.slow, surplus - fast, soil->slow_hours, left_slow);
        sum.precipitation += precipitation[t];
        sum.evapotranspiration += evapotranspiration;
        sum.runoff += runoff[t];
    }
    *stores = s;
    if (balance != NULL) {
        balance->precipitation += sum.precipitation;
        balance->evapotranspiration += sum.evapotranspiration;
        balance->runoff += sum.runoff;
    }
}
