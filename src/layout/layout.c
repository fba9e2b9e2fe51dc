/* SPDX-License-Identifier: MIT */
#include "layout/layout.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/file.h"
#include "text/number.h"

/* The layout while it is read. */
typedef struct {
    cs_layout *layout;
    cs_settings *settings;
    size_t n_flags;
    cs_error *err;
} reader;

__attribute__((format(printf, 3, 4))) static cs_status refuse(const reader *r, size_t line,
                                                              const char *format, ...)
{
    char why[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    return cs_fail(r->err, CS_DATA, "%s:%zu: %s", r->layout->path, line, why);
}

/* ---- elements and their attributes ---- */

/* What an element may be: names separated by blanks. */
typedef struct {
    const char *required, *optional;
} attribute_rule;

/* Whether a name is a word of a list. */
static bool is_word(const char *list, const char *name)
{
    const size_t length = strlen(name);
    for (const char *at = list; (at = strstr(at, name)) != NULL; at += length) {
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

/* The first word of a list that is no attribute of the element; "" if all are. */
static void find_missing(char word[static 32], const char *list, const cs_xml_element *e)
{
    word[0] = '\0';
    for (const char *at = list; *at != '\0'; at += at[0] == ' ' ? 1 : 0) {
        const size_t length = strcspn(at, " ");
        snprintf(word, 32, "%.*s", (int)length, at);
        if (cs_xml_get(e, word) == NULL) {
            return;
        }
        word[0] = '\0';
        at += length;
    }
}

static cs_status check_attributes(const reader *r, const cs_xml_element *e, attribute_rule rule)
{
    char missing[32];
    for (size_t i = 0; i < e->n_attributes; i++) {
        const char *name = e->attributes[i].name;
        if (!is_word(rule.required, name) && !is_word(rule.optional, name)) {
            return refuse(r, e->line, "<%s> has no attribute \"%s\"", e->name, name);
        }
    }
    find_missing(missing, rule.required, e);
    if (missing[0] != '\0') {
        return refuse(r, e->line, "<%s> needs the attribute \"%s\"", e->name, missing);
    }
    return CS_OK;
}

static bool is_named(const cs_xml_element *e, const char *name)
{
    return strcmp(e->name, name) == 0;
}

static cs_status refuse_element(const reader *r, const cs_xml_element *e,
                                const cs_xml_element *parent)
{
    return refuse(r, e->line, "<%s> is not known inside <%s>", e->name, parent->name);
}

/* An element that holds a text and nothing else. */
static cs_status check_text(const reader *r, const cs_xml_element *e)
{
    if (e->n_descendants > 0) {
        return refuse_element(r, e + 1, e);
    }
    return e->text[0] != '\0' ? CS_OK : refuse(r, e->line, "<%s> is empty", e->name);
}

/* An element without any content. */
static cs_status check_empty(const reader *r, const cs_xml_element *e)
{
    if (e->n_descendants > 0) {
        return refuse_element(r, e + 1, e);
    }
    return e->text[0] == '\0' ? CS_OK : refuse(r, e->line, "text inside <%s>", e->name);
}

/* A number in an attribute; `out` stays as it is where there is none. */
static cs_status read_number(const reader *r, double *out, const cs_xml_element *e,
                             const char *name)
{
    const char *text = cs_xml_get(e, name);
    if (text != NULL && !cs_text_double(out, text, strlen(text))) {
        return refuse(r, e->line, "%s=\"%.60s\" of <%s> is no number", name, text, e->name);
    }
    return CS_OK;
}

static cs_status add_setting(const reader *r, cs_setting_kind kind, const cs_xml_element *e,
                             const char *name, const char *scope)
{
    cs_setting setting = {
        .kind = kind, .name = name, .scope = scope, .path = r->layout->path, .line = e->line};
    CS_TRY(check_empty(r, e));
    CS_TRY(read_number(r, &setting.value, e, "value"));
    return cs_settings_add(r->settings, &setting, r->err);
}

/* ---- models ---- */

/* The number of a model; n_models if there is none. */
static size_t find_model(const cs_layout *layout, const char *id)
{
    size_t i = 0;
    for (; i < layout->n_models && strcmp(layout->models[i].id, id) != 0; i++) {
    }
    return i;
}

static cs_status read_model_part(reader *r, cs_layout_model *model, const cs_xml_element *part,
                                 const cs_xml_element *e)
{
    if (is_named(part, "attribute")) {
        CS_TRY(check_attributes(r, part, (attribute_rule){"", ""}));
        CS_TRY(check_text(r, part));
        model->flags[model->n_flags++] = part->text;
        r->n_flags++;
        return CS_OK;
    }
    if (!is_named(part, "parameter")) {
        return refuse_element(r, part, e);
    }
    CS_TRY(check_attributes(r, part, (attribute_rule){"name value", ""}));
    const char *name = cs_xml_get(part, "name");
    if (cs_members_find(&model->component->parameters, name) == NULL) {
        return refuse(r, part->line, "%s has no parameter %.60s", model->component->type, name);
    }
    return add_setting(r, CS_SETTING_OF_MODEL, part, name, model->id);
}

static cs_status read_model(reader *r, const cs_xml_element *e)
{
    cs_layout *layout = r->layout;
    CS_TRY(check_attributes(r, e, (attribute_rule){"type id", ""}));
    const char *type = cs_xml_get(e, "type");
    cs_layout_model *model = &layout->models[layout->n_models];
    *model = (cs_layout_model){.id = cs_xml_get(e, "id"),
                               .component = cs_component_find(type),
                               .flags = layout->flags + r->n_flags,
                               .line = e->line};
    if (model->component == NULL) {
        return refuse(r, e->line, "unknown model type \"%.60s\"; known are %s", type,
                      cs_component_names());
    }
    if (find_model(layout, model->id) < layout->n_models) {
        return refuse(r, e->line, "two models have the id \"%.60s\"", model->id);
    }
    for (const cs_xml_element *part = e + 1; part < cs_xml_behind(e); part = cs_xml_behind(part)) {
        CS_TRY(read_model_part(r, model, part, e));
    }
    layout->n_models++;
    return CS_OK;
}

/* ---- data ---- */

static cs_status read_column(reader *r, const cs_xml_element *e, const cs_xml_element *parent)
{
    cs_layout *layout = r->layout;
    if (!is_named(e, "column")) {
        return refuse_element(r, e, parent);
    }
    CS_TRY(check_attributes(r, e, (attribute_rule){"", "export"}));
    CS_TRY(check_text(r, e));
    if (strpbrk(e->text, "\t\r\n") != NULL) {
        return refuse(r, e->line, "a column's name may hold neither tab nor line end");
    }
    for (size_t i = 0; i < layout->n_columns; i++) {
        if (strcmp(layout->columns[i].name, e->text) == 0) {
            return refuse(r, e->line, "two columns are named \"%.60s\"", e->text);
        }
    }
    layout->columns[layout->n_columns++] = (cs_layout_column){e->text, e->line};
    return CS_OK;
}

static cs_status read_data(reader *r, const cs_xml_element *e)
{
    CS_TRY(check_attributes(r, e, (attribute_rule){"src timecol", ""}));
    r->layout->source = cs_xml_get(e, "src");
    r->layout->time_column = cs_xml_get(e, "timecol");
    r->layout->data_line = e->line;
    for (const cs_xml_element *c = e + 1; c < cs_xml_behind(e); c = cs_xml_behind(c)) {
        CS_TRY(read_column(r, c, e));
    }
    return CS_OK;
}

/* ---- parameters, initials, solver ---- */

static cs_status read_parameters(reader *r, const cs_xml_element *e)
{
    CS_TRY(check_attributes(r, e, (attribute_rule){"", ""}));
    for (const cs_xml_element *p = e + 1; p < cs_xml_behind(e); p = cs_xml_behind(p)) {
        double limit = 0.0;
        if (!is_named(p, "parameter")) {
            return refuse_element(r, p, e);
        }
        CS_TRY(check_attributes(r, p, (attribute_rule){"name value", "domain min max"}));
        CS_TRY(read_number(r, &limit, p, "min")); /* limits are for calibration */
        CS_TRY(read_number(r, &limit, p, "max"));
        const char *flag = cs_xml_get(p, "domain");
        const bool is_flagged = flag != NULL && flag[0] != '\0';
        CS_TRY(add_setting(r, is_flagged ? CS_SETTING_OF_FLAG : CS_SETTING_OF_ALL, p,
                           cs_xml_get(p, "name"), is_flagged ? flag : ""));
    }
    return CS_OK;
}

static cs_status read_initials(reader *r, const cs_xml_element *e)
{
    CS_TRY(check_attributes(r, e, (attribute_rule){"", ""}));
    for (const cs_xml_element *i = e + 1; i < cs_xml_behind(e); i = cs_xml_behind(i)) {
        if (!is_named(i, "initial")) {
            return refuse_element(r, i, e);
        }
        CS_TRY(check_attributes(r, i, (attribute_rule){"variable model value", ""}));
        CS_TRY(add_setting(r, CS_SETTING_INITIAL, i, cs_xml_get(i, "variable"),
                           cs_xml_get(i, "model")));
    }
    return CS_OK;
}

/* Ours is exact and has no use for it; what is no number is a mistake all the same. */
static cs_status read_solver(const reader *r, const cs_xml_element *e)
{
    double unused = 0.0;
    CS_TRY(check_attributes(r, e, (attribute_rule){"", "accuracy minsteplength"}));
    CS_TRY(check_empty(r, e));
    CS_TRY(read_number(r, &unused, e, "accuracy"));
    return read_number(r, &unused, e, "minsteplength");
}

/* ---- connections ---- */

/* The names of an end's attributes. */
typedef struct {
    const char *column, *model, *port;
    bool is_source;
} end_names;

static cs_status read_port(const reader *r, cs_layout_end *end, const cs_xml_element *e,
                           const end_names *names)
{
    const char *id = cs_xml_get(e, names->model);
    const char *port = cs_xml_get(e, names->port);
    end->model = find_model(r->layout, id);
    if (end->model == r->layout->n_models) {
        return refuse(r, e->line, "no model has the id \"%.60s\"", id);
    }
    const cs_component *component = r->layout->models[end->model].component;
    end->port = cs_members_find(names->is_source ? &component->outputs : &component->inputs, port);
    if (end->port == NULL) {
        return refuse(r, e->line, "%s has no %s \"%.60s\"", component->type,
                      names->is_source ? "output" : "input", port);
    }
    return CS_OK;
}

static cs_status read_end(const reader *r, cs_layout_end *end, const cs_xml_element *e,
                          const end_names *names)
{
    const bool has_model = cs_xml_get(e, names->model) != NULL;
    const bool has_port = cs_xml_get(e, names->port) != NULL;
    end->column = cs_xml_get(e, names->column);
    if ((end->column != NULL) == has_model || has_model != has_port) {
        return refuse(r, e->line, "<connection> needs either %s, or %s and %s", names->column,
                      names->model, names->port);
    }
    return has_model ? read_port(r, end, e, names) : CS_OK;
}

static cs_status read_connection(reader *r, const cs_xml_element *e)
{
    static const end_names source = {"sourcedata", "sourceobj", "sourceport", true};
    static const end_names destination = {"destdata", "destobj", "destport", false};
    cs_layout_connection connection = {.proportion = 1.0, .line = e->line};
    CS_TRY(check_attributes(
        r, e,
        (attribute_rule){"",
                         "sourcedata sourceobj sourceport destdata destobj destport proportion"}));
    CS_TRY(check_empty(r, e));
    CS_TRY(read_end(r, &connection.source, e, &source));
    CS_TRY(read_end(r, &connection.destination, e, &destination));
    CS_TRY(read_number(r, &connection.proportion, e, "proportion"));
    r->layout->connections[r->layout->n_connections++] = connection;
    return CS_OK;
}

/* ---- the document ---- */

/* How often each element occurs inside the root. */
typedef struct {
    size_t models, data, parameters, connections, initials, solvers;
} census;

static cs_status check_root(const reader *r, const cs_xml_element *root)
{
    if (!is_named(root, "layout")) {
        return refuse(r, root->line, "<%.60s> is no layout: <layout> is expected", root->name);
    }
    CS_TRY(check_attributes(r, root, (attribute_rule){"", "version"}));
    const char *version = cs_xml_get(root, "version");
    if (version != NULL && strcmp(version, "0.3") != 0) {
        return refuse(r, root->line, "version \"%.20s\" is not known; 0.3 is", version);
    }
    return CS_OK;
}

static cs_status take_census(const reader *r, census *found, const cs_xml_element *root)
{
    for (const cs_xml_element *e = root + 1; e < cs_xml_behind(root); e = cs_xml_behind(e)) {
        size_t *counter = is_named(e, "model")        ? &found->models
                          : is_named(e, "data")       ? &found->data
                          : is_named(e, "parameters") ? &found->parameters
                          : is_named(e, "connection") ? &found->connections
                          : is_named(e, "initials")   ? &found->initials
                          : is_named(e, "solver")     ? &found->solvers
                                                      : NULL;
        if (counter == NULL) {
            return refuse_element(r, e, root);
        }
        ++*counter;
    }
    if (found->data != 1 || found->parameters != 1) {
        return refuse(r, root->line,
                      "a layout needs one <data> and one <parameters>, which may be empty");
    }
    return CS_OK;
}

static cs_status make_room(const reader *r, const census *found, size_t n_elements)
{
    cs_layout *layout = r->layout;
    CS_TRY(cs_alloc(&layout->models, found->models, sizeof *layout->models, "models", r->err));
    CS_TRY(cs_alloc(&layout->connections, found->connections, sizeof *layout->connections,
                    "connections", r->err));
    /* columns and flags are elements of their own */
    CS_TRY(cs_alloc(&layout->columns, n_elements, sizeof *layout->columns, "columns", r->err));
    return cs_alloc(&layout->flags, n_elements, sizeof *layout->flags, "flags", r->err);
}

/* Models first: others refer to them, wherever they stand. */
static cs_status read_elements(reader *r, const cs_xml_element *root)
{
    const cs_xml_element *end = cs_xml_behind(root);
    for (const cs_xml_element *e = root + 1; e < end; e = cs_xml_behind(e)) {
        if (is_named(e, "model")) {
            CS_TRY(read_model(r, e));
        }
    }
    for (const cs_xml_element *e = root + 1; e < end; e = cs_xml_behind(e)) {
        cs_status status = is_named(e, "data")         ? read_data(r, e)
                           : is_named(e, "parameters") ? read_parameters(r, e)
                           : is_named(e, "connection") ? read_connection(r, e)
                           : is_named(e, "initials")   ? read_initials(r, e)
                           : is_named(e, "solver")     ? read_solver(r, e)
                                                       : CS_OK;
        CS_TRY(status);
    }
    return CS_OK;
}

cs_status cs_layout_parse(cs_layout *layout, cs_settings *settings, const char *text, size_t size,
                          const char *path, cs_error *err)
{
    census found = {0};
    reader r = {.layout = layout, .settings = settings, .err = err};
    *layout = (cs_layout){0};
    CS_TRY(cs_copy_string(&layout->path, path, err));
    CS_TRY(cs_xml_parse(&layout->xml, text, size, path, err));
    const cs_xml_element *root = cs_xml_root(layout->xml);
    CS_TRY(check_root(&r, root));
    CS_TRY(take_census(&r, &found, root));
    CS_TRY(make_room(&r, &found, root->n_descendants));
    return read_elements(&r, root);
}

cs_status cs_layout_read(cs_layout *layout, cs_settings *settings, const char *path, cs_error *err)
{
    cs_bytes content = {0};
    *layout = (cs_layout){0};
    cs_status status = cs_file_read(&content, path, CS_XML_MAX_BYTES, err);
    if (status == CS_OK) {
        status =
            cs_layout_parse(layout, settings, (const char *)content.data, content.size, path, err);
    }
    cs_bytes_free(&content);
    return status;
}

void cs_layout_free(cs_layout *layout)
{
    free(layout->path);
    free(layout->models);
    free(layout->columns);
    free(layout->connections);
    free(layout->flags);
    cs_xml_free(layout->xml);
    *layout = (cs_layout){0};
}
