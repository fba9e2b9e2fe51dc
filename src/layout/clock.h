/* SPDX-License-Identifier: MIT */
/**
 * The time axis of a table.
 */
#ifndef CS_LAYOUT_CLOCK_H
#define CS_LAYOUT_CLOCK_H

#include "kernels/substance/forcing.h"
#include "text/table.h"

/**
 * The clock of an evenly spaced time column, in days from 0 or later.
 *
 * Printed with few digits it is even to those only: a ten-thousandth of a step is allowed. A whole
 * number of steps a day, to a millionth, is taken as meant.
 *
 * Thread-safe. Errors: CS_DATA as "path:line: ..." (no number, not even, backward, before 0).
 */
cs_status cs_clock_from_table(csk_clock *clock, const cs_table *table, const cs_table_column *time,
                              const char *path, cs_error *err);

#endif
