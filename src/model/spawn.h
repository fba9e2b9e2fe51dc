/* SPDX-License-Identifier: MIT */
/**
 * Starting a program from a lane of the warden: no shell, no copy of the address space.
 *
 * For the warden's lanes only: single-threaded, all signals blocked, standard streams at /dev/null.
 */
#ifndef CS_MODEL_SPAWN_H
#define CS_MODEL_SPAWN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

typedef struct {
    const char *folder;           /* working directory */
    const char *const *arguments; /* ends with NULL; the first is the program's path */
    char *const *environment;
    const struct rlimit *files; /* of open files */
    uint64_t max_file_size;     /* bytes */
} cs_spawn;

/**
 * Starts it in a new process group whose number is its own; it dies with this process.
 *
 * @param pid   [out]
 * @param pipes [out] to read its stderr and stdout from, without waiting; -1 on failure
 * @return 0, or errno of what failed. Cost: 0.2 ms for a small program.
 */
int cs_spawn_start(pid_t *pid, int pipes[static 2], const cs_spawn *spawn);

/**
 * The environment of programs: this process's without the launcher's variables and those that bind
 * its own threads or make them yield, and OMP_NUM_THREADS=1 unless it is set.
 *
 * Returns the entries, ending with NULL. NULL without memory. Never released.
 */
char **cs_spawn_environment(void);

#endif
