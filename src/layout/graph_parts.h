/* SPDX-License-Identifier: MIT */
/**
 * The steps of building a graph, for graph.c only. Errors: as cs_graph_build.
 */
#ifndef CS_LAYOUT_GRAPH_PARTS_H
#define CS_LAYOUT_GRAPH_PARTS_H

#include "layout/graph.h"

/** Parameters and initial states of all models. */
cs_status cs_graph_set_numbers(cs_graph *graph, const cs_settings *settings, cs_error *err);

/** Whether every end of every connection is there, every port and column is connected. */
cs_status cs_graph_check(const cs_graph *graph, const char *table_path, cs_error *err);

/** Whether a connection ends in this port. */
bool cs_graph_is_into(const cs_layout_connection *connection, size_t model, const cs_member *port);

/** How many connections end in this port. */
size_t cs_graph_count_into(const cs_graph *graph, size_t model, const cs_member *port);

#endif
