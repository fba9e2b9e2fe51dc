/* SPDX-License-Identifier: MIT */
/**
 * Runoff of a catchment from its weather: snow, soil, a fast and a slow reservoir.
 *
 * Hourly, one step after the other; a lumped model in the manner of HBV (Bergstroem 1992):
 *
 *     snow   falls below 2 degC (all of it below 0), melts by degree-days
 *     soil   takes rain and melt; the share (soil/capacity)^2 of it runs off, the rest is kept
 *     PE     potential evapotranspiration of the day by Oudin et al. (2005): Re/(lambda rho)
 *            (T + 5)/100 where T > -5 degC, with the extraterrestrial radiation of latitude and
 *            day (Allen et al. 1998, FAO 56, equations 21 to 25); evenly over the day's hours;
 *            actual: PE min(1, soil/(0.7 capacity)), at most what the soil holds
 *     runoff 40 % to a fast linear reservoir, 60 % to a slow one; both by their closed form for a
 *            constant inflow over the hour, so water is neither made nor lost
 */
#ifndef CSK_BASIN_HYDROLOGY_H
#define CSK_BASIN_HYDROLOGY_H

#include <stddef.h>

/** Constants of the soil and its reservoirs. */
typedef struct {
    double melt;       /* mm per degree and day */
    double capacity;   /* of the soil, mm */
    double fast_share; /* of the runoff, 0..1 */
    double fast_hours; /* time constants, h */
    double slow_hours;
} csk_basin_soil;

/** Not calibrated; they give runoff coefficients as in central Europe. */
extern const csk_basin_soil csk_basin_default_soil;

/** What a catchment holds, mm. */
typedef struct {
    double snow, soil, fast, slow;
} csk_basin_stores;

/** What went in and out since the record was zeroed, mm. */
typedef struct {
    double precipitation, evapotranspiration, runoff;
} csk_basin_balance;

/** Extraterrestrial radiation, mean of a day, as water that it can evaporate [mm/d]. */
double csk_basin_radiation(double latitude, double day_of_year);

/**
 * Runs the model over a series.
 *
 * Thread-safe, never fails, no memory; series of the whole day are read where a day begins.
 *
 * @param runoff        [out]    [n_time] mm/h, >= 0
 * @param stores        [in,out] at the series' beginning and end, >= 0
 * @param balance       [in,out] is added to; NULL: not wanted
 * @param temperature   [in]     [n_time] degC
 * @param precipitation [in]     [n_time] mm/h, >= 0
 * @param latitude      [in]     degrees
 * @param day_of_year   [in]     of the first hour, 0: 1 January
 */
void csk_basin_runoff(double *runoff, csk_basin_stores *stores, csk_basin_balance *balance,
                      const csk_basin_soil *soil, const double *temperature,
                      const double *precipitation, size_t n_time, double latitude,
                      double day_of_year);

#endif
