/* SPDX-License-Identifier: MIT */
/**
 * The crew of a rank: one compute thread, master of an OpenMP team, that runs the kernel over
 * tasks; or several such, each over a task of its own.
 *
 * So the main thread stays free for messages and files, as MPI_THREAD_FUNNELED asks. Submitting,
 * collecting and waiting are for the main thread.
 */
#ifndef CS_FARM_CREW_H
#define CS_FARM_CREW_H

#include "farm/task.h"

typedef struct cs_crew cs_crew;

/**
 * Starts n_lanes compute threads. Signals go to the main thread. Errors: CS_MEMORY, CS_INTERNAL.
 *
 * @param crowded [in] there are more threads than cores: they give way to main threads
 */
cs_status cs_crew_open(cs_crew **crew, const cs_kernel *kernel, int rank, int n_threads,
                       int n_lanes, bool crowded, cs_error *err);

/** Ends the threads once what was submitted is done; releases; NULL is fine. */
void cs_crew_close(cs_crew *crew);

/** Hands over a task; it comes back by cs_crew_collect with its result; with one thread, in the
 * same order. */
void cs_crew_submit(cs_crew *crew, cs_task *task);

/** A finished task, or NULL. */
cs_task *cs_crew_collect(cs_crew *crew);

/** Sleeps until a task is finished, at most this many seconds. */
void cs_crew_wait(cs_crew *crew, double seconds);

/** Seconds in the kernel and seconds without work, means of the threads; valid while nothing is
 * submitted. */
void cs_crew_times(cs_crew *crew, double *kernel_seconds, double *idle_seconds);

#endif
