/* SPDX-License-Identifier: MIT */
/**
 * How a run of an external program is recorded: status, exit, seconds, and one line that says why.
 */
#ifndef CS_MODEL_EXTERNAL_VERDICT_H
#define CS_MODEL_EXTERNAL_VERDICT_H

#include "base/memory.h"
#include "model/warden.h"
#include "store/result_packet.h"

/**
 * Fills a record and its message.
 *
 * @param record  [in,out] status, exit (exit status, or 128 + signal as shells have it), seconds
 * @param message [out]    replaced: the reason and the last lines of what the program printed;
 *                         empty if the run is ok
 * @param end     [in]     how the program ended
 * @param status  [in]     CS_OK, or what went wrong with its files, with its record in `reason`
 * Errors: CS_MEMORY.
 */
cs_status cs_external_verdict(cs_run_record *record, cs_bytes *message, const cs_program_end *end,
                              cs_status status, const cs_error *reason, cs_error *err);

/**
 * Appends what there is of the output of a program that did not come to its end: how many rows,
 * how many bytes. Nothing if there is no plain file, or an empty one.
 *
 * @param path   [in] of the output
 * @param n_time [in] rows that it should have
 * Errors: CS_MEMORY.
 */
cs_status cs_external_partial(cs_bytes *message, const char *path, size_t n_time, cs_error *err);

#endif
