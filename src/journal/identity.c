/* SPDX-License-Identifier: MIT */
#include "journal/identity.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line: name[n_name] = value[n_value]. */
typedef struct {
    const char *name, *value;
    size_t n_name, n_value;
} line;

/* Takes the line at *text and moves behind it; false at the end. */
static int next_line(line *l, const char **text)
{
    if (**text == '\0') {
        return 0;
    }
    const size_t length = strcspn(*text, "\n");
    l->name = *text;
    l->n_name = strcspn(*text, "=\n");
    const size_t skipped = l->n_name < length ? l->n_name + 1 : length;
    l->value = *text + skipped;
    l->n_value = length - skipped;
    *text += length + ((*text)[length] == '\n');
    return 1;
}

static int find(line *found, const char *text, const line *wanted)
{
    while (next_line(found, &text)) {
        if (found->n_name == wanted->n_name &&
            memcmp(found->name, wanted->name, wanted->n_name) == 0) {
            return 1;
        }
    }
    return 0;
}

static cs_status add_line(cs_bytes *identity, const char *name, const char *value, cs_error *err)
{
    CS_TRY(cs_bytes_reserve(identity, strlen(name) + strlen(value) + 3, err));
    CS_TRY(cs_bytes_append(identity, name, strlen(name), err));
    CS_TRY(cs_bytes_append(identity, "=", 1, err));
    const size_t first = identity->size;
    CS_TRY(cs_bytes_append(identity, value, strlen(value), err));
    for (size_t i = first; i < identity->size; i++) {
        if (identity->data[i] == '\n' || identity->data[i] == '\r') {
            identity->data[i] = ' ';
        }
    }
    CS_TRY(cs_bytes_append(identity, "\n", 1, err));
    identity->data[identity->size] = '\0';
    return CS_OK;
}

cs_status cs_identity_add(cs_bytes *identity, cs_error *err, const char *name, const char *format,
                          ...)
{
    char *value = NULL;
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    cs_status status = cs_alloc(&value, (size_t)length + 1, 1, "the identity", err);
    if (status == CS_OK) {
        vsnprintf(value, (size_t)length + 1, format, again);
        status = add_line(identity, name, value, err);
    }
    va_end(again);
    free(value);
    return status;
}

const char *cs_identity_text(const cs_bytes *identity)
{
    return identity->size > 0 ? (const char *)identity->data : "";
}

enum { SHOWN = 120 }; /* bytes of a value in a message */

static cs_status differ(const char *where, const line *name, const line *before, const line *now,
                        cs_error *err)
{
    static const line NOTHING = {.value = "not there", .n_value = 9};
    before = before == NULL ? &NOTHING : before;
    now = now == NULL ? &NOTHING : now;
    return cs_fail(err, CS_DATA,
                   "%s: was begun with other settings, of which this run cannot go on: %.*s was "
                   "%.*s and is now %.*s; give the same ones, or --fresh to begin anew",
                   where, (int)name->n_name, name->name,
                   (int)(before->n_value < SHOWN ? before->n_value : SHOWN), before->value,
                   (int)(now->n_value < SHOWN ? now->n_value : SHOWN), now->value);
}

cs_status cs_identity_match(const char *before, const char *now, const char *where, cs_error *err)
{
    line a, b;
    for (const char *at = now; next_line(&b, &at);) {
        const int found = find(&a, before, &b);
        if (!found || a.n_value != b.n_value || memcmp(a.value, b.value, a.n_value) != 0) {
            return differ(where, &b, found ? &a : NULL, &b, err);
        }
    }
    for (const char *at = before; next_line(&a, &at);) {
        if (!find(&b, now, &a)) {
            return differ(where, &a, &a, NULL, err);
        }
    }
    return CS_OK;
}
