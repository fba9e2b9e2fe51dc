/* SPDX-License-Identifier: MIT */
/**
 * A finished result gets the catchments of another one: those that had failed and were run again.
 * Rank 0, main thread.
 */
#ifndef CS_STORE_MEND_H
#define CS_STORE_MEND_H

#include <stddef.h>

#include "base/error.h"

/** The files. */
typedef struct {
    const char *path;       /* the result that is mended */
    const char *steps_path; /* its step file; NULL: there is none */
    const char *again_path; /* the result of the catchments that were run again */
} cs_mend_spec;

/**
 * Whether a file is the step file of a result of that substance: known before anything is run
 * again.
 *
 * Errors: CS_DATA (another file: what differs), CS_IO.
 */
cs_status cs_steps_check(const char *steps_path, const char *substance, size_t n_catchment,
                         size_t n_time, cs_error *err);

/**
 * Puts series, status, states, extras and the numbers of group /run of all catchments of
 * again_path in the place of those in path and steps_path, found by id. The report of the other run
 * becomes /run/retry_report, its history a line of the history.
 *
 * What is good is copied as it is. The work is done on copies, `NAME.part`, which get the names
 * once they are whole and durable, the step file first: whenever it is cut off, path is one of the
 * two results, and the same call mends what is left to do. Claims both outputs (base/output.h).
 * Cost: a copy of both files, and some milliseconds a catchment.
 *
 * @param n_mended [out] catchments
 * Errors: CS_DATA (the results do not fit together: what differs), CS_IO, CS_LOCKED, CS_MEMORY.
 */
cs_status cs_results_mend(size_t *n_mended, const cs_mend_spec *spec, cs_error *err);

#endif
