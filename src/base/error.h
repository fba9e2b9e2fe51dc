/* SPDX-License-Identifier: MIT */
/**
 * The error record: owned by the caller, filled by the function that fails.
 *
 * A message says what is wrong, where (file:line, dataset, catchment id) and what to do, in one
 * line. Only the program's main prints it. Plain data: a record may be sent to another rank as it
 * is.
 */
#ifndef CS_BASE_ERROR_H
#define CS_BASE_ERROR_H

#include "base/status.h"

enum { CS_ERROR_LENGTH = 1020 }; /* so that a record is 1 KiB */

typedef struct {
    int status;                    /* a cs_status; CS_OK: nothing recorded */
    char message[CS_ERROR_LENGTH]; /* one line, without its newline, always terminated */
} cs_error;

/**
 * Records a failure and returns its status, so that a failing function ends with
 * `return cs_fail(err, CS_DATA, "...")`. Control characters in the message become blanks.
 *
 * @param err    [out] the record; NULL is allowed and records nothing
 * @param status [in]  what kind of failure, not CS_OK
 */
cs_status cs_fail(cs_error *err, cs_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** The same for a failed system call: appends ": " and the text of errno. */
cs_status cs_fail_errno(cs_error *err, cs_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Returns the failure of `expression` from the calling function, where nothing is to release. */
#define CS_TRY(expression)                                                                         \
    do {                                                                                           \
        const cs_status cs_try_status_ = (expression);                                             \
        if (cs_try_status_ != CS_OK) {                                                             \
            return cs_try_status_;                                                                 \
        }                                                                                          \
    } while (0)

/** Goes to the label `release` with the failure of `expression` in the variable `status`. */
#define CS_CHECK(expression)                                                                       \
    do {                                                                                           \
        status = (expression);                                                                     \
        if (status != CS_OK) {                                                                     \
            goto release;                                                                          \
        }                                                                                          \
    } while (0)

/** Broken invariant: says where and aborts. For what no input can cause. */
#define CS_INVARIANT(condition)                                                                    \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            cs_broken_invariant(#condition, __FILE__, __LINE__);                                   \
        }                                                                                          \
    } while (0)

_Noreturn void cs_broken_invariant(const char *condition, const char *file, int line);

#endif
