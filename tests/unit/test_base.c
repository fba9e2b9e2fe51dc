/* SPDX-License-Identifier: MIT */
/* The bottom floor: calendar, memory, and outputs that are whole or not there. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/output.h"
#include "scene.h"

/* ---- calendar ---- */

static void dates_are_those_of_timegm(void **state)
{
    (void)state;
    for (int64_t day = -720000; day < 730000; day += 13) { /* years -2 to 3968 */
        const time_t seconds = (time_t)(day * 86400);
        struct tm date;
        assert_non_null(gmtime_r(&seconds, &date));
        assert_true(cs_calendar_days(1900 + date.tm_year, date.tm_mon + 1, date.tm_mday) == day);
    }
}

static void dates_are_written_and_read_back(void **state)
{
    (void)state;
    for (int64_t i = -4000; i < 40000; i++) { /* years 1600 to 5500, any time of the day */
        const time_t seconds = (time_t)(i * 2926237);
        char text[CS_CALENDAR_LENGTH], expected[CS_CALENDAR_LENGTH];
        struct tm date;
        strftime(expected, sizeof expected, "%Y-%m-%d %H:%M:%S", gmtime_r(&seconds, &date));
        cs_calendar_format(text, (double)seconds + 0.4);
        assert_string_equal(text, expected);
        double read = NAN;
        const char *end = cs_calendar_parse(&read, text);
        assert_non_null(end);
        assert_true(*end == '\0' && read == (double)seconds);
    }
}

static void a_date_may_be_short_or_long(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds;
        const char *rest;
    } cases[] = {{"1970-01-02", 86400.0, ""},
                 {"1970-01-02 and more", 86400.0, " and more"},
                 {"2020-02-29T00:30", 1582936200.0, ""},
                 {"2020-02-29 00:30:15Z", 1582936215.0, ""},
                 {"2020-02-29 00:30:15.25 UTC", 1582936215.25, ""},
                 {"1969-12-31 23:59:59.5", -0.5, ""},
                 {"2000-02-29", 951782400.0, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double seconds = NAN;
        const char *end = cs_calendar_parse(&seconds, cases[i].text);
        assert_non_null(end);
        assert_string_equal(end, cases[i].rest);
        assert_true(fabs(seconds - cases[i].seconds) < 1e-6);
    }
}

static void what_is_no_date_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "2021",
                                        "2021-02-29",
                                        "1900-02-29",
                                        "2021-00-01",
                                        "2021-13-01",
                                        "2021-01-00",
                                        "2021-04-31",
                                        "21-01-01",
                                        "2021-1-1",
                                        "2021/01/01",
                                        "2021-01-01 1:00",
                                        "2021-01-01 12",
                                        "2021-01-01 24:30",
                                        "2021-01-01 25:00",
                                        "2021-01-01 12:60",
                                        "2021-01-01 12:00:61",
                                        " 2021-01-01"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double seconds = 42.0;
        assert_null(cs_calendar_parse(&seconds, texts[i]));
        assert_true(seconds == 42.0);
    }
}

static void time_units_are_those_of_cf(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double unit, epoch;
    } known[] = {{"hours since 2021-01-01 00:00:00", 3600.0, 1609459200.0},
                 {"days since 1970-01-01", 86400.0, 0.0},
                 {"seconds since 1970-01-02 00:00", 1.0, 86400.0},
                 {"minutes since 2021-01-01T00:00:00Z", 60.0, 1609459200.0},
                 {"hour since 2021-01-01 00:00:00.0", 3600.0, 1609459200.0},
                 {"hours since 2021-01-01 00:00:00 +00:00", 3600.0, 1609459200.0},
                 {"hours since 2021-01-01 00:00:00 UTC", 3600.0, 1609459200.0}};
    static const char *const unknown[] = {"",
                                          "hours",
                                          "hours since",
                                          "hours since yesterday",
                                          "hours since 2021-02-30 00:00:00",
                                          "fortnights since 2021-01-01 00:00:00",
                                          "months since 2021-01-01 00:00:00",
                                          "hours after 2021-01-01 00:00:00",
                                          "hours since 2021-01-01 00:00:00 +01:00",
                                          "hours since 2021-01-01 00:00:00 or so",
                                          "hours  since 2021-01-01 00:00:00"};
    double unit = NAN, epoch = NAN;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        assert_true(cs_calendar_units(&unit, &epoch, known[i].text));
        assert_true(unit == known[i].unit && epoch == known[i].epoch);
    }
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        assert_false(cs_calendar_units(&unit, &epoch, unknown[i]));
    }
}

static void times_out_of_all_calendars_are_written_somehow(void **state)
{
    (void)state;
    static const double seconds[] = {NAN, INFINITY, -INFINITY, 1e300, -1e300, 1e18};
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        char text[CS_CALENDAR_LENGTH];
        cs_calendar_format(text, seconds[i]);
        assert_string_equal(text, "1970-01-01 00:00:00");
    }
}

/* ---- memory ---- */

static void allocations_are_zeroed_and_aligned(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 63, 64, 65, 100000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        unsigned char *bytes = NULL;
        assert_int_equal(cs_alloc(&bytes, counts[i], 1, "bytes", NULL), CS_OK);
        assert_non_null(bytes);
        assert_int_equal((uintptr_t)bytes % 64, 0);
        for (size_t k = 0; k < counts[i]; k++) {
            assert_int_equal(bytes[k], 0);
        }
        free(bytes);
    }
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{SIZE_MAX, 2},
                                      {SIZE_MAX, 1},
                                      {SIZE_MAX / 8 + 2, 8},
                                      {(size_t)PTRDIFF_MAX, 1},
                                      {(size_t)1 << 33, (size_t)1 << 33}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int own = 0;
        void *memory = &own;
        cs_error err = {0};
        assert_int_equal(cs_alloc(&memory, sizes[i][0], sizes[i][1], "the sky", &err), CS_MEMORY);
        assert_null(memory);
        assert_non_null(strstr(err.message, "the sky"));
    }
    cs_bytes bytes = {0};
    assert_int_equal(cs_bytes_append(&bytes, "abc", 3, NULL), CS_OK);
    assert_int_equal(cs_bytes_reserve(&bytes, SIZE_MAX, NULL), CS_MEMORY);
    assert_int_equal(cs_bytes_reserve(&bytes, SIZE_MAX - 2, NULL), CS_MEMORY);
    assert_int_equal(bytes.size, 3);
    assert_memory_equal(bytes.data, "abc", 3);
    cs_bytes_free(&bytes);
    cs_bytes_free(&bytes);
}

static void only_the_nth_allocation_fails(void **state)
{
    (void)state;
    for (long nth = 1; nth <= 5; nth++) {
        cs_memory_fail_nth(nth);
        for (long i = 1; i <= 5; i++) {
            char *text = NULL;
            assert_int_equal(cs_copy_string(&text, "x", NULL), i == nth ? CS_MEMORY : CS_OK);
            assert_true((text == NULL) == (i == nth));
            free(text);
        }
        cs_memory_fail_nth(0);
    }
    cs_memory_fail_nth(1);
    cs_memory_fail_nth(0);
    char *text = NULL;
    assert_int_equal(cs_format(&text, NULL, "%d of %s", 7, "9"), CS_OK);
    assert_string_equal(text, "7 of 9");
    free(text);
}

static void buffers_grow_and_keep_what_they_hold(void **state)
{
    (void)state;
    cs_bytes bytes = {0};
    for (size_t i = 0; i < 3000; i++) {
        const unsigned char byte = (unsigned char)(i * 7);
        assert_int_equal(cs_bytes_append(&bytes, &byte, 1, NULL), CS_OK);
        assert_true(bytes.size == i + 1 && bytes.capacity >= bytes.size);
    }
    cs_memory_fail_nth(1);
    assert_int_equal(cs_bytes_reserve(&bytes, bytes.capacity, NULL), CS_MEMORY);
    cs_memory_fail_nth(0);
    assert_int_equal(cs_bytes_append(&bytes, NULL, 0, NULL), CS_OK);
    assert_int_equal(bytes.size, 3000);
    for (size_t i = 0; i < bytes.size; i++) {
        assert_int_equal(bytes.data[i], (unsigned char)(i * 7));
    }
    cs_bytes_free(&bytes);
    assert_true(bytes.data == NULL && bytes.size == 0 && bytes.capacity == 0);
}

static void a_reader_never_leaves_its_buffer(void **state)
{
    (void)state;
    cs_error err = {0};
    cs_reader reader = cs_reader_make("abcdefg", 7);
    char text[8] = "";
    const void *at = NULL;
    assert_int_equal(cs_reader_copy(&reader, text, 3, &err), CS_OK);
    assert_string_equal(text, "abc");
    assert_int_equal(cs_reader_take(&reader, &at, 3, &err), CS_OK);
    assert_memory_equal(at, "def", 3);
    assert_int_equal(cs_reader_copy(&reader, text, 2, &err), CS_INTERNAL);
    assert_int_equal(cs_reader_take(&reader, &at, SIZE_MAX, &err), CS_INTERNAL);
    assert_int_equal(cs_reader_copy(&reader, text, 1, &err), CS_OK);
    assert_int_equal(text[0], 'g');
    assert_int_equal(cs_reader_take(&reader, &at, 0, &err), CS_OK);
    assert_int_equal(cs_reader_take(&reader, &at, 1, &err), CS_INTERNAL);
    const cs_bytes nothing = {0};
    reader = cs_reader_make(nothing.data, nothing.size);
    assert_int_equal(cs_reader_take(&reader, &at, 0, &err), CS_OK);
    assert_int_equal(cs_reader_take(&reader, &at, 1, &err), CS_INTERNAL);
}

static void a_message_is_one_line_that_fits(void **state)
{
    (void)state;
    cs_error err = {0};
    assert_int_equal(cs_fail(&err, CS_DATA, "a\nb\tc\x1b[31m%s", "d\r"), CS_DATA);
    assert_string_equal(err.message, "a b c [31md ");
    assert_int_equal(err.status, CS_DATA);
    char endless[3000];
    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    assert_int_equal(cs_fail(&err, CS_IO, "%s", endless), CS_IO);
    assert_int_equal(strlen(err.message), CS_ERROR_LENGTH - 1);
    assert_int_equal(cs_fail(NULL, CS_USAGE, "nobody listens"), CS_USAGE);
    assert_int_equal(sizeof err, 1024);
}

/* ---- outputs ---- */

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void assert_holds(const char *path, const char *expected)
{
    char text[64] = "";
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, expected);
}

static void an_output_appears_when_it_is_finished(void **state)
{
    (void)state;
    cs_output output;
    cs_error err = {0};
    assert_int_equal(cs_output_claim(&output, "out", false, &err), CS_OK);
    write_text(output.part_path, "whole");
    assert_false(exists("out"));
    assert_int_equal(cs_output_finish(&output, &err), CS_OK);
    cs_output_release(&output);
    cs_output_release(&output);
    assert_holds("out", "whole");
    assert_int_equal(scene_count_files(), 1);
    assert_int_equal(unlink("out"), 0);
}

static void an_unfinished_output_leaves_nothing(void **state)
{
    (void)state;
    cs_output output;
    cs_error err = {0};
    assert_int_equal(cs_output_claim(&output, "out", false, &err), CS_OK);
    write_text(output.part_path, "half");
    cs_output_release(&output);
    assert_int_equal(scene_count_files(), 0);
    cs_output empty = {.journal = -1};
    cs_output_release(&empty);
    cs_output zeroed = {0};
    cs_output_release(&zeroed);
}

static void an_existing_output_is_refused_or_replaced_at_the_end(void **state)
{
    (void)state;
    cs_output output;
    cs_error err = {0};
    write_text("out", "old");
    assert_int_equal(cs_output_claim(&output, "out", false, &err), CS_IO);
    assert_non_null(strstr(err.message, "out"));
    assert_int_equal(scene_count_files(), 1);
    assert_int_equal(cs_output_claim(&output, "out", true, &err), CS_OK);
    write_text(output.part_path, "new");
    assert_holds("out", "old");
    assert_int_equal(cs_output_finish(&output, &err), CS_OK);
    cs_output_release(&output);
    assert_holds("out", "new");
    assert_int_equal(cs_output_claim(&output, "out", true, &err), CS_OK);
    cs_output_release(&output); /* given up: stays as it was */
    assert_holds("out", "new");
    assert_int_equal(scene_count_files(), 1);
    assert_int_equal(unlink("out"), 0);
}

/* A folder, a device or a link under that name is not for us to replace, not even with --fresh. */
static void what_is_no_regular_file_is_never_replaced(void **state)
{
    (void)state;
    cs_output output;
    cs_error err = {0};
    assert_int_equal(mkdir("folder", 0777), 0);
    assert_int_equal(cs_output_claim(&output, "folder", true, &err), CS_IO);
    assert_non_null(strstr(err.message, "folder"));
    assert_int_equal(rmdir("folder"), 0);
    assert_int_equal(mkfifo("pipe", 0666), 0);
    assert_int_equal(cs_output_claim(&output, "pipe", true, &err), CS_IO);
    assert_int_equal(unlink("pipe"), 0);
    assert_int_equal(symlink("nowhere", "link"), 0);
    assert_int_equal(cs_output_claim(&output, "link", true, &err), CS_IO);
    assert_int_equal(unlink("link"), 0);
    assert_int_equal(scene_count_files(), 0);
}

/* What a claim would refuse is refused, and nothing is touched. */
static void a_check_is_a_claim_without_traces(void **state)
{
    (void)state;
    cs_error err = {0};
    assert_int_equal(cs_output_check("out", false, &err), CS_OK);
    assert_int_equal(cs_output_check("nowhere/out", false, &err), CS_IO);
    assert_non_null(strstr(err.message, "nowhere/out"));
    assert_int_equal(scene_count_files(), 0);
    write_text("out", "old");
    assert_int_equal(cs_output_check("out", false, &err), CS_IO);
    assert_int_equal(cs_output_check("./out", true, &err), CS_OK);
    assert_holds("out", "old");
    assert_int_equal(scene_count_files(), 1);
    assert_int_equal(unlink("out"), 0);
}

static void a_missing_folder_is_named(void **state)
{
    (void)state;
    cs_output output;
    cs_error err = {0};
    assert_int_equal(cs_output_claim(&output, "nowhere/out", false, &err), CS_IO);
    assert_non_null(strstr(err.message, "nowhere/out"));
    assert_int_equal(scene_count_files(), 0);
}

/* What is finished must have been written. */
static void an_output_without_its_part_is_no_output(void **state)
{
    (void)state;
    cs_output output;
    cs_error err = {0};
    assert_int_equal(cs_output_claim(&output, "out", false, &err), CS_OK);
    assert_int_equal(cs_output_finish(&output, &err), CS_IO);
    cs_output_release(&output);
    assert_int_equal(scene_count_files(), 0);
}

static void every_allocation_of_a_claim_may_fail(void **state)
{
    (void)state;
    cs_output output;
    cs_error err = {0};
    cs_status status = CS_MEMORY;
    long nth = 0;
    while (status != CS_OK) {
        cs_memory_fail_nth(++nth);
        status = cs_output_claim(&output, "out", false, &err);
        cs_memory_fail_nth(0);
        assert_true(status == CS_OK || status == CS_MEMORY);
        assert_int_equal(scene_count_files(), status == CS_OK ? 1 : 0);
    }
    assert_true(nth > 1);
    cs_output_release(&output);
    assert_int_equal(scene_count_files(), 0);
}

/* The system may take less than it was given, and say why only at the next write. */
static void a_holder_that_has_no_room_is_told_why(void **state)
{
    (void)state;
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = CS_OUTPUT_HOLDER / 2;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    cs_output output;
    cs_error err = {0};
    errno = 0;
    const cs_status status = cs_output_claim(&output, "out", false, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(status, CS_IO);
    assert_non_null(strstr(err.message, strerror(EFBIG)));
    assert_int_equal(scene_count_files(), 0);
}

/* A child that claims `out` and holds it until it is killed or told to go on. */
typedef struct {
    pid_t pid;
    int go_on; /* close to let it go on */
} holder;

typedef enum { FINISH, RELEASE } ending;

static void hold_in_child(int ready, int go_on, ending end)
{
    cs_output output;
    cs_error err = {0};
    if (cs_output_claim(&output, "out", true, &err) != CS_OK) {
        _exit(1);
    }
    write_text(output.part_path, "of the child");
    char byte = 'r';
    if (write(ready, &byte, 1) != 1 || read(go_on, &byte, 1) != 0) {
        _exit(2);
    }
    if (end == FINISH && cs_output_finish(&output, &err) != CS_OK) {
        _exit(3);
    }
    cs_output_release(&output);
    _exit(0);
}

static holder start_holder(ending end)
{
    int ready[2], go_on[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(go_on), 0);
    fflush(stdout);
    const holder child = {.pid = fork(), .go_on = go_on[1]};
    assert_true(child.pid >= 0);
    if (child.pid == 0) {
        close(go_on[1]);
        hold_in_child(ready[1], go_on[0], end);
    }
    close(go_on[0]);
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return child;
}

static void end_holder(const holder *child, int signal_number)
{
    int status = 0;
    if (signal_number != 0) {
        assert_int_equal(kill(child->pid, signal_number), 0);
    }
    close(child->go_on);
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    if (signal_number == 0) {
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void a_held_output_is_refused_after_the_wait_and_names_the_holder(void **state)
{
    (void)state;
    cs_output output;
    cs_error err = {0};
    char pid[32], host[64] = "";
    const holder child = start_holder(RELEASE);
    cs_output_set_wait(0.5);
    const double begin = now();
    assert_int_equal(cs_output_claim(&output, "out", true, &err), CS_LOCKED);
    const double waited = now() - begin;
    assert_true(waited >= 0.4 && waited < 5.0);
    snprintf(pid, sizeof pid, "pid=%ld", (long)child.pid);
    gethostname(host, sizeof host - 1);
    assert_non_null(strstr(err.message, pid));
    assert_non_null(strstr(err.message, host));
    assert_int_equal(scene_count_files(), 2); /* the child's own are untouched */
    cs_output_set_wait(CS_OUTPUT_WAIT);
    end_holder(&child, 0);
    assert_int_equal(scene_count_files(), 0);
}

static void a_killed_holder_holds_nothing(void **state)
{
    (void)state;
    cs_output output;
    cs_error err = {0};
    const holder child = start_holder(FINISH);
    end_holder(&child, SIGKILL);
    assert_true(exists("out.part") && exists("out.journal") && !exists("out"));
    cs_output_set_wait(0.0);
    assert_int_equal(cs_output_claim(&output, "out", false, &err), CS_OK);
    cs_output_set_wait(CS_OUTPUT_WAIT);
    write_text(output.part_path, "mine");
    assert_int_equal(cs_output_finish(&output, &err), CS_OK);
    cs_output_release(&output);
    assert_holds("out", "mine");
    assert_int_equal(scene_count_files(), 1);
    assert_int_equal(unlink("out"), 0);
}

/* Two wait for the same lock: one gets it, the other finds the output of the one before it. */
static void of_two_waiters_one_gets_the_lock(void **state)
{
    (void)state;
    enum { WAITERS = 2 };
    const holder child = start_holder(RELEASE);
    pid_t waiter[WAITERS];
    for (int i = 0; i < WAITERS; i++) {
        waiter[i] = fork();
        assert_true(waiter[i] >= 0);
        if (waiter[i] == 0) {
            close(child.go_on);
            cs_output output;
            cs_error err = {0};
            const cs_status status = cs_output_claim(&output, "out", false, &err);
            if (status == CS_OK) {
                write_text(output.part_path, "of a waiter");
                _exit(cs_output_finish(&output, &err) == CS_OK ? 10 : 1);
            }
            _exit(status == CS_IO && strstr(err.message, "exists") != NULL ? 20 : 2);
        }
    }
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    end_holder(&child, 0);
    int sum = 0;
    for (int i = 0; i < WAITERS; i++) {
        int status = 0;
        assert_int_equal(waitpid(waiter[i], &status, 0), waiter[i]);
        assert_true(WIFEXITED(status));
        sum += WEXITSTATUS(status);
    }
    assert_int_equal(sum, 30);
    assert_holds("out", "of a waiter");
    assert_int_equal(scene_count_files(), 1);
    assert_int_equal(unlink("out"), 0);
}

int main(void)
{
    cs_log_setup("test", 0, CS_LOG_WARNING);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_those_of_timegm),
        cmocka_unit_test(dates_are_written_and_read_back),
        cmocka_unit_test(a_date_may_be_short_or_long),
        cmocka_unit_test(what_is_no_date_is_refused),
        cmocka_unit_test(time_units_are_those_of_cf),
        cmocka_unit_test(times_out_of_all_calendars_are_written_somehow),
        cmocka_unit_test(allocations_are_zeroed_and_aligned),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(only_the_nth_allocation_fails),
        cmocka_unit_test(buffers_grow_and_keep_what_they_hold),
        cmocka_unit_test(a_reader_never_leaves_its_buffer),
        cmocka_unit_test(a_message_is_one_line_that_fits),
        cmocka_unit_test(an_output_appears_when_it_is_finished),
        cmocka_unit_test(an_unfinished_output_leaves_nothing),
        cmocka_unit_test(an_existing_output_is_refused_or_replaced_at_the_end),
        cmocka_unit_test(what_is_no_regular_file_is_never_replaced),
        cmocka_unit_test(a_check_is_a_claim_without_traces),
        cmocka_unit_test(a_missing_folder_is_named),
        cmocka_unit_test(an_output_without_its_part_is_no_output),
        cmocka_unit_test(every_allocation_of_a_claim_may_fail),
        cmocka_unit_test(a_holder_that_has_no_room_is_told_why),
        cmocka_unit_test(a_held_output_is_refused_after_the_wait_and_names_the_holder),
        cmocka_unit_test(a_killed_holder_holds_nothing),
        cmocka_unit_test(of_two_waiters_one_gets_the_lock),
    };
    return cmocka_run_group_tests(tests, scene_enter, scene_leave);
}
