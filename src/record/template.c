/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/providers.h"

enum { PART_LENGTH = 100 };

/* "1..99": whether the part is a range of numbers. */
static bool read_range(cs_piece *piece, const char *part)
{
    long long low = 0, high = 0;
    int n = 0;
    if (sscanf(part, "%18lld..%18lld%n", &low, &high, &n) != 2 || part[n] != '\0' || low > high) {
        return false;
    }
    *piece = (cs_piece){
        .kind = CS_PIECE_OPERATION,
        .op = {.code = CSK_RECORD_INTEGER, .low = low, .range = (uint64_t)high - (uint64_t)low + 1},
        .domain = (uint64_t)high - (uint64_t)low + 1};
    return true;
}

/* "last_name:host" to its name, cut off, and form. */
static bool read_form(cs_word_form *form, char *part)
{
    char *colon = strchr(part, ':');
    *form = CS_WORD_PLAIN;
    if (colon == NULL) {
        return true;
    }
    *colon = '\0';
    *form = strcmp(colon + 1, "host") == 0 ? CS_WORD_HOST : CS_WORD_CAPITAL;
    return *form == CS_WORD_HOST || strcmp(colon + 1, "capital") == 0;
}

static cs_status append_list(cs_value *value, cs_provider_context *context, char *part,
                             cs_error *err)
{
    cs_word_form form;
    const cs_word_list *list = NULL;
    if (!read_form(&form, part)) {
        return cs_fail(err, CS_DATA, "{%s:..}: host or capital are possible behind the colon",
                       part);
    }
    CS_TRY(cs_words_find(&list, &context->words, part, form, err));
    if (list == NULL) {
        return cs_fail(err, CS_DATA, "{%s}: neither a word list nor a provider without arguments",
                       part);
    }
    return cs_value_put(value, &(cs_piece){.kind = CS_PIECE_WORD, .list = list, .domain = list->n},
                        err);
}

static cs_status append_part(cs_value *value, cs_provider_context *context, char *part,
                             cs_error *err)
{
    cs_piece piece;
    cs_value simple = {0};
    if (read_range(&piece, part)) {
        return cs_value_put(value, &piece, err);
    }
    cs_status status = cs_provider_simple(&simple, context, part, err);
    if (status == CS_OK) {
        status = simple.n > 0 ? cs_value_append(value, &simple, err)
                              : append_list(value, context, part, err);
    }
    cs_value_free(&simple);
    return status;
}

static cs_status append_text(cs_value *value, const char *text, size_t length, cs_error *err)
{
    char *copy = NULL;
    if (length == 0) {
        return CS_OK;
    }
    CS_TRY(cs_alloc(&copy, length + 1, 1, "a text", err));
    memcpy(copy, text, length);
    const cs_status status = cs_value_put(
        value, &(cs_piece){.kind = CS_PIECE_TEXT, .text = copy, .length = length}, err);
    free(copy);
    return status;
}

cs_status cs_template_make(cs_value *value, cs_provider_context *context, const char *text,
                           cs_error *err)
{
    CS_TRY(cs_value_begin(value, err));
    while (*text != '\0') {
        const size_t n_plain = strcspn(text, "{}");
        CS_TRY(append_text(value, text, n_plain, err));
        text += n_plain;
        if (*text == '\0') {
            break;
        }
        char part[PART_LENGTH + 1];
        const size_t n = strcspn(text + 1, "{}");
        if (*text != '{' || text[1 + n] != '}' || n == 0 || n > PART_LENGTH) {
            return cs_fail(err, CS_DATA, "a brace without its partner, or too much in it: %.40s",
                           text);
        }
        memcpy(part, text + 1, n);
        part[n] = '\0';
        CS_TRY(append_part(value, context, part, err));
        text += n + 2;
    }
    return CS_OK;
}
