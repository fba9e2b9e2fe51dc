/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "record/draft.h"

/* A record that could be longer than this is refused. */
enum { MAX_RECORD_BYTES = 16 << 20 };

/* Tables that exist already, to be used again. */
typedef struct {
    cs_bytes sources; /* cs_draft_source */
    cs_bytes tables;  /* csk_record_table, slots as offsets for now */
    cs_bytes *slots;  /* of all of them */
    cs_bytes word;    /* being written */
} tables;

static bool is_same(const cs_draft_source *a, const cs_draft_source *b)
{
    return a->list == b->list && a->escape == b->escape && a->n_before == b->n_before &&
           a->n_behind == b->n_behind && memcmp(a->before, b->before, a->n_before) == 0 &&
           memcmp(a->behind, b->behind, a->n_behind) == 0;
}

static cs_status write_slots(tables *t, const cs_draft_source *source, uint32_t width,
                             cs_error *err)
{
    const size_t n = source->list->n;
    CS_TRY(cs_bytes_reserve(t->slots, n * width, err));
    unsigned char *slots = t->slots->data + t->slots->size;
    memset(slots, 0, n * width);
    for (size_t i = 0; i < n; i++) {
        const cs_word *word = &source->list->words[i];
        t->word.size = 0;
        CS_TRY(cs_bytes_append(&t->word, source->before, source->n_before, err));
        CS_TRY(cs_escape_text(&t->word, word->text, word->length, source->escape, err));
        CS_TRY(cs_bytes_append(&t->word, source->behind, source->n_behind, err));
        memcpy(slots + i * width, t->word.data, t->word.size);
        slots[(i + 1) * width - 1] = (unsigned char)t->word.size;
    }
    t->slots->size += n * width;
    return CS_OK;
}

/* The index of the table of a source, which is made if there is none. */
static cs_status find_table(uint32_t *index, tables *t, const cs_draft_source *source,
                            cs_error *err)
{
    const size_t n = t->sources.size / sizeof *source;
    const cs_draft_source *known = (const void *)t->sources.data;
    for (*index = 0; *index < n; (*index)++) {
        if (is_same(&known[*index], source)) {
            return CS_OK;
        }
    }
    size_t longest;
    CS_TRY(cs_draft_longest(&longest, source, err));
    longest += source->n_before + source->n_behind;
    const uint32_t width = cs_draft_width(longest);
    if (width == 0) {
        return cs_fail(err, CS_DATA, "list %.60s: a word has more than 255 bytes when written",
                       source->list->name);
    }
    const csk_record_table table = {.slots = (const unsigned char *)(uintptr_t)t->slots->size,
                                    .n = source->list->n,
                                    .width = width,
                                    .max = (uint32_t)longest};
    CS_TRY(write_slots(t, source, width, err));
    CS_TRY(cs_bytes_append(&t->sources, source, sizeof *source, err));
    return cs_bytes_append(&t->tables, &table, sizeof table, err);
}

static cs_status make_tables(tables *t, cs_draft *drafts, size_t n, cs_error *err)
{
    for (size_t i = 0; i < n; i++) {
        csk_record_op *op = &drafts[i].op;
        if (op->code != CSK_RECORD_PICK && op->code != CSK_RECORD_LIST) {
            continue;
        }
        for (uint32_t k = 0; k < op->n; k++) {
            CS_TRY(find_table(&op->table[k], t, &drafts[i].sources[k], err));
            op->wide |= ((const csk_record_table *)(void *)t->tables.data)[op->table[k]].width > 16;
        }
    }
    return CS_OK;
}

/* The most bytes that an op writes in one round. */
static size_t most_bytes(const csk_record_op *op, const csk_record_table *table)
{
    size_t n = 0;
    switch (op->code) {
    case CSK_RECORD_PICK:
    case CSK_RECORD_LIST:
        for (uint32_t k = 0; k < op->n; k++) {
            n += table[op->table[k]].max;
        }
        return op->code == CSK_RECORD_LIST ? n * op->count : n;
    case CSK_RECORD_TEXT:
    case CSK_RECORD_MAYBE:
    case CSK_RECORD_PATTERN:
        return op->length;
    case CSK_RECORD_END:
    case CSK_RECORD_FIELD:
    case CSK_RECORD_CHOOSE:
    case CSK_RECORD_JUMP:
    case CSK_RECORD_LOOP:
    case CSK_RECORD_NEXT:
        return 0;
    default:
        return 40; /* numbers, dates, a UUID, a digest */
    }
}

/* Alternatives count all: that is more than enough. */
static cs_status sum_bytes(csk_record_program *program, size_t n_ops, cs_error *err)
{
    size_t n_rounds = 1;
    for (size_t i = 0; i < n_ops; i++) {
        const csk_record_op *op = &program->ops[i];
        n_rounds = op->code == CSK_RECORD_LOOP ? op->count : n_rounds;
        n_rounds = op->code == CSK_RECORD_NEXT ? 1 : n_rounds;
        program->max_bytes += n_rounds * most_bytes(op, program->tables);
        if (program->max_bytes > MAX_RECORD_BYTES) {
            return cs_fail(err, CS_DATA, "a record can have more than %d bytes", MAX_RECORD_BYTES);
        }
    }
    return CS_OK;
}

static cs_status copy(void *out, const void *data, size_t size, size_t more, cs_error *err)
{
    unsigned char *to = NULL;
    CS_TRY(cs_alloc(&to, size + more, 1, "a record's program", err));
    if (size > 0) {
        memcpy(to, data, size);
    }
    *(void **)out = to;
    return CS_OK;
}

static cs_status copy_all(cs_record_code *code, const cs_builder *builder, const tables *t,
                          cs_error *err)
{
    const size_t n_ops = cs_builder_count(builder);
    const cs_draft *drafts = (const void *)builder->drafts.data;
    CS_TRY(cs_alloc(&code->ops, n_ops, sizeof *code->ops, "a record's program", err));
    for (size_t i = 0; i < n_ops; i++) {
        code->ops[i] = drafts[i].op;
    }
    CS_TRY(copy(&code->fields, builder->fields.data, builder->fields.size, 0, err));
    CS_TRY(copy(&code->targets, builder->targets.data, builder->targets.size, 0, err));
    CS_TRY(copy(&code->texts, builder->texts.data, builder->texts.size, 32, err));
    CS_TRY(copy(&code->tables, t->tables.data, t->tables.size, 0, err));
    for (size_t i = 0; i < t->tables.size / sizeof *code->tables; i++) {
        const size_t offset = (size_t)(uintptr_t)code->tables[i].slots;
        code->tables[i].slots = code->slots.data + offset;
    }
    return CS_OK;
}

cs_status cs_builder_finish(cs_record_code *code, cs_builder *builder, uint64_t seed, cs_error *err)
{
    *code = (cs_record_code){0};
    tables t = {.slots = &code->slots};
    cs_status status = CS_OK;
    CS_CHECK(cs_builder_op(builder, &(csk_record_op){.code = CSK_RECORD_END}, err));
    CS_CHECK(make_tables(&t, (void *)builder->drafts.data, cs_builder_count(builder), err));
    CS_CHECK(copy_all(code, builder, &t, err));
    code->program = (csk_record_program){.ops = code->ops,
                                         .fields = code->fields,
                                         .tables = code->tables,
                                         .targets = code->targets,
                                         .texts = code->texts,
                                         .seed = seed};
    CS_CHECK(sum_bytes(&code->program, cs_builder_count(builder), err));
release:
    cs_bytes_free(&t.sources);
    cs_bytes_free(&t.tables);
    cs_bytes_free(&t.word);
    return status;
}

void cs_record_code_free(cs_record_code *code)
{
    free(code->ops);
    free(code->fields);
    free(code->tables);
    free(code->targets);
    free(code->texts);
    cs_bytes_free(&code->slots);
    *code = (cs_record_code){0};
}
