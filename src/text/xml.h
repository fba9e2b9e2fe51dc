/* SPDX-License-Identifier: MIT */
/**
 * A strict reader of small XML documents: elements, attributes, text, and where they stand.
 *
 * Made for programs that start thousands of times and for systems without libxml2 (which costs
 * more to load than a layout to read). Of XML it knows: UTF-8 with or without a byte order mark and
 * declaration, elements, attributes, text, comments, CDATA, processing instructions (passed over),
 * character references and the five predefined entities. Refused, with file and line: document
 * types (and with them all entities), text beside elements, control characters, everything that is
 * not well-formed. No recursion, so that depth is not limited; no file but the given text is read.
 */
#ifndef CS_TEXT_XML_H
#define CS_TEXT_XML_H

#include <stddef.h>

#include "base/error.h"

/** More than this is refused. */
enum { CS_XML_MAX_BYTES = 1 << 20 };

typedef struct {
    const char *name, *value;
} cs_xml_attribute;

/** An element; its descendants stand right behind it, in the document's order. */
typedef struct {
    const char *name;
    const char *text; /* without blanks at its ends; "" if there is none */
    const cs_xml_attribute *attributes;
    size_t n_attributes;
    size_t n_descendants;
    size_t line; /* of its start tag, from 1 */
} cs_xml_element;

typedef struct cs_xml cs_xml;

/**
 * Reads a document.
 *
 * @param xml  [out] released by cs_xml_free; NULL on failure; independent of `text`
 * @param path [in]  names the document in messages
 * Thread-safe. Errors: CS_DATA as "path:line: ..."; CS_MEMORY.
 */
cs_status cs_xml_parse(cs_xml **xml, const char *text, size_t size, const char *path,
                       cs_error *err);

/** NULL is fine. */
void cs_xml_free(cs_xml *xml);

/** The root element. All elements, names and texts live as long as the document. */
const cs_xml_element *cs_xml_root(const cs_xml *xml);

/**
 * The element behind `element` and its descendants. The children of `parent`:
 * `for (const cs_xml_element *e = parent + 1; e < cs_xml_behind(parent); e = cs_xml_behind(e))`.
 */
static inline const cs_xml_element *cs_xml_behind(const cs_xml_element *element)
{
    return element + 1 + element->n_descendants;
}

/** The value of an attribute, or NULL. */
const char *cs_xml_get(const cs_xml_element *element, const char *name);

#endif
