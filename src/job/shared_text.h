/* SPDX-License-Identifier: MIT */
/**
 * A text file that all ranks need: read on rank 0, sent to the others.
 */
#ifndef CS_JOB_SHARED_TEXT_H
#define CS_JOB_SHARED_TEXT_H

#include "base/memory.h"
#include "farm/comm.h"

/**
 * Reads it, with a terminator behind its bytes.
 *
 * Collective; the same status on all ranks. A file longer than CS_CONFIG_MAX_BYTES is refused.
 * @param text [out] empty at first; the caller releases it
 * Errors: CS_IO, CS_DATA, CS_MEMORY.
 */
cs_status cs_shared_text_read(cs_bytes *text, const char *path, cs_comm *comm, cs_error *err);

#endif
