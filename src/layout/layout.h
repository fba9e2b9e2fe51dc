/* SPDX-License-Identifier: MIT */
/**
 * A layout of the external model server: models, their connections, the columns to be written.
 *
 * What the file says, checked as far as that is possible without the data: elements, attributes,
 * numbers, model types, references to models. Thread-safe for different layouts.
 */
#ifndef CS_LAYOUT_LAYOUT_H
#define CS_LAYOUT_LAYOUT_H

#include <stddef.h>

#include "layout/component.h"
#include "layout/settings.h"
#include "text/xml.h"

typedef struct {
    const char *id;
    const cs_component *component;
    const char **flags; /* [n_flags] its attributes */
    size_t n_flags;
    size_t line;
} cs_layout_model;

/** A column that is written behind those of the input. */
typedef struct {
    const char *name;
    size_t line;
} cs_layout_column;

/** One end of a connection. */
typedef struct {
    const char *column;    /* a column, or NULL: a port */
    size_t model;          /* number of the model with the port */
    const cs_member *port; /* of its inputs (destination) or outputs (source) */
} cs_layout_end;

typedef struct {
    cs_layout_end source, destination;
    double proportion; /* what the source is multiplied by */
    size_t line;
} cs_layout_connection;

typedef struct {
    char *path;              /* of the layout, for messages */
    const char *source;      /* path of the input table, as it is written */
    const char *time_column; /* its column of time, d */
    size_t data_line;
    cs_layout_model *models; /* [n_models] */
    size_t n_models;
    cs_layout_column *columns; /* [n_columns] */
    size_t n_columns;
    cs_layout_connection *connections; /* [n_connections] */
    size_t n_connections;
    const char **flags; /* of all models, one behind the other */
    cs_xml *xml;        /* owns the texts */
} cs_layout;

/**
 * Reads a layout.
 *
 * @param layout   [out] released by cs_layout_free, also after a failure
 * @param settings [in,out] its parameters and initial states are appended; they live as long as
 *                       the layout
 * @param path     [in]  names it in messages
 * Errors: CS_DATA as "path:line: ...", CS_MEMORY.
 */
cs_status cs_layout_parse(cs_layout *layout, cs_settings *settings, const char *text, size_t size,
                          const char *path, cs_error *err);

/** The same from a file. Errors: CS_IO, too. */
cs_status cs_layout_read(cs_layout *layout, cs_settings *settings, const char *path, cs_error *err);

void cs_layout_free(cs_layout *layout);

#endif
