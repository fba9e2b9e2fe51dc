/* SPDX-License-Identifier: MIT */
/**
 * The model server's RUN: layout, parameters and input table in, output table out.
 */
#ifndef CS_LAYOUT_RUN_H
#define CS_LAYOUT_RUN_H

#include "base/error.h"

/** The paths of a run, those of the command line. */
typedef struct {
    const char *layout;     /* names the input table, relative to the working directory */
    const char *parameters; /* parameter file */
    const char *output;     /* table to be written */
} cs_layout_paths;

/**
 * Runs a layout.
 *
 * The output holds all columns of the input, then those of the layout; it appears as a whole (see
 * cs_file_writer) or not at all. Parameters of the file that no model has are warned of.
 * Thread-safe for different outputs.
 *
 * Errors: CS_DATA as "path:line: ..."; CS_USAGE where the output has the path of a file that is
 * read; CS_IO; CS_MEMORY.
 */
cs_status cs_layout_run(const cs_layout_paths *paths, cs_error *err);

#endif
