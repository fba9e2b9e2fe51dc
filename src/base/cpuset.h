/* SPDX-License-Identifier: MIT */
/**
 * The CPUs that this process may use: what its launcher, batch system or container left to it.
 *
 * It is the affinity mask of the calling thread, so ask from the main thread. OpenMP binds that
 * thread before main() where OMP_PROC_BIND or OMP_PLACES is set; its mask is then its own place
 * only, and the rest is to be had from omp_get_place_proc_ids().
 */
#ifndef CS_BASE_CPUSET_H
#define CS_BASE_CPUSET_H

#include <stddef.h>

#include "base/error.h"

/**
 * The numbers of the CPUs this process may use, ascending, as /proc/stat counts them.
 *
 * Local. Thread-safe. Any number of CPUs.
 *
 * @param cpus   [out] cpus[n_cpus], at least one; the caller releases with free(); NULL on failure
 * @param n_cpus [out]
 * Errors: CS_MEMORY; CS_INTERNAL where the system does not tell.
 */
cs_status cs_cpuset_allowed(int **cpus, size_t *n_cpus, cs_error *err);

/**
 * Binds the calling thread to its share of the CPUs that it may use: one of n_places parts, equal
 * but for one CPU, in the order of the cores, so that a core's hardware threads stay together.
 *
 * Does nothing where places outnumber the CPUs, since then it is better to let the system choose,
 * for a single place, and where the system refuses. What the thread starts later is bound as well.
 */
void cs_cpuset_take_share(size_t place, size_t n_places);

/** How many CPUs this process may use; 1 where the system does not tell. Thread-safe. */
int cs_cpuset_count(void);

#endif
