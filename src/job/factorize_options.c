/* SPDX-License-Identifier: MIT */
#include "job/factorize_options.h"

#include <string.h>

#include "config/parse.h"

enum {
    KEY_OUTPUT = 'o',
    KEY_FROM = 0x100,
    KEY_DATASET,
    KEY_SKIP_BAD,
    KEY_METHOD,
    KEY_FORMAT,
    KEY_EXPONENTS,
    KEY_COUNT,
    KEY_BENCH,
    KEY_FRESH,
    KEY_RESUME,
    KEY_DEFLATE, /* the last one */
};

static const struct argp_option list[] = {
    {"from", KEY_FROM, "FILE|-", 0,
     "Factor the integers of a list: text, one a line, or FILE.h5[:/DATASET]", 1},
    {"dataset", KEY_DATASET, "NAME", 0, "The dataset of FILE.h5", 1},
    {"skip-bad", KEY_SKIP_BAD, NULL, 0, "Leave out bad lines of a list and count them", 1},
    {"method", KEY_METHOD, "auto|sieve|naive", 0, "How (auto); naive is trial division", 2},
    {"output", KEY_OUTPUT, "FILE", 0, "Write to FILE (standard output)", 3},
    {"fresh", KEY_FRESH, NULL, 0, "Replace it if it exists", 3},
    {"resume", KEY_RESUME, NULL, 0, "Go on where a killed run left it (text or NDJSON of a range)",
     3},
    {"format", KEY_FORMAT, "text|ndjson|hdf5", 0,
     "Of the output (text; by FILE's ending .ndjson, .json, .h5)", 3},
    {"exponents", KEY_EXPONENTS, NULL, 0, "Write 2^2 3 instead of 2 2 3", 3},
    {"deflate", KEY_DEFLATE, "LEVEL", 0, "Compression of HDF5, 0 (none) to 12 (1)", 3},
    {"count", KEY_COUNT, NULL, 0,
     "Write sums only: integers, primes, prime factors, distinct ones, the largest gap", 3},
    {"bench", KEY_BENCH, NULL, 0, "Write nothing but how long it took", 3},
    {0},
};

static const char doc[] =
    "Prime factors, in increasing order and with multiplicity, of every integer from A to B (up to "
    "2^63), or of the integers of a list."
    "\vThe output has the same bytes for any number of ranks and threads; text is what GNU factor "
    "prints. docs/factorize.md describes formats and methods.";

cs_factorize_options cs_factorize_options_none(void)
{
    return (cs_factorize_options){.deflate = 1};
}

/* One of the names of a list that NULL ends; its place is the value. */
static cs_status choose(int *value, const char *const *names, const char *text, const char *what,
                        cs_error *err)
{
    for (int k = 0; names[k] != NULL; k++) {
        if (strcmp(text, names[k]) == 0) {
            *value = k;
            return CS_OK;
        }
    }
    return cs_fail(err, CS_USAGE, "%s: \"%.80s\" is not known; --help lists what is", what, text);
}

static cs_status set_form(cs_factorize_options *options, cs_factor_form form, cs_error *err)
{
    if (options->has_form && options->form != form) {
        return cs_fail(err, CS_USAGE, "--format, --count and --bench exclude each other");
    }
    options->form = form;
    options->has_form = true;
    return CS_OK;
}

static cs_status set_deflate(cs_factorize_options *options, const char *text, cs_error *err)
{
    size_t level = 0;
    CS_TRY(cs_parse_size(&level, text, "--deflate", err));
    if (level > 12) {
        return cs_fail(err, CS_USAGE, "--deflate: %zu is not a level from 0 to 12", level);
    }
    options->deflate = (int)level;
    return CS_OK;
}

static cs_status set_name(cs_factorize_options *options, int key, const char *text, cs_error *err)
{
    static const char *const METHODS[] = {"auto", "sieve", "naive", NULL};
    static const char *const FORMATS[] = {"text", "ndjson", "hdf5", NULL};
    int value = 0;
    if (key == KEY_METHOD) {
        CS_TRY(choose(&value, METHODS, text, "--method", err));
        options->method = (cs_factor_method)value;
        return CS_OK;
    }
    CS_TRY(choose(&value, FORMATS, text, "--format", err));
    return set_form(options, (cs_factor_form)value, err);
}

static cs_status set(cs_factorize_options *options, int key, const char *text, cs_error *err)
{
    switch (key) {
    case ARGP_KEY_ARG:
        if (options->range != NULL) {
            return cs_fail(err, CS_USAGE, "\"%.80s\": there is a range already", text);
        }
        options->range = text;
        return CS_OK;
    case KEY_OUTPUT:
        options->output = text;
        return CS_OK;
    case KEY_FROM:
        options->from = text;
        return CS_OK;
    case KEY_DATASET:
        options->dataset = text;
        return CS_OK;
    case KEY_SKIP_BAD:
        options->skip_bad = true;
        return CS_OK;
    case KEY_FRESH:
        options->fresh = true;
        return CS_OK;
    case KEY_RESUME:
        options->resume = true;
        return CS_OK;
    case KEY_EXPONENTS:
        options->exponents = true;
        return CS_OK;
    case KEY_METHOD:
    case KEY_FORMAT:
        return set_name(options, key, text, err);
    case KEY_COUNT:
        return set_form(options, CS_FACTOR_COUNT, err);
    case KEY_BENCH:
        return set_form(options, CS_FACTOR_BENCH, err);
    case KEY_DEFLATE:
        return set_deflate(options, text, err);
    default:
        return cs_fail(err, CS_INTERNAL, "option %d is not known", key);
    }
}

static bool ends_with(const char *text, const char *ending)
{
    const size_t n = strlen(text), m = strlen(ending);
    return n >= m && strcmp(text + n - m, ending) == 0;
}

static void guess_form(cs_factorize_options *options)
{
    if (options->has_form || options->output == NULL) {
        return;
    }
    if (ends_with(options->output, ".h5") || ends_with(options->output, ".nc")) {
        options->form = CS_FACTOR_HDF5;
    } else if (ends_with(options->output, ".ndjson") || ends_with(options->output, ".json")) {
        options->form = CS_FACTOR_NDJSON;
    }
}

static cs_status check(cs_factorize_options *options, cs_error *err)
{
    if ((options->range == NULL) == (options->from == NULL)) {
        return cs_fail(err, CS_USAGE, "either a range A..B or --from=FILE is needed");
    }
    if (options->from != NULL && options->method == CS_FACTOR_SIEVE) {
        return cs_fail(err, CS_USAGE, "--method=sieve goes with a range only");
    }
    if (options->dataset != NULL && options->from == NULL) {
        return cs_fail(err, CS_USAGE, "--dataset goes with --from=FILE.h5 only");
    }
    if (options->output != NULL && options->output[0] == '\0') {
        return cs_fail(err, CS_USAGE, "--output needs the name of a file");
    }
    guess_form(options);
    if (options->form == CS_FACTOR_HDF5 && options->output == NULL) {
        return cs_fail(err, CS_USAGE, "--format=hdf5 needs --output=FILE");
    }
    if (options->resume && (options->output == NULL || options->range == NULL ||
                            options->form == CS_FACTOR_HDF5 || options->fresh)) {
        return cs_fail(
            err, CS_USAGE,
            "--resume goes with the text or NDJSON of a range, --output=FILE, and without "
            "--fresh");
    }
    if (options->output != NULL && options->form >= CS_FACTOR_COUNT) {
        return cs_fail(err, CS_USAGE, "--count and --bench write no file; leave out --output");
    }
    if (options->exponents && options->form != CS_FACTOR_TEXT) {
        return cs_fail(err, CS_USAGE, "--exponents goes with text only");
    }
    return CS_OK;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    cs_error err;
    cs_status status = CS_OK;
    if (key == ARGP_KEY_END) {
        status = check(state->input, &err);
    } else if (key == ARGP_KEY_ARG || key == KEY_OUTPUT ||
               (key >= KEY_FROM && key <= KEY_DEFLATE)) {
        status = set(state->input, key, text, &err);
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    return status == CS_OK ? 0 : cs_options_refuse(state, &err);
}

const struct argp cs_factorize_argp = {
    .options = list, .parser = parse, .args_doc = "A..B", .doc = doc};
