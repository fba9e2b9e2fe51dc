/* SPDX-License-Identifier: MIT */
/**
 * Texts with placeholders, {A_tot}, and the values that fill them.
 *
 * A placeholder is a name in braces: a letter or _, then letters, digits, _ and dots. Other braces
 * are text. {id}, {name}, {input_file_name} and {input} are always known; {layout}, {parameters}
 * and {output} where files are named; every other name is a number of the catchment. Numbers are
 * written in the shortest form that reads back.
 */
#ifndef CS_MODEL_EXTERNAL_TEXT_H
#define CS_MODEL_EXTERNAL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"

/** A number that each catchment must have. */
typedef struct {
    char *name;
    char *place; /* where it is used first, for messages: "layout.xml", "argument 2" */
    double base; /* what it is if neither configuration nor input knows the name; NaN: unknown */
} cs_wanted_number;

/** The numbers that texts need, in the order of their first use; a name is repeated only with
 * another base. */
typedef struct {
    cs_wanted_number *items; /* [n] */
    size_t n;
    bool needs_name; /* {name} occurs */
} cs_wanted;

/**
 * The place of a number, which is added if it is new: a name, or another base of it; a base of NaN
 * is that of any other use. Errors: CS_MEMORY.
 */
cs_status cs_wanted_add(size_t *place, cs_wanted *wanted, const char *name, size_t length,
                        double base, const char *where, cs_error *err);

void cs_wanted_free(cs_wanted *wanted);

/** What a program reads and writes; the file names have only numbers in them. */
typedef enum {
    CS_FILE_LAYOUT,
    CS_FILE_PARAMETERS,
    CS_FILE_INPUT,
    CS_FILE_OUTPUT,
    CS_N_FILES
} cs_external_file;

enum { CS_FILE_NAME_LENGTH = 48 };

/** One catchment. */
typedef struct {
    int64_t id;
    const char *name;      /* NULL: the id */
    const double *numbers; /* in the order of cs_wanted; NaN: not known */
    char file[CS_N_FILES][CS_FILE_NAME_LENGTH];
} cs_external_values;

typedef struct cs_piece cs_piece;

typedef struct {
    cs_piece *pieces; /* [n] */
    size_t n;
    char *where; /* for messages */
} cs_text_template;

/**
 * Takes a text apart.
 *
 * @param template [out]    released by cs_text_template_free, also after a failure
 * @param wanted   [in,out] gets the numbers it needs
 * @param where    [in]     what it is, for messages
 * Errors: CS_MEMORY.
 */
cs_status cs_text_template_parse(cs_text_template *template, cs_wanted *wanted, const char *text,
                                 size_t length, const char *where, cs_error *err);

/** Appends a number to a template under construction, a zeroed one at first. Errors: CS_MEMORY. */
cs_status cs_text_template_add_number(cs_text_template *template, size_t place, cs_error *err);

/** Appends a text, taken apart. Errors: CS_MEMORY. */
cs_status cs_text_template_add_text(cs_text_template *template, cs_wanted *wanted, const char *text,
                                    size_t length, const char *where, cs_error *err);

/** Whether it names this file. */
bool cs_text_template_uses(const cs_text_template *template, cs_external_file file);

/**
 * Appends the text of a catchment. Control characters in its name become blanks.
 *
 * Thread-safe. Errors: CS_DATA (a number is not known), CS_MEMORY.
 */
cs_status cs_text_template_fill(cs_bytes *out, const cs_text_template *template,
                                const cs_wanted *wanted, const cs_external_values *values,
                                cs_error *err);

void cs_text_template_free(cs_text_template *template);

#endif
