/* SPDX-License-Identifier: MIT */
/**
 * The command line: options that all programs have, and one way to refuse wrong ones.
 *
 * A program describes its own options by an argp and gets the common ones, --help, --usage and
 * --version with it. Under a launcher all ranks parse the same arguments before MPI is
 * initialised; only rank 0 prints, all end with the same status. Not thread-safe.
 */
#ifndef CS_CONFIG_OPTIONS_H
#define CS_CONFIG_OPTIONS_H

#include <argp.h>
#include <stdbool.h>

#include "base/error.h"

typedef struct {
    bool quiet;                 /* log warnings and errors only */
    bool verbose;               /* log debugging, too */
    const char *progress;       /* "auto", "bar", "lines" or "none", never NULL */
    bool cpu_monitor;           /* on: the next three count */
    double cpu_monitor_seconds; /* between lines, 0.1 to 86400 */
    bool cpu_monitor_once;      /* one line and no more */
    bool cpu_monitor_per_rank;  /* lines of every rank, else of one rank a host */
    const char *report;         /* path, or NULL: no report; points into argv */
} cs_common_options;

/**
 * Parses the command line, and ends the process where that is all there is to do.
 *
 * --help, --usage and --version: answered on stdout, exit status 0. Wrong use: one line on stderr,
 * exit status 64. Else the logger is set up (program, launcher's rank, level) and it returns.
 *
 * @param argp   [in]  the program's own options, arguments (args_doc) and description (doc); its
 *                     parser gets `input` and refuses by argp_error or cs_options_refuse
 * @param argv   [in]  is put in order by argp: options first
 * @param input  [out] for the program's parser
 * @param common [out] the common options
 */
void cs_options_parse(const struct argp *argp, int argc, char **argv, void *input,
                      cs_common_options *common);

/**
 * The same without ending, logging or setting up the logger.
 *
 * @param answered [out] whether --help, --usage or --version was given (and answered, on rank 0)
 * Errors: CS_USAGE, CS_MEMORY.
 */
cs_status cs_options_read(const struct argp *argp, int argc, char **argv, void *input,
                          cs_common_options *common, bool *answered, cs_error *err);

/** Refuses an option in a program's parser: `return cs_options_refuse(state, &err);`. */
error_t cs_options_refuse(const struct argp_state *state, const cs_error *err);

/** Whether a launcher (mpirun, srun) started this process: its variables are set. */
bool cs_options_has_launcher(void);

/** The rank that the launcher gave this process; 0 without a launcher. */
int cs_options_launcher_rank(void);

/** The version, as "0.1.0". */
const char *cs_version(void);

#endif
