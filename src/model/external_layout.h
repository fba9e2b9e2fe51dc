/* SPDX-License-Identifier: MIT */
/**
 * The XML layout of an external program: a template, parsed once, filled for each catchment.
 *
 * Placeholders are filled in attribute values and in text, as values: what is special in XML is
 * escaped when the tree is serialised. The same rules of safety as for configurations: no document
 * type, no entities, nothing outside of the text is read.
 */
#ifndef CS_MODEL_EXTERNAL_LAYOUT_H
#define CS_MODEL_EXTERNAL_LAYOUT_H

#include "model/external_text.h"

typedef struct cs_external_layout cs_external_layout;

/**
 * Parses a template.
 *
 * Not thread-safe (libxml2 is initialised on first use).
 * @param layout [out]    released by cs_external_layout_free; NULL on failure
 * @param wanted [in,out] gets the numbers it needs
 * Errors: CS_DATA as "path:line: ...", CS_MEMORY.
 */
cs_status cs_external_layout_parse(cs_external_layout **layout, cs_wanted *wanted, const char *text,
                                   size_t size, const char *path, cs_error *err);

/**
 * Appends the layout of a catchment, in the encoding of the template.
 *
 * One thread at a time for a layout. Errors: CS_DATA (a number is not known), CS_MEMORY.
 */
cs_status cs_external_layout_fill(cs_bytes *out, cs_external_layout *layout,
                                  const cs_wanted *wanted, const cs_external_values *values,
                                  cs_error *err);

void cs_external_layout_free(cs_external_layout *layout);

#endif
