/* SPDX-License-Identifier: MIT */
#include "farm/comm.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"

struct cs_comm {
    bool launched; /* MPI is up; otherwise one rank alone */
    int rank, size;
    int node_rank, node_size;
    MPI_Comm node;
    MPI_Datatype unit; /* CS_COMM_UNIT bytes */
    char library[MPI_MAX_LIBRARY_VERSION_STRING];
};

static bool has_launcher(void)
{
    return getenv("OMPI_COMM_WORLD_SIZE") != NULL || getenv("PMIX_RANK") != NULL ||
           getenv("PMI_RANK") != NULL;
}

static void describe_library(char text[static MPI_MAX_LIBRARY_VERSION_STRING])
{
    int length = 0;
    MPI_Get_library_version(text, &length);
    text[strcspn(text, "\n,")] = '\0'; /* the rest is build details */
    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ') {
            *c = ' ';
        }
    }
}

static cs_status start_mpi(cs_comm *comm, int *argc, char ***argv, cs_error *err)
{
    int provided = MPI_THREAD_SINGLE;
    MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided);
    if (provided < MPI_THREAD_FUNNELED) {
        return cs_fail(err, CS_INTERNAL, "this MPI library cannot be used together with threads");
    }
    comm->launched = true;
    MPI_Comm_rank(MPI_COMM_WORLD, &comm->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &comm->size);
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, comm->rank, MPI_INFO_NULL,
                        &comm->node);
    MPI_Comm_rank(comm->node, &comm->node_rank);
    MPI_Comm_size(comm->node, &comm->node_size);
    MPI_Type_contiguous(CS_COMM_UNIT, MPI_BYTE, &comm->unit);
    MPI_Type_commit(&comm->unit);
    describe_library(comm->library);
    return CS_OK;
}

cs_status cs_comm_start(cs_comm **comm, int *argc, char ***argv, cs_error *err)
{
    CS_TRY(cs_alloc(comm, 1, sizeof **comm, "the communicator", err));
    **comm = (cs_comm){.size = 1, .node_size = 1, .library = "none"};
    if (!has_launcher()) {
        return CS_OK;
    }
    return start_mpi(*comm, argc, argv, err);
}

void cs_comm_finish(cs_comm *comm)
{
    if (comm == NULL) {
        return;
    }
    if (comm->launched) {
        MPI_Type_free(&comm->unit);
        MPI_Comm_free(&comm->node);
        MPI_Finalize();
    }
    free(comm);
}

_Noreturn void cs_comm_abort(cs_comm *comm, int exit_status)
{
    if (comm->launched) {
        MPI_Abort(MPI_COMM_WORLD, exit_status);
    }
    _Exit(exit_status);
}

int cs_comm_rank(const cs_comm *comm)
{
    return comm->rank;
}

int cs_comm_size(const cs_comm *comm)
{
    return comm->size;
}

int cs_comm_node_rank(const cs_comm *comm)
{
    return comm->node_rank;
}

int cs_comm_node_size(const cs_comm *comm)
{
    return comm->node_size;
}

const char *cs_comm_library(const cs_comm *comm)
{
    return comm->library;
}

/* MPI's own waiting spins on a core that another rank could use: test, and sleep in between. */
static void wait_politely(MPI_Request *request)
{
    long pause_ns = 20000;
    for (;;) {
        int done = 0;
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
        if (done) {
            return;
        }
        nanosleep(&(struct timespec){.tv_nsec = pause_ns}, NULL);
        pause_ns = pause_ns < 1000000 ? pause_ns * 2 : pause_ns;
    }
}

/* Collectives move at most this many bytes in one call: MPI counts in int. */
static const size_t COLLECTIVE_BYTES = (size_t)1 << 30;

void cs_comm_broadcast(cs_comm *comm, void *data, size_t n_bytes)
{
    if (!comm->launched) {
        return;
    }
    for (size_t sent = 0; sent < n_bytes;) {
        const size_t part = n_bytes - sent < COLLECTIVE_BYTES ? n_bytes - sent : COLLECTIVE_BYTES;
        MPI_Request request;
        MPI_Ibcast((char *)data + sent, (int)part, MPI_BYTE, 0, MPI_COMM_WORLD, &request);
        wait_politely(&request);
        sent += part;
    }
}

void cs_comm_gather(cs_comm *comm, void *all, const void *mine, size_t n_bytes)
{
    CS_INVARIANT(n_bytes <= COLLECTIVE_BYTES);
    if (!comm->launched) {
        memcpy(all, mine, n_bytes);
        return;
    }
    MPI_Request request;
    MPI_Igather(mine, (int)n_bytes, MPI_BYTE, all, (int)n_bytes, MPI_BYTE, 0, MPI_COMM_WORLD,
                &request);
    wait_politely(&request);
}

void cs_comm_node_allgather(cs_comm *comm, void *all, const void *mine, size_t n_bytes)
{
    CS_INVARIANT(n_bytes <= COLLECTIVE_BYTES);
    if (!comm->launched) {
        memcpy(all, mine, n_bytes);
        return;
    }
    MPI_Request request;
    MPI_Iallgather(mine, (int)n_bytes, MPI_BYTE, all, (int)n_bytes, MPI_BYTE, comm->node, &request);
    wait_politely(&request);
}

cs_status cs_comm_agree(cs_comm *comm, cs_status status, cs_error *err)
{
    if (!comm->launched) {
        return status;
    }
    int mine = status == CS_OK ? comm->size : comm->rank;
    int first = comm->size;
    MPI_Request request;
    MPI_Iallreduce(&mine, &first, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD, &request);
    wait_politely(&request);
    if (first == comm->size) {
        return CS_OK;
    }
    cs_error record = *err;
    record.status = (int)status;
    MPI_Ibcast(&record, (int)sizeof record, MPI_BYTE, first, MPI_COMM_WORLD, &request);
    wait_politely(&request);
    *err = record;
    return (cs_status)record.status;
}

void cs_comm_barrier(cs_comm *comm)
{
    if (comm->launched) {
        MPI_Request request;
        MPI_Ibarrier(MPI_COMM_WORLD, &request);
        wait_politely(&request);
    }
}

/* A request is kept as bytes, since MPI's own type is an int here and a pointer there. */
_Static_assert(sizeof(MPI_Request) <= sizeof(void *), "a request fits its handle");

static void store_request(cs_comm_request *request, MPI_Request handle)
{
    memcpy(&request->handle[0], &handle, sizeof handle);
    request->handle[1] = request; /* there is one */
}

static MPI_Request load_request(const cs_comm_request *request)
{
    MPI_Request handle;
    memcpy(&handle, &request->handle[0], sizeof handle);
    return handle;
}

size_t cs_comm_padded(size_t n_bytes)
{
    return (n_bytes + CS_COMM_UNIT - 1) / CS_COMM_UNIT * CS_COMM_UNIT;
}

static cs_status count_units(int *n_units, size_t n_bytes, cs_error *err)
{
    const size_t units = cs_comm_padded(n_bytes) / CS_COMM_UNIT;
    if (units > (size_t)0x7fffffff) {
        return cs_fail(err, CS_INTERNAL, "a message of %zu bytes is too long for MPI", n_bytes);
    }
    *n_units = (int)units;
    return CS_OK;
}

cs_status cs_comm_send(cs_comm *comm, cs_comm_request *request, const void *data, size_t n_bytes,
                       int to, int tag, cs_error *err)
{
    int n_units = 0;
    CS_TRY(count_units(&n_units, n_bytes, err));
    MPI_Request handle;
    MPI_Isend(data, n_units, comm->unit, to, tag, MPI_COMM_WORLD, &handle);
    store_request(request, handle);
    return CS_OK;
}

cs_status cs_comm_receive(cs_comm *comm, cs_comm_request *request, void *data, size_t n_bytes,
                          int from, int tag, cs_error *err)
{
    int n_units = 0;
    CS_TRY(count_units(&n_units, n_bytes, err));
    MPI_Request handle;
    MPI_Irecv(data, n_units, comm->unit, from == CS_COMM_ANY ? MPI_ANY_SOURCE : from, tag,
              MPI_COMM_WORLD, &handle);
    store_request(request, handle);
    return CS_OK;
}

bool cs_comm_done(cs_comm *comm, cs_comm_request *request, int *from)
{
    if (!comm->launched || request->handle[1] == NULL) {
        return true;
    }
    MPI_Request handle = load_request(request);
    MPI_Status status;
    int done = 0;
    MPI_Test(&handle, &done, &status);
    store_request(request, handle);
    if (!done) {
        return false;
    }
    *request = (cs_comm_request){0};
    if (from != NULL) {
        *from = status.MPI_SOURCE;
    }
    return true;
}

void cs_comm_cancel(cs_comm *comm, cs_comm_request *request)
{
    if (!comm->launched || request->handle[1] == NULL) {
        return;
    }
    MPI_Request handle = load_request(request);
    MPI_Cancel(&handle);
    MPI_Wait(&handle, MPI_STATUS_IGNORE);
    *request = (cs_comm_request){0};
}
