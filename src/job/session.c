/* SPDX-License-Identifier: MIT */
#include "job/session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/log.h"
#include "base/output.h"
#include "base/streams.h"
#include "model/warden.h"

static void take_no_notice(int number)
{
    (void)number;
}

/* A file that may not grow (ulimit -f) is then an error of its write, EFBIG, with a line and an
 * exit status. A handler, since what is ignored stays so in the programs that are started from
 * here. */
static void outlive_long_files(void)
{
    struct sigaction action = {.sa_handler = take_no_notice, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGXFSZ, &action, NULL);
}

void cs_session_prepare(char **argv)
{
    cs_streams_occupy();
    cs_threads_prepare(argv);
    outlive_long_files();
    if (cs_options_has_launcher()) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* ranks outlive a killed launcher by seconds otherwise */
    }
}

static cs_status start_monitor(cs_session *session, cs_error *err)
{
    const cs_common_options *options = &session->options;
    const bool here = options->cpu_monitor_per_rank || cs_comm_node_rank(session->comm) == 0;
    if (!options->cpu_monitor || !here) {
        return CS_OK;
    }
    const cs_cpu_monitor_options how = {.seconds = options->cpu_monitor_seconds,
                                        .once = options->cpu_monitor_once};
    return cs_cpu_monitor_start(&session->monitor, &how, session->threads.node_cpus,
                                (size_t)session->threads.node_cores, cs_comm_rank(session->comm),
                                session->threads.host, err);
}

/* A report that cannot be written is told before the work, not after it. */
static cs_status check_report_output(const cs_session *session, cs_error *err)
{
    const char *report = session->options.report;
    return report == NULL || cs_comm_rank(session->comm) != 0 ? CS_OK
                                                              : cs_output_check(report, true, err);
}

cs_status cs_session_check_report(const cs_session *session, const char *path, const char *what,
                                  cs_error *err)
{
    const char *report = session->options.report;
    if (report == NULL || path == NULL ||
        (!cs_output_spoils(report, path) && !cs_output_spoils(path, report))) {
        return CS_OK;
    }
    return cs_fail(err, CS_USAGE, "--report=%s: is %s, too (%s), or a file beside it; name another",
                   report, what, path);
}

cs_status cs_session_begin(cs_session *session, const char *program,
                           const cs_common_options *options, int *argc, char ***argv, cs_error *err)
{
    *session = (cs_session){.program = program, .options = *options};
    CS_TRY(cs_comm_start(&session->comm, argc, argv, err));
    cs_log_setup(program, cs_comm_rank(session->comm), cs_log_get_level());
    CS_TRY(cs_progress_parse(&session->progress, options->progress, err));
    CS_TRY(cs_threads_choose(&session->threads, session->comm, err));
    cs_threads_log(&session->threads, session->comm);
    CS_TRY(cs_comm_agree(session->comm, start_monitor(session, err), err));
    CS_TRY(cs_comm_agree(session->comm, check_report_output(session, err), err));
    const int startup = cs_phases_add(&session->phases, "startup");
    cs_phases_count(&session->phases, startup, cs_startup_seconds(), 0);
    return CS_OK;
}

/* ---- report ---- */

static void write_host(cs_json *json, const cs_session *session)
{
    const cs_threads *threads = &session->threads;
    cs_json_key(json, "program");
    cs_json_string(json, session->program);
    cs_json_key(json, "version");
    cs_json_string(json, cs_version());
    cs_json_key(json, "host");
    cs_json_string(json, threads->host);
    cs_json_key(json, "mpi");
    cs_json_string(json, cs_comm_library(session->comm));
    cs_json_key(json, "ranks");
    cs_json_int64(json, cs_comm_size(session->comm));
    cs_json_key(json, "threads_per_rank");
    cs_json_int64(json, threads->n_threads);
    cs_json_key(json, "cores_of_rank");
    cs_json_int64(json, threads->n_cores);
    cs_json_key(json, "cores_of_node");
    cs_json_int64(json, threads->node_cores);
    cs_json_key(json, "cpus_of_node");
    cs_json_begin_array(json);
    for (int i = 0; i < threads->node_cores; i++) {
        cs_json_int64(json, threads->node_cpus[i]);
    }
    cs_json_end_array(json);
    cs_json_key(json, "binding");
    cs_json_string(json, threads->n_cores < threads->node_cores ? "bound" : "none");
    cs_json_key(json, "wait_policy");
    cs_json_string(json, threads->wait_policy);
}

static cs_status write_report(cs_bytes *report, const cs_session *session, const cs_phases *phases,
                              const cs_phase_summary *summaries, cs_session_writer *writer,
                              const void *about, cs_error *err)
{
    cs_json json;
    report->size = 0;
    cs_json_open(&json, report, err);
    cs_json_begin_object(&json);
    write_host(&json, session);
    cs_json_key(&json, "phases");
    cs_phases_write(&json, phases, summaries);
    if (writer != NULL) {
        writer(&json, about);
    }
    cs_json_end_object(&json);
    CS_TRY(cs_json_close(&json));
    CS_TRY(cs_bytes_append(report, "", 1, err));
    report->size--; /* the terminator is behind the text */
    return CS_OK;
}

/* What the ranks counted, row by row; on rank 0. */
typedef struct {
    double *seconds;
    int64_t *bytes;
    cs_phase_summary *summaries;
} gathered;

static cs_status allocate(gathered *g, size_t n_ranks, size_t n_phases, cs_error *err)
{
    CS_TRY(cs_alloc(&g->seconds, n_ranks * n_phases, sizeof *g->seconds, "timers", err));
    CS_TRY(cs_alloc(&g->bytes, n_ranks * n_phases, sizeof *g->bytes, "timers", err));
    return cs_alloc(&g->summaries, n_phases, sizeof *g->summaries, "timers", err);
}

cs_status cs_session_report(cs_session *session, cs_bytes *report, const cs_phases *phases,
                            cs_session_writer *writer, const void *about, cs_error *err)
{
    const size_t n_ranks = (size_t)cs_comm_size(session->comm);
    const bool here = cs_comm_rank(session->comm) == 0;
    gathered g = {0};
    cs_status status = here ? allocate(&g, n_ranks, phases->n_phases, err) : CS_OK;
    status = cs_comm_agree(session->comm, status, err);
    if (status == CS_OK) {
        cs_comm_gather(session->comm, g.seconds, phases->seconds,
                       phases->n_phases * sizeof *g.seconds);
        cs_comm_gather(session->comm, g.bytes, phases->bytes, phases->n_phases * sizeof *g.bytes);
    }
    if (status == CS_OK && here) {
        status = cs_phases_merge(g.summaries, g.seconds, g.bytes, n_ranks, phases->n_phases, err);
    }
    if (status == CS_OK && here) {
        if (session->options.verbose) {
            cs_phases_log(phases, g.summaries);
        }
        status = write_report(report, session, phases, g.summaries, writer, about, err);
    }
    free(g.seconds);
    free(g.bytes);
    free(g.summaries);
    return cs_comm_agree(session->comm, status, err);
}

static cs_status save_report(const cs_session *session, const cs_bytes *report, cs_error *err)
{
    if (session->options.report == NULL) {
        return CS_OK;
    }
    cs_output output = {.journal = -1};
    CS_TRY(cs_output_claim(&output, session->options.report, true, err));
    cs_status status = CS_OK;
    FILE *file = fopen(output.part_path, "we");
    const bool written =
        file != NULL && fwrite(report->data, 1, report->size, file) == report->size;
    if (file == NULL || fclose(file) != 0 || !written) {
        status = cs_fail_errno(err, CS_IO, "%s: cannot be written", output.part_path);
    } else {
        status = cs_output_finish(&output, err);
    }
    cs_output_release(&output);
    return status;
}

cs_status cs_session_report_all(cs_session *session, cs_session_writer *writer, const void *about,
                                cs_error *err)
{
    cs_bytes report = {0};
    cs_status status = cs_session_report(session, &report, &session->phases, writer, about, err);
    if (status == CS_OK && cs_comm_rank(session->comm) == 0) {
        status = save_report(session, &report, err);
    }
    cs_bytes_free(&report);
    return cs_comm_agree(session->comm, status, err);
}

int cs_session_end(cs_session *session, cs_status status, const cs_error *err)
{
    cs_cpu_monitor_stop(session->monitor);
    const bool failed = status != CS_OK && status != CS_SOME_FAILED;
    if (failed && (session->comm == NULL || cs_comm_rank(session->comm) == 0)) {
        cs_log(CS_LOG_ERROR, "%s", err->message);
    }
    cs_threads_free(&session->threads);
    cs_warden_stop();
    cs_comm_finish(session->comm);
    return cs_status_exit(status);
}
