/* SPDX-License-Identifier: MIT */
#include "job/fakegen_output.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/log.h"

/* A write ends where a multiple of this does: then Linux has large pages for what lies between, and
 * that is where its page cache is fastest (6.2 GB/s here; 1.3 GB/s in pieces of 1 MiB). */
enum { WRITE_BYTES = 256 << 10 };

cs_status cs_fakegen_create(int *descriptor, const char *path, cs_error *err)
{
    *descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (*descriptor < 0) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be written", path);
    }
    /* not every file system has locks: only a lock that somebody holds is a reason to stop */
    const bool held = flock(*descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    /* an empty file is left alone: once truncated, ext4 would wait for the disk when it is closed
     */
    struct stat about;
    const bool empty = fstat(*descriptor, &about) == 0 && about.st_size == 0;
    if (held || (!empty && ftruncate(*descriptor, 0) != 0)) {
        const cs_status status =
            held ? cs_fail(err, CS_LOCKED, "%s: another run is writing it; name another output",
                           path)
                 : cs_fail_errno(err, CS_IO, "%s: cannot be written", path);
        close(*descriptor);
        *descriptor = -1;
        return status;
    }
    return CS_OK;
}

cs_status cs_fakegen_open(int *descriptor, const char *path, cs_error *err)
{
    *descriptor = open(path, O_WRONLY | O_CLOEXEC);
    return *descriptor >= 0 ? CS_OK : cs_fail_errno(err, CS_IO, "%s: cannot be written", path);
}

/* ext4 books a write to new space block by block (4 KiB); in space that it has given already, half
 * of a write's time goes (10 instead of 6 GB/s here). Of other file systems we know no such thing.
 */
void cs_fakegen_reserve(int descriptor, uint64_t from, uint64_t to)
{
    struct statfs about;
    if (from < to && fstatfs(descriptor, &about) == 0 && about.f_type == EXT4_SUPER_MAGIC) {
        fallocate(descriptor, FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)(to - from));
    }
}

cs_status cs_fakegen_write_at(int descriptor, const unsigned char *data, size_t size,
                              uint64_t offset, const char *path, cs_error *err)
{
    while (size > 0) {
        const size_t until = WRITE_BYTES - (size_t)(offset % WRITE_BYTES);
        const ssize_t n = pwrite(descriptor, data, size < until ? size : until, (off_t)offset);
        if (n < 0 && errno != EINTR) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be written", path);
        }
        const size_t written = n > 0 ? (size_t)n : 0;
        data += written;
        size -= written;
        offset += written;
    }
    return CS_OK;
}

/* Room that was asked for and not used, behind the end. It stays if that fails, and does no harm.
 */
static void give_room_back(const char *path)
{
    struct stat about;
    const int64_t slack = 1 << 20; /* bytes; a file system has blocks of its own for a file */
    if (stat(path, &about) == 0 && (int64_t)about.st_blocks * 512 > about.st_size + slack &&
        truncate(path, about.st_size) != 0) {
        cs_log(CS_LOG_DEBUG, "%s: takes more room than it needs", path);
    }
}

cs_status cs_fakegen_rename(const cs_fakegen_plan *plan, cs_error *err)
{
    for (size_t i = 0; i < plan->n_files; i++) {
        const cs_fakegen_file *file = &plan->files[i];
        give_room_back(file->part_path);
        if (rename(file->part_path, file->path) != 0) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be renamed to %s", file->part_path,
                                 file->path);
        }
    }
    return CS_OK;
}

void cs_fakegen_remove(const cs_fakegen_plan *plan)
{
    for (size_t i = 0; i < plan->n_files; i++) {
        unlink(plan->files[i].part_path);
    }
}
