/* SPDX-License-Identifier: MIT */
/**
 * The result file of an earlier run: how each catchment ended, and the numbers it left. Rank 0,
 * main thread.
 */
#ifndef CS_STORE_EARLIER_H
#define CS_STORE_EARLIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** What it is about; owned by the cs_earlier. */
typedef struct {
    const char *path;
    char *substance, *model;
    char *content_id;    /* of its input; NULL: unknown */
    char *configuration; /* the XML of its run; "" without a file */
    size_t n_catchment, n_time;
    const int64_t *id;   /* [n_catchment] > 0, distinct */
    signed char *status; /* [n_catchment] cs_run_status */
    bool float64;        /* type of load and concentration, else float32 */
    double step_days;
    double start;           /* seconds since 1970 of row 0 */
    double last;            /* of the last row */
    double series_start;    /* of row number 0 of the series that this is a piece of */
    uint64_t series_number; /* of this file's row 0 in that series */
} cs_earlier_info;

typedef struct cs_earlier cs_earlier;

/** Opens a result file. Errors: CS_IO, CS_DATA (it is none: what is missing), CS_MEMORY. */
cs_status cs_earlier_open(cs_earlier **earlier, const char *path, cs_error *err);

/** NULL is fine. */
void cs_earlier_close(cs_earlier *earlier);

const cs_earlier_info *cs_earlier_get_info(const cs_earlier *earlier);

/**
 * Finds a catchment by its id; false: the file does not have it. Bisection.
 *
 * @param place [out] 0 .. n_catchment-1
 */
bool cs_earlier_find(size_t *place, const cs_earlier *earlier, int64_t id);

/**
 * Reads a number per catchment, such as "state_T_sum" or "run/seconds", as the doubles they are.
 *
 * @param values [out] [n_catchment], the caller frees; NULL where the file has no such dataset
 * Errors: CS_DATA (no numbers, wrong shape), CS_MEMORY.
 */
cs_status cs_earlier_numbers(double **values, const cs_earlier *earlier, const char *name,
                             cs_error *err);

#endif
