/* SPDX-License-Identifier: MIT */
/**
 * The parameter file of an external program, from a template of lines `name[flag]: value #
 * comment`.
 *
 * Placeholders are filled wherever they stand. A line whose name is that of a parameter that the
 * configuration gives to the substance gets that value in place of its own; the line is found by
 * its name, never by its text. The last line always ends with a line feed; a byte order mark before
 * the first one is handed on.
 */
#ifndef CS_MODEL_EXTERNAL_PARAMETERS_H
#define CS_MODEL_EXTERNAL_PARAMETERS_H

#include "config/config.h"
#include "model/external_text.h"

/** The parameter that scales the background by the share of the area that is applied to. */
#define CS_BACKGROUND_NAME  "C_back"
#define CS_BACKGROUND_RATIO "ratio_herbicide_area_cal"

/** Whether the configuration gives this name to the substance, as parameter; length of name. */
const cs_config_setting *cs_find_parameter(const cs_config_substance *substance, const char *name,
                                           size_t length);

/**
 * Takes the template of a parameter file apart.
 *
 * @param template [out]    released by cs_text_template_free, also after a failure
 * @param wanted   [in,out] gets the numbers it needs; `base` is what its line says
 * @param path     [in]     of the template, for messages
 * Errors: CS_MEMORY.
 */
cs_status cs_external_parameters_parse(cs_text_template *template, cs_wanted *wanted,
                                       const char *text, const cs_config_substance *substance,
                                       const char *path, cs_error *err);

#endif
