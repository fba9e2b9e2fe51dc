/* SPDX-License-Identifier: MIT */
#include "model/external_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/repr.h"

typedef enum { PIECE_TEXT, PIECE_NUMBER, PIECE_ID, PIECE_NAME, PIECE_FILE } piece_kind;

struct cs_piece {
    piece_kind kind;
    size_t place; /* of the number or the file */
    char *text;   /* [length], of PIECE_TEXT */
    size_t length;
};

/* ---- numbers that are wanted ---- */

static cs_status grow(void *items, size_t n, size_t size, cs_error *err)
{
    void *old = NULL;
    void *new = NULL;
    memcpy(&old, items, sizeof old);
    CS_TRY(cs_alloc(&new, n + 1, size, "a template", err));
    if (n > 0) {
        memcpy(new, old, n * size);
    }
    free(old);
    memcpy(items, &new, sizeof new);
    return CS_OK;
}

cs_status cs_wanted_add(size_t *place, cs_wanted *wanted, const char *name, size_t length,
                        double base, const char *where, cs_error *err)
{
    for (size_t i = 0; i < wanted->n; i++) {
        cs_wanted_number *known = &wanted->items[i];
        const bool is_same = isnan(base) || isnan(known->base) || known->base == base;
        if (is_same && strlen(known->name) == length && memcmp(known->name, name, length) == 0) {
            known->base = isnan(base) ? known->base : base;
            *place = i;
            return CS_OK;
        }
    }
    CS_TRY(grow(&wanted->items, wanted->n, sizeof *wanted->items, err));
    *place = wanted->n++;
    cs_wanted_number *item = &wanted->items[*place];
    item->base = base;
    CS_TRY(cs_format(&item->name, err, "%.*s", (int)length, name));
    return cs_copy_string(&item->place, where, err);
}

void cs_wanted_free(cs_wanted *wanted)
{
    for (size_t i = 0; i < wanted->n; i++) {
        free(wanted->items[i].name);
        free(wanted->items[i].place);
    }
    free(wanted->items);
    *wanted = (cs_wanted){0};
}

/* ---- parsing ---- */

static bool is_first(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_inner(char c)
{
    return is_first(c) || (c >= '0' && c <= '9') || c == '.';
}

/* The length of the name in a placeholder that begins at text; 0: none does. */
static size_t name_length(const char *text, const char *end)
{
    const char *at = text + 1;
    if (at >= end || !is_first(*at)) {
        return 0;
    }
    while (at < end && is_inner(*at)) {
        at++;
    }
    return at < end && *at == '}' ? (size_t)(at - text) - 1 : 0;
}

static cs_status add_piece(cs_text_template *template, const cs_piece *piece, cs_error *err)
{
    CS_TRY(grow(&template->pieces, template->n, sizeof *template->pieces, err));
    template->pieces[template->n++] = *piece;
    return CS_OK;
}

static cs_status add_literal(cs_text_template *template, const char *text, size_t length,
                             cs_error *err)
{
    if (length == 0) {
        return CS_OK;
    }
    cs_piece piece = {.kind = PIECE_TEXT, .length = length};
    CS_TRY(cs_alloc(&piece.text, length, 1, "a template", err));
    memcpy(piece.text, text, length);
    const cs_status status = add_piece(template, &piece, err);
    if (status != CS_OK) {
        free(piece.text);
    }
    return status;
}

cs_status cs_text_template_add_number(cs_text_template *template, size_t place, cs_error *err)
{
    const cs_piece piece = {.kind = PIECE_NUMBER, .place = place};
    return add_piece(template, &piece, err);
}

static bool is_name(const char *name, size_t length, const char *wanted)
{
    return strlen(wanted) == length && memcmp(name, wanted, length) == 0;
}

static cs_status add_placeholder(cs_text_template *template, cs_wanted *wanted, const char *name,
                                 size_t length, const char *where, cs_error *err)
{
    static const struct {
        const char *name;
        piece_kind kind;
        size_t place;
    } KNOWN[] = {{"id", PIECE_ID, 0},
                 {"name", PIECE_NAME, 0},
                 {"layout", PIECE_FILE, CS_FILE_LAYOUT},
                 {"parameters", PIECE_FILE, CS_FILE_PARAMETERS},
                 {"input", PIECE_FILE, CS_FILE_INPUT},
                 {"input_file_name", PIECE_FILE, CS_FILE_INPUT},
                 {"output", PIECE_FILE, CS_FILE_OUTPUT}};
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
        if (is_name(name, length, KNOWN[i].name)) {
            const cs_piece piece = {.kind = KNOWN[i].kind, .place = KNOWN[i].place};
            wanted->needs_name |= piece.kind == PIECE_NAME;
            return add_piece(template, &piece, err);
        }
    }
    size_t place = 0;
    CS_TRY(cs_wanted_add(&place, wanted, name, length, NAN, where, err));
    return cs_text_template_add_number(template, place, err);
}

cs_status cs_text_template_add_text(cs_text_template *template, cs_wanted *wanted, const char *text,
                                    size_t length, const char *where, cs_error *err)
{
    const char *begin = text, *end = text + length;
    for (const char *at = text; at < end; at++) {
        const size_t n_name = *at == '{' ? name_length(at, end) : 0;
        if (n_name > 0) {
            CS_TRY(add_literal(template, begin, (size_t)(at - begin), err));
            CS_TRY(add_placeholder(template, wanted, at + 1, n_name, where, err));
            at += n_name + 1;
            begin = at + 1;
        }
    }
    return add_literal(template, begin, (size_t)(end - begin), err);
}

cs_status cs_text_template_parse(cs_text_template *template, cs_wanted *wanted, const char *text,
                                 size_t length, const char *where, cs_error *err)
{
    *template = (cs_text_template){0};
    CS_TRY(cs_copy_string(&template->where, where, err));
    return cs_text_template_add_text(template, wanted, text, length, where, err);
}

bool cs_text_template_uses(const cs_text_template *template, cs_external_file file)
{
    for (size_t i = 0; i < template->n; i++) {
        if (template->pieces[i].kind == PIECE_FILE && template->pieces[i].place == (size_t)file) {
            return true;
        }
    }
    return false;
}

/* ---- filling ---- */

static cs_status put_number(cs_bytes *out, const cs_wanted *wanted, double value, size_t place,
                            cs_error *err)
{
    char text[CS_TEXT_REPR_LENGTH];
    if (isnan(value)) {
        return cs_fail(err, CS_DATA, "%s: the placeholder {%s} has no value",
                       wanted->items[place].place, wanted->items[place].name);
    }
    return cs_bytes_append(out, text, cs_text_put_repr(text, value), err);
}

static cs_status put_id(cs_bytes *out, int64_t id, cs_error *err)
{
    char text[CS_TEXT_REPR_LENGTH];
    const int length = snprintf(text, sizeof text, "%" PRId64, id);
    return cs_bytes_append(out, text, (size_t)length, err);
}

static cs_status put_name(cs_bytes *out, const char *name, cs_error *err)
{
    for (const char *c = name; *c != '\0'; c++) {
        const char clean = (unsigned char)*c < 0x20 || *c == 0x7f ? ' ' : *c;
        CS_TRY(cs_bytes_append(out, &clean, 1, err));
    }
    return CS_OK;
}

static cs_status put_piece(cs_bytes *out, const cs_piece *piece, const cs_wanted *wanted,
                           const cs_external_values *values, cs_error *err)
{
    switch (piece->kind) {
    case PIECE_TEXT:
        return cs_bytes_append(out, piece->text, piece->length, err);
    case PIECE_NUMBER:
        return put_number(out, wanted, values->numbers[piece->place], piece->place, err);
    case PIECE_NAME:
        if (values->name != NULL) {
            return put_name(out, values->name, err);
        }
        return put_id(out, values->id, err);
    case PIECE_ID:
        return put_id(out, values->id, err);
    case PIECE_FILE:
        return cs_bytes_append(out, values->file[piece->place], strlen(values->file[piece->place]),
                               err);
    }
    return CS_OK;
}

cs_status cs_text_template_fill(cs_bytes *out, const cs_text_template *template,
                                const cs_wanted *wanted, const cs_external_values *values,
                                cs_error *err)
{
    for (size_t i = 0; i < template->n; i++) {
        CS_TRY(put_piece(out, &template->pieces[i], wanted, values, err));
    }
    return CS_OK;
}

void cs_text_template_free(cs_text_template *template)
{
    for (size_t i = 0; i < template->n; i++) {
        free(template->pieces[i].text);
    }
    free(template->pieces);
    free(template->where);
    *template = (cs_text_template){0};
}
