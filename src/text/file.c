/* SPDX-License-Identifier: MIT */
#include "text/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 20 }; /* bytes of one read */

/* Windows translates line ends unless told not to, does not rename onto a file, and has no links
 * that we would have to respect. */
#ifdef _WIN32
enum { MODE = O_BINARY };

static int status_of(const char *path, struct stat *info)
{
    return stat(path, info);
}

static int move_file(const char *from, const char *to)
{
    remove(to);
    return rename(from, to);
}
#else
enum { MODE = O_CLOEXEC };

static int status_of(const char *path, struct stat *info)
{
    return lstat(path, info);
}

static int move_file(const char *from, const char *to)
{
    return rename(from, to);
}
#endif

static cs_status read_all(cs_bytes *content, int file, const char *path, size_t max_bytes,
                          cs_error *err)
{
    const size_t before = content->size;
    for (;;) {
        CS_TRY(cs_bytes_reserve(content, PIECE, err));
        const ssize_t n = read(file, content->data + content->size, PIECE);
        if (n < 0 && errno != EINTR) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be read", path);
        }
        if (n == 0) {
            return CS_OK;
        }
        content->size += n > 0 ? (size_t)n : 0;
        if (content->size - before > max_bytes) {
            return cs_fail(err, CS_DATA, "%s: larger than %zu bytes", path, max_bytes);
        }
    }
}

cs_status cs_file_read(cs_bytes *content, const char *path, size_t max_bytes, cs_error *err)
{
    struct stat info;
    const int file = open(path, O_RDONLY | MODE);
    if (file < 0) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be opened", path);
    }
    cs_status status = CS_OK;
    if (fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0 &&
        (uint64_t)info.st_size <= max_bytes) {
        /* all at once, and room for the read that finds the end */
        status = cs_bytes_reserve(content, (size_t)info.st_size + PIECE, err);
    }
    if (status == CS_OK) {
        status = read_all(content, file, path, max_bytes, err);
    }
    close(file);
    return status;
}

cs_status cs_file_create(cs_file_writer *writer, const char *path, cs_error *err)
{
    struct stat info;
    cs_status status = CS_OK;
    *writer = (cs_file_writer){.file = -1};
    writer->in_place = status_of(path, &info) == 0 && !S_ISREG(info.st_mode);
    CS_CHECK(cs_copy_string(&writer->path, path, err));
    CS_CHECK(cs_format(&writer->part_path, err, "%s%s", path, writer->in_place ? "" : ".part"));
    writer->file = open(writer->part_path, O_WRONLY | O_CREAT | O_TRUNC | MODE, 0666);
    if (writer->file < 0) {
        CS_CHECK(cs_fail_errno(err, CS_IO, "%s: cannot be written", writer->part_path));
    }
release:
    if (status != CS_OK) {
        cs_file_release(writer);
    }
    return status;
}

cs_status cs_file_write(cs_file_writer *writer, const void *data, size_t size, cs_error *err)
{
    const char *at = data;
    while (size > 0) {
        const ssize_t n = write(writer->file, at, size < PIECE ? (unsigned)size : PIECE);
        if (n < 0 && errno != EINTR) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be written", writer->part_path);
        }
        at += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return CS_OK;
}

cs_status cs_file_finish(cs_file_writer *writer, cs_error *err)
{
    const int failed = close(writer->file);
    writer->file = -1;
    if (failed) {
        cs_fail_errno(err, CS_IO, "%s: cannot be written", writer->part_path);
    } else if (!writer->in_place && move_file(writer->part_path, writer->path) != 0) {
        cs_fail_errno(err, CS_IO, "%s: cannot be renamed to %s", writer->part_path, writer->path);
    } else {
        return CS_OK;
    }
    if (!writer->in_place) {
        unlink(writer->part_path);
    }
    return CS_IO;
}

void cs_file_release(cs_file_writer *writer)
{
    if (writer->file >= 0) {
        close(writer->file);
        if (!writer->in_place) {
            unlink(writer->part_path);
        }
    }
    free(writer->path);
    free(writer->part_path);
    *writer = (cs_file_writer){.file = -1};
}
