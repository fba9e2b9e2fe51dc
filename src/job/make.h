/* SPDX-License-Identifier: MIT */
/**
 * Makes an input file: a synthetic basin, or a given network with weather from stations.
 *
 * Rank 0 reads or grows the network and prepares the stations' series; the farm makes each
 * catchment's weather and local discharge on all ranks; then rank 0 adds local discharge up
 * downstream. The file has the same bytes for every number of ranks and threads. Memory does not
 * grow with catchments x hours. docs/catchmake.md tells the methods and their constants.
 */
#ifndef CS_JOB_MAKE_H
#define CS_JOB_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "farm/comm.h"
#include "farm/threads.h"
#include "kernels/basin/weather.h"
#include "watch/progress.h"

/** A column of a table: its name there, and the unit its numbers are in ("" where there is none).
 */
typedef struct {
    char name[64]; /* "": the table has no such column */
    char unit[16];
} cs_make_column;

/** The columns of a station's table. */
typedef enum {
    CS_MAKE_TIME,
    CS_MAKE_TEMPERATURE,   /* K, degC */
    CS_MAKE_PRECIPITATION, /* mm/h, mm/d, mm (of the step) */
    CS_MAKE_N_STATION_COLUMNS
} cs_make_station_column;

/** The columns of a network's table. */
typedef enum {
    CS_MAKE_ID,
    CS_MAKE_NEXT_DOWN_ID,
    CS_MAKE_AREA,             /* m2, km2, ha */
    CS_MAKE_LON,              /* degrees */
    CS_MAKE_LAT,              /* degrees */
    CS_MAKE_ELEVATION,        /* m */
    CS_MAKE_STRAHLER,         /* optional, as those that follow */
    CS_MAKE_APPLICATION_AREA, /* m2, km2, ha */
    CS_MAKE_FACADE_AREA,      /* m2, km2, ha */
    CS_MAKE_APPLICATION_RATE, /* g/m2, kg/ha */
    CS_MAKE_POPULATION,       /* persons */
    CS_MAKE_N_NETWORK_COLUMNS
} cs_make_network_column;

/** A station and where its series are. Plain data. */
typedef struct {
    char path[4096];
    char name[64];
    csk_basin_place place;
    cs_make_column column[CS_MAKE_N_STATION_COLUMNS];
    char where_column[64]; /* only rows with this text in this column; "": all rows */
    char where_value[64];
} cs_make_station;

typedef struct {
    const char *output;
    const char *network; /* a table; NULL: a synthetic basin */
    cs_make_column column[CS_MAKE_N_NETWORK_COLUMNS];
    cs_make_station
        *station; /* [n_station], only with a network; released by cs_make_options_free */
    size_t n_station;
    size_t n_catchment; /* of a synthetic basin, >= 1 */
    size_t n_time;      /* hours, >= 1 */
    int64_t start_day;  /* days since 1970-01-01 of the first interval's beginning, 00:00 UTC */
    uint64_t seed;
    double lapse;            /* K/m; NaN: estimated between the stations, else -0.0065 */
    double northward;        /* K per degree of latitude: colder to the north */
    double orographic;       /* 1/m; NaN: estimated between the stations */
    double advection;        /* km/h; 0: rain falls everywhere at once */
    const char *licence;     /* of the data, for the file; NULL: none */
    const char *attribution; /* likewise */
    int deflate;             /* 0..12 */
    bool fresh;              /* replace an existing output */
} cs_make_options;

/** Defaults: the synthetic year 2021 of 1,000 catchments, seed 1, no output. */
void cs_make_options_init(cs_make_options *options);
void cs_make_options_free(cs_make_options *options);

/**
 * Makes the file. Collective; the same status and record on all ranks.
 *
 * @param options   [in] the same on all ranks
 * @param threads   [in] what this rank runs on
 * @param progress  [in] how rank 0 shows progress
 * Errors: CS_USAGE for options that do not fit; CS_DATA for a bad table, with file:line; CS_IO,
 * CS_LOCKED, CS_MEMORY. Nothing that looks like an output is left then.
 */
cs_status cs_make_run(cs_comm *comm, const cs_make_options *options, const cs_threads *threads,
                      cs_progress_mode progress, cs_error *err);

#endif
