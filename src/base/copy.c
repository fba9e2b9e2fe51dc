/* SPDX-License-Identifier: MIT */
#include "base/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHARE = 1 << 30, BUFFER = 1 << 16 };

/* By hand, where the kernel cannot: another file system, an old kernel. */
static ssize_t copy_piece(int to, int from)
{
    char buffer[BUFFER];
    const ssize_t n = read(from, buffer, sizeof buffer);
    for (ssize_t done = 0; done < n;) {
        const ssize_t m = write(to, buffer + done, (size_t)(n - done));
        if (m < 0 && errno != EINTR) {
            return -1;
        }
        done += m > 0 ? m : 0;
    }
    return n;
}

static bool copy_all(int to, int from)
{
    bool by_hand = false;
    for (;;) {
        ssize_t n =
            by_hand ? copy_piece(to, from) : copy_file_range(from, NULL, to, NULL, SHARE, 0);
        if (n == 0) {
            return true;
        }
        if (n < 0 && !by_hand &&
            (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)) {
            by_hand = true;
        } else if (n < 0 && errno != EINTR) {
            return false;
        }
    }
}

cs_status cs_copy_file(const char *to, const char *from, cs_error *err)
{
    struct stat about;
    const int source = open(from, O_RDONLY | O_CLOEXEC);
    if (source < 0 || fstat(source, &about) != 0) {
        cs_fail_errno(err, CS_IO, "%s: cannot be read", from);
        if (source >= 0) {
            close(source);
        }
        return CS_IO;
    }
    const int copy = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, about.st_mode & 0777);
    cs_status status = CS_OK;
    if (copy < 0 || !copy_all(copy, source)) {
        status = cs_fail_errno(err, CS_IO, "%s: cannot be written", to);
    }
    close(source);
    if (copy >= 0 && close(copy) != 0 && status == CS_OK) {
        status = cs_fail_errno(err, CS_IO, "%s: cannot be written", to);
    }
    return status;
}
