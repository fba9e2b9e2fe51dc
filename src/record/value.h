/* SPDX-License-Identifier: MIT */
/**
 * What a field's values are made of: alternatives, each a sequence of pieces.
 *
 * "{last_name} {company_suffix}" is one alternative of three pieces: a word, a blank, a word. An
 * alternative is drawn first, each as likely as any other, then its pieces. Not thread-safe.
 */
#ifndef CS_RECORD_VALUE_H
#define CS_RECORD_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "kernels/record/record.h"
#include "record/words.h"

/** More alternatives or pieces than this are refused. */
enum { CS_VALUE_MAX_ALTERNATIVES = 256, CS_VALUE_MAX_PIECES = 4096 };

typedef enum {
    CS_PIECE_TEXT,      /* always the same */
    CS_PIECE_WORD,      /* a word of a list */
    CS_PIECE_OPERATION, /* numbers, dates, ...: an operation of the kernel */
} cs_piece_kind;

typedef struct {
    cs_piece_kind kind;
    char *text; /* of a text or pattern, owned; may hold zeros only behind its end */
    size_t length;
    const cs_word_list *list; /* of the collection that the value was made with */
    csk_record_op op;         /* code, n, low and range only */
    uint64_t domain;          /* how many values it can have; 0: 2^64 or more, or not known */
} cs_piece;

typedef struct {
    cs_piece *pieces;
    size_t n;
} cs_sequence;

typedef struct {
    cs_sequence *alternatives;
    size_t n;
    bool bare; /* numbers and booleans: without quotes in JSON */
} cs_value;

/** One empty alternative, on which cs_value_append builds. Errors: CS_MEMORY. */
cs_status cs_value_begin(cs_value *value, cs_error *err);

/** Appends a piece, whose text is copied, to all alternatives. Errors: CS_DATA (too many),
 * CS_MEMORY. */
cs_status cs_value_put(cs_value *value, const cs_piece *piece, cs_error *err);

/** Appends a value: each of its alternatives behind each of ours. Errors: as above. */
cs_status cs_value_append(cs_value *value, const cs_value *more, cs_error *err);

/** Adds the alternatives of a value to ours, moving them: `more` is empty then. */
cs_status cs_value_or(cs_value *value, cs_value *more, cs_error *err);

/** Releases; a zeroed value is fine. */
void cs_value_free(cs_value *value);

#endif
