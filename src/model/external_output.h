/* SPDX-License-Identifier: MIT */
/**
 * The table that an external program writes: found by column names, in all dialects.
 *
 * Lines end with LF or CRLF. Fields are separated by tabs if the head has one, else by semicolons,
 * else by commas, else by blanks. Numbers may have exponents of any length; NA, N/A, NaN, null, an
 * empty field, infinity and what Windows prints for them (1.#QNAN, -nan(ind)) are missing values.
 * Every row has as many fields as the head; an empty one behind the last does not count, nor do
 * empty lines at the end. The last row may lack its line end if its last field is not empty: that
 * a file is cut off within just that field is less likely than a program that ends so. Thread-safe.
 */
#ifndef CS_MODEL_EXTERNAL_OUTPUT_H
#define CS_MODEL_EXTERNAL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"

/** A column that is wanted. */
typedef struct {
    const char *name;
    bool required;  /* else values stays as it is where there is no such column */
    double *values; /* [out] [n_time], NaN: missing */
    bool is_there;  /* [out] */
} cs_output_column;

/**
 * Reads the file a program wrote.
 *
 * @param text     [out] its content, replaced
 * @param max_size [in]  bytes; a larger one is refused
 * Errors: CS_DATA (not there, no plain file, empty, too large), CS_IO, CS_MEMORY.
 */
cs_status cs_external_output_read(cs_bytes *text, const char *path, uint64_t max_size,
                                  cs_error *err);

/**
 * Takes columns out of a table with n_time rows.
 *
 * Errors: CS_DATA: no such column, too few or too many rows, a row with more or fewer fields than
 * the head, a field that is no number: which row (from 1, without the head) and what it says.
 */
cs_status cs_external_output_parse(cs_output_column *columns, size_t n_columns, const char *text,
                                   size_t size, size_t n_time, cs_error *err);

#endif
