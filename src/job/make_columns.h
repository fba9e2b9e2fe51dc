/* SPDX-License-Identifier: MIT */
/**
 * Columns of the tables that an input file is made of: names and units as users give them.
 */
#ifndef CS_JOB_MAKE_COLUMNS_H
#define CS_JOB_MAKE_COLUMNS_H

#include "job/make.h"

/** The columns of a network's table by default: those of rhine_subcatchments.csv. */
void cs_make_network_columns_init(cs_make_column column[CS_MAKE_N_NETWORK_COLUMNS]);

/** The columns of a station's table by default: time, temperature [degC], precipitation [mm/h]. */
void cs_make_station_columns_init(cs_make_column column[CS_MAKE_N_STATION_COLUMNS]);

/**
 * Reads `key=NAME:UNIT,...` where UNIT may be left out; NAME may stand in single quotes, which it
 * must where it contains a comma, a colon or a quote (then doubled). Columns not named stay as
 * they are, but NAME of `-` says that there is no such column.
 *
 * Errors: CS_USAGE for unknown keys and units.
 */
cs_status cs_make_network_columns_parse(cs_make_column column[CS_MAKE_N_NETWORK_COLUMNS],
                                        const char *text, cs_error *err);
cs_status cs_make_station_columns_parse(cs_make_column column[CS_MAKE_N_STATION_COLUMNS],
                                        const char *text, cs_error *err);

/** How to turn a column's numbers into our unit: factor x number + summand. */
typedef struct {
    double factor, summand;
    bool per_day;  /* amounts of a day: mm/d */
    bool per_step; /* amounts of a row: mm */
} cs_make_conversion;

/** The conversion of a column that the parser let pass. */
cs_make_conversion cs_make_network_conversion(cs_make_network_column which,
                                              const cs_make_column *column);
cs_make_conversion cs_make_station_conversion(cs_make_station_column which,
                                              const cs_make_column *column);

#endif
