/* SPDX-License-Identifier: MIT */
#include "job/simulate.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/stop.h"
#include "job/estimate.h"
#include "job/resume_line.h"
#include "job/shared_text.h"
#include "job/substance_job.h"
#include "job/substance_report.h"
#include "model/warden.h"

cs_simulate_options cs_simulate_options_none(void)
{
    return (cs_simulate_options){.timeout = -1.0,
                                 .retries = -1,
                                 .grace = cs_stop_grace(),
                                 .keep_runs = CS_KEEP_RUNS,
                                 .keep_size = CS_KEEP_MEBIBYTES,
                                 .selection = cs_selection_all()};
}

/* Only a configuration can name an external program. */
static bool may_run_programs(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-') {
            return true;
        }
    }
    return false;
}

void cs_simulate_prepare(int argc, char **argv)
{
    cs_session_prepare(argv);
    cs_stop_listen();
    if (may_run_programs(argc, argv)) {
        cs_warden_start();
    }
}

void cs_simulate_options_free(cs_simulate_options *options)
{
    free(options->only);
    options->only = NULL;
}

/* ---- configuration: read on rank 0, parsed by every rank ---- */

/* -1: as configured */
static int existing_of(const cs_simulate_options *options)
{
    if (options->resume) {
        return CS_EXISTING_RESUME;
    }
    return options->fresh ? CS_EXISTING_REPLACE : -1;
}

/* With --keep-files results go to its folder, too: a part of the basin must not replace the whole.
 * *path is the caller's to release. */
static cs_status redirect_outputs(char **path, cs_config *config, cs_config_overrides *overrides,
                                  const cs_session *session, const cs_simulate_options *options,
                                  cs_error *err)
{
    const cs_keep_rule rule = {.folder = options->keep_files};
    if (rule.folder == NULL || options->check) {
        return CS_OK;
    }
    if (cs_comm_rank(session->comm) == 0) {
        CS_TRY(cs_keep_prepare(&rule, err));
    }
    CS_TRY(cs_format(path, err, "%s/{substance}.h5", options->keep_files));
    free(config->output.steps);
    config->output.steps = NULL;
    overrides->results = options->output != NULL ? options->output : *path;
    overrides->existing = CS_EXISTING_REPLACE;
    return CS_OK;
}

static cs_status finish_config(cs_config *config, cs_config_overrides *overrides,
                               const cs_session *session, const cs_simulate_options *options,
                               cs_error *err)
{
    char *path = NULL;
    cs_status status = redirect_outputs(&path, config, overrides, session, options, err);
    if (status == CS_OK) {
        status = cs_config_finish(config, overrides, err);
    }
    free(path);
    return status;
}

static cs_status load_config(cs_config **config, cs_bytes *text, cs_session *session,
                             const cs_simulate_options *options, cs_error *err)
{
    cs_config_overrides overrides = {.input = options->input,
                                     .results = options->output,
                                     .steps = options->steps,
                                     .initial_states = options->initial_states,
                                     .engine = options->engine,
                                     .existing = existing_of(options),
                                     .timeout = options->timeout,
                                     .workers = options->workers,
                                     .retries = options->retries};
    if (options->config == NULL) {
        CS_TRY(cs_config_default(config, options->input,
                                 options->model == NULL ? "herbicide" : options->model, err));
        return finish_config(*config, &overrides, session, options, err);
    }
    CS_TRY(cs_shared_text_read(text, options->config, session->comm, err));
    CS_TRY(cs_config_parse(config, (const char *)text->data, text->size, options->config, err));
    return finish_config(*config, &overrides, session, options, err);
}

/* ---- running ---- */

/* An earlier run has done it all; of a retry the result still has to be mended, and what failed in
 * it counts: nobody was told yet. */
static cs_status end_finished(cs_substance_job *job, cs_session *session, cs_error *err)
{
    uint64_t n_failed = 0;
    cs_status status = CS_OK;
    if (cs_comm_rank(session->comm) == 0) {
        status = job->retry != NULL ? cs_retry_finish(job->retry, err) : CS_OK;
        if (status == CS_OK) {
            status = cs_substance_job_print_finished(&n_failed, job, err);
        }
    }
    CS_TRY(cs_comm_agree(session->comm, status, err));
    job->summary.n[CS_RUN_FAILED] = job->retry != NULL ? n_failed : 0;
    return CS_OK;
}

static cs_status run_one(cs_substance_job *job, cs_session *session, cs_bytes *report,
                         cs_error *err)
{
    const bool here = cs_comm_rank(session->comm) == 0;
    if (job->is_finished) {
        return end_finished(job, session, err);
    }
    CS_TRY(cs_substance_job_run(job, session, err));
    CS_TRY(cs_session_report(session, report, &job->phases, cs_substance_report_one, job, err));
    cs_engine_rest(&job->engine); /* all ranks are through: servers of wine may be shared */
    cs_status status = CS_OK;
    if (here) {
        status = cs_substance_job_finish(job, (const char *)report->data, err);
        if (status == CS_OK && job->retry != NULL) {
            status = cs_retry_finish(job->retry, err);
        }
    }
    CS_TRY(cs_comm_agree(session->comm, status, err));
    if (here) {
        cs_substance_job_print(job);
    }
    return CS_OK;
}

static cs_status run_all(cs_substance_job *jobs, size_t n, cs_session *session, cs_error *err)
{
    cs_bytes report = {0};
    cs_status status = CS_OK;
    uint64_t n_failed = 0;
    for (size_t i = 0; i < n; i++) {
        CS_CHECK(run_one(&jobs[i], session, &report, err));
        const cs_run_summary *summary = &jobs[i].summary;
        n_failed += jobs[i].is_finished
                        ? summary->n[CS_RUN_FAILED]
                        : jobs[i].n_catchment - summary->n[CS_RUN_OK] + summary->n_not_compared;
    }
    cs_comm_broadcast(session->comm, &n_failed, sizeof n_failed);
    const cs_substance_jobs all = {.jobs = jobs, .n = n};
    CS_CHECK(cs_session_report_all(session, cs_substance_report_all, &all, err));
    status = n_failed > 0 ? CS_SOME_FAILED : CS_OK;
release:
    cs_bytes_free(&report);
    return status;
}

/* ---- going on later ---- */

/* At the end of a run that failed or was stopped by something else than a wish, which told it. */
static void tell_resume(const cs_substance_job *jobs, size_t n, const cs_session *session,
                        cs_status status)
{
    cs_bytes line = {0};
    const char *ended_it = status == CS_DATA ? "--max-failures" : NULL;
    bool is_resumable = false;
    for (size_t i = 0; i < n; i++) {
        is_resumable |= cs_substance_job_is_resumable(&jobs[i]);
    }
    if (status != CS_OK && status != CS_SOME_FAILED && is_resumable &&
        cs_stop_requested() == CS_STOP_NONE && /* else it was told */
        cs_resume_line(&line, cs_comm_size(session->comm), ended_it, NULL) == CS_OK) {
        cs_log(CS_LOG_WARNING, "resume with: %s", (const char *)line.data);
    }
    cs_bytes_free(&line);
}

/* The substances of a run, and of those that are retried what failed. */
typedef struct {
    cs_substance_job *jobs; /* [n] */
    size_t n;
    cs_retry *retries; /* [n_substances]; zeroed in an ordinary run */
} opened;

static cs_status open_retry(cs_retry *retry, cs_session *session, cs_config *config, size_t i,
                            const char *text, const cs_simulate_options *options, cs_error *err)
{
    CS_TRY(cs_retry_open(retry, config, &config->substances[i], options, text, session->comm, err));
    if (retry->n_failed == 0 && cs_comm_rank(session->comm) == 0) {
        cs_log(CS_LOG_INFO, "%s: no catchment failed, nothing is to be retried", retry->path);
    }
    return CS_OK;
}

/* Everything is opened, hence checked and claimed, before anything runs. */
static cs_status open_jobs(opened *all, cs_session *session, cs_config *config, const char *text,
                           const cs_simulate_options *options, cs_error *err)
{
    for (size_t i = 0; i < config->n_substances; i++) {
        cs_retry *retry = options->retry_failed ? &all->retries[i] : NULL;
        if (retry != NULL) {
            CS_TRY(open_retry(retry, session, config, i, text, options, err));
        }
        if (retry == NULL || retry->n_failed > 0) {
            cs_substance_job *job = &all->jobs[all->n++];
            CS_TRY(cs_substance_job_open(job, session, config, &config->substances[i],
                                         retry != NULL ? &retry->options : options, text, err));
            job->retry = retry;
        }
    }
    return CS_OK;
}

static void close_jobs(opened *all, size_t n_substances)
{
    for (size_t i = 0; i < all->n; i++) {
        cs_substance_job_close(&all->jobs[i]);
    }
    for (size_t i = 0; all->retries != NULL && i < n_substances; i++) {
        cs_retry_close(&all->retries[i]);
    }
    free(all->jobs);
    free(all->retries);
}

static cs_status run_config(cs_session *session, cs_config *config, const char *text,
                            const cs_simulate_options *options, cs_error *err)
{
    opened all = {0};
    const size_t n = config->n_substances;
    cs_status status = cs_alloc(&all.jobs, n, sizeof *all.jobs, "the substances", err);
    if (status == CS_OK) {
        status = cs_alloc(&all.retries, n, sizeof *all.retries, "the substances", err);
    }
    CS_CHECK(cs_comm_agree(session->comm, status, err));
    CS_CHECK(open_jobs(&all, session, config, text, options, err));
    if (options->check) {
        status = cs_estimate_print(all.jobs, all.n, session, err);
    } else {
        if (cs_comm_rank(session->comm) == 0) {
            cs_resume_note(session->program, cs_comm_size(session->comm));
        }
        status = run_all(all.jobs, all.n, session, err);
        cs_stop_set_note(NULL);
        tell_resume(all.jobs, all.n, session, status);
    }
release:
    close_jobs(&all, n);
    return status;
}

/* Before the limit there must be time to finish what is in flight and to close the files. */
static void limit_walltime(const cs_session *session, const cs_simulate_options *options)
{
    const double closing = 5.0;
    cs_stop_set_grace(options->grace);
    if (options->walltime > 0.0 && cs_comm_rank(session->comm) == 0) {
        const double margin = options->grace + closing;
        const double limit =
            options->walltime > 2.0 * margin ? options->walltime - margin : 0.5 * options->walltime;
        const double left = limit - cs_startup_seconds();
        cs_stop_set_limit(left > 1e-9 ? left : 1e-9);
    }
}

cs_status cs_simulate_run(cs_session *session, const cs_simulate_options *options, cs_error *err)
{
    limit_walltime(session, options);
    cs_config *config = NULL;
    cs_bytes text = {0};
    cs_status status = load_config(&config, &text, session, options, err);
    status = cs_comm_agree(session->comm, status, err);
    if (status == CS_OK) {
        status =
            run_config(session, config, text.size > 0 ? (const char *)text.data : "", options, err);
    }
    cs_config_free(config);
    cs_bytes_free(&text);
    return status;
}

/* ---- the demonstration ---- */
