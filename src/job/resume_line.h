/* SPDX-License-Identifier: MIT */
/**
 * The command line with which a later run goes on where this one ended.
 */
#ifndef CS_JOB_RESUME_LINE_H
#define CS_JOB_RESUME_LINE_H

#include "base/memory.h"

/**
 * Appends this process's own command line with --resume instead of --fresh, quoted for a shell,
 * behind the launcher with the same number of ranks; terminated, `size` does not count that.
 *
 * Thread-safe. What else the launcher was given is not known here.
 * @param n_ranks  [in] of the run
 * @param left_out [in] an option with a value that would end the next run as it ended this one, or
 *                      NULL
 * Errors: CS_IO (no /proc), CS_MEMORY.
 */
cs_status cs_resume_line(cs_bytes *line, int n_ranks, const char *left_out, cs_error *err);

/**
 * Makes it the line that a wish to stop prints at once (base/stop.h), since the launcher may kill
 * the ranks soon. To be taken back by cs_stop_set_note(NULL). Rank 0.
 */
void cs_resume_note(const char *program, int n_ranks);

#endif
