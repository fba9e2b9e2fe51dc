/* SPDX-License-Identifier: MIT */
/**
 * Discharge: the local discharge of a file, added up downstream.
 */
#ifndef CS_JOB_MAKE_DISCHARGE_H
#define CS_JOB_MAKE_DISCHARGE_H

#include "kernels/network/network.h"
#include "store/forcing_writer.h"
#include "watch/progress.h"

/**
 * Reads the rows of local discharge back, adds them up and writes the rows of discharge.
 *
 * Rank 0. The sums are those of the float32 values in the file, in double, in the postorder of the
 * network: the same for any number of threads. Memory: a batch of rows and as many open ones as
 * the highest Strahler order.
 *
 * @param writer  [in] local discharge is complete
 * @param deflate [in] level of the rows
 * Errors: CS_IO, CS_DATA, CS_MEMORY.
 */
cs_status cs_make_discharge(cs_forcing_writer *writer, const csk_network *network, size_t n_time,
                            int deflate, int n_threads, cs_progress_mode progress, cs_error *err);

#endif
