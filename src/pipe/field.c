/* SPDX-License-Identifier: MIT */
#include "pipe/field.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "text/number.h"

/* A path that is read: names are copied to `to`, which has room for all of it. */
typedef struct {
    const char *at;
    char *to;
} reading;

static bool read_bare_name(csk_scan_step *step, reading *r)
{
    const size_t length = strcspn(r->at, ".[]\"");
    memcpy(r->to, r->at, length);
    *step = (csk_scan_step){.key = r->to, .length = length};
    r->to += length;
    r->at += length;
    return length > 0;
}

/* ["name"], from behind its first quote. */
static bool read_quoted_name(csk_scan_step *step, reading *r)
{
    *step = (csk_scan_step){.key = r->to};
    while (*r->at != '"') {
        r->at += *r->at == '\\' && (r->at[1] == '"' || r->at[1] == '\\');
        if (*r->at == '\0') {
            return false;
        }
        *r->to++ = *r->at++;
        step->length++;
    }
    r->at += 2;
    return r->at[-1] == ']';
}

static bool read_index(csk_scan_step *step, reading *r)
{
    const size_t length = strcspn(r->at, "]");
    int64_t index = 0;
    if (r->at[length] != ']' || strspn(r->at, "0123456789") != length ||
        !cs_text_int64(&index, r->at, length)) {
        return false;
    }
    *step = (csk_scan_step){.index = (uint64_t)index};
    r->at += length + 1;
    return true;
}

static bool read_step(csk_scan_step *step, reading *r, bool first)
{
    if (*r->at != '[') {
        r->at += !first && *r->at == '.';
        return (first || r->at[-1] == '.') && read_bare_name(step, r);
    }
    r->at++;
    if (*r->at == '"') {
        r->at++;
        return read_quoted_name(step, r);
    }
    return !first && read_index(step, r);
}

cs_status cs_field_parse(cs_field *field, const char *text, cs_error *err)
{
    *field = (cs_field){0};
    CS_TRY(cs_alloc(&field->names, strlen(text) + 1, 1, "the field's path", err));
    reading r = {.at = text, .to = field->names};
    bool good = text[0] != '\0';
    while (good && *r.at != '\0') {
        good = field->n_steps < CS_FIELD_STEPS &&
               read_step(&field->steps[field->n_steps], &r, field->n_steps == 0);
        field->n_steps++;
    }
    if (!good) {
        cs_field_free(field);
        return cs_fail(err, CS_USAGE,
                       "--field: \"%.80s\" is no path; write it as title, actors[0], a.b[2] or "
                       "[\"a.b\"], at most %d steps",
                       text, (int)CS_FIELD_STEPS);
    }
    return CS_OK;
}

void cs_field_free(cs_field *field)
{
    free(field->names);
    *field = (cs_field){0};
}
