/* SPDX-License-Identifier: MIT */
/* The rank's side of the warden. */
#include "model/warden.h"

#include <errno.h>
#include <omp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/stop.h"
#include "model/scratch_tree.h"
#include "model/warden_wire.h"
#include "watch/clock.h"

enum {
    LOOK_USEC = 100000, /* how often a thread that waits for a program looks up */
    MAX_OPENINGS = 3    /* of a lane whose process is killed before it is there */
};

static struct {
    int control; /* socket to it */
    pid_t pid;   /* 0: there is none */
} warden = {.control = -1};

/* ---- starting and stopping ---- */

/* Where OMP_PROC_BIND binds the main thread to one place, the programs may still use them all. */
static void use_all_places(void)
{
    enum { N_CPUS = 8192 };
    static unsigned char room[CPU_ALLOC_SIZE(N_CPUS)];
    cpu_set_t *all = (cpu_set_t *)(void *)room;
    const int n_places = omp_get_num_places();
    for (int p = 0; p < n_places; p++) {
        int cpus[1024];
        const int n = omp_get_place_num_procs(p);
        if (n > (int)(sizeof cpus / sizeof cpus[0])) {
            return;
        }
        omp_get_place_proc_ids(p, cpus);
        for (int i = 0; i < n; i++) {
            CPU_SET_S((size_t)cpus[i], sizeof room, all);
        }
    }
    if (n_places > 0) {
        sched_setaffinity(0, sizeof room, all);
    }
}

/* A lane takes a descriptor here, and a file at a time. */
static void raise_files(struct rlimit *before)
{
    if (getrlimit(RLIMIT_NOFILE, before) == 0) {
        const struct rlimit raised = {before->rlim_max, before->rlim_max};
        (void)setrlimit(RLIMIT_NOFILE, &raised); /* what is needed is checked when it is known */
    }
}

void cs_warden_start(void)
{
    int ends[2];
    if (warden.pid != 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return;
    }
    struct rlimit files = {RLIM_INFINITY, RLIM_INFINITY};
    raise_files(&files);
    const pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        use_all_places();
        cs_warden_serve(ends[1], &files);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return;
    }
    warden.control = ends[0];
    warden.pid = pid;
}

void cs_warden_stop(void)
{
    if (warden.pid == 0) {
        return;
    }
    int wait_status = 0;
    close(warden.control);
    while (waitpid(warden.pid, &wait_status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) > 0) {
        cs_log(CS_LOG_WARNING,
               "%d processes that external programs left could not be killed; do they wait for a "
               "disk that is gone?",
               WEXITSTATUS(wait_status));
    }
    warden.control = -1;
    warden.pid = 0;
}

/* ---- orders ---- */

static cs_status gone(cs_error *err)
{
    return cs_fail(err, CS_INTERNAL,
                   "the warden, the process that starts the external programs of this rank, is "
                   "gone; was it killed?");
}

/* Whether the warden lives: no other process has its end of the control socket. */
static bool is_there(void)
{
    struct pollfd control = {.fd = warden.control};
    return poll(&control, 1, 0) >= 0 && (control.revents & POLLHUP) == 0;
}

/* Sends an order with a descriptor. */
static cs_status send_order(const cs_warden_order *order, int descriptor, cs_error *err)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } extra = {0};
    struct iovec body = {.iov_base = (void *)(uintptr_t)order, .iov_len = sizeof *order};
    struct msghdr message = {.msg_iov = &body, .msg_iovlen = 1};
    if (descriptor >= 0) {
        message.msg_control = extra.bytes;
        message.msg_controllen = sizeof extra.bytes;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
    }
    ssize_t sent = 0;
    do {
        sent = sendmsg(warden.control, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof *order ? CS_OK : gone(err);
}

static cs_status send_folder(cs_warden_order_kind kind, const char *folder, int lock, cs_error *err)
{
    cs_warden_order order = {.kind = (int32_t)kind};
    if (warden.pid == 0) {
        return gone(err);
    }
    const int length = snprintf(order.folder, sizeof order.folder, "%s", folder);
    if (length >= (int)sizeof order.folder) {
        return cs_fail(err, CS_USAGE, "%.100s...: the path is too long", folder);
    }
    return send_order(&order, lock, err);
}

cs_status cs_warden_guard(const char *folder, int lock, cs_error *err)
{
    return send_folder(CS_ORDER_GUARD, folder, lock, err);
}

cs_status cs_warden_unguard(const char *folder, cs_error *err)
{
    return send_folder(CS_ORDER_UNGUARD, folder, -1, err);
}

/* The lane says that it is there, or the warden why not. */
static cs_status wait_for_lane(bool *was_killed, int lane, cs_error *err)
{
    int32_t number = 0;
    ssize_t n = 0;
    do {
        n = recv(lane, &number, sizeof number, 0);
    } while (n < 0 && (errno == EINTR || errno == EAGAIN));
    if (n != (ssize_t)sizeof number) {
        *was_killed = is_there();
        return *was_killed ? CS_OK : gone(err);
    }
    errno = number;
    return number == 0 ? CS_OK
                       : cs_fail_errno(err, CS_INTERNAL,
                                       "no process for a worker; use fewer workers, or raise the "
                                       "limit of processes (ulimit -u)");
}

static cs_status try_lane(int *lane, const cs_warden_share *share, cs_error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return cs_fail_errno(err, CS_INTERNAL,
                             "no socket for a worker; use fewer workers, or raise the limit of "
                             "open files (ulimit -n)");
    }
    const struct timeval look = {.tv_usec = LOOK_USEC};
    (void)setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &look, sizeof look);
    const int room = 2 * CS_WARDEN_MAX_CALL;
    (void)setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    const cs_warden_order order = {
        .kind = CS_ORDER_LANE, .place = share->place, .n_places = share->n_places};
    bool was_killed = false;
    cs_status status = send_order(&order, ends[1], err);
    close(ends[1]);
    status = status == CS_OK ? wait_for_lane(&was_killed, ends[0], err) : status;
    if (status != CS_OK || was_killed) {
        close(ends[0]);
        return status;
    }
    *lane = ends[0];
    return CS_OK;
}

cs_status cs_warden_open_lane(int *lane, const cs_warden_share *share, cs_error *err)
{
    if (warden.pid == 0) {
        return cs_fail(err, CS_INTERNAL,
                       "there is no process that could start external programs: it could not be "
                       "forked at the start");
    }
    *lane = -1;
    for (int i = 0; i < MAX_OPENINGS && *lane < 0; i++) {
        CS_TRY(try_lane(lane, share, err));
    }
    return *lane >= 0 ? CS_OK
                      : cs_fail(err, CS_INTERNAL,
                                "a process that starts external programs was killed as it began, "
                                "%d times; by what?",
                                MAX_OPENINGS);
}

void cs_warden_end_lane(int lane)
{
    (void)shutdown(lane, SHUT_WR);
}

void cs_warden_close_lane(int lane)
{
    const double end = cs_now() + CS_WARDEN_PATIENCE + 1.0; /* it gives up a little earlier */
    char nothing[1];
    ssize_t n = 0;
    cs_warden_end_lane(lane);
    do {
        n = recv(lane, nothing, sizeof nothing, 0);
    } while (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN) && cs_now() < end));
    close(lane);
}

/* ---- running a program ---- */

static cs_status append_text(cs_bytes *message, const char *text, cs_error *err)
{
    return cs_bytes_append(message, text, strlen(text) + 1, err);
}

static cs_status make_message(cs_bytes *message, const cs_program_call *call, cs_error *err)
{
    const cs_warden_call head = {.timeout = call->timeout,
                                 .max_file_size = call->max_file_size,
                                 .n_arguments = (uint32_t)call->n_arguments};
    CS_TRY(cs_bytes_append(message, &head, sizeof head, err));
    CS_TRY(append_text(message, call->folder, err));
    CS_TRY(append_text(message, call->keeps != NULL ? call->keeps : "", err));
    for (size_t i = 0; i < call->n_arguments; i++) {
        CS_TRY(append_text(message, call->arguments[i], err));
    }
    if (message->size > CS_WARDEN_MAX_CALL) {
        return cs_fail(err, CS_DATA, "the arguments of the program are too long: at most %d bytes",
                       CS_WARDEN_MAX_CALL);
    }
    return CS_OK;
}

static bool has_filled_folder(const cs_program_call *call)
{
    cs_scratch_use use = {0};
    if (call->max_bytes > 0) {
        cs_scratch_measure(&use, call->folder, call->max_bytes);
    }
    return use.n_bytes > call->max_bytes;
}

/* What there is of a program whose lane has come to an end. */
static cs_status end_with_lane(cs_program_end *end, cs_program_fate fate, double begin,
                               cs_error *err)
{
    *end = (cs_program_end){.fate = (int32_t)fate, .code = SIGKILL, .seconds = cs_now() - begin};
    return is_there() ? CS_OK : gone(err);
}

/* A run that shall stop gives its programs the grace, no more. */
static cs_status wait_for_end(cs_program_end *end, int lane, const cs_program_call *call,
                              cs_error *err)
{
    const double begin = cs_now();
    bool is_killed = false;
    ssize_t n = 0;
    int number = 0;
    do {
        n = recv(lane, end, sizeof *end, 0);
        number = n < 0 ? errno : 0;
        if (number == EAGAIN && cs_stop_grace_is_over()) {
            cs_warden_end_lane(lane);
            return cs_fail(err, CS_INTERRUPTED, "ended with the run");
        }
        if (number == EAGAIN && !is_killed && has_filled_folder(call)) {
            cs_warden_end_lane(lane); /* which answers by its end */
            is_killed = true;
        }
    } while (number == EINTR || number == EAGAIN);
    if (is_killed) {
        return end_with_lane(end, CS_PROGRAM_FILLED, begin, err);
    }
    return n == (ssize_t)sizeof *end ? CS_OK : end_with_lane(end, CS_PROGRAM_UNWATCHED, begin, err);
}

cs_status cs_warden_run(cs_program_end *end, int lane, const cs_program_call *call, cs_error *err)
{
    cs_bytes message = {0};
    const cs_status status = make_message(&message, call, err);
    ssize_t n = 0;
    if (status == CS_OK) {
        do {
            n = send(lane, message.data, message.size, MSG_NOSIGNAL);
        } while (n < 0 && errno == EINTR);
    }
    const bool is_sent = n == (ssize_t)message.size;
    cs_bytes_free(&message);
    CS_TRY(status);
    return is_sent ? wait_for_end(end, lane, call, err)
                   : end_with_lane(end, CS_PROGRAM_UNWATCHED, cs_now(), err);
}
