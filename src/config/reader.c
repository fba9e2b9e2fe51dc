/* SPDX-License-Identifier: MIT */
#include "config/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/document.h"
#include "config/names.h"
#include "config/parse.h"
#include "config/paths.h"

static bool is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* The first element of a name from node on; NULL if there is none. */
static const xmlNode *next(const xmlNode *node, const char *name)
{
    while (node != NULL && !is(node, name)) {
        node = node->next;
    }
    return node;
}

static size_t count(const xmlNode *parent, const char *name)
{
    size_t n = 0;
    for (const xmlNode *e = next(parent->children, name); e != NULL; e = next(e->next, name)) {
        n++;
    }
    return n;
}

/* Copies an attribute; *out is NULL if the element does not have it. */
static cs_status read_text(char **out, const xmlNode *element, const char *name, cs_error *err)
{
    xmlChar *value = xmlGetNoNsProp(element, (const xmlChar *)name);
    *out = NULL;
    if (value == NULL) {
        return CS_OK;
    }
    const cs_status status = cs_copy_string(out, (const char *)value, err);
    xmlFree(value);
    return status;
}

/* The same for a path, which is relative to the file's folder. */
static cs_status read_path(char **out, const cs_config *config, const xmlNode *element,
                           const char *name, cs_error *err)
{
    char *path = NULL;
    *out = NULL;
    CS_TRY(read_text(&path, element, name, err));
    const cs_status status = path != NULL ? cs_resolve_path(out, config->path, path, err) : CS_OK;
    free(path);
    return status;
}

static cs_status read_number(double *out, const cs_config *config, const xmlNode *element,
                             const char *name, cs_error *err)
{
    char *text = NULL;
    cs_error reason = {0};
    CS_TRY(read_text(&text, element, name, err));
    const cs_status status = cs_parse_double(out, text, name, &reason);
    free(text);
    if (status != CS_OK) {
        return cs_config_fail_at(config, cs_document_line(element), err, CS_DATA, "element %s: %s",
                                 (const char *)element->name, reason.message);
    }
    return CS_OK;
}

/* Whether an attribute that the schema restricts to a few words is there and has this value. */
static bool has_value(const xmlNode *element, const char *name, const char *value)
{
    xmlChar *text = xmlGetNoNsProp(element, (const xmlChar *)name);
    const bool equal = text != NULL && strcmp((const char *)text, value) == 0;
    xmlFree(text);
    return equal;
}

/* Refuses an attribute's value that two elements of a kind share, within their parent. */
static cs_status check_distinct(const cs_config *config, const xmlNode *parent, const char *kind,
                                const char *attribute, cs_error *err)
{
    const size_t n = count(parent, kind);
    cs_named *items = NULL;
    cs_named first;
    cs_named second;
    cs_status status = CS_OK;
    CS_TRY(cs_alloc(&items, n, sizeof *items, kind, err));
    const xmlNode *element = next(parent->children, kind);
    for (size_t i = 0; i < n; i++, element = next(element->next, kind)) {
        char *text = NULL;
        CS_CHECK(read_text(&text, element, attribute, err));
        items[i] = (cs_named){text, cs_document_line(element)};
    }
    if (cs_find_duplicate(&first, &second, items, n)) {
        status = cs_config_fail_at(config, second.line, err, CS_DATA,
                                   "element %s: the %s \"%s\" is taken already, in line %d", kind,
                                   attribute, second.text, first.line);
    }
release:
    for (size_t i = 0; i < n; i++) {
        free(items[i].text);
    }
    free(items);
    return status;
}

static cs_status read_setting(cs_config_setting *setting, const cs_config *config,
                              const xmlNode *element, cs_error *err)
{
    setting->line = cs_document_line(element);
    CS_TRY(read_text(&setting->name, element, "name", err));
    CS_TRY(read_text(&setting->from, element, "from", err));
    if (setting->from != NULL) {
        return CS_OK;
    }
    return read_number(&setting->value, config, element, "value", err);
}

/* Reads the elements "parameter" or "initial" of a substance. */
static cs_status read_settings(cs_config_setting **out, size_t *n, const cs_config *config,
                               const xmlNode *substance, const char *kind, cs_error *err)
{
    const size_t n_wanted = count(substance, kind);
    CS_TRY(cs_alloc(out, n_wanted, sizeof **out, kind, err));
    const xmlNode *element = next(substance->children, kind);
    for (size_t i = 0; i < n_wanted; i++, element = next(element->next, kind)) {
        *n = i + 1; /* so that a failure releases what this one has */
        CS_TRY(read_setting(&(*out)[i], config, element, err));
    }
    return check_distinct(config, substance, kind, "name", err);
}

static cs_status read_standard(cs_config_standard *standard, const cs_config *config,
                               const xmlNode *element, cs_error *err)
{
    standard->line = cs_document_line(element);
    CS_TRY(read_text(&standard->kind, element, "kind", err));
    CS_TRY(read_number(&standard->value, config, element, "value", err));
    if (has_value(element, "unit", "ug L-1")) {
        standard->value *= 1000; /* to ng/L */
    }
    return CS_OK;
}

static cs_status read_standards(cs_config_substance *substance, const cs_config *config,
                                const xmlNode *parent, cs_error *err)
{
    const size_t n = count(parent, "standard");
    CS_TRY(cs_alloc(&substance->standards, n, sizeof *substance->standards, "standards", err));
    const xmlNode *element = next(parent->children, "standard");
    for (size_t i = 0; i < n; i++, element = next(element->next, "standard")) {
        substance->n_standards = i + 1;
        CS_TRY(read_standard(&substance->standards[i], config, element, err));
    }
    return check_distinct(config, parent, "standard", "kind", err);
}

/* Reads the numbers of a text with blanks between; the text is cut up. */
static cs_status read_pattern_values(cs_config_pattern *pattern, char *text, cs_error *err)
{
    char *rest = NULL;
    pattern->n = 0;
    for (char *word = strtok_r(text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        double value = 0.0;
        CS_TRY(cs_parse_double(&value, word, "values", err));
        if (pattern->n < CS_PATTERN_MAX_VALUES) {
            pattern->values[pattern->n] = value;
        }
        pattern->n++;
    }
    return CS_OK;
}

static cs_status read_pattern(cs_config_pattern *pattern, cs_pattern_kind kind,
                              const cs_config *config, const xmlNode *element, cs_error *err)
{
    char *text = NULL;
    cs_error reason = {0};
    pattern->line = cs_document_line(element);
    CS_TRY(read_text(&text, element, "values", err));
    const cs_status status = read_pattern_values(pattern, text, &reason);
    free(text);
    if (status != CS_OK) {
        return cs_config_fail_at(config, pattern->line, err, CS_DATA, "element pattern: %s",
                                 reason.message);
    }
    if (pattern->n != cs_pattern_size(kind)) {
        return cs_config_fail_at(config, pattern->line, err, CS_DATA,
                                 "element pattern: a %s pattern has %zu values, not %zu",
                                 cs_pattern_name(kind), cs_pattern_size(kind), pattern->n);
    }
    return CS_OK;
}

static cs_status read_patterns(cs_config_substance *substance, const cs_config *config,
                               const xmlNode *parent, cs_error *err)
{
    CS_TRY(check_distinct(config, parent, "pattern", "kind", err));
    for (const xmlNode *element = next(parent->children, "pattern"); element != NULL;
         element = next(element->next, "pattern")) {
        for (int kind = 0; kind < CS_N_PATTERNS; kind++) {
            if (has_value(element, "kind", cs_pattern_name((cs_pattern_kind)kind))) {
                CS_TRY(read_pattern(&substance->patterns[kind], (cs_pattern_kind)kind, config,
                                    element, err));
            }
        }
    }
    return CS_OK;
}

/* Finds the engine that a substance names; none named: the first, which is native. */
static cs_status read_engine_reference(cs_config_substance *substance, const cs_config *config,
                                       const xmlNode *element, cs_error *err)
{
    char *name = NULL;
    CS_TRY(read_text(&name, element, "engine", err));
    size_t i = 0;
    while (name != NULL && i < config->n_engines && strcmp(config->engines[i].name, name) != 0) {
        i++;
    }
    substance->engine = i;
    cs_status status = CS_OK;
    if (i == config->n_engines) {
        status =
            cs_config_fail_at(config, substance->line, err, CS_DATA,
                              "element substance: engine=\"%s\": there is no such engine", name);
    }
    free(name);
    return status;
}

static cs_status read_substance(cs_config_substance *substance, const cs_config *config,
                                const xmlNode *element, cs_error *err)
{
    substance->line = cs_document_line(element);
    CS_TRY(read_text(&substance->name, element, "name", err));
    CS_TRY(read_text(&substance->model, element, "model", err));
    CS_TRY(read_engine_reference(substance, config, element, err));
    CS_TRY(read_settings(&substance->parameters, &substance->n_parameters, config, element,
                         "parameter", err));
    CS_TRY(read_settings(&substance->initials, &substance->n_initials, config, element, "initial",
                         err));
    CS_TRY(read_standards(substance, config, element, err));
    return read_patterns(substance, config, element, err);
}

static cs_status read_substances(cs_config *config, const xmlNode *root, cs_error *err)
{
    const size_t n = count(root, "substance");
    CS_TRY(cs_alloc(&config->substances, n, sizeof *config->substances, "substances", err));
    const xmlNode *element = next(root->children, "substance");
    for (size_t i = 0; i < n; i++, element = next(element->next, "substance")) {
        config->n_substances = i + 1;
        CS_TRY(read_substance(&config->substances[i], config, element, err));
    }
    return check_distinct(config, root, "substance", "name", err);
}

/* ---- external engines ---- */

/* A number that the schema restricts to digits; `missing` if the attribute is not there. */
static cs_status read_plain_number(double *out, const xmlNode *element, const char *name,
                                   double missing, cs_error *err)
{
    char *text = NULL;
    CS_TRY(read_text(&text, element, name, err));
    *out = text != NULL ? strtod(text, NULL) : missing;
    free(text);
    return CS_OK;
}

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
    CS_TRY(read_path(&external->program, config, program, "file", err));
    CS_TRY(read_text(&external->wrapper, program, "wrapper", err));
    if (external->wrapper != NULL && strchr(external->wrapper, '/') != NULL) {
        free(external->wrapper);
        CS_TRY(read_path(&external->wrapper, config, program, "wrapper", err));
    }
    CS_TRY(read_text(&external->keeps, program, "keeps", err));
    const size_t n = count(program, "argument");
    CS_TRY(cs_alloc(&external->arguments, n, sizeof *external->arguments, "arguments", err));
    const xmlNode *element = next(program->children, "argument");
    for (size_t i = 0; i < n; i++, element = next(element->next, "argument")) {
        CS_TRY(read_content(&external->arguments[i], element, err));
        external->n_arguments = i + 1;
    }
    return CS_OK;
}

static cs_status read_column(cs_config_column *column, const xmlNode *element, cs_error *err)
{
    column->line = cs_document_line(element);
    CS_TRY(read_text(&column->name, element, "name", err));
    CS_TRY(read_text(&column->from, element, "from", err));
    CS_TRY(read_text(&column->unit, element, "unit", err));
    return read_text(&column->text, element, "text", err);
}

static cs_status read_series(cs_config_external *external, const cs_config *config,
                             const xmlNode *series, cs_error *err)
{
    const size_t n = count(series, "column");
    CS_TRY(cs_alloc(&external->columns, n, sizeof *external->columns, "columns", err));
    const xmlNode *element = next(series->children, "column");
    for (size_t i = 0; i < n; i++, element = next(element->next, "column")) {
        external->n_columns = i + 1;
        CS_TRY(read_column(&external->columns[i], element, err));
    }
    return check_distinct(config, series, "column", "name", err);
}

static bool is_same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* A column of the output is one quantity. */
static cs_status read_result(cs_config_external *external, const cs_config *config,
                             const xmlNode *result, cs_error *err)
{
    CS_TRY(read_text(&external->concentration, result, "concentration", err));
    CS_TRY(read_text(&external->discharge, result, "discharge", err));
    CS_TRY(read_text(&external->local_discharge, result, "local_discharge", err));
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
    const xmlNode *program = next(engine->children, "program");
    const xmlNode *layout = next(engine->children, "layout");
    const xmlNode *parameters = next(engine->children, "parameters");
    const xmlNode *series = next(engine->children, "series");
    const xmlNode *result = next(engine->children, "result");
    double workers = 0.0, retries = 0.0;
    CS_INVARIANT(program != NULL); /* the schema wants it */
    CS_TRY(read_plain_number(&workers, engine, "workers", 0.0, err));
    CS_TRY(read_plain_number(&external->timeout, engine, "timeout", 0.0, err));
    CS_TRY(read_plain_number(&retries, engine, "retries", 0.0, err));
    external->workers = (size_t)workers;
    external->retries = (size_t)retries;
    external->all_cpus = has_value(engine, "cpus", "all");
    CS_TRY(read_program(external, config, program, err));
    if (layout != NULL) {
        CS_TRY(read_path(&external->layout, config, layout, "template", err));
    }
    if (parameters != NULL) {
        CS_TRY(read_path(&external->parameters, config, parameters, "template", err));
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
    engine->type = has_value(element, "type", "external") ? CS_ENGINE_EXTERNAL : CS_ENGINE_NATIVE;
    CS_TRY(read_text(&engine->name, element, "name", err));
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

static cs_status read_engines(cs_config *config, const xmlNode *root, cs_error *err)
{
    const size_t n = 1 + count(root, "engine");
    CS_TRY(cs_alloc(&config->engines, n, sizeof *config->engines, "engines", err));
    config->n_engines = 1;
    CS_TRY(cs_copy_string(&config->engines[0].name, CS_NATIVE_ENGINE_NAME, err));
    const xmlNode *element = next(root->children, "engine");
    for (size_t i = 1; i < n; i++, element = next(element->next, "engine")) {
        config->n_engines = i + 1;
        CS_TRY(read_engine(&config->engines[i], config, element, err));
    }
    return check_distinct(config, root, "engine", "name", err);
}

static cs_status read_output(cs_config *config, const xmlNode *element, cs_error *err)
{
    cs_config_output *output = &config->output;
    char *deflate = NULL;
    output->line = cs_document_line(element);
    CS_TRY(read_path(&output->results, config, element, "results", err));
    CS_TRY(read_path(&output->steps, config, element, "steps", err));
    CS_TRY(read_text(&deflate, element, "deflate", err));
    output->deflate = deflate != NULL ? (int)strtol(deflate, NULL, 10) : 1;
    free(deflate);
    output->float64 = has_value(element, "type", "float64");
    output->discharge = has_value(element, "discharge", "yes");
    output->existing =
        has_value(element, "existing", "replace") ? CS_EXISTING_REPLACE : CS_EXISTING_REFUSE;
    if (has_value(element, "existing", "resume")) {
        output->existing = CS_EXISTING_RESUME;
    }
    return CS_OK;
}

static cs_status read_journal(cs_config *config, const xmlNode *element, cs_error *err)
{
    cs_config_journal *journal = &config->journal;
    if (element == NULL) {
        return CS_OK;
    }
    CS_TRY(read_plain_number(&journal->interval, element, "interval", journal->interval, err));
    if (journal->interval < 0.1) {
        return cs_config_fail_at(config, cs_document_line(element), err, CS_DATA,
                                 "element journal: interval=\"%g\": at least 0.1 s is wanted",
                                 journal->interval);
    }
    journal->fsync = !has_value(element, "fsync", "no");
    return CS_OK;
}

cs_status cs_read_config(cs_config *config, const xmlNode *root, cs_error *err)
{
    const xmlNode *input = next(root->children, "input");
    const xmlNode *output = next(root->children, "output");
    const xmlNode *journal = next(root->children, "journal");
    const xmlNode *route = next(root->children, "route");
    CS_INVARIANT(input != NULL && output != NULL); /* the schema wants them */
    config->input_line = cs_document_line(input);
    config->route_line = route != NULL ? cs_document_line(route) : 0;
    CS_TRY(read_path(&config->input, config, input, "file", err));
    CS_TRY(read_path(&config->initial_states, config, input, "initial_states", err));
    CS_TRY(read_engines(config, root, err));
    CS_TRY(read_substances(config, root, err));
    CS_TRY(read_journal(config, journal, err));
    return read_output(config, output, err);
}
