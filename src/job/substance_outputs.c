/* SPDX-License-Identifier: MIT */
#include "job/substance_parts.h"

#include <stdlib.h>
#include <time.h>

#include "base/calendar.h"
#include "base/output.h"
#include "job/identity.h"
#include "journal/identity.h"

cs_status cs_substance_job_refuse_same_files(const cs_substance_job *job, cs_error *err)
{
    static const char *const what[] = {"the input file", "the result with the initial states",
                                       "the configuration"};
    const char *const inputs[] = {job->config->input, job->substance->initial_states,
                                  job->config->path};
    const char *const report = job->session->options.report;
    const char *const outputs[] = {job->substance->results, job->substance->steps, report};
    const size_t n = sizeof outputs / sizeof outputs[0];
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; outputs[i] != NULL && k < sizeof inputs / sizeof inputs[0]; k++) {
            if (inputs[k] != NULL && cs_output_spoils(outputs[i], inputs[k])) {
                return cs_fail(err, CS_DATA, "%s: would be written over %s (%s)", outputs[i],
                               what[k], inputs[k]);
            }
        }
        for (size_t k = 0; outputs[i] != NULL && k < i; k++) {
            if (outputs[k] != NULL && (cs_output_spoils(outputs[i], outputs[k]) ||
                                       cs_output_spoils(outputs[k], outputs[i]))) {
                return cs_fail(err, CS_DATA,
                               "%s and %s are the same file, or one lies beside the "
                               "other as its part or journal",
                               outputs[k], outputs[i]);
            }
        }
    }
    return CS_OK;
}

cs_status cs_substance_job_check_outputs(const cs_substance_job *job, cs_error *err)
{
    const bool replace = job->config->output.existing != CS_EXISTING_REFUSE;
    CS_TRY(cs_output_check(job->substance->results, replace, err));
    return job->substance->steps == NULL ? CS_OK
                                         : cs_output_check(job->substance->steps, replace, err);
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

cs_status cs_substance_job_open_outputs(cs_substance_job *job, const char *text, cs_error *err)
{
    CS_TRY(cs_job_identity(&job->identity, job, err));
    CS_TRY(open_checkpoint(job, err));
    return job->is_finished ? CS_OK : create_results(job, text, err);
}
