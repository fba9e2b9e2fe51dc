/* SPDX-License-Identifier: MIT */
/**
 * Providers: what kinds of values a schema can ask for, and their arguments.
 */
#ifndef CS_RECORD_PROVIDERS_H
#define CS_RECORD_PROVIDERS_H

#include "record/value.h"
#include "text/xml.h"

/** What providers of a schema share. */
typedef struct {
    const char *path; /* of the schema, for messages and for files beside it */
    cs_words words;
} cs_provider_context;

/**
 * Makes the value of an element `field` from its provider and arguments.
 *
 * Providers `hash` and `sequence` have no value of this kind: see schema.h.
 * @param value [out] released by cs_value_free, also after a failure
 * Errors: CS_DATA as "path:line: ..." for an unknown provider, missing, unknown or wrong arguments
 * and lists; CS_MEMORY.
 */
cs_status cs_provider_make(cs_value *value, cs_provider_context *context,
                           const cs_xml_element *field, cs_error *err);

/** The attribute as a number, or `absent`. Errors: CS_DATA as "path:line: ...". */
cs_status cs_provider_integer(int64_t *out, int64_t absent, const cs_provider_context *context,
                              const cs_xml_element *element, const char *name, cs_error *err);

/** Refuses an element: "path:line: field NAME: ...". */
cs_status cs_provider_refuse(const cs_provider_context *context, const cs_xml_element *element,
                             cs_error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/**
 * Makes a value of a text with {parts}: {NAME} is a provider without arguments or a word list,
 * {NAME:host} and {NAME:capital} a list's words in that form, {1..99} a number.
 *
 * @param value [out] as above
 * Errors: CS_DATA without a place; CS_MEMORY.
 */
cs_status cs_template_make(cs_value *value, cs_provider_context *context, const char *text,
                           cs_error *err);

/** The value of a provider that is no more than templates; value->n == 0: there is none. */
cs_status cs_provider_simple(cs_value *value, cs_provider_context *context, const char *name,
                             cs_error *err);

#endif
