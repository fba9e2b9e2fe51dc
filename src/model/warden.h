/* SPDX-License-Identifier: MIT */
/**
 * The warden: one small process a rank that starts external programs and answers for them.
 *
 * It is forked before MPI starts, so that a program is never a child of a process that uses MPI. It
 * is the subreaper of everything below it and holds a socket to its rank. When the rank ends,
 * however that happens, the socket does: the warden then kills all that is left below it and
 * removes the rank's scratch folder. A program runs in a process group and a folder of its own,
 * without a shell, with an empty standard input, no core dump, a limit to its files, and an
 * environment without the launcher's variables.
 *
 * Every thread that runs programs has a lane of its own: a small process below the warden, and a
 * socket to it, which the thread uses alone. Being the subreaper of its programs, a lane knows for
 * each process below it whose it is, and when nothing of a program is left. When the warden is
 * killed, its lanes kill what they run; when a lane is killed, the warden does, and the thread may
 * open another. There is one warden in a process.
 */
#ifndef CS_MODEL_WARDEN_H
#define CS_MODEL_WARDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * Forks the warden of this process. Before MPI and before any thread; twice is once.
 *
 * Raises this process's soft limit of open files to the hard one, as every lane takes one; programs
 * get the limits that there were before.
 * Where that fails there is no warden, which cs_warden_open_lane then reports. Cost: 0.3 ms.
 */
void cs_warden_start(void);

/** Ends the warden with all that runs below it and waits for it, at most some 10 s, after which a
 * warning tells how many processes could not be killed; without one, nothing happens. */
void cs_warden_stop(void);

/**
 * Makes the warden remove this folder, with what is in it, when the rank ends before it did so
 * itself. To be called before the folder is made, without a lock (-1), and again with its lock,
 * which the warden then holds, too. Errors: CS_INTERNAL.
 */
cs_status cs_warden_guard(const char *folder, int lock, cs_error *err);

/** Ends that. Errors: CS_INTERNAL. */
cs_status cs_warden_unguard(const char *folder, cs_error *err);

/** Which share of the CPUs the programs of a lane may use (base/cpuset.h). */
typedef struct {
    uint32_t place, n_places;
} cs_warden_share;

/**
 * Opens a lane, to be closed by cs_warden_close_lane. Thread-safe.
 *
 * Errors: CS_INTERNAL: no warden, no process or no socket to be had. Cost: 0.5 ms.
 */
cs_status cs_warden_open_lane(int *lane, const cs_warden_share *share, cs_error *err);

/** Makes a lane end all that runs below it, without waiting for that. Thread-safe. */
void cs_warden_end_lane(int lane);

/** Ends a lane, waits until nothing runs below it (at most some 10 s), and closes it. */
void cs_warden_close_lane(int lane);

enum { CS_WARDEN_MAX_CALL = 65536, CS_WARDEN_TAIL = 1024, CS_WARDEN_MAX_KEPT = 64 };

/** What is to be started. */
typedef struct {
    const char *folder;           /* working directory, absolute */
    const char *const *arguments; /* [n_arguments]; the first is the path of the program */
    size_t n_arguments;
    double timeout;         /* s of wall time, then it is killed; 0: never */
    uint64_t max_file_size; /* bytes; a program that writes more is killed by SIGXFSZ */
    uint64_t max_bytes;     /* of all that is in the folder (model/scratch_tree.h), which is looked
                               at ten times a second; a program that fills it is killed; 0: any */
    /** Names of processes that may outlive the program until its lane closes, if they left its
     * group: servers that several programs share, as wine's. Patterns of fnmatch(3) with blanks
     * between, each shorter than CS_WARDEN_MAX_KEPT, for names as in /proc/PID/comm, which has 15
     * characters of them. Whatever else is left is killed. NULL: everything is. */
    const char *keeps;
} cs_program_call;

typedef enum {
    CS_PROGRAM_EXITED,      /* code: exit status */
    CS_PROGRAM_SIGNALLED,   /* code: signal */
    CS_PROGRAM_TIMED_OUT,   /* code: SIGKILL */
    CS_PROGRAM_NOT_STARTED, /* code: errno */
    CS_PROGRAM_FILLED,      /* its folder; code: SIGKILL. The lane is of no more use */
    CS_PROGRAM_UNWATCHED,   /* the lane's process was killed, and then what it ran; code: SIGKILL.
                               The lane is of no more use */
} cs_program_fate;

typedef struct {
    int32_t fate; /* a cs_program_fate */
    int32_t code;
    double seconds;      /* of wall time */
    double cpu_seconds;  /* user and system, of what the program waited for, itself included */
    uint32_t n_immortal; /* processes that it started and that could not be killed in 10 s */
    uint32_t n_tail;
    char tail[CS_WARDEN_TAIL]; /* [n_tail] the end of its stderr; if that is empty, of its stdout */
} cs_program_end;

/**
 * Runs a program and waits for its end. When it returns, nothing of the program runs any more, but
 * what it shall keep and what cannot be killed.
 *
 * One thread at a time for a lane. Errors: CS_INTERNAL where the warden is gone, or the call is
 * longer than CS_WARDEN_MAX_CALL; CS_INTERRUPTED once the grace of a stop (base/stop.h) is over:
 * then it is being killed, and the lane is of no more use. What goes wrong with the program is in
 * `end`.
 */
cs_status cs_warden_run(cs_program_end *end, int lane, const cs_program_call *call, cs_error *err);

#endif
