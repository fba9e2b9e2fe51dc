/* SPDX-License-Identifier: MIT */
#include "job/substance_job.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "model/compare.h"

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
    CS_TRY(cs_lanes_run(job->lanes, out, in, (size_t)block->count, err));
    cs_log(CS_LOG_DEBUG, "computed substance=%s block=%" PRIu64 " catchments=%" PRIu64,
           job->substance->name, block->index, block->count);
    return CS_OK;
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
