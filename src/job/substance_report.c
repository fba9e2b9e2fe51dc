/* SPDX-License-Identifier: MIT */
#include "job/substance_report.h"

enum { N_REPORTED = 10 };

/* The first catchments that failed, and why. */
static void write_failures(cs_json *json, const cs_substance_job *job)
{
    const cs_forcing_info *info = cs_forcing_get_info(job->forcing);
    const cs_run_record *records = cs_results_records(job->results);
    size_t n_written = 0;
    cs_json_key(json, "failures");
    cs_json_begin_array(json);
    for (size_t i = 0; i < info->n_catchment && n_written < N_REPORTED; i++) {
        if (records[i].status != CS_RUN_OK) {
            cs_json_begin_object(json);
            cs_json_key(json, "catchment");
            cs_json_int64(json, info->id[i]);
            cs_json_key(json, "status");
            cs_json_string(json, cs_run_status_name((cs_run_status)records[i].status));
            cs_json_key(json, "message");
            cs_json_string(json, cs_results_message(job->results, i));
            cs_json_end_object(json);
            n_written++;
        }
    }
    cs_json_end_array(json);
}

/* How many failed why. */
static void write_causes(cs_json *json, const cs_substance_job *job)
{
    cs_causes causes;
    cs_substance_job_causes(&causes, job);
    cs_json_key(json, "causes");
    cs_json_begin_array(json);
    for (size_t k = 0; k < causes.n; k++) {
        cs_json_begin_object(json);
        cs_json_key(json, "cause");
        cs_json_string(json, causes.cause[k].text);
        cs_json_key(json, "catchments");
        cs_json_int64(json, (int64_t)causes.cause[k].n);
        cs_json_end_object(json);
    }
    cs_json_end_array(json);
}

void cs_substance_report_one(cs_json *json, const void *about)
{
    const cs_substance_job *job = about;
    cs_json_key(json, "substance");
    cs_json_string(json, job->substance->name);
    cs_json_key(json, "finished_before");
    cs_json_bool(json, job->is_finished);
    if (job->is_finished) {
        return;
    }
    cs_json_key(json, "model");
    cs_json_string(json, job->substance->model);
    cs_json_key(json, "engine");
    cs_json_string(json, job->engine.ops->type);
    cs_json_key(json, "input");
    cs_json_string(json, job->config->input);
    cs_json_key(json, "results");
    cs_json_string(json, job->substance->results);
    cs_json_key(json, "catchments");
    cs_json_int64(json, (int64_t)job->n_catchment);
    cs_json_key(json, "time_steps");
    cs_json_int64(json, (int64_t)job->plan.result.n_time);
    for (int s = CS_RUN_OK; s < CS_N_RUN_STATUS; s++) {
        cs_json_key(json, cs_run_status_name((cs_run_status)s));
        cs_json_int64(json, (int64_t)job->summary.n[s]);
    }
    if (job->config->compare) {
        cs_json_key(json, "not_compared");
        cs_json_int64(json, (int64_t)job->summary.n_not_compared);
    }
    cs_json_key(json, "seconds");
    cs_json_double(json, job->summary.seconds);
    write_causes(json, job);
    write_failures(json, job);
}

void cs_substance_report_all(cs_json *json, const void *about)
{
    const cs_substance_jobs *all = about;
    cs_json_key(json, "substances");
    cs_json_begin_array(json);
    for (size_t i = 0; i < all->n; i++) {
        cs_json_begin_object(json);
        cs_substance_report_one(json, &all->jobs[i]);
        cs_json_end_object(json);
    }
    cs_json_end_array(json);
}
