/* SPDX-License-Identifier: MIT */
#include "model/parameters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* What all functions here need. */
typedef struct {
    const cs_config *config;
    const cs_config_substance *substance;
    const cs_substance_model *model;
    cs_forcing *forcing;
    size_t n; /* catchments */
} context;

static const cs_config_setting *find_setting(const cs_config_setting *settings, size_t n,
                                             const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(settings[i].name, name) == 0) {
            return &settings[i];
        }
    }
    return NULL;
}

static cs_status unknown_name(const context *c, const cs_config_setting *setting, const char *what,
                              cs_error *err)
{
    return cs_config_fail_at(c->config, setting->line, err, CS_DATA,
                             "substance %s: model %s has no %s \"%s\"", c->substance->name,
                             c->model->name, what, setting->name);
}

static cs_status refuse_unknown_names(const context *c, cs_error *err)
{
    const cs_config_substance *substance = c->substance;
    for (size_t i = 0; i < substance->n_parameters; i++) {
        size_t p = 0;
        while (p < c->model->n_parameters &&
               strcmp(c->model->parameters[p].name, substance->parameters[i].name) != 0) {
            p++;
        }
        if (p == c->model->n_parameters) {
            return unknown_name(c, &substance->parameters[i], "parameter", err);
        }
    }
    for (size_t i = 0; i < substance->n_initials; i++) {
        size_t s = 0;
        while (s < c->model->n_states &&
               strcmp(c->model->states[s].name, substance->initials[i].name) != 0) {
            s++;
        }
        if (s == c->model->n_states) {
            return unknown_name(c, &substance->initials[i], "state", err);
        }
    }
    return CS_OK;
}

/* Fills column `column` of a matrix [n][width] with a variable of the input. */
static cs_status fill_from_input(double *matrix, size_t width, size_t column, const context *c,
                                 const char *variable, const char *name, int line, cs_error *err)
{
    double *values = NULL;
    CS_TRY(cs_forcing_number(c->forcing, &values, variable, err));
    if (values == NULL) {
        return cs_config_fail_at(c->config, line, err, CS_DATA,
                                 "%s: dataset %s is missing; %s of substance %s is taken from it",
                                 cs_forcing_get_info(c->forcing)->path, variable, name,
                                 c->substance->name);
    }
    for (size_t i = 0; i < c->n; i++) {
        matrix[i * width + column] = values[i];
    }
    free(values);
    return CS_OK;
}

static void fill_constant(double *matrix, size_t width, size_t column, size_t n, double value)
{
    for (size_t i = 0; i < n; i++) {
        matrix[i * width + column] = value;
    }
}

static cs_status fill_parameter(cs_parameters *out, const context *c, size_t p, cs_error *err)
{
    const cs_parameter_info *info = &c->model->parameters[p];
    const size_t width = c->model->n_parameters;
    const cs_config_setting *setting =
        find_setting(c->substance->parameters, c->substance->n_parameters, info->name);
    const char *from = setting != NULL ? setting->from : info->from;
    const int line = setting != NULL ? setting->line : c->substance->line;
    if (from != NULL) {
        return fill_from_input(out->values, width, p, c, from, info->name, line, err);
    }
    const double value = setting != NULL ? setting->value : info->default_value;
    if (isnan(value)) {
        return cs_config_fail_at(c->config, line, err, CS_DATA,
                                 "substance %s: parameter %s must be given; it has no default",
                                 c->substance->name, info->name);
    }
    fill_constant(out->values, width, p, c->n, value);
    return CS_OK;
}

static cs_status fill_states(cs_parameters *out, const context *c, cs_error *err)
{
    const size_t width = c->model->n_states;
    for (size_t i = 0; i < c->n; i++) {
        c->model->initial(out->states + i * width, out->values + i * c->model->n_parameters);
    }
    for (size_t s = 0; s < width; s++) {
        const cs_config_setting *setting = find_setting(
            c->substance->initials, c->substance->n_initials, c->model->states[s].name);
        if (setting != NULL && setting->from != NULL) {
            CS_TRY(fill_from_input(out->states, width, s, c, setting->from, setting->name,
                                   setting->line, err));
        } else if (setting != NULL) {
            fill_constant(out->states, width, s, c->n, setting->value);
        }
    }
    return CS_OK;
}

static cs_status check(const cs_parameters *out, const context *c, cs_error *err)
{
    const cs_forcing_info *info = cs_forcing_get_info(c->forcing);
    for (size_t i = 0; i < c->n; i++) {
        const char *broken = c->model->invalid(out->values + i * c->model->n_parameters);
        if (broken == NULL) {
            broken = c->model->state_invalid(out->states + i * c->model->n_states);
        }
        if (broken != NULL) {
            return cs_config_fail_at(c->config, c->substance->line, err, CS_DATA,
                                     "substance %s: catchment %lld of %s: %s", c->substance->name,
                                     (long long)info->id[i], info->path, broken);
        }
    }
    return CS_OK;
}

static void settle(cs_parameters *out, const context *c)
{
    for (size_t i = 0; c->model->settle != NULL && i < c->n; i++) {
        c->model->settle(out->values + i * c->model->n_parameters);
    }
}

cs_status cs_parameters_resolve(cs_parameters *out, const cs_config *config,
                                const cs_config_substance *substance,
                                const cs_substance_model *model, cs_forcing *forcing, cs_error *err)
{
    const context c = {.config = config,
                       .substance = substance,
                       .model = model,
                       .forcing = forcing,
                       .n = cs_forcing_get_info(forcing)->n_catchment};
    *out = (cs_parameters){0};
    cs_status status = CS_OK;
    CS_CHECK(refuse_unknown_names(&c, err));
    CS_CHECK(cs_alloc(&out->values, c.n * model->n_parameters, sizeof(double), "parameters", err));
    CS_CHECK(cs_alloc(&out->states, c.n * model->n_states, sizeof(double), "states", err));
    for (size_t p = 0; p < model->n_parameters; p++) {
        CS_CHECK(fill_parameter(out, &c, p, err));
    }
    CS_CHECK(fill_states(out, &c, err));
    CS_CHECK(check(out, &c, err));
    settle(out, &c);
release:
    if (status != CS_OK) {
        cs_parameters_free(out);
    }
    return status;
}

void cs_parameters_free(cs_parameters *parameters)
{
    free(parameters->values);
    free(parameters->states);
    *parameters = (cs_parameters){0};
}
