/* SPDX-License-Identifier: MIT */
/**
 * Where lines go: a file that is whole or not there, a pipe or device as it is, standard output.
 *
 * Several streams may share one; what is written by one call stays together. A regular file follows
 * base/output.h: NAME.part under a lock, renamed when it is finished.
 */
#ifndef CS_PIPE_OUTLET_H
#define CS_PIPE_OUTLET_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/output.h"
#include "pipe/halt.h"

typedef struct {
    const char *path; /* as given, "-" is standard output */
    cs_output output; /* of a regular file */
    int file;         /* descriptor; -1: not open */
    bool in_place;    /* no regular file */
    bool is_broken;   /* a pipe whose reader has gone */
    cs_halt *halt;    /* ends waiting for a pipe's reader, as a signal does */
    uint64_t n_bytes; /* written */
    pthread_mutex_t lock;
} cs_outlet;

/** Whether an outlet may be opened; touches nothing. Errors: CS_IO, CS_MEMORY. */
cs_status cs_outlet_check(const char *path, bool replace, cs_error *err);

/**
 * Opens an outlet; a named pipe waits for its reader.
 *
 * @param path    [in] not copied
 * @param replace [in] an existing file is replaced, otherwise refused
 * @param halt    [in] outlives the outlet
 * Errors: CS_IO, CS_LOCKED, CS_MEMORY, CS_INTERRUPTED; on failure there is nothing to release.
 */
cs_status cs_outlet_open(cs_outlet *outlet, const char *path, bool replace, cs_halt *halt,
                         cs_error *err);

/**
 * Appends. Thread-safe.
 *
 * Errors: CS_IO; a pipe without reader sets is_broken (SIGPIPE must be ignored). CS_INTERRUPTED: a
 * pipe's reader does not read, and a signal or the halt ends the waiting.
 */
cs_status cs_outlet_write(cs_outlet *outlet, const void *data, size_t size, cs_error *err);

/** Gives a file its name. Errors: CS_IO. */
cs_status cs_outlet_finish(cs_outlet *outlet, cs_error *err);

/** Releases; a file that is not finished is removed. For outlets that were opened. */
void cs_outlet_release(cs_outlet *outlet);

#endif
