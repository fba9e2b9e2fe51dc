/* SPDX-License-Identifier: MIT */
/**
 * Ops while they are built. For builder.c and builder_finish.c only.
 */
#ifndef CS_RECORD_DRAFT_H
#define CS_RECORD_DRAFT_H

#include "record/builder.h"

enum {
    CS_DRAFT_MAX_AROUND = 24, /* bytes of a text that may become part of words */
    CS_DRAFT_ALWAYS = 4,      /* so short that it does, even if slots become wider */
};

/** Where a pick's words come from, and what is written around each. */
typedef struct {
    const cs_word_list *list;
    cs_escape escape;
    uint32_t n_before, n_behind;
    char before[CS_DRAFT_MAX_AROUND], behind[CS_DRAFT_MAX_AROUND];
} cs_draft_source;

typedef struct {
    csk_record_op op;
    cs_draft_source sources[CSK_RECORD_MAX_TABLES]; /* [op.n] of PICK and LIST */
} cs_draft;

/** The longest word as it will be written, without what is around it. */
cs_status cs_draft_longest(size_t *length, const cs_draft_source *source, cs_error *err);

/** Width of a slot for texts of so many bytes; 0: too long for any. */
uint32_t cs_draft_width(size_t length);

#endif
