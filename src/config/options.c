/* SPDX-License-Identifier: MIT */
#include "config/options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "config/parse.h"

enum {
    KEY_QUIET = 'q',
    KEY_VERBOSE = 'v',
    KEY_HELP = '?',
    KEY_VERSION = 'V',
    KEY_PROGRESS = 0x1000, /* beyond characters: no short form; far from the programs' own keys */
    KEY_CPU_MONITOR,
    KEY_CPU_MONITOR_SCOPE,
    KEY_REPORT,
    KEY_USAGE,
};

static const struct argp_option common_list[] = {
    {"quiet", KEY_QUIET, NULL, 0, "Print warnings and errors only", 0},
    {"verbose", KEY_VERBOSE, NULL, 0, "Print more", 0},
    {"progress", KEY_PROGRESS, "auto|bar|lines|none", 0,
     "Show progress: a bar on a terminal and lines elsewhere (auto)", 0},
    {"cpu-monitor", KEY_CPU_MONITOR, "SECONDS", OPTION_ARG_OPTIONAL,
     "Print how busy every CPU is, every so many seconds (1); SECONDS may be `once'", 0},
    {"cpu-monitor-scope", KEY_CPU_MONITOR_SCOPE, "host|rank", 0,
     "Who prints that: one rank of each host (host), or every rank", 0},
    {"report", KEY_REPORT, "FILE", 0, "Write a report of the run in JSON", 0},
    {"help", KEY_HELP, NULL, 0, "Print this help", -1},
    {"usage", KEY_USAGE, NULL, 0, "Print a short usage message", -1},
    {"version", KEY_VERSION, NULL, 0, "Print the version", -1},
    {0},
};

/* What the parsers of this file share; the program's parser gets only its own input. */
typedef struct {
    void *program_input;
    cs_common_options *common;
    bool answered;
} reading;

/* One of several words; the index, or -1. */
static int find_word(const char *const *words, int n, const char *text)
{
    for (int i = 0; i < n; i++) {
        if (strcmp(words[i], text) == 0) {
            return i;
        }
    }
    return -1;
}

static error_t read_progress(cs_common_options *common, const char *text,
                             const struct argp_state *state)
{
    static const char *const words[] = {"auto", "bar", "lines", "none"};
    const int i = find_word(words, 4, text);
    if (i < 0) {
        argp_error(state, "--progress: \"%.60s\" is not one of auto, bar, lines, none", text);
        return EINVAL;
    }
    common->progress = words[i];
    return 0;
}

static error_t read_cpu_monitor(cs_common_options *common, const char *text,
                                const struct argp_state *state)
{
    cs_error err;
    common->cpu_monitor = true;
    common->cpu_monitor_seconds = 1;
    common->cpu_monitor_once = text != NULL && strcmp(text, "once") == 0;
    if (text == NULL || common->cpu_monitor_once) {
        return 0;
    }
    /* Below 0.1 s the kernel's ticks of 0.01 s make no percentage. */
    if (cs_parse_double_in(&common->cpu_monitor_seconds, text, 0.1, 86400, "--cpu-monitor", &err) !=
        CS_OK) {
        return cs_options_refuse(state, &err);
    }
    return 0;
}

static error_t read_cpu_monitor_scope(cs_common_options *common, const char *text,
                                      const struct argp_state *state)
{
    static const char *const words[] = {"host", "rank"};
    const int i = find_word(words, 2, text);
    if (i < 0) {
        argp_error(state, "--cpu-monitor-scope: \"%.60s\" is not one of host, rank", text);
        return EINVAL;
    }
    common->cpu_monitor_per_rank = i == 1;
    return 0;
}

static error_t read_report(cs_common_options *common, const char *text,
                           const struct argp_state *state)
{
    if (text[0] == '\0') {
        argp_error(state, "--report: a path is wanted");
        return EINVAL;
    }
    common->report = text;
    return 0;
}

/* Prints what was asked for and stops the parsing. */
static error_t answer(reading *r, const struct argp_state *state, int key)
{
    r->answered = true;
    if (cs_options_launcher_rank() != 0) {
        return ECANCELED;
    }
    if (key == KEY_VERSION) {
        fprintf(state->out_stream, "%s %s\n", state->name, cs_version());
    } else {
        argp_state_help(state, state->out_stream,
                        key == KEY_HELP ? ARGP_HELP_STD_HELP : ARGP_HELP_USAGE);
    }
    return ECANCELED;
}

static error_t parse_common(int key, char *text, struct argp_state *state)
{
    reading *r = state->input;
    switch (key) {
    case KEY_QUIET:
    case KEY_VERBOSE: /* the last one counts */
        r->common->quiet = key == KEY_QUIET;
        r->common->verbose = key == KEY_VERBOSE;
        return 0;
    case KEY_PROGRESS:
        return read_progress(r->common, text, state);
    case KEY_CPU_MONITOR:
        return read_cpu_monitor(r->common, text, state);
    case KEY_CPU_MONITOR_SCOPE:
        return read_cpu_monitor_scope(r->common, text, state);
    case KEY_REPORT:
        return read_report(r->common, text, state);
    case KEY_HELP:
    case KEY_USAGE:
    case KEY_VERSION:
        return answer(r, state, key);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_root(int key, char *text, struct argp_state *state)
{
    (void)text;
    if (key != ARGP_KEY_INIT) {
        return ARGP_ERR_UNKNOWN;
    }
    reading *r = state->input;
    state->child_inputs[0] = r->program_input;
    state->child_inputs[1] = r;
    return 0;
}

/* The program's argp and the common one under one root, which has the program's texts. */
static error_t run_argp(const struct argp *argp, int argc, char **argv, reading *r)
{
    static const struct argp common_argp = {.options = common_list, .parser = parse_common};
    struct argp program = *argp;
    program.args_doc = NULL;
    program.doc = NULL;
    const struct argp_child children[] = {
        {&program, 0, NULL, 0}, {&common_argp, 0, "Common options:", 1}, {0}};
    const struct argp root = {.parser = parse_root,
                              .args_doc = argp->args_doc,
                              .doc = argp->doc,
                              .children = children,
                              .help_filter = argp->help_filter};
    return argp_parse(&root, argc, argv, ARGP_NO_EXIT | ARGP_NO_HELP, NULL, r);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Of what argp and getopt print, "PROGRAM: why\nTry ...", keeps the reason. */
static cs_status refuse(const char *printed, const char *program, cs_error *err)
{
    const char *const prefixes[] = {program, base_name(program)};
    for (size_t i = 0; i < 2; i++) {
        const size_t length = strlen(prefixes[i]);
        if (strncmp(printed, prefixes[i], length) == 0 && printed[length] == ':') {
            printed += length + 1;
            break;
        }
    }
    printed += strspn(printed, " ");
    const int length = (int)strcspn(printed, "\n");
    return cs_fail(err, CS_USAGE, "%.*s; see %s --help", length > 0 ? length : 9,
                   length > 0 ? printed : "wrong use", base_name(program));
}

cs_status cs_options_read(const struct argp *argp, int argc, char **argv, void *input,
                          cs_common_options *common, bool *answered, cs_error *err)
{
    *common = (cs_common_options){.progress = "auto", .cpu_monitor_seconds = 1};
    reading r = {.program_input = input, .common = common};
    char *printed = NULL;
    size_t size = 0;
    /* getopt knows no other stream than stderr, which the GNU C library lets us replace. */
    FILE *capture = open_memstream(&printed, &size);
    if (capture == NULL) {
        return cs_fail(err, CS_MEMORY, "out of memory: the command line");
    }
    FILE *const saved = stderr;
    stderr = capture;
    const error_t code = run_argp(argp, argc, argv, &r);
    stderr = saved;
    cs_status status = CS_OK;
    if (fclose(capture) != 0) {
        status = cs_fail(err, CS_MEMORY, "out of memory: the command line");
    } else if (code != 0 && !r.answered) {
        status = refuse(printed, argv[0], err);
    }
    free(printed);
    *answered = r.answered;
    return status;
}

static cs_log_level log_level(const cs_common_options *common)
{
    return common->quiet ? CS_LOG_WARNING : common->verbose ? CS_LOG_DEBUG : CS_LOG_INFO;
}

void cs_options_parse(const struct argp *argp, int argc, char **argv, void *input,
                      cs_common_options *common)
{
    cs_error err = {0};
    bool answered = false;
    const int rank = cs_options_launcher_rank();
    const cs_status status = cs_options_read(argp, argc, argv, input, common, &answered, &err);
    cs_log_setup(base_name(argv[0]), rank, log_level(common));
    if (status != CS_OK && rank == 0) {
        cs_log(CS_LOG_ERROR, "%s", err.message);
    } else if (status != CS_OK) {
        sleep(1); /* a launcher may kill rank 0, before it has spoken, when another rank ends */
    }
    if (status != CS_OK || answered) {
        exit(cs_status_exit(status));
    }
}

error_t cs_options_refuse(const struct argp_state *state, const cs_error *err)
{
    argp_error(state, "%s", err->message);
    return EINVAL;
}

bool cs_options_has_launcher(void)
{
    return getenv("OMPI_COMM_WORLD_SIZE") != NULL || getenv("PMIX_RANK") != NULL ||
           getenv("PMI_RANK") != NULL;
}

int cs_options_launcher_rank(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};
    if (!cs_options_has_launcher()) {
        return 0;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        size_t rank = 0;
        if (value != NULL && cs_parse_size(&rank, value, names[i], NULL) == CS_OK &&
            rank <= INT_MAX) {
            return (int)rank;
        }
    }
    return 0;
}

const char *cs_version(void)
{
    return CS_VERSION;
}
