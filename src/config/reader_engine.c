/* SPDX-License-Identifier: MIT */
/* Engines: our own, and the external ones with what they need. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/document.h"
#include "config/names.h"
#include "config/reader_parts.h"

static cs_status read_content(char **out, const xmlNode *element, cs_error *err)
{
    xmlChar *content = xmlNodeGetContent(element);
    if (content == NULL) {
        return cs_fail(err, CS_MEMORY, "out of memory: a text of the configuration");
    }
    const cs_status status = cs_copy_string(out, (const char *)content, err);
    xmlFree(content);
    return status;
}

static cs_status read_program(cs_config_external *external, const cs_config *config,
                              const xmlNode *program, cs_error *err)
{
    CS_TRY(cs_reader_path(&external->program, config, program, "file", err));
    CS_TRY(cs_reader_text(&external->wrapper, program, "wrapper", err));
    if (external->wrapper != NULL && strchr(external->wrapper, '/') != NULL) {
        free(external->wrapper);
        CS_TRY(cs_reader_path(&external->wrapper, config, program, "wrapper", err));
    }
    CS_TRY(cs_reader_text(&external->keeps, program, "keeps", err));
    const size_t n = cs_reader_count(program, "argument");
    CS_TRY(cs_alloc(&external->arguments, n, sizeof *external->arguments, "arguments", err));
    const xmlNode *element = cs_reader_next(program->children, "argument");
    for (size_t i = 0; i < n; i++, element = cs_reader_next(element->next, "argument")) {
        CS_TRY(read_content(&external->arguments[i], element, err));
        external->n_arguments = i + 1;
    }
    return CS_OK;
}

static cs_status read_column(cs_config_column *column, const xmlNode *element, cs_error *err)
{
    column->line = cs_document_line(element);
    CS_TRY(cs_reader_text(&column->name, element, "name", err));
    CS_TRY(cs_reader_text(&column->from, element, "from", err));
    CS_TRY(cs_reader_text(&column->unit, element, "unit", err));
    return cs_reader_text(&column->text, element, "text", err);
}

static cs_status read_series(cs_config_external *external, const cs_config *config,
                             const xmlNode *series, cs_error *err)
{
    const size_t n = cs_reader_count(series, "column");
    CS_TRY(cs_alloc(&external->columns, n, sizeof *external->columns, "columns", err));
    const xmlNode *element = cs_reader_next(series->children, "column");
    for (size_t i = 0; i < n; i++, element = cs_reader_next(element->next, "column")) {
        external->n_columns = i + 1;
        CS_TRY(read_column(&external->columns[i], element, err));
    }
    return cs_reader_check_distinct(config, series, "column", "name", err);
}

static bool is_same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* A column of the output is one quantity. */
static cs_status read_result(cs_config_external *external, const cs_config *config,
                             const xmlNode *result, cs_error *err)
{
    CS_TRY(cs_reader_text(&external->concentration, result, "concentration", err));
    CS_TRY(cs_reader_text(&external->discharge, result, "discharge", err));
    CS_TRY(cs_reader_text(&external->local_discharge, result, "local_discharge", err));
    const char *concentration =
        external->concentration != NULL ? external->concentration : CS_CONCENTRATION_COLUMN;
    const char *twice = is_same(external->discharge, external->local_discharge) ||
                                is_same(external->discharge, concentration)
                            ? external->discharge
                        : is_same(external->local_discharge, concentration)
                            ? external->local_discharge
                            : NULL;
    return twice == NULL ? CS_OK
                         : cs_config_fail_at(config, cs_document_line(result), err, CS_DATA,
                                             "element result: two quantities cannot both be the "
                                             "column \"%s\" of the output; leave one of them out",
                                             twice);
}

static cs_status read_external(cs_config_external *external, const cs_config *config,
                               const xmlNode *engine, cs_error *err)
{
    const xmlNode *program = cs_reader_next(engine->children, "program");
    const xmlNode *layout = cs_reader_next(engine->children, "layout");
    const xmlNode *parameters = cs_reader_next(engine->children, "parameters");
    const xmlNode *series = cs_reader_next(engine->children, "series");
    const xmlNode *result = cs_reader_next(engine->children, "result");
    double workers = 0.0, retries = 0.0;
    CS_INVARIANT(program != NULL); /* the schema wants it */
    CS_TRY(cs_reader_digits(&workers, engine, "workers", 0.0, err));
    CS_TRY(cs_reader_digits(&external->timeout, engine, "timeout", 0.0, err));
    CS_TRY(cs_reader_digits(&retries, engine, "retries", 0.0, err));
    external->workers = (size_t)workers;
    external->retries = (size_t)retries;
    external->all_cpus = cs_reader_has_value(engine, "cpus", "all");
    CS_TRY(read_program(external, config, program, err));
    if (layout != NULL) {
        CS_TRY(cs_reader_path(&external->layout, config, layout, "template", err));
    }
    if (parameters != NULL) {
        CS_TRY(cs_reader_path(&external->parameters, config, parameters, "template", err));
    }
    if (series != NULL) {
        CS_TRY(read_series(external, config, series, err));
    }
    return result != NULL ? read_result(external, config, result, err) : CS_OK;
}

static cs_status read_engine(cs_config_engine *engine, const cs_config *config,
                             const xmlNode *element, cs_error *err)
{
    engine->line = cs_document_line(element);
    engine->type =
        cs_reader_has_value(element, "type", "external") ? CS_ENGINE_EXTERNAL : CS_ENGINE_NATIVE;
    CS_TRY(cs_reader_text(&engine->name, element, "name", err));
    if (engine->type == CS_ENGINE_EXTERNAL && strcmp(engine->name, CS_NATIVE_ENGINE_NAME) == 0) {
        return cs_config_fail_at(config, engine->line, err, CS_DATA,
                                 "element engine: the name \"%s\" means our own engine; give the "
                                 "external one another name",
                                 engine->name);
    }
    return engine->type == CS_ENGINE_EXTERNAL
               ? read_external(&engine->external, config, element, err)
               : CS_OK;
}

cs_status cs_read_engines(cs_config *config, const xmlNode *root, cs_error *err)
{
    const size_t n = 1 + cs_reader_count(root, "engine");
    CS_TRY(cs_alloc(&config->engines, n, sizeof *config->engines, "engines", err));
    config->n_engines = 1;
    CS_TRY(cs_copy_string(&config->engines[0].name, CS_NATIVE_ENGINE_NAME, err));
    const xmlNode *element = cs_reader_next(root->children, "engine");
    for (size_t i = 1; i < n; i++, element = cs_reader_next(element->next, "engine")) {
        config->n_engines = i + 1;
        CS_TRY(read_engine(&config->engines[i], config, element, err));
    }
    return cs_reader_check_distinct(config, root, "engine", "name", err);
}
