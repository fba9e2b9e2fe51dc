/* SPDX-License-Identifier: MIT */
/* cs_config_finish: options over configuration, and what can be checked only then. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/config.h"
#include "config/names.h"
#include "config/paths.h"

cs_config_overrides cs_config_no_overrides(void)
{
    return (cs_config_overrides){.existing = -1, .timeout = -1.0, .retries = -1};
}

/* Replaces a path by an option's. */
static cs_status replace(char **path, const char *option, cs_error *err)
{
    char *copy = NULL;
    if (option == NULL) {
        return CS_OK;
    }
    CS_TRY(cs_resolve_path(&copy, NULL, option, err));
    free(*path);
    *path = copy;
    return CS_OK;
}

/* With --engine=both every substance needs an engine to compare the native one with. */
static cs_status check_comparable(const cs_config *config, cs_error *err)
{
    for (size_t i = 0; i < config->n_substances; i++) {
        const cs_config_substance *substance = &config->substances[i];
        if (config->engines[substance->engine].type == CS_ENGINE_NATIVE) {
            return cs_fail(err, CS_USAGE,
                           "--engine=both: substance %.60s has the native engine only; nothing to "
                           "compare it with",
                           substance->name);
        }
    }
    return CS_OK;
}

static cs_status override_engine(cs_config *config, const char *name, cs_error *err)
{
    size_t engine = 0;
    while (engine < config->n_engines && strcmp(config->engines[engine].name, name) != 0) {
        engine++;
    }
    if (engine == config->n_engines && strcmp(name, "both") == 0) {
        config->compare = true;
        return check_comparable(config, err);
    }
    if (engine == config->n_engines) {
        return cs_fail(err, CS_USAGE, "--engine=%.60s: the configuration has no such engine", name);
    }
    for (size_t i = 0; i < config->n_substances; i++) {
        config->substances[i].engine = engine;
    }
    return CS_OK;
}

static void override_externals(cs_config *config, const cs_config_overrides *overrides)
{
    for (size_t i = 0; i < config->n_engines; i++) {
        cs_config_external *external = &config->engines[i].external;
        external->timeout = overrides->timeout >= 0.0 ? overrides->timeout : external->timeout;
        external->workers = overrides->workers > 0 ? overrides->workers : external->workers;
        external->retries =
            overrides->retries >= 0 ? (size_t)overrides->retries : external->retries;
    }
}

static cs_status check_not_empty(const char *option, const char *value, cs_error *err)
{
    if (value != NULL && value[0] == '\0') {
        return cs_fail(err, CS_USAGE, "%s: a path is wanted", option);
    }
    return CS_OK;
}

static cs_status apply(cs_config *config, const cs_config_overrides *overrides, cs_error *err)
{
    CS_TRY(check_not_empty("--input", overrides->input, err));
    CS_TRY(check_not_empty("--output", overrides->results, err));
    CS_TRY(check_not_empty("--steps", overrides->steps, err));
    CS_TRY(replace(&config->input, overrides->input, err));
    CS_TRY(check_not_empty("--initial-states", overrides->initial_states, err));
    CS_TRY(replace(&config->initial_states, overrides->initial_states, err));
    CS_TRY(replace(&config->output.results, overrides->results, err));
    CS_TRY(replace(&config->output.steps, overrides->steps, err));
    if (overrides->existing >= 0) {
        config->output.existing = (cs_existing)overrides->existing;
    }
    override_externals(config, overrides);
    return overrides->engine != NULL ? override_engine(config, overrides->engine, err) : CS_OK;
}

/* The schema knows more than this version does. */
static cs_status refuse_unavailable(const cs_config *config, cs_error *err)
{
    if (config->route_line > 0) {
        return cs_config_fail_at(config, config->route_line, err, CS_DATA,
                                 "element route: not available in this version");
    }
    return CS_OK;
}

/* Where a path that may contain {substance} comes from: an attribute, or an option. */
typedef struct {
    const char *path;
    const char *element;
    const char *attribute;
    const char *option;
    int line; /* 0: from the option */
} origin;

static origin origin_of_results(const cs_config *config, const cs_config_overrides *overrides)
{
    const bool option = overrides->results != NULL;
    return (origin){config->output.results, "output", "results", "--output",
                    option ? 0 : config->output.line};
}

static origin origin_of_steps(const cs_config *config, const cs_config_overrides *overrides)
{
    const bool option = overrides->steps != NULL;
    return (origin){config->output.steps, "output", "steps", "--steps",
                    option ? 0 : config->output.line};
}

static origin origin_of_states(const cs_config *config, const cs_config_overrides *overrides)
{
    const bool option = overrides->initial_states != NULL;
    return (origin){config->initial_states, "input", "initial_states", "--initial-states",
                    option ? 0 : config->input_line};
}

static cs_status fail_path(const cs_config *config, const origin *from, cs_error *err,
                           cs_status status, const char *reason)
{
    if (from->line == 0) {
        return cs_fail(err, status, "%s=%.200s: %s", from->option, from->path, reason);
    }
    return cs_config_fail_at(config, from->line, err, status, "element %s: %s=\"%.200s\": %s",
                             from->element, from->attribute, from->path, reason);
}

static cs_status check_template(const cs_config *config, const origin *from, cs_error *err)
{
    if (from->path == NULL) {
        return CS_OK;
    }
    if (cs_stray_brace(from->path) != NULL) {
        const cs_status status = from->line == 0 ? CS_USAGE : CS_DATA;
        return fail_path(config, from, err, status,
                         "unknown placeholder; {substance} is the only one");
    }
    if (config->n_substances > 1 && !cs_has_substance(from->path)) {
        return fail_path(config, from, err, CS_USAGE,
                         "there are several substances, so the path must contain {substance}");
    }
    return CS_OK;
}

static cs_status expand(cs_config *config, cs_error *err)
{
    for (size_t i = 0; i < config->n_substances; i++) {
        cs_config_substance *substance = &config->substances[i];
        CS_TRY(cs_expand_path(&substance->results, config->output.results, substance->name, err));
        if (config->output.steps != NULL) {
            CS_TRY(cs_expand_path(&substance->steps, config->output.steps, substance->name, err));
        }
        if (config->initial_states != NULL) {
            CS_TRY(cs_expand_path(&substance->initial_states, config->initial_states,
                                  substance->name, err));
        }
    }
    return CS_OK;
}

/* Outputs must differ from each other and from the input; compared as texts. */
static cs_status check_paths_distinct(const cs_config *config, cs_error *err)
{
    cs_named *paths = NULL;
    cs_named first;
    cs_named second;
    size_t n = 0;
    CS_TRY(cs_alloc(&paths, 2 * config->n_substances + 1, sizeof *paths, "output paths", err));
    paths[n++] = (cs_named){config->input, 0};
    for (size_t i = 0; i < config->n_substances; i++) {
        paths[n++] = (cs_named){config->substances[i].results, 1};
        if (config->substances[i].steps != NULL) {
            paths[n++] = (cs_named){config->substances[i].steps, 1};
        }
    }
    const bool twice = cs_find_duplicate(&first, &second, paths, n);
    free(paths);
    if (!twice) {
        return CS_OK;
    }
    return cs_config_fail_at(config, config->output.line, err, CS_DATA,
                             "output: %.300s would be written %s", second.text,
                             first.line == 0 ? "over the input file" : "twice");
}

cs_status cs_config_finish(cs_config *config, const cs_config_overrides *overrides, cs_error *err)
{
    const cs_config_overrides none = cs_config_no_overrides();
    const cs_config_overrides *in_force = overrides != NULL ? overrides : &none;
    CS_TRY(apply(config, in_force, err));
    CS_TRY(refuse_unavailable(config, err));
    const origin results = origin_of_results(config, in_force);
    const origin steps = origin_of_steps(config, in_force);
    CS_TRY(check_template(config, &results, err));
    const origin states = origin_of_states(config, in_force);
    CS_TRY(check_template(config, &steps, err));
    CS_TRY(check_template(config, &states, err));
    CS_TRY(expand(config, err));
    return check_paths_distinct(config, err);
}
