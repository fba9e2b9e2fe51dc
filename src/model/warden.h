/* SPDX-License-Identifier: MIT */
/**
 * The warden: one small process a rank that starts external programs and answers for them.
 *
 * It is forked before MPI starts, so that a program is never a child of a process that uses MPI. It
 * is the subreaper of everything below it and holds a socket to its rank. When the rank ends,
 * however that happens, the socket does: the warden then kills all that is left below it and
 * removes the rank's scratch folder. A program runs in a process group and a folder of its own,
 * without a shell, with an empty standard input, no core dump, a limit to its files, and an
 * environment without the launcher's variables. It may use all CPUs of the rank.
 *
 * Every thread that runs programs has a lane of its own: a socket to the warden, which it uses
 * alone. There is one warden in a process.
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
 * Where that fails there is no warden, which cs_warden_open_lane then reports. Cost: 0.3 ms.
 */
void cs_warden_start(void);

/** Ends the warden with all that runs below it and waits for it; without one, nothing happens. */
void cs_warden_stop(void);

/**
 * Makes the warden remove this folder, with what is in it, when the rank ends before it did so
 * itself. To be called before the folder is made, without a lock (-1), and again with its lock,
 * which the warden then holds, too. Errors: CS_INTERNAL.
 */
cs_status cs_warden_guard(const char *folder, int lock, cs_error *err);

/** Ends that. Errors: CS_INTERNAL. */
cs_status cs_warden_unguard(const char *folder, cs_error *err);

/** Opens a lane, to be closed by close(), which also ends what runs in it. Errors: CS_INTERNAL. */
cs_status cs_warden_open_lane(int *lane, cs_error *err);

enum { CS_WARDEN_MAX_CALL = 65536, CS_WARDEN_TAIL = 1024 };

/** What is to be started. */
typedef struct {
    const char *folder;           /* working directory, absolute */
    const char *const *arguments; /* [n_arguments]; the first is the path of the program */
    size_t n_arguments;
    double timeout;         /* s of wall time, then it is killed; 0: never */
    uint64_t max_file_size; /* bytes; a program that writes more is killed by SIGXFSZ */
    /** Whether processes that left the program's group may outlive it, until the rank ends:
     * servers that several programs share, as wine's. Otherwise they are killed with it. */
    bool keeps_servers;
} cs_program_call;

typedef enum {
    CS_PROGRAM_EXITED,      /* code: exit status */
    CS_PROGRAM_SIGNALLED,   /* code: signal */
    CS_PROGRAM_TIMED_OUT,   /* code: SIGKILL */
    CS_PROGRAM_NOT_STARTED, /* code: errno */
} cs_program_fate;

typedef struct {
    int32_t fate; /* a cs_program_fate */
    int32_t code;
    double seconds;     /* of wall time */
    double cpu_seconds; /* user and system, of what the program waited for, itself included */
    uint32_t n_tail;
    char tail[CS_WARDEN_TAIL]; /* [n_tail] the end of its stderr; if that is empty, of its stdout */
} cs_program_end;

/**
 * Runs a program and waits for its end. When it returns, nothing of the program runs any more.
 *
 * One thread at a time for a lane. Errors: CS_INTERNAL where the warden is gone, or the call is
 * longer than CS_WARDEN_MAX_CALL; CS_INTERRUPTED once the grace of a stop (base/stop.h) is over:
 * then it is being killed, and the lane is of no more use. What goes wrong with the program is in
 * `end`.
 */
cs_status cs_warden_run(cs_program_end *end, int lane, const cs_program_call *call, cs_error *err);

#endif
