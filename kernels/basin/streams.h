/* SPDX-License-Identifier: MIT */
/**
 * The streams of random numbers (kernels/math/random.h) of synthetic basins, so that none is used
 * for two things.
 */
#ifndef CSK_BASIN_STREAMS_H
#define CSK_BASIN_STREAMS_H

enum {
    CSK_STREAM_CROSSING = 1,     /* times to cross between cells; index: the pair */
    CSK_STREAM_AREA,             /* index: catchment */
    CSK_STREAM_POSITION,         /* index: 2 x catchment + axis */
    CSK_STREAM_SLOPE,            /* index: catchment */
    CSK_STREAM_STATION,          /* positions of synthetic stations; index: 2 x station + axis */
    CSK_STREAM_WAVE,             /* wave vectors of the weather's fields; index: see weather */
    CSK_STREAM_RATE,             /* application rates; index: catchment */
    CSK_STREAM_TEMPERATURE = 64, /* + mode: noise of the temperature field; index: hour */
    CSK_STREAM_RAIN = 128,       /* + mode: noise of the rain field; index: hour */
};

#endif
