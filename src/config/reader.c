/* SPDX-License-Identifier: MIT */
#include "config/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/document.h"
#include "config/parse.h"
#include "config/reader_parts.h"

static cs_status read_setting(cs_config_setting *setting, const cs_config *config,
                              const xmlNode *element, cs_error *err)
{
    setting->line = cs_document_line(element);
    CS_TRY(cs_reader_text(&setting->name, element, "name", err));
    CS_TRY(cs_reader_text(&setting->from, element, "from", err));
    if (setting->from != NULL) {
        return CS_OK;
    }
    return cs_reader_number(&setting->value, config, element, "value", err);
}

/* Reads the elements "parameter" or "initial" of a substance. */
static cs_status read_settings(cs_config_setting **out, size_t *n, const cs_config *config,
                               const xmlNode *substance, const char *kind, cs_error *err)
{
    const size_t n_wanted = cs_reader_count(substance, kind);
    CS_TRY(cs_alloc(out, n_wanted, sizeof **out, kind, err));
    const xmlNode *element = cs_reader_next(substance->children, kind);
    for (size_t i = 0; i < n_wanted; i++, element = cs_reader_next(element->next, kind)) {
        *n = i + 1; /* so that a failure releases what this one has */
        CS_TRY(read_setting(&(*out)[i], config, element, err));
    }
    return cs_reader_check_distinct(config, substance, kind, "name", err);
}

static cs_status read_standard(cs_config_standard *standard, const cs_config *config,
                               const xmlNode *element, cs_error *err)
{
    standard->line = cs_document_line(element);
    CS_TRY(cs_reader_text(&standard->kind, element, "kind", err));
    CS_TRY(cs_reader_number(&standard->value, config, element, "value", err));
    if (cs_reader_has_value(element, "unit", "ug L-1")) {
        standard->value *= 1000; /* to ng/L */
    }
    return CS_OK;
}

static cs_status read_standards(cs_config_substance *substance, const cs_config *config,
                                const xmlNode *parent, cs_error *err)
{
    const size_t n = cs_reader_count(parent, "standard");
    CS_TRY(cs_alloc(&substance->standards, n, sizeof *substance->standards, "standards", err));
    const xmlNode *element = cs_reader_next(parent->children, "standard");
    for (size_t i = 0; i < n; i++, element = cs_reader_next(element->next, "standard")) {
        substance->n_standards = i + 1;
        CS_TRY(read_standard(&substance->standards[i], config, element, err));
    }
    return cs_reader_check_distinct(config, parent, "standard", "kind", err);
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
    CS_TRY(cs_reader_text(&text, element, "values", err));
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
    CS_TRY(cs_reader_check_distinct(config, parent, "pattern", "kind", err));
    for (const xmlNode *element = cs_reader_next(parent->children, "pattern"); element != NULL;
         element = cs_reader_next(element->next, "pattern")) {
        for (int kind = 0; kind < CS_N_PATTERNS; kind++) {
            if (cs_reader_has_value(element, "kind", cs_pattern_name((cs_pattern_kind)kind))) {
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
    CS_TRY(cs_reader_text(&name, element, "engine", err));
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
    CS_TRY(cs_reader_text(&substance->name, element, "name", err));
    CS_TRY(cs_reader_text(&substance->model, element, "model", err));
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
    const size_t n = cs_reader_count(root, "substance");
    CS_TRY(cs_alloc(&config->substances, n, sizeof *config->substances, "substances", err));
    const xmlNode *element = cs_reader_next(root->children, "substance");
    for (size_t i = 0; i < n; i++, element = cs_reader_next(element->next, "substance")) {
        config->n_substances = i + 1;
        CS_TRY(read_substance(&config->substances[i], config, element, err));
    }
    return cs_reader_check_distinct(config, root, "substance", "name", err);
}
static cs_status read_output(cs_config *config, const xmlNode *element, cs_error *err)
{
    cs_config_output *output = &config->output;
    char *deflate = NULL;
    output->line = cs_document_line(element);
    CS_TRY(cs_reader_path(&output->results, config, element, "results", err));
    CS_TRY(cs_reader_path(&output->steps, config, element, "steps", err));
    CS_TRY(cs_reader_text(&deflate, element, "deflate", err));
    output->deflate = deflate != NULL ? (int)strtol(deflate, NULL, 10) : 1;
    free(deflate);
    output->float64 = cs_reader_has_value(element, "type", "float64");
    output->discharge = cs_reader_has_value(element, "discharge", "yes");
    output->existing = cs_reader_has_value(element, "existing", "replace") ? CS_EXISTING_REPLACE
                                                                           : CS_EXISTING_REFUSE;
    if (cs_reader_has_value(element, "existing", "resume")) {
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
    CS_TRY(cs_reader_digits(&journal->interval, element, "interval", journal->interval, err));
    if (journal->interval < 0.1) {
        return cs_config_fail_at(config, cs_document_line(element), err, CS_DATA,
                                 "element journal: interval=\"%g\": at least 0.1 s is wanted",
                                 journal->interval);
    }
    journal->fsync = !cs_reader_has_value(element, "fsync", "no");
    return CS_OK;
}

cs_status cs_read_config(cs_config *config, const xmlNode *root, cs_error *err)
{
    const xmlNode *input = cs_reader_next(root->children, "input");
    const xmlNode *output = cs_reader_next(root->children, "output");
    const xmlNode *journal = cs_reader_next(root->children, "journal");
    const xmlNode *route = cs_reader_next(root->children, "route");
    CS_INVARIANT(input != NULL && output != NULL); /* the schema wants them */
    config->input_line = cs_document_line(input);
    config->route_line = route != NULL ? cs_document_line(route) : 0;
    CS_TRY(cs_reader_path(&config->input, config, input, "file", err));
    CS_TRY(cs_reader_path(&config->initial_states, config, input, "initial_states", err));
    CS_TRY(cs_read_engines(config, root, err));
    CS_TRY(read_substances(config, root, err));
    CS_TRY(read_journal(config, journal, err));
    return read_output(config, output, err);
}
