/* SPDX-License-Identifier: MIT */
/**
 * Builds a program of the kernel, op by op, joining what stands side by side.
 *
 * Texts between ops are collected; a short one becomes part of the words of a pick beside it, so
 * that it costs nothing, and picks side by side share an op and its random word. For compile.c
 * only. Errors of all functions: CS_MEMORY, and CS_DATA for what is too large.
 */
#ifndef CS_RECORD_BUILDER_H
#define CS_RECORD_BUILDER_H

#include <stdbool.h>

#include "base/memory.h"
#include "kernels/record/record.h"
#include "record/words.h"

/** How texts are written where they could be mistaken for the format. */
typedef enum {
    CS_ESCAPE_NONE,
    CS_ESCAPE_JSON,
    CS_ESCAPE_CSV, /* inside quotes */
} cs_escape;

enum { CS_BUILDER_MAX_OPS = 1 << 18 };

typedef struct {
    cs_bytes drafts;  /* ops with the words they pick from */
    cs_bytes texts;   /* of the program */
    cs_bytes targets; /* uint32_t */
    cs_bytes fields;  /* csk_record_field */
    cs_bytes pending; /* text that is not in an op yet */
    long last_pick;   /* op that what is pending may become a part of; -1: none */
    uint32_t word;    /* the field's next random word */
} cs_builder;

void cs_builder_free(cs_builder *builder);

/** Ops so far; what is pending will stand behind them. */
uint32_t cs_builder_count(const cs_builder *builder);

cs_status cs_builder_text(cs_builder *builder, const char *text, size_t length, cs_escape escape,
                          cs_error *err);

cs_status cs_builder_word(cs_builder *builder, const cs_word_list *list, cs_escape escape,
                          bool unique, cs_error *err);

/** Any other op, behind what is pending. */
cs_status cs_builder_op(cs_builder *builder, const csk_record_op *op, cs_error *err);

/** Begins a field: its op writes nothing, so what is pending may stay so. */
cs_status cs_builder_field(cs_builder *builder, const csk_record_field *field, cs_error *err);

/** A place that ops jump to: the index of the next op, behind what is pending. */
cs_status cs_builder_label(cs_builder *builder, uint32_t *label, cs_error *err);

/** Sets the target of an op. */
void cs_builder_aim(cs_builder *builder, uint32_t op, uint32_t target);

/** Text for an op that has one, which is escaped already; its offset. */
cs_status cs_builder_keep(cs_builder *builder, uint32_t *offset, const char *text, size_t length,
                          cs_error *err);

/** A list's end: the loop that began with op `loop` takes `count` rounds, each of which ends with
 * one byte too much. */
cs_status cs_builder_next(cs_builder *builder, uint32_t loop, uint32_t first_word, uint32_t count,
                          cs_error *err);

/** A program and its memory. */
typedef struct {
    csk_record_program program;
    csk_record_op *ops;
    csk_record_field *fields;
    csk_record_table *tables;
    uint32_t *targets;
    unsigned char *texts;
    cs_bytes slots; /* of all tables */
} cs_record_code;

/** Ends the program. `code` is released by cs_record_code_free, also after a failure. */
cs_status cs_builder_finish(cs_record_code *code, cs_builder *builder, uint64_t seed,
                            cs_error *err);

void cs_record_code_free(cs_record_code *code);

/** Appends a text as it must be written. */
cs_status cs_escape_text(cs_bytes *out, const char *text, size_t length, cs_escape escape,
                         cs_error *err);

#endif
