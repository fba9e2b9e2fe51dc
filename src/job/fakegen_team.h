/* SPDX-License-Identifier: MIT */
/**
 * The threads of a rank that make and write chunks of files.
 *
 * One compute thread is the master of an OpenMP team; each of its threads takes the next chunk of
 * this rank, makes its text, waits until the place of that is known, and writes it there. The place
 * is handed on from chunk to chunk: within a rank by this struct, between ranks that share a file
 * by the main thread (fakegen_ring.h), since only that one may use MPI.
 */
#ifndef CS_JOB_FAKEGEN_TEAM_H
#define CS_JOB_FAKEGEN_TEAM_H

#include <pthread.h>

#include "job/fakegen_plan.h"

/** An open file of this rank. */
typedef struct {
    int descriptor;  /* -1: not open */
    uint64_t n_left; /* chunks of this rank that are not written */
} cs_fakegen_open_file;

typedef struct {
    const cs_fakegen_plan *plan;
    int rank, size; /* that take turns with chunks; 0 and 1 where the files are our own */
    int n_threads;
    cs_fakegen_open_file *open; /* [plan->n_files] */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* turn, have_offset or failed */
    pthread_cond_t ended;   /* finished */
    /* under the lock: */
    size_t file;    /* of the next chunk to take */
    uint64_t chunk; /* likewise */
    uint64_t n_taken;
    uint64_t turn;    /* chunk of this rank whose place is next to be known */
    bool have_offset; /* offset is that chunk's place */
    uint64_t offset;
    uint64_t n_rows, n_bytes; /* written */
    bool failed;              /* here or elsewhere: no more chunks are taken */
    bool finished;            /* the team has ended */
    cs_error error;           /* the first failure here */
} cs_fakegen_team;

/**
 * Starts the threads. Signals go to the main thread.
 *
 * @param team [out] stays where it is until cs_fakegen_team_close, also after a failure
 * Errors: CS_MEMORY, CS_INTERNAL.
 */
cs_status cs_fakegen_team_open(cs_fakegen_team *team, const cs_fakegen_plan *plan, int rank,
                               int size, int n_threads, cs_error *err);

/** Sleeps until all is done or somebody failed, at most so many seconds; whether it is so. */
bool cs_fakegen_team_wait(cs_fakegen_team *team, double seconds);

/**
 * For the ring: the place of the rank's next chunk is known. Returns once that chunk is made, or
 * somebody failed.
 *
 * @param offset [in,out] its place; that of the chunk behind it
 * @return whether nobody failed here
 */
bool cs_fakegen_team_pass(cs_fakegen_team *team, uint64_t *offset);

/** Another rank failed: ends the team. */
void cs_fakegen_team_stop(cs_fakegen_team *team);

/** Waits for the threads and releases; returns how it went. Safe after a failed opening. */
cs_status cs_fakegen_team_close(cs_fakegen_team *team, cs_error *err);

#endif
