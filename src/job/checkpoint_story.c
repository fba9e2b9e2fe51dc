/* SPDX-License-Identifier: MIT */
#include "job/checkpoint_parts.h"

#include <stdlib.h>
#include <string.h>

#include "job/block_record.h"

static cs_status damaged(const cs_checkpoint *cp, cs_error *err)
{
    return cs_fail(err, CS_DATA, "%s: holds records that no run writes; give --fresh to begin anew",
                   cp->output[CS_RESULT_FILE].journal_path);
}

void cs_checkpoint_forget(const cs_checkpoint *cp, cs_known_block *blocks)
{
    memset(blocks, 0, cp->spec.n_catchment * sizeof *blocks);
}

static cs_status take_block(cs_checkpoint *cp, cs_story *s, size_t i, cs_error *err)
{
    cs_block_head head;
    const uint64_t n = cp->spec.n_catchment;
    CS_TRY(cs_block_record_head(&head, &cp->record, err));
    if (head.block.index >= n || head.block.first >= n || head.block.count > n) {
        return damaged(cp, err);
    }
    cs_known_block *blocks = s->is_pending ? s->pending : cp->known;
    blocks[head.block.index] = (cs_known_block){.record = i + 1, .count = head.block.count};
    cp->n_recorded++;
    return CS_OK;
}

static cs_status take_generation(cs_checkpoint *cp, cs_story *s, cs_error *err)
{
    cs_generation_record record;
    if (cp->record.size != sizeof record) {
        return damaged(cp, err);
    }
    memcpy(&record, cp->record.data, sizeof record);
    cp->may_replace = record.may_replace != 0;
    if (!record.has_all) {
        cs_checkpoint_forget(cp, s->pending);
    } else if (s->is_pending) {
        memcpy(cp->known, s->pending, cp->spec.n_catchment * sizeof *cp->known);
    } else {
        cs_checkpoint_forget(cp, cp->known);
    }
    s->is_pending = !record.has_all;
    s->generation = record.has_all ? record.generation : s->generation;
    s->end_generation = record.generation;
    return CS_OK;
}

static cs_status take_record(cs_checkpoint *cp, cs_story *s, size_t i, cs_error *err)
{
    const cs_journal_record *record = cs_journal_at(cp->journal, i);
    cp->record.size = 0;
    CS_TRY(cs_journal_peek(cp->journal, record, &cp->record, sizeof(cs_block_head), err));
    s->has_ended = record->kind == CS_RECORD_END;
    switch (record->kind) {
    case CS_RECORD_GENERATION:
        return take_generation(cp, s, err);
    case CS_RECORD_BLOCK:
        return take_block(cp, s, i, err);
    case CS_RECORD_END:
        return CS_OK;
    default:
        return damaged(cp, err);
    }
}

cs_status cs_checkpoint_read_story(cs_checkpoint *cp, cs_story *s, cs_error *err)
{
    cs_status status = CS_OK;
    *s = (cs_story){0};
    CS_TRY(cs_alloc(&s->pending, cp->spec.n_catchment, sizeof *s->pending, "the blocks", err));
    for (size_t i = 0; i < cs_journal_count(cp->journal); i++) {
        CS_CHECK(take_record(cp, s, i, err));
    }
release:
    free(s->pending);
    s->pending = NULL;
    return status;
}
