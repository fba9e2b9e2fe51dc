/* SPDX-License-Identifier: MIT */
#include "model/warden_setup.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Where the kernel has no close_range (before 5.9), or a container forbids it. What is closed while
 * the folder is read may hide others, hence again until there is nothing. */
static void close_each_above(int last)
{
    int n_closed = 1;
    while (n_closed > 0) {
        DIR *open_ones = opendir("/proc/self/fd");
        if (open_ones == NULL) {
            _exit(1); /* sockets of other lanes would stay open: nobody would see them end */
        }
        n_closed = 0;
        for (const struct dirent *entry = readdir(open_ones); entry != NULL;
             entry = readdir(open_ones)) {
            const int descriptor = (int)strtol(entry->d_name, NULL, 10);
            if (descriptor > last && descriptor != dirfd(open_ones)) {
                close(descriptor);
                n_closed++;
            }
        }
        closedir(open_ones);
    }
}

static void keep_descriptor(int kept)
{
    const int nothing = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3; i++) {
        if (nothing < 0 || dup2(nothing, i) < 0) {
            _exit(1);
        }
    }
    if (kept != CS_WARDEN_SOCKET && dup2(kept, CS_WARDEN_SOCKET) < 0) {
        _exit(1);
    }
    if (close_range(CS_WARDEN_SOCKET + 1, ~0U, 0) != 0) {
        close_each_above(CS_WARDEN_SOCKET);
    }
    fcntl(CS_WARDEN_SOCKET, F_SETFD, FD_CLOEXEC);
}

void cs_warden_isolate(const char *name, int socket)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL); /* its end is its rank's end, whoever else may ask */
    signal(SIGCHLD, SIG_DFL);             /* ignored, children would be reaped unseen */
    setsid();                             /* launchers kill process groups */
    prctl(PR_SET_NAME, name);
    keep_descriptor(socket);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || chdir("/") != 0) {
        _exit(1);
    }
}

int cs_warden_open_signals(const sigset_t *signals)
{
    const int descriptor = signalfd(-1, signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (descriptor < 0) {
        _exit(1);
    }
    return descriptor;
}

void cs_warden_empty_signals(int descriptor)
{
    struct signalfd_siginfo info;
    while (read(descriptor, &info, sizeof info) == (ssize_t)sizeof info) {
    }
}
