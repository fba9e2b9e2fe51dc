/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into catchsim by the tests of faults: counts the calls by which one rank changes files
 * of one folder, and at the nth of them kills the process or makes the call fail.
 *
 *   FAULTS_FOLDER  whose files count; absolute, without links
 *   FAULTS_RANK    the rank concerned (0); without a launcher there is only that one
 *   FAULTS_PLAN    ACTION:CALLS:NTH[:TIMES], for example kill:any:17 or ENOSPC:write+pwrite:3:0
 *                  ACTION  kill (before the call), torn (in its middle: half is written), short
 *                          (half is written, which is no failure), ENOSPC, EIO
 *                  CALLS   any, or some of write pwrite ftruncate fsync fdatasync rename unlink
 *                  NTH     of the calls named, from 1
 *                  TIMES   calls concerned from there on (1); 0: all
 *   FAULTS_DELAY   microseconds that each call takes longer, so that there is time to interfere
 *   FAULTS_TIME    what time() tells, so that files of two runs can be compared byte by byte
 *   FAULTS_COUNT   a file to which the number of calls named is written when the process exits
 *
 * Only the process that is executed as "catchsim" is concerned, not what it forks. Calls of two
 * threads (the syncer's is one) are counted together.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum action { NOTHING, KILL, TORN, SHORT, FAIL };

static struct {
    pid_t owner; /* 0: nobody is concerned */
    char folder[PATH_MAX];
    enum action action;
    int error; /* of FAIL */
    char calls[128];
    long nth, times;
    useconds_t delay;
} plan;

static atomic_long count;

/* ---- the plan ---- */

static const char *setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value != NULL ? value : otherwise;
}

static void refuse(const char *what)
{
    fprintf(stderr, "faults: %s\n", what);
    abort();
}

static void read_action(const char *word)
{
    static const char *const words[] = {"none", "kill", "torn", "short"};
    for (int i = NOTHING; i <= SHORT; i++) {
        if (strcmp(word, words[i]) == 0) {
            plan.action = (enum action)i;
            return;
        }
    }
    plan.action = FAIL;
    plan.error = strcmp(word, "ENOSPC") == 0 ? ENOSPC : EIO;
    if (plan.error == EIO && strcmp(word, "EIO") != 0) {
        refuse("FAULTS_PLAN names no action");
    }
}

static bool is_concerned(void)
{
    const char *rank =
        setting("OMPI_COMM_WORLD_RANK", setting("PMIX_RANK", setting("PMI_RANK", "0")));
    return strcmp(program_invocation_short_name, "catchsim") == 0 &&
           strcmp(rank, setting("FAULTS_RANK", "0")) == 0;
}

__attribute__((constructor)) static void read_plan(void)
{
    char word[16];
    const char *text = setting("FAULTS_PLAN", "none:any:1");
    if (!is_concerned()) {
        return;
    }
    plan.times = 1;
    if (sscanf(text, "%15[^:]:%127[^:]:%ld:%ld", word, plan.calls, &plan.nth, &plan.times) < 3) {
        refuse("FAULTS_PLAN is not ACTION:CALLS:NTH[:TIMES]");
    }
    read_action(word);
    plan.delay = (useconds_t)atol(setting("FAULTS_DELAY", "0"));
    snprintf(plan.folder, sizeof plan.folder, "%s/", setting("FAULTS_FOLDER", ""));
    plan.owner = getpid();
}

__attribute__((destructor)) static void write_count(void)
{
    const char *path = getenv("FAULTS_COUNT");
    if (path == NULL || plan.owner != getpid()) {
        return;
    }
    FILE *file = fopen(path, "we");
    if (file != NULL) {
        fprintf(file, "%ld\n", atomic_load(&count));
        fclose(file);
    }
}

/* ---- what a call meets ---- */

static bool is_named(const char *call)
{
    const size_t length = strlen(call);
    for (const char *at = plan.calls; at != NULL; at = strchr(at, '+')) {
        at += *at == '+';
        if (strncmp(at, call, length) == 0 && (at[length] == '+' || at[length] == '\0')) {
            return true;
        }
    }
    return strcmp(plan.calls, "any") == 0;
}

static bool is_inside(const char *path)
{
    return strncmp(path, plan.folder, strlen(plan.folder)) == 0;
}

static bool is_file_inside(int file)
{
    char link[64], path[PATH_MAX];
    struct stat about;
    if (fstat(file, &about) != 0 || !(S_ISREG(about.st_mode) || S_ISDIR(about.st_mode))) {
        return false;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t length = readlink(link, path, sizeof path - 2);
    if (length < 0) {
        return false;
    }
    memcpy(path + length, "/", 2); /* the folder itself counts, too */
    return is_inside(path);
}

static enum action meet(const char *call)
{
    if (plan.delay > 0) {
        usleep(plan.delay);
    }
    if (!is_named(call)) {
        return NOTHING;
    }
    const long number = atomic_fetch_add(&count, 1) + 1;
    const bool is_time = number >= plan.nth && (plan.times == 0 || number < plan.nth + plan.times);
    if (is_time && plan.action == KILL) {
        kill(getpid(), SIGKILL);
    }
    return is_time ? plan.action : NOTHING;
}

static enum action meet_file(const char *call, int file)
{
    const int saved = errno;
    const bool counts = plan.owner != 0 && plan.owner == getpid() && is_file_inside(file);
    const enum action action = counts ? meet(call) : NOTHING;
    errno = action == FAIL ? plan.error : saved;
    return action;
}

static enum action meet_path(const char *call, const char *path)
{
    char whole[PATH_MAX];
    const int saved = errno;
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/'); /* the file may not exist: its folder does */
    if (slash != NULL) {
        *slash = '\0';
    }
    bool counts = plan.owner != 0 && plan.owner == getpid() &&
                  realpath(slash != NULL ? folder : ".", whole) != NULL;
    if (counts) {
        const size_t length = strlen(whole);
        counts = length + 2 < sizeof whole;
        memcpy(whole + length, "/", counts ? 2 : 0);
        counts = counts && is_inside(whole);
    }
    const enum action action = counts ? meet(call) : NOTHING;
    errno = action == FAIL ? plan.error : saved;
    return action;
}

static void after(enum action action)
{
    if (action == TORN) {
        kill(getpid(), SIGKILL);
    }
}

/* ---- the calls ---- */

/* The system's own function. */
#define NEXT(type, name, ...)                                                                      \
    static type (*next)(__VA_ARGS__);                                                              \
    if (next == NULL) {                                                                            \
        *(void **)&next = dlsym(RTLD_NEXT, name);                                                  \
    }

static size_t part_of(size_t size, enum action action)
{
    return (action == TORN || action == SHORT) && size > 1 ? size / 2 : size;
}

ssize_t write(int file, const void *data, size_t size)
{
    NEXT(ssize_t, "write", int, const void *, size_t)
    const enum action action = meet_file("write", file);
    if (action == FAIL) {
        return -1;
    }
    const ssize_t done = next(file, data, part_of(size, action));
    after(action);
    return done;
}

static ssize_t write_at(int file, const void *data, size_t size, off_t offset)
{
    NEXT(ssize_t, "pwrite", int, const void *, size_t, off_t)
    const enum action action = meet_file("pwrite", file);
    if (action == FAIL) {
        return -1;
    }
    const ssize_t done = next(file, data, part_of(size, action), offset);
    after(action);
    return done;
}

ssize_t pwrite(int file, const void *data, size_t size, off_t offset)
{
    return write_at(file, data, size, offset);
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t offset)
{
    return write_at(file, data, size, offset);
}

static int truncate_file(int file, off_t size)
{
    NEXT(int, "ftruncate", int, off_t)
    const enum action action = meet_file("ftruncate", file);
    const int status = action == FAIL ? -1 : next(file, size);
    after(action);
    return status;
}

int ftruncate(int file, off_t size)
{
    return truncate_file(file, size);
}

int ftruncate64(int file, off64_t size)
{
    return truncate_file(file, size);
}

int fsync(int file)
{
    NEXT(int, "fsync", int)
    const enum action action = meet_file("fsync", file);
    const int status = action == FAIL ? -1 : next(file);
    after(action);
    return status;
}

int fdatasync(int file)
{
    NEXT(int, "fdatasync", int)
    const enum action action = meet_file("fdatasync", file);
    const int status = action == FAIL ? -1 : next(file);
    after(action);
    return status;
}

int rename(const char *from, const char *to)
{
    NEXT(int, "rename", const char *, const char *)
    const enum action action = meet_path("rename", to);
    const int status = action == FAIL ? -1 : next(from, to);
    after(action);
    return status;
}

int unlink(const char *path)
{
    NEXT(int, "unlink", const char *)
    const enum action action = meet_path("unlink", path);
    const int status = action == FAIL ? -1 : next(path);
    after(action);
    return status;
}

time_t time(time_t *out)
{
    NEXT(time_t, "time", time_t *)
    const char *told = plan.owner != 0 ? getenv("FAULTS_TIME") : NULL;
    const time_t now = told != NULL ? (time_t)atoll(told) : next(NULL);
    if (out != NULL) {
        *out = now;
    }
    return now;
}
