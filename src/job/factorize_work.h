/* SPDX-License-Identifier: MIT */
/**
 * The kernel of factorize: a block of a range or of a list becomes text, sums, or rows for HDF5.
 *
 * Blocks of a range have no input (HDF5: where its primes begin, 8 bytes). Blocks of a list are
 * packed by cs_factor_pack. Private to src/job.
 */
#ifndef CS_JOB_FACTORIZE_WORK_H
#define CS_JOB_FACTORIZE_WORK_H

#include "farm/farm.h"
#include "job/factorize.h"
#include "kernels/factor/rows.h"
#include "text/integers.h"

typedef enum { CS_FACTOR_BY_SIEVE, CS_FACTOR_BY_SPLITTING, CS_FACTOR_BY_TRIAL } cs_factor_means;

typedef struct {
    cs_factor_form form;
    cs_factor_means means;
    bool exponents;
    bool is_list;
    bool has_checksums;   /* a block of text is followed by the checksum of its bytes, uint64 */
    uint64_t first, last; /* of a range */
    size_t n_workers;     /* threads of all ranks */
    int n_threads;        /* of this rank */
    int deflate;
} cs_factor_plan;

/** Compute threads' workplaces, primes and tables of a rank. */
typedef struct cs_factor_work cs_factor_work;

/** Errors: CS_MEMORY, CS_USAGE (CATCHSIM_FACTOR_PATH names no path of this processor). Local. */
cs_status cs_factor_work_open(cs_factor_work **work, const cs_factor_plan *plan, cs_error *err);
void cs_factor_work_close(cs_factor_work *work);

/** Items of a block, lanes and threads of a lane that suit the work; `n_items` of a round. */
void cs_factor_work_shape(cs_farm *farm, const cs_factor_work *work, size_t n_items, int n_ranks);

/** What the plan wants; and sums (csk_factor_sums) of the same blocks, whatever the plan wants. */
cs_kernel cs_factor_work_kernel(cs_factor_work *work);
cs_kernel cs_factor_work_sums(cs_factor_work *work);

/** Appends items first .. first + count - 1 of a list as a block's input. Errors: CS_MEMORY. */
cs_status cs_factor_pack(cs_bytes *out, const cs_integer_list *list, uint64_t first, uint64_t count,
                         cs_error *err);

#endif
