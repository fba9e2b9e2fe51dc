/* SPDX-License-Identifier: MIT */
/**
 * Integers of a list, round by round: text or an HDF5 dataset. Rank 0. Private to src/job.
 */
#ifndef CS_JOB_FACTORIZE_LIST_H
#define CS_JOB_FACTORIZE_LIST_H

#include "farm/farm.h"
#include "job/factorize.h"
#include "store/numbers.h"
#include "text/integers.h"

typedef struct {
    char *own_path; /* of HDF5, without the dataset */
    bool skip_bad;
    cs_integer_reader reader; /* of text */
    cs_numbers *numbers;      /* of HDF5; NULL: text */
    uint8_t *bad;
    uint64_t *piece;
    uint64_t n_bad;
    cs_integer_list list; /* of this round */
} cs_factor_list;

/** Opens it. Errors: CS_IO, CS_DATA, CS_MEMORY. On failure there is nothing to close. */
cs_status cs_factor_list_open(cs_factor_list *list, const cs_factorize_options *options,
                              cs_error *err);

/** Reads the next round; list.count is 0 at the end. Errors: CS_DATA, CS_IO, CS_MEMORY. */
cs_status cs_factor_list_next(cs_factor_list *list, cs_error *err);

/** Lines or elements that were left out. */
uint64_t cs_factor_list_bad(const cs_factor_list *list);

/** Blocks of the round. */
cs_source cs_factor_list_source(cs_factor_list *list);

/** Safe on a zeroed one. */
void cs_factor_list_close(cs_factor_list *list);

#endif
