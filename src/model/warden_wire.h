/* SPDX-License-Identifier: MIT */
/**
 * What rank and warden say to each other. For the files of this folder that are the warden's only.
 *
 * All sockets keep the bounds of messages (SOCK_SEQPACKET). On the control socket the rank sends a
 * cs_warden_order, with a file descriptor. On a lane it sends a cs_warden_call, followed by the
 * folder and the arguments, each with its terminating zero; the answer is a cs_program_end.
 */
#ifndef CS_MODEL_WARDEN_WIRE_H
#define CS_MODEL_WARDEN_WIRE_H

#include <limits.h>
#include <stdint.h>

#include "model/warden.h"

typedef enum { CS_ORDER_LANE, CS_ORDER_GUARD, CS_ORDER_UNGUARD } cs_warden_order_kind;

typedef struct {
    int32_t kind;          /* a cs_warden_order_kind */
    char folder[PATH_MAX]; /* the guarded one */
} cs_warden_order;

typedef struct {
    double timeout;
    uint64_t max_file_size;
    uint32_t keeps_servers;
    uint32_t n_arguments;
} cs_warden_call;

/** The warden's whole life: serves the rank at the other end of the socket, then exits. */
_Noreturn void cs_warden_serve(int control);

#endif
