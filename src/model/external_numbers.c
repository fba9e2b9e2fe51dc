/* SPDX-License-Identifier: MIT */
#include "model/external_numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "model/external_parameters.h"

typedef struct {
    const cs_config *config;
    const cs_config_substance *substance;
    const cs_substance_model *model;
    cs_forcing *forcing;
    size_t n; /* catchments */
} context;

/* ---- where a number comes from ---- */

typedef struct {
    const char *from; /* a variable of the input; NULL: value counts */
    double value;     /* NaN: unknown */
} origin;

static origin of_setting(const cs_config_setting *setting)
{
    return (origin){.from = setting->from, .value = setting->value};
}

static const cs_config_setting *find_initial(const cs_config_substance *substance, const char *name)
{
    for (size_t i = 0; i < substance->n_initials; i++) {
        if (strcmp(substance->initials[i].name, name) == 0) {
            return &substance->initials[i];
        }
    }
    return NULL;
}

static const cs_parameter_info *find_default(const cs_substance_model *model, const char *name)
{
    for (size_t i = 0; model != NULL && i < model->n_parameters; i++) {
        if (strcmp(model->parameters[i].name, name) == 0) {
            return &model->parameters[i];
        }
    }
    return NULL;
}

/* What the names of the model server mean in our files. */
static const char *variable_of(const char *name)
{
    static const char *const ALIASES[][2] = {
        {"A_tot", "area"}, {"A_appl", "application_area"}, {"R_appl", "application_rate"}};
    for (size_t i = 0; i < sizeof ALIASES / sizeof ALIASES[0]; i++) {
        if (strcmp(name, ALIASES[i][0]) == 0) {
            return ALIASES[i][1];
        }
    }
    return name;
}

static origin find_origin(const context *c, const char *name, double base)
{
    const cs_config_setting *setting = cs_find_parameter(c->substance, name, strlen(name));
    if (setting == NULL) {
        setting = find_initial(c->substance, name);
    }
    if (setting != NULL) {
        return of_setting(setting);
    }
    if (!isnan(base)) {
        return (origin){.value = base};
    }
    const cs_parameter_info *info = find_default(c->model, name);
    if (info != NULL && (info->from != NULL || !isnan(info->default_value))) {
        return (origin){.from = info->from, .value = info->default_value};
    }
    return (origin){.from = variable_of(name), .value = NAN};
}

/* ---- filling ---- */

/* Fills a column of a matrix [n][width]. */
static cs_status fill(double *matrix, size_t width, size_t column, const context *c,
                      const char *name, const char *place, double base, cs_error *err)
{
    const origin where = find_origin(c, name, base);
    double *values = NULL;
    if (where.from != NULL) {
        CS_TRY(cs_forcing_number(c->forcing, &values, where.from, err));
        if (values == NULL) {
            return cs_config_fail_at(
                c->config, c->substance->line, err, CS_DATA,
                "substance %s: %s: {%s} has no value: it is no parameter of the substance, and %s "
                "has no variable %s",
                c->substance->name, place, name, cs_forcing_get_info(c->forcing)->path, where.from);
        }
    }
    for (size_t i = 0; i < c->n; i++) {
        matrix[i * width + column] = values != NULL ? values[i] : where.value;
    }
    free(values);
    return CS_OK;
}

/* What scales the background. */
static const char *const SCALE_NAMES[] = {"A_appl", "A_tot", "R_appl", CS_BACKGROUND_RATIO};
enum { A_APPL, A_TOT, R_APPL, RATIO, N_SCALE };

static bool is_of_the_scale(const char *name)
{
    bool is_such = false;
    for (size_t k = 0; k < N_SCALE; k++) {
        is_such |= strcmp(name, SCALE_NAMES[k]) == 0;
    }
    return is_such;
}

/* Multiplies a column by (A_appl/A_tot)/ratio. */
static cs_status scale_background(double *matrix, size_t width, size_t column, const context *c,
                                  cs_error *err)
{
    double *numbers = NULL;
    CS_TRY(cs_alloc(&numbers, c->n * N_SCALE, sizeof *numbers, "the background", err));
    cs_status status = CS_OK;
    for (size_t k = 0; k < N_SCALE; k++) {
        CS_CHECK(fill(numbers, N_SCALE, k, c, SCALE_NAMES[k], "the background's scale", NAN, err));
    }
    for (size_t i = 0; i < c->n; i++) {
        const double *row = numbers + i * N_SCALE;
        const double scale = row[R_APPL] == 0.0 ? 0.0 : row[A_APPL] / row[A_TOT] / row[RATIO];
        matrix[i * width + column] *= row[RATIO] > 0.0 ? scale : 1.0; /* 0: none */
    }
release:
    free(numbers);
    return status;
}

static bool is_wanted(const cs_wanted *wanted, const char *name)
{
    for (size_t k = 0; k < wanted->n; k++) {
        if (strcmp(wanted->items[k].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* A name that is written wrongly would leave the program with another value, unseen. */
static void warn_of_unused(const context *c, const cs_wanted *wanted, bool is_scaled)
{
    const cs_config_substance *s = c->substance;
    const bool scales = is_scaled && is_wanted(wanted, CS_BACKGROUND_NAME);
    for (size_t i = 0; i < s->n_parameters + s->n_initials; i++) {
        const bool is_parameter = i < s->n_parameters;
        const char *name =
            is_parameter ? s->parameters[i].name : s->initials[i - s->n_parameters].name;
        if (!is_wanted(wanted, name) && !(scales && is_of_the_scale(name))) {
            cs_log(CS_LOG_WARNING,
                   "substance %s: the program is not given %s %s: no template has {%s}%s", s->name,
                   is_parameter ? "parameter" : "initial", name, name,
                   is_parameter ? ", nor the parameter file a line of that name" : "");
        }
    }
}

cs_status cs_external_numbers_resolve(double **out, const cs_wanted *wanted,
                                      const cs_config *config, const cs_config_substance *substance,
                                      const cs_substance_model *model, cs_forcing *forcing,
                                      cs_error *err)
{
    const context c = {.config = config,
                       .substance = substance,
                       .model = model,
                       .forcing = forcing,
                       .n = cs_forcing_get_info(forcing)->n_catchment};
    const bool is_scaled =
        cs_find_parameter(substance, CS_BACKGROUND_RATIO, strlen(CS_BACKGROUND_RATIO)) != NULL;
    double *values = NULL;
    *out = NULL;
    CS_TRY(cs_alloc(&values, c.n * wanted->n, sizeof *values, "numbers of catchments", err));
    cs_status status = CS_OK;
    for (size_t k = 0; k < wanted->n; k++) {
        const cs_wanted_number *number = &wanted->items[k];
        CS_CHECK(fill(values, wanted->n, k, &c, number->name, number->place, number->base, err));
        if (is_scaled && strcmp(number->name, CS_BACKGROUND_NAME) == 0) {
            CS_CHECK(scale_background(values, wanted->n, k, &c, err));
        }
    }
    warn_of_unused(&c, wanted, is_scaled);
    *out = values;
    values = NULL;
release:
    free(values);
    return status;
}
