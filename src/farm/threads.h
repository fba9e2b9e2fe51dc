/* SPDX-License-Identifier: MIT */
/**
 * How many threads a rank gets, on which cores, and how they wait.
 */
#ifndef CS_FARM_THREADS_H
#define CS_FARM_THREADS_H

#include <stdbool.h>

#include "base/error.h"
#include "farm/comm.h"

enum { CS_HOST_LENGTH = 64 };

/** What a rank runs on. */
typedef struct {
    int n_threads;  /* of its OpenMP team */
    int n_cores;    /* that this rank may use (its binding) */
    int node_ranks; /* ranks on this node */
    int node_cores; /* cores that the ranks of this node may use together */
    bool crowded;   /* threads of the node's ranks outnumber its cores */
    int *node_cpus; /* [node_cores] their numbers; released by cs_threads_free */
    char host[CS_HOST_LENGTH];
    const char *wait_policy; /* OMP_WAIT_POLICY in force, or "default" */
} cs_threads;

/**
 * Before MPI starts: where threads outnumber cores, sets OMP_WAIT_POLICY=passive and executes the
 * program anew, once (libgomp reads it before main; 16 ranks of 2 spinning threads on 2 cores take
 * 34 times as long). Returns if there is no need, or if it cannot.
 */
void cs_threads_prepare(char **argv);

/**
 * The threads-per-rank rule: OMP_NUM_THREADS; unset, the cores that the rank may use, each divided
 * by the ranks of the node that may use it as well; at least 1. Collective.
 *
 * Errors: CS_USAGE where OMP_NUM_THREADS is no number from 1 to 4096.
 */
cs_status cs_threads_choose(cs_threads *threads, cs_comm *comm, cs_error *err);

/** Logs ranks, threads and cores on rank 0, and warns where threads outnumber cores. Collective. */
void cs_threads_log(const cs_threads *threads, cs_comm *comm);

void cs_threads_free(cs_threads *threads);

#endif
