/* SPDX-License-Identifier: MIT */
/**
 * One substance of a simulation: prepared on all ranks, run by the farm, finished on rank 0.
 */
#ifndef CS_JOB_SUBSTANCE_JOB_H
#define CS_JOB_SUBSTANCE_JOB_H

#include "config/config.h"
#include "farm/farm.h"
#include "job/checkpoint.h"
#include "job/external_job.h"
#include "job/lanes.h"
#include "job/retry.h"
#include "job/session.h"
#include "job/simulate.h"
#include "model/parameters.h"
#include "model/rearrange.h"
#include "store/earlier.h"
#include "store/results.h"

/** How many catchments ended how, and the balance over those that are ok. */
typedef struct {
    uint64_t n[CS_N_RUN_STATUS];
    double load;              /* g, background included */
    cs_mass_balance mass;     /* of the stocks */
    double mass_error;        /* largest of a catchment; NaN: no stocks */
    uint64_t n_negative;      /* catchments with negative discharge, counted as 0 */
    uint64_t n_negative_rain; /* likewise, precipitation */
    uint64_t n_not_compared;  /* that are ok, but not with the other engine of --engine=both */
    double seconds;           /* of the farm */
} cs_run_summary;

typedef struct {
    const cs_config *config;
    const cs_config_substance *substance;
    const cs_simulate_options *options;
    cs_retry *retry; /* NULL: an ordinary run, else it does again what failed in this one */
    const cs_substance_model *model; /* NULL: none of ours, but an external program's */
    cs_external_job external;
    bool is_native;     /* our model runs, alone or beside a program */
    size_t n_native;    /* its parameters; 0: it does not run */
    cs_block_plan plan; /* the same on all ranks */
    uint64_t n_catchment;
    bool is_finished; /* by an earlier run: nothing is to do; the same on all ranks */
    cs_engine engine;
    size_t n_lanes; /* blocks that this rank computes at once */
    cs_lanes *lanes;
    /* rank 0: */
    cs_result_format files;    /* of the outputs; block_size is the width of a tile */
    cs_rearranger *rearranger; /* NULL: ranks rearrange, since a block is a tile */
    cs_forcing *forcing;
    cs_earlier *earlier; /* NULL, or the result with the initial states */
    uint64_t *order;     /* [n_catchment] in which they are handed out; NULL: as they come */
    cs_parameters parameters;
    cs_bytes identity; /* what the results depend on: a text */
    cs_checkpoint *checkpoint;
    cs_results *results;
    cs_bytes places; /* of the chunks of the block that is being written */
    cs_progress progress;
    const cs_session *session;
    cs_run_summary summary;
    char (*hosts)[CS_HOST_LENGTH]; /* rank 0: of every rank */
    cs_phases phases;              /* of this rank, of this substance */
} cs_substance_job;

/**
 * Opens the input, resolves parameters, claims and creates the outputs (unless options->check),
 * goes on from what an earlier run left, opens the engine. Collective. On failure
 * cs_substance_job_close is still to be called.
 */
cs_status cs_substance_job_open(cs_substance_job *job, cs_session *session, const cs_config *config,
                                const cs_config_substance *substance,
                                const cs_simulate_options *options, const char *text,
                                cs_error *err);

/** Appends the packet of work of a block: the farm's source. Rank 0. */
cs_status cs_substance_job_read(void *job, cs_bytes *out, const cs_block *block, cs_error *err);

/** Runs all catchments. Collective. */
cs_status cs_substance_job_run(cs_substance_job *job, cs_session *session, cs_error *err);

/** Writes the report into the result and makes the outputs final. Rank 0. */
cs_status cs_substance_job_finish(cs_substance_job *job, const char *report, cs_error *err);

/** Whether only the native engine ran the catchment, although two were wanted. Rank 0. */
bool cs_substance_job_lacks_comparison(const cs_substance_job *job, size_t place);

/** Why catchments failed, the most frequent causes first. Rank 0. */
void cs_substance_job_causes(cs_causes *causes, const cs_substance_job *job);

/** Whether a later run can go on from what this one did. Rank 0. */
bool cs_substance_job_is_resumable(const cs_substance_job *job);

/** Prints what came out, on stdout. Rank 0, before cs_substance_job_close. */
void cs_substance_job_print(const cs_substance_job *job);

/**
 * Prints, of results that an earlier run has finished, where they are, and how many catchments
 * failed with the command that retries them. Rank 0.
 *
 * @param n_failed [out] catchments
 * Errors: as cs_earlier_open.
 */
cs_status cs_substance_job_print_finished(uint64_t *n_failed, const cs_substance_job *job,
                                          cs_error *err);

void cs_substance_job_close(cs_substance_job *job);

#endif
