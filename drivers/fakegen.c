/* SPDX-License-Identifier: MIT */
/* fakegen: fake records of a schema, as NDJSON or CSV. */
#include <stdlib.h>

#include "base/stop.h"
#include "config/options.h"
#include "job/fakegen.h"
#include "job/fakegen_options.h"
#include "job/session.h"

typedef struct {
    const cs_fakegen_options *options;
    cs_fakegen_counts counts;
} about;

static void write_about(cs_json *json, const void *self)
{
    const about *a = self;
    cs_json_key(json, "schema");
    cs_json_string(json, a->options->schema);
    cs_json_key(json, "output");
    cs_json_string(json, a->options->output);
    cs_json_key(json, "records");
    cs_json_int64(json, (int64_t)a->counts.n_records);
    cs_json_key(json, "bytes");
    cs_json_int64(json, (int64_t)a->counts.n_bytes);
    cs_json_key(json, "files");
    cs_json_int64(json, (int64_t)a->counts.n_files);
}

static cs_status run(cs_session *session, const cs_fakegen_options *options, cs_error *err)
{
    about a = {.options = options};
    CS_TRY(cs_fakegen_run(&a.counts, session, options, err));
    cs_phases_count(&session->phases, cs_phases_add(&session->phases, "make"), a.counts.seconds,
                    (int64_t)a.counts.n_bytes);
    return cs_session_report_all(session, write_about, &a, err);
}

int main(int argc, char **argv)
{
    cs_session_prepare(argv);
    cs_fakegen_options options;
    cs_common_options common;
    cs_fakegen_options_init(&options);
    cs_options_parse(&cs_fakegen_argp, argc, argv, &options, &common);
    cs_stop_listen();
    cs_session session;
    cs_error err = {0};
    cs_status status = cs_session_begin(&session, "fakegen", &common, &argc, &argv, &err);
    if (status == CS_OK) {
        status = run(&session, &options, &err);
    }
    return cs_session_end(&session, status, &err);
}
