/* SPDX-License-Identifier: MIT */
/**
 * Integers of more than 64 bits: by FLINT where it was built in, refused elsewhere.
 */
#ifndef CS_JOB_FACTORIZE_BIG_H
#define CS_JOB_FACTORIZE_BIG_H

#include "base/memory.h"
#include "job/factorize.h"
#include "kernels/factor/rows.h"

/** Whether this build can. */
bool cs_factor_has_big(void);

/**
 * Factors an integer: its line is appended to `out`, or it is added to the sums, as `form` says.
 *
 * Thread-safe; a rank does one at a time. Errors: CS_DATA (no FLINT; HDF5, which has 64 bits),
 * CS_INTERRUPTED (not done when a stop's grace is over: its thread goes on until the process ends),
 * CS_MEMORY, CS_INTERNAL (no thread).
 */
cs_status cs_factor_big(cs_bytes *out, csk_factor_sums *sums, cs_factor_form form, bool exponents,
                        const char *digits, size_t length, cs_error *err);

#endif
