/* SPDX-License-Identifier: MIT */
#include "job/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "job/block_record.h"
#include "journal/identity.h"
#include "journal/journal.h"
#include "journal/syncer.h"

enum { RECORD_GENERATION = 1, RECORD_BLOCK, RECORD_END };

typedef struct {
    uint32_t generation;
    uint32_t has_all; /* of the generation before */
    uint32_t may_replace;
    uint32_t padding;
} generation_record;

/* What can be recalled of a block; record 0: nothing. */
typedef struct {
    uint64_t record; /* its number in the journal, from 1 */
    uint64_t count;  /* catchments */
} known_block;

struct cs_checkpoint {
    cs_checkpoint_spec spec;
    cs_output output[CS_N_RESULT_FILES];
    int n_outputs;
    bool is_finished;
    cs_journal *journal;
    cs_syncer *syncer;
    known_block *known;         /* [n_catchment] by block */
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

static bool exists(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0;
}

/* ---- what the journal tells ---- */

/* Blocks of a generation count once it has all of the one before; until then they are pending. */
typedef struct {
    known_block *pending;    /* [n_catchment] */
    bool is_pending;         /* the generation that was begun last has not everything */
    uint32_t generation;     /* the last one that has */
    bool has_ended;          /* nothing is left but renaming */
    uint32_t end_generation; /* of what is to be renamed */
} story;

static cs_status damaged(const cs_checkpoint *cp, cs_error *err)
{
    return cs_fail(err, CS_DATA, "%s: holds records that no run writes; give --fresh to begin anew",
                   cp->output[CS_RESULT_FILE].journal_path);
}

static void forget(const cs_checkpoint *cp, known_block *blocks)
{
    memset(blocks, 0, cp->spec.n_catchment * sizeof *blocks);
}

static cs_status take_block(cs_checkpoint *cp, story *s, size_t i, cs_error *err)
{
    cs_block_head head;
    const uint64_t n = cp->spec.n_catchment;
    CS_TRY(cs_block_record_head(&head, &cp->record, err));
    if (head.block.index >= n || head.block.first >= n || head.block.count > n) {
        return damaged(cp, err);
    }
    known_block *blocks = s->is_pending ? s->pending : cp->known;
    blocks[head.block.index] = (known_block){.record = i + 1, .count = head.block.count};
    cp->n_recorded++;
    return CS_OK;
}

static cs_status take_generation(cs_checkpoint *cp, story *s, cs_error *err)
{
    generation_record record;
    if (cp->record.size != sizeof record) {
        return damaged(cp, err);
    }
    memcpy(&record, cp->record.data, sizeof record);
    cp->may_replace = record.may_replace != 0;
    if (!record.has_all) {
        forget(cp, s->pending);
    } else if (s->is_pending) {
        memcpy(cp->known, s->pending, cp->spec.n_catchment * sizeof *cp->known);
    } else {
        forget(cp, cp->known);
    }
    s->is_pending = !record.has_all;
    s->generation = record.has_all ? record.generation : s->generation;
    s->end_generation = record.generation;
    return CS_OK;
}

static cs_status take_record(cs_checkpoint *cp, story *s, size_t i, cs_error *err)
{
    const cs_journal_record *record = cs_journal_at(cp->journal, i);
    cp->record.size = 0;
    CS_TRY(cs_journal_peek(cp->journal, record, &cp->record, sizeof(cs_block_head), err));
    s->has_ended = record->kind == RECORD_END;
    switch (record->kind) {
    case RECORD_GENERATION:
        return take_generation(cp, s, err);
    case RECORD_BLOCK:
        return take_block(cp, s, i, err);
    case RECORD_END:
        return CS_OK;
    default:
        return damaged(cp, err);
    }
}

static cs_status read_story(cs_checkpoint *cp, story *s, cs_error *err)
{
    cs_status status = CS_OK;
    *s = (story){0};
    CS_TRY(cs_alloc(&s->pending, cp->spec.n_catchment, sizeof *s->pending, "the blocks", err));
    for (size_t i = 0; i < cs_journal_count(cp->journal); i++) {
        CS_CHECK(take_record(cp, s, i, err));
    }
release:
    free(s->pending);
    s->pending = NULL;
    return status;
}

/* ---- opening ---- */

static cs_status lock_outputs(cs_checkpoint *cp, cs_error *err)
{
    const char *const paths[CS_N_RESULT_FILES] = {cp->spec.results, cp->spec.steps};
    for (int f = 0; f < CS_N_RESULT_FILES && paths[f] != NULL; f++) {
        CS_TRY(cs_output_lock(&cp->output[f], paths[f], err));
        cp->n_outputs++;
    }
    return CS_OK;
}

static cs_status match_finished(cs_checkpoint *cp, cs_error *err)
{
    char *identity = NULL;
    const char *const steps = cp->spec.steps;
    CS_TRY(cs_results_read_identity(&identity, cp->spec.results, err));
    cs_status status = CS_OK;
    if (identity == NULL) {
        status = cs_fail(err, CS_DATA,
                         "%s: exists, and does not tell what it was made with; name another "
                         "output, or give --fresh to replace it",
                         cp->spec.results);
    } else {
        status = cs_identity_match(identity, cp->spec.identity, cp->spec.results, err);
    }
    free(identity);
    if (status == CS_OK && steps != NULL && !exists(steps)) {
        status = cs_fail(err, CS_IO,
                         "%s: is not there, although %s is finished; give --fresh to "
                         "make both anew",
                         steps, cp->spec.results);
    }
    cp->is_finished = status == CS_OK;
    return status;
}

/* Nothing to go on from: what an earlier start may have left is removed. */
static cs_status begin_anew(cs_checkpoint *cp, cs_error *err)
{
    cp->may_replace = cp->spec.existing == CS_EXISTING_REPLACE;
    cp->generation = 1;
    cp->n_recorded = 0;
    forget(cp, cp->known);
    if (cp->spec.existing == CS_EXISTING_RESUME && exists(cp->spec.results)) {
        return match_finished(cp, err);
    }
    for (int f = 0; f < cp->n_outputs; f++) {
        CS_TRY(cs_output_refuse(&cp->output[f], cp->may_replace, err));
    }
    for (int f = 0; f < cp->n_outputs; f++) {
        CS_TRY(cs_output_discard(&cp->output[f], err));
    }
    return CS_OK;
}

/* Names the files, which are whole, and ends the journal: it goes last, since it tells of them. */
static cs_status give_names(cs_checkpoint *cp, cs_error *err)
{
    for (int f = cp->n_outputs - 1; f >= 0; f--) {
        cs_output *output = &cp->output[f];
        if (exists(output->part_path)) {
            CS_TRY(cs_output_publish(output, err));
        } else if (!exists(output->path)) {
            return cs_fail(err, CS_IO, "%s: has been removed; give --fresh to begin anew",
                           output->part_path);
        }
    }
    for (int f = cp->n_outputs - 1; f >= 0; f--) {
        cs_output_unlock(&cp->output[f]);
    }
    cp->is_finished = true;
    return CS_OK;
}

static void choose_parts(cs_checkpoint *cp, uint32_t generation)
{
    cp->generation = generation;
    for (int f = 0; f < cp->n_outputs; f++) {
        cs_output_choose_part(&cp->output[f], generation);
        cp->output[f].is_kept = true;
    }
}

static cs_status go_on(cs_checkpoint *cp, const story *s, cs_error *err)
{
    const char *const path = cp->output[CS_RESULT_FILE].path;
    CS_TRY(cs_identity_match(cs_journal_identity(cp->journal), cp->spec.identity, path, err));
    if (s->has_ended) {
        choose_parts(cp, s->end_generation);
        return give_names(cp, err);
    }
    for (int f = 0; f < cp->n_outputs; f++) {
        CS_TRY(cs_output_refuse(&cp->output[f], cp->may_replace, err));
    }
    if (s->generation == 0) { /* its record was lost: nobody knows where the blocks are */
        forget(cp, cp->known);
    }
    for (size_t i = 0; i < cp->spec.n_catchment; i++) {
        cp->n_known += cp->known[i].record > 0;
    }
    choose_parts(cp, cp->spec.keeps_packets ? 1 : s->generation + 1);
    cp->is_begun = cp->spec.keeps_packets;
    return CS_OK;
}

/* Finds out what the outputs are: new, to go on with, or finished. */
static cs_status decide(cs_checkpoint *cp, cs_error *err)
{
    cs_output *output = &cp->output[CS_RESULT_FILE];
    story s = {0};
    CS_TRY(cs_journal_open(&cp->journal, output->journal, output->journal_path, CS_OUTPUT_HOLDER,
                           err));
    if (cs_journal_identity(cp->journal) != NULL) {
        CS_TRY(read_story(cp, &s, err));
    }
    if ((cp->n_recorded == 0 && !s.has_ended) || cp->spec.existing == CS_EXISTING_REPLACE) {
        return begin_anew(cp, err);
    }
    return cp->spec.existing == CS_EXISTING_RESUME ? go_on(cp, &s, err)
                                                   : cs_output_refuse_journal(output, err);
}

/* A finished output is looked at and not touched: not even locked, unless somebody is at it. */
static cs_status look_or_lock(cs_checkpoint *cp, cs_error *err)
{
    char *journal_path = NULL;
    CS_TRY(cs_format(&journal_path, err, "%s.journal", cp->spec.results));
    const bool alone = exists(cp->spec.results) && !exists(journal_path);
    free(journal_path);
    if (cp->spec.existing == CS_EXISTING_RESUME && alone) {
        return match_finished(cp, err);
    }
    CS_TRY(lock_outputs(cp, err));
    return decide(cp, err);
}

cs_status cs_checkpoint_open(cs_checkpoint **out, const cs_checkpoint_spec *spec, cs_error *err)
{
    cs_checkpoint *cp = NULL;
    cs_status status = CS_OK;
    *out = NULL;
    CS_TRY(cs_alloc(&cp, 1, sizeof *cp, "the checkpoint", err));
    cp->spec = *spec;
    for (int f = 0; f < CS_N_RESULT_FILES; f++) {
        cp->output[f].journal = -1;
        cp->old[f] = -1;
    }
    CS_CHECK(cs_alloc(&cp->known, spec->n_catchment, sizeof *cp->known, "the blocks", err));
    CS_CHECK(look_or_lock(cp, err));
    *out = cp;
    return CS_OK;
release:
    for (int f = 0; f < cp->n_outputs; f++) {
        cp->output[f].is_kept = cp->output[CS_RESULT_FILE].has_journal;
    }
    cs_checkpoint_close(cp);
    return status;
}

/* ---- what there is ---- */

bool cs_checkpoint_is_finished(const cs_checkpoint *cp)
{
    return cp->is_finished;
}

cs_output *cs_checkpoint_output(cs_checkpoint *cp, int file)
{
    return file < cp->n_outputs ? &cp->output[file] : NULL;
}

bool cs_checkpoint_is_resumable(const cs_checkpoint *cp)
{
    return !cp->is_finished && cp->n_recorded > 0;
}

uint64_t cs_checkpoint_n_known(const cs_checkpoint *cp)
{
    uint64_t n = 0;
    for (size_t i = 0; i < cp->spec.n_catchment; i++) {
        n += cp->known[i].count;
    }
    return n;
}

const char *cs_checkpoint_host(const cs_checkpoint *cp, const cs_block *block,
                               const cs_block_report *report)
{
    return cp->recalled == block->index + 1 ? cp->host : cp->spec.hosts[report->rank];
}

/* ---- while it runs ---- */

/* Data first, then what tells of it; descriptors of our own, since HDF5 does not lend its. */
static cs_status start_syncer(cs_checkpoint *cp, cs_error *err)
{
    int files[CS_N_RESULT_FILES + 1];
    size_t n = 0;
    cs_status status = CS_OK;
    for (int f = 0; f < cp->n_outputs && !cp->spec.keeps_packets; f++) {
        files[n] = open(cp->output[f].part_path, O_RDONLY | O_CLOEXEC);
        if (files[n] < 0) {
            status = cs_fail_errno(err, CS_IO, "%s: cannot be opened", cp->output[f].part_path);
            goto release;
        }
        n++;
    }
    files[n] = cp->output[CS_RESULT_FILE].journal;
    CS_CHECK(cs_syncer_open(&cp->syncer, files, n + 1, cp->spec.journal.interval, err));
release:
    for (size_t i = 0; i < n; i++) {
        close(files[i]);
    }
    return status;
}

cs_status cs_checkpoint_start(cs_checkpoint *cp, cs_error *err)
{
    for (int f = 0; f < cp->n_outputs && cp->generation > 1; f++) {
        cp->old[f] = open(cp->output[f].old_part_path, O_RDONLY | O_CLOEXEC); /* may be gone */
    }
    return cp->spec.journal.fsync ? start_syncer(cp, err) : CS_OK;
}

static cs_status append(cs_checkpoint *cp, uint32_t kind, const void *data, size_t size,
                        cs_error *err)
{
    CS_TRY(cs_journal_append(cp->journal, kind, data, size, err));
    return cp->syncer != NULL ? cs_syncer_note(cp->syncer, err) : CS_OK;
}

static cs_status append_generation(cs_checkpoint *cp, bool has_all, cs_error *err)
{
    const generation_record record = {
        .generation = cp->generation, .has_all = has_all, .may_replace = cp->may_replace};
    return append(cp, RECORD_GENERATION, &record, sizeof record, err);
}

/* As late as possible: a journal is there as soon as there is something to go on from. */
static cs_status begin(cs_checkpoint *cp, cs_error *err)
{
    if (cp->is_begun) {
        return CS_OK;
    }
    if (cp->generation == 1) {
        CS_TRY(cs_journal_begin(cp->journal, cp->spec.identity, err));
    }
    CS_TRY(append_generation(cp, cp->n_known == 0, err));
    cp->is_begun = true;
    return CS_OK;
}

static cs_status record_block(cs_checkpoint *cp, const cs_bytes *packet, const cs_bytes *places,
                              const cs_block *block, const cs_block_report *report, cs_error *err)
{
    const char *host = cs_checkpoint_host(cp, block, report);
    CS_TRY(begin(cp, err));
    cp->record.size = 0;
    CS_TRY(cs_block_record_make(&cp->record, packet, places, block, report, host, err));
    CS_TRY(append(cp, RECORD_BLOCK, cp->record.data, cp->record.size, err));
    cp->n_recorded++;
    return CS_OK;
}

static cs_status sync_journal(const cs_checkpoint *cp, cs_error *err)
{
    const cs_output *output = &cp->output[CS_RESULT_FILE];
    if (cp->spec.journal.fsync && fdatasync(output->journal) != 0 && errno != EINVAL) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be made durable", output->journal_path);
    }
    return CS_OK;
}

static void close_old(cs_checkpoint *cp)
{
    for (int f = 0; f < CS_N_RESULT_FILES; f++) {
        if (cp->old[f] >= 0) {
            close(cp->old[f]);
        }
        cp->old[f] = -1;
    }
}

/* This generation has everything: once that is durable, the one before is of no use. */
static cs_status end_copying(cs_checkpoint *cp, cs_error *err)
{
    for (int f = 0; f < cp->n_outputs && cp->spec.journal.fsync; f++) {
        CS_TRY(cs_output_sync(&cp->output[f], err));
    }
    CS_TRY(append_generation(cp, true, err));
    CS_TRY(sync_journal(cp, err));
    close_old(cp);
    for (int f = 0; f < cp->n_outputs; f++) {
        unlink(cp->output[f].old_part_path);
    }
    return CS_OK;
}

cs_status cs_checkpoint_put(cs_checkpoint *cp, const cs_bytes *packet, const cs_bytes *places,
                            const cs_block *block, const cs_block_report *report, cs_error *err)
{
    if (cp->spec.keeps_packets) {
        return CS_OK;
    }
    CS_TRY(record_block(cp, packet, places, block, report, err));
    cp->n_copied += cp->known[block->index].record > 0;
    return cp->known[block->index].record > 0 && cp->n_copied == cp->n_known ? end_copying(cp, err)
                                                                             : CS_OK;
}

/* ---- the farm's questions ---- */

static bool has(void *self, const cs_block *block)
{
    const cs_checkpoint *cp = self;
    return cp->known[block->index].record > 0;
}

static cs_status recall(void *self, cs_bytes *result, cs_block_report *report, bool *is_whole,
                        const cs_block *block, cs_error *err)
{
    cs_checkpoint *cp = self;
    cs_block_head head;
    const size_t number = (size_t)cp->known[block->index].record - 1;
    cp->record.size = 0;
    CS_TRY(cs_journal_read(cp->journal, cs_journal_at(cp->journal, number), &cp->record, err));
    CS_TRY(cs_block_record_head(&head, &cp->record, err));
    *is_whole = head.block.first == block->first && head.block.count == block->count;
    if (*is_whole) {
        CS_TRY(cs_block_record_restore(result, report, is_whole, &cp->record, cp->old, err));
    }
    if (*is_whole) {
        cp->recalled = block->index + 1;
        memcpy(cp->host, head.host, sizeof cp->host);
    } else {
        cs_log(CS_LOG_WARNING, "%s: block %llu was lost, and is computed again",
               cp->output[CS_RESULT_FILE].path, (unsigned long long)block->index);
    }
    return CS_OK;
}

static cs_status keep(void *self, const cs_bytes *result, const cs_block *block,
                      const cs_block_report *report, cs_error *err)
{
    cs_checkpoint *cp = self;
    CS_TRY(record_block(cp, result, NULL, block, report, err));
    cp->known[block->index] =
        (known_block){.record = cs_journal_count(cp->journal), .count = block->count};
    return CS_OK;
}

cs_keeper cs_checkpoint_keeper(cs_checkpoint *cp)
{
    return (cs_keeper){
        .self = cp, .has = has, .recall = recall, .keep = cp->spec.keeps_packets ? keep : NULL};
}

/* ---- the end ---- */

cs_status cs_checkpoint_finish(cs_checkpoint *cp, cs_error *err)
{
    cs_syncer_close(cp->syncer);
    cp->syncer = NULL;
    CS_TRY(begin(cp, err));
    CS_TRY(append(cp, RECORD_END, NULL, 0, err));
    CS_TRY(sync_journal(cp, err));
    return give_names(cp, err);
}

void cs_checkpoint_close(cs_checkpoint *cp)
{
    if (cp == NULL) {
        return;
    }
    cs_syncer_close(cp->syncer);
    cs_journal_close(cp->journal);
    close_old(cp);
    for (int f = 0; f < cp->n_outputs; f++) {
        cp->output[f].is_kept = cp->output[f].is_kept || cs_checkpoint_is_resumable(cp);
        cs_output_release(&cp->output[f]);
    }
    cs_bytes_free(&cp->record);
    free(cp->known);
    free(cp);
}
