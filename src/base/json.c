/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char REPLACEMENT[] = "\xef\xbf\xbd"; /* U+FFFD */

static void misuse(cs_json *json, const char *what)
{
    if (json->status == CS_OK) {
        json->status = cs_fail(json->err, CS_INTERNAL, "report: %s, at byte %zu of the JSON text",
                               what, json->out->size);
    }
}

static void put(cs_json *json, const char *text, size_t size)
{
    if (json->status == CS_OK) {
        json->status = cs_bytes_append(json->out, text, size, json->err);
    }
}

static void put_text(cs_json *json, const char *text)
{
    put(json, text, strlen(text));
}

static void put_new_line(cs_json *json)
{
    put_text(json, "\n");
    for (int i = 0; i < json->depth; i++) {
        put_text(json, "  ");
    }
}

/* Comma and line break before a member of the innermost object or array. */
static void separate(cs_json *json)
{
    bool *filled = &json->is_filled[json->depth - 1];
    if (*filled) {
        put_text(json, ",");
    }
    *filled = true;
    put_new_line(json);
}

/* Every value begins here: false if nothing may be written. */
static bool may_begin_value(cs_json *json)
{
    if (json->status != CS_OK) {
        return false;
    }
    if (json->depth == 0) {
        if (json->is_complete) {
            misuse(json, "a second value after the end");
        }
        json->is_complete = true;
    } else if (!json->is_object[json->depth - 1]) {
        separate(json);
    } else if (!json->has_key) {
        misuse(json, "a value without a key in an object");
    }
    json->has_key = false;
    return json->status == CS_OK;
}

static void put_value(cs_json *json, const char *text)
{
    if (may_begin_value(json)) {
        put_text(json, text);
    }
}

static void begin(cs_json *json, bool is_object)
{
    if (!may_begin_value(json)) {
        return;
    }
    if (json->depth == CS_JSON_DEPTH) {
        misuse(json, "too many objects and arrays inside each other");
        return;
    }
    put_text(json, is_object ? "{" : "[");
    json->is_object[json->depth] = is_object;
    json->is_filled[json->depth] = false;
    json->depth++;
}

static void end(cs_json *json, bool is_object)
{
    if (json->status != CS_OK) {
        return;
    }
    if (json->depth == 0 || json->is_object[json->depth - 1] != is_object || json->has_key) {
        misuse(json, is_object ? "an object ends where none may" : "an array ends where none may");
        return;
    }
    json->depth--;
    if (json->is_filled[json->depth]) {
        put_new_line(json);
    }
    put_text(json, is_object ? "}" : "]");
}

void cs_json_open(cs_json *json, cs_bytes *out, cs_error *err)
{
    *json = (cs_json){.out = out, .err = err, .status = CS_OK};
}

cs_status cs_json_close(cs_json *json)
{
    if (json->depth > 0 || !json->is_complete) {
        misuse(json, "the document is not finished");
    }
    put_text(json, "\n");
    return json->status;
}

void cs_json_begin_object(cs_json *json)
{
    begin(json, true);
}

void cs_json_end_object(cs_json *json)
{
    end(json, true);
}

void cs_json_begin_array(cs_json *json)
{
    begin(json, false);
}

void cs_json_end_array(cs_json *json)
{
    end(json, false);
}

/*
 * Length in bytes of the valid UTF-8 character at `c`, 0 if there is none. The bounds of the
 * second byte (RFC 3629, section 4) refuse overlong forms, surrogates and what is above U+10FFFF.
 * A terminating zero is no continuation byte, so nothing behind it is read.
 */
static size_t character_length(const unsigned char *c)
{
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    size_t length = 0;
    if (c[0] < 0x80) {
        return 1;
    } else if (c[0] >= 0xc2 && c[0] <= 0xdf) {
        length = 2;
    } else if (c[0] >= 0xe0 && c[0] <= 0xef) {
        length = 3;
        low = c[0] == 0xe0 ? 0xa0 : low;
        high = c[0] == 0xed ? 0x9f : high;
    } else if (c[0] >= 0xf0 && c[0] <= 0xf4) {
        length = 4;
        low = c[0] == 0xf0 ? 0x90 : low;
        high = c[0] == 0xf4 ? 0x8f : high;
    } else {
        return 0;
    }
    if (c[1] < low || c[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if (c[i] < 0x80 || c[i] > 0xbf) {
            return 0;
        }
    }
    return length;
}

static void put_escaped(cs_json *json, unsigned char c)
{
    static const char NAMED[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* pairs: character, its letter */
    char text[8];
    for (size_t i = 0; i + 1 < sizeof NAMED; i += 2) {
        if (c == (unsigned char)NAMED[i]) {
            snprintf(text, sizeof text, "\\%c", NAMED[i + 1]);
            put_text(json, text);
            return;
        }
    }
    snprintf(text, sizeof text, "\\u%04x", c);
    put_text(json, text);
}

static void put_quoted(cs_json *json, const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    put_text(json, "\"");
    while (*c != '\0') {
        const size_t length = character_length(c);
        if (length == 0) {
            put_text(json, REPLACEMENT);
            c++;
        } else if (*c < 0x20 || *c == '"' || *c == '\\') {
            put_escaped(json, *c);
            c++;
        } else {
            put(json, (const char *)c, length);
            c += length;
        }
    }
    put_text(json, "\"");
}

void cs_json_key(cs_json *json, const char *key)
{
    if (json->status != CS_OK) {
        return;
    }
    if (json->depth == 0 || !json->is_object[json->depth - 1] || json->has_key) {
        misuse(json, "a key where none may be");
        return;
    }
    separate(json);
    put_quoted(json, key);
    put_text(json, ": ");
    json->has_key = true;
}

void cs_json_string(cs_json *json, const char *text)
{
    if (text == NULL) {
        cs_json_null(json);
    } else if (may_begin_value(json)) {
        put_quoted(json, text);
    }
}

void cs_json_int64(cs_json *json, int64_t value)
{
    char text[24]; /* 20 for -2^63, and the zero */
    snprintf(text, sizeof text, "%" PRId64, value);
    put_value(json, text);
}

void cs_json_double(cs_json *json, double value)
{
    char text[32]; /* 24 for -1.2345678901234567e-308, and the zero */
    if (!isfinite(value)) {
        cs_json_null(json);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    put_value(json, text);
}

void cs_json_bool(cs_json *json, bool value)
{
    put_value(json, value ? "true" : "false");
}

void cs_json_null(cs_json *json)
{
    put_value(json, "null");
}
