/* SPDX-License-Identifier: MIT */
/* The process of a lane: runs one program at a time, and is the subreaper of all that it starts.
 * Whatever a process does to its group, session, folder, environment or parent, it stays below:
 * with no child left, nothing of the program is left. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cpuset.h"
#include "model/spawn.h"
#include "model/warden_children.h"
#include "model/warden_setup.h"
#include "model/warden_wire.h"
#include "watch/clock.h"

/* A pipe holds at most 1 MiB (/proc/sys/fs/pipe-max-size): what is read behind that after the end
 * of a program is somebody else's. */
enum { READ_SIZE = 65536, LAST_READS = (1 << 20) / READ_SIZE + 1, DRAIN_MILLISECONDS = 5 };

typedef enum { IDLE, RUNNING, KILLED, DRAINING } lane_state;

/* The end of what a program prints. */
typedef struct {
    int pipe; /* -1: none */
    size_t n;
    char tail[CS_WARDEN_TAIL];
} output;

enum { ON_SIGNAL, ON_CALL, ON_STDERR, ON_STDOUT, N_EVENTS };

static struct {
    const cs_warden_lane *lane;
    bool is_open; /* the rank's end of the socket */
    int signals, children;
    lane_state state;
    pid_t program; /* which is its group's number too */
    bool timed_out;
    int wait_status;
    double begin, end, deadline; /* s, monotonic */
    double cpu_seconds;
    output outputs[2]; /* stderr, stdout */
    char *keeps;       /* patterns of what may outlive the program, with blanks between */
    pid_t *immortal;   /* [n_immortal] what could not be killed */
    size_t n_immortal;
    uint32_t n_left; /* children that are to be killed still */
    char **environment;
    unsigned char buffer[READ_SIZE];
    unsigned char call[CS_WARDEN_MAX_CALL];
} self;

static const double NEVER = 1e300;

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
        return true;
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close_output(out);
    }
    return false;
}

/* ---- the answer ---- */

static void answer(const cs_program_end *end)
{
    self.state = IDLE;
    if (send(CS_WARDEN_SOCKET, end, sizeof *end, MSG_NOSIGNAL) != (ssize_t)sizeof *end) {
        self.is_open = false;
    }
}

static void answer_end(void)
{
    cs_program_end end = {.seconds = self.end - self.begin,
                          .cpu_seconds = self.cpu_seconds,
                          .n_immortal = self.n_left};
    if (self.timed_out) {
        end.fate = CS_PROGRAM_TIMED_OUT;
        end.code = SIGKILL;
    } else if (WIFSIGNALED(self.wait_status)) {
        end.fate = CS_PROGRAM_SIGNALLED;
        end.code = WTERMSIG(self.wait_status);
    } else {
        end.fate = CS_PROGRAM_EXITED;
        end.code = WEXITSTATUS(self.wait_status);
    }
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < LAST_READS && read_output(&self.outputs[i]); k++) {
        }
        close_output(&self.outputs[i]);
    }
    const output *said = self.outputs[0].n > 0 ? &self.outputs[0] : &self.outputs[1];
    end.n_tail = (uint32_t)said->n;
    memcpy(end.tail, said->tail, said->n);
    answer(&end);
}

static void answer_not_started(int number)
{
    const cs_program_end end = {.fate = CS_PROGRAM_NOT_STARTED, .code = number};
    answer(&end);
}

/* ---- what a program leaves ---- */

/* Whether the name of a process is one of those that may outlive the program. */
static bool is_kept(pid_t pid)
{
    char path[64], name[32];
    if (self.keeps == NULL) {
        return false;
    }
    snprintf(path, sizeof path, "/proc/%ld/comm", (long)pid);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = file < 0 ? -1 : read(file, name, sizeof name - 1);
    if (file >= 0) {
        close(file);
    }
    if (n <= 0) {
        return false;
    }
    name[n - (name[n - 1] == '\n')] = '\0';
    for (const char *at = self.keeps + strspn(self.keeps, " "); *at != '\0';) {
        char pattern[CS_WARDEN_MAX_KEPT];
        const size_t length = strcspn(at, " ");
        snprintf(pattern, sizeof pattern, "%.*s", (int)length, at);
        if (fnmatch(pattern, name, 0) == 0) {
            return true;
        }
        at += length + strspn(at + length, " ");
    }
    return false;
}

static size_t find_immortal(pid_t pid)
{
    size_t i = 0;
    while (i < self.n_immortal && self.immortal[i] != pid) {
        i++;
    }
    return i;
}

static void kill_leftover(pid_t pid, void *about)
{
    (void)about;
    if (find_immortal(pid) == self.n_immortal && !is_kept(pid)) {
        kill(pid, SIGKILL);
        self.n_left++;
    }
}

static void give_up(pid_t pid, void *about)
{
    (void)about;
    if (find_immortal(pid) < self.n_immortal || is_kept(pid)) {
        return;
    }
    pid_t *longer = realloc(self.immortal, (self.n_immortal + 1) * sizeof *longer);
    if (longer != NULL) {
        self.immortal = longer;
        self.immortal[self.n_immortal++] = pid;
    }
}

/* Kills what is left of a program that has ended; answers when nothing is, or after a while. */
static void drain(void)
{
    self.n_left = 0;
    siginfo_t info = {0};
    if (waitid(P_PGID, (id_t)self.program, &info, WEXITED | WNOHANG | WNOWAIT) == 0) {
        kill(-self.program, SIGKILL); /* its number is the group's own while a child is in it */
    }
    cs_children_each(self.children, kill_leftover, NULL);
    if (self.n_left > 0 && cs_now() >= self.deadline) {
        cs_children_each(self.children, give_up, NULL);
        answer_end();
    } else if (self.n_left == 0) {
        answer_end();
    }
}

/* ---- a program's life ---- */

/* The program, which may have left its group, and its group; not yet reaped, so that its number is
 * its own. */
static void kill_program(void)
{
    kill(-self.program, SIGKILL);
    kill(self.program, SIGKILL);
}

/* The program itself has ended, but is still there as a zombie, so that its number is its own. */
static void end_program(void)
{
    struct rusage usage = {0};
    kill_program();
    wait4(self.program, &self.wait_status, 0, &usage);
    self.end = cs_now();
    self.cpu_seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    self.state = DRAINING;
    self.deadline = self.end + CS_WARDEN_PATIENCE;
}

static void reap(void)
{
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) {
            return;
        }
        if (info.si_pid == self.program && (self.state == RUNNING || self.state == KILLED)) {
            end_program();
            continue;
        }
        waitpid(info.si_pid, NULL, 0); /* an orphan */
        const size_t place = find_immortal(info.si_pid);
        if (place < self.n_immortal) { /* after all */
            self.immortal[place] = self.immortal[--self.n_immortal];
        }
    }
}

/* What is due by now. */
static void go_on(void)
{
    const bool is_late = cs_now() >= self.deadline;
    if (self.state == RUNNING && is_late) {
        self.timed_out = true;
        self.state = KILLED;
        self.deadline = cs_now() + CS_WARDEN_PATIENCE;
        kill_program();
    } else if (self.state == KILLED && is_late) { /* it does not die: given up by drain() */
        self.end = cs_now();
        self.state = DRAINING;
    }
    if (self.state == DRAINING) {
        drain();
    }
}

/* Milliseconds until something is due; -1: nothing is. */
static int next_due(void)
{
    if (self.state == DRAINING) {
        return DRAIN_MILLISECONDS;
    }
    if (self.state == IDLE || self.deadline >= NEVER) {
        return -1;
    }
    const double wait = (self.deadline - cs_now()) * 1e3 + 1.0;
    return wait <= 0.0 ? 0 : wait > 1e6 ? 1000000 : (int)wait;
}

/* ---- calls ---- */

/* The texts behind the head of a call: folder, kept names, arguments. False: it is damaged. */
static bool find_texts(const char **texts, size_t n, char *at, const char *end)
{
    for (size_t i = 0; i < n; i++) {
        const size_t length = strnlen(at, (size_t)(end - at));
        if (at + length >= end) {
            return false;
        }
        texts[i] = at;
        at += length + 1;
    }
    return true;
}

enum { FOLDER, KEEPS, ARGUMENTS };

static void start_program(const cs_warden_call *call, const char *const *texts)
{
    const cs_spawn spawn = {.folder = texts[FOLDER],
                            .arguments = texts + ARGUMENTS,
                            .environment = self.environment,
                            .files = self.lane->files,
                            .max_file_size = call->max_file_size};
    free(self.keeps);
    self.keeps = texts[KEEPS][0] != '\0' ? strdup(texts[KEEPS]) : NULL;
    self.timed_out = false;
    self.cpu_seconds = 0.0;
    self.wait_status = 0;
    self.begin = cs_now();
    self.deadline = call->timeout > 0.0 ? self.begin + call->timeout : NEVER;
    int pipes[2] = {-1, -1};
    const int number = cs_spawn_start(&self.program, pipes, &spawn);
    for (int i = 0; i < 2; i++) {
        self.outputs[i].n = 0;
        self.outputs[i].pipe = pipes[i];
    }
    if (number != 0) {
        answer_not_started(number);
        return;
    }
    self.state = RUNNING;
}

static void take_call(void)
{
    cs_warden_call call;
    const ssize_t n = recv(CS_WARDEN_SOCKET, self.call, sizeof self.call, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n < (ssize_t)sizeof call || self.state != IDLE) {
        self.is_open = false;
        return;
    }
    memcpy(&call, self.call, sizeof call);
    const size_t n_texts = (size_t)call.n_arguments + ARGUMENTS;
    const char **texts = n_texts > CS_WARDEN_MAX_CALL
                             ? NULL
                             : calloc(n_texts + 1, sizeof *texts); /* ends with NULL */
    if (texts == NULL) {
        answer_not_started(ENOMEM);
    } else if (!find_texts(texts, n_texts, (char *)self.call + sizeof call,
                           (char *)self.call + n)) {
        answer_not_started(EINVAL);
    } else {
        start_program(&call, texts);
    }
    free(texts);
}

/* ---- the beginning and the end ---- */

static void set_up(const cs_warden_lane *lane)
{
    sigset_t signals;
    cs_warden_isolate("catchsim-lane", lane->socket);
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    self.signals = cs_warden_open_signals(&signals);
    prctl(PR_SET_PDEATHSIG,
          SIGTERM); /* wakes it when the warden dies; who else sends it does not */
    self.children = cs_children_open();
    self.environment = cs_spawn_environment();
    if (self.environment == NULL) {
        _exit(1);
    }
    cs_cpuset_take_share(lane->place, lane->n_places);
    for (int i = 0; i < 2; i++) {
        self.outputs[i].pipe = -1;
    }
    self.lane = lane;
    const int32_t ready = 0;
    self.is_open = send(CS_WARDEN_SOCKET, &ready, sizeof ready, MSG_NOSIGNAL) == sizeof ready;
}

_Noreturn void cs_warden_lane_serve(const cs_warden_lane *lane)
{
    set_up(lane);
    while (self.is_open && getppid() == lane->warden) {
        struct pollfd ready[N_EVENTS] = {
            [ON_SIGNAL] = {.fd = self.signals, .events = POLLIN},
            [ON_CALL] = {.fd = CS_WARDEN_SOCKET, .events = POLLIN},
            [ON_STDERR] = {.fd = self.outputs[0].pipe, .events = POLLIN},
            [ON_STDOUT] = {.fd = self.outputs[1].pipe, .events = POLLIN},
        };
        poll(ready, N_EVENTS, next_due());
        cs_warden_empty_signals(self.signals);
        for (int i = 0; i < 2; i++) {
            if (ready[ON_STDERR + i].revents != 0) {
                read_output(&self.outputs[i]);
            }
        }
        reap();
        go_on();
        if (ready[ON_CALL].revents != 0) {
            take_call();
        }
    }
    cs_children_kill_all(self.children, CS_WARDEN_PATIENCE);
    _exit(0);
}
