/* SPDX-License-Identifier: MIT */
#include "record/builder.h"

#include <stdio.h>
#include <string.h>

#include "record/draft.h"

/* Words of one pick are drawn from one random word as long as this many of its bits suffice: what
 * is left makes each choice even to 2^-24. */
#define MAX_CHOICES (UINT64_C(1) << 40)

void cs_builder_free(cs_builder *builder)
{
    cs_bytes_free(&builder->drafts);
    cs_bytes_free(&builder->texts);
    cs_bytes_free(&builder->targets);
    cs_bytes_free(&builder->fields);
    cs_bytes_free(&builder->pending);
}

static cs_draft *draft_at(const cs_builder *builder, long i)
{
    return (cs_draft *)(void *)builder->drafts.data + i;
}

uint32_t cs_builder_count(const cs_builder *builder)
{
    return (uint32_t)(builder->drafts.size / sizeof(cs_draft));
}

cs_status cs_escape_text(cs_bytes *out, const char *text, size_t length, cs_escape escape,
                         cs_error *err)
{
    for (size_t i = 0; i < length; i++) {
        const char c = text[i];
        char escaped[8];
        int n = 1;
        escaped[0] = c;
        if (escape == CS_ESCAPE_JSON && (unsigned char)c < 0x20) {
            n = snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)c);
        } else if ((escape == CS_ESCAPE_JSON && (c == '"' || c == '\\')) ||
                   (escape == CS_ESCAPE_CSV && c == '"')) {
            n = snprintf(escaped, sizeof escaped, "%c%c", escape == CS_ESCAPE_JSON ? '\\' : '"', c);
        }
        CS_TRY(cs_bytes_append(out, escaped, (size_t)n, err));
    }
    return CS_OK;
}

cs_status cs_draft_longest(size_t *length, const cs_draft_source *source, cs_error *err)
{
    cs_bytes word = {0};
    cs_status status = CS_OK;
    *length = 0;
    for (size_t i = 0; i < source->list->n && status == CS_OK; i++) {
        word.size = 0;
        status = cs_escape_text(&word, source->list->words[i].text, source->list->words[i].length,
                                source->escape, err);
        *length = word.size > *length ? word.size : *length;
    }
    cs_bytes_free(&word);
    return status;
}

uint32_t cs_draft_width(size_t length)
{
    return length < 16 ? 16 : length < 32 ? 32 : length < 64 ? 64 : length < 256 ? 256 : 0;
}

/* Whether `more` bytes around a source's words cost nothing, or little. */
static cs_status may_join(bool *may, const cs_draft_source *source, size_t more, cs_error *err)
{
    const size_t around = source->n_before + source->n_behind;
    size_t longest;
    CS_TRY(cs_draft_longest(&longest, source, err));
    const uint32_t before = cs_draft_width(longest + around);
    const uint32_t after = cs_draft_width(longest + around + more);
    *may = around + more <= CS_DRAFT_MAX_AROUND && after != 0 &&
           (before == after || more <= CS_DRAFT_ALWAYS);
    return CS_OK;
}

static cs_status push(cs_builder *builder, const cs_draft *draft, cs_error *err)
{
    if (cs_builder_count(builder) >= CS_BUILDER_MAX_OPS) {
        return cs_fail(err, CS_DATA, "a record is too long: more than %d parts",
                       CS_BUILDER_MAX_OPS);
    }
    return cs_bytes_append(&builder->drafts, draft, sizeof *draft, err);
}

/* What is pending becomes the end of the last pick's words, if there is one and it fits. */
static cs_status join_behind(cs_builder *builder, cs_error *err)
{
    const size_t n = builder->pending.size;
    bool may = false;
    if (builder->last_pick < 0 || n == 0) {
        return CS_OK;
    }
    cs_draft *draft = draft_at(builder, builder->last_pick);
    cs_draft_source *source = &draft->sources[draft->op.n - 1];
    CS_TRY(may_join(&may, source, n, err));
    if (may) {
        memcpy(source->behind + source->n_behind, builder->pending.data, n);
        source->n_behind += (uint32_t)n;
        builder->pending.size = 0;
    }
    return CS_OK;
}

/* Or the beginning of the next pick's. */
static cs_status join_before(cs_builder *builder, cs_draft_source *source, cs_error *err)
{
    const size_t n = builder->pending.size;
    bool may = false;
    if (n > 0) {
        CS_TRY(may_join(&may, source, n, err));
    }
    if (may) {
        memcpy(source->before, builder->pending.data, n);
        source->n_before = (uint32_t)n;
        builder->pending.size = 0;
    }
    return CS_OK;
}

static cs_status put_pending(cs_builder *builder, cs_error *err)
{
    cs_draft draft = {.op = {.code = CSK_RECORD_TEXT}};
    if (builder->pending.size == 0) {
        return CS_OK;
    }
    CS_TRY(cs_builder_keep(builder, &draft.op.text, (const char *)builder->pending.data,
                           builder->pending.size, err));
    draft.op.length = (uint32_t)builder->pending.size;
    builder->pending.size = 0;
    builder->last_pick = -1;
    return push(builder, &draft, err);
}

static cs_status flush(cs_builder *builder, cs_error *err)
{
    CS_TRY(join_behind(builder, err));
    return put_pending(builder, err);
}

cs_status cs_builder_text(cs_builder *builder, const char *text, size_t length, cs_escape escape,
                          cs_error *err)
{
    return cs_escape_text(&builder->pending, text, length, escape, err);
}

/* Whether the last pick may draw from one more list. */
static bool may_share(const cs_builder *builder, size_t n_more)
{
    if (builder->last_pick < 0 || builder->last_pick + 1 != (long)cs_builder_count(builder)) {
        return false;
    }
    const cs_draft *draft = draft_at(builder, builder->last_pick);
    uint64_t n_choices = n_more;
    for (uint32_t i = 0; i < draft->op.n; i++) {
        n_choices = n_choices < MAX_CHOICES ? n_choices * draft->sources[i].list->n : MAX_CHOICES;
    }
    return !draft->op.unique && draft->op.n < CSK_RECORD_MAX_TABLES && n_choices < MAX_CHOICES;
}

cs_status cs_builder_word(cs_builder *builder, const cs_word_list *list, cs_escape escape,
                          bool unique, cs_error *err)
{
    cs_draft draft = {.op = {.code = CSK_RECORD_PICK, .n = 1, .unique = unique}};
    draft.sources[0] = (cs_draft_source){.list = list, .escape = escape};
    CS_TRY(join_behind(builder, err));
    CS_TRY(join_before(builder, &draft.sources[0], err));
    CS_TRY(put_pending(builder, err));
    if (!unique && may_share(builder, list->n)) {
        cs_draft *last = draft_at(builder, builder->last_pick);
        last->sources[last->op.n++] = draft.sources[0];
        return CS_OK;
    }
    draft.op.word = builder->word++;
    builder->last_pick = (long)cs_builder_count(builder);
    return push(builder, &draft, err);
}

cs_status cs_builder_op(cs_builder *builder, const csk_record_op *op, cs_error *err)
{
    CS_TRY(flush(builder, err));
    builder->last_pick = -1;
    return push(builder, &(cs_draft){.op = *op}, err);
}

cs_status cs_builder_field(cs_builder *builder, const csk_record_field *field, cs_error *err)
{
    const cs_draft draft = {
        .op = {.code = CSK_RECORD_FIELD,
               .field = (uint32_t)(builder->fields.size / sizeof(csk_record_field))}};
    builder->word = 0;
    CS_TRY(cs_bytes_append(&builder->fields, field, sizeof *field, err));
    return push(builder, &draft, err);
}

cs_status cs_builder_label(cs_builder *builder, uint32_t *label, cs_error *err)
{
    CS_TRY(flush(builder, err));
    builder->last_pick = -1;
    *label = cs_builder_count(builder);
    return CS_OK;
}

void cs_builder_aim(cs_builder *builder, uint32_t op, uint32_t target)
{
    draft_at(builder, op)->op.target = target;
}

cs_status cs_builder_keep(cs_builder *builder, uint32_t *offset, const char *text, size_t length,
                          cs_error *err)
{
    if (builder->texts.size + length > UINT32_MAX) {
        return cs_fail(err, CS_DATA, "a record's texts are too long");
    }
    *offset = (uint32_t)builder->texts.size;
    return cs_bytes_append(&builder->texts, text, length, err);
}

cs_status cs_builder_next(cs_builder *builder, uint32_t loop, uint32_t first_word, uint32_t count,
                          cs_error *err)
{
    const uint32_t n_words = builder->word - first_word;
    CS_TRY(flush(builder, err));
    cs_draft *begin = draft_at(builder, loop);
    if (cs_builder_count(builder) == loop + 2 && begin[1].op.code == CSK_RECORD_PICK &&
        n_words == 1) {
        *begin = begin[1]; /* a list of nothing but words has an op of its own */
        begin->op.code = CSK_RECORD_LIST;
        begin->op.count = count;
        builder->drafts.size -= sizeof *begin;
        builder->last_pick = -1;
        return CS_OK;
    }
    begin->op.count = count;
    return cs_builder_op(
        builder,
        &(csk_record_op){.code = CSK_RECORD_NEXT, .n = 1, .length = n_words, .target = loop + 1},
        err);
}
