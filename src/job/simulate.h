/* SPDX-License-Identifier: MIT */
/**
 * The simulation: the substances of a configuration for every catchment of an input.
 */
#ifndef CS_JOB_SIMULATE_H
#define CS_JOB_SIMULATE_H

#include <stdbool.h>
#include <stddef.h>

#include "job/outcome.h"
#include "job/session.h"
#include "store/forcing.h"

/** The command line of catchsim. Texts are borrowed; NULL: not given. */
typedef struct {
    const char *config; /* CONFIG.xml */
    const char *input;  /* instead of the configuration's; alone: one substance of `model` */
    const char *model;  /* "herbicide" if not given */
    const char *output; /* result file */
    const char *steps;  /* step file */
    const char *engine; /* for all substances */
    const char *initial_states; /* result of an earlier run that this one goes on from */
    const char *scratch;        /* folder for the files of external programs */
    double timeout;             /* of an external program, s; negative: as configured */
    size_t workers;             /* external programs in flight of a rank; 0: as configured */
    long retries;               /* of a failed external program; negative: as configured */
    const char *costs;          /* an earlier result that tells how long catchments take */
    double walltime;            /* of the whole process, s; 0: no limit */
    double grace;               /* for what is in flight when the run shall stop, s */
    bool resume;                /* go on from an interrupted run */
    bool fresh;                 /* replace existing outputs */
    bool retry_failed;          /* run what failed in finished results again */
    bool check;                 /* validate and estimate, run nothing */
    cs_failure_limit max_failures;
    const char *keep_failed; /* folder for the files of external runs that fail; NULL: none */
    const char *keep_files;  /* the same for all runs, and for the results */
    size_t keep_runs;        /* at most so many a substance */
    size_t keep_size;        /* MiB of one of them at most */
    char *const *words; /* the command line, for those that tell how to run a part of it again */
    int n_words;
    cs_selection selection;
    int64_t *only; /* owned: the ids of the selection */
} cs_simulate_options;

/** The options of an empty command line. */
cs_simulate_options cs_simulate_options_none(void);

/**
 * Prepares a process that may run external programs: before anything else in main; may execute the
 * program anew.
 */
void cs_simulate_prepare(int argc, char **argv);

void cs_simulate_options_free(cs_simulate_options *options);

/**
 * Runs it all and prints the summary on stdout.
 *
 * Collective; the same status on all ranks: CS_OK, CS_SOME_FAILED, or a failure with its record.
 */
cs_status cs_simulate_run(cs_session *session, const cs_simulate_options *options, cs_error *err);

#endif
