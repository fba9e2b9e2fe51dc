/* SPDX-License-Identifier: MIT */
/* catchsim: a substance model for every sub-catchment of a river basin. */
#include <stdlib.h>

#include "config/config.h"
#include "config/options.h"
#include "config/parse.h"
#include "job/demo.h"
#include "job/session.h"
#include "job/simulate.h"

enum {
    INPUT = 0x100,
    OUTPUT,
    STEPS,
    ENGINE,
    MODEL,
    INITIAL_STATES,
    ONLY,
    FIRST,
    FROM,
    TO,
    FRESH,
    RESUME,
    CHECK,
    TIMEOUT,
    RETRIES,
    WORKERS,
    SCRATCH,
    COSTS,
    RETRY_FAILED,
    MAX_FAILURES,
    KEEP_FAILED,
    KEEP_FILES,
    KEEP_RUNS,
    KEEP_SIZE,
    WALLTIME,
    GRACE
};

static const struct argp_option OPTIONS[] = {
    {"input", INPUT, "FILE", 0, "Input (forcing) file, instead of the configuration's", 1},
    {"output", OUTPUT, "FILE", 0, "Result file; {substance} stands for the substance's name", 1},
    {"steps", STEPS, "FILE", 0, "Step file, likewise", 1},
    {"engine", ENGINE, "NAME", 0,
     "Engine for all substances: native, one of CONFIG.xml, or both: compared", 1},
    {"model", MODEL, "TYPE", 0, "Without CONFIG.xml: the model (default herbicide)", 1},
    {"initial-states", INITIAL_STATES, "FILE", 0,
     "Begin with the final states of this earlier result; {substance} as above", 1},
    {"only", ONLY, "ID,..", 0, "Only these catchments", 2},
    {"first", FIRST, "N", 0, "Only the first N catchments", 2},
    {"from", FROM, "TIME", 0, "Time steps from YYYY-MM-DD[THH:MM[:SS]] (UTC) on", 2},
    {"to", TO, "TIME", 0, "Time steps up to this time, included", 2},
    {"resume", RESUME, NULL, 0,
     "Go on from where an interrupted run ended; from the start if there was none", 3},
    {"fresh", FRESH, NULL, 0, "Replace existing outputs, and what an interrupted run left", 3},
    {"check", CHECK, NULL, 0,
     "Validate everything, estimate time, memory and disk, run nothing (no external program)", 3},
    {"timeout", TIMEOUT, "S", 0, "End an external program after S seconds; 0: never", 4},
    {"retries", RETRIES, "N", 0, "Start a failed external program again, N times at most", 4},
    {"workers", WORKERS, "N", 0, "External programs in flight of a rank (default: its threads)", 4},
    {"scratch", SCRATCH, "DIR", 0,
     "Where external programs have their files (default: $SLURM_TMPDIR, $TMPDIR, /dev/shm, /tmp)",
     4},
    {"costs", COSTS, "FILE", 0,
     "Start the external programs that took longest in this earlier result first", 4},
    {"retry-failed", RETRY_FAILED, NULL, 0,
     "Run what failed in finished results again, into these results", 5},
    {"max-failures", MAX_FAILURES, "N|P%", 0,
     "End early once more than N catchments failed, or P percent of at least 50", 5},
    {"keep-failed", KEEP_FAILED, "DIR", 0,
     "Keep the files of external programs that fail, in DIR/ID, ready to be started by hand", 5},
    {"keep-files", KEEP_FILES, "DIR", 0,
     "The same for all runs; results go to DIR, too, and replace nothing else", 5},
    {"keep-runs", KEEP_RUNS, "N", 0, "Keep at most N runs of a substance (default 100)", 5},
    {"keep-size", KEEP_SIZE, "MIB", 0, "Keep at most so much of what a program wrote (default 16)",
     5},
    {"walltime", WALLTIME, "HH:MM:SS", 0, "Stop in good order before this time is over", 6},
    {"grace", GRACE, "S", 0,
     "Seconds that programs in flight may go on when the run is to stop (default 10)", 6},
    {0}};

static error_t parse_time(double *out, const char *text, const char *what,
                          const struct argp_state *state)
{
    cs_error err = {0};
    int64_t seconds = 0;
    if (cs_parse_time(&seconds, text, what, &err) != CS_OK) {
        return cs_options_refuse(state, &err);
    }
    *out = (double)seconds;
    return 0;
}

/* How external programs are run. */
static cs_status parse_program_option(cs_simulate_options *options, int key, const char *text,
                                      cs_error *err)
{
    size_t retries = 0;
    switch (key) {
    case TIMEOUT:
        return cs_parse_double_in(&options->timeout, text, 0.0, 1e9, "--timeout", err);
    case RETRIES:
        CS_TRY(cs_parse_size(&retries, text, "--retries", err));
        options->retries = retries < 1000 ? (long)retries : 1000;
        return CS_OK;
    case WORKERS:
        CS_TRY(cs_parse_size(&options->workers, text, "--workers", err));
        if (options->workers < 1 || options->workers > CS_MAX_WORKERS) {
            return cs_fail(err, CS_USAGE, "--workers=%s: 1 to %d are possible", text,
                           CS_MAX_WORKERS);
        }
        return CS_OK;
    default:
        options->scratch = text;
        return text[0] != '\0' ? CS_OK : cs_fail(err, CS_USAGE, "--scratch: a folder is wanted");
    }
}

/* What becomes of those that fail. */
static cs_status parse_failure_option(cs_simulate_options *options, int key, const char *text,
                                      cs_error *err)
{
    const char **folder = key == KEEP_FAILED ? &options->keep_failed : &options->keep_files;
    switch (key) {
    case MAX_FAILURES:
        return cs_failure_limit_parse(&options->max_failures, text, "--max-failures", err);
    case KEEP_RUNS:
        return cs_parse_size(&options->keep_runs, text, "--keep-runs", err);
    case KEEP_SIZE:
        CS_TRY(cs_parse_size(&options->keep_size, text, "--keep-size", err));
        options->keep_size = options->keep_size < 1 << 20 ? options->keep_size : 1 << 20;
        return CS_OK;
    default:
        *folder = text;
        if (options->keep_failed != NULL && options->keep_files != NULL) {
            return cs_fail(err, CS_USAGE,
                           "--keep-files keeps those that fail, too: leave out "
                           "--keep-failed");
        }
        return text[0] != '\0' ? CS_OK : cs_fail(err, CS_USAGE, "--keep-...: a folder is wanted");
    }
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    cs_simulate_options *options = state->input;
    cs_selection *selection = &options->selection;
    cs_error err = {0};
    cs_status status = CS_OK;
    switch (key) {
    case INPUT:
        options->input = text;
        break;
    case OUTPUT:
        options->output = text;
        break;
    case STEPS:
        options->steps = text;
        break;
    case ENGINE:
        options->engine = text;
        break;
    case MODEL:
        options->model = text;
        break;
    case INITIAL_STATES:
        options->initial_states = text;
        break;
    case FRESH:
        options->fresh = true;
        break;
    case COSTS:
        options->costs = text;
        break;
    case RETRY_FAILED:
        options->retry_failed = true;
        break;
    case RESUME:
        options->resume = true;
        break;
    case ARGP_KEY_END:
        if (options->resume && options->fresh) {
            argp_error(state, "--resume and --fresh exclude each other");
            return EINVAL;
        }
        break;
    case CHECK:
        options->check = true;
        break;
    case FIRST:
        status = cs_parse_size(&selection->first_n, text, "--first", &err);
        break;
    case TIMEOUT:
    case RETRIES:
    case WORKERS:
    case SCRATCH:
        status = parse_program_option(options, key, text, &err);
        break;
    case MAX_FAILURES:
    case KEEP_FAILED:
    case KEEP_FILES:
    case KEEP_RUNS:
    case KEEP_SIZE:
        status = parse_failure_option(options, key, text, &err);
        break;
    case WALLTIME:
        status = cs_parse_duration(&options->walltime, text, "--walltime", &err);
        break;
    case GRACE:
        status = cs_parse_double_in(&options->grace, text, 0.0, 86400.0, "--grace", &err);
        break;
    case FROM:
        return parse_time(&selection->from, text, "--from", state);
    case TO:
        return parse_time(&selection->to, text, "--to", state);
    case ONLY:
        free(options->only);
        status = cs_parse_ids(&options->only, &selection->n_only, text, "--only", &err);
        selection->only = options->only;
        break;
    case ARGP_KEY_ARG:
        if (options->config != NULL) {
            argp_error(state, "more than one configuration: %s and %s", options->config, text);
            return EINVAL;
        }
        options->config = text;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return status == CS_OK ? 0 : cs_options_refuse(state, &err);
}

static const struct argp ARGP = {
    .options = OPTIONS,
    .parser = parse_option,
    .args_doc = "[CONFIG.xml]",
    .doc = "Runs a substance model for every sub-catchment of a river basin, on the ranks and "
           "threads it is started with (mpirun, srun, OMP_NUM_THREADS).\vWithout arguments: a "
           "demonstration in ./catchsim-demo."};

/* A demonstration is what is asked for if nothing is said about what to run. */
static bool is_demo(const cs_simulate_options *options)
{
    return options->config == NULL && options->input == NULL;
}

int main(int argc, char **argv)
{
    cs_simulate_prepare(argc, argv);
    cs_simulate_options options = cs_simulate_options_none();
    cs_common_options common;
    cs_options_parse(&ARGP, argc, argv, &options, &common);
    options.words = argv;
    options.n_words = argc;
    cs_session session;
    cs_error err = {0};
    cs_status status = cs_session_begin(&session, "catchsim", &common, &argc, &argv, &err);
    if (status == CS_OK) {
        status = is_demo(&options) ? cs_demo_run(&session, &err)
                                   : cs_simulate_run(&session, &options, &err);
    }
    cs_simulate_options_free(&options);
    return cs_session_end(&session, status, &err);
}
