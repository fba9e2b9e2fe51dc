/* SPDX-License-Identifier: MIT */
/* The command line: numbers, ids and times, the options that all programs have, the launcher. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/memory.h"
#include "config/options.h"
#include "config/parse.h"

static void test_doubles(void **state)
{
    (void)state;
    static const char *const good[] = {"0", "3", "-0.5", "+.5", "5.", "2e-5", "1E+3", "1e-400"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        double value = -1;
        assert_int_equal(cs_parse_double(&value, good[i], "--x", NULL), CS_OK);
        assert_true(value == strtod(good[i], NULL));
    }
    static const char *const bad[] = {"",    " 1", "1 ",    "x",   "1x",    ".",     "+",
                                      "-.",  "1e", "1e+",   "nan", "inf",   "0x1",   "1,5",
                                      "1_0", "e5", "1.2.3", "--1", "1e999", "-1e999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double value = 7;
        cs_error err = {0};
        assert_int_equal(cs_parse_double(&value, bad[i], "--timeout", &err), CS_USAGE);
        assert_int_equal(strncmp(err.message, "--timeout: \"", 12), 0);
        assert_true(value == 7);
    }
    double value = 7;
    assert_int_equal(cs_parse_double_in(&value, "0.1", 0.1, 2, "--x", NULL), CS_OK);
    assert_int_equal(cs_parse_double_in(&value, "2", 0.1, 2, "--x", NULL), CS_OK);
    assert_int_equal(cs_parse_double_in(&value, "2.01", 0.1, 2, "--x", NULL), CS_USAGE);
    assert_int_equal(cs_parse_double_in(&value, "0", 0.1, 2, "--x", NULL), CS_USAGE);
    assert_true(value == 2);
}

static void test_whole_numbers(void **state)
{
    (void)state;
    size_t n = 7;
    assert_int_equal(cs_parse_size(&n, "0", "--first", NULL), CS_OK);
    assert_int_equal(n, 0);
    assert_int_equal(cs_parse_size(&n, "0018005", "--first", NULL), CS_OK);
    assert_int_equal(n, 18005);
    uint64_t seed = 7;
    assert_int_equal(cs_parse_uint64(&seed, "18446744073709551615", "--seed", NULL), CS_OK);
    assert_true(seed == UINT64_MAX);
    static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "x"};
    cs_error err;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(cs_parse_size(&n, bad[i], "--first", &err), CS_USAGE);
        assert_non_null(strstr(err.message, "is not a whole number"));
    }
    static const char *const large[] = {"18446744073709551616", "18446744073709551620",
                                        "99999999999999999999999999"};
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++) {
        assert_int_equal(cs_parse_uint64(&seed, large[i], "--seed", &err), CS_USAGE);
        assert_non_null(strstr(err.message, "is too large"));
    }
    assert_int_equal(n, 18005);
    assert_true(seed == UINT64_MAX);
}

static void test_ids(void **state)
{
    (void)state;
    int64_t *ids = NULL;
    size_t n = 0;
    assert_int_equal(cs_parse_ids(&ids, &n, "17,4,9223372036854775807", "--only", NULL), CS_OK);
    assert_int_equal(n, 3);
    assert_true(ids[0] == 17 && ids[1] == 4 && ids[2] == INT64_MAX);
    free(ids);
    assert_int_equal(cs_parse_ids(&ids, &n, "5", "--only", NULL), CS_OK);
    assert_int_equal(n, 1);
    free(ids);
    static const char *const bad[] = {"",   ",",    "1,",  ",1",    "1,,2", "0",
                                      "-1", "1, 2", "1;2", "1,2,1", "a",    "9223372036854775808"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cs_error err = {0};
        assert_int_equal(cs_parse_ids(&ids, &n, bad[i], "--only", &err), CS_USAGE);
        assert_null(ids);
        assert_int_equal(strncmp(err.message, "--only: ", 8), 0);
    }
    for (long nth = 1; nth <= 2; nth++) {
        cs_memory_fail_nth(nth);
        assert_int_equal(cs_parse_ids(&ids, &n, "1,2", "--only", NULL), CS_MEMORY);
        cs_memory_fail_nth(0);
    }
}

static int64_t seconds_of(const char *text)
{
    int64_t seconds = INT64_MIN;
    cs_error err = {0};
    if (cs_parse_time(&seconds, text, "--from", &err) != CS_OK) {
        fail_msg("%s", err.message);
    }
    return seconds;
}

static void test_times(void **state)
{
    (void)state;
    assert_true(seconds_of("1970-01-01") == 0);
    assert_true(seconds_of("1969-12-31T23:59:59") == -1);
    assert_true(seconds_of("2021-01-01T00") == 1609459200); /* date -u -d ... +%s */
    assert_true(seconds_of("2021-06-15T12:30") == 1623760200);
    assert_true(seconds_of("2024-02-29T23:59:59") == 1709251199);
    assert_true(seconds_of("2000-02-29") == 951782400);
    assert_true(seconds_of("0000-01-01") == -62167219200);
    assert_true(seconds_of("9999-12-31") == 253402214400);
    static const char *const bad[] = {"",
                                      "2021",
                                      "2021-1-1",
                                      "2021-01-01T",
                                      "2021-01-01 00",
                                      "2021-01-01T1",
                                      "2021-01-01T00:0",
                                      "2021-01-01T00:00:00Z",
                                      "21-01-01",
                                      "2021/01/01",
                                      "2021-00-01",
                                      "2021-13-01",
                                      "2021-01-00",
                                      "2021-02-29",
                                      "1900-02-29",
                                      "2021-04-31",
                                      "2021-01-01T24",
                                      "2021-01-01T00:60",
                                      "2021-01-01T00:00:60",
                                      "-2021-01-01",
                                      "2021-01-01x",
                                      "2021-01-01:00",
                                      "2021-01-01T00T00"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t seconds = 7;
        cs_error err = {0};
        if (cs_parse_time(&seconds, bad[i], "--from", &err) != CS_USAGE) {
            fail_msg("\"%s\" was taken", bad[i]);
        }
        assert_int_equal(strncmp(err.message, "--from: ", 8), 0);
        assert_true(seconds == 7);
    }
}

/* The last day of every month of 2,400 years against the C library's calendar. */
static void test_calendar(void **state)
{
    (void)state;
    for (int year = 0; year <= 2400; year++) {
        for (int month = 1; month <= 12; month++) {
            struct tm date = {.tm_year = year - 1900, .tm_mon = month}; /* day 0: the last before */
            const int64_t wanted = timegm(&date);
            char text[32];
            snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, date.tm_mday);
            assert_true(seconds_of(text) == wanted);
        }
    }
}

/* A program's own option and argument, to go with the common ones. */
typedef struct {
    size_t first;
    const char *path;
} own_options;

static error_t parse_own(int key, char *text, struct argp_state *state)
{
    own_options *own = state->input;
    cs_error err;
    switch (key) {
    case 'f':
        if (cs_parse_size(&own->first, text, "--first", &err) != CS_OK) {
            return cs_options_refuse(state, &err);
        }
        return 0;
    case ARGP_KEY_ARG:
        if (own->path != NULL) {
            return ARGP_ERR_UNKNOWN;
        }
        own->path = text;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option own_list[] = {{"first", 'f', "N", 0, "Only the first N", 0}, {0}};
static const struct argp own_argp = {
    .options = own_list, .parser = parse_own, .args_doc = "[CONFIG]", .doc = "Tests.\vThe end."};

enum { MAX_ARGUMENTS = 8 };

typedef struct {
    own_options own;
    cs_common_options common;
    bool answered;
    cs_error err;
    char *shown; /* what went to stdout; released by the test */
} outcome;

/* Runs the parser over "build/tool" and the arguments, which end with NULL. */
static cs_status read_line(outcome *out, const char *const *arguments)
{
    char program[] = "build/tool";
    char *argv[MAX_ARGUMENTS + 2] = {program};
    int argc = 1;
    for (; arguments[argc - 1] != NULL; argc++) {
        argv[argc] = strdup(arguments[argc - 1]);
        assert_non_null(argv[argc]);
    }
    *out = (outcome){.err = {0}};
    size_t size = 0;
    FILE *saved = stdout;
    stdout = open_memstream(&out->shown, &size);
    const cs_status status =
        cs_options_read(&own_argp, argc, argv, &out->own, &out->common, &out->answered, &out->err);
    fclose(stdout);
    stdout = saved;
    out->own.path = out->own.path != NULL ? "given" : NULL; /* argv goes */
    out->common.report = out->common.report != NULL ? "given" : NULL;
    for (int i = 1; i < argc; i++) {
        free(argv[i]);
    }
    return status;
}

/* That a line is refused with exactly this message, silently and without stderr being changed. */
static void expect_refusal(const char *const *arguments, const char *message)
{
    outcome out;
    FILE *const before = stderr;
    assert_int_equal(read_line(&out, arguments), CS_USAGE);
    assert_ptr_equal(stderr, before);
    assert_string_equal(out.err.message, message);
    assert_string_equal(out.shown, "");
    assert_false(out.answered);
    free(out.shown);
}

#define REFUSE(message, ...) expect_refusal((const char *const[]){__VA_ARGS__, NULL}, message)

static void test_common_options(void **state)
{
    (void)state;
    outcome out;
    assert_int_equal(read_line(&out, (const char *const[]){NULL}), CS_OK);
    assert_false(out.common.quiet || out.common.verbose || out.common.cpu_monitor);
    assert_string_equal(out.common.progress, "auto");
    assert_null(out.common.report);
    free(out.shown);
    static const char *const all[] = {
        "--quiet",   "--progress=lines",         "a.xml",           "--cpu-monitor=0.5",
        "--first=3", "--cpu-monitor-scope=rank", "--report=r.json", NULL};
    assert_int_equal(read_line(&out, all), CS_OK);
    assert_true(out.common.quiet && out.common.cpu_monitor && out.common.cpu_monitor_per_rank);
    assert_false(out.common.cpu_monitor_once);
    assert_true(out.common.cpu_monitor_seconds == 0.5);
    assert_string_equal(out.common.progress, "lines");
    assert_non_null(out.common.report);
    assert_int_equal(out.own.first, 3);
    assert_non_null(out.own.path);
    free(out.shown);
    static const char *const once[] = {"--cpu-monitor=once", "-q", "-v", NULL};
    assert_int_equal(read_line(&out, once), CS_OK);
    assert_true(out.common.cpu_monitor_once && out.common.verbose);
    assert_false(out.common.quiet || out.common.cpu_monitor_per_rank);
    free(out.shown);
    static const char *const plain[] = {"--cpu-monitor", NULL};
    assert_int_equal(read_line(&out, plain), CS_OK);
    assert_true(out.common.cpu_monitor && out.common.cpu_monitor_seconds == 1);
    free(out.shown);
}

static void test_wrong_use(void **state)
{
    (void)state;
    REFUSE("unrecognized option '--bogus'; see tool --help", "--bogus");
    REFUSE("invalid option -- 'z'; see tool --help", "-z");
    REFUSE("option '--report' requires an argument; see tool --help", "--report");
    REFUSE("option '--quiet' doesn't allow an argument; see tool --help", "--quiet=1");
    REFUSE("Too many arguments; see tool --help", "a", "b");
    REFUSE("--first: \"x\" is not a whole number; see tool --help", "--first=x");
    REFUSE("--progress: \"rod\" is not one of auto, bar, lines, none; see tool --help",
           "--progress=rod");
    REFUSE("--cpu-monitor: \"x\" is not a number; see tool --help", "--cpu-monitor=x");
    REFUSE("--cpu-monitor: 0 is not within 0.1 and 86400; see tool --help", "--cpu-monitor=0");
    REFUSE("--cpu-monitor-scope: \"cpu\" is not one of host, rank; see tool --help",
           "--cpu-monitor-scope=cpu");
    REFUSE("--report: a path is wanted; see tool --help", "--report=");
    REFUSE("unrecognized option '--bogus'; see tool --help", "--bogus", "--help");
}

static void forget_launcher(void)
{
    unsetenv("OMPI_COMM_WORLD_SIZE");
    unsetenv("OMPI_COMM_WORLD_RANK");
    unsetenv("PMIX_RANK");
    unsetenv("PMI_RANK");
}

static void test_answers(void **state)
{
    (void)state;
    outcome out;
    static const char *const version[] = {"--version", NULL};
    assert_int_equal(read_line(&out, version), CS_OK);
    assert_true(out.answered);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "tool %s\n", cs_version());
    assert_string_equal(out.shown, wanted);
    free(out.shown);
    static const char *const help[] = {"--help", "--bogus", NULL};
    assert_int_equal(read_line(&out, help), CS_OK);
    assert_true(out.answered);
    static const char *const parts[] = {"Usage: tool [OPTION...] [CONFIG]",
                                        "Tests.",
                                        "The end.",
                                        "--first=N",
                                        "Common options:",
                                        "--cpu-monitor[=SECONDS]",
                                        "--report=FILE",
                                        "--version"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const char *hit = strstr(out.shown, parts[i]);
        assert_non_null(hit);
        assert_null(strstr(hit + 1, parts[i])); /* once */
    }
    free(out.shown);
    static const char *const usage[] = {"--usage", NULL};
    assert_int_equal(read_line(&out, usage), CS_OK);
    assert_int_equal(strncmp(out.shown, "Usage: tool [", 13), 0);
    free(out.shown);
}

/* Only rank 0 answers; all know that it was answered. */
static void test_other_ranks_are_silent(void **state)
{
    (void)state;
    outcome out;
    setenv("PMIX_RANK", "1", 1);
    static const char *const help[] = {"--help", NULL};
    assert_int_equal(read_line(&out, help), CS_OK);
    assert_true(out.answered);
    assert_string_equal(out.shown, "");
    free(out.shown);
    forget_launcher();
}

static void test_launcher(void **state)
{
    (void)state;
    forget_launcher();
    assert_false(cs_options_has_launcher());
    assert_int_equal(cs_options_launcher_rank(), 0);
    setenv("OMPI_COMM_WORLD_RANK", "3", 1); /* alone it is a stray variable */
    assert_false(cs_options_has_launcher());
    assert_int_equal(cs_options_launcher_rank(), 0);
    setenv("OMPI_COMM_WORLD_SIZE", "4", 1);
    assert_true(cs_options_has_launcher());
    assert_int_equal(cs_options_launcher_rank(), 3);
    forget_launcher();
    setenv("PMI_RANK", "2", 1);
    assert_true(cs_options_has_launcher());
    assert_int_equal(cs_options_launcher_rank(), 2);
    setenv("PMIX_RANK", "x", 1); /* not a rank: the next variable counts */
    assert_int_equal(cs_options_launcher_rank(), 2);
    forget_launcher();
}

int main(void)
{
    forget_launcher(); /* the tests may run under one */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_whole_numbers),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_calendar),
        cmocka_unit_test(test_common_options),
        cmocka_unit_test(test_wrong_use),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_other_ranks_are_silent),
        cmocka_unit_test(test_launcher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
