/* SPDX-License-Identifier: MIT */
/**
 * The order in which catchments are handed out: the longest first, by what an earlier run took.
 */
#ifndef CS_JOB_ORDER_H
#define CS_JOB_ORDER_H

#include <stdint.h>

#include "store/forcing.h"

/**
 * Reads /run/seconds of an earlier result, whichever substance it is of, and puts the catchments of
 * the input in order: those that it does not know first, since nobody knows how long they take;
 * then the longest first; equal ones as they come. Rank 0.
 *
 * @param order [out] [n_catchment] places in the input; the caller frees
 * Errors: CS_IO, CS_DATA (no result; none of the catchments is in it), CS_MEMORY.
 */
cs_status cs_order_by_cost(uint64_t **order, const char *path, const cs_forcing_info *input,
                           cs_error *err);

#endif
