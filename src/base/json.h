/* SPDX-License-Identifier: MIT */
/**
 * A writer of JSON: one value after the other into a buffer, indented by two blanks.
 *
 * jansson would be the library for it, but every program has --report while only five libraries
 * are mandatory, and writing (not reading) is all that is needed.
 *
 *     cs_json json;
 *     cs_json_open(&json, &bytes, err);
 *     cs_json_begin_object(&json);
 *     cs_json_key(&json, "ranks");
 *     cs_json_int64(&json, 16);
 *     cs_json_end_object(&json);
 *     CS_TRY(cs_json_close(&json));
 *
 * The first failure sticks: what follows does nothing, and the caller asks once, at the end. Wrong
 * use (a value without its key, an end without its begin) is a failure too, CS_INTERNAL, so that
 * a mistake in a report cannot end a run of hours.
 *
 * Local. A writer is used by one thread at a time. LC_NUMERIC must be "C", as it is in a program
 * that never calls setlocale.
 */
#ifndef CS_BASE_JSON_H
#define CS_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"

enum { CS_JSON_DEPTH = 32 }; /* objects and arrays inside each other; reports need about 5 */

typedef struct {
    cs_bytes *out;    /* the caller's */
    cs_error *err;    /* the caller's, may be NULL */
    cs_status status; /* of the first failure */
    int depth;        /* objects and arrays that are open */
    bool is_object[CS_JSON_DEPTH];
    bool is_filled[CS_JSON_DEPTH]; /* has a member already, so that the next needs a comma */
    bool has_key;                  /* a key waits for its value */
    bool is_complete;              /* the one value of the document is written */
} cs_json;

/**
 * Starts a document that is appended to `out`.
 *
 * @param json [out] the writer; owns nothing, needs no release
 * @param out  [in]  the buffer, which stays the caller's and must outlive the writer
 * @param err  [in]  the record that a failure of any later call goes to; may be NULL
 * Never fails.
 */
void cs_json_open(cs_json *json, cs_bytes *out, cs_error *err);

/**
 * Ends the document with a newline and returns the first failure of all calls since the opening.
 * After a failure `out` holds an unfinished document.
 *
 * Errors: CS_MEMORY; CS_INTERNAL for wrong use, an unfinished document among it.
 */
cs_status cs_json_close(cs_json *json);

/** Begins and ends an object, whose members are each a key and a value. */
void cs_json_begin_object(cs_json *json);
void cs_json_end_object(cs_json *json);

/** Begins and ends an array, whose members are values. */
void cs_json_begin_array(cs_json *json);
void cs_json_end_array(cs_json *json);

/** The key of the value that comes next; only inside an object. */
void cs_json_key(cs_json *json, const char *key);

/** A text in UTF-8; a byte that is not part of valid UTF-8 becomes U+FFFD. NULL becomes null. */
void cs_json_string(cs_json *json, const char *text);

void cs_json_int64(cs_json *json, int64_t value);

/** The shortest of 15, 16 or 17 digits that reads back as the same value; NaN, infinity: null. */
void cs_json_double(cs_json *json, double value);

void cs_json_bool(cs_json *json, bool value);

void cs_json_null(cs_json *json);

#endif
