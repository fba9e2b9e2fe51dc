/* SPDX-License-Identifier: MIT */
/**
 * The threads of a rank that make and write chunks of files.
 *
 * One compute thread is the master of an OpenMP team. Its threads make chunks of this rank into
 * slots, a few ahead of what is written, so that nobody waits for a place. One thread at a time
 * writes, the chunks in their order: a file takes one writer at a time anyway. Where a core would
 * be idle, a further thread does nothing but write, and the others nothing but make.
 *
 * The place of a chunk is known once those before it are made. It is handed on from chunk to chunk:
 * within a rank by this struct, between ranks that share a file by the main thread
 * (fakegen_ring.h), since only that one may use MPI. With it goes the tail, the bytes behind the
 * last whole page, so that every write begins and, but for the file's last, ends with a page. And
 * how far room on the disk was asked for: who comes to the end of it asks for more.
 */
#ifndef CS_JOB_FAKEGEN_TEAM_H
#define CS_JOB_FAKEGEN_TEAM_H

#include <pthread.h>

#include "job/fakegen_plan.h"

enum { CS_FAKEGEN_PAGE = 4096 }; /* bytes; what writes begin at multiples of */

/** Where the next chunk of a file begins. */
typedef struct {
    uint64_t offset;
    uint64_t reserved;                   /* room on the disk was asked for up to here */
    unsigned char tail[CS_FAKEGEN_PAGE]; /* [offset % page] bytes before it that are not written */
} cs_fakegen_place;

/** Room for a chunk that is made and not yet written; chunk n of this rank is in slot n % n_slots.
 */
typedef struct {
    cs_bytes bytes; /* a page for the tail before it, and the chunk; empty once it is written */
    size_t file;
    uint64_t chunk;
    size_t size; /* of the chunk; to be written, once it has its place */
    unsigned char *data;
    uint64_t offset;                   /* of data in the file; once it has its place */
    uint64_t reserve_from, reserve_to; /* room to ask for before it is written; likewise */
    bool made;
} cs_fakegen_slot;

/** An open file of this rank. */
typedef struct {
    int descriptor;  /* -1: not open */
    uint64_t n_left; /* chunks of this rank that are not written */
} cs_fakegen_open_file;

typedef struct {
    const cs_fakegen_plan *plan;
    int rank, size;  /* that take turns with chunks; 0 and 1 where the files are our own */
    int n_threads;   /* that make */
    bool has_writer; /* one more, that writes */
    cs_fakegen_open_file *open; /* [plan->n_files] */
    cs_fakegen_slot *slots;     /* [n_slots] */
    cs_bytes *spare;            /* [n_slots] buffers; the last one used is in a cache */
    uint64_t n_slots;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* what is below */
    pthread_cond_t ended;   /* finished */
    /* under the lock: */
    size_t file;    /* of the next chunk to take */
    uint64_t chunk; /* likewise */
    bool all_taken;
    uint64_t n_spare;
    uint64_t n_taken;   /* chunks of this rank */
    uint64_t n_placed;  /* of these: with a place */
    uint64_t n_written; /* of these */
    bool writing;       /* a thread writes chunk n_written */
    bool have_place;    /* place is that of chunk n_placed */
    cs_fakegen_place place;
    uint64_t n_rows, n_bytes; /* written */
    bool failed;              /* here or elsewhere: no more chunks are taken */
    bool finished;            /* the team has ended */
    cs_error error;           /* the first failure here */
} cs_fakegen_team;

/**
 * Starts the threads. Signals go to the main thread.
 *
 * @param team       [out] stays where it is until cs_fakegen_team_close, also after a failure
 * @param has_writer a thread more may write
 * Errors: CS_MEMORY, CS_INTERNAL.
 */
cs_status cs_fakegen_team_open(cs_fakegen_team *team, const cs_fakegen_plan *plan, int rank,
                               int size, int n_threads, bool has_writer, cs_error *err);

/** Sleeps until all is done or somebody failed, at most so many seconds; whether it is so. */
bool cs_fakegen_team_wait(cs_fakegen_team *team, double seconds);

/**
 * For the ring: the place of the rank's next chunk is known. Returns once that chunk is made, or
 * somebody failed.
 *
 * @param place [in,out] its place; that of the chunk behind it
 * @return whether nobody failed here
 */
bool cs_fakegen_team_pass(cs_fakegen_team *team, cs_fakegen_place *place);

/** Ends the team, for a reason of the caller's. */
void cs_fakegen_team_stop(cs_fakegen_team *team);

/** Waits for the threads and releases; returns how it went. Safe after a failed opening. */
cs_status cs_fakegen_team_close(cs_fakegen_team *team, cs_error *err);

#endif
