/* SPDX-License-Identifier: MIT */
/**
 * What the files reader*.c share: elements and attributes of a valid document. For them only.
 */
#ifndef CS_CONFIG_READER_PARTS_H
#define CS_CONFIG_READER_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/reader.h"

/** The first element of this name from `node` on, among its siblings, or NULL. */
const xmlNode *cs_reader_next(const xmlNode *node, const char *name);

/** How many children have this name. */
size_t cs_reader_count(const xmlNode *parent, const char *name);

/** Copies an attribute; *out is NULL if the element does not have it. Errors: CS_MEMORY. */
cs_status cs_reader_text(char **out, const xmlNode *element, const char *name, cs_error *err);

/** The same for a path, which is relative to the file's folder. */
cs_status cs_reader_path(char **out, const cs_config *config, const xmlNode *element,
                         const char *name, cs_error *err);

/** Reads an attribute that is there. Errors: CS_DATA (not finite), CS_MEMORY. */
cs_status cs_reader_number(double *out, const cs_config *config, const xmlNode *element,
                           const char *name, cs_error *err);

/** Reads a number that the schema restricts to digits; `missing` if the attribute is not there. */
cs_status cs_reader_digits(double *out, const xmlNode *element, const char *name, double missing,
                           cs_error *err);

/** Whether an attribute that the schema restricts to a few words is there and has this value. */
bool cs_reader_has_value(const xmlNode *element, const char *name, const char *value);

/** Refuses an attribute's value that two elements of a kind share, within their parent. Errors:
 * CS_DATA, CS_MEMORY. */
cs_status cs_reader_check_distinct(const cs_config *config, const xmlNode *parent, const char *kind,
                                   const char *attribute, cs_error *err);

/** The engines of a document, our own first. Errors: as cs_read_config. */
cs_status cs_read_engines(cs_config *config, const xmlNode *root, cs_error *err);

#endif
