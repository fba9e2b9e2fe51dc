/* SPDX-License-Identifier: MIT */
#include "job/fakegen_options.h"

#include <errno.h>
#include <string.h>

#include "config/options.h"
#include "config/parse.h"

enum {
    KEY_OUTPUT = 'o',
    KEY_COUNT = 'n',
    KEY_SEED = 's',
    KEY_SCHEMA = 0x100,
    KEY_START,
    KEY_FORMAT,
    KEY_PER_RANK,
    KEY_SPLIT,
    KEY_GZIP,
    KEY_WORDS,
    KEY_NO_HEADER,
};

static const struct argp_option list[] = {
    {"schema", KEY_SCHEMA, "FILE", 0,
     "What the records are: an XML file, `movies' (the default) or `persons'", 1},
    {"count", KEY_COUNT, "N", 0, "Number of records (a schema with tables has its own)", 1},
    {"start", KEY_START, "K", 0, "Number of the first record (0)", 1},
    {"seed", KEY_SEED, "S", 0, "Seed of all that is random (1)", 1},
    {"words", KEY_WORDS, "DIR", 0, "Folder of word lists NAME.txt, instead of our own", 1},
    {NULL, 0, NULL, 0, "Output:", 2},
    {"output", KEY_OUTPUT, "FILE", 0,
     "File, device or pipe; {table} stands for a table's name (default: stdout, `-')", 2},
    {"format", KEY_FORMAT, "ndjson|csv", 0, "Default: csv for names *.csv[.gz], else ndjson", 2},
    {"no-header", KEY_NO_HEADER, NULL, 0, "CSV without its line of names", 2},
    {"per-rank", KEY_PER_RANK, NULL, 0, "A file for each rank: FILE_0.ndjson, FILE_1.ndjson, ..",
     2},
    {"split", KEY_SPLIT, "N", 0, "A file for every N records, named likewise", 2},
    {"gzip", KEY_GZIP, "LEVEL", OPTION_ARG_OPTIONAL,
     "Pack it, with level 1 to 12 (6); so are names *.gz", 2},
    {0}};

void cs_fakegen_options_init(cs_fakegen_options *options)
{
    *options = (cs_fakegen_options){.schema = "movies", .output = "-", .seed = 1};
}

static cs_status read_split(cs_fakegen_options *options, const char *text, cs_error *err)
{
    CS_TRY(cs_parse_uint64(&options->split, text, "--split", err));
    options->layout = CS_FAKEGEN_SPLIT;
    return options->split > 0 ? CS_OK : cs_fail(err, CS_USAGE, "--split: at least 1 record a file");
}

static cs_status read_gzip(cs_fakegen_options *options, const char *text, cs_error *err)
{
    size_t level = 6;
    if (text != NULL) {
        CS_TRY(cs_parse_size(&level, text, "--gzip", err));
    }
    options->gzip = level <= 12 ? (int)level : 0;
    return options->gzip > 0 ? CS_OK : cs_fail(err, CS_USAGE, "--gzip: levels are 1 to 12");
}

static cs_status check_format(const char *text, cs_error *err)
{
    return strcmp(text, "ndjson") == 0 || strcmp(text, "csv") == 0
               ? CS_OK
               : cs_fail(err, CS_USAGE, "--format: \"%.60s\" is not one of ndjson, csv", text);
}

static cs_status check_path(const char *text, const char *what, cs_error *err)
{
    return text[0] != '\0' ? CS_OK : cs_fail(err, CS_USAGE, "%s: a path is wanted", what);
}

static cs_status check_together(const cs_fakegen_options *options, cs_error *err)
{
    if (options->per_rank && options->split > 0) {
        return cs_fail(err, CS_USAGE, "--per-rank and --split exclude each other");
    }
    if (options->has_count && options->start > UINT64_MAX - options->count) {
        return cs_fail(err, CS_USAGE, "--start and --count: record numbers end at 2^64");
    }
    return CS_OK;
}

static cs_status read_output_option(cs_fakegen_options *options, int key, const char *text,
                                    cs_error *err)
{
    switch (key) {
    case KEY_OUTPUT:
        options->output = text;
        return check_path(text, "--output", err);
    case KEY_FORMAT:
        options->format = text;
        return check_format(text, err);
    case KEY_NO_HEADER:
        options->no_header = true;
        return CS_OK;
    case KEY_PER_RANK:
        options->per_rank = true;
        options->layout = CS_FAKEGEN_PER_RANK;
        return CS_OK;
    case KEY_SPLIT:
        return read_split(options, text, err);
    default:
        return read_gzip(options, text, err);
    }
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    cs_fakegen_options *options = state->input;
    cs_error err = {0};
    cs_status status = CS_OK;
    switch (key) {
    case KEY_SCHEMA:
        options->schema = text;
        status = check_path(text, "--schema", &err);
        break;
    case KEY_WORDS:
        options->words = text;
        status = check_path(text, "--words", &err);
        break;
    case KEY_COUNT:
        options->has_count = true;
        status = cs_parse_uint64(&options->count, text, "--count", &err);
        break;
    case KEY_START:
        options->has_start = true;
        status = cs_parse_uint64(&options->start, text, "--start", &err);
        break;
    case KEY_SEED:
        status = cs_parse_uint64(&options->seed, text, "--seed", &err);
        break;
    case KEY_OUTPUT:
    case KEY_FORMAT:
    case KEY_NO_HEADER:
    case KEY_PER_RANK:
    case KEY_SPLIT:
    case KEY_GZIP:
        status = read_output_option(options, key, text, &err);
        break;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument: %.60s", text);
        return EINVAL;
    case ARGP_KEY_END:
        status = check_together(options, &err);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return status == CS_OK ? 0 : cs_options_refuse(state, &err);
}

const struct argp cs_fakegen_argp = {
    .options = list,
    .parser = parse_option,
    .doc = "Makes fake records from a schema: movies, persons, or your own.\vThe same seed gives "
           "the same bytes on any number of ranks and threads. docs/fakegen.md explains schemas."};
