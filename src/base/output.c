/* SPDX-License-Identifier: MIT */
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"

static double wait_seconds = CS_OUTPUT_WAIT;

void cs_output_set_wait(double seconds)
{
    wait_seconds = seconds;
}

/* Who holds the lock, for the message. */
static void read_holder(int journal, char holder[static CS_OUTPUT_HOLDER])
{
    const ssize_t length = pread(journal, holder, CS_OUTPUT_HOLDER - 1, 0);
    holder[length > 0 ? length : 0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
    if (holder[0] == '\0') {
        snprintf(holder, CS_OUTPUT_HOLDER, "another process");
    }
}

/* The rest of the file is a journal, which stays. */
static cs_status write_holder(const cs_output *output, cs_error *err)
{
    char host[64] = "", holder[CS_OUTPUT_HOLDER];
    gethostname(host, sizeof host - 1);
    memset(holder, '\n', sizeof holder);
    const int length = snprintf(holder, sizeof holder, "host=%s pid=%ld\n", host, (long)getpid());
    holder[length] = '\n';                     /* instead of the terminator */
    for (size_t at = 0; at < sizeof holder;) { /* the system may take less than all */
        const ssize_t n = pwrite(output->journal, holder + at, sizeof holder - at, (off_t)at);
        if (n < 0 && errno != EINTR) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be written", output->journal_path);
        }
        at += n > 0 ? (size_t)n : 0;
    }
    return CS_OK;
}

static int try_lock(int journal)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(journal, F_OFD_SETLK, &lock);
}

static cs_status wait_for_lock(const cs_output *output, cs_error *err)
{
    const int polls_a_second = 10;
    for (int polls = 0; try_lock(output->journal) != 0; polls++) {
        if (errno != EAGAIN && errno != EACCES) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be locked", output->journal_path);
        }
        char holder[CS_OUTPUT_HOLDER];
        read_holder(output->journal, holder);
        if (polls == 0) {
            cs_log(CS_LOG_INFO, "waiting up to %g s for the lock on %s held by %s", wait_seconds,
                   output->journal_path, holder);
        }
        if (polls >= wait_seconds * polls_a_second) {
            return cs_fail(err, CS_LOCKED,
                           "%s: a running job writes this output (%s); wait for it or name another "
                           "output",
                           output->path, holder);
        }
        nanosleep(&(struct timespec){.tv_nsec = 1000000000 / polls_a_second}, NULL);
    }
    return CS_OK;
}

/* Whether the locked file still has its name: its former holder removes it when it is done. */
static bool still_named(const cs_output *output)
{
    struct stat locked, named;
    return fstat(output->journal, &locked) == 0 && stat(output->journal_path, &named) == 0 &&
           locked.st_ino == named.st_ino && locked.st_dev == named.st_dev;
}

/* Gives up a journal that another may hold: it stays where it is. */
static void leave_journal(cs_output *output)
{
    if (output->journal >= 0) {
        close(output->journal);
        output->journal = -1;
    }
}

static cs_status open_and_lock(cs_output *output, cs_error *err)
{
    output->journal = open(output->journal_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (output->journal < 0) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be written", output->journal_path);
    }
    const cs_status status = wait_for_lock(output, err);
    if (status != CS_OK) {
        leave_journal(output);
    }
    return status;
}

static cs_status take_lock(cs_output *output, cs_error *err)
{
    struct stat about;
    do {
        leave_journal(output);
        CS_TRY(open_and_lock(output, err));
    } while (!still_named(output));
    output->has_journal = fstat(output->journal, &about) == 0 && about.st_size > CS_OUTPUT_HOLDER;
    return write_holder(output, err);
}

/* A rename would put our file in the place of a folder's, a device's or a link's name. */
static cs_status refuse_existing(const char *path, bool replace, cs_error *err)
{
    struct stat about;
    if (lstat(path, &about) != 0) {
        return CS_OK;
    }
    if (!S_ISREG(about.st_mode)) {
        return cs_fail(err, CS_IO, "%s: is there and is no regular file; name another output",
                       path);
    }
    if (!replace) {
        return cs_fail(err, CS_IO,
                       "%s: exists already; name another output, or give --fresh to replace it",
                       path);
    }
    return CS_OK;
}

static cs_status refuse_journal(const char *path, cs_error *err)
{
    return cs_fail(err, CS_IO,
                   "%s: an interrupted run has begun it; go on with --resume, or give --fresh to "
                   "begin anew",
                   path);
}

static cs_status name_folder(char **folder, const char *path, cs_error *err)
{
    const char *slash = strrchr(path, '/');
    CS_TRY(cs_copy_string(folder, slash == NULL ? "." : path, err));
    if (slash != NULL) {
        (*folder)[slash == path ? 1 : slash - path] = '\0';
    }
    return CS_OK;
}

bool cs_output_has_journal(const char *path)
{
    char *journal_path = NULL;
    struct stat about;
    if (cs_format(&journal_path, NULL, "%s.journal", path) != CS_OK) {
        return false;
    }
    const bool has = stat(journal_path, &about) == 0 && about.st_size > CS_OUTPUT_HOLDER;
    free(journal_path);
    return has;
}

cs_status cs_output_check(const char *path, bool replace, cs_error *err)
{
    char *folder = NULL;
    CS_TRY(refuse_existing(path, replace, err));
    if (!replace && cs_output_has_journal(path)) {
        return refuse_journal(path, err);
    }
    CS_TRY(name_folder(&folder, path, err));
    cs_status status = CS_OK;
    if (access(folder, W_OK | X_OK) != 0) {
        status = cs_fail_errno(err, CS_IO, "%s: cannot be written", path);
    }
    free(folder);
    return status;
}

cs_status cs_output_lock(cs_output *output, const char *path, cs_error *err)
{
    *output = (cs_output){.journal = -1};
    cs_status status = CS_OK;
    CS_CHECK(cs_copy_string(&output->path, path, err));
    CS_CHECK(cs_format(&output->part_path, err, "%s.part", path));
    CS_CHECK(cs_format(&output->old_part_path, err, "%s.part2", path));
    CS_CHECK(cs_format(&output->journal_path, err, "%s.journal", path));
    CS_CHECK(name_folder(&output->folder, path, err));
    CS_CHECK(take_lock(output, err));
release:
    if (status != CS_OK) {
        output->is_kept = output->has_journal;
        cs_output_release(output);
    }
    return status;
}

cs_status cs_output_refuse(const cs_output *output, bool replace, cs_error *err)
{
    return refuse_existing(output->path, replace, err);
}

cs_status cs_output_refuse_journal(const cs_output *output, cs_error *err)
{
    return output->has_journal ? refuse_journal(output->path, err) : CS_OK;
}

static cs_status remove_if_there(const char *path, cs_error *err)
{
    return unlink(path) == 0 || errno == ENOENT
               ? CS_OK
               : cs_fail_errno(err, CS_IO, "%s: cannot be removed", path);
}

cs_status cs_output_discard(cs_output *output, cs_error *err)
{
    if (ftruncate(output->journal, CS_OUTPUT_HOLDER) != 0) { /* first: it tells of the parts */
        return cs_fail_errno(err, CS_IO, "%s: cannot be emptied", output->journal_path);
    }
    output->has_journal = false;
    CS_TRY(remove_if_there(output->part_path, err));
    return remove_if_there(output->old_part_path, err);
}

void cs_output_choose_part(cs_output *output, unsigned generation)
{
    const size_t length = strlen(output->path) + strlen(".part");
    const bool second = generation % 2 == 0;
    if ((output->part_path[length] != '\0') != second) {
        char *other = output->part_path;
        output->part_path = output->old_part_path;
        output->old_part_path = other;
    }
}

cs_status cs_output_claim(cs_output *output, const char *path, bool replace, cs_error *err)
{
    *output = (cs_output){.journal = -1};
    CS_TRY(refuse_existing(path, replace, err));
    CS_TRY(cs_output_lock(output, path, err));
    cs_status status = CS_OK;
    CS_CHECK(replace ? cs_output_discard(output, err) : cs_output_refuse_journal(output, err));
    CS_CHECK(refuse_existing(path, replace, err)); /* whom we waited for may have made it */
release:
    if (status != CS_OK) {
        output->is_kept = output->has_journal;
        cs_output_release(output);
    }
    return status;
}

/* Folder of a path, as a file, and where its last component begins. */
static bool look_at_folder(struct stat *folder, const char **name, const char *path)
{
    char text[4096];
    const char *slash = strrchr(path, '/');
    *name = slash == NULL ? path : slash + 1;
    const size_t length = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (length >= sizeof text) {
        return false;
    }
    memcpy(text, path, length);
    text[length] = '\0';
    return stat(length == 0 ? "." : text, folder) == 0;
}

bool cs_output_is_same(const char *a, const char *b)
{
    struct stat x, y;
    if (stat(a, &x) == 0 && stat(b, &y) == 0) {
        return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
    }
    const char *name_a = NULL, *name_b = NULL;
    return look_at_folder(&x, &name_a, a) && look_at_folder(&y, &name_b, b) &&
           x.st_dev == y.st_dev && x.st_ino == y.st_ino && strcmp(name_a, name_b) == 0;
}

bool cs_output_touches(const char *output, const char *path)
{
    static const char *const suffixes[] = {".part", ".part2", ".journal"};
    bool touches = cs_output_is_same(output, path);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0] && !touches; i++) {
        char *beside = NULL;
        touches = cs_format(&beside, NULL, "%s%s", output, suffixes[i]) == CS_OK &&
                  cs_output_is_same(beside, path);
        free(beside);
    }
    return touches;
}

/* Of /dev, memory's folder holds files; all else is written through and stays what it is. */
static bool is_device(const char *output)
{
    return strncmp(output, "/dev/", 5) == 0 && strncmp(output, "/dev/shm/", 9) != 0;
}

bool cs_output_spoils(const char *output, const char *path)
{
    return strcmp(output, "-") != 0 && strcmp(path, "-") != 0 && !is_device(output) &&
           cs_output_touches(output, path);
}

static cs_status sync_path(const char *path, int flags, cs_error *err)
{
    const int file = open(path, flags | O_CLOEXEC);
    if (file < 0) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be opened to make it durable", path);
    }
    const int failed = fsync(file);
    const int number = errno;
    close(file);
    errno = number;
    if (failed && number != EINVAL) { /* some file systems cannot sync a folder */
        return cs_fail_errno(err, CS_IO, "%s: cannot be made durable", path);
    }
    return CS_OK;
}

cs_status cs_output_sync(const cs_output *output, cs_error *err)
{
    return sync_path(output->part_path, O_RDONLY, err);
}

cs_status cs_output_publish(const cs_output *output, cs_error *err)
{
    if (rename(output->part_path, output->path) != 0) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be renamed to %s", output->part_path,
                             output->path);
    }
    return sync_path(output->folder, O_RDONLY | O_DIRECTORY, err);
}

void cs_output_unlock(cs_output *output)
{
    unlink(output->old_part_path);
    unlink(output->journal_path);
    leave_journal(output);
}

cs_status cs_output_finish(cs_output *output, cs_error *err)
{
    CS_TRY(cs_output_sync(output, err));
    CS_TRY(cs_output_publish(output, err));
    cs_output_unlock(output);
    return CS_OK;
}

void cs_output_release(cs_output *output)
{
    if (output->path != NULL && output->journal >= 0 && !output->is_kept) {
        unlink(output->part_path);
        unlink(output->old_part_path);
        unlink(output->journal_path);
    }
    if (output->path != NULL) {
        leave_journal(output);
    }
    free(output->path);
    free(output->part_path);
    free(output->old_part_path);
    free(output->journal_path);
    free(output->folder);
    *output = (cs_output){.journal = -1};
}
