/* SPDX-License-Identifier: MIT */
/**
 * What became of substances, as members of a report in JSON (docs/running.md).
 */
#ifndef CS_JOB_SUBSTANCE_REPORT_H
#define CS_JOB_SUBSTANCE_REPORT_H

#include "job/substance_job.h"

/** Those of a run. Borrowed. */
typedef struct {
    const cs_substance_job *jobs; /* [n] */
    size_t n;
} cs_substance_jobs;

/** The report that goes into a result: about is its cs_substance_job. A cs_session_writer. */
cs_session_writer cs_substance_report_one;

/** The report of the whole run: about is a cs_substance_jobs. A cs_session_writer. */
cs_session_writer cs_substance_report_all;

#endif
