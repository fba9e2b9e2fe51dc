/* SPDX-License-Identifier: MIT */
/**
 * The one door to MPI (MPI-3.1, FUNNELED: only the thread that called cs_comm_start may call).
 *
 * Without a launcher (none of OMPI_COMM_WORLD_SIZE, PMIX_RANK, PMI_RANK in the environment) MPI is
 * not initialised at all and a communicator of one rank behaves as its definition says.
 * Failures of MPI itself abort the job (MPI_ERRORS_ARE_FATAL): no rank can go on after them.
 */
#ifndef CS_FARM_COMM_H
#define CS_FARM_COMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct cs_comm cs_comm;

/** Starts MPI where there is a launcher. Collective. One communicator a process. */
cs_status cs_comm_start(cs_comm **comm, int *argc, char ***argv, cs_error *err);

/** Ends MPI and releases the communicator; NULL is fine. Collective. */
void cs_comm_finish(cs_comm *comm);

/** Ends all ranks at once with this exit status; for a rank that cannot reach the others. */
_Noreturn void cs_comm_abort(cs_comm *comm, int exit_status);

int cs_comm_rank(const cs_comm *comm);
int cs_comm_size(const cs_comm *comm);

/** This rank's place among the ranks of its node, and their number. */
int cs_comm_node_rank(const cs_comm *comm);
int cs_comm_node_size(const cs_comm *comm);

/** "Open MPI v4.1.4 ..." in one line, or "none". */
const char *cs_comm_library(const cs_comm *comm);

/** Copies n_bytes from rank 0 to all. Collective. */
void cs_comm_broadcast(cs_comm *comm, void *data, size_t n_bytes);

/** Gathers n_bytes of every rank in rank 0's all[size][n_bytes] (NULL elsewhere). Collective. */
void cs_comm_gather(cs_comm *comm, void *all, const void *mine, size_t n_bytes);

/** Like gather, but over the ranks of this node and to all of them: all[node_size][n_bytes]. */
void cs_comm_node_allgather(cs_comm *comm, void *all, const void *mine, size_t n_bytes);

/**
 * Agrees on a status before ranks go on together: every rank gets CS_OK if all have it, otherwise
 * the record of the lowest rank that failed. Collective.
 *
 * @param status [in]     this rank's own status
 * @param err    [in,out] this rank's record; the agreed one on return
 */
cs_status cs_comm_agree(cs_comm *comm, cs_status status, cs_error *err);

/** Waits for all ranks. Collective. */
void cs_comm_barrier(cs_comm *comm);

/** A send or receive under way. Zero-initialised: none. */
typedef struct {
    void *handle[2];
} cs_comm_request;

enum { CS_COMM_ANY = -1 };

/** Padding of bulk messages: buffers of sends and receives hold a multiple of this many bytes. */
enum { CS_COMM_UNIT = 64 };

/** n_bytes rounded up to whole units: the room that a bulk message needs. */
size_t cs_comm_padded(size_t n_bytes);

/**
 * Starts sending / receiving n_bytes; the buffer holds cs_comm_padded(n_bytes) bytes and stays
 * untouched until the request is done. Messages over 128 GiB are refused (CS_INTERNAL).
 */
cs_status cs_comm_send(cs_comm *comm, cs_comm_request *request, const void *data, size_t n_bytes,
                       int to, int tag, cs_error *err);
cs_status cs_comm_receive(cs_comm *comm, cs_comm_request *request, void *data, size_t n_bytes,
                          int from, int tag, cs_error *err);

/** Whether the request is done (also if there is none); tells the sender if wanted. */
bool cs_comm_done(cs_comm *comm, cs_comm_request *request, int *from);

/** Gives up a receive that no message will match any more. */
void cs_comm_cancel(cs_comm *comm, cs_comm_request *request);

#endif
