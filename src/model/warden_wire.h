/* SPDX-License-Identifier: MIT */
/**
 * What rank and warden say to each other. For the files of this folder that are the warden's only.
 *
 * All sockets keep the bounds of messages (SOCK_SEQPACKET). On the control socket the rank sends a
 * cs_warden_order, with a file descriptor. A lane's first message comes from the warden: an
 * int32_t, 0 or errno. Then the rank sends a cs_warden_call, followed by the folder, the names of
 * what may outlive the program, and the arguments, each with its terminating zero; the answer is a
 * cs_program_end. The end of a lane's socket is the end of all that it ran, whoever brought it
 * about.
 */
#ifndef CS_MODEL_WARDEN_WIRE_H
#define CS_MODEL_WARDEN_WIRE_H

#include <limits.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "model/warden.h"

typedef enum { CS_ORDER_LANE, CS_ORDER_GUARD, CS_ORDER_UNGUARD } cs_warden_order_kind;

typedef struct {
    int32_t kind;             /* a cs_warden_order_kind */
    uint32_t place, n_places; /* of a lane: its share of the CPUs */
    char folder[PATH_MAX];    /* the guarded one */
} cs_warden_order;

typedef struct {
    double timeout;
    uint64_t max_file_size;
    uint32_t n_arguments;
} cs_warden_call;

/* Seconds that what was killed may take to die: a process that waits for a dead network disk cannot
 * be killed. */
static const double CS_WARDEN_PATIENCE = 10.0;

/**
 * The warden's whole life: serves the rank at the other end of the socket, then exits.
 *
 * @param files [in] limits of open files that programs get
 * Its exit status is the number of processes that it could not kill, at most 100.
 */
_Noreturn void cs_warden_serve(int control, const struct rlimit *files);

/** What a lane's process needs to know. */
typedef struct {
    int socket;               /* to the rank's thread */
    pid_t warden;             /* its parent */
    uint32_t place, n_places; /* its share of the CPUs */
    const struct rlimit *files;
} cs_warden_lane;

/** The whole life of a lane's process, forked from the warden: runs programs, one at a time. */
_Noreturn void cs_warden_lane_serve(const cs_warden_lane *lane);

#endif
