/* SPDX-License-Identifier: MIT */
/**
 * The scratch folder of a rank: one numbered folder for each program in flight.
 *
 * It lies in --scratch, or in the first of $SLURM_TMPDIR, $TMPDIR, /dev/shm and /tmp with room
 * enough, is locked while the rank lives, and is removed by cs_scratch_close or, if the rank is
 * killed, by its warden. What a killed node left is removed by the next start on it; its name has
 * the host's, since other nodes may see the folder, but not its lock. Paths are made of that and of
 * numbers, never of ids or names of catchments. One thread at a time.
 */
#ifndef CS_MODEL_SCRATCH_H
#define CS_MODEL_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct {
    char *folder; /* absolute; NULL: none */
    int lock;     /* descriptor; counts only if folder is not NULL */
} cs_scratch;

/**
 * Makes the folder with sub-folders 0 .. n_workers-1, and removes what killed runs left beside it.
 *
 * @param parent  [in] --scratch; NULL: chosen
 * @param n_bytes [in] room that each worker needs
 * Errors: CS_IO (not enough room: where and how much; not writable), CS_MEMORY, CS_INTERNAL (no
 * warden). On failure there is nothing to release.
 */
cs_status cs_scratch_open(cs_scratch *scratch, const char *parent, size_t n_workers,
                          uint64_t n_bytes, cs_error *err);

/** Bytes that can still be written; files that can still be made count as 4 KiB. Thread-safe. */
uint64_t cs_scratch_room(const cs_scratch *scratch);

/** The folder of a worker, to be released by free(). Errors: CS_MEMORY. */
cs_status cs_scratch_worker(char **folder, const cs_scratch *scratch, size_t worker, cs_error *err);

/** Removes the folder; a zeroed one is fine. */
void cs_scratch_close(cs_scratch *scratch);

#endif
