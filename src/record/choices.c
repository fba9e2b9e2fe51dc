/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/paths.h"
#include "record/makers.h"

enum { MAX_WEIGHT = 1000 };

/* The texts of the elements `value`, as often as their weight says. */
static cs_status collect(cs_bytes *texts, const cs_provider_context *context,
                         const cs_xml_element *field, cs_error *err)
{
    for (const cs_xml_element *e = field + 1; e < cs_xml_behind(field); e = cs_xml_behind(e)) {
        int64_t weight;
        CS_TRY(cs_provider_integer(&weight, 1, context, e, "weight", err));
        if (weight < 0 || weight > MAX_WEIGHT || strlen(e->text) > CS_WORD_MAX_BYTES) {
            return cs_provider_refuse(context, e, err,
                                      "weights of 0 to %d, texts of up to %d bytes are possible",
                                      MAX_WEIGHT, CS_WORD_MAX_BYTES);
        }
        for (int64_t i = 0; i < weight; i++) {
            CS_TRY(cs_bytes_append(texts, &e->text, sizeof e->text, err));
        }
    }
    return texts->size > 0 ? CS_OK
                           : cs_provider_refuse(context, field, err,
                                                "nothing to choose from: give list, file, or "
                                                "elements value");
}

static cs_status choose_of_values(const cs_word_list **list, cs_provider_context *context,
                                  const cs_xml_element *field, cs_error *err)
{
    cs_bytes texts = {0};
    cs_status status = collect(&texts, context, field, err);
    if (status == CS_OK) {
        status = cs_words_make(list, &context->words, (const char *const *)(void *)texts.data,
                               texts.size / sizeof(char *), err);
    }
    cs_bytes_free(&texts);
    return status;
}

static cs_status choose_of_file(const cs_word_list **list, cs_provider_context *context,
                                const cs_xml_element *field, const char *file, cs_error *err)
{
    char *path = NULL;
    cs_error reason = {0};
    CS_TRY(cs_resolve_path(&path, context->path, file, err));
    const cs_status status = cs_words_read(list, &context->words, path, &reason);
    free(path);
    return status == CS_OK ? CS_OK
                           : cs_provider_refuse(context, field, err, "%.800s", reason.message);
}

cs_status cs_make_choice(cs_value *value, cs_provider_context *context, const cs_xml_element *field,
                         cs_error *err)
{
    const char *name = cs_xml_get(field, "list");
    const char *file = cs_xml_get(field, "file");
    const cs_word_list *list = NULL;
    if ((name != NULL) + (file != NULL) + (field->n_descendants > 0) > 1) {
        return cs_provider_refuse(context, field, err,
                                  "only one of list, file and elements value is possible");
    }
    if (name != NULL) {
        CS_TRY(cs_words_find(&list, &context->words, name, CS_WORD_PLAIN, err));
    } else if (file != NULL) {
        CS_TRY(choose_of_file(&list, context, field, file, err));
    } else {
        CS_TRY(choose_of_values(&list, context, field, err));
    }
    if (list == NULL) {
        return cs_provider_refuse(context, field, err, "there is no word list \"%.60s\"", name);
    }
    CS_TRY(cs_value_begin(value, err));
    return cs_value_put(value, &(cs_piece){.kind = CS_PIECE_WORD, .list = list, .domain = list->n},
                        err);
}

cs_status cs_make_boolean(cs_value *value, cs_provider_context *context,
                          const cs_xml_element *field, cs_error *err)
{
    static const char *const texts[] = {"false", "true"};
    const cs_word_list *list = NULL;
    (void)field;
    CS_TRY(cs_words_make(&list, &context->words, texts, 2, err));
    CS_TRY(cs_value_begin(value, err));
    return cs_value_put(value, &(cs_piece){.kind = CS_PIECE_WORD, .list = list, .domain = 2}, err);
}
