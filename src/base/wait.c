/* SPDX-License-Identifier: MIT */
#include "base/wait.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/stop.h"

enum { LOOK_MS = 100 }; /* how long a wish may go unseen */

static bool is_ready(int file, short events, int milliseconds)
{
    struct pollfd wanted = {.fd = file, .events = events};
    return poll(&wanted, 1, milliseconds) > 0;
}

bool cs_wait_readable(int file)
{
    while (!is_ready(file, POLLIN, LOOK_MS)) {
        if (cs_stop_requested() != CS_STOP_NONE) {
            return is_ready(file, POLLIN, 0);
        }
    }
    return true;
}

bool cs_wait_writable(int file)
{
    while (!is_ready(file, POLLOUT, LOOK_MS)) {
        if (cs_stop_grace_is_over()) {
            return is_ready(file, POLLOUT, 0);
        }
    }
    return true;
}

int cs_wait_open(const char *path)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file >= 0) {
        fcntl(file, F_SETFL, fcntl(file, F_GETFL) & ~O_NONBLOCK);
    }
    return file;
}

int cs_wait_own_pipe(int file)
{
    char path[32];
    struct stat about;
    if (fstat(file, &about) != 0 || !S_ISFIFO(about.st_mode)) {
        return file;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    const int own = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
    return own >= 0 ? own : file;
}
