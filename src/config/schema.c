/* SPDX-License-Identifier: MIT */
#include "config/schema.h"

#include <libxml/xmlregexp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static bool is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static const xmlNode *first_element(const xmlNode *parent)
{
    const xmlNode *node = parent->children;
    while (node != NULL && node->type != XML_ELEMENT_NODE) {
        node = node->next;
    }
    return node;
}

/* An attribute of a node of the schema; "" if there is none. */
static void attribute_text(char *text, size_t size, const xmlNode *node, const char *name)
{
    xmlChar *value = xmlGetProp(node, (const xmlChar *)name);
    snprintf(text, size, "%s", value != NULL ? (const char *)value : "");
    xmlFree(value);
}

/* The text inside a node of the schema. */
static void inner_text(char *text, size_t size, const xmlNode *node)
{
    xmlChar *content = xmlNodeGetContent(node);
    snprintf(text, size, "%s", content != NULL ? (const char *)content : "");
    xmlFree(content);
}

void cs_schema_name(char *name, size_t size, const xmlNode *pattern)
{
    attribute_text(name, size, pattern, "name");
}

static bool has_name(const xmlNode *pattern, const char *wanted)
{
    char name[CS_SCHEMA_NAME_LENGTH];
    cs_schema_name(name, sizeof name, pattern);
    return strcmp(name, wanted) == 0;
}

static const xmlNode *definition(const xmlDoc *schema, const xmlNode *reference)
{
    char wanted[CS_SCHEMA_NAME_LENGTH];
    cs_schema_name(wanted, sizeof wanted, reference);
    const xmlNode *node = xmlDocGetRootElement(schema)->children;
    while (node != NULL && !(is(node, "define") && has_name(node, wanted))) {
        node = node->next;
    }
    CS_INVARIANT(node != NULL); /* the schema compiled, so what it refers to is there */
    return node;
}

const xmlNode *cs_schema_root(const xmlDoc *schema)
{
    const xmlNode *node = xmlDocGetRootElement(schema)->children;
    while (node != NULL && !is(node, "start")) {
        node = node->next;
    }
    return node != NULL ? first_element(definition(schema, first_element(node))) : NULL;
}

/* How a pattern occurs, given by those around it. */
typedef struct {
    bool required;
    bool repeats;
    bool choice;
} occurrence;

static void add(cs_schema_item *items, size_t *n, const xmlNode *node, occurrence how)
{
    CS_INVARIANT(*n < CS_SCHEMA_MAX_ITEMS);
    cs_schema_item *item = &items[(*n)++];
    *item = (cs_schema_item){
        .node = node, .required = how.required, .repeats = how.repeats, .choice = how.choice};
    cs_schema_name(item->name, sizeof item->name, node);
}

static void describe_inside(cs_schema_element *out, const xmlDoc *schema, const xmlNode *parent,
                            occurrence how);

static void describe_node(cs_schema_element *out, const xmlDoc *schema, const xmlNode *node,
                          occurrence how)
{
    if (is(node, "attribute")) {
        add(out->attributes, &out->n_attributes, node, how);
    } else if (is(node, "element")) {
        add(out->children, &out->n_children, node, how);
    } else if (is(node, "text")) {
        out->text = true;
    } else if (is(node, "ref")) {
        describe_inside(out, schema, definition(schema, node), how);
    } else if (is(node, "optional")) {
        describe_inside(out, schema, node, (occurrence){.repeats = how.repeats});
    } else if (is(node, "zeroOrMore")) {
        describe_inside(out, schema, node, (occurrence){.repeats = true});
    } else if (is(node, "oneOrMore")) {
        describe_inside(out, schema, node, (occurrence){.required = how.required, .repeats = true});
    } else if (is(node, "choice")) {
        describe_inside(out, schema, node, (occurrence){.repeats = how.repeats, .choice = true});
    } else if (is(node, "group") || is(node, "interleave")) {
        describe_inside(out, schema, node, how);
    }
}

static void describe_inside(cs_schema_element *out, const xmlDoc *schema, const xmlNode *parent,
                            occurrence how)
{
    const bool group = is(parent, "group");
    for (const xmlNode *node = parent->children; node != NULL; node = node->next) {
        describe_node(out, schema, node, how);
        if (group && node->type == XML_ELEMENT_NODE) {
            how.choice = false; /* the first of a group stands for it */
        }
    }
}

void cs_schema_describe(cs_schema_element *out, const xmlDoc *schema, const xmlNode *pattern)
{
    *out = (cs_schema_element){0};
    describe_inside(out, schema, pattern, (occurrence){.required = true});
}

static bool matches(const char *pattern, const char *value)
{
    xmlRegexp *expression = xmlRegexpCompile((const xmlChar *)pattern);
    const bool fits = expression != NULL && xmlRegexpExec(expression, (const xmlChar *)value) == 1;
    xmlRegFreeRegexp(expression);
    return fits;
}

static bool data_accepts(const xmlNode *data, const char *value)
{
    for (const xmlNode *node = data->children; node != NULL; node = node->next) {
        char facet[CS_SCHEMA_NAME_LENGTH];
        char limit[256];
        if (!is(node, "param")) {
            continue;
        }
        cs_schema_name(facet, sizeof facet, node);
        inner_text(limit, sizeof limit, node);
        if (strcmp(facet, "pattern") == 0 && !matches(limit, value)) {
            return false;
        }
        if (strcmp(facet, "maxLength") == 0 && strlen(value) > strtoul(limit, NULL, 10)) {
            return false;
        }
    }
    return true;
}

bool cs_schema_accepts(const xmlDoc *schema, const xmlNode *attribute, const char *value)
{
    for (const xmlNode *node = attribute->children; node != NULL; node = node->next) {
        char text[256] = "";
        if (is(node, "value")) {
            inner_text(text, sizeof text, node);
        }
        if ((is(node, "value") && strcmp(text, value) == 0) || is(node, "text") ||
            (is(node, "data") && data_accepts(node, value)) ||
            (is(node, "ref") && cs_schema_accepts(schema, definition(schema, node), value)) ||
            (is(node, "choice") && cs_schema_accepts(schema, node, value))) {
            return true;
        }
    }
    return first_element(attribute) == NULL; /* empty: any text */
}

static void list_values(char *words, size_t size, const xmlNode *choice)
{
    size_t used = (size_t)snprintf(words, size, "one of ");
    const char *separator = "";
    for (const xmlNode *node = choice->children; node != NULL; node = node->next) {
        char text[64];
        if (is(node, "value") && used < size) {
            inner_text(text, sizeof text, node);
            used += (size_t)snprintf(words + used, size - used, "%s%s", separator, text);
            separator = ", ";
        }
    }
}

void cs_schema_wants(char *words, size_t size, const xmlDoc *schema, const xmlNode *attribute)
{
    const xmlNode *node = first_element(attribute);
    while (node != NULL && is(node, "ref")) {
        node = first_element(definition(schema, node));
    }
    if (node != NULL && is(node, "choice")) {
        list_values(words, size, node);
    } else if (node != NULL && is(node, "value")) {
        inner_text(words, size, node);
    } else if (node != NULL && is(node, "data")) {
        attribute_text(words, size, node, "wants");
    } else {
        snprintf(words, size, "a text");
    }
}

bool cs_schema_fixed_value(char *value, size_t size, const xmlNode *attribute)
{
    const xmlNode *node = first_element(attribute);
    if (node == NULL || !is(node, "value")) {
        return false;
    }
    inner_text(value, size, node);
    return true;
}

bool cs_schema_fixed_attributes_fit(const xmlDoc *schema, const xmlNode *pattern,
                                    const xmlNode *element)
{
    cs_schema_element rule;
    cs_schema_describe(&rule, schema, pattern);
    for (size_t i = 0; i < rule.n_attributes; i++) {
        char wanted[64];
        if (!cs_schema_fixed_value(wanted, sizeof wanted, rule.attributes[i].node)) {
            continue;
        }
        xmlChar *value = xmlGetNoNsProp(element, (const xmlChar *)rule.attributes[i].name);
        const bool fits = value != NULL && strcmp((const char *)value, wanted) == 0;
        xmlFree(value);
        if (!fits) {
            return false;
        }
    }
    return true;
}
