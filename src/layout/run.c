/* SPDX-License-Identifier: MIT */
#include "layout/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "layout/graph.h"

/* All that a run holds; empty at first. */
typedef struct {
    cs_settings settings;
    cs_layout layout;
    cs_table table;
    cs_graph graph;
    cs_table_column *columns; /* of the output */
    cs_file_writer file;
} run;

/* Only of the file: a layout declares parameters for whoever may want them. */
static void warn_of_unused(const run *r)
{
    const cs_setting *all = cs_settings_all(&r->settings);
    for (size_t i = 0; i < r->settings.n; i++) {
        if (!all[i].used && all[i].path == r->settings.own_path) {
            cs_log(CS_LOG_WARNING, "%s:%zu: no model has a parameter %s%s%s", all[i].path,
                   all[i].line, all[i].name, all[i].scope[0] != '\0' ? " and the flag " : "",
                   all[i].scope);
        }
    }
}

/* By their names; who calls a file by two of them is not helped. */
static cs_status check_output(const run *r, const cs_layout_paths *paths, cs_error *err)
{
    const char *const read[] = {paths->layout, paths->parameters, r->layout.source};
    for (size_t i = 0; i < sizeof read / sizeof read[0]; i++) {
        if (strcmp(paths->output, read[i]) == 0) {
            return cs_fail(err, CS_USAGE, "%s is read and would be replaced by the output",
                           paths->output);
        }
    }
    return CS_OK;
}

static cs_status prepare(run *r, const cs_layout_paths *paths, cs_error *err)
{
    CS_TRY(cs_layout_read(&r->layout, &r->settings, paths->layout, err));
    CS_TRY(check_output(r, paths, err));
    CS_TRY(cs_settings_read(&r->settings, paths->parameters, err));
    CS_TRY(cs_table_read(&r->table, r->layout.source, err));
    CS_TRY(cs_graph_build(&r->graph, &r->layout, &r->settings, &r->table, r->layout.source, err));
    warn_of_unused(r);
    return CS_OK;
}

static cs_status write_output(run *r, const char *path, cs_error *err)
{
    const size_t n_given = r->table.n_columns;
    const size_t n = n_given + r->layout.n_columns;
    CS_TRY(cs_alloc(&r->columns, n, sizeof *r->columns, "columns of the output", err));
    for (size_t i = 0; i < n; i++) {
        if (i < n_given) {
            r->columns[i] = r->table.columns[i];
        } else {
            r->columns[i] = (cs_table_column){r->layout.columns[i - n_given].name,
                                              r->graph.columns[i - n_given].series};
        }
    }
    CS_TRY(cs_file_create(&r->file, path, err));
    CS_TRY(cs_table_write(&r->file, r->columns, n, r->table.n_rows, err));
    return cs_file_finish(&r->file, err);
}

cs_status cs_layout_run(const cs_layout_paths *paths, cs_error *err)
{
    run r = {.file = {.file = -1}};
    cs_status status = CS_OK;
    CS_CHECK(prepare(&r, paths, err));
    CS_CHECK(cs_graph_run(&r.graph, err));
    CS_CHECK(write_output(&r, paths->output, err));
release:
    cs_file_release(&r.file);
    free(r.columns);
    cs_graph_free(&r.graph);
    cs_table_free(&r.table);
    cs_layout_free(&r.layout);
    cs_settings_free(&r.settings);
    return status;
}
