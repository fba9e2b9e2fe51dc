/* SPDX-License-Identifier: MIT */
/**
 * Tables of numbers as model programs exchange them: a header of names, tabs between columns.
 *
 * Small enough to be in memory as columns of doubles (a year of hours has 8,760 rows). Whatever is
 * no number is NaN. LF and CRLF; blanks around fields; empty lines at the end. Refused, with file
 * and line: no header, a row with more or fewer fields than the header. (delimited.h reads what
 * people write: quotes, any separator, tables that are large.)
 */
#ifndef CS_TEXT_TABLE_H
#define CS_TEXT_TABLE_H

#include <stddef.h>

#include "base/memory.h"
#include "text/file.h"

/** More than this is refused: 1 GiB. */
#define CS_TABLE_MAX ((size_t)1 << 30)

typedef struct {
    const char *name;
    const double *values; /* [n_rows] */
} cs_table_column;

typedef struct {
    cs_table_column *columns; /* [n_columns] */
    size_t n_columns, n_rows;
    char *names;    /* the names' text */
    double *values; /* [n_columns][n_rows] */
} cs_table;

/**
 * Reads a table.
 *
 * @param table [out] released by cs_table_free, empty on failure; independent of `text`
 * @param path  [in]  names it in messages
 * Thread-safe. Row i stands on line i + 2. Errors: CS_DATA as "path:line: ...", CS_MEMORY.
 */
cs_status cs_table_parse(cs_table *table, const char *text, size_t size, const char *path,
                         cs_error *err);

/** The same from a file. Errors: CS_IO, too. */
cs_status cs_table_read(cs_table *table, const char *path, cs_error *err);

/** Releases; an empty table is fine. */
void cs_table_free(cs_table *table);

/** The first column of this name, or NULL. */
const cs_table_column *cs_table_find(const cs_table *table, const char *name);

/**
 * Writes columns as a table: tabs, LF, nine significant digits (`%.9g`), NaN as `NaN`.
 *
 * @param file    [in] begun by the caller, who finishes it
 * @param columns [in] columns[n_columns], each n_rows long
 * Cost: about 30 ns a number, 2 ns where it is the one above. Errors: CS_IO, CS_MEMORY.
 */
cs_status cs_table_write(cs_file_writer *file, const cs_table_column *columns, size_t n_columns,
                         size_t n_rows, cs_error *err);

#endif
