/* SPDX-License-Identifier: MIT */
#include "model/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "model/scratch_tree.h"
#include "model/warden.h"

#define PREFIX "catchsim-scratch-"

/* A folder without a lock is being made, unless it is older than this. */
static const time_t SECONDS_TO_MAKE = 60;

/* ---- names: PREFIX HOST - PID - 16 hexadecimal digits ---- */

enum { HOST_LENGTH = 64, NUMBER_LENGTH = 16 };

/* Locks may be known to one node only, though the folder is seen by many: nodes are told apart. */
static void name_host(char host[static HOST_LENGTH])
{
    memset(host, 0, HOST_LENGTH);
    if (gethostname(host, HOST_LENGTH - 1) != 0 || host[0] == '\0') {
        snprintf(host, HOST_LENGTH, "unknown");
    }
    for (char *c = host; *c != '\0'; c++) {
        if (*c == '/' || (unsigned char)*c <= ' ') {
            *c = '_';
        }
    }
}

/* Whether a run on this host gave the name. */
static bool is_own_name(const char *name)
{
    static const char DIGITS[] = "0123456789";
    char host[HOST_LENGTH];
    if (strncmp(name, PREFIX, strlen(PREFIX)) != 0) {
        return false;
    }
    name += strlen(PREFIX);
    name_host(host);
    if (strncmp(name, host, strlen(host)) != 0 || name[strlen(host)] != '-') {
        return false;
    }
    name += strlen(host) + 1;
    const size_t n_pid = strspn(name, DIGITS);
    return n_pid > 0 && name[n_pid] == '-' && strlen(name + n_pid + 1) == NUMBER_LENGTH &&
           strspn(name + n_pid + 1, "0123456789abcdef") == NUMBER_LENGTH;
}

/* ---- what killed runs left ---- */

/* Whether a folder is ours and its owner is dead: then it is locked by this call. */
static int lock_dead(int parent, const char *name)
{
    struct stat about;
    char path[NAME_MAX + sizeof CS_SCRATCH_LOCK + 2];
    if (fstatat(parent, name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(about.st_mode) ||
        about.st_uid != geteuid()) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/%s", name, CS_SCRATCH_LOCK);
    const bool is_old = time(NULL) - about.st_mtime > SECONDS_TO_MAKE;
    const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (is_old ? O_CREAT : 0);
    const int lock = openat(parent, path, flags, 0600);
    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0) {
        close(lock); /* alive */
        return -1;
    }
    return lock;
}

static void remove_leftovers(const char *parent)
{
    DIR *stream = opendir(parent);
    if (stream == NULL) {
        return;
    }
    for (const struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        char path[PATH_MAX];
        const int length = snprintf(path, sizeof path, "%s/%s", parent, entry->d_name);
        if (!is_own_name(entry->d_name) || length >= (int)sizeof path) {
            continue;
        }
        const int lock = lock_dead(dirfd(stream), entry->d_name);
        if (lock >= 0) {
            cs_log(CS_LOG_DEBUG, "removing %s of a killed run", path);
            cs_scratch_remove_tree(path);
            close(lock);
        }
    }
    closedir(stream);
}

/* ---- choosing ---- */

/* Bytes, or files of CS_SCRATCH_FILE bytes where those are fewer. */
static uint64_t room_of(const char *folder)
{
    struct statvfs about;
    if (statvfs(folder, &about) != 0) {
        return 0;
    }
    const uint64_t n_bytes = (uint64_t)about.f_bavail * (uint64_t)about.f_frsize;
    const uint64_t n_files = (uint64_t)about.f_favail;
    const bool is_short = about.f_files > 0 && n_files < n_bytes / CS_SCRATCH_FILE;
    return is_short ? n_files * CS_SCRATCH_FILE : n_bytes;
}

static bool has_room(const char *parent, uint64_t n_bytes, uint64_t *available)
{
    *available = access(parent, W_OK | X_OK) == 0 ? room_of(parent) : 0;
    return *available >= n_bytes;
}

static cs_status no_room(const char *parent, uint64_t n_bytes, uint64_t available, cs_error *err)
{
    if (access(parent, W_OK | X_OK) != 0) {
        return cs_fail_errno(err, CS_IO, "--scratch=%s: cannot be used", parent);
    }
    return cs_fail(err, CS_IO,
                   "--scratch=%s: %.0f MiB are free, the external programs of a rank need %.0f; "
                   "name another folder, or use fewer workers",
                   parent, (double)available / 1048576.0, (double)n_bytes / 1048576.0);
}

/* The folder in which the scratch is made; *out is a path as given. */
static cs_status choose_parent(const char **out, const char *given, uint64_t n_bytes, cs_error *err)
{
    const char *const candidates[] = {getenv("SLURM_TMPDIR"), getenv("TMPDIR"), "/dev/shm", "/tmp"};
    uint64_t available = 0;
    if (given != NULL) {
        remove_leftovers(given);
        *out = given;
        return has_room(given, n_bytes, &available) ? CS_OK
                                                    : no_room(given, n_bytes, available, err);
    }
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++) {
        if (candidates[i] == NULL || candidates[i][0] == '\0') {
            continue;
        }
        remove_leftovers(candidates[i]);
        if (has_room(candidates[i], n_bytes, &available)) {
            *out = candidates[i];
            return CS_OK;
        }
    }
    return cs_fail(err, CS_IO,
                   "no folder for the external programs of a rank has %.0f MiB free: neither "
                   "$SLURM_TMPDIR, $TMPDIR, /dev/shm nor /tmp; give --scratch=DIR, or use fewer "
                   "workers",
                   (double)n_bytes / 1048576.0);
}

/* ---- making ---- */

/* The warden knows the folder before it is there, so that whenever the rank is killed, it goes. */
static cs_status make_folder(cs_scratch *scratch, const char *parent, cs_error *err)
{
    uint64_t number = 0;
    char *folder = NULL, host[HOST_LENGTH];
    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number) {
        return cs_fail_errno(err, CS_INTERNAL, "no random number for the name of a folder");
    }
    name_host(host);
    CS_TRY(cs_format(&folder, err, "%s/%s%s-%ld-%0*" PRIx64, parent, PREFIX, host, (long)getpid(),
                     NUMBER_LENGTH, number));
    cs_status status = cs_warden_guard(folder, -1, err);
    if (status == CS_OK && mkdir(folder, 0700) != 0) {
        status = cs_fail_errno(err, CS_IO, "--scratch=%s: cannot be used", parent);
        (void)cs_warden_unguard(folder, NULL);
    }
    if (status != CS_OK) {
        free(folder);
        return status;
    }
    scratch->folder = folder;
    return CS_OK;
}

/* The lock gets its name only when it is held, so that nobody takes the folder for a dead one. */
static cs_status make_lock(cs_scratch *scratch, cs_error *err)
{
    char path[PATH_MAX], unlocked[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", scratch->folder, CS_SCRATCH_LOCK);
    snprintf(unlocked, sizeof unlocked, "%s/%s.new", scratch->folder, CS_SCRATCH_LOCK);
    scratch->lock = open(unlocked, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (scratch->lock < 0 || flock(scratch->lock, LOCK_EX | LOCK_NB) != 0 ||
        rename(unlocked, path) != 0) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be locked", scratch->folder);
    }
    return CS_OK;
}

static cs_status make_folders(const cs_scratch *scratch, size_t n_workers, cs_error *err)
{
    for (size_t i = 0; i < n_workers; i++) {
        char *folder = NULL;
        CS_TRY(cs_scratch_worker(&folder, scratch, i, err));
        const int failed = mkdir(folder, 0700);
        free(folder);
        if (failed != 0) {
            return cs_fail_errno(err, CS_IO, "%s: no folder can be made in it", scratch->folder);
        }
    }
    return CS_OK;
}

cs_status cs_scratch_open(cs_scratch *scratch, const char *parent, size_t n_workers,
                          uint64_t n_bytes, cs_error *err)
{
    const char *chosen = NULL;
    char *absolute = NULL;
    *scratch = (cs_scratch){.lock = -1};
    cs_status status = CS_OK;
    CS_CHECK(choose_parent(&chosen, parent, n_bytes * n_workers, err));
    absolute = realpath(chosen, NULL);
    if (absolute == NULL) {
        CS_CHECK(cs_fail_errno(err, CS_IO, "--scratch=%s: cannot be used", chosen));
    }
    CS_CHECK(make_folder(scratch, absolute, err));
    CS_CHECK(make_lock(scratch, err));
    CS_CHECK(cs_warden_guard(scratch->folder, scratch->lock, err));
    CS_CHECK(make_folders(scratch, n_workers, err));
release:
    free(absolute);
    if (status != CS_OK) {
        cs_scratch_close(scratch);
    }
    return status;
}

uint64_t cs_scratch_room(const cs_scratch *scratch)
{
    return room_of(scratch->folder);
}

cs_status cs_scratch_worker(char **folder, const cs_scratch *scratch, size_t worker, cs_error *err)
{
    return cs_format(folder, err, "%s/%zu", scratch->folder, worker);
}

void cs_scratch_close(cs_scratch *scratch)
{
    if (scratch->folder != NULL) {
        if (!cs_scratch_remove_tree(scratch->folder)) {
            cs_log(CS_LOG_WARNING, "%s could not be removed", scratch->folder);
        }
        (void)cs_warden_unguard(scratch->folder, NULL); /* a warden that is gone guards nothing */
        if (scratch->lock >= 0) {
            close(scratch->lock);
        }
    }
    free(scratch->folder);
    *scratch = (cs_scratch){.lock = -1};
}
