/* SPDX-License-Identifier: MIT */
#include "model/external_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/external_parameters.h"

/* Whether the configuration says what a file that an argument names shall be. */
static cs_status check_argument(const cs_external_spec *spec, const cs_text_template *argument,
                                cs_error *err)
{
    const int line = spec->engine->line;
    if (cs_text_template_uses(argument, CS_FILE_LAYOUT) && spec->layout == NULL) {
        return cs_config_fail_at(spec->config, line, err, CS_DATA,
                                 "engine %s: {layout} is an argument, but there is no element "
                                 "layout that names its template",
                                 spec->engine->name);
    }
    if (cs_text_template_uses(argument, CS_FILE_PARAMETERS) && spec->parameters == NULL) {
        return cs_config_fail_at(spec->config, line, err, CS_DATA,
                                 "engine %s: {parameters} is an argument, but there is no element "
                                 "parameters that names its template",
                                 spec->engine->name);
    }
    return CS_OK;
}

/* Names of catchments may be anything; on a command line they could be taken for paths. */
static cs_status refuse_names(const cs_external *self, const cs_external_spec *spec, cs_error *err)
{
    if (!self->wanted.needs_name) {
        return CS_OK;
    }
    return cs_config_fail_at(spec->config, spec->engine->line, err, CS_DATA,
                             "engine %s: {name} cannot be used in arguments; use {id}",
                             spec->engine->name);
}

static cs_status open_arguments(cs_external *self, const cs_external_spec *spec, cs_error *err)
{
    const cs_config_external *from = &spec->engine->external;
    CS_TRY(
        cs_alloc(&self->arguments, from->n_arguments, sizeof *self->arguments, "arguments", err));
    for (size_t i = 0; i < from->n_arguments; i++) {
        char where[64];
        snprintf(where, sizeof where, "argument %zu", i + 1);
        self->n_arguments = i + 1;
        CS_TRY(cs_text_template_parse(&self->arguments[i], &self->wanted, from->arguments[i],
                                      strlen(from->arguments[i]), where, err));
        CS_TRY(check_argument(spec, &self->arguments[i], err));
    }
    return refuse_names(self, spec, err);
}

static cs_status open_columns(cs_external *self, const cs_external_spec *spec, cs_error *err)
{
    const cs_config_external *from = &spec->engine->external;
    const char *const names[CS_N_COLUMNS] = {
        [CS_COLUMN_CONCENTRATION] =
            from->concentration != NULL ? from->concentration : CS_CONCENTRATION_COLUMN,
        [CS_COLUMN_LOCAL_DISCHARGE] =
            from->local_discharge != NULL ? from->local_discharge : "Qloc",
        [CS_COLUMN_DISCHARGE] = from->discharge,
    };
    for (int c = 0; c < CS_N_COLUMNS; c++) {
        if (names[c] != NULL) {
            CS_TRY(cs_text_template_parse(&self->columns[c], &self->wanted, names[c],
                                          strlen(names[c]), "element result", err));
        }
    }
    return CS_OK;
}

cs_status cs_external_open_layout(cs_external_layout **layout, cs_external *self,
                                  const cs_external_spec *spec, cs_error *err)
{
    if (spec->layout == NULL) {
        return CS_OK;
    }
    return cs_external_layout_parse(layout, &self->wanted, spec->layout, strlen(spec->layout),
                                    spec->engine->external.layout, err);
}

cs_status cs_external_open_templates(cs_external *self, const cs_external_spec *spec, cs_error *err)
{
    CS_TRY(open_arguments(self, spec, err));
    CS_TRY(open_columns(self, spec, err));
    if (spec->parameters != NULL) {
        CS_TRY(cs_external_parameters_parse(&self->parameters, &self->wanted, spec->parameters,
                                            spec->substance, spec->engine->external.parameters,
                                            err));
    }
    return cs_external_open_layout(&self->layout, self, spec, err);
}

void cs_external_close_templates(cs_external *self)
{
    for (size_t i = 0; i < self->n_arguments; i++) {
        cs_text_template_free(&self->arguments[i]);
    }
    free(self->arguments);
    for (int c = 0; c < CS_N_COLUMNS; c++) {
        cs_text_template_free(&self->columns[c]);
    }
    cs_text_template_free(&self->parameters);
    cs_external_layout_free(self->layout);
    cs_wanted_free(&self->wanted);
}

cs_status cs_external_find_wanted(cs_wanted *wanted, const cs_external_spec *spec, cs_error *err)
{
    cs_external self = {0};
    const cs_status status = cs_external_open_templates(&self, spec, err);
    *wanted = self.wanted;
    self.wanted = (cs_wanted){0};
    cs_external_close_templates(&self);
    return status;
}

cs_status cs_external_fill_names(cs_external_worker *w, const cs_external *self,
                                 const cs_text_template *templates, size_t n,
                                 const cs_external_values *values, cs_error *err)
{
    w->names.size = 0;
    for (size_t k = 0; k < n; k++) {
        CS_TRY(cs_text_template_fill(&w->names, &templates[k], &self->wanted, values, err));
        CS_TRY(cs_bytes_append(&w->names, "", 1, err));
    }
    return CS_OK;
}
