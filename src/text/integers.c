/* SPDX-License-Identifier: MIT */
#include "text/integers.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/stop.h"
#include "base/wait.h"

enum {
    PIECE = 1 << 16,  /* bytes of one read */
    SAFE_DIGITS = 19, /* that always fit 64 bits */
};

/* ---- lists ---- */

void cs_integer_list_clear(cs_integer_list *list)
{
    list->count = 0;
    list->n_big = 0;
    list->digits.size = 0;
}

void cs_integer_list_free(cs_integer_list *list)
{
    free(list->number);
    free(list->big);
    cs_bytes_free(&list->digits);
    *list = (cs_integer_list){0};
}

static cs_status grow(void *array, size_t *capacity, size_t count, size_t size, cs_error *err)
{
    void *more = NULL;
    const size_t wanted = *capacity == 0 ? 1024 : *capacity * 2;
    CS_TRY(cs_alloc(&more, wanted, size, "integers", err));
    void *before = *(void **)array;
    if (count > 0) {
        memcpy(more, before, count * size);
    }
    free(before);
    *(void **)array = more;
    *capacity = wanted;
    return CS_OK;
}

cs_status cs_integer_list_add(cs_integer_list *list, uint64_t number, cs_error *err)
{
    if (list->count == list->capacity) {
        CS_TRY(grow(&list->number, &list->capacity, list->count, sizeof *list->number, err));
    }
    list->number[list->count++] = number;
    return CS_OK;
}

static cs_status add_big(cs_integer_list *list, const char *digits, uint32_t length, cs_error *err)
{
    if (list->n_big == list->big_capacity) {
        CS_TRY(grow(&list->big, &list->big_capacity, list->n_big, sizeof *list->big, err));
    }
    list->big[list->n_big++] = (cs_big_integer){
        .place = list->count, .offset = (uint32_t)list->digits.size, .length = length};
    CS_TRY(cs_bytes_append(&list->digits, digits, length, err));
    return cs_integer_list_add(list, UINT64_MAX, err);
}

/* ---- lines ---- */

/* How the line begins, with what is not printable as a question mark. */
static void show(char *text, size_t size, const cs_integer_parser *parser)
{
    size_t n = 0;
    for (; n < parser->n_shown && n + 4 < size; n++) {
        const unsigned char c = parser->shown[n];
        text[n] = c >= ' ' && c < 127 ? (char)c : '?';
    }
    snprintf(text + n, size - n, "%s", parser->length > parser->n_shown ? "..." : "");
}

static cs_status refuse(cs_integer_parser *parser, const char *why, cs_error *err)
{
    parser->n_bad++;
    if (parser->skip_bad) {
        return CS_OK;
    }
    char text[48];
    show(text, sizeof text, parser);
    if (parser->length == 0) {
        return cs_fail(err, CS_DATA,
                       "%s:%" PRIu64 ": the line is empty; write a whole number a line, or give "
                       "--skip-bad",
                       parser->name, parser->n_lines);
    }
    return cs_fail(err, CS_DATA, "%s:%" PRIu64 ": \"%s\" %s, or give --skip-bad", parser->name,
                   parser->n_lines, text, why);
}

static cs_status end_line(cs_integer_parser *parser, cs_integer_list *list, cs_error *err)
{
    const char *digits = parser->digit;
    uint32_t length = parser->n_digits;
    parser->n_lines++;
    if (parser->is_bad || length == 0) {
        return refuse(parser, "is no whole number; write digits only, a number a line", err);
    }
    if (length > CS_INTEGERS_DIGITS) {
        return refuse(parser, "has more digits than can be dealt with; leave it out", err);
    }
    for (; length > 1 && *digits == '0'; length--) {
        digits++;
    }
    uint64_t value = 0;
    for (uint32_t k = 0; k < length; k++) {
        const uint64_t digit = (uint64_t)(digits[k] - '0');
        if (k >= SAFE_DIGITS && (k > SAFE_DIGITS || value > (UINT64_MAX - digit) / 10)) {
            return parser->no_big != NULL ? refuse(parser, parser->no_big, err)
                                          : add_big(list, digits, length, err);
        }
        value = value * 10 + digit;
    }
    return cs_integer_list_add(list, value, err);
}

static void begin_line(cs_integer_parser *parser)
{
    parser->length = 0;
    parser->is_bad = false;
    parser->has_return = false;
    parser->n_digits = 0;
    parser->n_shown = 0;
}

static void take_byte(cs_integer_parser *parser, unsigned char c)
{
    parser->length++;
    if (parser->n_shown < sizeof parser->shown) {
        parser->shown[parser->n_shown++] = c;
    }
    parser->is_bad = parser->is_bad || parser->has_return; /* \r inside of a line */
    parser->has_return = c == '\r';
    if (c >= '0' && c <= '9') {
        if (parser->n_digits < CS_INTEGERS_DIGITS) {
            parser->digit[parser->n_digits] = (char)c;
        }
        parser->n_digits += parser->n_digits <= CS_INTEGERS_DIGITS;
    } else {
        parser->is_bad = parser->is_bad || c != '\r';
    }
}

cs_status cs_integer_parser_feed(cs_integer_parser *parser, cs_integer_list *list,
                                 const unsigned char *data, size_t size, cs_error *err)
{
    for (size_t i = 0; i < size; i++) {
        if (data[i] != '\n') {
            take_byte(parser, data[i]);
            continue;
        }
        CS_TRY(end_line(parser, list, err));
        begin_line(parser);
    }
    return CS_OK;
}

cs_status cs_integer_parser_end(cs_integer_parser *parser, cs_integer_list *list, cs_error *err)
{
    if (parser->length > 0) {
        CS_TRY(end_line(parser, list, err));
        begin_line(parser);
    }
    return CS_OK;
}

/* ---- files ---- */

cs_status cs_integer_reader_open(cs_integer_reader *reader, const char *path, bool skip_bad,
                                 const char *no_big, cs_error *err)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    *reader = (cs_integer_reader){.parser = {.name = is_stdin ? "standard input" : path,
                                             .no_big = no_big,
                                             .skip_bad = skip_bad},
                                  .file = -1};
    CS_TRY(cs_alloc(&reader->piece, PIECE, 1, "a piece of the list", err));
    reader->file = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : cs_wait_open(path);
    if (reader->file < 0) {
        const cs_status status =
            cs_fail_errno(err, CS_IO, "%s: cannot be read", reader->parser.name);
        cs_integer_reader_close(reader);
        return status;
    }
    return CS_OK;
}

cs_status cs_integer_reader_read(cs_integer_reader *reader, cs_integer_list *list, size_t wanted,
                                 cs_error *err)
{
    while (!reader->at_end && list->count < wanted) {
        if (!cs_wait_readable(reader->file)) {
            return cs_fail(err, CS_INTERRUPTED, "interrupted by %s while waiting for %s",
                           cs_stop_cause_name(cs_stop_requested()), reader->parser.name);
        }
        const ssize_t n = read(reader->file, reader->piece, PIECE);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be read", reader->parser.name);
        }
        reader->at_end = n == 0;
        CS_TRY(n == 0
                   ? cs_integer_parser_end(&reader->parser, list, err)
                   : cs_integer_parser_feed(&reader->parser, list, reader->piece, (size_t)n, err));
    }
    return CS_OK;
}

void cs_integer_reader_close(cs_integer_reader *reader)
{
    if (reader->file >= 0) {
        close(reader->file);
    }
    reader->file = -1;
    free(reader->piece);
    reader->piece = NULL;
}
