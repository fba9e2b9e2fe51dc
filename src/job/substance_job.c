/* SPDX-License-Identifier: MIT */
#include "job/substance_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/calendar.h"
#include "base/log.h"
#include "base/output.h"
#include "model/compare.h"

/* ---- opening ---- */

static cs_status find_model(cs_substance_job *job, cs_error *err)
{
    job->model = cs_substance_find(job->substance->model);
    if (job->model == NULL) {
        const cs_status status = job->config->path == NULL ? CS_USAGE : CS_DATA;
        return cs_config_fail_at(job->config, job->substance->line, err, status,
                                 "substance %s: there is no model \"%s\"; models: %s",
                                 job->substance->name, job->substance->model, cs_substance_names());
    }
    return CS_OK;
}

static cs_status want_variables(cs_substance_job *job, cs_error *err)
{
    uint32_t wanted = job->model->needs;
    if (job->config->output.discharge) {
        wanted |= 1U << CS_DISCHARGE | 1U << CS_LOCAL_DISCHARGE;
    }
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        if (wanted >> v & 1) {
            CS_TRY(cs_forcing_want(job->forcing, (cs_variable)v, err));
        }
    }
    return CS_OK;
}

static void make_plan(cs_substance_job *job)
{
    const cs_forcing_info *info = cs_forcing_get_info(job->forcing);
    const cs_config_output *output = &job->config->output;
    job->n_catchment = info->n_catchment;
    job->plan = (cs_block_plan){
        .forcing = *cs_forcing_get_format(job->forcing),
        .result = {.n_time = info->n_time,
                   .block_size = cs_results_block_size(info->n_catchment),
                   .step_rows = cs_results_step_rows(info->n_time),
                   .element_size = output->float64 ? sizeof(double) : sizeof(float),
                   .n_variables = output->discharge ? CS_N_RESULT_VARIABLES : CS_RESULT_DISCHARGE,
                   .with_steps = job->substance->steps != NULL,
                   .level = (uint64_t)output->deflate,
                   .n_states = job->model->n_states},
        .step_days = info->step_days,
        .start = info->start,
        .n_parameters = job->model->n_parameters};
    if (job->config->compare) {
        cs_compare_describe(&job->plan.result);
    }
    for (size_t s = 0; s < job->model->n_states; s++) {
        snprintf(job->plan.result.state_name[s], sizeof job->plan.result.state_name[s], "%s",
                 job->model->states[s].name);
        snprintf(job->plan.result.state_units[s], sizeof job->plan.result.state_units[s], "%s",
                 job->model->states[s].units);
    }
}

/* A line of our own before those of the input. */
static cs_status make_history(char **history, const cs_substance_job *job, cs_error *err)
{
    const cs_forcing_info *info = cs_forcing_get_info(job->forcing);
    const char *before = info->history;
    char now[CS_CALENDAR_LENGTH];
    cs_calendar_format(now, (double)time(NULL));
    return cs_format(history, err,
                     "%s UTC catchsim %s: %s from %s on %s, %d ranks x %d threads%s%s", now,
                     cs_version(), job->substance->name, info->path, job->session->threads.host,
                     cs_comm_size(job->session->comm), job->session->threads.n_threads,
                     before == NULL ? "" : "\n", before == NULL ? "" : before);
}

static cs_status create_results(cs_substance_job *job, const char *text, cs_error *err)
{
    char *history = NULL;
    CS_TRY(make_history(&history, job, err));
    const cs_results_spec spec = {.path = job->substance->results,
                                  .steps_path = job->substance->steps,
                                  .replace = job->config->output.existing == CS_EXISTING_REPLACE,
                                  .substance = job->substance->name,
                                  .model = job->model->name,
                                  .history = history,
                                  .configuration = text,
                                  .format = job->plan.result};
    const cs_status status = cs_results_create(&job->results, &spec, job->forcing, err);
    free(history);
    return status;
}

static cs_status check_outputs(const cs_substance_job *job, cs_error *err)
{
    const bool replace = job->config->output.existing == CS_EXISTING_REPLACE;
    CS_TRY(cs_output_check(job->substance->results, replace, err));
    return job->substance->steps == NULL ? CS_OK
                                         : cs_output_check(job->substance->steps, replace, err);
}

/* All of the opening that only rank 0 can do. */
static cs_status open_on_rank_0(cs_substance_job *job, const cs_selection *selection,
                                const char *text, bool check, cs_error *err)
{
    CS_TRY(cs_forcing_open(&job->forcing, job->config->input, selection, err));
    CS_TRY(want_variables(job, err));
    CS_TRY(cs_parameters_resolve(&job->parameters, job->config, job->substance, job->model,
                                 job->forcing, err));
    make_plan(job);
    bool has_patterns = false;
    CS_TRY(cs_patterns_resolve(&job->plan.patterns, &has_patterns, job->config, job->substance,
                               job->model, err));
    job->plan.has_patterns = has_patterns ? 1 : 0;
    return check ? check_outputs(job, err) : create_results(job, text, err);
}

/* The engine that the configuration names for the substance. */
static cs_status open_configured(cs_engine *engine, const cs_substance_job *job, cs_error *err)
{
    return cs_engine_open_native(engine, job->model, err);
}

static cs_status open_engine(cs_substance_job *job, cs_error *err)
{
    if (!job->config->compare) {
        return open_configured(&job->engine, job, err);
    }
    cs_compare_side native = {.n_parameters = job->model->n_parameters};
    cs_compare_side other = native;
    cs_status status = CS_OK;
    CS_CHECK(cs_engine_open_native(&native.engine, job->model, err));
    CS_CHECK(open_configured(&other.engine, job, err));
    CS_CHECK(cs_engine_open_compare(&job->engine, &native, &other, err));
    return CS_OK;
release:
    cs_engine_close(&native.engine);
    cs_engine_close(&other.engine);
    return status;
}

cs_status cs_substance_job_open(cs_substance_job *job, cs_session *session, const cs_config *config,
                                const cs_config_substance *substance, const cs_selection *selection,
                                const char *text, bool check, cs_error *err)
{
    cs_comm *comm = session->comm;
    *job = (cs_substance_job){.config = config, .substance = substance, .session = session};
    CS_TRY(find_model(job, err)); /* the same on all ranks */
    cs_status status = CS_OK;
    if (cs_comm_rank(comm) == 0) {
        status = open_on_rank_0(job, selection, text, check, err);
    }
    CS_TRY(cs_comm_agree(comm, status, err));
    cs_comm_broadcast(comm, &job->plan, sizeof job->plan);
    cs_comm_broadcast(comm, &job->n_catchment, sizeof job->n_catchment);
    status = open_engine(job, err);
    if (status == CS_OK) {
        status = cs_block_runner_open(&job->runner, &job->plan, &job->engine,
                                      session->threads.n_threads, err);
    }
    return cs_comm_agree(comm, status, err);
}

/* ---- the farm's source, kernel and sink ---- */

cs_status cs_substance_job_read(void *self, cs_bytes *out, const cs_block *block, cs_error *err)
{
    cs_substance_job *job = self;
    const size_t first = (size_t)block->first, count = (size_t)block->count;
    const size_t n_parameters = job->model->n_parameters, n_states = job->model->n_states;
    CS_TRY(cs_bytes_append(out, job->parameters.values + first * n_parameters,
                           count * n_parameters * sizeof(double), err));
    CS_TRY(cs_bytes_append(out, job->parameters.states + first * n_states,
                           count * n_states * sizeof(double), err));
    return cs_forcing_read(job->forcing, out, first, count, err);
}

static cs_status run_block(void *self, cs_bytes *out, const cs_bytes *in, const cs_block *block,
                           int n_threads, cs_error *err)
{
    cs_substance_job *job = self;
    (void)n_threads; /* the runner has them */
    return cs_block_run(job->runner, out, in, (size_t)block->count, err);
}

bool cs_substance_job_lacks_comparison(const cs_substance_job *job, size_t place)
{
    return job->config->compare &&
           cs_results_extra(job->results, CS_COMPARE_RUN_STATUS, place) != (double)CS_RUN_OK;
}

static void count_results(cs_substance_job *job, size_t first, size_t count)
{
    cs_run_summary *summary = &job->summary;
    const cs_run_record *records = cs_results_records(job->results);
    for (size_t i = first; i < first + count; i++) {
        summary->n[records[i].status]++;
        summary->n_negative += records[i].n_negative_discharge > 0;
        if (records[i].status == CS_RUN_OK) {
            summary->n_not_compared += cs_substance_job_lacks_comparison(job, i);
            summary->load += records[i].load;
            summary->applied += records[i].applied;
            summary->left += records[i].left;
        }
    }
}

static cs_status write_block(void *self, const cs_bytes *result, const cs_block *block,
                             const cs_block_report *report, cs_error *err)
{
    cs_substance_job *job = self;
    const size_t first = (size_t)block->first, count = (size_t)block->count;
    const char *host = job->session->threads.host;
    if (report->error.status == CS_OK) {
        CS_TRY(cs_results_put(job->results, result, first, count, report->rank, host, err));
    } else {
        CS_TRY(cs_results_put_failure(job->results, first, count, report->rank, host,
                                      report->error.message, err));
    }
    count_results(job, first, count);
    return CS_OK;
}

static void show_progress(void *watcher, uint64_t n_done)
{
    cs_substance_job *job = watcher;
    cs_progress_update(&job->progress, (int64_t)n_done);
}

/* ---- running ---- */

static void count_phases(cs_phases *to, const cs_farm_counts *counts, const cs_block_times *times)
{
    const struct {
        const char *name;
        double seconds;
        uint64_t bytes;
    } phases[] = {{"read", counts->source_seconds, 0},
                  {"decode", times->decode, counts->bytes_in},
                  {"model", times->model, 0},
                  {"encode", times->encode, 0},
                  {"rearrange", times->rearrange, counts->bytes_out},
                  {"write", counts->sink_seconds, 0},
                  {"idle", counts->idle_seconds, 0}};
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
        const int phase = cs_phases_add(to, phases[i].name);
        cs_phases_count(to, phase, phases[i].seconds, (int64_t)phases[i].bytes);
    }
}

cs_status cs_substance_job_run(cs_substance_job *job, cs_session *session, cs_error *err)
{
    const bool here = cs_comm_rank(session->comm) == 0;
    const cs_farm farm = {.comm = session->comm,
                          .n_items = (size_t)job->n_catchment,
                          .block_size = (size_t)job->plan.result.block_size,
                          .n_threads = session->threads.n_threads,
                          .crowded = session->threads.crowded,
                          .source = {.self = job, .read = cs_substance_job_read},
                          .kernel = {.self = job, .run = run_block},
                          .sink = {.self = job, .write = write_block},
                          .watcher = job,
                          .on_progress = show_progress};
    if (here) {
        cs_progress_open(&job->progress, session->progress, job->substance->name,
                         (int64_t)job->n_catchment, "catchments");
    }
    const double begin = cs_now();
    cs_farm_counts counts;
    const cs_status status = cs_farm_run(&counts, &farm, err);
    job->summary.seconds = cs_now() - begin;
    if (here) {
        cs_progress_close(&job->progress);
    }
    count_phases(&job->phases, &counts, cs_block_runner_times(job->runner));
    cs_phases_join(&session->phases, &job->phases);
    return status;
}

cs_status cs_substance_job_finish(cs_substance_job *job, const char *report, cs_error *err)
{
    return cs_results_finish(job->results, report, err);
}

void cs_substance_job_close(cs_substance_job *job)
{
    cs_block_runner_close(job->runner);
    cs_engine_close(&job->engine);
    cs_results_close(job->results);
    cs_parameters_free(&job->parameters);
    cs_forcing_close(job->forcing);
    *job = (cs_substance_job){0};
}
