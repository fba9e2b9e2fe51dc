/* SPDX-License-Identifier: MIT */
#include "config/explain.h"

#include <libxml/xmlregexp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/document.h"
#include "config/schema.h"

enum { LIST_LENGTH = 512 };

typedef struct {
    const xmlDoc *schema;
    const char *path;
    cs_error *err;
} explainer;

static const char *name_of(const xmlNode *node)
{
    return (const char *)node->name;
}

/* Records the mistake; true, so that callers can return it. */
__attribute__((format(printf, 3, 4))) static bool found(const explainer *x, const xmlNode *element,
                                                        const char *format, ...)
{
    char text[CS_ERROR_LENGTH];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    cs_fail(x->err, CS_DATA, "%s:%d: element %.60s: %s", x->path, cs_document_line(element),
            name_of(element), text);
    return true;
}

/* Appends a word to a list "a, b", once. */
static void list(char words[LIST_LENGTH], const char *word)
{
    const size_t used = strlen(words);
    const char *last = strrchr(words, ' ');
    if (used == 0 || strcmp(last != NULL ? last + 1 : words, word) != 0) {
        snprintf(words + used, LIST_LENGTH - used, "%s%s", used > 0 ? ", " : "", word);
    }
}

static void list_names(char words[LIST_LENGTH], const cs_schema_item *items, size_t n)
{
    words[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        list(words, items[i].name);
    }
}

static bool has_attribute(const xmlNode *element, const char *name)
{
    return xmlHasNsProp(element, (const xmlChar *)name, NULL) != NULL;
}

static const cs_schema_item *find_item(const cs_schema_item *items, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(items[i].name, name) == 0) {
            return &items[i];
        }
    }
    return NULL;
}

static bool unknown_attribute(const explainer *x, const xmlNode *element,
                              const cs_schema_element *rule)
{
    for (const xmlAttr *a = element->properties; a != NULL; a = a->next) {
        const char *name = (const char *)a->name;
        if (a->ns != NULL || find_item(rule->attributes, rule->n_attributes, name) == NULL) {
            char known[LIST_LENGTH];
            list_names(known, rule->attributes, rule->n_attributes);
            return found(x, element, "unknown attribute \"%.60s\"; %s%s", name,
                         rule->n_attributes > 0 ? "known: " : "there is none", known);
        }
    }
    return false;
}

static bool missing_attribute(const explainer *x, const xmlNode *element,
                              const cs_schema_element *rule)
{
    for (size_t i = 0; i < rule->n_attributes; i++) {
        const cs_schema_item *item = &rule->attributes[i];
        if (item->required && !has_attribute(element, item->name)) {
            return found(x, element, "attribute \"%s\" is missing", item->name);
        }
    }
    return false;
}

/* Attributes of which exactly one must be there. */
static bool wrong_choice(const explainer *x, const xmlNode *element, const cs_schema_element *rule)
{
    char names[LIST_LENGTH] = "";
    size_t n_choices = 0;
    size_t n_present = 0;
    for (size_t i = 0; i < rule->n_attributes; i++) {
        const cs_schema_item *item = &rule->attributes[i];
        if (item->choice) {
            list(names, item->name);
            n_choices++;
            n_present += has_attribute(element, item->name) ? 1 : 0;
        }
    }
    if (n_choices == 0 || n_present == 1) {
        return false;
    }
    xmlChar *name = xmlGetNoNsProp(element, (const xmlChar *)"name");
    found(x, element, "exactly one of the attributes %s is wanted for \"%.60s\", not %s", names,
          name != NULL ? (const char *)name : "",
          n_present == 0   ? "none"
          : n_present == 2 ? "both"
                           : "several");
    xmlFree(name);
    return true;
}

static bool wrong_value(const explainer *x, const xmlNode *element, const cs_schema_element *rule)
{
    for (const xmlAttr *a = element->properties; a != NULL; a = a->next) {
        const char *name = (const char *)a->name;
        const cs_schema_item *item = find_item(rule->attributes, rule->n_attributes, name);
        xmlChar *value = xmlGetNoNsProp(element, a->name);
        const bool wrong =
            value != NULL && !cs_schema_accepts(x->schema, item->node, (const char *)value);
        if (wrong) {
            char wants[LIST_LENGTH];
            cs_schema_wants(wants, sizeof wants, x->schema, item->node);
            found(x, element, "%s=\"%.60s\": %s is wanted", name, (const char *)value, wants);
        }
        xmlFree(value);
        if (wrong) {
            return true;
        }
    }
    return false;
}

static bool stray_text(const explainer *x, const xmlNode *element, const cs_schema_element *rule)
{
    for (const xmlNode *node = element->children; node != NULL; node = node->next) {
        const bool text = node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
        if (text && !rule->text && !xmlIsBlankNode(node)) {
            return found(x, element, "text is not allowed in it: \"%.40s\"",
                         (const char *)node->content);
        }
    }
    return false;
}

static bool has_earlier_twin(const xmlNode *element)
{
    for (const xmlNode *node = element->prev; node != NULL; node = node->prev) {
        if (node->type == XML_ELEMENT_NODE && xmlStrEqual(node->name, element->name)) {
            return true;
        }
    }
    return false;
}

static bool wrong_child(const explainer *x, const xmlNode *child, const cs_schema_element *rule)
{
    const cs_schema_item *item = find_item(rule->children, rule->n_children, name_of(child));
    if (item == NULL || child->ns != NULL) {
        char known[LIST_LENGTH];
        list_names(known, rule->children, rule->n_children);
        return found(x, child, "unknown in element %s; %s%s", name_of(child->parent),
                     rule->n_children > 0 ? "known there: " : "nothing can be in it", known);
    }
    if (!item->repeats && has_earlier_twin(child)) {
        return found(x, child, "there can be only one in element %s", name_of(child->parent));
    }
    return false;
}

static bool missing_child(const explainer *x, const xmlNode *element, const cs_schema_element *rule)
{
    for (size_t i = 0; i < rule->n_children; i++) {
        const cs_schema_item *item = &rule->children[i];
        const xmlNode *node = element->children;
        while (node != NULL && strcmp(name_of(node), item->name) != 0) {
            node = node->next;
        }
        if (item->required && node == NULL) {
            return found(x, element, "an element %s is missing in it", item->name);
        }
    }
    return false;
}

/*
 * Which of several rules of one name is meant: the one whose fixed attributes (type="native") the
 * element has; NULL if none, and then the first one's attribute is to blame.
 */
static const xmlNode *choose_rule(const explainer *x, const xmlNode *child,
                                  const cs_schema_element *parent)
{
    for (size_t i = 0; i < parent->n_children; i++) {
        const cs_schema_item *item = &parent->children[i];
        if (strcmp(item->name, name_of(child)) == 0 &&
            cs_schema_fixed_attributes_fit(x->schema, item->node, child)) {
            return item->node;
        }
    }
    return NULL;
}

/* The element fits no rule of its name: says which values of the telling attribute there are. */
static bool no_rule(const explainer *x, const xmlNode *child, const cs_schema_element *parent)
{
    char values[LIST_LENGTH] = "";
    char telling[CS_SCHEMA_NAME_LENGTH] = "";
    for (size_t i = 0; i < parent->n_children; i++) {
        cs_schema_element rule;
        if (strcmp(parent->children[i].name, name_of(child)) != 0) {
            continue;
        }
        cs_schema_describe(&rule, x->schema, parent->children[i].node);
        for (size_t k = 0; k < rule.n_attributes; k++) {
            char value[LIST_LENGTH];
            if (cs_schema_fixed_value(value, sizeof value, rule.attributes[k].node)) {
                snprintf(telling, sizeof telling, "%s", rule.attributes[k].name);
                list(values, value);
            }
        }
    }
    if (telling[0] == '\0') {
        return false;
    }
    return found(x, child, "attribute \"%s\" must be %s%s", telling,
                 strchr(values, ',') != NULL ? "one of " : "", values);
}

typedef bool (*check)(const explainer *x, const xmlNode *element, const cs_schema_element *rule);

static bool explain_content(const explainer *x, const xmlNode *element, const xmlNode *rule_node,
                            bool complete);

static bool explain_children(const explainer *x, const xmlNode *element,
                             const cs_schema_element *rule, bool complete)
{
    for (const xmlNode *child = element->children; child != NULL; child = child->next) {
        if (child->type != XML_ELEMENT_NODE) {
            continue;
        }
        if (wrong_child(x, child, rule)) {
            return true;
        }
        const xmlNode *child_rule = choose_rule(x, child, rule);
        if (child_rule == NULL) {
            if (no_rule(x, child, rule)) {
                return true;
            }
            continue;
        }
        if (explain_content(x, child, child_rule, complete)) {
            return true;
        }
    }
    return false;
}

/* complete: look for missing elements, not for wrong ones; a misspelt one shall be named itself. */
static bool explain_content(const explainer *x, const xmlNode *element, const xmlNode *rule_node,
                            bool complete)
{
    static const check checks[] = {unknown_attribute, missing_attribute, wrong_choice, wrong_value,
                                   stray_text};
    cs_schema_element rule;
    cs_schema_describe(&rule, x->schema, rule_node);
    if (complete && missing_child(x, element, &rule)) {
        return true;
    }
    for (size_t i = 0; !complete && i < sizeof checks / sizeof checks[0]; i++) {
        if (checks[i](x, element, &rule)) {
            return true;
        }
    }
    return explain_children(x, element, &rule, complete);
}

bool cs_explain(const xmlDoc *schema, const xmlDoc *document, const char *path, cs_error *err)
{
    const explainer x = {.schema = schema, .path = path, .err = err};
    const xmlNode *root = xmlDocGetRootElement(document);
    const xmlNode *rule = cs_schema_root(schema);
    CS_INVARIANT(root != NULL && rule != NULL);
    char name[LIST_LENGTH];
    cs_schema_name(name, sizeof name, rule);
    if (root->ns != NULL || strcmp(name_of(root), name) != 0) {
        return found(&x, root, "the document's element must be %s, in no namespace", name);
    }
    return explain_content(&x, root, rule, false) || explain_content(&x, root, rule, true);
}
