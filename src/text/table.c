/* SPDX-License-Identifier: MIT */
#include "text/table.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "text/format.h"
#include "text/mark.h"
#include "text/number.h"

enum { DIGITS = 9, PIECE = 1 << 17 }; /* PIECE: bytes of one write, which the cache holds */

/* ---- reading ---- */

/* A piece of a line. */
typedef struct {
    const char *at, *end;
} span;

static span trimmed(span field)
{
    for (; field.at < field.end && *field.at == ' '; field.at++) {
    }
    for (; field.end > field.at && field.end[-1] == ' '; field.end--) {
    }
    return field;
}

/* The line at `text->at`, without its end; moves behind it. */
static span next_line(span *text)
{
    const char *end = memchr(text->at, '\n', (size_t)(text->end - text->at));
    span line = {text->at, end != NULL ? end : text->end};
    text->at = end != NULL ? end + 1 : text->end;
    if (line.end > line.at && line.end[-1] == '\r') {
        line.end--;
    }
    return line;
}

/* The next field of a line; false behind the last one. */
static bool next_field(span *field, span *line)
{
    if (line->at == NULL) {
        return false;
    }
    const char *tab = line->at;
    for (; tab < line->end && *tab != '\t'; tab++) {
    }
    *field = trimmed((span){line->at, tab});
    line->at = tab < line->end ? tab + 1 : NULL;
    return true;
}

static size_t count(span text, char c)
{
    size_t n = 0;
    for (const char *at = text.at; at < text.end; at++) {
        n += *at == c;
    }
    return n;
}

static cs_status read_header(cs_table *table, span line, const char *path, cs_error *err)
{
    const size_t length = (size_t)(line.end - line.at);
    span field;
    table->n_columns = count(line, '\t') + 1;
    CS_TRY(cs_alloc(&table->columns, table->n_columns, sizeof *table->columns, path, err));
    CS_TRY(cs_alloc(&table->names, length + 1, 1, path, err));
    char *name = table->names;
    for (size_t i = 0; next_field(&field, &line); i++) {
        const size_t n = (size_t)(field.end - field.at);
        if (n == 0 || memchr(field.at, '\0', n) != NULL) {
            return cs_fail(err, CS_DATA, "%s:1: column %zu has no name", path, i + 1);
        }
        table->columns[i].name = name;
        memcpy(name, field.at, n);
        name += n + 1; /* the buffer is zeroed; a tab is the room for the end */
    }
    return CS_OK;
}

static cs_status read_row(cs_table *table, size_t row, span line, const char *path, cs_error *err)
{
    span field;
    size_t n = 0;
    for (; next_field(&field, &line); n++) {
        if (n < table->n_columns) {
            double value = NAN;
            cs_text_double(&value, field.at, (size_t)(field.end - field.at));
            table->values[n * table->n_rows + row] = value;
        }
    }
    if (n != table->n_columns) {
        return cs_fail(err, CS_DATA, "%s:%zu: %zu fields where the header has %zu", path, row + 2,
                       n, table->n_columns);
    }
    return CS_OK;
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

static cs_status read_all(cs_table *table, span text, const char *path, cs_error *err)
{
    text.at += cs_text_mark(text.at, (size_t)(text.end - text.at));
    for (; text.end > text.at && is_line_end(text.end[-1]); text.end--) {
    }
    if (text.at == text.end) {
        return cs_fail(err, CS_DATA, "%s:1: empty, a header of column names is expected", path);
    }
    CS_TRY(read_header(table, next_line(&text), path, err));
    const size_t n_rows = text.at < text.end ? count(text, '\n') + 1 : 0;
    CS_TRY(cs_alloc(&table->values, table->n_columns * n_rows, sizeof *table->values, path, err));
    table->n_rows = n_rows;
    for (size_t i = 0; i < table->n_columns; i++) {
        table->columns[i].values = table->values + i * n_rows;
    }
    for (size_t row = 0; row < n_rows; row++) {
        CS_TRY(read_row(table, row, next_line(&text), path, err));
    }
    return CS_OK;
}

cs_status cs_table_parse(cs_table *table, const char *text, size_t size, const char *path,
                         cs_error *err)
{
    *table = (cs_table){0};
    const cs_status status = read_all(table, (span){text, text + size}, path, err);
    if (status != CS_OK) {
        cs_table_free(table);
    }
    return status;
}

cs_status cs_table_read(cs_table *table, const char *path, cs_error *err)
{
    cs_bytes content = {0};
    *table = (cs_table){0};
    cs_status status = cs_file_read(&content, path, CS_TABLE_MAX, err);
    if (status == CS_OK) {
        status = cs_table_parse(table, (const char *)content.data, content.size, path, err);
    }
    cs_bytes_free(&content);
    return status;
}

void cs_table_free(cs_table *table)
{
    free(table->columns);
    free(table->names);
    free(table->values);
    *table = (cs_table){0};
}

const cs_table_column *cs_table_find(const cs_table *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        if (strcmp(table->columns[i].name, name) == 0) {
            return &table->columns[i];
        }
    }
    return NULL;
}

/* ---- writing ---- */

/* What a column's row above was: most values of weather repeat it. */
typedef struct {
    double value;
    size_t length; /* 0: nothing yet */
    char text[CS_TEXT_NUMBER_LENGTH];
} last_field;

typedef struct {
    char *data; /* [PIECE + a row] */
    size_t size;
    last_field *last; /* [n_columns] */
} page;

static void put_field(page *out, last_field *last, double value, char end)
{
    if (last->length == 0 || memcmp(&value, &last->value, sizeof value) != 0) {
        last->value = value;
        last->length = cs_text_put_double(last->text, value, DIGITS);
    }
    memcpy(out->data + out->size, last->text, sizeof last->text); /* of a constant size */
    out->size += last->length;
    out->data[out->size++] = end;
}

static cs_status write_header(cs_file_writer *file, const cs_table_column *columns,
                              size_t n_columns, cs_error *err)
{
    cs_bytes line = {0};
    cs_status status = CS_OK;
    for (size_t i = 0; i < n_columns; i++) {
        CS_CHECK(cs_bytes_append(&line, columns[i].name, strlen(columns[i].name), err));
        CS_CHECK(cs_bytes_append(&line, i + 1 < n_columns ? "\t" : "\n", 1, err));
    }
    CS_CHECK(cs_file_write(file, line.data, line.size, err));
release:
    cs_bytes_free(&line);
    return status;
}

static cs_status write_rows(cs_file_writer *file, page *out, const cs_table_column *columns,
                            size_t n_columns, size_t n_rows, cs_error *err)
{
    for (size_t row = 0; row < n_rows; row++) {
        for (size_t i = 0; i < n_columns; i++) {
            put_field(out, &out->last[i], columns[i].values[row], i + 1 < n_columns ? '\t' : '\n');
        }
        if (out->size >= PIECE || row + 1 == n_rows) {
            CS_TRY(cs_file_write(file, out->data, out->size, err));
            out->size = 0;
        }
    }
    return CS_OK;
}

cs_status cs_table_write(cs_file_writer *file, const cs_table_column *columns, size_t n_columns,
                         size_t n_rows, cs_error *err)
{
    const size_t longest_row = (n_columns + 1) * CS_TEXT_NUMBER_LENGTH;
    page out = {0};
    cs_status status = CS_OK;
    CS_CHECK(cs_alloc(&out.data, PIECE + longest_row, 1, "a table to be written", err));
    CS_CHECK(cs_alloc(&out.last, n_columns, sizeof *out.last, "a table to be written", err));
    CS_CHECK(write_header(file, columns, n_columns, err));
    CS_CHECK(write_rows(file, &out, columns, n_columns, n_rows, err));
release:
    free(out.data);
    free(out.last);
    return status;
}
