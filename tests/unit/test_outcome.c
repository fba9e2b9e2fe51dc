/* SPDX-License-Identifier: MIT */
/* What went wrong, counted by cause; the limit of failures; command lines that do a part again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "job/outcome.h"
#include "job/rerun.h"
#include "text/quote.h"

static void expect_cause(const char *message, const char *wanted)
{
    char cause[CS_CAUSE_LENGTH];
    cs_cause_of(cause, message);
    assert_string_equal(cause, wanted);
}

static void test_causes(void **state)
{
    (void)state;
    expect_cause(NULL, "no message");
    expect_cause("", "");
    expect_cause("exit status 3; it said: 1 2 3", "exit status 3");
    expect_cause("killed by signal 11 (Segmentation fault); it had written 7 of 48 rows, 900 bytes",
                 "killed by signal 11 (Segmentation fault)");
    expect_cause("timed out: killed after 12.5 s", "timed out: killed after N s");
    expect_cause("no output: it did not write out_17.txt", "no output: it did not write out_N.txt");
    expect_cause("its output is short: 9 of 48 rows", "its output is short: N of N rows");
    expect_cause("row 4 of its output: Conc_18 is no number: \"se7en\"",
                 "row N of its output: Conc_N is no number: \"...\"");
    expect_cause("a quote \" alone 5", "a quote \" alone N");
    expect_cause("temperature is missing or not finite in row 12",
                 "temperature is missing or not finite in row N");
}

static void test_long_messages_are_cut(void **state)
{
    (void)state;
    char message[400], cause[CS_CAUSE_LENGTH];
    memset(message, 'x', sizeof message - 1);
    message[sizeof message - 1] = '\0';
    cs_cause_of(cause, message);
    assert_true(strlen(cause) < CS_CAUSE_LENGTH && strlen(cause) > CS_CAUSE_LENGTH / 2);
    for (size_t i = 0; i + 1 < sizeof message; i++) { /* the longest of everything at the edge */
        memcpy(message, "exit status ", 12);
        memset(message + 12, '9', sizeof message - 13);
        message[i] = i % 2 == 0 ? '"' : '7';
        cs_cause_of(cause, message);
        assert_true(strlen(cause) < CS_CAUSE_LENGTH);
    }
}

static void test_causes_are_counted(void **state)
{
    (void)state;
    cs_causes causes = {0};
    char message[64];
    for (int i = 0; i < 3; i++) {
        cs_causes_add(&causes, "exit status 1");
        snprintf(message, sizeof message, "row %d of its output is cut", i);
        cs_causes_add(&causes, message);
        cs_causes_add(&causes, "row 99 of its output is cut");
    }
    for (char c = 'a'; c <= 'z'; c++) {
        snprintf(message, sizeof message, "cause %c", c);
        cs_causes_add(&causes, message);
    }
    cs_causes_sort(&causes);
    assert_int_equal(causes.n, CS_MAX_CAUSES);
    assert_string_equal(causes.cause[0].text, "row N of its output is cut");
    assert_int_equal(causes.cause[0].n, 6);
    assert_string_equal(causes.cause[1].text, "exit status 1");
    assert_int_equal(causes.cause[1].n, 3);
    assert_string_equal(causes.cause[2].text, "cause a");
    assert_int_equal(causes.n_other, 26 - (CS_MAX_CAUSES - 2));
}

static cs_status check(const char *text, uint64_t n_failed, uint64_t n_done)
{
    cs_failure_limit limit = {0};
    cs_error err = {0};
    assert_int_equal(cs_failure_limit_parse(&limit, text, "--max-failures", &err), CS_OK);
    return cs_failure_limit_check(&limit, n_failed, n_done, "x", &err);
}

static void test_limit(void **state)
{
    (void)state;
    const cs_failure_limit none = {0};
    cs_error err = {0};
    assert_int_equal(cs_failure_limit_check(&none, 1000, 1000, "x", &err), CS_OK);
    assert_int_equal(check("3", 3, 3), CS_OK);
    assert_int_equal(check("3", 4, 100), CS_DATA);
    assert_int_equal(check("0", 0, 100), CS_OK);
    assert_int_equal(check("0", 1, 1), CS_DATA);
    assert_int_equal(check("10%", CS_FAILURE_SAMPLE - 1, CS_FAILURE_SAMPLE - 1), CS_OK);
    assert_int_equal(check("10%", 5, 50), CS_OK);
    assert_int_equal(check("10%", 6, 50), CS_DATA);
    assert_int_equal(check("0.5%", 5, 1000), CS_OK);
    assert_int_equal(check("0.5%", 6, 1000), CS_DATA);
}

static void test_limits_that_are_refused(void **state)
{
    (void)state;
    static const char *const WRONG[] = {
        "",    "%",     "x",    "-1", "0%",  "101%",
        "5%%", "1e99%", "nan%", "5 ", "5.5", "0.00000000000000000000000000000000000000001%"};
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        cs_failure_limit limit = {.n = 77};
        cs_error err = {0};
        assert_int_equal(cs_failure_limit_parse(&limit, WRONG[i], "--max-failures", &err),
                         CS_USAGE);
        assert_non_null(strstr(err.message, "--max-failures"));
        assert_int_equal(limit.n, 77);
    }
}

static void expect_quoted(const char *word, const char *wanted)
{
    cs_bytes text = {0};
    cs_error err = {0};
    assert_int_equal(cs_text_quote(&text, word, &err), CS_OK);
    assert_int_equal(text.size, strlen(wanted));
    assert_memory_equal(text.data, wanted, text.size);
    cs_bytes_free(&text);
}

static void test_words_for_a_shell(void **state)
{
    (void)state;
    expect_quoted("/opt/a-b_c.d", "/opt/a-b_c.d");
    expect_quoted("", "''");
    expect_quoted("two words", "'two words'");
    expect_quoted("$(rm *)", "'$(rm *)'");
    expect_quoted("it's", "'it'\\''s'");
    expect_quoted("\n", "'\n'");
    expect_quoted("--x={substance}", "'--x={substance}'");
}

static void test_command_lines(void **state)
{
    (void)state;
    char *const words[] = {"./catchsim",        "--only",      "3",
                           "--from=2021-01-01", "my file.xml", "--fresh",
                           "--output=a.h5",     "--onlyness",  "--first"};
    cs_bytes command = {0};
    cs_error err = {0};
    const int n = (int)(sizeof words / sizeof words[0]);
    assert_int_equal(cs_rerun_command(&command, words, n, false, "--only=7", &err), CS_OK);
    assert_string_equal(command.data,
                        "./catchsim --from=2021-01-01 'my file.xml' --onlyness --only=7");
    assert_int_equal(command.size, strlen((const char *)command.data));
    command.size = 0;
    assert_int_equal(cs_rerun_command(&command, words, n, true, "--retry-failed", &err), CS_OK);
    assert_string_equal(
        command.data,
        "./catchsim --from=2021-01-01 'my file.xml' --output=a.h5 --onlyness --retry-failed");
    cs_bytes_free(&command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_causes),
        cmocka_unit_test(test_long_messages_are_cut),
        cmocka_unit_test(test_causes_are_counted),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_limits_that_are_refused),
        cmocka_unit_test(test_words_for_a_shell),
        cmocka_unit_test(test_command_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
