/* SPDX-License-Identifier: MIT */
/**
 * The journal of a substance's run: which blocks are finished and where their results are, so that
 * a run goes on from where a kill, a full disk or a lost node ended it. Rank 0, main thread.
 *
 * It holds the locks of the outputs and gives them their names at the end. Of a block it records
 * either the result packet itself (external programs: small against their time, so that results may
 * come in any order), or the packet without its chunks and where in the `.part` files these are
 * (native: results are large, and are written in order anyway). An HDF5 file that was open when its
 * run was killed is never opened again: a run that goes on makes a new one, the next generation,
 * from the chunks found by the journal, through the same code and in the same order, so that it has
 * the same bytes. The generation before stays until the new one has everything.
 *
 * Records, in the order of their appending:
 *   generation   its number, whether it has everything of the one before, whether it may replace
 *   block        of the last generation; a block recorded twice is what was recorded last
 *   end          the files of this generation are whole and durable: nothing is left but renaming
 */
#ifndef CS_JOB_CHECKPOINT_H
#define CS_JOB_CHECKPOINT_H

#include "base/output.h"
#include "config/config.h"
#include "farm/farm.h"
#include "farm/threads.h"
#include "store/results.h"

typedef struct cs_checkpoint cs_checkpoint;

/** All borrowed, also after the opening. */
typedef struct {
    const char *results; /* path of the result file */
    const char *steps;   /* of the step file; NULL: none */
    const char *identity;
    cs_existing existing;
    cs_config_journal journal;
    size_t n_catchment;
    bool keeps_packets;            /* else places */
    char (*hosts)[CS_HOST_LENGTH]; /* of the ranks */
} cs_checkpoint_spec;

/**
 * Locks the outputs and finds out what there is.
 *
 * Outputs finished by a run of the same identity are left alone (existing: resume). What a run left
 * that was killed while it renamed its outputs is renamed.
 * Errors: CS_IO (an output exists, or can be resumed, and the options do not say what to do),
 * CS_LOCKED, CS_DATA (it was made with another identity: what differs), CS_MEMORY. On failure
 * there is nothing to close, and all is as it was.
 */
cs_status cs_checkpoint_open(cs_checkpoint **checkpoint, const cs_checkpoint_spec *spec,
                             cs_error *err);

/** Whether the outputs are finished: there is nothing to run. */
bool cs_checkpoint_is_finished(const cs_checkpoint *checkpoint);

/** The locked outputs, owned here: CS_RESULT_FILE, CS_RESULT_STEP_FILE (NULL: none). */
cs_output *cs_checkpoint_output(cs_checkpoint *checkpoint, int file);

/** Catchments whose results were there when it was opened. */
uint64_t cs_checkpoint_n_known(const cs_checkpoint *checkpoint);

/** Whether a later run can go on from here: something is recorded. */
bool cs_checkpoint_is_resumable(const cs_checkpoint *checkpoint);

/** Begins to make durable what is written, once the `.part` files exist. Errors: CS_IO, CS_MEMORY,
 * CS_INTERNAL. */
cs_status cs_checkpoint_start(cs_checkpoint *checkpoint, cs_error *err);

/** What the farm asks (farm/farm.h). */
cs_keeper cs_checkpoint_keeper(cs_checkpoint *checkpoint);

/** Where the result that is being written was computed: as recorded, or the rank's host. */
const char *cs_checkpoint_host(const cs_checkpoint *checkpoint, const cs_block *block,
                               const cs_block_report *report);

/**
 * Records a block that was written; does nothing if packets are kept.
 *
 * @param packet [in] its result packet
 * @param places [in] where its chunks are now: cs_result_place, as cs_results_put_located tells
 * Errors: CS_IO, CS_MEMORY.
 */
cs_status cs_checkpoint_put(cs_checkpoint *checkpoint, const cs_bytes *packet,
                            const cs_bytes *places, const cs_block *block,
                            const cs_block_report *report, cs_error *err);

/** Gives the outputs, which are complete and durable, their names, and ends the journal. Errors:
 * CS_IO. */
cs_status cs_checkpoint_finish(cs_checkpoint *checkpoint, cs_error *err);

/** Releases. What is not finished stays if it is resumable, else it is removed. NULL is fine. */
void cs_checkpoint_close(cs_checkpoint *checkpoint);

#endif
