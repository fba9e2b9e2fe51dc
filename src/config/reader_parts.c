/* SPDX-License-Identifier: MIT */
#include "config/reader_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/document.h"
#include "config/names.h"
#include "config/parse.h"
#include "config/paths.h"

static bool is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

const xmlNode *cs_reader_next(const xmlNode *node, const char *name)
{
    while (node != NULL && !is(node, name)) {
        node = node->next;
    }
    return node;
}

size_t cs_reader_count(const xmlNode *parent, const char *name)
{
    size_t n = 0;
    for (const xmlNode *e = cs_reader_next(parent->children, name); e != NULL;
         e = cs_reader_next(e->next, name)) {
        n++;
    }
    return n;
}

cs_status cs_reader_text(char **out, const xmlNode *element, const char *name, cs_error *err)
{
    xmlChar *value = xmlGetNoNsProp(element, (const xmlChar *)name);
    *out = NULL;
    if (value == NULL) {
        return CS_OK;
    }
    const cs_status status = cs_copy_string(out, (const char *)value, err);
    xmlFree(value);
    return status;
}

cs_status cs_reader_path(char **out, const cs_config *config, const xmlNode *element,
                         const char *name, cs_error *err)
{
    char *path = NULL;
    *out = NULL;
    CS_TRY(cs_reader_text(&path, element, name, err));
    const cs_status status = path != NULL ? cs_resolve_path(out, config->path, path, err) : CS_OK;
    free(path);
    return status;
}

cs_status cs_reader_number(double *out, const cs_config *config, const xmlNode *element,
                           const char *name, cs_error *err)
{
    char *text = NULL;
    cs_error reason = {0};
    CS_TRY(cs_reader_text(&text, element, name, err));
    const cs_status status = cs_parse_double(out, text, name, &reason);
    free(text);
    if (status != CS_OK) {
        return cs_config_fail_at(config, cs_document_line(element), err, CS_DATA, "element %s: %s",
                                 (const char *)element->name, reason.message);
    }
    return CS_OK;
}

cs_status cs_reader_digits(double *out, const xmlNode *element, const char *name, double missing,
                           cs_error *err)
{
    char *text = NULL;
    CS_TRY(cs_reader_text(&text, element, name, err));
    *out = text != NULL ? strtod(text, NULL) : missing;
    free(text);
    return CS_OK;
}

bool cs_reader_has_value(const xmlNode *element, const char *name, const char *value)
{
    xmlChar *text = xmlGetNoNsProp(element, (const xmlChar *)name);
    const bool equal = text != NULL && strcmp((const char *)text, value) == 0;
    xmlFree(text);
    return equal;
}

cs_status cs_reader_check_distinct(const cs_config *config, const xmlNode *parent, const char *kind,
                                   const char *attribute, cs_error *err)
{
    const size_t n = cs_reader_count(parent, kind);
    cs_named *items = NULL;
    cs_named first;
    cs_named second;
    cs_status status = CS_OK;
    CS_TRY(cs_alloc(&items, n, sizeof *items, kind, err));
    const xmlNode *element = cs_reader_next(parent->children, kind);
    for (size_t i = 0; i < n; i++, element = cs_reader_next(element->next, kind)) {
        char *text = NULL;
        CS_CHECK(cs_reader_text(&text, element, attribute, err));
        items[i] = (cs_named){text, cs_document_line(element)};
    }
    if (cs_find_duplicate(&first, &second, items, n)) {
        status = cs_config_fail_at(config, second.line, err, CS_DATA,
                                   "element %s: the %s \"%s\" is taken already, in line %d", kind,
                                   attribute, second.text, first.line);
    }
release:
    for (size_t i = 0; i < n; i++) {
        free(items[i].text);
    }
    free(items);
    return status;
}
