/* SPDX-License-Identifier: MIT */
#include "model/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

extern char **environ;

enum { STACK_SIZE = 65536 };

/* ThreadSanitizer takes clone for a fork, after which both sides repair the run-time that they
 * share here, and the parent breaks off. It does not know the C library's other name for it; and a
 * child that never returns must not count the functions that it enters. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
int __clone(int (*function)(void *), void *stack, int flags, void *argument, ...);
#define clone       __clone
#define NOT_WATCHED __attribute__((disable_sanitizer_instrumentation))
#endif
#endif
#ifndef NOT_WATCHED
#define NOT_WATCHED
#endif

/* What the child is told, and what it tells: it shares the memory until it executes. */
typedef struct {
    const cs_spawn *spawn;
    int errors, texts; /* write ends of the pipes */
    pid_t parent;
    int failure; /* [out] errno */
} child_task;

NOT_WATCHED static int fail_child(child_task *task)
{
    task->failure = errno;
    _exit(127);
}

/* Signals as a shell would leave them. The lane handles none, so only what is ignored counts. */
NOT_WATCHED static void reset_signals(void)
{
    sigset_t none;
    for (int number = 1; number < NSIG; number++) {
        struct sigaction now;
        if (sigaction(number, NULL, &now) == 0 && now.sa_handler != SIG_DFL) {
            const struct sigaction action = {.sa_handler = SIG_DFL};
            sigaction(number, &action, NULL);
        }
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Only system calls from here on: the parent's memory is this one's. */
NOT_WATCHED static int run_child(void *argument)
{
    child_task *task = argument;
    const cs_spawn *spawn = task->spawn;
    const struct rlimit no_core = {0, 0};
    struct rlimit file_size;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != task->parent) {
        return fail_child(task); /* which died meanwhile */
    }
    if (setpgid(0, 0) != 0 || dup2(task->texts, STDOUT_FILENO) < 0 ||
        dup2(task->errors, STDERR_FILENO) < 0 || chdir(spawn->folder) != 0) {
        return fail_child(task);
    }
    setrlimit(RLIMIT_CORE, &no_core);
    setrlimit(RLIMIT_NOFILE, spawn->files);
    if (getrlimit(RLIMIT_FSIZE, &file_size) == 0 && spawn->max_file_size < file_size.rlim_cur) {
        file_size.rlim_cur = spawn->max_file_size;
        setrlimit(RLIMIT_FSIZE, &file_size);
    }
    reset_signals();
    execve(spawn->arguments[0], (char *const *)(uintptr_t)spawn->arguments, spawn->environment);
    return fail_child(task);
}

static int open_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) != 0) {
        ends[0] = -1;
        ends[1] = -1;
        return errno;
    }
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
}

static void close_if_open(int *descriptor)
{
    if (*descriptor >= 0) {
        close(*descriptor);
        *descriptor = -1;
    }
}

int cs_spawn_start(pid_t *pid, int pipes[static 2], const cs_spawn *spawn)
{
    static unsigned char stack[STACK_SIZE] __attribute__((aligned(64)));
    int errors[2] = {-1, -1}, texts[2] = {-1, -1};
    int failure = open_pipe(errors);
    if (failure == 0) {
        failure = open_pipe(texts);
    }
    if (failure == 0) {
        child_task task = {
            .spawn = spawn, .errors = errors[1], .texts = texts[1], .parent = getpid()};
        /* As posix_spawn does, which knows no PR_SET_PDEATHSIG and no limits. */
        *pid = clone(run_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &task);
        failure = *pid < 0 ? errno : task.failure;
    }
    close_if_open(&errors[1]);
    close_if_open(&texts[1]);
    if (failure != 0) { /* a child that could not execute is reaped as an orphan */
        close_if_open(&errors[0]);
        close_if_open(&texts[0]);
    }
    pipes[0] = errors[0];
    pipes[1] = texts[0];
    return failure;
}

/* ---- environment ---- */

/* Of the launcher; and what binds the threads of a rank, or was set to make them yield. */
static int is_ranks(const char *entry)
{
    static const char *const PREFIXES[] = {"OMPI_",         "PMIX_",
                                           "PMI_",          "PRTE_",
                                           "SLURM_",        "MPI_LOCAL",
                                           "HYDI_",         "OMP_PROC_BIND=",
                                           "OMP_PLACES=",   "GOMP_CPU_AFFINITY=",
                                           "KMP_AFFINITY=", "OMP_WAIT_POLICY=passive"};
    for (size_t i = 0; i < sizeof PREFIXES / sizeof PREFIXES[0]; i++) {
        if (strncmp(entry, PREFIXES[i], strlen(PREFIXES[i])) == 0) {
            return 1;
        }
    }
    return 0;
}

char **cs_spawn_environment(void)
{
    size_t n = 0, n_kept = 0;
    while (environ[n] != NULL) {
        n++;
    }
    char **entries = calloc(n + 2, sizeof *entries); /* threads, NULL */
    if (entries == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        if (!is_ranks(environ[i])) {
            entries[n_kept++] = environ[i];
        }
    }
    if (getenv("OMP_NUM_THREADS") == NULL) {
        static char one[] = "OMP_NUM_THREADS=1";
        entries[n_kept++] = one;
    }
    return entries;
}
