/* SPDX-License-Identifier: MIT */
#include "job/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "job/block_record.h"
#include "job/checkpoint_parts.h"

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
    const cs_generation_record record = {
        .generation = cp->generation, .has_all = has_all, .may_replace = cp->may_replace};
    return append(cp, CS_RECORD_GENERATION, &record, sizeof record, err);
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
    CS_TRY(append(cp, CS_RECORD_BLOCK, cp->record.data, cp->record.size, err));
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
        (cs_known_block){.record = cs_journal_count(cp->journal), .count = block->count};
    return CS_OK;
}

cs_keeper cs_checkpoint_keeper(cs_checkpoint *cp)
{
    return (cs_keeper){
        .self = cp, .has = has, .recall = recall, .keep = cp->spec.keeps_packets ? keep : NULL};
}

/* ---- the end ---- */

cs_status cs_checkpoint_give_names(cs_checkpoint *cp, cs_error *err)
{
    for (int f = cp->n_outputs - 1; f >= 0; f--) {
        cs_output *output = &cp->output[f];
        if (cs_checkpoint_exists(output->part_path)) {
            CS_TRY(cs_output_publish(output, err));
        } else if (!cs_checkpoint_exists(output->path)) {
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

cs_status cs_checkpoint_finish(cs_checkpoint *cp, cs_error *err)
{
    cs_syncer_close(cp->syncer);
    cp->syncer = NULL;
    CS_TRY(begin(cp, err));
    CS_TRY(append(cp, CS_RECORD_END, NULL, 0, err));
    CS_TRY(sync_journal(cp, err));
    return cs_checkpoint_give_names(cp, err);
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
