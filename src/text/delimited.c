/* SPDX-License-Identifier: MIT */
#include "text/delimited.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/content.h"
#include "text/mark.h"
#include "text/number.h"

/* Where a field's text is; it may be in the content or in the table's copy of quoted fields. */
typedef struct {
    const char *text;
    size_t length;
} field;

struct cs_delimited {
    char *path;       /* for messages */
    cs_bytes content; /* never changed */
    size_t first_row; /* where rows begin in it */
    size_t first_line;
    size_t at;        /* the next row */
    size_t next_line; /* its line, from 1 */
    size_t line;      /* of the current row */
    char separator;
    size_t n_columns;
    char **name;    /* [n_columns] */
    field *fields;  /* [room] of the current row */
    size_t room;    /* n_columns, more while the header is read */
    char *unquoted; /* as long as the content: a field with doubled quotes, at its own place */
};

enum { SHOWN = 60 }; /* characters of a wrong field that a message shows */

/* ---- rows ---- */

/* A row while it is cut into fields. */
typedef struct {
    const char *at, *end;
    size_t line; /* where `at` is */
    size_t n;    /* fields so far */
} cursor;

static cs_status broken(const cs_delimited *t, size_t line, const char *why, cs_error *err)
{
    return cs_fail(err, CS_DATA, "%s:%zu: %s", t->path, line, why);
}

static bool is_line_end(const cursor *c)
{
    return c->at == c->end || *c->at == '\n' ||
           (*c->at == '\r' && c->at + 1 < c->end && c->at[1] == '\n') ||
           (*c->at == '\r' && c->at + 1 == c->end);
}

static void skip_blanks(const cs_delimited *t, cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t') && *c->at != t->separator) {
        c->at++;
    }
}

/* Copies a quoted text with its doubled quotes made single. */
static cs_status copy_unquoted(cs_delimited *t, field *f, const char *from, const char *to,
                               cs_error *err)
{
    if (t->unquoted == NULL) {
        CS_TRY(cs_alloc(&t->unquoted, t->content.size, 1, "quoted fields", err));
    }
    char *copy = t->unquoted + (from - (const char *)t->content.data);
    f->text = copy;
    for (const char *c = from; c < to; c++) {
        *copy++ = *c;
        c += *c == '"' ? 1 : 0;
    }
    f->length = (size_t)(copy - f->text);
    return CS_OK;
}

/* At an opening quote. */
static cs_status read_quoted(cs_delimited *t, field *f, cursor *c, cs_error *err)
{
    const size_t line = c->line;
    const char *begin = ++c->at;
    bool doubled = false;
    for (; c->at < c->end; c->at++) {
        c->line += *c->at == '\n' ? 1 : 0;
        if (*c->at == '"' && c->at + 1 < c->end && c->at[1] == '"') {
            doubled = true;
            c->at++;
        } else if (*c->at == '"') {
            break;
        }
    }
    if (c->at == c->end) {
        return broken(t, line, "a quote is not closed", err);
    }
    const char *end = c->at++;
    skip_blanks(t, c);
    if (!is_line_end(c) && *c->at != t->separator) {
        return broken(t, c->line, "text behind a closing quote", err);
    }
    *f = (field){begin, (size_t)(end - begin)};
    return doubled ? copy_unquoted(t, f, begin, end, err) : CS_OK;
}

static void read_plain(const cs_delimited *t, field *f, cursor *c)
{
    const char *begin = c->at;
    const char separator = t->separator;
    const char *at = begin;
    while (at < c->end && *at != separator && *at != '\n') {
        at++;
    }
    const char *end = at;
    c->at = at;
    while (end > begin && (end[-1] == ' ' || end[-1] == '\r' || end[-1] == '\t')) {
        end--;
    }
    *f = (field){begin, (size_t)(end - begin)};
}

static cs_status make_room(cs_delimited *t, size_t n_fields, cs_error *err)
{
    if (n_fields < t->room) {
        return CS_OK;
    }
    field *more = NULL;
    const size_t room = t->room * 2 + 16;
    CS_TRY(cs_alloc(&more, room, sizeof *more, "fields of a row", err));
    if (n_fields > 0) {
        memcpy(more, t->fields, n_fields * sizeof *more);
    }
    free(t->fields);
    t->fields = more;
    t->room = room;
    return CS_OK;
}

/* Cuts one line (or more, where quotes hold line ends) into t->fields, and goes behind it. */
static cs_status read_row(cs_delimited *t, cursor *c, cs_error *err)
{
    for (c->n = 0;;) {
        if (t->n_columns > 0 && c->n == t->n_columns) {
            return broken(t, c->line, "more fields than the header has", err);
        }
        CS_TRY(make_room(t, c->n, err));
        skip_blanks(t, c);
        if (c->at < c->end && *c->at == '"') {
            CS_TRY(read_quoted(t, &t->fields[c->n], c, err));
        } else {
            read_plain(t, &t->fields[c->n], c);
        }
        c->n++;
        if (is_line_end(c)) {
            break;
        }
        c->at++; /* the separator */
    }
    c->at += c->at < c->end && *c->at == '\r' ? 1 : 0;
    c->at += c->at < c->end && *c->at == '\n' ? 1 : 0;
    return CS_OK;
}

/* Passes over lines with nothing but blanks. */
static void skip_empty_lines(const cs_delimited *t, cursor *c)
{
    for (;;) {
        const char *at = c->at;
        while (at < c->end && (*at == ' ' || *at == '\t' || *at == '\r') && *at != t->separator) {
            at++;
        }
        if (at < c->end && *at != '\n') {
            return;
        }
        c->at = at < c->end ? at + 1 : at;
        if (at == c->end) {
            return;
        }
        c->line++;
    }
}

/* ---- the header ---- */

static char guess_separator(const char *at, const char *end)
{
    static const char candidates[] = {',', ';', '\t'};
    size_t count[sizeof candidates] = {0};
    bool quoted = false;
    for (; at < end && (quoted || *at != '\n'); at++) {
        quoted ^= *at == '"';
        for (size_t k = 0; k < sizeof candidates && !quoted; k++) {
            count[k] += *at == candidates[k] ? 1 : 0;
        }
    }
    size_t best = 0;
    for (size_t k = 1; k < sizeof candidates; k++) {
        best = count[k] > count[best] ? k : best;
    }
    return candidates[best];
}

static cs_status copy_names(cs_delimited *t, size_t n, cs_error *err)
{
    CS_TRY(cs_alloc(&t->name, n, sizeof *t->name, "names of columns", err));
    t->n_columns = n;
    for (size_t k = 0; k < n; k++) {
        CS_TRY(cs_alloc(&t->name[k], t->fields[k].length + 1, 1, "a column's name", err));
        memcpy(t->name[k], t->fields[k].text, t->fields[k].length);
    }
    return CS_OK;
}

static cs_status read_header(cs_delimited *t, cs_error *err)
{
    if (t->content.size == 0) { /* then there may be no memory either */
        return broken(t, 1, "empty: a header line is needed", err);
    }
    const char *begin = (const char *)t->content.data;
    const char *end = begin + t->content.size;
    begin += cs_text_mark(begin, t->content.size);
    const char *nul = memchr(begin, '\0', (size_t)(end - begin));
    if (nul != NULL) {
        return cs_fail(err, CS_DATA, "%s: not a text: byte %zu is NUL", t->path,
                       (size_t)(nul - (const char *)t->content.data));
    }
    cursor c = {begin, end, 1, 0};
    skip_empty_lines(t, &c);
    if (c.at == c.end) {
        return broken(t, c.line, "empty: a header line is needed", err);
    }
    t->line = c.line;
    t->separator = guess_separator(c.at, c.end);
    CS_TRY(read_row(t, &c, err));
    CS_TRY(copy_names(t, c.n, err));
    t->first_row = (size_t)(c.at - (const char *)t->content.data);
    t->first_line = c.line + 1;
    cs_delimited_rewind(t);
    return CS_OK;
}

/* ---- the table ---- */

cs_status cs_delimited_wrap(cs_delimited **table, const char *name, cs_bytes *content,
                            cs_error *err)
{
    cs_delimited *t = NULL;
    cs_status status = cs_alloc(&t, 1, sizeof *t, "a table", err);
    if (status == CS_OK) {
        t->content = *content;
        *content = (cs_bytes){0};
        status = cs_copy_string(&t->path, name, err);
    }
    if (status == CS_OK) {
        status = read_header(t, err);
    }
    if (status != CS_OK) {
        cs_delimited_close(t);
        cs_bytes_free(content);
        t = NULL;
    }
    *table = t;
    return status;
}

cs_status cs_delimited_open(cs_delimited **table, const char *path, size_t max_bytes, cs_error *err)
{
    cs_bytes content = {0};
    *table = NULL;
    const cs_status status = cs_content_read(&content, path, max_bytes, err);
    if (status != CS_OK) {
        cs_bytes_free(&content);
        return status;
    }
    return cs_delimited_wrap(table, path, &content, err);
}

void cs_delimited_close(cs_delimited *table)
{
    if (table == NULL) {
        return;
    }
    for (size_t k = 0; k < table->n_columns; k++) {
        free(table->name[k]);
    }
    free(table->name);
    free(table->fields);
    free(table->unquoted);
    free(table->path);
    cs_bytes_free(&table->content);
    free(table);
}

size_t cs_delimited_n_columns(const cs_delimited *table)
{
    return table->n_columns;
}

const char *cs_delimited_name(const cs_delimited *table, size_t column)
{
    return table->name[column];
}

cs_status cs_delimited_find(size_t *column, const cs_delimited *table, const char *name,
                            cs_error *err)
{
    size_t found = table->n_columns;
    for (size_t k = 0; k < table->n_columns; k++) {
        if (strcmp(table->name[k], name) == 0 && found < table->n_columns) {
            return cs_fail(err, CS_DATA, "%s:%zu: two columns are named \"%.*s\"", table->path,
                           table->first_line - 1, SHOWN, name);
        }
        found = strcmp(table->name[k], name) == 0 ? k : found;
    }
    if (found == table->n_columns) {
        return cs_fail(err, CS_DATA, "%s:%zu: no column is named \"%.*s\"", table->path,
                       table->first_line - 1, SHOWN, name);
    }
    *column = found;
    return CS_OK;
}

cs_status cs_delimited_next(cs_delimited *table, bool *more, cs_error *err)
{
    const char *begin = (const char *)table->content.data;
    cursor c = {begin + table->at, begin + table->content.size, table->next_line, 0};
    skip_empty_lines(table, &c);
    *more = c.at < c.end;
    if (!*more) {
        table->at = table->content.size;
        return CS_OK;
    }
    table->line = c.line;
    CS_TRY(read_row(table, &c, err));
    if (c.n < table->n_columns) {
        return cs_fail(err, CS_DATA, "%s:%zu: %zu fields, the header has %zu", table->path,
                       table->line, c.n, table->n_columns);
    }
    table->at = (size_t)(c.at - begin);
    table->next_line = c.line + 1;
    return CS_OK;
}

void cs_delimited_rewind(cs_delimited *table)
{
    table->at = table->first_row;
    table->next_line = table->first_line;
}

size_t cs_delimited_line(const cs_delimited *table)
{
    return table->line;
}

const char *cs_delimited_text(size_t *length, const cs_delimited *table, size_t column)
{
    *length = table->fields[column].length;
    return table->fields[column].text;
}

cs_status cs_delimited_refuse(const cs_delimited *table, size_t column, const char *why,
                              cs_error *err)
{
    const field *f = &table->fields[column];
    const int shown = f->length < SHOWN ? (int)f->length : SHOWN;
    return cs_fail(err, CS_DATA, "%s:%zu: column %s: \"%.*s\" %s", table->path, table->line,
                   table->name[column], shown, f->text, why);
}

cs_status cs_delimited_double(double *out, const cs_delimited *table, size_t column, cs_error *err)
{
    const field *f = &table->fields[column];
    if (cs_text_double(out, f->text, f->length)) {
        return CS_OK;
    }
    if (cs_text_missing(f->text, f->length)) {
        *out = NAN;
        return CS_OK;
    }
    return cs_delimited_refuse(table, column, "is not a number", err);
}

cs_status cs_delimited_int64(int64_t *out, const cs_delimited *table, size_t column, cs_error *err)
{
    const field *f = &table->fields[column];
    return cs_text_int64(out, f->text, f->length)
               ? CS_OK
               : cs_delimited_refuse(table, column, "is not a whole number", err);
}

cs_status cs_delimited_time(int64_t *out, const cs_delimited *table, size_t column, cs_error *err)
{
    const field *f = &table->fields[column];
    return cs_text_time(out, f->text, f->length)
               ? CS_OK
               : cs_delimited_refuse(table, column, "is not a time (YYYY-MM-DD HH:MM:SS)", err);
}
