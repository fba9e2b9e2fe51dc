/* SPDX-License-Identifier: MIT */
/**
 * The catchments of an input file that is being made: network, places, and what people do there.
 */
#ifndef CS_JOB_MAKE_BASIN_H
#define CS_JOB_MAKE_BASIN_H

#include "job/make.h"
#include "kernels/network/network.h"

/** Rank 0 only. Zero-initialised: empty. */
typedef struct {
    size_t n;
    int64_t *id;              /* [n] */
    int64_t *next_down_id;    /* [n] 0: outlet */
    int32_t *strahler;        /* [n] */
    double *area;             /* [n] m2 */
    double *lon, *lat;        /* [n] degrees */
    double *elevation;        /* [n] m */
    double *application_area; /* [n] m2 */
    double *facade_area;      /* [n] m2 */
    double *application_rate; /* [n] g/m2 */
    double *population;       /* [n] persons */
    csk_network network;      /* in `network_memory` */
    void *network_memory;
} cs_make_basin;

/** Makes room for n catchments, all numbers NaN (not known yet). Errors: CS_DATA for n = 0. */
cs_status cs_make_basin_allocate(cs_make_basin *basin, size_t n, cs_error *err);
void cs_make_basin_free(cs_make_basin *basin);

/** Grows a synthetic basin. Errors: CS_USAGE for 0 catchments, CS_MEMORY. */
cs_status cs_make_basin_grow(cs_make_basin *basin, size_t n, uint64_t seed, cs_error *err);

/** Reads a network from a table (make_network.c). Errors: CS_IO, CS_DATA, CS_MEMORY. */
cs_status cs_make_basin_read(cs_make_basin *basin, const cs_make_options *options, cs_error *err);

/**
 * Connects the network and puts defaults in place of numbers that are not known.
 *
 * application_area 5 % and facade_area 0.2 % of the area; application_rate 0.1 g/m2 times a factor
 * of the catchment, uniform in 0.5..1.5; population spread by area x exp(-elevation/500 m), where
 * its total is 58 million times the basin's share of the Rhine's 185,000 km2, at most 58 million.
 *
 * @param where [in] names the source in messages: a path
 * Errors: CS_DATA for a network that is none, CS_MEMORY.
 */
cs_status cs_make_basin_finish(cs_make_basin *basin, const char *where, uint64_t seed,
                               cs_error *err);

#endif
