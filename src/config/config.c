/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <libxml/tree.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/document.h"
#include "config/names.h"
#include "config/paths.h"
#include "config/reader.h"

/* What `--input=FILE --model=TYPE` means where nothing else is said. */
static const cs_config_output default_output = {.deflate = 1, .existing = CS_EXISTING_REFUSE};
static const cs_config_journal default_journal = {.interval = 10.0, .fsync = true};

cs_status cs_config_parse(cs_config **out, const char *text, size_t size, const char *path,
                          cs_error *err)
{
    cs_config *config = NULL;
    xmlDoc *document = NULL;
    cs_status status = CS_OK;
    *out = NULL;
    CS_CHECK(cs_document_parse(&document, text, size, path, err));
    CS_CHECK(cs_document_validate(document, path, err));
    CS_CHECK(cs_alloc(&config, 1, sizeof *config, "the configuration", err));
    config->journal = default_journal;
    CS_CHECK(cs_copy_string(&config->path, path, err));
    CS_CHECK(cs_read_config(config, xmlDocGetRootElement(document), err));
    *out = config;
    config = NULL;
release:
    cs_config_free(config);
    xmlFreeDoc(document);
    return status;
}

static cs_status fill_default(cs_config *config, const char *input, const char *model,
                              cs_error *err)
{
    config->output = default_output;
    config->journal = default_journal;
    CS_TRY(cs_resolve_path(&config->input, NULL, input, err));
    CS_TRY(cs_copy_string(&config->output.results, "{substance}.h5", err));
    CS_TRY(cs_alloc(&config->engines, 1, sizeof *config->engines, "an engine", err));
    config->n_engines = 1;
    CS_TRY(cs_copy_string(&config->engines[0].name, CS_NATIVE_ENGINE_NAME, err));
    CS_TRY(cs_alloc(&config->substances, 1, sizeof *config->substances, "a substance", err));
    config->n_substances = 1;
    CS_TRY(cs_copy_string(&config->substances[0].name, model, err));
    return cs_copy_string(&config->substances[0].model, model, err);
}

cs_status cs_config_default(cs_config **out, const char *input, const char *model, cs_error *err)
{
    *out = NULL;
    if (!cs_is_name(model)) {
        return cs_fail(err, CS_USAGE, "--model=%.60s: not the name of a model", model);
    }
    if (input[0] == '\0') {
        return cs_fail(err, CS_USAGE, "--input: a path is wanted");
    }
    cs_config *config = NULL;
    CS_TRY(cs_alloc(&config, 1, sizeof *config, "the configuration", err));
    const cs_status status = fill_default(config, input, model, err);
    if (status != CS_OK) {
        cs_config_free(config);
        return status;
    }
    *out = config;
    return CS_OK;
}

static void free_settings(cs_config_setting *settings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(settings[i].name);
        free(settings[i].from);
    }
    free(settings);
}

static void free_substance(cs_config_substance *substance)
{
    free(substance->name);
    free(substance->model);
    free_settings(substance->parameters, substance->n_parameters);
    free_settings(substance->initials, substance->n_initials);
    for (size_t i = 0; i < substance->n_standards; i++) {
        free(substance->standards[i].kind);
    }
    free(substance->standards);
    free(substance->results);
    free(substance->steps);
    free(substance->initial_states);
}

static void free_external(cs_config_external *external)
{
    free(external->program);
    free(external->wrapper);
    free(external->keeps);
    for (size_t i = 0; i < external->n_arguments; i++) {
        free(external->arguments[i]);
    }
    free(external->arguments);
    free(external->layout);
    free(external->parameters);
    for (size_t i = 0; i < external->n_columns; i++) {
        free(external->columns[i].name);
        free(external->columns[i].from);
        free(external->columns[i].unit);
        free(external->columns[i].text);
    }
    free(external->columns);
    free(external->concentration);
    free(external->discharge);
    free(external->local_discharge);
}

void cs_config_free(cs_config *config)
{
    if (config == NULL) {
        return;
    }
    for (size_t i = 0; i < config->n_engines; i++) {
        free(config->engines[i].name);
        free_external(&config->engines[i].external);
    }
    free(config->engines);
    for (size_t i = 0; i < config->n_substances; i++) {
        free_substance(&config->substances[i]);
    }
    free(config->substances);
    free(config->output.results);
    free(config->output.steps);
    free(config->input);
    free(config->initial_states);
    free(config->path);
    free(config);
}

const char *cs_pattern_name(cs_pattern_kind kind)
{
    static const char *const NAMES[CS_N_PATTERNS] = {"weekly", "daily", "monthly"};
    return NAMES[kind];
}

size_t cs_pattern_size(cs_pattern_kind kind)
{
    static const size_t SIZES[CS_N_PATTERNS] = {7, CS_PATTERN_MAX_VALUES, 12};
    return SIZES[kind];
}

cs_status cs_config_fail_at(const cs_config *config, int line, cs_error *err, cs_status status,
                            const char *format, ...)
{
    char text[CS_ERROR_LENGTH];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (line == 0 || config->path == NULL) {
        return cs_fail(err, status, "%s", text);
    }
    return cs_fail(err, status, "%s:%d: %s", config->path, line, text);
}
