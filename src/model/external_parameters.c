/* SPDX-License-Identifier: MIT */
#include "model/external_parameters.h"

#include <math.h>
#include <string.h>

#include "text/number.h"

const cs_config_setting *cs_find_parameter(const cs_config_substance *substance, const char *name,
                                           size_t length)
{
    for (size_t i = 0; i < substance->n_parameters; i++) {
        const cs_config_setting *setting = &substance->parameters[i];
        if (strlen(setting->name) == length && memcmp(setting->name, name, length) == 0) {
            return setting;
        }
    }
    return NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* A line `name[flag]: value # comment`; without flag and comment if there are none. */
typedef struct {
    const char *name, *value;
    size_t name_length, value_length;
} setting_line;

/* The byte order mark that editors of Windows put before a text; it is handed on. */
static const char MARK[] = "\xef\xbb\xbf";

/* Whether a line is such a one; comments and others are not. */
static bool take_apart(setting_line *line, const char *text, size_t length)
{
    const char *end = text + length;
    while (text < end && is_blank(*text)) {
        text++;
    }
    const char *colon = memchr(text, ':', (size_t)(end - text));
    if (colon == NULL || *text == '#') {
        return false;
    }
    const char *flag = memchr(text, '[', (size_t)(colon - text));
    const char *name_end = flag != NULL ? flag : colon;
    while (name_end > text && is_blank(name_end[-1])) {
        name_end--;
    }
    const char *value = colon + 1;
    const char *comment = memchr(value, '#', (size_t)(end - value));
    end = comment != NULL ? comment : end;
    while (end > value && is_blank(end[-1])) {
        end--;
    }
    while (value < end && is_blank(*value)) {
        value++;
    }
    *line = (setting_line){.name = text,
                           .name_length = (size_t)(name_end - text),
                           .value = value,
                           .value_length = (size_t)(end - value)};
    return true;
}

static bool is_set(const setting_line *line, const cs_config_substance *substance)
{
    const char *name = line->name;
    const size_t length = line->name_length;
    const bool is_background =
        length == strlen(CS_BACKGROUND_NAME) && memcmp(name, CS_BACKGROUND_NAME, length) == 0;
    return cs_find_parameter(substance, name, length) != NULL ||
           (is_background &&
            cs_find_parameter(substance, CS_BACKGROUND_RATIO, strlen(CS_BACKGROUND_RATIO)) != NULL);
}

static cs_status add_line(cs_text_template *template, cs_wanted *wanted, const char *text,
                          size_t length, const cs_config_substance *substance, cs_error *err)
{
    setting_line line;
    if (!take_apart(&line, text, length) || !is_set(&line, substance)) {
        return cs_text_template_add_text(template, wanted, text, length, template->where, err);
    }
    const char *behind = line.value + line.value_length;
    double base = NAN;
    size_t place = 0;
    if (!cs_text_double(&base, line.value, line.value_length)) {
        base = NAN;
    }
    CS_TRY(cs_text_template_add_text(template, wanted, text, (size_t)(line.value - text),
                                     template->where, err));
    CS_TRY(cs_wanted_add(&place, wanted, line.name, line.name_length, base, template->where, err));
    CS_TRY(cs_text_template_add_number(template, place, err));
    return cs_text_template_add_text(template, wanted, behind, (size_t)(text + length - behind),
                                     template->where, err);
}

cs_status cs_external_parameters_parse(cs_text_template *template, cs_wanted *wanted,
                                       const char *text, const cs_config_substance *substance,
                                       const char *path, cs_error *err)
{
    CS_TRY(cs_text_template_parse(template, wanted, "", 0, path, err));
    if (strncmp(text, MARK, strlen(MARK)) == 0) { /* not a part of the first name */
        CS_TRY(cs_text_template_add_text(template, wanted, MARK, strlen(MARK), path, err));
        text += strlen(MARK);
    }
    while (*text != '\0') {
        const size_t length = strcspn(text, "\n");
        CS_TRY(add_line(template, wanted, text, length, substance, err));
        CS_TRY(cs_text_template_add_text(template, wanted, "\n", 1, path, err));
        text += length + (text[length] == '\n');
    }
    return CS_OK;
}
