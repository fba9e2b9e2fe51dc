/* SPDX-License-Identifier: MIT */
/**
 * Rows of an input file, made by the farm: temperature, precipitation, local discharge.
 *
 * Source: where the catchments of a block are. Kernel: their weather and runoff, as encoded rows.
 * Sink: the file.
 */
#ifndef CS_JOB_MAKE_ROWS_H
#define CS_JOB_MAKE_ROWS_H

#include "farm/farm.h"
#include "job/make_basin.h"
#include "job/make_weather.h"
#include "kernels/basin/hydrology.h"
#include "store/forcing_writer.h"

/** Water of the whole basin, m3 over the whole time. */
typedef struct {
    double precipitation, evapotranspiration, runoff;
} cs_make_water;

/**
 * Makes and writes all rows but those of discharge. Collective.
 *
 * @param water   [out] the basin's balance, on rank 0
 * @param writer  [in]  rank 0's file
 * @param basin   [in]  rank 0's catchments
 * @param weather [in]  the same on all ranks
 * @param deflate [in]  level of the rows
 * Errors: CS_IO, CS_MEMORY, on all ranks alike.
 */
cs_status cs_make_rows(cs_make_water *water, cs_comm *comm, cs_forcing_writer *writer,
                       const cs_make_basin *basin, const cs_make_weather *weather, size_t n_items,
                       int deflate, const cs_threads *threads, cs_progress_mode progress,
                       cs_error *err);

#endif
