/* SPDX-License-Identifier: MIT */
#include "layout/graph.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "layout/clock.h"
#include "layout/graph_parts.h"

static const cs_layout_model *model_of(const cs_graph *graph, size_t i)
{
    return &graph->layout->models[i];
}

/* ---- the order ---- */

/* How many connections come to each model from models that are not in the order yet. */
static void count_waiting(const cs_graph *graph, size_t *waiting)
{
    for (size_t i = 0; i < graph->layout->n_connections; i++) {
        const cs_layout_connection *c = &graph->layout->connections[i];
        if (c->source.column == NULL && c->destination.column == NULL) {
            waiting[c->destination.model]++;
        }
    }
}

static void release_fed(const cs_graph *graph, size_t *waiting, size_t model)
{
    for (size_t i = 0; i < graph->layout->n_connections; i++) {
        const cs_layout_connection *c = &graph->layout->connections[i];
        if (c->source.column == NULL && c->source.model == model && c->destination.column == NULL) {
            waiting[c->destination.model]--;
        }
    }
}

/* Kahn (1962): again and again the first model that waits for none. */
static cs_status find_order(cs_graph *graph, cs_error *err)
{
    const size_t n = graph->layout->n_models;
    const size_t done = SIZE_MAX;
    size_t *waiting = NULL;
    cs_status status = CS_OK;
    CS_CHECK(cs_alloc(&waiting, n, sizeof *waiting, "the order of models", err));
    count_waiting(graph, waiting);
    for (size_t k = 0; k < n; k++) {
        size_t next = 0;
        for (; next < n && waiting[next] != 0; next++) {
        }
        if (next == n) {
            size_t first = 0;
            for (; waiting[first] == done; first++) {
            }
            CS_CHECK(cs_fail(err, CS_DATA, "%s:%zu: model %s feeds itself, by way of others or not",
                             graph->layout->path, model_of(graph, first)->line,
                             model_of(graph, first)->id));
        }
        graph->order[k] = next;
        waiting[next] = done;
        release_fed(graph, waiting, next);
    }
release:
    free(waiting);
    return status;
}

/* ---- wiring ---- */

static cs_status make_series(double **series, cs_graph *graph, cs_error *err)
{
    double **place = &graph->series[graph->n_series];
    CS_TRY(cs_alloc(place, graph->table->n_rows, sizeof **place, "a series", err));
    graph->n_series++;
    *series = *place;
    return CS_OK;
}

/* At most: every port of every model, and every column. */
static size_t most_series(const cs_graph *graph)
{
    size_t n = graph->layout->n_columns;
    for (size_t i = 0; i < graph->layout->n_models; i++) {
        n += model_of(graph, i)->component->inputs.n + model_of(graph, i)->component->outputs.n;
    }
    return n;
}

/* The series that a connection takes: of the table, or of a model's output, which is made now. */
static cs_status source_of(const double **series, cs_graph *graph,
                           const cs_layout_connection *connection, cs_error *err)
{
    const cs_layout_end *end = &connection->source;
    if (end->column != NULL) {
        *series = cs_table_find(graph->table, end->column)->values;
        return CS_OK;
    }
    double **output = &graph->instances[end->model].outputs[end->port->slot];
    if (*output == NULL) {
        CS_TRY(make_series(output, graph, err));
    }
    *series = *output;
    return CS_OK;
}

static bool is_into_column(const cs_layout_connection *connection, const char *column)
{
    const char *name = connection->destination.column;
    return name != NULL && strcmp(name, column) == 0;
}

/*
 * Adds a connection to what comes to a port or column so far: the first one that is not scaled is
 * used as it is, all else is summed up when the graph runs.
 */
static cs_status join(cs_graph *graph, cs_inflow *inflow, const cs_layout_connection *connection,
                      bool is_only, cs_error *err)
{
    const double *source = NULL;
    CS_TRY(source_of(&source, graph, connection, err));
    if (is_only && connection->proportion == 1.0) {
        inflow->series = source;
        return CS_OK;
    }
    if (inflow->sum == NULL) {
        CS_TRY(make_series(&inflow->sum, graph, err));
        inflow->series = inflow->sum;
    }
    return CS_OK;
}

static cs_status wire_model(cs_graph *graph, size_t model, cs_error *err)
{
    const cs_members *inputs = &model_of(graph, model)->component->inputs;
    for (size_t k = 0; k < inputs->n; k++) {
        const cs_member *port = &inputs->members[k];
        cs_inflow *inflow = &graph->instances[model].inflows[port->slot];
        const bool is_only = cs_graph_count_into(graph, model, port) == 1;
        for (size_t i = 0; i < graph->layout->n_connections; i++) {
            const cs_layout_connection *connection = &graph->layout->connections[i];
            if (cs_graph_is_into(connection, model, port)) {
                CS_TRY(join(graph, inflow, connection, is_only, err));
            }
        }
    }
    return CS_OK;
}

static cs_status wire_column(cs_graph *graph, size_t column, cs_error *err)
{
    const char *name = graph->layout->columns[column].name;
    const cs_layout_connection *connections = graph->layout->connections;
    size_t n = 0;
    for (size_t i = 0; i < graph->layout->n_connections; i++) {
        n += is_into_column(&connections[i], name);
    }
    for (size_t i = 0; i < graph->layout->n_connections; i++) {
        if (is_into_column(&connections[i], name)) {
            CS_TRY(join(graph, &graph->columns[column], &connections[i], n == 1, err));
        }
    }
    return CS_OK;
}

static cs_status wire(cs_graph *graph, cs_error *err)
{
    for (size_t i = 0; i < graph->layout->n_models; i++) {
        CS_TRY(wire_model(graph, i, err));
    }
    for (size_t i = 0; i < graph->layout->n_columns; i++) {
        CS_TRY(wire_column(graph, i, err));
    }
    return CS_OK;
}

static cs_status make_room(cs_graph *graph, cs_error *err)
{
    const cs_layout *layout = graph->layout;
    CS_TRY(cs_alloc(&graph->instances, layout->n_models, sizeof *graph->instances, "models", err));
    CS_TRY(cs_alloc(&graph->order, layout->n_models, sizeof *graph->order, "models", err));
    CS_TRY(cs_alloc(&graph->columns, layout->n_columns, sizeof *graph->columns, "columns", err));
    return cs_alloc(&graph->series, most_series(graph), sizeof *graph->series, "series", err);
}

cs_status cs_graph_build(cs_graph *graph, const cs_layout *layout, const cs_settings *settings,
                         const cs_table *table, const char *table_path, cs_error *err)
{
    *graph = (cs_graph){.layout = layout, .table = table};
    const cs_table_column *time = cs_table_find(table, layout->time_column);
    if (time == NULL) {
        return cs_fail(err, CS_DATA, "%s:%zu: there is no column %s in %s", layout->path,
                       layout->data_line, layout->time_column, table_path);
    }
    CS_TRY(make_room(graph, err));
    CS_TRY(cs_clock_from_table(&graph->clock, table, time, table_path, err));
    CS_TRY(cs_graph_set_numbers(graph, settings, err));
    CS_TRY(cs_graph_check(graph, table_path, err));
    CS_TRY(find_order(graph, err));
    return wire(graph, err);
}

/* ---- running ---- */

/* Adds a connection to the sum of its destination, if it has one. */
static void add_up(const cs_graph *graph, cs_inflow *inflow, const cs_layout_connection *connection)
{
    const cs_layout_end *end = &connection->source;
    const double *source = end->column != NULL
                               ? cs_table_find(graph->table, end->column)->values
                               : graph->instances[end->model].outputs[end->port->slot];
    for (size_t row = 0; inflow->sum != NULL && row < graph->table->n_rows; row++) {
        inflow->sum[row] += connection->proportion * source[row];
    }
}

/* Sums and other models' outputs can overflow; no model is made for that. Row 0 is never read. */
static cs_status check_input(const cs_graph *graph, size_t model, const cs_member *port,
                             const double *series, cs_error *err)
{
    for (size_t row = 1; series != NULL && row < graph->table->n_rows; row++) {
        if (!isfinite(series[row])) {
            return cs_fail(err, CS_DATA, "%s:%zu: model %s: its input %s is too large in row %zu",
                           graph->layout->path, model_of(graph, model)->line,
                           model_of(graph, model)->id, port->name, row);
        }
    }
    return CS_OK;
}

static cs_status run_model(cs_graph *graph, size_t model, cs_error *err)
{
    const cs_component *component = model_of(graph, model)->component;
    cs_instance *instance = &graph->instances[model];
    const double *inputs[CS_COMPONENT_SLOTS] = {0};
    for (size_t i = 0; i < graph->layout->n_connections; i++) {
        const cs_layout_connection *connection = &graph->layout->connections[i];
        const cs_layout_end *end = &connection->destination;
        if (end->column == NULL && end->model == model) {
            add_up(graph, &instance->inflows[end->port->slot], connection);
        }
    }
    for (size_t k = 0; k < component->inputs.n; k++) {
        const cs_member *port = &component->inputs.members[k];
        inputs[port->slot] = instance->inflows[port->slot].series;
        CS_TRY(check_input(graph, model, port, inputs[port->slot], err));
    }
    component->run(instance->outputs, instance->states, inputs, instance->parameters,
                   &graph->clock);
    return CS_OK;
}

cs_status cs_graph_run(cs_graph *graph, cs_error *err)
{
    for (size_t k = 0; k < graph->layout->n_models; k++) {
        CS_TRY(run_model(graph, graph->order[k], err));
    }
    for (size_t column = 0; column < graph->layout->n_columns; column++) {
        for (size_t i = 0; i < graph->layout->n_connections; i++) {
            const cs_layout_connection *connection = &graph->layout->connections[i];
            if (is_into_column(connection, graph->layout->columns[column].name)) {
                add_up(graph, &graph->columns[column], connection);
            }
        }
    }
    return CS_OK;
}

void cs_graph_free(cs_graph *graph)
{
    for (size_t i = 0; i < graph->n_series; i++) {
        free(graph->series[i]);
    }
    free(graph->series);
    free(graph->instances);
    free(graph->order);
    free(graph->columns);
    *graph = (cs_graph){0};
}
