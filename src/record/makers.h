/* SPDX-License-Identifier: MIT */
/**
 * The providers that are more than templates: each makes the value of an element `field`.
 *
 * Errors: CS_DATA as "path:line: ...", or without a place from templates; CS_MEMORY. For
 * providers.c only.
 */
#ifndef CS_RECORD_MAKERS_H
#define CS_RECORD_MAKERS_H

#include "record/providers.h"

typedef cs_status cs_maker(cs_value *value, cs_provider_context *context,
                           const cs_xml_element *field, cs_error *err);

cs_maker cs_make_integer;
cs_maker cs_make_year;
cs_maker cs_make_float;
cs_maker cs_make_time;
cs_maker cs_make_date;
cs_maker cs_make_uuid;
cs_maker cs_make_colour;
cs_maker cs_make_sentence;
cs_maker cs_make_template;
cs_maker cs_make_pattern;
cs_maker cs_make_choice;
cs_maker cs_make_boolean;

#endif
