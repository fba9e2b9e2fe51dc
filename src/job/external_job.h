/* SPDX-License-Identifier: MIT */
/**
 * What a substance needs of an external engine, on all ranks: templates, and the numbers they want.
 */
#ifndef CS_JOB_EXTERNAL_JOB_H
#define CS_JOB_EXTERNAL_JOB_H

#include "base/memory.h"
#include "job/session.h"
#include "model/external.h"

typedef struct {
    const cs_config_engine *engine; /* NULL: the substance's engine is not external */
    cs_bytes layout, parameters;    /* texts of the templates, terminated; empty: none */
    cs_wanted wanted;
    cs_keep_rule keep; /* to be set before the engine is opened */
} cs_external_job;

/** Catchments of a farm's block: what a kill in its midst costs is one run of a program. */
enum { CS_EXTERNAL_BLOCK = 1 };

/**
 * Reads the templates on rank 0 and finds what they want. Collective; does nothing for other
 * engines. Errors: CS_IO, CS_DATA, CS_MEMORY; cs_external_job_free is due in any case.
 */
cs_status cs_external_job_open(cs_external_job *job, const cs_config *config,
                               const cs_config_substance *substance, cs_comm *comm, cs_error *err);

/** Programs in flight on this rank. */
size_t cs_external_job_workers(const cs_external_job *job, const cs_session *session);

/** Opens the engine on this rank; collective only in that all ranks should. */
cs_status cs_external_job_engine(cs_engine *engine, const cs_external_job *job,
                                 const cs_config *config, const cs_config_substance *substance,
                                 const cs_session *session, const char *scratch, size_t n_time,
                                 double step_days, cs_error *err);

void cs_external_job_free(cs_external_job *job);

#endif
