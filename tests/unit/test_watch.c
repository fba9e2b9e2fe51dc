/* SPDX-License-Identifier: MIT */
#include "watch/cpu_monitor.h"
#include "watch/cpu_times.h"
#include "watch/phases.h"
#include "watch/progress.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cpuset.h"
#include "base/log.h"
#include "skip.h"

/* -- standard error into a file ---------------------------------------------------------------- */

static int stderr_before = -1;
static FILE *captured;

static void capture_begin(void)
{
    captured = tmpfile();
    assert_non_null(captured);
    stderr_before = dup(STDERR_FILENO);
    assert_true(stderr_before >= 0);
    assert_true(dup2(fileno(captured), STDERR_FILENO) >= 0);
}

/* What was written since; released by the caller with free(). */
static char *capture_end(void)
{
    assert_true(dup2(stderr_before, STDERR_FILENO) >= 0);
    close(stderr_before);
    const long size = lseek(fileno(captured), 0, SEEK_END);
    char *text = calloc((size_t)size + 1, 1);
    assert_non_null(text);
    assert_int_equal(pread(fileno(captured), text, (size_t)size, 0), size);
    fclose(captured);
    return text;
}

static size_t count_of(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        n++;
    }
    return n;
}

static void wait_seconds(double seconds)
{
    const struct timespec time = {.tv_sec = (time_t)seconds,
                                  .tv_nsec = (long)((seconds - (double)(long)seconds) * 1e9)};
    nanosleep(&time, NULL);
}

static int set_up_log(void **state)
{
    (void)state;
    cs_log_setup("test", 0, CS_LOG_INFO);
    return 0;
}

/* -- clock --------------------------------------------------------------------------------------*/

static void startup_seconds_grow_with_the_clock(void **state)
{
    (void)state;
    const double age = cs_startup_seconds();
    const double now = cs_now();
    wait_seconds(0.1);
    const double growth = cs_startup_seconds() - age;
    assert_true(age >= 0.0 && age < 60.0);                          /* this test has just begun */
    assert_true(growth >= 0.08 && growth <= cs_now() - now + 0.02); /* in ticks of 0.01 s */
}

/* -- phases -------------------------------------------------------------------------------------*/

static void phases_are_counted_by_name(void **state)
{
    (void)state;
    cs_phases phases = {0};
    const int read = cs_phases_add(&phases, "read");
    const int run = cs_phases_add(&phases, "run");
    assert_int_equal(cs_phases_add(&phases, "read"), read);
    assert_int_not_equal(read, run);
    assert_int_equal(phases.n_phases, 2);
    for (int i = 0; i < 2; i++) {
        cs_phases_start(&phases, run);
        wait_seconds(0.02);
        cs_phases_stop(&phases, run);
    }
    cs_phases_count(&phases, read, 1.5, 100);
    cs_phases_count(&phases, read, 0.5, 1000);
    assert_true(phases.seconds[run] >= 0.04 && phases.seconds[run] < 10.0);
    assert_true(phases.seconds[read] == 2.0);
    assert_int_equal(phases.bytes[read], 1100);
}

static void phases_of_threads_are_joined_by_name(void **state)
{
    (void)state;
    cs_phases rank = {0};
    cs_phases thread = {0};
    cs_phases_count(&rank, cs_phases_add(&rank, "read"), 1.0, 10);
    cs_phases_count(&rank, cs_phases_add(&rank, "run"), 2.0, 20);
    cs_phases_count(&thread, cs_phases_add(&thread, "run"), 0.5, 1);
    cs_phases_count(&thread, cs_phases_add(&thread, "write"), 0.25, 2);
    cs_phases_join(&rank, &thread);
    assert_int_equal(rank.n_phases, 3);
    assert_true(rank.seconds[0] == 1.0 && rank.bytes[0] == 10);
    assert_true(rank.seconds[1] == 2.5 && rank.bytes[1] == 21);
    assert_string_equal(rank.names[2], "write");
    assert_true(rank.seconds[2] == 0.25 && rank.bytes[2] == 2);
}

static void merge_takes_the_middle_of_odd_and_even_ranks(void **state)
{
    (void)state;
    enum { N_PHASES = 2 };
    const double seconds[] = {5.0, 0.1, 1.0, 0.4, 3.0, 0.2, 10.0, 0.3}; /* [4][N_PHASES] */
    const int64_t bytes[] = {1, INT64_C(1) << 40, 2, 0, 3, 0, 4, 5};
    cs_phase_summary summaries[N_PHASES];
    assert_int_equal(cs_phases_merge(summaries, seconds, bytes, 3, N_PHASES, NULL), CS_OK);
    assert_true(summaries[0].seconds_min == 1.0);
    assert_true(summaries[0].seconds_median == 3.0);
    assert_true(summaries[0].seconds_max == 5.0);
    assert_int_equal(summaries[0].bytes, 6);
    assert_true(summaries[1].seconds_median == 0.2);
    assert_int_equal(cs_phases_merge(summaries, seconds, bytes, 4, N_PHASES, NULL), CS_OK);
    assert_true(summaries[0].seconds_median == 4.0);
    assert_true(summaries[0].seconds_max == 10.0);
    assert_true(summaries[1].seconds_min == 0.1);
    assert_true(summaries[1].seconds_median == 0.5 * (0.2 + 0.3));
    assert_true(summaries[1].bytes == (INT64_C(1) << 40) + 5);
    assert_int_equal(cs_phases_merge(summaries, seconds, bytes, 1, N_PHASES, NULL), CS_OK);
    assert_true(summaries[0].seconds_median == 5.0);
}

static void merge_says_when_memory_is_out(void **state)
{
    (void)state;
    const double seconds = 1.0;
    const int64_t bytes = 1;
    cs_phase_summary summary;
    cs_error err = {0};
    cs_memory_fail_nth(1);
    assert_int_equal(cs_phases_merge(&summary, &seconds, &bytes, 1, 1, &err), CS_MEMORY);
    cs_memory_fail_nth(0);
    assert_int_equal(err.status, CS_MEMORY);
}

static void phases_are_logged_and_reported(void **state)
{
    (void)state;
    cs_phases phases = {0};
    cs_phases_add(&phases, "read");
    cs_phases_add(&phases, "run");
    const cs_phase_summary summaries[] = {{0.25, 0.5, 0.1 + 0.2, 1048576}, {1.0, 2.0, 3.0, 0}};
    capture_begin();
    cs_phases_log(&phases, summaries);
    char *text = capture_end();
    assert_string_equal(text, "test: phase=read seconds_min=0.250 seconds_median=0.500 "
                              "seconds_max=0.300 bytes=1048576\n"
                              "test: phase=run seconds_min=1.000 seconds_median=2.000 "
                              "seconds_max=3.000 bytes=0\n");
    free(text);
    cs_bytes bytes = {0};
    cs_json json;
    cs_json_open(&json, &bytes, NULL);
    cs_phases_write(&json, &phases, summaries);
    assert_int_equal(cs_json_close(&json), CS_OK);
    assert_int_equal(cs_bytes_append(&bytes, "", 1, NULL), CS_OK);
    assert_string_equal((const char *)bytes.data, "{\n"
                                                  "  \"read\": {\n"
                                                  "    \"seconds_min\": 0.25,\n"
                                                  "    \"seconds_median\": 0.5,\n"
                                                  "    \"seconds_max\": 0.3,\n"
                                                  "    \"bytes\": 1048576\n"
                                                  "  },\n"
                                                  "  \"run\": {\n"
                                                  "    \"seconds_min\": 1,\n"
                                                  "    \"seconds_median\": 2,\n"
                                                  "    \"seconds_max\": 3,\n"
                                                  "    \"bytes\": 0\n"
                                                  "  }\n"
                                                  "}\n");
    cs_bytes_free(&bytes);
}

/* -- progress -----------------------------------------------------------------------------------*/

static double fake_time; /* s */

static double fake_clock(void)
{
    return fake_time;
}

static int use_fake_clock(void **state)
{
    fake_time = 100.0;
    cs_progress_set_clock(fake_clock);
    return set_up_log(state);
}

static int use_real_clock(void **state)
{
    cs_progress_set_clock(NULL);
    return set_up_log(state);
}

static void update_at(cs_progress *progress, double time, int64_t n_done)
{
    fake_time = time;
    cs_progress_update(progress, n_done);
}

static void lines_come_every_5_seconds_and_at_the_end(void **state)
{
    (void)state;
    cs_progress progress;
    capture_begin();
    cs_progress_open(&progress, CS_PROGRESS_LINES, "terbuthylazine", 1000, "catchments");
    update_at(&progress, 102.0, 200);
    update_at(&progress, 104.9, 499);
    update_at(&progress, 105.0, 500);
    update_at(&progress, 109.9, 699);
    update_at(&progress, 110.0, 700);
    update_at(&progress, 112.0, 1000);
    fake_time = 120.0;
    cs_progress_close(&progress);
    char *text = capture_end();
    /* second rate: exp(-5/20) = 0.7788 of 500 in 5 s, and 200 in 5 s: 589.4/8.894 */
    assert_string_equal(text, "test: progress terbuthylazine done=500 total=1000 unit=catchments "
                              "percent=50.0 rate=100.0 eta=5.0\n"
                              "test: progress terbuthylazine done=700 total=1000 unit=catchments "
                              "percent=70.0 rate=66.3 eta=4.5\n"
                              "test: finished terbuthylazine done=1000 total=1000 unit=catchments "
                              "percent=100.0 seconds=20.000 rate=50.0\n");
    free(text);
}

static void a_resumed_run_counts_only_its_own_work(void **state)
{
    (void)state;
    cs_progress progress;
    capture_begin();
    cs_progress_open(&progress, CS_PROGRESS_LINES, "x", 1000, "catchments");
    cs_progress_skip(&progress, 900);
    update_at(&progress, 110.0, 920);
    fake_time = 120.0;
    cs_progress_close(&progress);
    char *text = capture_end();
    assert_non_null(strstr(text, "done=920 total=1000 unit=catchments percent=92.0 rate=2.0 "
                                 "eta=40.0\n"));
    assert_non_null(strstr(text, "test: stopped x done=920"));
    assert_non_null(strstr(text, "seconds=20.000 rate=1.0\n"));
    free(text);
}

static void odd_totals_divide_nothing_by_zero(void **state)
{
    (void)state;
    cs_progress progress;
    capture_begin();
    cs_progress_open(&progress, CS_PROGRESS_LINES, "unknown", 0, "rows");
    update_at(&progress, 105.0, 10);
    cs_progress_close(&progress);
    fake_time = 200.0;
    cs_progress_open(&progress, CS_PROGRESS_LINES, "stalled", 7, "rows");
    update_at(&progress, 205.0, 0);
    cs_progress_close(&progress);
    cs_progress_open(&progress, CS_PROGRESS_LINES, "immediate", 7, "rows");
    update_at(&progress, fake_time, 7);
    cs_progress_close(&progress);
    char *text = capture_end();
    assert_string_equal(text,
                        "test: progress unknown done=10 unit=rows rate=2.0\n"
                        "test: finished unknown done=10 unit=rows seconds=5.000 rate=2.0\n"
                        "test: progress stalled done=0 total=7 unit=rows percent=0.0 rate=0.0 "
                        "eta=unknown\n"
                        "test: stopped stalled done=0 total=7 unit=rows percent=0.0 "
                        "seconds=5.000 rate=0.0\n"
                        "test: finished immediate done=7 total=7 unit=rows percent=100.0 "
                        "seconds=0.000 rate=0.0\n");
    free(text);
}

static void run_silently(cs_progress_mode mode)
{
    cs_progress progress;
    cs_progress_open(&progress, mode, "x", 10, "rows");
    update_at(&progress, fake_time + 10.0, 5);
    cs_progress_close(&progress);
}

static void none_and_quiet_show_nothing(void **state)
{
    (void)state;
    capture_begin();
    run_silently(CS_PROGRESS_NONE);
    cs_log_setup("test", 0, CS_LOG_WARNING);
    run_silently(CS_PROGRESS_AUTO);
    run_silently(CS_PROGRESS_BAR);
    run_silently(CS_PROGRESS_LINES);
    char *text = capture_end();
    assert_string_equal(text, "");
    free(text);
}

static void a_bar_in_a_file_becomes_lines(void **state)
{
    (void)state;
    capture_begin();
    run_silently(CS_PROGRESS_BAR);
    run_silently(CS_PROGRESS_AUTO);
    char *text = capture_end();
    assert_int_equal(count_of(text, "test: progress x done=5 total=10"), 2);
    assert_null(strchr(text, '\r'));
    free(text);
}

static void set_columns(unsigned short columns)
{
    const struct winsize window = {.ws_row = 24, .ws_col = columns};
    assert_int_equal(ioctl(STDERR_FILENO, TIOCSWINSZ, &window), 0);
}

/* Makes standard error a terminal; returns its other end, or -1. */
static int open_terminal(void)
{
    const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
        return -1;
    }
    const int terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(terminal >= 0);
    assert_int_equal(setenv("TERM", "xterm", 1), 0);
    stderr_before = dup(STDERR_FILENO);
    assert_true(dup2(terminal, STDERR_FILENO) >= 0);
    close(terminal);
    return master;
}

/* All that was written to a terminal whose other end is closed: it may come in pieces, later. */
static void read_terminal(char *text, size_t size, int master)
{
    size_t used = 0;
    for (int tries = 0; tries < 5000; tries++) {
        const ssize_t n = read(master, text + used, size - 1 - used);
        if (n > 0) {
            used += (size_t)n;
        } else if (n == 0 || errno != EAGAIN) {
            break; /* EIO: there is no more */
        } else {
            wait_seconds(0.001);
        }
    }
    text[used] = '\0';
}

static void a_terminal_gets_a_bar(void **state)
{
    (void)state;
    const int master = open_terminal();
    if (master < 0) {
        skip_because("no pseudo terminal here");
    }
    cs_progress progress;
    cs_progress_open(&progress, CS_PROGRESS_AUTO, "diuron", 8, "rows");
    set_columns(80);
    update_at(&progress, 100.05, 1); /* too early */
    update_at(&progress, 101.0, 2);
    set_columns(50);
    update_at(&progress, 101.05, 3); /* too early */
    update_at(&progress, 102.0, 4);
    cs_progress_close(&progress);
    char text[4096] = "";
    assert_true(dup2(stderr_before, STDERR_FILENO) >= 0);
    close(stderr_before);
    read_terminal(text, sizeof text, master);
    close(master);
    assert_string_equal(text, "\rdiuron [#######.......................]  25% 2/8 rows 2.0/s "
                              "left 0:00:03\033[K\r"
                              "\rdiuron [###############...............]  50% 4/8 \033[K\r"
                              "\r\033[Ktest: stopped diuron done=4 total=8 unit=rows "
                              "percent=50.0 seconds=2.000 rate=2.0\r\n");
}

static void progress_option_is_read(void **state)
{
    (void)state;
    cs_progress_mode mode = CS_PROGRESS_AUTO;
    cs_error err = {0};
    assert_int_equal(cs_progress_parse(&mode, "none", &err), CS_OK);
    assert_int_equal(mode, CS_PROGRESS_NONE);
    assert_int_equal(cs_progress_parse(&mode, "lines", &err), CS_OK);
    assert_int_equal(mode, CS_PROGRESS_LINES);
    assert_int_equal(cs_progress_parse(&mode, "often", &err), CS_USAGE);
    assert_non_null(strstr(err.message, "often"));
}

/* -- CPUs ---------------------------------------------------------------------------------------*/

static void allowed_cpus_are_those_of_the_mask(void **state)
{
    (void)state;
    int *cpus = NULL;
    size_t n_cpus = 0;
    cpu_set_t mask;
    assert_int_equal(cs_cpuset_allowed(&cpus, &n_cpus, NULL), CS_OK);
    assert_int_equal(cs_cpuset_count(), (int)n_cpus);
    assert_true(n_cpus >= 1);
    const int last = cpus[n_cpus - 1];
    for (size_t i = 1; i < n_cpus; i++) {
        assert_true(cpus[i] > cpus[i - 1]);
    }
    free(cpus);
    if (last >= CPU_SETSIZE || sched_getaffinity(0, sizeof mask, &mask) != 0) {
        skip_because("more CPUs than this test can pin to");
    }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)last, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    const cs_status status = cs_cpuset_allowed(&cpus, &n_cpus, NULL);
    const int count = cs_cpuset_count();
    assert_int_equal(sched_setaffinity(0, sizeof mask, &mask), 0);
    assert_int_equal(status, CS_OK);
    assert_int_equal(n_cpus, 1);
    assert_int_equal(cpus[0], last);
    assert_int_equal(count, 1);
    free(cpus);
}

/* Shares of n places are disjoint, none is empty, and together they are all CPUs; more places than
 * CPUs, and one place alone, have them all. */
static void shares_of_cpus_are_all_of_them(void **state)
{
    (void)state;
    cpu_set_t mask, seen;
    if (sched_getaffinity(0, sizeof mask, &mask) != 0) {
        skip_because("more CPUs than this test can pin to");
    }
    const size_t n_cpus = (size_t)CPU_COUNT(&mask);
    for (size_t n = 1; n <= n_cpus + 1; n++) {
        int n_seen = 0;
        CPU_ZERO(&seen);
        for (size_t place = 0; place < n; place++) {
            cpu_set_t share;
            cs_cpuset_take_share(place, n);
            assert_int_equal(sched_getaffinity(0, sizeof share, &share), 0);
            assert_int_equal(sched_setaffinity(0, sizeof mask, &mask), 0);
            assert_true(CPU_COUNT(&share) > 0);
            n_seen += CPU_COUNT(&share);
            CPU_OR(&seen, &seen, &share);
        }
        assert_true(CPU_EQUAL(&seen, &mask));
        assert_int_equal(n_seen, n <= n_cpus ? n_cpus : n * n_cpus);
    }
}

static void allowed_cpus_say_when_memory_is_out(void **state)
{
    (void)state;
    for (long nth = 1; nth <= 2; nth++) {
        int *cpus = NULL;
        size_t n_cpus = 0;
        cs_memory_fail_nth(nth);
        assert_int_equal(cs_cpuset_allowed(&cpus, &n_cpus, NULL), CS_MEMORY);
        cs_memory_fail_nth(0);
        assert_null(cpus);
    }
}

static void write_counters(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void times_are_those_of_the_file(void **state)
{
    (void)state;
    char path[] = "/tmp/catchsim-test-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    const int cpus[] = {0, 1, 2, 10};
    cs_cpu_times before[4];
    cs_cpu_times after[4];
    /* user nice system idle iowait irq softirq steal guest guest_nice; CPU 2 is offline */
    write_counters(path, "cpu  999 9 9 9 9 9 9 9 0 0\n"
                         "cpu0 100 10 20 1000 50 1 2 3 40 0\n"
                         "cpu1 0 0 0 500 0 0 0 0 0 0\n"
                         "cpu10 5 0 0 5 0 0 0 0 0 0\n"
                         "intr 12345 1 2 3\n");
    assert_true(cs_cpu_times_read(before, cpus, 4, path));
    write_counters(path, "cpu  999 9 9 9 9 9 9 9 0 0\n"
                         "cpu0 140 12 24 1035 65 2 3 4 80 0\n" /* 49 of 99 ticks */
                         "cpu1 0 0 0 500 0 0 0 0 0 0\n"        /* stands still */
                         "cpu3 9 0 0 9 0 0 0 0 0 0\n"          /* not asked for */
                         "cpu10 25 0 0 4 0 0 0 0 0 0\n"        /* idle runs backwards */
                         "intr 12345 1 2 3\n");
    assert_true(cs_cpu_times_read(after, cpus, 4, path));
    unlink(path);
    assert_true(before[0].busy == 136 && before[0].total == 1186);
    assert_false(before[2].known);
    const double percent = cs_cpu_times_percent(&before[0], &after[0]);
    assert_true(percent > 49.49 && percent < 49.50);
    assert_true(cs_cpu_times_percent(&before[1], &after[1]) < 0.0);
    assert_true(cs_cpu_times_percent(&before[2], &after[2]) < 0.0);
    assert_true(cs_cpu_times_percent(&before[3], &after[3]) == 100.0);
    assert_false(cs_cpu_times_read(after, cpus, 4, path)); /* gone */
    assert_false(after[0].known);
}

static void monitor_option_is_read(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "0", "-1", "0.05", "nan", "inf", "1e9", "1 s", "twice"};
    cs_cpu_monitor_options options;
    cs_error err = {0};
    assert_int_equal(cs_cpu_monitor_parse(&options, NULL, &err), CS_OK);
    assert_true(options.seconds == 1.0 && !options.once);
    assert_int_equal(cs_cpu_monitor_parse(&options, "0.25", &err), CS_OK);
    assert_true(options.seconds == 0.25 && !options.once);
    assert_int_equal(cs_cpu_monitor_parse(&options, "once", &err), CS_OK);
    assert_true(options.seconds == 1.0 && options.once);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(cs_cpu_monitor_parse(&options, wrong[i], &err), CS_USAGE);
        assert_non_null(strstr(err.message, "--cpu-monitor="));
    }
}

static atomic_bool spinning;

static void *spin(void *argument)
{
    (void)argument;
    while (atomic_load_explicit(&spinning, memory_order_relaxed)) {
    }
    return NULL;
}

/* Keeps one CPU busy; false where threads cannot be pinned. */
static bool start_spinning(pthread_t *thread, int cpu)
{
    pthread_attr_t attributes;
    cpu_set_t mask;
    if (cpu >= CPU_SETSIZE) {
        return false;
    }
    CPU_ZERO(&mask);
    CPU_SET((size_t)cpu, &mask);
    atomic_store(&spinning, true);
    pthread_attr_init(&attributes);
    pthread_attr_setaffinity_np(&attributes, sizeof mask, &mask);
    const int failure = pthread_create(thread, &attributes, spin, NULL);
    pthread_attr_destroy(&attributes);
    return failure == 0;
}

/* The highest percentage of a CPU over all lines, negative if it never has one. */
static double highest_percent(const char *text, int cpu)
{
    char name[32];
    double highest = -1.0;
    snprintf(name, sizeof name, " cpu%d=", cpu);
    for (const char *at = strstr(text, name); at != NULL; at = strstr(at + 1, name)) {
        char *end = NULL;
        const double percent = strtod(at + strlen(name), &end);
        if (end != at + strlen(name)) {
            assert_int_equal(*end, '%');
            highest = percent > highest ? percent : highest;
        }
    }
    return highest;
}

static void a_busy_cpu_shows_with_rank_and_host(void **state)
{
    (void)state;
    int *cpus = NULL;
    size_t n_cpus = 0;
    pthread_t spinner = 0;
    cs_cpu_monitor *monitor = NULL;
    assert_int_equal(cs_cpuset_allowed(&cpus, &n_cpus, NULL), CS_OK);
    const int busy = cpus[n_cpus - 1];
    if (access("/proc/stat", R_OK) != 0 || !start_spinning(&spinner, busy)) {
        free(cpus);
        skip_because("no /proc/stat or no pinning here");
    }
    const cs_cpu_monitor_options options = {.seconds = 0.2};
    capture_begin();
    const cs_status status =
        cs_cpu_monitor_start(&monitor, &options, cpus, n_cpus, 3, "node1", NULL);
    wait_seconds(0.9);
    cs_cpu_monitor_stop(monitor);
    char *text = capture_end();
    atomic_store(&spinning, false);
    pthread_join(spinner, NULL);
    assert_int_equal(status, CS_OK);
    static const char labels[] = "cpu-monitor rank=3 host=node1 t=";
    assert_ptr_equal(strstr(text, labels), text);
    const double first = strtod(text + strlen(labels), NULL);
    assert_true(first >= 0.2 && first < 5.0); /* 0.2, later on a loaded machine */
    assert_true(count_of(text, labels) >= 2); /* 5 at best: it repeats */
    assert_int_equal(count_of(text, "%\n"), count_of(text, "\n"));
    assert_int_equal(count_of(text, " mean="), count_of(text, "\n"));
    assert_true(highest_percent(text, busy) > 60.0 && highest_percent(text, busy) <= 100.0);
    free(text);
    free(cpus);
}

static void once_prints_one_line(void **state)
{
    (void)state;
    const cs_cpu_monitor_options options = {.seconds = 0.1, .once = true};
    const int cpu = 0;
    cs_cpu_monitor *monitor = NULL;
    capture_begin();
    const cs_status status = cs_cpu_monitor_start(&monitor, &options, &cpu, 1, 0, "h", NULL);
    wait_seconds(0.5);
    cs_cpu_monitor_stop(monitor);
    char *text = capture_end();
    assert_int_equal(status, CS_OK);
    assert_int_equal(count_of(text, "cpu-monitor rank=0 host=h t="), 1);
    free(text);
}

static void stop_prints_the_rest_at_once(void **state)
{
    (void)state;
    const cs_cpu_monitor_options options = {.seconds = 3600.0};
    const int cpu = 0;
    cs_cpu_monitor *monitor = NULL;
    capture_begin();
    const cs_status status = cs_cpu_monitor_start(&monitor, &options, &cpu, 1, 0, "h", NULL);
    wait_seconds(0.3);
    const double begin = cs_now();
    cs_cpu_monitor_stop(monitor);
    const double seconds = cs_now() - begin;
    char *text = capture_end();
    assert_int_equal(status, CS_OK);
    assert_int_equal(count_of(text, "cpu-monitor rank=0 host=h t="), 1);
    assert_true(seconds < 5.0); /* far from 3600, with room for a loaded machine */
    free(text);
}

static void lists_of_ranks_become_one_set(void **state)
{
    (void)state;
    const cs_cpu_monitor_options options = {.seconds = 3600.0};
    const int cpus[] = {1, 0, -1, 1, 0, -1};
    cs_cpu_monitor *monitor = NULL;
    capture_begin();
    const cs_status status = cs_cpu_monitor_start(&monitor, &options, cpus, 6, 0, "h", NULL);
    wait_seconds(0.15);
    cs_cpu_monitor_stop(monitor);
    char *text = capture_end();
    assert_int_equal(status, CS_OK);
    assert_int_equal(count_of(text, " cpu"), 2 + count_of(text, "warning: cpu"));
    assert_int_equal(count_of(text, " cpu0="), 1);
    assert_int_equal(count_of(text, " cpu1="), 1);
    free(text);
}

/* A machine of 1,024 CPUs; those this one lacks are shown as - after one warning. */
static void many_cpus_take_short_lines(void **state)
{
    (void)state;
    enum { N_CPUS = 1024 };
    int cpus[N_CPUS];
    for (int i = 0; i < N_CPUS; i++) {
        cpus[i] = i;
    }
    const cs_cpu_monitor_options options = {.seconds = 3600.0};
    cs_cpu_monitor *monitor = NULL;
    capture_begin();
    const cs_status status = cs_cpu_monitor_start(&monitor, &options, cpus, N_CPUS, 5, "h", NULL);
    wait_seconds(0.15);
    cs_cpu_monitor_stop(monitor);
    char *text = capture_end();
    assert_int_equal(status, CS_OK);
    assert_int_equal(count_of(text, "cpu-monitor rank=5 host=h t="), N_CPUS / CS_CPU_MONITOR_GROUP);
    assert_int_equal(count_of(text, " mean="), N_CPUS / CS_CPU_MONITOR_GROUP);
    assert_true(count_of(text, "warning: ") <= 1);
    assert_non_null(strstr(text, " cpu0="));
    assert_non_null(strstr(text, " cpu1023="));
    for (const char *line = text; *line != '\0';) {
        const char *end = strchr(line, '\n');
        assert_non_null(end);
        assert_true(end - line < PIPE_BUF);
        line = end + 1;
    }
    free(text);
}

static size_t count_entries(const char *folder)
{
    size_t n = 0;
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    while (readdir(directory) != NULL) {
        n++;
    }
    closedir(directory);
    return n;
}

static void a_hundred_monitors_leave_nothing(void **state)
{
    (void)state;
    const cs_cpu_monitor_options options = {.seconds = 0.1};
    const int cpus[] = {0, 1};
    const size_t n_files = count_entries("/proc/self/fd");
    const size_t n_threads = count_entries("/proc/self/task");
    capture_begin();
    for (int i = 0; i < 100; i++) {
        cs_cpu_monitor *monitor = NULL;
        if (cs_cpu_monitor_start(&monitor, &options, cpus, 2, i, "h", NULL) == CS_OK) {
            wait_seconds(i % 25 == 0 ? 0.11 : 0.0); /* some in the midst of a line */
            cs_cpu_monitor_stop(monitor);
        }
    }
    char *text = capture_end();
    assert_non_null(strstr(text, "cpu-monitor rank=0 "));
    assert_non_null(strstr(text, "cpu-monitor rank=75 "));
    free(text);
    assert_int_equal(count_entries("/proc/self/fd"), n_files);
    assert_int_equal(count_entries("/proc/self/task"), n_threads);
}

static atomic_int signals_taken;

static void take_signal(int number)
{
    (void)number;
    atomic_fetch_add(&signals_taken, 1);
}

/* Main blocks the signal: were the monitor's thread open to it, the handler would run there. */
static void signals_are_left_to_main(void **state)
{
    (void)state;
    const cs_cpu_monitor_options options = {.seconds = 0.1};
    const int cpu = 0;
    cs_cpu_monitor *monitor = NULL;
    struct sigaction action = {.sa_handler = take_signal};
    struct sigaction action_before;
    sigset_t usr1;
    sigset_t mask_before;
    sigemptyset(&action.sa_mask);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigaction(SIGUSR1, &action, &action_before);
    capture_begin();
    const cs_status status = cs_cpu_monitor_start(&monitor, &options, &cpu, 1, 0, "h", NULL);
    pthread_sigmask(SIG_BLOCK, &usr1, &mask_before);
    kill(getpid(), SIGUSR1);
    wait_seconds(0.15);
    const int taken_elsewhere = atomic_load(&signals_taken);
    pthread_sigmask(SIG_SETMASK, &mask_before, NULL);
    cs_cpu_monitor_stop(monitor);
    free(capture_end());
    sigaction(SIGUSR1, &action_before, NULL);
    assert_int_equal(status, CS_OK);
    assert_int_equal(taken_elsewhere, 0);
    assert_int_equal(atomic_load(&signals_taken), 1);
    assert_false(sigismember(&mask_before, SIGUSR1)); /* start gave main its own mask back */
}

static void monitor_says_why_it_cannot_start(void **state)
{
    (void)state;
    const cs_cpu_monitor_options options = {.seconds = 1.0};
    const int cpus[] = {0, -1};
    cs_cpu_monitor *monitor = NULL;
    cs_error err = {0};
    assert_int_equal(cs_cpu_monitor_start(&monitor, &options, NULL, 0, 0, "h", &err), CS_INTERNAL);
    assert_int_equal(cs_cpu_monitor_start(&monitor, &options, cpus + 1, 1, 0, "h", &err),
                     CS_INTERNAL);
    assert_null(monitor);
    for (long nth = 1; nth <= 4; nth++) {
        cs_memory_fail_nth(nth);
        const cs_status status = cs_cpu_monitor_start(&monitor, &options, cpus, 1, 0, "h", &err);
        cs_memory_fail_nth(0);
        assert_int_equal(status, CS_MEMORY);
        assert_null(monitor);
    }
    cs_cpu_monitor_stop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(startup_seconds_grow_with_the_clock),
        cmocka_unit_test(phases_are_counted_by_name),
        cmocka_unit_test(phases_of_threads_are_joined_by_name),
        cmocka_unit_test(merge_takes_the_middle_of_odd_and_even_ranks),
        cmocka_unit_test(merge_says_when_memory_is_out),
        cmocka_unit_test(phases_are_logged_and_reported),
#define WITH_FAKE_CLOCK(test) cmocka_unit_test_setup_teardown(test, use_fake_clock, use_real_clock)
        WITH_FAKE_CLOCK(lines_come_every_5_seconds_and_at_the_end),
        WITH_FAKE_CLOCK(a_resumed_run_counts_only_its_own_work),
        WITH_FAKE_CLOCK(odd_totals_divide_nothing_by_zero),
        WITH_FAKE_CLOCK(none_and_quiet_show_nothing),
        WITH_FAKE_CLOCK(a_bar_in_a_file_becomes_lines),
        WITH_FAKE_CLOCK(a_terminal_gets_a_bar),
        cmocka_unit_test(progress_option_is_read),
        cmocka_unit_test(allowed_cpus_are_those_of_the_mask),
        cmocka_unit_test(shares_of_cpus_are_all_of_them),
        cmocka_unit_test(allowed_cpus_say_when_memory_is_out),
        cmocka_unit_test(times_are_those_of_the_file),
        cmocka_unit_test(monitor_option_is_read),
        cmocka_unit_test(a_busy_cpu_shows_with_rank_and_host),
        cmocka_unit_test(once_prints_one_line),
        cmocka_unit_test(stop_prints_the_rest_at_once),
        cmocka_unit_test(lists_of_ranks_become_one_set),
        cmocka_unit_test(many_cpus_take_short_lines),
        cmocka_unit_test(a_hundred_monitors_leave_nothing),
        cmocka_unit_test(signals_are_left_to_main),
        cmocka_unit_test(monitor_says_why_it_cannot_start),
    };
    return skip_exit_status(cmocka_run_group_tests_name("watch", tests, set_up_log, NULL));
}
