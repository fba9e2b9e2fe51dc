/* SPDX-License-Identifier: MIT */
/**
 * The steps of opening a substance's run, for substance_job.c only.
 */
#ifndef CS_JOB_SUBSTANCE_PARTS_H
#define CS_JOB_SUBSTANCE_PARTS_H

#include "job/substance_job.h"

/**
 * Finds out, from the open input, what the run computes with and what comes out: forcing variables,
 * initial states, order of the catchments, parameters, plan of the blocks, patterns. Rank 0.
 *
 * Errors: CS_DATA (what the substance or its program wants is not there), CS_IO, CS_MEMORY.
 */
cs_status cs_substance_job_prepare(cs_substance_job *job, cs_error *err);

/** Whether no output would be written over an input or another output, by whatever path they are
 * named. Rank 0. Errors: CS_DATA. */
cs_status cs_substance_job_refuse_same_files(const cs_substance_job *job, cs_error *err);

/** Whether the outputs can be made. Rank 0, instead of opening them. Errors: as cs_output_check. */
cs_status cs_substance_job_check_outputs(const cs_substance_job *job, cs_error *err);

/**
 * Claims the outputs and creates them, or goes on from what an earlier run left, unless that one
 * has finished them: then job->is_finished. Rank 0, after cs_substance_job_prepare.
 *
 * @param text [in] of the configuration, "" without one
 * Errors: as cs_checkpoint_open and cs_results_create.
 */
cs_status cs_substance_job_open_outputs(cs_substance_job *job, const char *text, cs_error *err);

/**
 * Opens the engine, or two of them to compare, and the lanes: one with all threads, or a lane for
 * each external program in flight. Each rank by itself, with the plan.
 *
 * @param scratch [in] --scratch, or NULL
 * Errors: as the engines' own; CS_MEMORY.
 */
cs_status cs_substance_job_open_engine(cs_substance_job *job, const char *scratch, cs_error *err);

#endif
