/* SPDX-License-Identifier: MIT */
/**
 * The text of a range as a file from which a killed run goes on: beside it a journal says after
 * each block how many integers and bytes are complete, and what the block's bytes sum up to. Rank
 * 0. Private to src/job.
 */
#ifndef CS_JOB_FACTORIZE_RESUME_H
#define CS_JOB_FACTORIZE_RESUME_H

#include "base/output.h"
#include "job/factorize.h"
#include "journal/journal.h"

/** Zeroed, but for the descriptors, which are -1: nothing is open. */
typedef struct {
    cs_output output;
    cs_journal *journal;
    int file;            /* of the text */
    uint64_t n_integers; /* that are complete */
    uint64_t n_bytes;
    bool is_finished; /* an earlier run's: there is nothing to do */
} cs_factor_file;

/**
 * Claims the output; begins it, or with options->resume goes on behind what is complete and whole.
 *
 * Errors: CS_IO (exists; an interrupted run's without resume or fresh), CS_LOCKED, CS_DATA (the
 * journal is of another work), CS_MEMORY. The caller closes it in any case.
 */
cs_status cs_factor_file_open(cs_factor_file *file, const cs_factorize_options *options,
                              uint64_t first, uint64_t last, cs_error *err);

/** Appends a block of lines; `checksum` is cs_checksum of them. Errors: CS_IO, CS_MEMORY. */
cs_status cs_factor_file_append(cs_factor_file *file, const void *text, size_t size,
                                uint64_t checksum, uint64_t n_integers, cs_error *err);

/** Gives the file its name and removes the journal. Errors: CS_IO. */
cs_status cs_factor_file_finish(cs_factor_file *file, cs_error *err);

/** Releases; what is not finished stays for a run that goes on. */
void cs_factor_file_close(cs_factor_file *file);

/** Writes all bytes to a descriptor. Errors: CS_IO, naming `path`; CS_INTERRUPTED (a stop was
 * requested while a pipe was full). */
cs_status cs_factor_write(int file, const char *path, const void *data, size_t size, cs_error *err);

#endif
