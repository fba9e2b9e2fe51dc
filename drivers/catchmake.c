/* SPDX-License-Identifier: MIT */
/* catchmake: makes an input file for catchsim, of a synthetic basin or of a given network. */
#include <stdlib.h>

#include "base/output.h"
#include "config/options.h"
#include "job/make.h"
#include "job/make_options.h"
#include "job/session.h"
#include "watch/clock.h"

static void write_about(cs_json *json, const void *about)
{
    const cs_make_options *options = about;
    cs_json_key(json, "output");
    cs_json_string(json, options->output);
    cs_json_key(json, "network");
    cs_json_string(json, options->network != NULL ? options->network : "synthetic");
    cs_json_key(json, "hours");
    cs_json_int64(json, (int64_t)options->n_time);
}

static cs_status check_input(const cs_session *session, const cs_make_options *options,
                             const char *input, cs_error *err)
{
    if (input != NULL && cs_output_spoils(options->output, input)) {
        return cs_fail(err, CS_USAGE, "--output=%s: would be written over %s, which is read",
                       options->output, input);
    }
    return cs_session_check_report(session, input, "an input", err);
}

/* Files that would destroy each other. */
static cs_status check_files(const cs_session *session, const cs_make_options *options,
                             cs_error *err)
{
    CS_TRY(check_input(session, options, options->network, err));
    for (size_t s = 0; s < options->n_station; s++) {
        CS_TRY(check_input(session, options, options->station[s].path, err));
    }
    return cs_session_check_report(session, options->output, "the output", err);
}

static cs_status run(cs_session *session, const cs_make_options *options, cs_error *err)
{
    const double begin = cs_now();
    CS_TRY(cs_comm_agree(session->comm, check_files(session, options, err), err));
    CS_TRY(cs_make_run(session->comm, options, &session->threads, session->progress, err));
    cs_phases_count(&session->phases, cs_phases_add(&session->phases, "make"), cs_now() - begin, 0);
    return cs_session_report_all(session, write_about, options, err);
}

int main(int argc, char **argv)
{
    cs_session_prepare(argv);
    cs_make_options options;
    cs_common_options common;
    cs_make_options_init(&options);
    cs_options_parse(&cs_make_argp, argc, argv, &options, &common);
    cs_session session;
    cs_error err = {0};
    cs_status status = cs_session_begin(&session, "catchmake", &common, &argc, &argv, &err);
    if (status == CS_OK) {
        status = run(&session, &options, &err);
    }
    cs_make_options_free(&options);
    return cs_session_end(&session, status, &err);
}
