/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "layout/graph_parts.h"

static const cs_layout_model *model_of(const cs_graph *graph, size_t i)
{
    return &graph->layout->models[i];
}

bool cs_graph_is_into(const cs_layout_connection *connection, size_t model, const cs_member *port)
{
    const cs_layout_end *end = &connection->destination;
    return end->column == NULL && end->model == model && end->port == port;
}

size_t cs_graph_count_into(const cs_graph *graph, size_t model, const cs_member *port)
{
    size_t n = 0;
    for (size_t i = 0; i < graph->layout->n_connections; i++) {
        n += cs_graph_is_into(&graph->layout->connections[i], model, port);
    }
    return n;
}

static cs_status check_ports(const cs_graph *graph, size_t i, cs_error *err)
{
    const cs_layout_model *model = model_of(graph, i);
    const cs_members *inputs = &model->component->inputs;
    for (size_t k = 0; k < inputs->n; k++) {
        if (!inputs->members[k].optional &&
            cs_graph_count_into(graph, i, &inputs->members[k]) == 0) {
            return cs_fail(err, CS_DATA, "%s:%zu: model %s: nothing is connected to its input %s",
                           graph->layout->path, model->line, model->id, inputs->members[k].name);
        }
    }
    return CS_OK;
}

/* The number of an added column; n_columns if there is none of this name. */
static size_t find_column(const cs_layout *layout, const char *name)
{
    size_t i = 0;
    for (; i < layout->n_columns && strcmp(layout->columns[i].name, name) != 0; i++) {
    }
    return i;
}

static cs_status check_columns(const cs_graph *graph, const char *table_path, cs_error *err)
{
    const cs_layout *layout = graph->layout;
    for (size_t i = 0; i < layout->n_columns; i++) {
        const cs_layout_column *column = &layout->columns[i];
        size_t n = 0;
        for (size_t k = 0; k < layout->n_connections; k++) {
            const char *name = layout->connections[k].destination.column;
            n += name != NULL && strcmp(name, column->name) == 0;
        }
        if (n == 0) {
            return cs_fail(err, CS_DATA, "%s:%zu: nothing is connected to column %s", layout->path,
                           column->line, column->name);
        }
        if (cs_table_find(graph->table, column->name) != NULL) {
            return cs_fail(err, CS_DATA, "%s:%zu: column %s is in %s already", layout->path,
                           column->line, column->name, table_path);
        }
    }
    return CS_OK;
}

/* A column that is read: every row but the first must be a number if a model is fed by it. */
static cs_status check_source(const cs_graph *graph, const cs_layout_connection *connection,
                              const char *table_path, cs_error *err)
{
    const cs_table_column *column = cs_table_find(graph->table, connection->source.column);
    if (column == NULL) {
        return cs_fail(err, CS_DATA, "%s:%zu: there is no column %s in %s", graph->layout->path,
                       connection->line, connection->source.column, table_path);
    }
    const bool feeds_model = connection->destination.column == NULL;
    for (size_t row = 1; feeds_model && row < graph->table->n_rows; row++) {
        if (isnan(column->values[row])) {
            return cs_fail(err, CS_DATA, "%s:%zu: column %s: a number is needed by model %s",
                           table_path, row + 2, column->name,
                           model_of(graph, connection->destination.model)->id);
        }
    }
    return CS_OK;
}

static cs_status check_connections(const cs_graph *graph, const char *table_path, cs_error *err)
{
    const cs_layout *layout = graph->layout;
    for (size_t i = 0; i < layout->n_connections; i++) {
        const cs_layout_connection *connection = &layout->connections[i];
        const char *column = connection->destination.column;
        if (connection->source.column != NULL) {
            CS_TRY(check_source(graph, connection, table_path, err));
        }
        if (column != NULL && find_column(layout, column) == layout->n_columns) {
            return cs_fail(err, CS_DATA, "%s:%zu: <data> has no <column> %s", layout->path,
                           connection->line, column);
        }
    }
    return CS_OK;
}

cs_status cs_graph_check(const cs_graph *graph, const char *table_path, cs_error *err)
{
    for (size_t i = 0; i < graph->layout->n_models; i++) {
        CS_TRY(check_ports(graph, i, err));
    }
    CS_TRY(check_columns(graph, table_path, err));
    return check_connections(graph, table_path, err);
}
