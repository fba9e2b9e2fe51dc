/* SPDX-License-Identifier: MIT */
/**
 * Says in words why a document does not follow the schema.
 *
 * libxml2 decides whether it does, but its RelaxNG messages often name the wrong element ("extra
 * element in interleave"). This walks document and schema side by side and reports the first of:
 * unknown or missing attribute, attributes that exclude each other, wrong value, unknown or
 * repeated element, stray text; then missing elements. It knows the patterns that
 * inputs/catchsim.rng uses, not all of RelaxNG. For the files of this folder only.
 */
#ifndef CS_CONFIG_EXPLAIN_H
#define CS_CONFIG_EXPLAIN_H

#include <libxml/tree.h>
#include <stdbool.h>

#include "base/error.h"

/**
 * Explains an invalid document.
 *
 * @param schema   [in]  the schema's tree
 * @param document [in]  a document that the schema refuses, of any depth: only known elements are
 *                       entered, so the recursion is as deep as the schema (four)
 * @param err      [out] CS_DATA, "path:line: element NAME: ...", only if it returns true
 * @return whether a mistake was found
 */
bool cs_explain(const xmlDoc *schema, const xmlDoc *document, const char *path, cs_error *err);

#endif
