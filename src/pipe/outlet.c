/* SPDX-License-Identifier: MIT */
#include "pipe/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/stop.h"

static bool is_standard_output(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* Whether a path is a pipe, a device or a socket, through whatever links (/dev/stdout is one). */
static bool is_special(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

/* Whether waiting for a pipe's reader has to end. */
static cs_status look_for_end(const cs_outlet *outlet, cs_error *err)
{
    const int cause = cs_stop_requested();
    if (cause != CS_STOP_NONE) {
        return cs_fail(err, CS_INTERRUPTED, "stopped by %s; outputs are not kept",
                       cs_stop_cause_name(cause));
    }
    return cs_halt_is_set(outlet->halt)
               ? cs_fail(err, CS_INTERRUPTED, "ended, since another stream failed")
               : CS_OK;
}

/* Waits for room; signals and the halt are looked at ten times a second. */
static cs_status wait_for_room(const cs_outlet *outlet, cs_error *err)
{
    struct pollfd file = {.fd = outlet->file, .events = POLLOUT};
    do {
        CS_TRY(look_for_end(outlet, err));
    } while (poll(&file, 1, 100) <= 0);
    return CS_OK;
}

/* A pipe gets a description of its own, where that is possible, so that writing to it need not
 * block: whoever waits in a write hears of no signal. That of standard output is others', too. */
static cs_status open_in_place(cs_outlet *outlet, cs_error *err)
{
    char own[32] = "";
    struct stat info;
    const bool is_standard = is_standard_output(outlet->path);
    const char *path = is_standard ? own : outlet->path;
    snprintf(own, sizeof own, "/proc/self/fd/%d", STDOUT_FILENO);
    const bool is_pipe = (is_standard ? fstat(STDOUT_FILENO, &info) : stat(path, &info)) == 0 &&
                         S_ISFIFO(info.st_mode);
    while (is_pipe) {
        outlet->file = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
        if (outlet->file >= 0 || errno != ENXIO || is_standard) {
            break;
        }
        CS_TRY(look_for_end(outlet, err));
        poll(NULL, 0, 50); /* it has no reader yet */
    }
    if (outlet->file < 0) {
        outlet->file = is_standard ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                                   : open(path, O_WRONLY | O_CLOEXEC);
    }
    return outlet->file >= 0 ? CS_OK
                             : cs_fail_errno(err, CS_IO, "%s: cannot be written", outlet->path);
}

cs_status cs_outlet_check(const char *path, bool replace, cs_error *err)
{
    if (is_standard_output(path) || is_special(path)) {
        return CS_OK;
    }
    /* an outlet's own has the holder only: this one was begun by another program */
    if (!replace && cs_output_has_journal(path)) {
        return cs_fail(err, CS_IO,
                       "%s: an interrupted run of another program has begun it; go on with that "
                       "one, or give --fresh to begin anew",
                       path);
    }
    return cs_output_check(path, replace, err);
}

static cs_status open_file(cs_outlet *outlet, bool replace, cs_error *err)
{
    CS_TRY(cs_output_claim(&outlet->output, outlet->path, replace, err));
    outlet->file = open(outlet->output.part_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (outlet->file < 0) {
        cs_fail_errno(err, CS_IO, "%s: cannot be written", outlet->output.part_path);
        cs_output_release(&outlet->output);
        return CS_IO;
    }
    return CS_OK;
}

cs_status cs_outlet_open(cs_outlet *outlet, const char *path, bool replace, cs_halt *halt,
                         cs_error *err)
{
    *outlet = (cs_outlet){.path = path, .output = {.journal = -1}, .file = -1, .halt = halt};
    outlet->in_place = is_standard_output(path) || is_special(path);
    CS_TRY(outlet->in_place ? open_in_place(outlet, err) : open_file(outlet, replace, err));
    pthread_mutex_init(&outlet->lock, NULL);
    return CS_OK;
}

static cs_status write_all(cs_outlet *outlet, const char *at, size_t size, cs_error *err)
{
    while (size > 0) {
        const ssize_t n = write(outlet->file, at, size);
        if (n < 0 && errno == EPIPE) {
            outlet->is_broken = true;
            return cs_fail(err, CS_IO, "%s: nobody reads this pipe any more", outlet->path);
        }
        if (n < 0 && errno == EAGAIN) {
            CS_TRY(wait_for_room(outlet, err));
        } else if (n < 0 && errno != EINTR) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be written", outlet->path);
        }
        at += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return CS_OK;
}

cs_status cs_outlet_write(cs_outlet *outlet, const void *data, size_t size, cs_error *err)
{
    pthread_mutex_lock(&outlet->lock);
    const cs_status status = write_all(outlet, data, size, err);
    outlet->n_bytes += status == CS_OK ? size : 0;
    pthread_mutex_unlock(&outlet->lock);
    return status;
}

cs_status cs_outlet_finish(cs_outlet *outlet, cs_error *err)
{
    const int failed = close(outlet->file);
    outlet->file = -1;
    if (failed) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be written", outlet->path);
    }
    return outlet->in_place ? CS_OK : cs_output_finish(&outlet->output, err);
}

void cs_outlet_release(cs_outlet *outlet)
{
    if (outlet->file >= 0) {
        close(outlet->file);
        outlet->file = -1;
    }
    if (!outlet->in_place) {
        cs_output_release(&outlet->output);
    }
    pthread_mutex_destroy(&outlet->lock);
}
