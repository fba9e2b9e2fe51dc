/* SPDX-License-Identifier: MIT */
/* The warden's own process: a loop over events, single-threaded, that knows no MPI. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/scratch_tree.h"
#include "model/spawn.h"
#include "model/warden_wire.h"
#include "watch/clock.h"

enum { MARK_LENGTH = 64, READ_SIZE = 65536, N_EVENTS = 64 };

/* Seconds that a program's leftovers may take to die before its end is reported all the same: a
 * process that waits for a dead network disk cannot be killed. */
static const double PATIENCE = 10.0;

typedef enum { IDLE, RUNNING, DRAINING } lane_state;

/* The end of what a program prints. */
typedef struct {
    int pipe; /* -1: none */
    size_t n;
    char tail[CS_WARDEN_TAIL];
} output;

typedef struct {
    int socket; /* to the rank's thread; -1: closed */
    lane_state state;
    pid_t pid; /* of the program, which is its group's number too */
    bool timed_out, keeps_servers;
    int wait_status;
    double begin, end, deadline; /* s, monotonic; deadline INFINITY: none */
    double cpu_seconds;
    output outputs[2]; /* stderr, stdout */
    char mark[MARK_LENGTH];
} lane;

/* A folder that is removed at the end. */
typedef struct {
    int lock; /* -1: not yet */
    char folder[PATH_MAX];
} guarded;

static struct {
    int control, events, children; /* children: the kernel's list of them, -1: unknown */
    guarded *guards;               /* [n_guards] */
    size_t n_guards;
    lane *lanes;
    size_t n_lanes;
    uint64_t n_runs;
    char **environment; /* of programs; the first is the mark */
    unsigned char buffer[READ_SIZE];
    unsigned char call[CS_WARDEN_MAX_CALL];
} self;

static const double NEVER = 1e300;

/* ---- events: what they are about is in 64 bits ---- */

typedef enum { ON_CONTROL, ON_CHILD, ON_LANE, ON_STDERR, ON_STDOUT } event_kind;

static void watch(int descriptor, event_kind kind, size_t place)
{
    struct epoll_event event = {.events = EPOLLIN,
                                .data.u64 = (uint64_t)place << 8 | (uint64_t)kind};
    if (epoll_ctl(self.events, EPOLL_CTL_ADD, descriptor, &event) != 0) {
        _exit(1); /* out of memory: the rank sees its sockets end */
    }
}

/* ---- children ---- */

typedef void child_action(pid_t pid, const void *about);

static void for_each_in_list(char *list, child_action *action, const void *about)
{
    char *rest = NULL;
    for (char *word = strtok_r(list, " \n", &rest); word != NULL;
         word = strtok_r(NULL, " \n", &rest)) {
        action((pid_t)strtol(word, NULL, 10), about);
    }
}

/* Kernels without the list: everyone whose parent is this process. */
static void for_each_in_proc(child_action *action, const void *about)
{
    DIR *proc = opendir("/proc");
    if (proc == NULL) {
        return;
    }
    for (const struct dirent *entry = readdir(proc); entry != NULL; entry = readdir(proc)) {
        char path[64], text[512];
        const long pid = strtol(entry->d_name, NULL, 10);
        if (pid <= 0) {
            continue;
        }
        snprintf(path, sizeof path, "/proc/%ld/stat", pid);
        const int file = open(path, O_RDONLY | O_CLOEXEC);
        const ssize_t n = file < 0 ? -1 : read(file, text, sizeof text - 1);
        if (file >= 0) {
            close(file);
        }
        text[n > 0 ? n : 0] = '\0';
        const char *name_end = strrchr(text, ')'); /* "pid (name) state parent ..." */
        if (name_end != NULL && strlen(name_end) > 4 &&
            strtol(name_end + 4, NULL, 10) == (long)getpid()) {
            action((pid_t)pid, about);
        }
    }
    closedir(proc);
}

static void for_each_child(child_action *action, const void *about)
{
    char list[READ_SIZE];
    if (self.children < 0) {
        for_each_in_proc(action, about);
        return;
    }
    const ssize_t n = pread(self.children, list, sizeof list - 1, 0);
    if (n > 0) {
        list[n] = '\0';
        for_each_in_list(list, action, about);
    }
}

static void kill_child(pid_t pid, const void *about)
{
    (void)about;
    kill(pid, SIGKILL);
}

/* ---- orphans: what a program left behind became a child of the warden ---- */

static bool has_mark(pid_t pid, const char *mark)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/environ", (long)pid);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    const size_t length = strlen(mark) + 1;
    bool is_there = false;
    size_t n = 0;
    ssize_t more = 1;
    while (more > 0 && !is_there) {
        more = read(file, self.buffer + n, sizeof self.buffer - n);
        n += more > 0 ? (size_t)more : 0;
        is_there = memmem(self.buffer, n, mark, length) != NULL;
        const size_t kept = n < length ? n : length - 1; /* it may go on behind what was read */
        memmove(self.buffer, self.buffer + n - kept, kept);
        n = kept;
    }
    close(file);
    return is_there;
}

typedef struct {
    const char *mark;
    size_t *n_left;
} hunt;

static void kill_marked(pid_t pid, const void *about)
{
    const hunt *what = about;
    for (size_t i = 0; i < self.n_lanes; i++) {
        if (self.lanes[i].state == RUNNING && self.lanes[i].pid == pid) {
            return;
        }
    }
    if (has_mark(pid, what->mark)) {
        kill(pid, SIGKILL);
        ++*what->n_left;
    }
}

/* Whether anyone of the program's group is left among the children, dead or alive. */
static bool has_group(pid_t group)
{
    siginfo_t info = {0};
    return waitid(P_PGID, (id_t)group, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Kills what is left of a program that has ended; returns whether nothing is. */
static bool is_drained(const lane *l)
{
    size_t n_left = 0;
    if (has_group(l->pid)) {
        kill(-l->pid, SIGKILL);
        n_left++;
    }
    if (!l->keeps_servers) {
        const hunt what = {.mark = l->mark, .n_left = &n_left};
        for_each_child(kill_marked, &what);
    }
    return n_left == 0;
}

/* ---- outputs ---- */

static void keep_tail(output *out, const unsigned char *text, size_t n)
{
    if (n >= sizeof out->tail) {
        memcpy(out->tail, text + n - sizeof out->tail, sizeof out->tail);
        out->n = sizeof out->tail;
        return;
    }
    const size_t room = sizeof out->tail - n;
    const size_t kept = out->n < room ? out->n : room;
    memmove(out->tail, out->tail + out->n - kept, kept);
    memcpy(out->tail + kept, text, n);
    out->n = kept + n;
}

static void close_output(output *out)
{
    if (out->pipe >= 0) {
        close(out->pipe);
        out->pipe = -1;
    }
}

/* Reads once; at the end of file closes. Returns whether there may be more at once. */
static bool read_output(output *out)
{
    if (out->pipe < 0) {
        return false;
    }
    const ssize_t n = read(out->pipe, self.buffer, sizeof self.buffer);
    if (n > 0) {
        keep_tail(out, self.buffer, (size_t)n);
        return n == (ssize_t)sizeof self.buffer;
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close_output(out);
    }
    return false;
}

/* ---- a program's life ---- */

/* The program, which may have left its group, and its group; not yet reaped, so that its number is
 * its own. */
static void kill_program(const lane *l)
{
    kill(-l->pid, SIGKILL);
    kill(l->pid, SIGKILL);
}

static void report(lane *l, const cs_program_end *end)
{
    l->state = IDLE;
    if (l->socket >= 0) {
        (void)send(l->socket, end, sizeof *end, MSG_NOSIGNAL); /* a rank that is gone is noticed */
    }
}

static void report_end(lane *l)
{
    cs_program_end end = {.seconds = l->end - l->begin, .cpu_seconds = l->cpu_seconds};
    if (l->timed_out) {
        end.fate = CS_PROGRAM_TIMED_OUT;
        end.code = SIGKILL;
    } else if (WIFSIGNALED(l->wait_status)) {
        end.fate = CS_PROGRAM_SIGNALLED;
        end.code = WTERMSIG(l->wait_status);
    } else {
        end.fate = CS_PROGRAM_EXITED;
        end.code = WEXITSTATUS(l->wait_status);
    }
    for (int i = 0; i < 2; i++) {
        while (read_output(&l->outputs[i])) {
        }
        close_output(&l->outputs[i]);
    }
    const output *said = l->outputs[0].n > 0 ? &l->outputs[0] : &l->outputs[1];
    end.n_tail = (uint32_t)said->n;
    memcpy(end.tail, said->tail, said->n);
    report(l, &end);
}

static void report_not_started(lane *l, int number)
{
    const cs_program_end end = {.fate = CS_PROGRAM_NOT_STARTED, .code = number};
    report(l, &end);
}

/* The program itself has ended, but is still there as a zombie, so that its number is its own. */
static void end_program(lane *l)
{
    struct rusage usage = {0};
    kill_program(l);
    wait4(l->pid, &l->wait_status, 0, &usage);
    l->end = cs_now();
    l->cpu_seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    l->state = DRAINING;
    l->deadline = l->end + PATIENCE;
}

static lane *lane_of_program(pid_t pid)
{
    for (size_t i = 0; i < self.n_lanes; i++) {
        if (self.lanes[i].state == RUNNING && self.lanes[i].pid == pid) {
            return &self.lanes[i];
        }
    }
    return NULL;
}

static void reap(void)
{
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) {
            return;
        }
        lane *l = lane_of_program(info.si_pid);
        if (l != NULL) {
            end_program(l);
        } else {
            waitpid(info.si_pid, NULL, 0); /* an orphan */
        }
    }
}

static void drain(void)
{
    for (size_t i = 0; i < self.n_lanes; i++) {
        lane *l = &self.lanes[i];
        if (l->state == DRAINING && (is_drained(l) || cs_now() >= l->deadline)) {
            report_end(l);
        }
    }
}

static void kill_late(void)
{
    const double now = cs_now();
    for (size_t i = 0; i < self.n_lanes; i++) {
        lane *l = &self.lanes[i];
        if (l->state == RUNNING && now >= l->deadline) {
            l->timed_out = true;
            l->deadline = NEVER;
            kill_program(l); /* children that left the group are adopted, then drained */
        }
    }
}

/* Milliseconds until something is due; -1: nothing is. */
static int next_due(void)
{
    double due = NEVER;
    for (size_t i = 0; i < self.n_lanes; i++) {
        const lane *l = &self.lanes[i];
        if (l->state == DRAINING) {
            return 5; /* what was killed may take a moment to become a child of the warden */
        }
        if (l->state == RUNNING && l->deadline < due) {
            due = l->deadline;
        }
    }
    if (due >= NEVER) {
        return -1;
    }
    const double wait = (due - cs_now()) * 1e3 + 1.0;
    return wait <= 0.0 ? 0 : wait > 1e6 ? 1000000 : (int)wait;
}

/* ---- calls ---- */

/* The texts behind the head of a call: folder, arguments. False: the message is damaged. */
static bool find_texts(cs_spawn *spawn, const char **texts, size_t n, char *at, const char *end)
{
    for (size_t i = 0; i < n; i++) {
        const size_t length = strnlen(at, (size_t)(end - at));
        if (at + length >= end) {
            return false;
        }
        texts[i] = at;
        at += length + 1;
    }
    spawn->folder = texts[0];
    return true;
}

static void start_program(size_t place, const cs_warden_call *call, cs_spawn *spawn)
{
    lane *l = &self.lanes[place];
    snprintf(l->mark, sizeof l->mark, "CATCHSIM_RUN=%ld.%llu", (long)getpid(),
             (unsigned long long)self.n_runs++);
    self.environment[0] = l->mark;
    spawn->environment = self.environment;
    spawn->max_file_size = call->max_file_size;
    l->timed_out = false;
    l->keeps_servers = call->keeps_servers != 0;
    l->begin = cs_now();
    l->deadline = call->timeout > 0.0 ? l->begin + call->timeout : NEVER;
    int pipes[2] = {-1, -1};
    const int number = cs_spawn_start(&l->pid, pipes, spawn);
    for (int i = 0; i < 2; i++) {
        l->outputs[i].n = 0;
        l->outputs[i].pipe = pipes[i];
    }
    if (number != 0) {
        report_not_started(l, number);
        return;
    }
    l->state = RUNNING;
    watch(pipes[0], ON_STDERR, place);
    watch(pipes[1], ON_STDOUT, place);
}

static void close_lane(lane *l)
{
    close(l->socket);
    l->socket = -1;
    if (l->state == RUNNING) {
        kill_program(l);
    }
}

static void take_call(size_t place)
{
    lane *l = &self.lanes[place];
    cs_warden_call call;
    const ssize_t n = recv(l->socket, self.call, sizeof self.call, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n < (ssize_t)sizeof call || l->state != IDLE) {
        close_lane(l);
        return;
    }
    memcpy(&call, self.call, sizeof call);
    const size_t n_texts = (size_t)call.n_arguments + 1;
    const char **texts = n_texts > CS_WARDEN_MAX_CALL
                             ? NULL
                             : calloc(n_texts + 1, sizeof *texts); /* ends with NULL */
    cs_spawn spawn = {0};
    if (texts == NULL) {
        report_not_started(l, ENOMEM);
    } else if (!find_texts(&spawn, texts, n_texts, (char *)self.call + sizeof call,
                           (char *)self.call + n)) {
        report_not_started(l, EINVAL);
    } else {
        spawn.arguments = texts + 1;
        start_program(place, &call, &spawn);
    }
    free(texts);
}

/* ---- orders ---- */

static void add_lane(int socket)
{
    size_t place = 0;
    while (place < self.n_lanes &&
           (self.lanes[place].socket >= 0 || self.lanes[place].state != IDLE)) {
        place++;
    }
    if (place == self.n_lanes) {
        lane *lanes = realloc(self.lanes, (self.n_lanes + 1) * sizeof *lanes);
        if (lanes == NULL) {
            close(socket);
            return;
        }
        self.lanes = lanes;
        self.n_lanes++;
    }
    self.lanes[place] = (lane){.socket = socket, .outputs = {{.pipe = -1}, {.pipe = -1}}};
    watch(socket, ON_LANE, place);
}

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
    const ssize_t n = recvmsg(self.control, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (n != (ssize_t)sizeof order) {
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    }
    int descriptor = -1;
    const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head != NULL && head->cmsg_type == SCM_RIGHTS) {
        memcpy(&descriptor, CMSG_DATA(head), sizeof descriptor);
    }
    order.folder[sizeof order.folder - 1] = '\0';
    if (order.kind == CS_ORDER_LANE && descriptor >= 0) {
        add_lane(descriptor);
    } else if (order.kind == CS_ORDER_GUARD) {
        guard(descriptor, order.folder);
    } else if (order.kind == CS_ORDER_UNGUARD) {
        unguard(order.folder);
    }
    return true;
}

/* ---- the beginning and the end ---- */

static void set_up_signals(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL); /* its end is its rank's end, whoever else may ask */
    signal(SIGCHLD, SIG_DFL);             /* ignored, children would be reaped unseen */
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    const int signals = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
    if (signals < 0) {
        _exit(1);
    }
    watch(signals, ON_CHILD, (size_t)signals);
}

/* Nothing of the rank's stays open: a launcher waits for the end of its ranks' outputs. */
static void leave_descriptors(int control)
{
    const int nothing = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3; i++) {
        dup2(nothing, i);
    }
    const int own = fcntl(control, F_DUPFD_CLOEXEC, 3);
    if (own < 0 || dup2(own, 3) < 0) {
        _exit(1);
    }
    close_range(4, ~0U, 0);
    fcntl(3, F_SETFD, FD_CLOEXEC);
    self.control = 3;
}

static void set_up(int control)
{
    char path[64];
    setsid(); /* launchers kill process groups, and this one has still to tidy up */
    prctl(PR_SET_NAME, "catchsim-warden");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    leave_descriptors(control);
    if (chdir("/") != 0) {
        _exit(1);
    }
    self.events = epoll_create1(EPOLL_CLOEXEC);
    self.environment = cs_spawn_environment();
    if (self.events < 0 || self.environment == NULL) {
        _exit(1);
    }
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    self.children = open(path, O_RDONLY | O_CLOEXEC);
    watch(self.control, ON_CONTROL, 0);
    set_up_signals();
}

/* Kills everything below, generation after generation: orphans of the killed become children. */
static void kill_all(void)
{
    for (size_t i = 0; i < self.n_lanes; i++) {
        if (self.lanes[i].state != IDLE) {
            kill(-self.lanes[i].pid, SIGKILL);
        }
    }
    pid_t pid = 0;
    while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0 || errno == EINTR) {
        if (pid == 0) {
            for_each_child(kill_child, NULL);
            usleep(1000);
        }
    }
}

static void empty_signals(int signals)
{
    struct signalfd_siginfo info;
    while (read(signals, &info, sizeof info) == (ssize_t)sizeof info) {
    }
}

/* Returns false at the end of the rank. */
static bool handle(const struct epoll_event *event)
{
    const size_t place = (size_t)(event->data.u64 >> 8);
    switch ((event_kind)(event->data.u64 & 0xff)) {
    case ON_CONTROL:
        return take_order();
    case ON_CHILD:
        empty_signals((int)place);
        break;
    case ON_LANE:
        if (self.lanes[place].socket >= 0) {
            take_call(place);
        }
        break;
    case ON_STDERR:
        read_output(&self.lanes[place].outputs[0]);
        break;
    case ON_STDOUT:
        read_output(&self.lanes[place].outputs[1]);
        break;
    }
    return true;
}

_Noreturn void cs_warden_serve(int control)
{
    set_up(control);
    bool goes_on = true;
    while (goes_on) {
        struct epoll_event events[N_EVENTS];
        const int n = epoll_wait(self.events, events, N_EVENTS, next_due());
        for (int i = 0; i < n && goes_on; i++) {
            goes_on = handle(&events[i]);
        }
        reap();
        kill_late();
        drain();
    }
    kill_all();
    for (size_t i = 0; i < self.n_guards; i++) {
        cs_scratch_remove_tree(self.guards[i].folder);
    }
    _exit(0);
}
