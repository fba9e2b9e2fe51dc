/* SPDX-License-Identifier: MIT */
/**
 * Where factorize's results go: standard output, a file, an HDF5 file, or sums. Rank 0. Private to
 * src/job.
 */
#ifndef CS_JOB_FACTORIZE_SINK_H
#define CS_JOB_FACTORIZE_SINK_H

#include "base/output.h"
#include "farm/farm.h"
#include "job/factorize.h"
#include "job/factorize_resume.h"
#include "kernels/factor/rows.h"
#include "store/factors.h"

typedef struct {
    cs_factor_form form;
    const char *path; /* NULL: standard output */
    cs_output output;
    int file;             /* descriptor of text, -1: none */
    cs_factor_file range; /* text of a range into a file, from which a later run may go on */
    cs_factors *factors;
    csk_factor_sums sums;
    uint64_t n_integers, n_bytes;
    uint64_t *first_prime; /* [n_blocks] of HDF5, while they are counted; the caller's */
} cs_factor_sink;

/** Whether a killed run may go on: text of a range into a file. Its blocks come with checksums. */
bool cs_factor_sink_is_resumable(const cs_factorize_options *options);

/** Opens it; of a range that is resumed, range.n_integers are there already. On failure there is
 * nothing to close. Errors: CS_IO, CS_LOCKED, CS_MEMORY. */
cs_status cs_factor_sink_open(cs_factor_sink *sink, const cs_factorize_options *options,
                              uint64_t first, uint64_t last, cs_error *err);

/** What the options want; and each block's distinct primes into first_prime. */
cs_sink cs_factor_sink_results(cs_factor_sink *sink);
cs_sink cs_factor_sink_primes(cs_factor_sink *sink);

/** Gives the file its name. Errors: CS_IO. */
cs_status cs_factor_sink_finish(cs_factor_sink *sink, cs_error *err);

/** Releases; what is not finished is removed. Safe on a zeroed one. */
void cs_factor_sink_close(cs_factor_sink *sink);

#endif
