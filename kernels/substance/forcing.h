/* SPDX-License-Identifier: MIT */
/**
 * What drives a substance model: the weather and water of one catchment, and the clock.
 *
 * Row 0 gives the initial state and its values are never read; row i holds from row i - 1 to row i.
 * The caller owns the arrays and has checked that rows from 1 on hold no NaN.
 */
#ifndef CSK_SUBSTANCE_FORCING_H
#define CSK_SUBSTANCE_FORCING_H

#include <stddef.h>

/** The forcing of one catchment. */
typedef struct {
    const double *temperature;     /* [n_time] degC */
    const double *precipitation;   /* [n_time] mm/d; below 0 counts as 0 */
    const double *local_discharge; /* [n_time] m3/s; below 0 counts as 0 */
} csk_forcing;

/** The time axis that all catchments share. */
typedef struct {
    size_t n_time; /* rows, row 0 included */
    double step;   /* days a row, > 0 */
    double start;  /* s since 1970-01-01 00:00 UTC of row number 0; only household reads it */
    size_t number; /* of row 0: 0 but where a series is run in pieces, then the last row done */
} csk_clock;

#endif
