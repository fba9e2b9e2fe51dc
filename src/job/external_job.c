/* SPDX-License-Identifier: MIT */
#include "job/external_job.h"

#include "job/shared_text.h"

static cs_external_spec describe(const cs_external_job *job, const cs_config *config,
                                 const cs_config_substance *substance)
{
    return (cs_external_spec){
        .keep = job->keep,
        .config = config,
        .engine = job->engine,
        .substance = substance,
        .layout = job->layout.data != NULL ? (const char *)job->layout.data : NULL,
        .parameters = job->parameters.data != NULL ? (const char *)job->parameters.data : NULL};
}

cs_status cs_external_job_open(cs_external_job *job, const cs_config *config,
                               const cs_config_substance *substance, cs_comm *comm, cs_error *err)
{
    const cs_config_engine *engine = &config->engines[substance->engine];
    *job = (cs_external_job){0};
    if (engine->type != CS_ENGINE_EXTERNAL) {
        return CS_OK;
    }
    job->engine = engine;
    if (engine->external.layout != NULL) {
        CS_TRY(cs_shared_text_read(&job->layout, engine->external.layout, comm, err));
    }
    if (engine->external.parameters != NULL) {
        CS_TRY(cs_shared_text_read(&job->parameters, engine->external.parameters, comm, err));
    }
    const cs_external_spec spec = describe(job, config, substance);
    return cs_comm_agree(comm, cs_external_find_wanted(&job->wanted, &spec, err), err);
}

size_t cs_external_job_workers(const cs_external_job *job, const cs_session *session)
{
    const size_t configured = job->engine->external.workers;
    return configured > 0 ? configured : (size_t)session->threads.n_threads;
}

/* Ranks of a node share their CPUs, or each has its own; anything else is left to the system. */
static void share_cpus(cs_external_spec *spec, const cs_session *session)
{
    const cs_threads *threads = &session->threads;
    const int of_all = threads->n_cores * threads->node_ranks;
    spec->n_places = 1;
    if (of_all == threads->node_cores) {
        spec->n_places = spec->n_workers;
    } else if (threads->n_cores == threads->node_cores) {
        spec->first_place = (size_t)cs_comm_node_rank(session->comm) * spec->n_workers;
        spec->n_places = (size_t)threads->node_ranks * spec->n_workers;
    }
}

cs_status cs_external_job_engine(cs_engine *engine, const cs_external_job *job,
                                 const cs_config *config, const cs_config_substance *substance,
                                 const cs_session *session, const char *scratch, size_t n_time,
                                 double step_days, cs_error *err)
{
    cs_external_spec spec = describe(job, config, substance);
    spec.scratch = scratch;
    spec.n_workers = cs_external_job_workers(job, session);
    spec.n_sharing = (size_t)session->threads.node_ranks;
    share_cpus(&spec, session);
    spec.n_time = n_time;
    spec.step_days = step_days;
    return cs_engine_open_external(engine, &spec, err);
}

void cs_external_job_free(cs_external_job *job)
{
    cs_bytes_free(&job->layout);
    cs_bytes_free(&job->parameters);
    cs_wanted_free(&job->wanted);
    *job = (cs_external_job){0};
}
