/* SPDX-License-Identifier: MIT */
#include "record/providers.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "record/makers.h"

enum { MAX_FORMATS = 3, MAX_ARGUMENTS = 3 };

typedef struct {
    const char *name;
    const char *formats[MAX_FORMATS]; /* simple ones: templates, each as likely */
    cs_maker *make;                   /* others */
    const char *arguments[MAX_ARGUMENTS];
    bool bare;
} provider;

cs_status cs_provider_refuse(const cs_provider_context *context, const cs_xml_element *element,
                             cs_error *err, const char *format, ...)
{
    char text[CS_ERROR_LENGTH];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *name = cs_xml_get(element, "name");
    return cs_fail(err, CS_DATA, "%s:%zu: %s %.60s: %s", context->path, element->line,
                   element->name, name != NULL ? name : "", text);
}

/* Phone numbers are those that North America keeps for fiction (555-0100 to 555-0199), mail domains
 * those that RFC 2606 keeps for examples: nobody is called or written to by mistake. */
static const provider providers[] = {
    {.name = "name", .formats = {"{first_name} {last_name}"}},
    {.name = "catch_phrase", .formats = {"{phrase_adjective} {phrase_descriptor} {phrase_noun}"}},
    {.name = "company",
     .formats = {"{last_name} {company_suffix}", "{last_name}-{last_name}",
                 "{last_name}, {last_name} and {last_name}"}},
    {.name = "domain_name",
     .formats = {"{last_name:host}.{tld}", "{last_name:host}-{last_name:host}.{tld}"}},
    {.name = "email", .formats = {"{first_name:host}.{last_name:host}@{mail_domain}"}},
    {.name = "street_address", .formats = {"{1..250} {street}"}},
    {.name = "phone", .formats = {"+1-{201..989}-555-01{10..99}"}},
    {.name = "uuid4", .make = cs_make_uuid},
    {.name = "integer", .make = cs_make_integer, .arguments = {"min", "max"}, .bare = true},
    {.name = "float", .make = cs_make_float, .arguments = {"min", "max", "decimals"}, .bare = true},
    {.name = "boolean", .make = cs_make_boolean, .bare = true},
    {.name = "date", .make = cs_make_date, .arguments = {"min", "max"}},
    {.name = "datetime", .make = cs_make_time, .arguments = {"min", "max"}},
    {.name = "year", .make = cs_make_year, .arguments = {"min", "max"}, .bare = true},
    {.name = "hex_colour", .make = cs_make_colour},
    {.name = "sentence", .make = cs_make_sentence, .arguments = {"min", "max"}},
    {.name = "choice", .make = cs_make_choice, .arguments = {"list", "file"}},
    {.name = "pattern", .make = cs_make_pattern, .arguments = {"text"}},
    {.name = "template", .make = cs_make_template, .arguments = {"text"}},
    {.name = "first_name", .formats = {"{first_name}"}},
    {.name = "last_name", .formats = {"{last_name}"}},
    {.name = "country", .formats = {"{country}"}},
    {.name = "language", .formats = {"{language}"}},
    {.name = "locale", .formats = {"{locale}"}},
    {.name = "city", .formats = {"{city}"}},
};

enum { N_PROVIDERS = sizeof providers / sizeof *providers };

static const provider *find(const char *name)
{
    for (size_t i = 0; i < N_PROVIDERS; i++) {
        if (strcmp(providers[i].name, name) == 0) {
            return &providers[i];
        }
    }
    return NULL;
}

/* A provider that is a word list under its own name: a template's part of that name is the list. */
static bool is_list(const provider *p)
{
    const size_t length = strlen(p->name);
    return p->formats[0] != NULL && p->formats[0][0] == '{' &&
           strncmp(p->formats[0] + 1, p->name, length) == 0 &&
           strcmp(p->formats[0] + 1 + length, "}") == 0;
}

static cs_status make_simple(cs_value *value, cs_provider_context *context, const provider *p,
                             cs_error *err)
{
    for (size_t i = 0; i < MAX_FORMATS && p->formats[i] != NULL; i++) {
        cs_value more = {0};
        cs_status status = cs_template_make(&more, context, p->formats[i], err);
        if (status == CS_OK) {
            status = cs_value_or(value, &more, err);
        }
        cs_value_free(&more);
        CS_TRY(status);
    }
    return CS_OK;
}

cs_status cs_provider_simple(cs_value *value, cs_provider_context *context, const char *name,
                             cs_error *err)
{
    const provider *p = find(name);
    *value = (cs_value){0};
    return p != NULL && p->make == NULL && !is_list(p) ? make_simple(value, context, p, err)
                                                       : CS_OK;
}

static bool takes(const provider *p, const char *argument)
{
    static const char *const common[] = {"name", "provider", "count", "null", "unique"};
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        if (strcmp(common[i], argument) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < MAX_ARGUMENTS && p->arguments[i] != NULL; i++) {
        if (strcmp(p->arguments[i], argument) == 0) {
            return true;
        }
    }
    return false;
}

static cs_status check_arguments(const provider *p, const cs_provider_context *context,
                                 const cs_xml_element *field, cs_error *err)
{
    for (size_t i = 0; i < field->n_attributes; i++) {
        if (!takes(p, field->attributes[i].name)) {
            return cs_provider_refuse(context, field, err, "provider %s has no argument \"%.60s\"",
                                      p->name, field->attributes[i].name);
        }
    }
    for (const cs_xml_element *e = field + 1; e < cs_xml_behind(field); e = cs_xml_behind(e)) {
        if (p->make != cs_make_choice || strcmp(e->name, "value") != 0 || e->n_descendants > 0) {
            return cs_provider_refuse(context, e, err, "not possible in a field of provider %s",
                                      p->name);
        }
    }
    return CS_OK;
}

cs_status cs_provider_make(cs_value *value, cs_provider_context *context,
                           const cs_xml_element *field, cs_error *err)
{
    const char *name = cs_xml_get(field, "provider");
    const provider *p = name != NULL ? find(name) : NULL;
    cs_error reason = {0};
    *value = (cs_value){0};
    if (p == NULL) {
        return cs_provider_refuse(context, field, err, "unknown provider \"%.60s\"",
                                  name != NULL ? name : "");
    }
    CS_TRY(check_arguments(p, context, field, err));
    const cs_status status = p->make != NULL ? p->make(value, context, field, &reason)
                                             : make_simple(value, context, p, &reason);
    value->bare = p->bare;
    if (status == CS_OK) {
        return CS_OK;
    }
    /* what has no place yet gets the field's */
    const size_t length = strlen(context->path);
    const bool placed = strncmp(reason.message, context->path, length) == 0;
    return placed || status == CS_MEMORY
               ? cs_fail(err, status, "%s", reason.message)
               : cs_provider_refuse(context, field, err, "%.800s", reason.message);
}
