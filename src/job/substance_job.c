/* SPDX-License-Identifier: MIT */
#include "job/substance_job.h"

#include <stdlib.h>

#include "job/substance_parts.h"

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

/* All of the opening that only rank 0 can do. */
static cs_status open_on_rank_0(cs_substance_job *job, const cs_simulate_options *options,
                                const char *text, cs_error *err)
{
    CS_TRY(cs_forcing_open(&job->forcing, job->config->input, &options->selection, err));
    CS_TRY(cs_substance_job_refuse_same_files(job, err));
    CS_TRY(cs_substance_job_prepare(job, err));
    return options->check ? cs_substance_job_check_outputs(job, err)
                          : cs_substance_job_open_outputs(job, text, err);
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
    return cs_comm_agree(comm, cs_substance_job_open_engine(job, options->scratch, err), err);
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
