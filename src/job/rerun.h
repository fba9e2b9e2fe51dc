/* SPDX-License-Identifier: MIT */
/**
 * Command lines that do a part of this one again.
 */
#ifndef CS_JOB_RERUN_H
#define CS_JOB_RERUN_H

#include <stdbool.h>

#include "base/memory.h"

/**
 * Appends this program's command line, without what chooses catchments or is about this run alone,
 * and with `more` behind it; quoted for a shell; terminated, `size` does not count that.
 * Thread-safe.
 *
 * @param words         [in] [n_words] argv
 * @param keeps_outputs [in] whether the options that name outputs stay
 * @param more          [in] further options, as they are
 * Errors: CS_MEMORY.
 */
cs_status cs_rerun_command(cs_bytes *command, char *const *words, int n_words, bool keeps_outputs,
                           const char *more, cs_error *err);

/** How many words of a command line this one begins that are the option `name`, such as "--only":
 * 0, 1 ("--only=3"; "--only" where an option has no value) or 2 ("--only 3"). */
int cs_rerun_option_words(const char *word, const char *name, bool has_value);

#endif
