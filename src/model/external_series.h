/* SPDX-License-Identifier: MIT */
/**
 * The table that an external program reads: a head of column names, a row for each time step, tabs
 * between.
 *
 * Numbers have the fewest digits from which the very double comes back that our own models would
 * compute with. A missing value in row 0,
 * which no model uses, is written as NA. What all catchments share is made once.
 */
#ifndef CS_MODEL_EXTERNAL_SERIES_H
#define CS_MODEL_EXTERNAL_SERIES_H

#include <stdint.h>

#include "base/memory.h"
#include "config/config.h"
#include "model/engine.h"

typedef struct cs_external_series cs_external_series;

/** The forcing variables that the columns need, bit 1 << cs_variable each. Unknown ones: none. */
uint32_t cs_external_series_needs(const cs_config_external *external);

/**
 * What 1 m3/s is in a column of the table: 1000 where it holds a discharge in L/s, else 1. A
 * program that hands the column on in its output does so in this unit. Thread-safe.
 */
double cs_external_series_per_m3(const cs_config_external *external, const char *name);

/**
 * Prepares the table.
 *
 * @param series [out] released by cs_external_series_free; NULL on failure; used by any number of
 *                     threads at once
 * @param config [in]  for messages
 * Errors: CS_DATA (unknown variable or unit, with file and line), CS_MEMORY.
 */
cs_status cs_external_series_open(cs_external_series **series, const cs_config *config,
                                  const cs_config_external *external, size_t n_time,
                                  double step_days, cs_error *err);

/**
 * Appends the table of catchment i of a task. Thread-safe. Errors: CS_MEMORY.
 *
 * Cost: 40 ns a number, less where values repeat themselves.
 */
cs_status cs_external_series_fill(cs_bytes *out, const cs_external_series *series,
                                  const cs_engine_task *task, size_t i, cs_error *err);

void cs_external_series_free(cs_external_series *series);

#endif
