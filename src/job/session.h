/* SPDX-License-Identifier: MIT */
/**
 * What every program does around its work: ranks, threads, monitor, timers, report, exit status.
 */
#ifndef CS_JOB_SESSION_H
#define CS_JOB_SESSION_H

#include "base/error.h"
#include "base/json.h"
#include "config/options.h"
#include "farm/comm.h"
#include "farm/threads.h"
#include "watch/cpu_monitor.h"
#include "watch/phases.h"
#include "watch/progress.h"

typedef struct {
    const char *program;
    cs_common_options options;
    cs_progress_mode progress;
    cs_comm *comm;
    cs_threads threads;
    cs_cpu_monitor *monitor; /* NULL: none on this rank */
    cs_phases phases;        /* of this rank; all ranks add the same in the same order */
} cs_session;

/**
 * Ends a program with a bad start: call before anything else; may execute the program anew. From
 * then on descriptors 0 to 2 are open (base/streams.h), and a write beyond the limit of a file's
 * size fails with EFBIG, instead of SIGXFSZ killing the process.
 */
void cs_session_prepare(char **argv);

/** Starts ranks, threads and monitor, and says what there is. Collective. */
cs_status cs_session_begin(cs_session *session, const char *program,
                           const cs_common_options *options, int *argc, char ***argv,
                           cs_error *err);

/**
 * Refuses a --report=FILE that another file of the run is or lies beside (base/output.h), so that
 * one would destroy the other. Local; before anything is written.
 *
 * @param path [in] an input or output; NULL: none
 * @param what [in] what it is, as "the list"
 * Errors: CS_USAGE.
 */
cs_status cs_session_check_report(const cs_session *session, const char *path, const char *what,
                                  cs_error *err);

/** What a program adds to its report. Rank 0; writes members of an open object. */
typedef void cs_session_writer(cs_json *json, const void *about);

/**
 * Gathers timers, logs them (--verbose), and makes a report as JSON.
 *
 * Collective.
 * @param report [out] on rank 0, zero-terminated JSON in the caller's buffer
 * @param phases [in]  of this rank: the session's, or those of a part of the work
 * @param writer [in]  may be NULL
 */
cs_status cs_session_report(cs_session *session, cs_bytes *report, const cs_phases *phases,
                            cs_session_writer *writer, const void *about, cs_error *err);

/**
 * Makes the report of the whole process, with the session's timers, and writes it to --report=FILE,
 * if that was given.
 *
 * Collective; the same status on all ranks. Errors: CS_IO, CS_MEMORY.
 */
cs_status cs_session_report_all(cs_session *session, cs_session_writer *writer, const void *about,
                                cs_error *err);

/**
 * Ends the ranks; rank 0 says why, if it was a failure.
 *
 * Collective. @return the exit status of the process
 */
int cs_session_end(cs_session *session, cs_status status, const cs_error *err);

#endif
