/* SPDX-License-Identifier: MIT */
#include "record/schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/parse.h"
#include "record/utf8.h"

/* ---- fields ---- */

/* null="0.1" to the threshold of a random word. */
static cs_status read_null(cs_field *field, const cs_provider_context *context, cs_error *err)
{
    const char *text = cs_xml_get(field->element, "null");
    double share = 0.0;
    cs_error reason;
    if (text != NULL && cs_parse_double_in(&share, text, 0.0, 1.0, "null", &reason) != CS_OK) {
        return cs_provider_refuse(context, field->element, err, "%s", reason.message);
    }
    field->null = share < 1.0 ? (uint64_t)ldexp(share, 64) : UINT64_MAX;
    return CS_OK;
}

static cs_status read_count(cs_field *field, const cs_provider_context *context, cs_error *err)
{
    int64_t count;
    CS_TRY(cs_provider_integer(&count, 0, context, field->element, "count", err));
    if (cs_xml_get(field->element, "count") == NULL) {
        return CS_OK;
    }
    if (count < 1 || count > CS_RECORD_MAX_COUNT) {
        return cs_provider_refuse(context, field->element, err, "count: 1 to %d items are possible",
                                  CS_RECORD_MAX_COUNT);
    }
    field->count = (size_t)count;
    return CS_OK;
}

/* The one piece of a value that is not always the same; NULL: there is none or several. */
static const cs_piece *varying_piece(const cs_value *value)
{
    const cs_piece *found = NULL;
    for (size_t i = 0; value->n == 1 && i < value->alternatives[0].n; i++) {
        const cs_piece *piece = &value->alternatives[0].pieces[i];
        if (piece->kind != CS_PIECE_TEXT) {
            if (found != NULL) {
                return NULL;
            }
            found = piece;
        }
    }
    return found;
}

/* Unique values come from a permutation of all that there are: they must be countable. */
static cs_status read_unique(cs_field *field, const cs_provider_context *context, cs_error *err)
{
    const char *text = cs_xml_get(field->element, "unique");
    const cs_word *twice = NULL;
    if (text == NULL || strcmp(text, "no") == 0) {
        return CS_OK;
    }
    if (strcmp(text, "yes") != 0) {
        return cs_provider_refuse(context, field->element, err, "unique is yes or no");
    }
    if (field->kind == CS_FIELD_SEQUENCE && field->step != 0) {
        return CS_OK;
    }
    const cs_piece *piece = varying_piece(&field->value);
    if (piece == NULL || piece->domain == 0 || field->count > 0) {
        return cs_provider_refuse(context, field->element, err,
                                  "unique is possible for single numbers, dates, patterns and "
                                  "words of one list (and at most 2^62 values) only");
    }
    if (piece->kind == CS_PIECE_WORD) {
        CS_TRY(cs_words_find_twice(&twice, piece->list, err));
    }
    if (twice != NULL) {
        return cs_provider_refuse(context, field->element, err,
                                  "not unique: \"%.60s\" occurs twice in its list", twice->text);
    }
    field->domain = piece->domain;
    return CS_OK;
}

static cs_status check_attributes(const cs_provider_context *context, const cs_xml_element *element,
                                  const char *const *known, cs_error *err)
{
    for (size_t i = 0; i < element->n_attributes; i++) {
        const char *name = element->attributes[i].name;
        size_t k = 0;
        while (known[k] != NULL && strcmp(known[k], name) != 0) {
            k++;
        }
        if (known[k] == NULL) {
            return cs_provider_refuse(context, element, err, "unknown attribute \"%.60s\"", name);
        }
    }
    return CS_OK;
}

static cs_status read_sequence(cs_field *field, const cs_provider_context *context, cs_error *err)
{
    static const char *const known[] = {"name",  "provider", "null", "unique",
                                        "start", "step",     NULL};
    CS_TRY(check_attributes(context, field->element, known, err));
    CS_TRY(cs_provider_integer(&field->start, 1, context, field->element, "start", err));
    return cs_provider_integer(&field->step, 1, context, field->element, "step", err);
}

static cs_status read_field(cs_field *field, cs_provider_context *context,
                            const cs_xml_element *element, cs_error *err)
{
    static const char *const hash_attributes[] = {"name", "provider", "null", "of", NULL};
    const char *provider = cs_xml_get(element, "provider");
    field->element = element;
    field->name = cs_xml_get(element, "name");
    if (field->name == NULL || field->name[0] == '\0' || strlen(field->name) > 100 ||
        !cs_is_utf8(field->name, strlen(field->name)) || strpbrk(field->name, "\t\r\n") != NULL) {
        return cs_provider_refuse(context, element, err, "a name of 1 to 100 bytes is wanted");
    }
    if (provider == NULL) {
        return cs_provider_refuse(context, element, err, "attribute \"provider\" is missing");
    }
    if (strcmp(provider, "hash") == 0) {
        field->kind = CS_FIELD_HASH;
        CS_TRY(check_attributes(context, element, hash_attributes, err));
    } else if (strcmp(provider, "sequence") == 0) {
        field->kind = CS_FIELD_SEQUENCE;
        CS_TRY(read_sequence(field, context, err));
    } else {
        CS_TRY(cs_provider_make(&field->value, context, element, err));
        CS_TRY(read_count(field, context, err));
    }
    CS_TRY(read_null(field, context, err));
    return read_unique(field, context, err);
}

static cs_status check_names(const cs_record_schema *schema, cs_error *err)
{
    for (size_t i = 1; i < schema->n_fields; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(schema->fields[i].name, schema->fields[k].name) == 0) {
                return cs_provider_refuse(&schema->context, schema->fields[i].element, err,
                                          "the name is taken already, in line %zu",
                                          schema->fields[k].element->line);
            }
        }
    }
    return CS_OK;
}

/* ---- hashes ---- */

static size_t find_field(const cs_record_schema *schema, const char *name, size_t length)
{
    size_t i = 0;
    while (i < schema->n_fields && (strlen(schema->fields[i].name) != length ||
                                    memcmp(schema->fields[i].name, name, length) != 0)) {
        i++;
    }
    return i;
}

static cs_status read_of(cs_field *field, const cs_record_schema *schema, cs_error *err)
{
    static const char blanks[] = " \t\r\n";
    const char *text = cs_xml_get(field->element, "of");
    if (text == NULL || text[strspn(text, blanks)] == '\0') {
        return cs_provider_refuse(&schema->context, field->element, err,
                                  "attribute \"of\" with names of fields is wanted");
    }
    CS_TRY(cs_alloc(&field->of, strlen(text) / 2 + 1, sizeof *field->of, "a hash", err));
    for (text += strspn(text, blanks); *text != '\0'; text += strspn(text, blanks)) {
        const size_t length = strcspn(text, blanks);
        const size_t i = find_field(schema, text, length);
        if (i == schema->n_fields) {
            return cs_provider_refuse(&schema->context, field->element, err,
                                      "of: there is no field \"%.*s\"",
                                      (int)(length < 60 ? length : 60), text);
        }
        field->of[field->n_of++] = i;
        text += length;
    }
    return CS_OK;
}

/* Every walk along hashes of hashes ends within the kernel's depth, or there is a circle. */
static cs_status check_depth(const cs_record_schema *schema, size_t begin, cs_error *err)
{
    size_t at[CSK_RECORD_MAX_HASHES + 1] = {begin}, next[CSK_RECORD_MAX_HASHES + 1] = {0};
    size_t depth = 0;
    for (size_t n_steps = 0;; n_steps++) {
        const cs_field *field = &schema->fields[at[depth]];
        if (n_steps > 100000) {
            return cs_provider_refuse(&schema->context, schema->fields[begin].element, err,
                                      "a hash of too many hashes");
        }
        if (next[depth] >= field->n_of) {
            if (depth-- == 0) {
                return CS_OK;
            }
            continue;
        }
        const size_t to = field->of[next[depth]++];
        if (to == begin) {
            return cs_provider_refuse(&schema->context, schema->fields[begin].element, err,
                                      "a hash of itself, through field %.60s (a circle)",
                                      field->name);
        }
        if (schema->fields[to].kind != CS_FIELD_HASH) {
            continue;
        }
        if (depth + 1 == CSK_RECORD_MAX_HASHES) {
            return cs_provider_refuse(&schema->context, schema->fields[begin].element, err,
                                      "hashes of hashes are a circle or deeper than %d",
                                      CSK_RECORD_MAX_HASHES);
        }
        at[++depth] = to;
        next[depth] = 0;
    }
}

static cs_status read_hashes(cs_record_schema *schema, cs_error *err)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (schema->fields[i].kind == CS_FIELD_HASH) {
            CS_TRY(read_of(&schema->fields[i], schema, err));
        }
    }
    for (size_t i = 0; i < schema->n_fields; i++) {
        CS_TRY(check_depth(schema, i, err));
    }
    return CS_OK;
}

/* ---- tables ---- */

static cs_status read_table(cs_record_schema *schema, const cs_xml_element *element, cs_error *err)
{
    static const char *const known[] = {"name", "count", NULL};
    const cs_provider_context *context = &schema->context;
    cs_record_sample *table = &schema->tables[schema->n_tables];
    int64_t count;
    CS_TRY(check_attributes(context, element, known, err));
    CS_TRY(cs_provider_integer(&count, -1, context, element, "count", err));
    *table = (cs_record_sample){
        .name = cs_xml_get(element, "name"), .count = (uint64_t)count, .line = element->line};
    if (table->name == NULL || !cs_words_is_name(table->name) || count < 0) {
        return cs_provider_refuse(context, element, err,
                                  "a name of letters, digits and _, and a count from 0 are wanted");
    }
    for (size_t i = 0; i < schema->n_tables; i++) {
        if (strcmp(schema->tables[i].name, table->name) == 0) {
            return cs_provider_refuse(context, element, err,
                                      "the name is taken already, in line %zu",
                                      schema->tables[i].line);
        }
    }
    schema->n_tables++;
    return CS_OK;
}

/* ---- the document ---- */

static cs_status check_root(cs_record_schema *schema, const cs_xml_element *root, cs_error *err)
{
    static const char *const known[] = {"version", "name", "population", NULL};
    const char *version = cs_xml_get(root, "version");
    int64_t population;
    if (strcmp(root->name, "records") != 0 || version == NULL || strcmp(version, "1") != 0) {
        return cs_provider_refuse(&schema->context, root, err,
                                  "an element records with version=\"1\" is wanted");
    }
    CS_TRY(check_attributes(&schema->context, root, known, err));
    schema->name = cs_xml_get(root, "name");
    schema->name = schema->name != NULL ? schema->name : "records";
    CS_TRY(cs_provider_integer(&population, 0, &schema->context, root, "population", err));
    if (population < 0 || (cs_xml_get(root, "population") != NULL && population == 0)) {
        return cs_provider_refuse(&schema->context, root, err, "population: from 1");
    }
    schema->population = (uint64_t)population;
    return CS_OK;
}

static cs_status read_children(cs_record_schema *schema, const cs_xml_element *root, cs_error *err)
{
    for (const cs_xml_element *e = root + 1; e < cs_xml_behind(root); e = cs_xml_behind(e)) {
        if (strcmp(e->name, "field") == 0 && schema->n_fields < CS_RECORD_MAX_FIELDS) {
            CS_TRY(read_field(&schema->fields[schema->n_fields++], &schema->context, e, err));
        } else if (strcmp(e->name, "table") == 0 && schema->n_tables < CS_RECORD_MAX_TABLES) {
            CS_TRY(read_table(schema, e, err));
        } else {
            return cs_provider_refuse(&schema->context, e, err,
                                      "not possible here; known: field (up to %d), table (up to "
                                      "%d)",
                                      CS_RECORD_MAX_FIELDS, CS_RECORD_MAX_TABLES);
        }
    }
    if (schema->n_fields == 0) {
        return cs_provider_refuse(&schema->context, root, err, "an element field is missing in it");
    }
    if ((schema->n_tables > 0) != (schema->population > 0)) {
        return cs_provider_refuse(&schema->context, root, err,
                                  "tables are samples of a population: give both or none");
    }
    return CS_OK;
}

/* Unique values must suffice for the whole population. */
static cs_status check_population(const cs_record_schema *schema, cs_error *err)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        const cs_field *field = &schema->fields[i];
        if (field->domain > 0 && field->domain < schema->population) {
            return cs_provider_refuse(&schema->context, field->element, err,
                                      "unique: %llu values are not enough for a population of %llu",
                                      (unsigned long long)field->domain,
                                      (unsigned long long)schema->population);
        }
    }
    return CS_OK;
}

cs_status cs_record_schema_parse(cs_record_schema *schema, const char *text, size_t size,
                                 const char *path, const char *folder, cs_error *err)
{
    *schema = (cs_record_schema){.context = {.path = path}};
    CS_TRY(cs_words_open(&schema->context.words, folder, err));
    CS_TRY(cs_xml_parse(&schema->xml, text, size, path, err));
    const cs_xml_element *root = cs_xml_root(schema->xml);
    CS_TRY(check_root(schema, root, err));
    CS_TRY(cs_alloc(&schema->fields, CS_RECORD_MAX_FIELDS, sizeof *schema->fields, "fields", err));
    CS_TRY(cs_alloc(&schema->tables, CS_RECORD_MAX_TABLES, sizeof *schema->tables, "tables", err));
    CS_TRY(read_children(schema, root, err));
    CS_TRY(check_names(schema, err));
    CS_TRY(read_hashes(schema, err));
    return check_population(schema, err);
}

void cs_record_schema_free(cs_record_schema *schema)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        cs_value_free(&schema->fields[i].value);
        free(schema->fields[i].of);
    }
    free(schema->fields);
    free(schema->tables);
    cs_words_free(&schema->context.words);
    cs_xml_free(schema->xml);
    *schema = (cs_record_schema){0};
}
