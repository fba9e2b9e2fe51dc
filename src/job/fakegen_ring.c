/* SPDX-License-Identifier: MIT */
#include "job/fakegen_ring.h"

#include <sched.h>
#include <stddef.h>
#include <time.h>

enum { TAG_PLACE = 40 };

/* A message: where the next chunk begins. Sent as far as its tail goes. */
typedef struct {
    uint64_t failed; /* a rank before us could not write, or was told to stop */
    cs_fakegen_place place;
    unsigned char padding[CS_COMM_UNIT - 24];
} message;

_Static_assert(sizeof(message) % CS_COMM_UNIT == 0, "whole units");

static size_t length_of(const message *m)
{
    return offsetof(message, place.tail) + m->place.offset % CS_FAKEGEN_PAGE;
}

/* Places come every millisecond or so, and somebody waits for each: so short sleeps. None after a
 * failure, when nobody computes and all that is left are the messages of chunks that are not made.
 */
static void wait_for(cs_comm *comm, cs_comm_request *request, bool failed, void (*watch)(void *),
                     void *self)
{
    const struct timespec pause = {.tv_nsec = 50000};
    while (!cs_comm_done(comm, request, NULL)) {
        if (failed) {
            sched_yield();
        } else {
            nanosleep(&pause, NULL);
        }
        if (watch != NULL) {
            watch(self);
        }
    }
}

cs_status cs_fakegen_ring_run(cs_fakegen_team *team, cs_comm *comm, void (*watch)(void *self),
                              void *self, cs_error *err)
{
    const int before = (team->rank + team->size - 1) % team->size;
    const int next = (team->rank + 1) % team->size;
    bool failed = false;
    for (size_t i = 0; i < team->plan->n_files; i++) {
        const uint64_t n_chunks = team->plan->files[i].n_chunks;
        for (uint64_t c = (uint64_t)team->rank; c <= n_chunks; c += (uint64_t)team->size) {
            message here = {0};
            cs_comm_request request = {0};
            if (c > 0) {
                CS_TRY(cs_comm_receive(comm, &request, &here, sizeof here, before, TAG_PLACE, err));
                wait_for(comm, &request, failed, watch, self);
            }
            if (here.failed && !failed) {
                failed = true;
                cs_fakegen_team_stop(team);
            }
            if (c == n_chunks) {
                break; /* all of this file have a place */
            }
            failed = failed || !cs_fakegen_team_pass(team, &here.place);
            here.failed = failed;
            CS_TRY(cs_comm_send(comm, &request, &here, length_of(&here), next, TAG_PLACE, err));
            wait_for(comm, &request, failed, NULL, NULL);
        }
    }
    return CS_OK;
}
