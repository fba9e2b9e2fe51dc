/* SPDX-License-Identifier: MIT */
/**
 * Status codes: one list of code, exit status of the process, and text.
 *
 * Every function that can fail returns one; the exit statuses are documented in
 * docs/exit-status.md.
 */
#ifndef CS_BASE_STATUS_H
#define CS_BASE_STATUS_H

#define CS_STATUS_LIST(X)                                                                          \
    X(CS_OK, 0, "done")                                                                            \
    X(CS_SOME_FAILED, 2, "done, but some items failed")                                            \
    X(CS_USAGE, 64, "usage")                                                                       \
    X(CS_DATA, 65, "bad data or configuration")                                                    \
    X(CS_MEMORY, 70, "out of memory")                                                              \
    X(CS_INTERNAL, 70, "internal error")                                                           \
    X(CS_IO, 74, "input/output error")                                                             \
    X(CS_LOCKED, 74, "output locked by a running job")                                             \
    X(CS_INTERRUPTED, 75, "interrupted")

typedef enum {
#define CS_STATUS_CODE(code, exit_status, text) code,
    CS_STATUS_LIST(CS_STATUS_CODE)
#undef CS_STATUS_CODE
} cs_status;

/** Short text of a status, never NULL. Thread-safe. */
const char *cs_status_text(cs_status status);

/** Exit status of a process that ends with this status. Thread-safe. */
int cs_status_exit(cs_status status);

#endif
