/* SPDX-License-Identifier: MIT */
#include "job/ndpipe_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "config/options.h"
#include "config/parse.h"

enum {
    KEY_FIELD = 'f',
    KEY_QUEUE = 0x100,
    KEY_THROTTLE,
    KEY_RAW,
    KEY_KEEP_NEWLINES,
    KEY_STRICT,
    KEY_REJECTS,
    KEY_MAX_LINE,
    KEY_BLOCK,
    KEY_FRESH, /* the last one */
};

static const struct argp_option list[] = {
    {"field", KEY_FIELD, "PATH", 0, "The field: title, actors[0], a.b[2] or [\"a.b\"]", 1},
    {"raw", KEY_RAW, NULL, 0, "Write its JSON text as it stands (strings are decoded otherwise)",
     1},
    {"keep-newlines", KEY_KEEP_NEWLINES, NULL, 0,
     "Write line ends in a decoded string as they are (as \\n and \\r otherwise)", 1},
    {"strict", KEY_STRICT, NULL, 0,
     "Validate whole lines, and that the field is there once (only what leads to it otherwise)", 1},
    {"rejects", KEY_REJECTS, "FILE", 0, "Write malformed lines to FILE", 1},
    {"fresh", KEY_FRESH, NULL, 0, "Replace existing outputs", 1},
    {"queue", KEY_QUEUE, "N", 0, "Items that wait in a stream at most (20)", 2},
    {"throttle", KEY_THROTTLE, "SECONDS[,SECONDS...]", 0,
     "Take a line at most every so many seconds, and log each: one number for all streams, or one "
     "for each, 0 for none",
     2},
    {"max-line", KEY_MAX_LINE, "BYTES", 0,
     "Look at so many bytes of a line; K, M, G are understood (16M)", 2},
    {"block", KEY_BLOCK, "BYTES", 0, "Bytes of a file that a thread takes at once (4M)", 2},
    {0},
};

static const char doc[] =
    "Writes one field of every record of newline-delimited JSON: IN to OUT, several streams at "
    "once."
    "\v- stands for standard input and output. Streams may share an OUT: lines stay whole, and "
    "those "
    "of a stream in order. docs/ndpipe.md has the details.";

void cs_ndpipe_options_init(cs_ndpipe_options *options)
{
    *options =
        (cs_ndpipe_options){.queue = 20, .block = (size_t)4 << 20, .max_line = (size_t)16 << 20};
}

void cs_ndpipe_options_free(cs_ndpipe_options *options)
{
    cs_field_free(&options->field);
    free(options->streams);
    free(options->throttles);
    free(options->paths);
    *options = (cs_ndpipe_options){0};
}

cs_status cs_ndpipe_parse_bytes(size_t *bytes, const char *text, const char *what, cs_error *err)
{
    static const char units[] = "KMG";
    char digits[32];
    size_t length = strspn(text, "0123456789");
    const char *unit = text[length] == '\0' ? NULL : strchr(units, text[length]);
    const bool good = length > 0 && length < sizeof digits &&
                      (text[length] == '\0' || (unit != NULL && text[length + 1] == '\0'));
    const int shift = unit == NULL ? 0 : 10 * (int)(unit - units + 1);
    size_t number = 0;
    if (good) {
        memcpy(digits, text, length);
        digits[length] = '\0';
    }
    if (!good || cs_parse_size(&number, digits, what, err) != CS_OK ||
        number > (SIZE_MAX >> 1) >> shift) {
        return cs_fail(err, CS_USAGE, "%s: \"%.60s\" is no number of bytes, as 500, 64K, 16M, 1G",
                       what, text);
    }
    *bytes = number << shift;
    return CS_OK;
}

static cs_status parse_bytes_in(size_t *bytes, const char *text, size_t low, size_t high,
                                const char *what, cs_error *err)
{
    CS_TRY(cs_ndpipe_parse_bytes(bytes, text, what, err));
    if (*bytes < low || *bytes > high) {
        return cs_fail(err, CS_USAGE, "%s=%s: %zu to %zu bytes are possible", what, text, low,
                       high);
    }
    return CS_OK;
}

static cs_status parse_queue(cs_ndpipe_options *options, const char *text, cs_error *err)
{
    CS_TRY(cs_parse_size(&options->queue, text, "--queue", err));
    if (options->queue < 1 || options->queue > 100000) {
        return cs_fail(err, CS_USAGE, "--queue=%s: 1 to 100000 are possible", text);
    }
    return CS_OK;
}

static cs_status parse_throttles(cs_ndpipe_options *options, const char *text, cs_error *err)
{
    char *copy = NULL, *rest = NULL;
    size_t n = 1;
    for (const char *c = text; *c != '\0'; c++) {
        n += *c == ',';
    }
    cs_status status = CS_OK;
    free(options->throttles);
    options->n_throttles = 0;
    CS_CHECK(cs_alloc(&options->throttles, n, sizeof(double), "throttles", err));
    CS_CHECK(cs_copy_string(&copy, text, err));
    rest = copy;
    for (char *one = strsep(&rest, ","); one != NULL; one = strsep(&rest, ",")) {
        double *seconds = &options->throttles[options->n_throttles++];
        CS_CHECK(cs_parse_double_in(seconds, one, 0, 86400, "--throttle", err));
    }
release:
    free(copy);
    return status;
}

static cs_status add_path(cs_ndpipe_options *options, const char *path, cs_error *err)
{
    const char **more = NULL;
    if (path[0] == '\0') {
        return cs_fail(err, CS_USAGE, "an input or output has no name");
    }
    CS_TRY(cs_alloc(&more, options->n_paths + 1, sizeof *more, "the streams", err));
    if (options->n_paths > 0) {
        memcpy(more, options->paths, options->n_paths * sizeof *more);
    }
    free(options->paths);
    options->paths = more;
    options->paths[options->n_paths++] = path;
    return CS_OK;
}

static cs_status set(cs_ndpipe_options *options, int key, const char *text, cs_error *err)
{
    switch (key) {
    case KEY_FIELD:
        cs_field_free(&options->field);
        options->field_text = text;
        return cs_field_parse(&options->field, text, err);
    case KEY_QUEUE:
        return parse_queue(options, text, err);
    case KEY_THROTTLE:
        return parse_throttles(options, text, err);
    case KEY_RAW:
        options->raw = true;
        return CS_OK;
    case KEY_KEEP_NEWLINES:
        options->keep_newlines = true;
        return CS_OK;
    case KEY_STRICT:
        options->strict = true;
        return CS_OK;
    case KEY_REJECTS:
        options->rejects = text;
        return text[0] != '\0' ? CS_OK : cs_fail(err, CS_USAGE, "--rejects: a file is wanted");
    case KEY_MAX_LINE:
        return parse_bytes_in(&options->max_line, text, 1024, (size_t)1 << 34, "--max-line", err);
    case KEY_BLOCK:
        return parse_bytes_in(&options->block, text, 1024, (size_t)1 << 30, "--block", err);
    case KEY_FRESH:
        options->fresh = true;
        return CS_OK;
    default:
        return cs_fail(err, CS_INTERNAL, "option %d is not known", key);
    }
}

static bool is_dash(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* An input that is written, if only as an output's temporary file or journal, would be lost. */
static cs_status check_input(const cs_ndpipe_options *options, size_t i, cs_error *err)
{
    const char *input = options->streams[i].input;
    const char *source = is_dash(input) ? "/dev/stdin" : input;
    for (size_t k = 0; k < i && is_dash(input); k++) {
        if (is_dash(options->streams[k].input)) {
            return cs_fail(err, CS_USAGE, "standard input (-) can be one stream's only");
        }
    }
    for (size_t k = 0; k < options->n_streams; k++) {
        const char *output = options->streams[k].output;
        if (cs_output_spoils(output, source)) {
            return cs_fail(err, CS_USAGE, "%s: is an input and an output, or a file beside %s",
                           input, output);
        }
    }
    if (options->rejects != NULL && cs_output_spoils(options->rejects, source)) {
        return cs_fail(err, CS_USAGE, "%s: is an input and --rejects, or a file beside it", input);
    }
    return CS_OK;
}

/* Streams may share an output, but none may lie where another's temporary file does. */
static cs_status check_output(const cs_ndpipe_options *options, size_t i, cs_error *err)
{
    const char *output = options->streams[i].output, *rejects = options->rejects;
    for (size_t k = 0; k < options->n_streams; k++) {
        const char *other = options->streams[k].output;
        if (cs_output_spoils(other, output) && !cs_output_is_same(output, other)) {
            return cs_fail(err, CS_USAGE, "%s: is an output and a file beside %s", output, other);
        }
    }
    if (rejects != NULL &&
        (cs_output_spoils(rejects, output) || cs_output_spoils(output, rejects))) {
        return cs_fail(err, CS_USAGE, "%s: is an output and --rejects, or a file beside it",
                       rejects);
    }
    return CS_OK;
}

cs_status cs_ndpipe_options_check_report(const cs_ndpipe_options *options,
                                         const cs_session *session, cs_error *err)
{
    for (size_t i = 0; i < options->n_streams; i++) {
        const cs_ndpipe_stream *stream = &options->streams[i];
        CS_TRY(cs_session_check_report(
            session, is_dash(stream->input) ? "/dev/stdin" : stream->input, "an input", err));
        CS_TRY(cs_session_check_report(session, stream->output, "an output", err));
    }
    return cs_session_check_report(session, options->rejects, "--rejects", err);
}

static cs_status make_streams(cs_ndpipe_options *options, cs_error *err)
{
    const size_t n = options->n_paths / 2;
    CS_TRY(cs_alloc(&options->streams, n, sizeof *options->streams, "the streams", err));
    options->n_streams = n;
    for (size_t i = 0; i < n; i++) {
        options->streams[i] = (cs_ndpipe_stream){
            .input = options->paths[2 * i],
            .output = options->paths[2 * i + 1],
            .throttle = options->n_throttles == 0
                            ? 0.0
                            : options->throttles[options->n_throttles == 1 ? 0 : i]};
    }
    for (size_t i = 0; i < n; i++) {
        CS_TRY(check_input(options, i, err));
        CS_TRY(check_output(options, i, err));
    }
    return CS_OK;
}

static cs_status check(cs_ndpipe_options *options, cs_error *err)
{
    if (options->field.n_steps == 0) {
        return cs_fail(err, CS_USAGE, "--field=PATH is needed");
    }
    if (options->n_paths == 0 || options->n_paths % 2 != 0) {
        return cs_fail(err, CS_USAGE, "streams are pairs of IN and OUT, at least one; %zu given",
                       options->n_paths);
    }
    if (options->n_throttles > 1 && options->n_throttles != options->n_paths / 2) {
        return cs_fail(err, CS_USAGE, "--throttle has %zu numbers for %zu streams",
                       options->n_throttles, options->n_paths / 2);
    }
    return make_streams(options, err);
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    cs_error err = {0};
    cs_status status = CS_OK;
    if (key == ARGP_KEY_END) {
        status = check(state->input, &err);
    } else if (key == ARGP_KEY_ARG) {
        status = add_path(state->input, text, &err);
    } else if (key == KEY_FIELD || (key >= KEY_QUEUE && key <= KEY_FRESH)) {
        status = set(state->input, key, text, &err);
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    return status == CS_OK ? 0 : cs_options_refuse(state, &err);
}

const struct argp cs_ndpipe_argp = {
    .options = list, .parser = parse, .args_doc = "IN OUT [IN OUT...]", .doc = doc};
