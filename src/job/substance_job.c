/* SPDX-License-Identifier: MIT */
#include "job/substance_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/calendar.h"
#include "base/log.h"
#include "base/output.h"
#include "job/identity.h"
#include "job/initial_states.h"
#include "job/order.h"
#include "journal/identity.h"
#include "model/compare.h"
#include "model/external_numbers.h"
#include "model/external_series.h"

/* ---- opening ---- */

/* An external program may be a model that we do not know, unless ours is to be compared with it. */
static cs_status find_model(cs_substance_job *job, cs_error *err)
{
    job->is_native = job->external.engine == NULL || job->config->compare;
    job->model = cs_substance_find(job->substance->model);
    job->n_native = job->is_native && job->model != NULL ? job->model->n_parameters : 0;
    if (job->model == NULL && job->is_native) {
        const cs_status status = job->config->path == NULL ? CS_USAGE : CS_DATA;
        return cs_config_fail_at(job->config, job->substance->line, err, status,
                                 "substance %s: there is no model \"%s\"; models: %s",
                                 job->substance->name, job->substance->model, cs_substance_names());
    }
    return CS_OK;
}

static cs_status want_variables(cs_substance_job *job, cs_error *err)
{
    const cs_config_engine *engine = job->external.engine;
    uint32_t wanted = job->is_native ? job->model->needs : 0;
    if (engine != NULL) {
        wanted |= cs_external_series_needs(&engine->external) | 1U << CS_LOCAL_DISCHARGE;
    }
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

static void describe_states(cs_result_format *format, const cs_substance_model *model)
{
    format->n_states = model->n_states;
    for (size_t s = 0; s < model->n_states; s++) {
        snprintf(format->state_name[s], sizeof format->state_name[s], "%s", model->states[s].name);
        snprintf(format->state_units[s], sizeof format->state_units[s], "%s",
                 model->states[s].units);
    }
}

/* Our model's parameters come first, then the numbers that a program's templates want. */
static cs_status join_parameters(cs_substance_job *job, const double *numbers, cs_error *err)
{
    const size_t n = cs_forcing_get_info(job->forcing)->n_catchment;
    const size_t n_native = job->n_native, n_wanted = job->external.wanted.n;
    double *joined = NULL;
    CS_TRY(cs_alloc(&joined, n * (n_native + n_wanted), sizeof *joined, "parameters", err));
    for (size_t i = 0; i < n; i++) {
        double *row = joined + i * (n_native + n_wanted);
        for (size_t k = 0; k < n_native; k++) {
            row[k] = job->parameters.values[i * n_native + k];
        }
        for (size_t k = 0; k < n_wanted; k++) {
            row[n_native + k] = numbers[i * n_wanted + k];
        }
    }
    free(job->parameters.values);
    job->parameters.values = joined;
    return CS_OK;
}

/* Where the run goes on from an earlier one: its states instead of the configuration's. */
static cs_initial_states initial_states_of(const cs_substance_job *job)
{
    return (cs_initial_states){.config = job->config,
                               .substance = job->substance,
                               .model = job->model,
                               .input = cs_forcing_get_info(job->forcing)};
}

static cs_status open_initial_states(cs_substance_job *job, cs_error *err)
{
    const cs_initial_states run = initial_states_of(job);
    return job->substance->initial_states == NULL
               ? CS_OK
               : cs_initial_states_open(&job->earlier, &run, err);
}

/* The blocks of native models are tiles of the step file, which take much the same time. */
static cs_status open_order(cs_substance_job *job, cs_error *err)
{
    const char *costs = job->options->costs;
    if (costs == NULL) {
        return CS_OK;
    }
    if (job->external.engine == NULL) {
        cs_log(CS_LOG_INFO, "%s: --costs is for external programs", job->substance->name);
        return CS_OK;
    }
    return cs_order_by_cost(&job->order, costs, cs_forcing_get_info(job->forcing), err);
}

static cs_status resolve_native(cs_substance_job *job, cs_error *err)
{
    const cs_initial_states run = initial_states_of(job);
    CS_TRY(cs_parameters_resolve(&job->parameters, job->config, job->substance, job->model,
                                 job->forcing, err));
    return job->earlier == NULL
               ? CS_OK
               : cs_initial_states_fill(job->parameters.states, &run, job->earlier, err);
}

static cs_status resolve_external(cs_substance_job *job, cs_error *err)
{
    const cs_initial_states run = initial_states_of(job);
    const cs_wanted *wanted = &job->external.wanted;
    double *numbers = NULL;
    cs_status status = CS_OK;
    CS_CHECK(cs_external_numbers_resolve(&numbers, wanted, job->config, job->substance, job->model,
                                         job->forcing, err));
    if (job->earlier != NULL) {
        CS_CHECK(cs_initial_states_fill_numbers(numbers, wanted, &run, job->earlier, err));
    }
    status = join_parameters(job, numbers, err);
release:
    free(numbers);
    return status;
}

static cs_status resolve_parameters(cs_substance_job *job, cs_error *err)
{
    if (job->is_native) {
        CS_TRY(resolve_native(job, err));
    }
    return job->external.engine != NULL ? resolve_external(job, err) : CS_OK;
}

/* Which rows of the series these are: an earlier run may have begun it. */
static void place_in_series(cs_substance_job *job)
{
    job->plan.start = cs_forcing_get_info(job->forcing)->start;
    job->plan.number = 0;
    if (job->earlier != NULL) {
        const cs_earlier_info *earlier = cs_earlier_get_info(job->earlier);
        job->plan.start = earlier->series_start;
        job->plan.number = earlier->series_number + earlier->n_time - 1;
    }
}

static void make_plan(cs_substance_job *job)
{
    const cs_forcing_info *info = cs_forcing_get_info(job->forcing);
    const cs_config_output *output = &job->config->output;
    const bool is_external = job->external.engine != NULL;
    job->n_catchment = info->n_catchment;
    job->files = (cs_result_format){
        .n_time = info->n_time,
        .block_size = cs_results_block_size(info->n_catchment),
        .step_rows = cs_results_step_rows(info->n_time),
        .element_size = output->float64 ? sizeof(double) : sizeof(float),
        .n_variables = output->discharge ? CS_N_RESULT_VARIABLES : CS_RESULT_DISCHARGE,
        .with_steps = job->substance->steps != NULL,
        .level = (uint64_t)output->deflate};
    if (job->is_native) {
        describe_states(&job->files, job->model);
    }
    if (job->config->compare) {
        cs_compare_describe(&job->files);
    }
    job->plan =
        (cs_block_plan){.forcing = *cs_forcing_get_format(job->forcing),
                        .result = job->files,
                        .step_days = info->step_days,
                        .n_parameters = job->n_native + job->external.wanted.n,
                        .with_ids = is_external,
                        .with_names = job->external.wanted.needs_name && info->name != NULL};
    place_in_series(job);
    if (is_external) { /* blocks of few catchments: their rows are rearranged on rank 0 */
        job->plan.result.with_steps = 0;
        job->plan.result.block_size = CS_EXTERNAL_BLOCK;
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

static cs_status open_checkpoint(cs_substance_job *job, cs_error *err)
{
    const cs_checkpoint_spec spec = {.results = job->substance->results,
                                     .steps = job->substance->steps,
                                     .identity = cs_identity_text(&job->identity),
                                     .existing = job->config->output.existing,
                                     .journal = job->config->journal,
                                     .n_catchment = (size_t)job->n_catchment,
                                     .keeps_packets = job->external.engine != NULL,
                                     .hosts = job->hosts};
    CS_TRY(cs_checkpoint_open(&job->checkpoint, &spec, err));
    job->is_finished = cs_checkpoint_is_finished(job->checkpoint);
    return CS_OK;
}

static cs_status create_results(cs_substance_job *job, const char *text, cs_error *err)
{
    char *history = NULL;
    CS_TRY(make_history(&history, job, err));
    const cs_results_spec spec = {.path = job->substance->results,
                                  .steps_path = job->substance->steps,
                                  .claimed = cs_checkpoint_output(job->checkpoint, CS_RESULT_FILE),
                                  .steps_claimed =
                                      cs_checkpoint_output(job->checkpoint, CS_RESULT_STEP_FILE),
                                  .identity = cs_identity_text(&job->identity),
                                  .substance = job->substance->name,
                                  .rows_only = job->external.engine != NULL,
                                  .model = job->substance->model,
                                  .history = history,
                                  .configuration = text,
                                  .series_start = job->plan.start,
                                  .series_number = job->plan.number,
                                  .format = job->files};
    const cs_status status = cs_results_create(&job->results, &spec, job->forcing, err);
    free(history);
    CS_TRY(status);
    CS_TRY(cs_checkpoint_start(job->checkpoint, err));
    if (job->external.engine != NULL && job->files.with_steps) {
        return cs_rearranger_open(&job->rearranger, &job->files, (size_t)job->n_catchment, err);
    }
    return CS_OK;
}

static cs_status open_outputs(cs_substance_job *job, const char *text, cs_error *err)
{
    CS_TRY(cs_job_identity(&job->identity, job, err));
    CS_TRY(open_checkpoint(job, err));
    return job->is_finished ? CS_OK : create_results(job, text, err);
}

static cs_status check_outputs(const cs_substance_job *job, cs_error *err)
{
    const bool replace = job->config->output.existing != CS_EXISTING_REFUSE;
    CS_TRY(cs_output_check(job->substance->results, replace, err));
    return job->substance->steps == NULL ? CS_OK
                                         : cs_output_check(job->substance->steps, replace, err);
}

/* The input is never written over, and no two outputs are one, by whatever path they are named. */
static cs_status refuse_same_files(const cs_substance_job *job, cs_error *err)
{
    const char *const inputs[] = {job->config->input, job->substance->initial_states};
    const char *const report = job->session->options.report;
    const char *const outputs[] = {job->substance->results, job->substance->steps, report};
    const size_t n = sizeof outputs / sizeof outputs[0];
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; outputs[i] != NULL && k < sizeof inputs / sizeof inputs[0]; k++) {
            if (inputs[k] != NULL && cs_output_is_same(outputs[i], inputs[k])) {
                return cs_fail(err, CS_DATA, "%s: would be written over %s", outputs[i],
                               k == 0 ? "the input file" : "the result with the initial states");
            }
        }
        for (size_t k = 0; outputs[i] != NULL && k < i; k++) {
            if (outputs[k] != NULL && cs_output_is_same(outputs[i], outputs[k])) {
                return cs_fail(err, CS_DATA, "%s and %s are the same file", outputs[k], outputs[i]);
            }
        }
    }
    return CS_OK;
}

/* All of the opening that only rank 0 can do. */
static cs_status open_on_rank_0(cs_substance_job *job, const cs_simulate_options *options,
                                const char *text, cs_error *err)
{
    CS_TRY(cs_forcing_open(&job->forcing, job->config->input, &options->selection, err));
    CS_TRY(refuse_same_files(job, err));
    CS_TRY(want_variables(job, err));
    CS_TRY(open_initial_states(job, err));
    CS_TRY(open_order(job, err));
    CS_TRY(resolve_parameters(job, err));
    make_plan(job);
    bool has_patterns = false;
    if (job->is_native) {
        CS_TRY(cs_patterns_resolve(&job->plan.patterns, &has_patterns, job->config, job->substance,
                                   job->model, err));
    }
    job->plan.has_patterns = has_patterns ? 1 : 0;
    return options->check ? check_outputs(job, err) : open_outputs(job, text, err);
}

/* The engine that the configuration names for the substance. */
static cs_status open_configured(cs_engine *engine, const cs_substance_job *job,
                                 const char *scratch, cs_error *err)
{
    if (job->external.engine == NULL) {
        return cs_engine_open_native(engine, job->model, err);
    }
    return cs_external_job_engine(engine, &job->external, job->config, job->substance, job->session,
                                  scratch, (size_t)job->plan.result.n_time, job->plan.step_days,
                                  err);
}

static cs_status open_both(cs_substance_job *job, const char *scratch, cs_error *err)
{
    const size_t n_wanted = job->external.wanted.n;
    cs_compare_side native = {.n_parameters = job->n_native};
    cs_compare_side other = native;
    if (job->external.engine != NULL) {
        other = (cs_compare_side){.first_parameter = job->n_native, .n_parameters = n_wanted};
    }
    cs_status status = CS_OK;
    CS_CHECK(cs_engine_open_native(&native.engine, job->model, err));
    CS_CHECK(open_configured(&other.engine, job, scratch, err));
    CS_CHECK(cs_engine_open_compare(&job->engine, &native, &other, err));
    return CS_OK;
release:
    cs_engine_close(&native.engine);
    cs_engine_close(&other.engine);
    return status;
}

/* Which external runs leave their files; a folder for each substance where there are several. */
static cs_keep_rule keep_rule_of(const cs_substance_job *job)
{
    const cs_simulate_options *options = job->options;
    const bool all = options->keep_files != NULL;
    if (options->check) {
        return (cs_keep_rule){0};
    }
    return (cs_keep_rule){.folder = all ? options->keep_files : options->keep_failed,
                          .subfolder = job->config->n_substances > 1 ? job->substance->name : NULL,
                          .all = all,
                          .max_runs = options->keep_runs,
                          .max_bytes = (uint64_t)options->keep_size << 20};
}

/* Engine and lanes: one lane with all threads, or a lane for each external program in flight. */
static cs_status open_engine(cs_substance_job *job, const char *scratch, cs_error *err)
{
    int n_threads = job->session->threads.n_threads;
    job->n_lanes = 1;
    if (job->external.engine != NULL) {
        job->n_lanes = cs_external_job_workers(&job->external, job->session);
        n_threads = 1;
    }
    job->external.keep = keep_rule_of(job);
    CS_TRY(job->config->compare ? open_both(job, scratch, err)
                                : open_configured(&job->engine, job, scratch, err));
    return cs_lanes_open(&job->lanes, job->n_lanes, &job->plan, &job->engine, n_threads, err);
}

cs_status cs_substance_job_open(cs_substance_job *job, cs_session *session, const cs_config *config,
                                const cs_config_substance *substance,
                                const cs_simulate_options *options, const char *text, cs_error *err)
{
    cs_comm *comm = session->comm;
    *job = (cs_substance_job){
        .config = config, .substance = substance, .options = options, .session = session};
    CS_TRY(cs_external_job_open(&job->external, config, substance, comm, err));
    CS_TRY(find_model(job, err)); /* the same on all ranks */
    cs_status status = CS_OK;
    if (cs_comm_rank(comm) == 0) {
        status =
            cs_alloc(&job->hosts, (size_t)cs_comm_size(comm), sizeof *job->hosts, "hosts", err);
        status = status == CS_OK ? open_on_rank_0(job, options, text, err) : status;
    }
    CS_TRY(cs_comm_agree(comm, status, err));
    cs_comm_gather(comm, job->hosts, session->threads.host, sizeof session->threads.host);
    cs_comm_broadcast(comm, &job->plan, sizeof job->plan);
    cs_comm_broadcast(comm, &job->n_catchment, sizeof job->n_catchment);
    cs_comm_broadcast(comm, &job->is_finished, sizeof job->is_finished);
    if (job->is_finished) {
        return CS_OK;
    }
    return cs_comm_agree(comm, open_engine(job, options->scratch, err), err);
}

/* ---- the farm's source, kernel and sink ---- */

static cs_status append_names(cs_bytes *out, const cs_forcing_info *info, size_t first,
                              size_t count, cs_error *err)
{
    for (size_t i = first; i < first + count; i++) {
        const uint64_t size = strlen(info->name[i]) + 1;
        CS_TRY(cs_bytes_append(out, &size, sizeof size, err));
        CS_TRY(cs_bytes_append(out, info->name[i], (size_t)size, err));
    }
    return CS_OK;
}

cs_status cs_substance_job_read(void *self, cs_bytes *out, const cs_block *block, cs_error *err)
{
    cs_substance_job *job = self;
    const cs_forcing_info *info = cs_forcing_get_info(job->forcing);
    const size_t first = (size_t)block->first, count = (size_t)block->count;
    const size_t n_parameters = (size_t)job->plan.n_parameters;
    const size_t n_states = (size_t)job->plan.result.n_states;
    if (job->plan.with_ids) {
        CS_TRY(cs_bytes_append(out, info->id + first, count * sizeof *info->id, err));
    }
    if (job->plan.with_names) {
        CS_TRY(append_names(out, info, first, count, err));
    }
    CS_TRY(cs_bytes_append(out, job->parameters.values + first * n_parameters,
                           count * n_parameters * sizeof(double), err));
    if (n_states > 0) {
        CS_TRY(cs_bytes_append(out, job->parameters.states + first * n_states,
                               count * n_states * sizeof(double), err));
    }
    return cs_forcing_read(job->forcing, out, first, count, err);
}

static cs_status run_block(void *self, cs_bytes *out, const cs_bytes *in, const cs_block *block,
                           int n_threads, cs_error *err)
{
    cs_substance_job *job = self;
    (void)n_threads; /* the runners have them */
    return cs_lanes_run(job->lanes, out, in, (size_t)block->count, err);
}

bool cs_substance_job_lacks_comparison(const cs_substance_job *job, size_t place)
{
    return job->config->compare &&
           cs_results_extra(job->results, CS_COMPARE_RUN_STATUS, place) != (double)CS_RUN_OK;
}

static void add_mass(cs_run_summary *summary, const cs_mass_balance *mass)
{
    summary->mass.before += mass->before;
    summary->mass.applied += mass->applied;
    summary->mass.lost += mass->lost;
    summary->mass.decayed += mass->decayed;
    summary->mass.left += mass->left;
    const double error = cs_mass_error(mass);
    if (!(error <= summary->mass_error)) {
        summary->mass_error = error; /* NaN, too */
    }
}

static void count_results(cs_substance_job *job, size_t first, size_t count)
{
    cs_run_summary *summary = &job->summary;
    const cs_run_record *records = cs_results_records(job->results);
    for (size_t i = first; i < first + count; i++) {
        summary->n[records[i].status]++;
        summary->n_negative += records[i].n_negative_discharge > 0;
        summary->n_negative_rain += records[i].n_negative_precipitation > 0;
        if (records[i].status == CS_RUN_OK) {
            summary->n_not_compared += cs_substance_job_lacks_comparison(job, i);
            summary->load += records[i].load;
            add_mass(summary, &records[i].mass);
        }
    }
}

static cs_status check_failures(const cs_substance_job *job, cs_error *err)
{
    uint64_t n_done = 0;
    for (int s = CS_RUN_OK; s < CS_N_RUN_STATUS; s++) {
        n_done += job->summary.n[s];
    }
    const cs_status status =
        cs_failure_limit_check(&job->options->max_failures, n_done - job->summary.n[CS_RUN_OK],
                               n_done, job->substance->name, err);
    if (status != CS_OK) {
        cs_causes causes;
        const cs_error reached = *err;
        cs_substance_job_causes(&causes, job);
        return cs_fail(err, status, "%s; most often: %s", reached.message, causes.cause[0].text);
    }
    return CS_OK;
}

static cs_status write_block(void *self, const cs_bytes *result, const cs_block *block,
                             const cs_block_report *report, cs_error *err)
{
    cs_substance_job *job = self;
    const size_t first = (size_t)block->first, count = (size_t)block->count;
    const char *host = cs_checkpoint_host(job->checkpoint, block, report);
    const bool is_failed = report->error.status != CS_OK;
    job->places.size = 0;
    if (!is_failed) {
        CS_TRY(cs_results_put_located(job->results, &job->places, result, first, count,
                                      report->rank, host, err));
    } else {
        CS_TRY(cs_results_put_failure(job->results, first, count, report->rank, host,
                                      report->error.message, err));
    }
    CS_TRY(cs_checkpoint_put(job->checkpoint, result, &job->places, block, report, err));
    count_results(job, first, count);
    CS_TRY(check_failures(job, err));
    return job->rearranger == NULL
               ? CS_OK
               : cs_rearranger_put(job->rearranger, job->results, is_failed ? NULL : result, first,
                                   count, err);
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
                          .order = job->order,
                          .n_lanes = (int)job->n_lanes,
                          .n_threads = session->threads.n_threads,
                          .crowded = session->threads.crowded,
                          .source = {.self = job, .read = cs_substance_job_read},
                          .kernel = {.self = job, .run = run_block},
                          .sink = {.self = job, .write = write_block},
                          .keeper = here ? cs_checkpoint_keeper(job->checkpoint) : (cs_keeper){0},
                          .watcher = job,
                          .on_progress = show_progress};
    if (here) {
        cs_progress_open(&job->progress, session->progress, job->substance->name,
                         (int64_t)job->n_catchment, "catchments");
        cs_progress_skip(&job->progress, (int64_t)cs_checkpoint_n_known(job->checkpoint));
    }
    const double begin = cs_now();
    cs_farm_counts counts;
    const cs_status status = cs_farm_run(&counts, &farm, err);
    job->summary.seconds = cs_now() - begin;
    if (here) {
        cs_progress_close(&job->progress);
    }
    cs_block_times times = cs_lanes_times(job->lanes);
    if (job->rearranger != NULL) {
        times.rearrange += cs_rearranger_seconds(job->rearranger);
        counts.sink_seconds -= cs_rearranger_seconds(job->rearranger);
    }
    count_phases(&job->phases, &counts, &times);
    cs_phases_join(&session->phases, &job->phases);
    return status;
}

cs_status cs_substance_job_finish(cs_substance_job *job, const char *report, cs_error *err)
{
    CS_TRY(cs_results_complete(job->results, report, err));
    return cs_checkpoint_finish(job->checkpoint, err);
}

bool cs_substance_job_is_resumable(const cs_substance_job *job)
{
    return job->checkpoint != NULL && cs_checkpoint_is_resumable(job->checkpoint);
}

void cs_substance_job_close(cs_substance_job *job)
{
    cs_lanes_close(job->lanes);
    cs_engine_close(&job->engine);
    cs_results_close(job->results); /* before the names of its files are given up */
    cs_checkpoint_close(job->checkpoint);
    cs_bytes_free(&job->identity);
    cs_bytes_free(&job->places);
    cs_rearranger_close(job->rearranger);
    cs_parameters_free(&job->parameters);
    cs_external_job_free(&job->external);
    cs_earlier_close(job->earlier);
    cs_forcing_close(job->forcing);
    free(job->order);
    free(job->hosts);
    *job = (cs_substance_job){0};
}
