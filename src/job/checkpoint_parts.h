/* SPDX-License-Identifier: MIT */
/**
 * A checkpoint's state and its records in the journal, for its own files only (checkpoint*.c).
 * Rank 0.
 */
#ifndef CS_JOB_CHECKPOINT_PARTS_H
#define CS_JOB_CHECKPOINT_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "job/checkpoint.h"
#include "journal/journal.h"
#include "journal/syncer.h"

/** Kinds of records; a block's is that of job/block_record.h, an end's is empty. */
enum { CS_RECORD_GENERATION = 1, CS_RECORD_BLOCK, CS_RECORD_END };

/** A generation of the files is begun, or has everything. */
typedef struct {
    uint32_t generation;
    uint32_t has_all; /* of the generation before */
    uint32_t may_replace;
    uint32_t padding;
} cs_generation_record;

/** What can be recalled of a block; record 0: nothing. */
typedef struct {
    uint64_t record; /* its number in the journal, from 1 */
    uint64_t count;  /* catchments */
} cs_known_block;

struct cs_checkpoint {
    cs_checkpoint_spec spec;
    cs_output output[CS_N_RESULT_FILES];
    int n_outputs;
    bool is_finished;
    cs_journal *journal;
    cs_syncer *syncer;
    cs_known_block *known;      /* [n_catchment] by block */
    uint64_t n_known;           /* blocks that were known when it was opened */
    uint64_t n_recorded;        /* blocks in the journal */
    uint64_t n_copied;          /* of those known, into this generation */
    uint32_t generation;        /* that is written */
    bool is_begun;              /* it is in the journal */
    bool may_replace;           /* finished files of these names */
    int old[CS_N_RESULT_FILES]; /* files of the generation before; -1: not there */
    uint64_t recalled;          /* number of the block that was recalled last, from 1 */
    char host[CS_HOST_LENGTH];  /* where that was computed */
    cs_bytes record;            /* on its way */
};

/** Blocks of a generation count once it has all of the one before; until then they are pending. */
typedef struct {
    cs_known_block *pending; /* [n_catchment] */
    bool is_pending;         /* the generation that was begun last has not everything */
    uint32_t generation;     /* the last one that has */
    bool has_ended;          /* nothing is left but renaming */
    uint32_t end_generation; /* of what is to be renamed */
} cs_story;

/** Whether there is anything of this name. */
bool cs_checkpoint_exists(const char *path);

/** Clears blocks[n_catchment]. */
void cs_checkpoint_forget(const cs_checkpoint *cp, cs_known_block *blocks);

/** Reads the journal: cp->known, cp->n_recorded, cp->may_replace, and the story. Errors: CS_DATA
 * (records that no run writes), CS_IO, CS_MEMORY. */
cs_status cs_checkpoint_read_story(cs_checkpoint *cp, cs_story *s, cs_error *err);

/** Names the files, which are whole, and ends the journal: it goes last, since it tells of them.
 * Errors: CS_IO. */
cs_status cs_checkpoint_give_names(cs_checkpoint *cp, cs_error *err);

#endif
