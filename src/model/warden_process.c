/* SPDX-License-Identifier: MIT */
/* The warden's own process: a loop over events, single-threaded, that knows no MPI. It forks a
 * process for each lane, and adopts what is below one that is killed. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/scratch_tree.h"
#include "model/warden_children.h"
#include "model/warden_setup.h"
#include "model/warden_wire.h"
#include "watch/clock.h"

enum { LOOK_MILLISECONDS = 5 }; /* how often it looks for what a killed lane left */

/* The warden keeps the lane's end of the socket, too, so that the rank does not see the end of a
 * killed lane before there is an end of what it ran. */
typedef struct {
    pid_t pid; /* 0: it was killed */
    int socket;
    double until; /* s, monotonic: when those of a killed one are given up */
} lane_process;

/* A folder that is removed at the end. */
typedef struct {
    int lock; /* -1: not yet */
    char folder[PATH_MAX];
} guarded;

static struct {
    int signals, children; /* descriptors */
    struct rlimit files;   /* of programs */
    guarded *guards;       /* [n_guards] */
    size_t n_guards;
    lane_process *lanes; /* [n_lanes] */
    size_t n_lanes, n_killed;
} self;

/* ---- lanes ---- */

static lane_process *find_lane(pid_t pid)
{
    for (size_t i = 0; i < self.n_lanes; i++) {
        if (self.lanes[i].pid == pid) {
            return &self.lanes[i];
        }
    }
    return NULL;
}

static void forget_lane(lane_process *lane)
{
    close(lane->socket);
    *lane = self.lanes[--self.n_lanes];
}

static void note_end(pid_t pid, int wait_status)
{
    lane_process *lane = find_lane(pid);
    if (lane != NULL && WIFSIGNALED(wait_status)) {
        lane->pid = 0;
        lane->until = cs_now() + CS_WARDEN_PATIENCE;
        self.n_killed++;
    } else if (lane != NULL) { /* which has left nothing that could be killed */
        forget_lane(lane);
    }
}

static void kill_orphan(pid_t pid, void *about)
{
    size_t *n = about;
    if (find_lane(pid) == NULL) {
        kill(pid, SIGKILL);
        ++*n;
    }
}

static void forget_killed(bool has_orphans)
{
    for (size_t i = self.n_lanes; i-- > 0;) {
        if (self.lanes[i].pid == 0 && (!has_orphans || cs_now() >= self.lanes[i].until)) {
            forget_lane(&self.lanes[i]);
            self.n_killed--;
        }
    }
}

/* Whoever is below the warden without being a lane has lost its own, which somebody killed. */
static void reap(void)
{
    pid_t pid = 0;
    int wait_status = 0;
    size_t n_orphans = 0;
    while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0) {
        note_end(pid, wait_status);
    }
    if (pid == 0) {
        cs_children_each(self.children, kill_orphan, &n_orphans);
    }
    forget_killed(n_orphans > 0);
}

static void refuse_lane(int socket, int number)
{
    const int32_t answer = number;
    (void)send(socket, &answer, sizeof answer, MSG_NOSIGNAL);
    close(socket);
}

/* Takes the socket. */
static void add_lane(const cs_warden_order *order, int socket)
{
    const cs_warden_lane lane = {.socket = socket,
                                 .warden = getpid(),
                                 .place = order->place,
                                 .n_places = order->n_places,
                                 .files = &self.files};
    lane_process *lanes = realloc(self.lanes, (self.n_lanes + 1) * sizeof *lanes);
    if (lanes == NULL) {
        refuse_lane(socket, ENOMEM);
        return;
    }
    self.lanes = lanes;
    const pid_t pid = fork();
    if (pid == 0) {
        cs_warden_lane_serve(&lane);
    }
    if (pid < 0) {
        refuse_lane(socket, errno);
        return;
    }
    self.lanes[self.n_lanes++] = (lane_process){.pid = pid, .socket = socket};
}

/* ---- guards ---- */

static guarded *find_guard(const char *folder)
{
    for (size_t i = 0; i < self.n_guards; i++) {
        if (strcmp(self.guards[i].folder, folder) == 0) {
            return &self.guards[i];
        }
    }
    return NULL;
}

static void guard(int lock, const char *folder)
{
    guarded *known = find_guard(folder);
    if (known != NULL) {
        known->lock = lock;
        return;
    }
    guarded *guards = realloc(self.guards, (self.n_guards + 1) * sizeof *guards);
    if (guards == NULL) {
        _exit(1); /* the rank sees its sockets end */
    }
    self.guards = guards;
    guarded *g = &guards[self.n_guards++];
    g->lock = lock;
    snprintf(g->folder, sizeof g->folder, "%s", folder);
}

static void unguard(const char *folder)
{
    guarded *known = find_guard(folder);
    if (known != NULL) {
        if (known->lock >= 0) {
            close(known->lock);
        }
        *known = self.guards[--self.n_guards];
    }
}

/* ---- orders ---- */

static void follow(cs_warden_order *order, int descriptor)
{
    order->folder[sizeof order->folder - 1] = '\0';
    if (order->kind == CS_ORDER_GUARD) {
        guard(descriptor, order->folder);
        return; /* which keeps the lock open */
    }
    if (order->kind == CS_ORDER_LANE && descriptor >= 0) {
        add_lane(order, descriptor);
        return; /* which keeps the socket open */
    }
    if (order->kind == CS_ORDER_UNGUARD) {
        unguard(order->folder);
    }
    if (descriptor >= 0) {
        close(descriptor);
    }
}

/* Returns false at the end of the rank. */
static bool take_order(void)
{
    cs_warden_order order;
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } extra = {0};
    struct iovec body = {.iov_base = &order, .iov_len = sizeof order};
    struct msghdr message = {.msg_iov = &body,
                             .msg_iovlen = 1,
                             .msg_control = extra.bytes,
                             .msg_controllen = sizeof extra.bytes};
    const ssize_t n = recvmsg(CS_WARDEN_SOCKET, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (n != (ssize_t)sizeof order) {
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    }
    int descriptor = -1;
    const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head != NULL && head->cmsg_type == SCM_RIGHTS) {
        memcpy(&descriptor, CMSG_DATA(head), sizeof descriptor);
    }
    follow(&order, descriptor);
    return true;
}

/* ---- the beginning and the end ---- */

static void set_up(int control)
{
    sigset_t child;
    cs_warden_isolate("catchsim-warden", control);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    self.signals = cs_warden_open_signals(&child);
    self.children = cs_children_open();
}

_Noreturn void cs_warden_serve(int control, const struct rlimit *files)
{
    self.files = *files;
    set_up(control);
    bool goes_on = true;
    while (goes_on) {
        struct pollfd ready[] = {{.fd = CS_WARDEN_SOCKET, .events = POLLIN},
                                 {.fd = self.signals, .events = POLLIN}};
        poll(ready, sizeof ready / sizeof ready[0], self.n_killed > 0 ? LOOK_MILLISECONDS : -1);
        cs_warden_empty_signals(self.signals);
        reap();
        goes_on = ready[0].revents == 0 || take_order();
    }
    const size_t n_left = cs_children_kill_all(self.children, CS_WARDEN_PATIENCE);
    for (size_t i = 0; i < self.n_guards; i++) {
        cs_scratch_remove_tree(self.guards[i].folder);
    }
    _exit(n_left < 100 ? (int)n_left : 100);
}
