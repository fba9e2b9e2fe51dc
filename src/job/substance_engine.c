/* SPDX-License-Identifier: MIT */
#include "job/substance_parts.h"

#include "model/compare.h"

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

cs_status cs_substance_job_open_engine(cs_substance_job *job, const char *scratch, cs_error *err)
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
