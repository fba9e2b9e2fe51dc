/* SPDX-License-Identifier: MIT */
#include "model/external_output.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text/mark.h"
#include "text/number.h"

enum { MAX_COLUMNS = 8, NOT_THERE = -1, SHOWN = 40 };

/* ---- reading ---- */

static cs_status read_all(cs_bytes *text, int file, const char *name, size_t size, cs_error *err)
{
    CS_TRY(cs_bytes_reserve(text, size + 1, err));
    while (text->size < size) {
        const ssize_t n = read(file, text->data + text->size, size - text->size);
        if (n < 0 && errno != EINTR) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be read", name);
        }
        if (n == 0) {
            break;
        }
        text->size += n > 0 ? (size_t)n : 0;
    }
    return CS_OK;
}

cs_status cs_external_output_read(cs_bytes *text, const char *path, uint64_t max_size,
                                  cs_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    struct stat about;
    text->size = 0;
    /* A program may leave anything under this name: a pipe must not make us wait, a link not lead
     * us elsewhere. */
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0 && errno == ENOENT) {
        return cs_fail(err, CS_DATA, "no output: it did not write %s", name);
    }
    if (file < 0) {
        return cs_fail_errno(err, CS_DATA, "%s: its output cannot be read", name);
    }
    cs_status status = CS_OK;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        status = cs_fail(err, CS_DATA, "%s: its output is no plain file", name);
    } else if (about.st_size == 0) {
        status = cs_fail(err, CS_DATA, "%s: its output is empty", name);
    } else if ((uint64_t)about.st_size > max_size) {
        status = cs_fail(err, CS_DATA, "%s: its output is too large: %lld bytes", name,
                         (long long)about.st_size);
    } else {
        status = read_all(text, file, name, (size_t)about.st_size, err);
    }
    close(file);
    return status;
}

/* ---- fields ---- */

typedef struct {
    const char *at, *end; /* of what is left */
    char separator;       /* ' ': any number of blanks and tabs */
} cursor;

typedef struct {
    const char *text;
    size_t length;
} field;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static field trim(const char *begin, const char *end)
{
    while (begin < end && is_blank(*begin)) {
        begin++;
    }
    while (end > begin && is_blank(end[-1])) {
        end--;
    }
    if (end - begin >= 2 && *begin == '"' && end[-1] == '"') {
        begin++;
        end--;
    }
    return (field){begin, (size_t)(end - begin)};
}

/* The next field of a line that ends at line_end; false: there is none. */
static bool next_field(field *out, cursor *c, const char *line_end)
{
    if (c->separator == ' ') {
        while (c->at < line_end && is_blank(*c->at)) {
            c->at++;
        }
        const char *begin = c->at;
        while (c->at < line_end && !is_blank(*c->at)) {
            c->at++;
        }
        *out = trim(begin, c->at);
        return c->at > begin;
    }
    if (c->at > line_end) {
        return false;
    }
    const char *end = memchr(c->at, c->separator, (size_t)(line_end - c->at));
    end = end != NULL ? end : line_end;
    *out = trim(c->at, end);
    c->at = end + 1;
    return true;
}

static char find_separator(const char *head, size_t length)
{
    static const char candidates[] = {'\t', ';', ','};
    for (size_t i = 0; i < sizeof candidates; i++) {
        if (memchr(head, candidates[i], length) != NULL) {
            return candidates[i];
        }
    }
    return ' ';
}

static const char *end_of_line(const char *at, const char *end)
{
    const char *line_end = memchr(at, '\n', (size_t)(end - at));
    return line_end != NULL ? line_end : end;
}

/* ---- head ---- */

/* How many fields there are; an empty one at the end is told apart. */
static size_t count_fields(bool *ends_empty, cursor c, const char *line_end)
{
    field f;
    size_t n = 0;
    *ends_empty = false;
    while (next_field(&f, &c, line_end)) {
        n++;
        *ends_empty = n > 1 && f.length == 0;
    }
    return n;
}

static cs_status find_columns(int place[MAX_COLUMNS], cs_output_column *columns, size_t n_columns,
                              cursor *c, const char *line_end, cs_error *err)
{
    field name;
    for (size_t i = 0; i < n_columns; i++) {
        place[i] = NOT_THERE;
    }
    for (int k = 0; next_field(&name, c, line_end); k++) {
        for (size_t i = 0; i < n_columns; i++) {
            if (place[i] == NOT_THERE && strlen(columns[i].name) == name.length &&
                memcmp(columns[i].name, name.text, name.length) == 0) {
                place[i] = k;
            }
        }
    }
    for (size_t i = 0; i < n_columns; i++) {
        columns[i].is_there = place[i] != NOT_THERE;
        if (columns[i].required && !columns[i].is_there) {
            return cs_fail(err, CS_DATA, "its output has no column \"%.100s\"", columns[i].name);
        }
    }
    return CS_OK;
}

/* ---- rows ---- */

/* What C libraries print for values that are not finite, those of Windows too. */
static bool is_not_finite(const field *f)
{
    static const char *const texts[] = {"inf",       "+inf",    "-inf",   "1.#INF",   "-1.#INF",
                                        "1.#QNAN",   "-1.#IND", "1.#IND", "-1.#QNAN", "nan(ind)",
                                        "-nan(ind)", "-nan",    "+nan"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strlen(texts[i]) <= f->length &&
            strncasecmp(texts[i], f->text, strlen(texts[i])) == 0) {
            return true;
        }
    }
    return false;
}

static cs_status read_value(double *out, const field *f, const char *column, size_t row,
                            cs_error *err)
{
    if (cs_text_double(out, f->text, f->length)) {
        return CS_OK;
    }
    if (cs_text_missing(f->text, f->length) || is_not_finite(f)) {
        *out = NAN;
        return CS_OK;
    }
    const int length = f->length < SHOWN ? (int)f->length : SHOWN;
    return cs_fail(err, CS_DATA, "row %zu of its output: %s is no number: \"%.*s\"", row + 1,
                   column, length, f->text);
}

/* A row with more fields than the head has names that stand above other columns. The last row may
 * lack its line end, as some programs write it, but not its last field: then it was cut off. */
static cs_status check_width(size_t n_head, cursor c, const char *line_end, bool has_line_end,
                             size_t row, cs_error *err)
{
    bool ends_empty = false;
    const size_t n = count_fields(&ends_empty, c, line_end);
    if (!has_line_end && (n < n_head || (ends_empty && n == n_head))) {
        return cs_fail(err, CS_DATA, "row %zu of its output is cut off: it has no line end",
                       row + 1);
    }
    if (n == n_head || (ends_empty && n == n_head + 1)) {
        return CS_OK;
    }
    return cs_fail(err, CS_DATA, "row %zu of its output has %zu columns, the head %zu", row + 1, n,
                   n_head);
}

static cs_status read_row(cs_output_column *columns, const int *place, size_t n_columns, cursor *c,
                          const char *line_end, size_t row, cs_error *err)
{
    field value;
    for (int k = 0; next_field(&value, c, line_end); k++) {
        for (size_t i = 0; i < n_columns; i++) {
            if (place[i] == k) {
                CS_TRY(read_value(&columns[i].values[row], &value, columns[i].name, row, err));
            }
        }
    }
    return CS_OK;
}

/* Empty lines at the end do not count. */
static const char *cut_empty_lines(const char *text, const char *end)
{
    while (end > text && (end[-1] == '\n' || end[-1] == '\r' || end[-1] == ' ')) {
        end--;
    }
    return end;
}

cs_status cs_external_output_parse(cs_output_column *columns, size_t n_columns, const char *text,
                                   size_t size, size_t n_time, cs_error *err)
{
    int place[MAX_COLUMNS];
    bool ends_empty = false;
    CS_INVARIANT(n_columns <= MAX_COLUMNS);
    const size_t n_mark = cs_text_mark(text, size);
    text += n_mark;
    size -= n_mark;
    const char *end = cut_empty_lines(text, text + size);
    const bool is_ended = memchr(end, '\n', (size_t)(text + size - end)) != NULL;
    const char *line_end = end_of_line(text, end);
    cursor c = {
        .at = text, .end = end, .separator = find_separator(text, (size_t)(line_end - text))};
    size_t n_head = count_fields(&ends_empty, c, line_end);
    n_head -= ends_empty;
    CS_TRY(find_columns(place, columns, n_columns, &c, line_end, err));
    size_t row = 0;
    for (; row < n_time && line_end < end; row++) {
        c.at = line_end + 1;
        line_end = end_of_line(c.at, end);
        CS_TRY(check_width(n_head, c, line_end, is_ended || line_end < end, row, err));
        CS_TRY(read_row(columns, place, n_columns, &c, line_end, row, err));
    }
    if (row < n_time) {
        return cs_fail(err, CS_DATA, "its output is short: %zu of %zu rows", row, n_time);
    }
    if (line_end < end) {
        return cs_fail(err, CS_DATA, "its output is long: more than %zu rows", n_time);
    }
    return CS_OK;
}
