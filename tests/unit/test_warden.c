/* SPDX-License-Identifier: MIT */
/*
 * The warden: what a program leaves behind ends with it whatever it did, what may outlive it does,
 * and nothing survives the death of warden or lane. Leftovers are found by a number that they
 * sleep.
 */
#include <dirent.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/warden.h"
#include "watch/clock.h"

static char nap[32]; /* s: nobody else sleeps as long */
static struct rlimit files_before;
static cs_error err;

/* ---- looking for processes ---- */

static size_t read_of(char *text, size_t size, long pid, const char *file)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", pid, file);
    FILE *stream = fopen(path, "re");
    const size_t n = stream != NULL ? fread(text, 1, size - 1, stream) : 0;
    if (stream != NULL) {
        fclose(stream);
    }
    text[n] = '\0';
    return n;
}

/* How many processes have the number among their arguments. */
static size_t count_sleepers(void)
{
    char text[4096];
    size_t n_found = 0;
    DIR *proc = opendir("/proc");
    assert_non_null(proc);
    for (const struct dirent *entry = readdir(proc); entry != NULL; entry = readdir(proc)) {
        const long pid = strtol(entry->d_name, NULL, 10);
        if (pid > 0) {
            const size_t n = read_of(text, sizeof text, pid, "cmdline");
            n_found += memmem(text, n, nap, strlen(nap)) != NULL;
        }
    }
    closedir(proc);
    return n_found;
}

static void wait_for_sleepers(size_t n)
{
    const double end = cs_now() + 20.0;
    while (count_sleepers() != n && cs_now() < end) {
        usleep(10000);
    }
    assert_int_equal(count_sleepers(), n);
}

/* The first process with this name and parent; 0: none. */
static pid_t find_child(const char *name, pid_t parent)
{
    char wanted[64], text[512];
    pid_t found = 0;
    DIR *proc = opendir("/proc");
    assert_non_null(proc);
    for (const struct dirent *entry = readdir(proc); entry != NULL; entry = readdir(proc)) {
        const long pid = strtol(entry->d_name, NULL, 10);
        if (pid > 0 && read_of(text, sizeof text, pid, "stat") > 0) {
            snprintf(wanted, sizeof wanted, "(%s) ", name);
            const char *at = strstr(text, wanted);
            if (at != NULL && strtol(at + strlen(wanted) + 2, NULL, 10) == (long)parent) {
                found = (pid_t)pid;
            }
        }
    }
    closedir(proc);
    return found;
}

/* ---- running ---- */

static int open_lane(uint32_t place, uint32_t n_places)
{
    int lane = -1;
    const cs_warden_share share = {.place = place, .n_places = n_places};
    assert_int_equal(cs_warden_open_lane(&lane, &share, &err), CS_OK);
    return lane;
}

/* Lets a shell run a script, whose $1 is the number. */
static cs_status try_script(cs_program_end *end, int lane, const char *script, const char *keeps,
                            double timeout)
{
    const char *const arguments[] = {"/bin/sh", "-c", script, "sh", nap};
    const cs_program_call call = {.folder = "/",
                                  .arguments = arguments,
                                  .n_arguments = sizeof arguments / sizeof arguments[0],
                                  .timeout = timeout,
                                  .max_file_size = 1 << 20,
                                  .keeps = keeps};
    return cs_warden_run(end, lane, &call, &err);
}

static cs_program_end run_script(int lane, const char *script, const char *keeps, double timeout)
{
    cs_program_end end;
    assert_int_equal(try_script(&end, lane, script, keeps, timeout), CS_OK);
    assert_int_equal(end.n_immortal, 0);
    return end;
}

static int start(void **state)
{
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files_before), 0);
    snprintf(nap, sizeof nap, "86%ld%03ld", (long)getpid(), (long)(cs_now() * 1e6) % 1000);
    cs_warden_start();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    cs_warden_stop();
    return count_sleepers() == 0 ? 0 : -1;
}

/* ---- tests ---- */

static void leftovers_end_with_their_program(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "sleep $1 &",
        "setsid sleep $1 &",
        "(cd / && exec env -i setsid sleep $1) &",
        "for i in 1 2 3 4; do (setsid sh -c 'setsid sleep $1 & setsid sleep $1 &' - $1 &); done",
        "trap '' TERM HUP INT; (setsid sh -c 'trap \"\" TERM; sleep $1; sleep $1' - $1 &)",
        "setsid sh -c 'while :; do (setsid sleep $1 &); sleep 0.001; done' - $1 &",
    };
    const int lane = open_lane(0, 1);
    for (int round = 0; round < 10; round++) {
        for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
            char script[256]; /* they have left the group by its end, or not yet */
            snprintf(script, sizeof script, "%s%s sleep 0.0%d", scripts[i],
                     strchr(scripts[i], '\0')[-1] == '&' ? "" : ";", round);
            const cs_program_end end = run_script(lane, script, NULL, 0.0);
            assert_int_equal(end.fate, CS_PROGRAM_EXITED);
            assert_int_equal(end.code, 0);
            assert_int_equal(count_sleepers(), 0);
        }
    }
    cs_warden_close_lane(lane);
}

/* More than the kernel's list has in a page. */
static void many_leftovers_end_with_their_program(void **state)
{
    (void)state;
    const int lane = open_lane(0, 1);
    run_script(lane,
               "mkfifo /tmp/$1; setsid sh -c '"
               "for i in 1 2 3 4 5 6 7 8; do for j in 1 2 3 4 5 6 7 8 9 0; do"
               " for k in 1 2 3 4 5 6 7 8 9 0; do sleep $1 & done; done; done;"
               " echo >/tmp/$1; wait' - $1 & read line </tmp/$1; rm /tmp/$1",
               NULL, 0.0);
    assert_int_equal(count_sleepers(), 0);
    cs_warden_close_lane(lane);
}

static void a_timeout_ends_all(void **state)
{
    (void)state;
    const int lane = open_lane(0, 1);
    const cs_program_end end =
        run_script(lane, "env -i setsid sleep $1 & echo said >&2; sleep $1", NULL, 0.3);
    assert_int_equal(end.fate, CS_PROGRAM_TIMED_OUT);
    assert_int_equal(count_sleepers(), 0);
    assert_memory_equal(end.tail, "said\n", end.n_tail);
    cs_warden_close_lane(lane);
}

/* What keeps names lives on, after a time-out too, until its lane closes; the rest does not. */
static void kept_processes_outlive_their_program(void **state)
{
    (void)state;
    static const char script[] = "setsid sleep $1 & (setsid sh -c 'sleep 9; sleep $1' - $1 &);"
                                 " sleep 0.1; ";
    char hangs[256];
    const int lane = open_lane(0, 1), other = open_lane(0, 1);
    cs_program_end end = run_script(lane, script, "other sl??p", 0.0);
    assert_int_equal(end.fate, CS_PROGRAM_EXITED);
    assert_int_equal(count_sleepers(), 1);
    snprintf(hangs, sizeof hangs, "%s sleep $1", script);
    end = run_script(lane, hangs, "sl*", 0.3);
    assert_int_equal(end.fate, CS_PROGRAM_TIMED_OUT);
    assert_int_equal(count_sleepers(), 2);
    run_script(other, "setsid sleep $1 & sleep 0.1", "slee", 0.0);
    assert_int_equal(count_sleepers(), 2);
    cs_warden_close_lane(lane);
    assert_int_equal(count_sleepers(), 0);
    cs_warden_close_lane(other);
}

static void programs_have_their_share_of_cpus(void **state)
{
    (void)state;
    static const char script[] = "while read -r key list; do"
                                 " [ \"$key\" != Cpus_allowed_list: ] || echo $list;"
                                 " done </proc/self/status; ulimit -Sn; ulimit -Hn";
    cpu_set_t mask;
    if (sched_getaffinity(0, sizeof mask, &mask) != 0) {
        return; /* more CPUs than this test knows */
    }
    const int n = CPU_COUNT(&mask);
    for (int place = 0; place < n && n > 1; place++) {
        const int lane = open_lane((uint32_t)place, (uint32_t)n);
        cs_program_end end = run_script(lane, script, NULL, 0.0);
        char *after = NULL;
        end.tail[end.n_tail < sizeof end.tail ? end.n_tail : sizeof end.tail - 1] = '\0';
        const long cpu = strtol(end.tail, &after, 10);
        assert_int_equal(*after, '\n'); /* one CPU, no list of several */
        assert_true(CPU_ISSET((size_t)cpu, &mask));
        CPU_CLR((size_t)cpu, &mask); /* and nobody else's */
        assert_true(strtoull(after, &after, 10) == files_before.rlim_cur);
        assert_true(strtoull(after, &after, 10) == files_before.rlim_max);
        cs_warden_close_lane(lane);
    }
}

static void kill_a_lane(void)
{
    const pid_t warden = find_child("catchsim-warden", getpid());
    assert_true(warden > 0);
    const pid_t process = find_child("catchsim-lane", warden);
    assert_true(process > 0);
    assert_int_equal(kill(process, SIGKILL), 0);
}

/* The warden ends what was below a lane that is killed; the lane's thread hears of it when nothing
 * is left, and opens another. */
static void a_killed_lane_leaves_nothing(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        const int lane = open_lane(0, 1);
        run_script(lane, "for i in 1 2 3 4; do setsid sleep $1 & done; sleep 0.05", "sleep", 0.0);
        assert_int_equal(count_sleepers(), 4);
        kill_a_lane();
        const cs_program_end end = run_script(lane, "exit 0", NULL, 0.0);
        assert_int_equal(end.fate, CS_PROGRAM_UNWATCHED);
        assert_int_equal(count_sleepers(), 0);
        cs_warden_close_lane(lane);
    }
}

static void a_program_that_kills_its_lane_costs_only_itself(void **state)
{
    (void)state;
    const int other = open_lane(0, 1);
    run_script(other, "setsid sleep $1 & sleep 0.1", "sleep", 0.0);
    for (int round = 0; round < 20; round++) {
        const int lane = open_lane(0, 1);
        cs_program_end end =
            run_script(lane,
                       "(setsid sleep $1 &) ; setsid sh -c 'sleep $1; sleep $1' - $1 &"
                       " kill -9 $PPID; sleep $1",
                       NULL, 0.0);
        assert_int_equal(end.fate, CS_PROGRAM_UNWATCHED);
        assert_int_equal(count_sleepers(), 1); /* the other lane's */
        cs_warden_close_lane(lane);
    }
    const cs_program_end end = run_script(other, "exit 3", "sleep", 0.0);
    assert_int_equal(end.fate, CS_PROGRAM_EXITED);
    assert_int_equal(end.code, 3);
    cs_warden_close_lane(other);
    assert_int_equal(count_sleepers(), 0);
}

/* Lanes end what they run when the warden is killed. */
static void a_killed_warden_leaves_nothing(void **state)
{
    (void)state;
    const int lane = open_lane(0, 1), other = open_lane(0, 1);
    run_script(lane, "setsid sleep $1 & sleep 0.1", "sleep", 0.0);
    run_script(other, "env -i setsid sleep $1 & sleep 0.1", "sleep", 0.0);
    assert_int_equal(count_sleepers(), 2);
    assert_int_equal(kill(find_child("catchsim-warden", getpid()), SIGKILL), 0);
    wait_for_sleepers(0);
    cs_program_end end;
    assert_int_equal(try_script(&end, lane, "exit 0", NULL, 0.0), CS_INTERNAL);
    assert_non_null(strstr(err.message, "warden"));
    cs_warden_close_lane(lane);
    cs_warden_close_lane(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(leftovers_end_with_their_program, start, stop),
        cmocka_unit_test_setup_teardown(many_leftovers_end_with_their_program, start, stop),
        cmocka_unit_test_setup_teardown(a_timeout_ends_all, start, stop),
        cmocka_unit_test_setup_teardown(kept_processes_outlive_their_program, start, stop),
        cmocka_unit_test_setup_teardown(programs_have_their_share_of_cpus, start, stop),
        cmocka_unit_test_setup_teardown(a_killed_lane_leaves_nothing, start, stop),
        cmocka_unit_test_setup_teardown(a_program_that_kills_its_lane_costs_only_itself, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_killed_warden_leaves_nothing, start, stop),
    };
    return cmocka_run_group_tests_name("warden", tests, NULL, NULL);
}
