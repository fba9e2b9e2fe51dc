/* SPDX-License-Identifier: MIT */
/* ndpipe: one field of every record of newline-delimited JSON, several streams at once. */
#include <stdlib.h>

#include "base/memory.h"
#include "base/stop.h"
#include "config/options.h"
#include "job/ndpipe.h"
#include "job/ndpipe_options.h"
#include "job/session.h"

/* What the report is about. */
typedef struct {
    const cs_ndpipe_options *options;
    const cs_ndpipe_count *counts;
} about;

static void write_number(cs_json *json, const char *key, uint64_t number)
{
    cs_json_key(json, key);
    cs_json_int64(json, (int64_t)number);
}

static void write_about(cs_json *json, const void *what)
{
    const about *a = what;
    cs_json_key(json, "field");
    cs_json_string(json, a->options->field_text);
    write_number(json, "queue", a->options->queue);
    cs_json_key(json, "streams");
    cs_json_begin_array(json);
    for (size_t i = 0; i < a->options->n_streams; i++) {
        cs_json_begin_object(json);
        cs_json_key(json, "input");
        cs_json_string(json, a->options->streams[i].input);
        cs_json_key(json, "output");
        cs_json_string(json, a->options->streams[i].output);
        cs_json_key(json, "throttle");
        cs_json_double(json, a->options->streams[i].throttle);
        write_number(json, "bytes", a->counts[i].n_bytes);
        write_number(json, "lines", a->counts[i].n_lines);
        write_number(json, "values", a->counts[i].n_values);
        write_number(json, "blank", a->counts[i].n_blank);
        write_number(json, "malformed", a->counts[i].n_malformed);
        cs_json_end_object(json);
    }
    cs_json_end_array(json);
}

static cs_status run(cs_session *session, const cs_ndpipe_options *options, cs_error *err)
{
    cs_ndpipe_count *counts = NULL;
    cs_status status = cs_alloc(&counts, options->n_streams, sizeof *counts, "counts", err);
    status = cs_comm_agree(session->comm, status, err);
    if (status == CS_OK) {
        status = cs_ndpipe_run(session, counts, options, err);
    }
    if (status == CS_OK || status == CS_SOME_FAILED) {
        const about what = {.options = options, .counts = counts};
        const cs_status reported = cs_session_report_all(session, write_about, &what, err);
        status = reported != CS_OK ? reported : status;
    }
    free(counts);
    return status;
}

int main(int argc, char **argv)
{
    cs_session_prepare(argv);
    cs_ndpipe_options options;
    cs_common_options common;
    cs_ndpipe_options_init(&options);
    cs_options_parse(&cs_ndpipe_argp, argc, argv, &options, &common);
    cs_stop_listen();
    cs_session session;
    cs_error err = {0};
    cs_status status = cs_session_begin(&session, "ndpipe", &common, &argc, &argv, &err);
    if (status == CS_OK) {
        status = run(&session, &options, &err);
    }
    cs_ndpipe_options_free(&options);
    return cs_session_end(&session, status, &err);
}
