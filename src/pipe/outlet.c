/* SPDX-License-Identifier: MIT */
#include "pipe/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

cs_status cs_outlet_check(const char *path, bool replace, cs_error *err)
{
    return is_standard_output(path) || is_special(path) ? CS_OK
                                                        : cs_output_check(path, replace, err);
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

cs_status cs_outlet_open(cs_outlet *outlet, const char *path, bool replace, cs_error *err)
{
    *outlet = (cs_outlet){.path = path, .output = {.journal = -1}, .file = -1};
    outlet->in_place = is_standard_output(path) || is_special(path);
    if (!outlet->in_place) {
        CS_TRY(open_file(outlet, replace, err));
    } else {
        outlet->file = is_standard_output(path) ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                                                : open(path, O_WRONLY | O_CLOEXEC);
        if (outlet->file < 0) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be written", path);
        }
    }
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
        if (n < 0 && errno != EINTR) {
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
