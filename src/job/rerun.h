/* SPDX-License-Identifier: MIT */
/**
 * Command lines that do a part of this one again.
 */
#ifndef CS_JOB_RERUN_H
#define CS_JOB_RERUN_H

#include "base/memory.h"

/**
 * Appends this program's command line, without what chooses catchments, names outputs or is about
 * this run alone, and with `more` behind it; quoted for a shell; terminated, `size` does not count
 * that. Thread-safe.
 *
 * @param words [in] [n_words] argv
 * @param more  [in] further options, as they are
 * Errors: CS_MEMORY.
 */
cs_status cs_rerun_command(cs_bytes *command, char *const *words, int n_words, const char *more,
                           cs_error *err);

#endif
