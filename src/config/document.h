/* SPDX-License-Identifier: MIT */
/**
 * XML text to a tree, safely, and the check of a tree against the schema.
 *
 * For the files of this folder only. The network is never used, no other file is read, a document
 * type is refused before its entities are known, libxml2 never prints.
 */
#ifndef CS_CONFIG_DOCUMENT_H
#define CS_CONFIG_DOCUMENT_H

#include <libxml/tree.h>
#include <stddef.h>

#include "base/error.h"

/**
 * Parses a document.
 *
 * @param out [out] the tree, released by xmlFreeDoc; NULL on failure
 * Errors: CS_DATA as "path:line: ..."; CS_MEMORY.
 */
cs_status cs_document_parse(xmlDoc **out, const char *text, size_t size, const char *path,
                            cs_error *err);

/** Validates it against cs_config_schema_text. Errors: CS_DATA as "path:line: ..."; CS_MEMORY. */
cs_status cs_document_validate(xmlDoc *document, const char *path, cs_error *err);

/** Line on which an element's start tag ends, from 1. Of documents by cs_document_parse only. */
int cs_document_line(const xmlNode *element);

#endif
