/* SPDX-License-Identifier: MIT */
/**
 * Word lists: one entry a line, UTF-8; lines that begin with # and empty ones do not count.
 *
 * The project's own (inputs/words) are part of the program; a folder may replace some of them and
 * add others, as NAME.txt. Not thread-safe.
 */
#ifndef CS_RECORD_WORDS_H
#define CS_RECORD_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { CS_WORD_MAX_BYTES = 200, CS_WORDS_MAX_FILE_BYTES = 64 << 20 };

typedef struct {
    const char *text; /* terminated */
    size_t length;    /* bytes, 1 to CS_WORD_MAX_BYTES */
} cs_word;

/** In which form a list's words are wanted. */
typedef enum {
    CS_WORD_PLAIN,   /* as they are */
    CS_WORD_HOST,    /* for host names: their ASCII letters, made small, and digits */
    CS_WORD_CAPITAL, /* with a capital at the beginning, if that is an ASCII letter */
} cs_word_form;

typedef struct cs_word_list {
    struct cs_word_list *next; /* in its collection */
    char *name;                /* of the list, or the path of its file */
    char *path;                /* of the file it was read from; NULL: none */
    char *content;             /* that the words point into */
    cs_word *words;
    size_t n; /* >= 1 */
    cs_word_form form;
} cs_word_list;

typedef struct {
    const char *folder; /* of replacements; NULL: none */
    cs_word_list *first;
} cs_words;

/** Checks the folder (NULL: none). Errors: CS_IO. Released by cs_words_free. */
cs_status cs_words_open(cs_words *words, const char *folder, cs_error *err);

void cs_words_free(cs_words *words);

/** Whether there may be a list of this name: letters, digits and _ only. */
bool cs_words_is_name(const char *name);

/**
 * Finds a list by its name.
 *
 * @param list [out] belongs to the collection; NULL if there is no such list
 * @param form [in]  words of which nothing is left in it are left out
 * Errors: CS_DATA for a bad list of the folder ("path:line: ..."), CS_IO, CS_MEMORY.
 */
cs_status cs_words_find(const cs_word_list **list, cs_words *words, const char *name,
                        cs_word_form form, cs_error *err);

/** Reads a list from a file. Errors: as above; CS_IO if there is no such file. */
cs_status cs_words_read(const cs_word_list **list, cs_words *words, const char *path,
                        cs_error *err);

/** Makes a list of texts, one for each; they are copied. Errors: CS_MEMORY. */
cs_status cs_words_make(const cs_word_list **list, cs_words *words, const char *const *texts,
                        size_t n, cs_error *err);

/** The first word that occurs twice, or NULL; *n_distinct: how many differ. Errors: CS_MEMORY. */
cs_status cs_words_find_twice(const cs_word **twice, const cs_word_list *list, cs_error *err);

#endif
