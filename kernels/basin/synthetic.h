/* SPDX-License-Identifier: MIT */
/**
 * Weather of synthetic stations: a stand-in for measured series, made from a seed.
 *
 * Temperature = mean of the latitude at sea level + season + day cycle + lapse + noise;
 * precipitation = a wet and dry pattern that grows and decays + a season of its intensity. Both
 * noises are Gaussian fields over the region: waves of random direction and length (random Fourier
 * features, Rahimi and Recht 2007), each with amplitudes that are first-order autoregressive
 * in time. Correlation between stations so falls with their distance as exp(-d^2/(2 L^2)).
 */
#ifndef CSK_BASIN_SYNTHETIC_H
#define CSK_BASIN_SYNTHETIC_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/basin/weather.h"

enum {
    CSK_BASIN_MODES = 24,    /* waves of a field */
    CSK_BASIN_SYNTHETIC = 24 /* stations of a synthetic basin: one for about 120 x 110 km */
};

/**
 * Places stations on a grid over the basin's box, each at random within its cell; elevation 0.
 *
 * @param place [out] [n_station]
 */
void csk_basin_place_stations(csk_basin_place *place, size_t n_station, uint64_t seed);

/**
 * Makes the series of stations. A station's series depend on its place, not on the other stations.
 *
 * @param temperature   [out] n_station x n_time, degC
 * @param precipitation [out] n_station x n_time, mm/h: 0 in about 90 of 100 hours
 * @param place         [in]  [n_station], n_station <= CSK_BASIN_SYNTHETIC
 * @param lapse         [in]  K/m
 * @param northward     [in]  K per degree of latitude
 * @param day_of_year   [in]  of the first hour, 0: 1 January
 * Thread-safe, never fails, no memory; serial, as each hour comes from the one before. Cost: 4
 * CSK_BASIN_MODES normal numbers an hour (a year of all stations: 0.05 s).
 */
void csk_basin_synthesize(double *temperature, double *precipitation, const csk_basin_place *place,
                          size_t n_station, double lapse, double northward, size_t n_time,
                          double day_of_year, uint64_t seed);

#endif
