/* SPDX-License-Identifier: MIT */
/**
 * The models of a layout wired to each other and to the data, ready to run.
 *
 * A model runs on whole series, after all that it is fed by. Several connections into one port or
 * column add up, in the layout's order. Not thread-safe; different graphs are.
 */
#ifndef CS_LAYOUT_GRAPH_H
#define CS_LAYOUT_GRAPH_H

#include "layout/layout.h"
#include "text/table.h"

/** What comes to a port or a column. */
typedef struct {
    const double *series; /* [n_rows]; NULL: nothing */
    double *sum;          /* the same series where it is to be added up; NULL: it is one as it is */
} cs_inflow;

/** A model of the layout with its numbers and series. */
typedef struct {
    double parameters[CS_COMPONENT_SLOTS];
    double states[CS_COMPONENT_SLOTS];
    cs_inflow inflows[CS_COMPONENT_SLOTS];
    double *outputs[CS_COMPONENT_SLOTS]; /* [n_rows]; NULL: nobody asked for it */
} cs_instance;

typedef struct {
    const cs_layout *layout; /* the caller's, as is the table */
    const cs_table *table;
    csk_clock clock;
    cs_instance *instances; /* [n_models] */
    size_t *order;          /* [n_models] numbers of models, those that feed others first */
    cs_inflow *columns;     /* [n_columns] those that the layout adds; whole after a run */
    double **series;        /* [n_series] all that were made */
    size_t n_series;
} cs_graph;

/**
 * Wires a layout to its settings and data.
 *
 * Errors, as "path:line: ...": CS_DATA (a port without a source, a column that is not in the table
 * or that nothing is connected to, a cycle, a missing parameter, parameters or states that break a
 * rule, a value that is no number where a model needs one, an uneven time column); CS_MEMORY.
 *
 * @param graph      [out] released by cs_graph_free, also after a failure
 * @param settings   [in]  those that count are marked as used
 * @param table_path [in]  names the table in messages
 */
cs_status cs_graph_build(cs_graph *graph, const cs_layout *layout, const cs_settings *settings,
                         const cs_table *table, const char *table_path, cs_error *err);

/**
 * Runs all models and fills the columns. Once per graph: states are their final ones then.
 *
 * Errors: CS_DATA if what a model is fed with becomes infinite.
 */
cs_status cs_graph_run(cs_graph *graph, cs_error *err);

void cs_graph_free(cs_graph *graph);

#endif
