/* SPDX-License-Identifier: MIT */
/**
 * Reading the schema's own tree: which attributes and elements an element may have.
 *
 * Knows the patterns that inputs/catchsim.rng uses (element, attribute, ref, interleave, group,
 * choice, optional, zeroOrMore, oneOrMore, text, value, data with pattern and maxLength). For
 * cs_explain only; thread-safe.
 */
#ifndef CS_CONFIG_SCHEMA_H
#define CS_CONFIG_SCHEMA_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

enum { CS_SCHEMA_MAX_ITEMS = 16, CS_SCHEMA_NAME_LENGTH = 32 };

/** An attribute or element that may occur. */
typedef struct {
    const xmlNode *node; /* its pattern */
    char name[CS_SCHEMA_NAME_LENGTH];
    bool required;
    bool repeats;
    bool choice; /* first of one alternative: exactly one such attribute must be there */
} cs_schema_item;

/** What may be in an element. */
typedef struct {
    cs_schema_item attributes[CS_SCHEMA_MAX_ITEMS];
    size_t n_attributes;
    cs_schema_item
        children[CS_SCHEMA_MAX_ITEMS]; /* one name may occur twice: choose by attribute */
    size_t n_children;
    bool text;
} cs_schema_element;

/** The pattern of the document's element. */
const xmlNode *cs_schema_root(const xmlDoc *schema);

/** The name that a pattern of an element or attribute has. */
void cs_schema_name(char *name, size_t size, const xmlNode *pattern);

/** Describes the pattern of an element. */
void cs_schema_describe(cs_schema_element *out, const xmlDoc *schema, const xmlNode *pattern);

/** Whether the pattern of an attribute accepts a value. */
bool cs_schema_accepts(const xmlDoc *schema, const xmlNode *attribute, const char *value);

/** Says in words what the pattern of an attribute accepts: "a number", "one of yes, no". */
void cs_schema_wants(char *words, size_t size, const xmlDoc *schema, const xmlNode *attribute);

/** The single value that an attribute's pattern accepts; false if there is no such thing. */
bool cs_schema_fixed_value(char *value, size_t size, const xmlNode *attribute);

/** Whether an element has all attributes for which its pattern accepts a single value. */
bool cs_schema_fixed_attributes_fit(const xmlDoc *schema, const xmlNode *pattern,
                                    const xmlNode *element);

#endif
