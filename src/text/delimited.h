/* SPDX-License-Identifier: MIT */
/**
 * Delimited text: a header line of names, then one row a line.
 *
 * The file is in memory as a whole; rows are visited one after the other, the fields of a row are
 * looked at in place. A year of hours with 18,000 columns is read at the speed of finding the
 * separators, and what a caller does not ask for is not converted.
 *
 * Accepted: comma, semicolon or tab (whichever the header has most of, outside quotes), a byte
 * order mark, LF and CRLF, blanks around fields, quoted fields with doubled quotes, separators and
 * line ends in them, empty lines (passed over). Refused, with file and line: rows with more or
 * fewer fields than the header, text behind a closing quote, an open quote, NUL bytes, two columns
 * of one name when that name is asked for.
 *
 * Not thread-safe: one reader, one thread.
 */
#ifndef CS_TEXT_DELIMITED_H
#define CS_TEXT_DELIMITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

typedef struct cs_delimited cs_delimited;

/** More than this is refused: 18,000 columns x 8,784 rows of 50 bytes. */
#define CS_DELIMITED_MAX ((size_t)8 << 30)

/**
 * Opens a file, plain or gzip, and reads its header.
 *
 * @param table     [out] released by cs_delimited_close; NULL on failure
 * @param max_bytes [in]  more than this, packed or unpacked, is refused
 * Errors: CS_IO, CS_DATA, CS_MEMORY.
 */
cs_status cs_delimited_open(cs_delimited **table, const char *path, size_t max_bytes,
                            cs_error *err);

/**
 * The same for a content in memory.
 *
 * @param name    [in]     names it in messages
 * @param content [in,out] is taken over and left empty, also on failure
 */
cs_status cs_delimited_wrap(cs_delimited **table, const char *name, cs_bytes *content,
                            cs_error *err);

/** NULL is fine. */
void cs_delimited_close(cs_delimited *table);

/** Number of columns, >= 1, and their names (zero-terminated, the table's). */
size_t cs_delimited_n_columns(const cs_delimited *table);
const char *cs_delimited_name(const cs_delimited *table, size_t column);

/** The place of a column. Errors: CS_DATA if none or two have this name. */
cs_status cs_delimited_find(size_t *column, const cs_delimited *table, const char *name,
                            cs_error *err);

/**
 * Goes to the next row; the first call goes to the first.
 *
 * @param more [out] false: there is none
 * Errors: CS_DATA for a broken row; CS_MEMORY.
 */
cs_status cs_delimited_next(cs_delimited *table, bool *more, cs_error *err);

/** Goes back before the first row. */
void cs_delimited_rewind(cs_delimited *table);

/** Line of the current row, from 1. */
size_t cs_delimited_line(const cs_delimited *table);

/** A field of the current row, without quotes and blanks around it; valid until the next row. */
const char *cs_delimited_text(size_t *length, const cs_delimited *table, size_t column);

/**
 * A field of the current row as a number, a whole number, a time (text/number.h).
 *
 * A missing double (empty, NA, NaN, null) is NaN; a missing whole number or time is an error.
 * Errors: CS_DATA, naming file, line and column.
 */
cs_status cs_delimited_double(double *out, const cs_delimited *table, size_t column, cs_error *err);
cs_status cs_delimited_int64(int64_t *out, const cs_delimited *table, size_t column, cs_error *err);
cs_status cs_delimited_time(int64_t *out, const cs_delimited *table, size_t column, cs_error *err);

/** Refuses a field of the current row: "FILE:LINE: column NAME: "TEXT" why". */
cs_status cs_delimited_refuse(const cs_delimited *table, size_t column, const char *why,
                              cs_error *err);

#endif
