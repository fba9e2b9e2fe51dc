/* SPDX-License-Identifier: MIT */
#include "layout/settings.h"

#include <stdlib.h>
#include <string.h>

#include "text/file.h"
#include "text/mark.h"
#include "text/number.h"

cs_status cs_settings_add(cs_settings *settings, const cs_setting *setting, cs_error *err)
{
    CS_TRY(cs_bytes_append(&settings->list, setting, sizeof *setting, err));
    settings->n++;
    return CS_OK;
}

/* ---- the parameter file ---- */

/* A line of the file, whose text may be cut into pieces in place. */
typedef struct {
    const char *path;
    size_t number;
    cs_error *err;
} place;

static cs_status refuse(const place *at, const char *why)
{
    return cs_fail(at->err, CS_DATA, "%s:%zu: %s", at->path, at->number, why);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Cuts blanks off both ends, in place. */
static char *trimmed(char *text)
{
    for (; is_blank(*text); text++) {
    }
    char *end = text + strlen(text);
    for (; end > text && is_blank(end[-1]); end--) {
    }
    *end = '\0';
    return text;
}

/* Cuts "name[scope]" apart; no brackets give an empty scope. */
static cs_status split_scope(char *text, char **scope, const place *at)
{
    char *open = strchr(text, '[');
    if (open == NULL) {
        *scope = text + strlen(text);
        return CS_OK;
    }
    char *close = strchr(open, ']');
    if (close == NULL || *trimmed(close + 1) != '\0') {
        return refuse(at, "']' must end the flag");
    }
    *open = '\0';
    *close = '\0';
    *scope = trimmed(open + 1);
    return **scope != '\0' ? CS_OK : refuse(at, "an empty flag");
}

/* "VAR@0" names the state VAR at the beginning; there is no other time. */
static cs_status split_time(char *text, cs_setting *setting, const place *at)
{
    char *mark = strchr(text, '@');
    setting->kind = *setting->scope != '\0' ? CS_SETTING_OF_FLAG : CS_SETTING_OF_ALL;
    if (mark != NULL) {
        double time = -1.0;
        const char *digits = trimmed(mark + 1);
        *mark = '\0';
        if (!cs_text_double(&time, digits, strlen(digits)) || time != 0.0) {
            return refuse(at, "behind '@' there must be 0: an initial state");
        }
        if (*setting->scope == '\0') {
            return refuse(at, "an initial state needs its model: state@0[model]: value");
        }
        setting->kind = CS_SETTING_INITIAL;
    }
    setting->name = trimmed(text);
    return *setting->name != '\0' ? CS_OK : refuse(at, "a name is missing");
}

static cs_status read_line(cs_settings *settings, char *line, const place *at)
{
    cs_setting setting = {.path = at->path, .line = at->number};
    char *scope = NULL;
    line[strcspn(line, "#")] = '\0';
    line = trimmed(line);
    if (*line == '\0') {
        return CS_OK;
    }
    char *colon = strchr(line, ':');
    if (colon == NULL) {
        return refuse(at, "no \"name[flag]: value\"");
    }
    *colon = '\0';
    const char *value = trimmed(colon + 1);
    CS_TRY(split_scope(line, &scope, at));
    setting.scope = scope;
    CS_TRY(split_time(line, &setting, at));
    if (strcmp(setting.name, "sigma") == 0 && setting.kind == CS_SETTING_OF_FLAG) {
        return CS_OK;
    }
    if (!cs_text_double(&setting.value, value, strlen(value))) {
        return cs_fail(at->err, CS_DATA, "%s:%zu: \"%.60s\" is no number", at->path, at->number,
                       value);
    }
    return cs_settings_add(settings, &setting, at->err);
}

static cs_status read_lines(cs_settings *settings, char *text, place at)
{
    for (char *next; text != NULL; text = next, at.number++) {
        next = strchr(text, '\n');
        if (next != NULL) {
            *next++ = '\0';
        }
        CS_TRY(read_line(settings, text, &at));
    }
    return CS_OK;
}

cs_status cs_settings_parse(cs_settings *settings, const char *text, size_t size, const char *path,
                            cs_error *err)
{
    CS_INVARIANT(settings->text == NULL);
    if (size > 0 && memchr(text, '\0', size) != NULL) {
        return cs_fail(err, CS_DATA, "%s:1: holds NUL bytes, so it is no text", path);
    }
    CS_TRY(cs_alloc(&settings->text, size + 1, 1, path, err));
    CS_TRY(cs_copy_string(&settings->own_path, path, err));
    if (size > 0) {
        memcpy(settings->text, text, size);
    }
    return read_lines(settings, settings->text + cs_text_mark(settings->text, size),
                      (place){settings->own_path, 1, err});
}

cs_status cs_settings_read(cs_settings *settings, const char *path, cs_error *err)
{
    cs_bytes content = {0};
    cs_status status = cs_file_read(&content, path, CS_SETTINGS_MAX_BYTES, err);
    if (status == CS_OK) {
        status = cs_settings_parse(settings, (const char *)content.data, content.size, path, err);
    }
    cs_bytes_free(&content);
    return status;
}

void cs_settings_free(cs_settings *settings)
{
    cs_bytes_free(&settings->list);
    free(settings->text);
    free(settings->own_path);
    *settings = (cs_settings){0};
}

/* ---- looking up ---- */

cs_setting *cs_settings_all(const cs_settings *settings)
{
    return (cs_setting *)settings->list.data;
}

static bool is_one_of(const char *text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(text, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

cs_setting *cs_settings_parameter(const cs_settings *settings, const char *name, const char *model,
                                  const char *const *flags, size_t n_flags)
{
    cs_setting *all = cs_settings_all(settings);
    cs_setting *best = NULL;
    for (size_t i = 0; i < settings->n; i++) {
        const cs_setting *s = &all[i];
        const bool counts = s->kind == CS_SETTING_OF_ALL ||
                            (s->kind == CS_SETTING_OF_MODEL && strcmp(s->scope, model) == 0) ||
                            (s->kind == CS_SETTING_OF_FLAG && is_one_of(s->scope, flags, n_flags));
        if (counts && strcmp(s->name, name) == 0) {
            all[i].used = true;
            best = best == NULL || s->kind >= best->kind ? &all[i] : best;
        }
    }
    return best;
}

cs_setting *cs_settings_initial(const cs_settings *settings, const char *name, const char *model)
{
    cs_setting *all = cs_settings_all(settings);
    cs_setting *best = NULL;
    for (size_t i = 0; i < settings->n; i++) {
        if (all[i].kind == CS_SETTING_INITIAL && strcmp(all[i].name, name) == 0 &&
            strcmp(all[i].scope, model) == 0) {
            all[i].used = true;
            best = &all[i];
        }
    }
    return best;
}
