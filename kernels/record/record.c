/* SPDX-License-Identifier: MIT */
#include "kernels/record/record.h"

#include "kernels/math/clones.h"
#include "kernels/record/bits.h"
#include "kernels/record/put.h"
#include "kernels/record/siphash.h"

/* A record on its way. */
typedef struct {
    uint64_t words; /* of the field: word w is mix(words + w gamma) */
    uint64_t gamma;
    uint64_t index; /* what a unique field picks by */
    uint64_t record;
    csk_record_generator generator;
    uint32_t left; /* rounds of the loop */
    uint32_t n_hashes;
    unsigned char *hashed[CSK_RECORD_MAX_HASHES]; /* where what is hashed begins */
} run;

CSK_INLINE uint64_t word_of(const run *r, uint32_t word)
{
    return csk_mix(r->words + word * r->gamma);
}

/* What an op picks by: one of its range. */
CSK_INLINE uint64_t pick(const run *r, const csk_record_op *op)
{
    uint64_t word = word_of(r, op->word);
    return op->unique ? r->index : csk_pick(&word, op->range);
}

/* Widths are those of record.h: each is one copy of constant size. */
CSK_INLINE unsigned char *put_slot(unsigned char *p, const csk_record_table *table, uint64_t i)
{
    const uint32_t width = table->width;
    const unsigned char *slot = table->slots + i * width;
    if (width == 16) {
        memcpy(p, slot, 16);
    } else if (width == 32) {
        memcpy(p, slot, 32);
    } else if (width == 64) {
        memcpy(p, slot, 64);
    } else {
        memcpy(p, slot, 256);
    }
    return p + slot[width - 1];
}

/* The same where the width is known to be 16. */
CSK_INLINE unsigned char *put_narrow(unsigned char *p, const unsigned char *slots, uint64_t i)
{
    const unsigned char *slot = slots + i * 16;
    memcpy(p, slot, 16);
    return p + slot[15];
}

CSK_INLINE unsigned char *put_text(unsigned char *p, const unsigned char *text, uint32_t length)
{
    memcpy(p, text, 32);
    for (uint32_t i = 32; i < length; i += 32) {
        memcpy(p + i, text + i, 32);
    }
    return p + length;
}

CSK_INLINE unsigned char *put_picks(unsigned char *p, const csk_record_program *program,
                                    const csk_record_op *op, uint64_t word)
{
    for (uint32_t i = 0; i < op->n; i++) {
        const csk_record_table *table = &program->tables[op->table[i]];
        p = put_slot(p, table, csk_pick(&word, table->n));
    }
    return p;
}

CSK_INLINE unsigned char *put_pick(unsigned char *p, const csk_record_program *program,
                                   const csk_record_op *op, const run *r)
{
    if (op->unique) {
        return put_slot(p, &program->tables[op->table[0]], r->index);
    }
    return put_picks(p, program, op, word_of(r, op->word));
}

/* Lists of names: two narrow tables. Everything but the place to write is independent from name to
 * name, so that a processor works on several at once. */
CSK_INLINE unsigned char *put_pairs(unsigned char *p, const csk_record_program *program,
                                    const csk_record_op *op, const run *r)
{
    const csk_record_table *a = &program->tables[op->table[0]];
    const csk_record_table *b = &program->tables[op->table[1]];
    const unsigned char *const a_slots = a->slots;
    const unsigned char *const b_slots = b->slots;
    const uint64_t n_a = a->n;
    const uint64_t n_b = b->n;
    const uint64_t gamma = r->gamma;
    uint64_t at = r->words + op->word * gamma;
    for (uint32_t i = 0; i < op->count; i++) {
        uint64_t word = csk_mix(at);
        at += gamma;
        const uint64_t first = csk_pick(&word, n_a);
        const uint64_t second = csk_pick(&word, n_b);
        p = put_narrow(p, a_slots, first);
        p = put_narrow(p, b_slots, second);
    }
    return p - 1;
}

CSK_INLINE unsigned char *put_list(unsigned char *p, const csk_record_program *program,
                                   const csk_record_op *op, const run *r)
{
    if (op->n == 2 && !op->wide) {
        return put_pairs(p, program, op, r);
    }
    for (uint32_t i = 0; i < op->count; i++) {
        p = put_picks(p, program, op, word_of(r, op->word + i));
    }
    return p - 1;
}

/* Twelve places of up to 26 values take 57 of a word's 64 bits. */
enum { PLACES = 12 };

CSK_INLINE uint64_t place(uint64_t *index, uint64_t *word, int unique, uint64_t n)
{
    if (!unique) {
        return csk_pick(word, n);
    }
    const uint64_t digit = *index % n;
    *index /= n;
    return digit;
}

CSK_INLINE unsigned char *put_pattern(unsigned char *p, const csk_record_program *program,
                                      const csk_record_op *op, const run *r)
{
    const unsigned char *text = program->texts + op->text;
    uint64_t index = r->index;
    uint64_t word = 0;
    uint32_t n_places = 0;
    for (uint32_t i = 0; i < op->length; i++) {
        const unsigned char c = text[i];
        if (c != '#' && c != '?' && c != '~') {
            i += c == 1; /* the next one as it is */
            *p++ = text[i];
            continue;
        }
        if (n_places % PLACES == 0) {
            word = word_of(r, op->word + n_places / PLACES);
        }
        n_places++;
        const uint64_t digit = place(&index, &word, op->unique, c == '#' ? 10 : 26);
        *p++ = (unsigned char)((c == '#' ? '0' : c == '?' ? 'A' : 'a') + digit);
    }
    return p;
}

CSK_INLINE void begin_field(run *r, const csk_record_field *field)
{
    r->words = r->generator.start + field->base * r->gamma;
    if (field->domain > 0) {
        r->index = csk_permute(r->record, field->domain, field->key);
    }
}

CSK_INLINE unsigned char *put_digest(unsigned char *p, run *r)
{
    static const uint64_t key[2] = {0, 0};
    unsigned char *begin = r->hashed[--r->n_hashes];
    uint64_t digest[2];
    csk_siphash128(digest, begin, (size_t)(p - begin), key);
    return csk_put_hex(csk_put_hex(begin, digest[0], 16), digest[1], 16);
}

CSK_INLINE unsigned char *put_value(unsigned char *p, const csk_record_op *op, const run *r)
{
    switch (op->code) {
    case CSK_RECORD_INTEGER:
        return csk_put_signed(p, (int64_t)((uint64_t)op->low + pick(r, op)));
    case CSK_RECORD_DECIMAL:
        return csk_put_decimal(p, (int64_t)((uint64_t)op->low + pick(r, op)), op->n);
    case CSK_RECORD_SEQUENCE:
        return csk_put_signed(p, (int64_t)((uint64_t)op->low + op->range * r->record));
    case CSK_RECORD_DATE:
        return csk_put_date(p, op->low + (int64_t)pick(r, op));
    case CSK_RECORD_TIME:
        return csk_put_time(p, op->low + (int64_t)pick(r, op));
    case CSK_RECORD_UUID:
        return csk_put_uuid(p, word_of(r, op->word), word_of(r, op->word + 1));
    default: /* CSK_RECORD_HEX */
        return csk_put_hex(p, op->unique ? r->index : word_of(r, op->word) >> (64 - 4 * op->n),
                           op->n);
    }
}

/* Runs the program for one record; returns the place behind its text. */
CSK_INLINE unsigned char *put_record(unsigned char *p, const csk_record_program *program, run *r)
{
    const csk_record_op *op = program->ops;
    for (;;) {
        uint64_t word;
        switch (op->code) {
        case CSK_RECORD_END:
            return p;
        case CSK_RECORD_FIELD:
            begin_field(r, &program->fields[op->field]);
            break;
        case CSK_RECORD_TEXT:
            p = put_text(p, program->texts + op->text, op->length);
            break;
        case CSK_RECORD_PICK:
            p = put_pick(p, program, op, r);
            break;
        case CSK_RECORD_LIST:
            p = put_list(p, program, op, r);
            break;
        case CSK_RECORD_PATTERN:
            p = put_pattern(p, program, op, r);
            break;
        case CSK_RECORD_MAYBE:
            if (word_of(r, op->word) < op->range) {
                p = put_text(p, program->texts + op->text, op->length);
                op = program->ops + op->target;
                continue;
            }
            break;
        case CSK_RECORD_CHOOSE:
            word = word_of(r, op->word);
            op = program->ops + program->targets[(uint64_t)op->low + csk_pick(&word, op->range)];
            continue;
        case CSK_RECORD_JUMP:
            op = program->ops + op->target;
            continue;
        case CSK_RECORD_LOOP:
            r->left = op->count;
            break;
        case CSK_RECORD_NEXT:
            r->words += op->length * r->gamma;
            if (--r->left > 0) {
                op = program->ops + op->target;
                continue;
            }
            p -= op->n;
            break;
        case CSK_RECORD_HASH:
            r->hashed[r->n_hashes++] = p;
            break;
        case CSK_RECORD_DIGEST:
            p = put_digest(p, r);
            break;
        default:
            p = put_value(p, op, r);
        }
        op++;
    }
}

CSK_CLONES size_t csk_record_range(unsigned char *out, const csk_record_program *program,
                                   const csk_record_rows *rows, uint64_t first, uint64_t count)
{
    unsigned char *p = out;
    for (uint64_t i = 0; i < count; i++) {
        run r = {.record = first + i};
        if (rows != NULL && rows->population > 0) {
            r.record = csk_permute(r.record % rows->population, rows->population, rows->key);
        }
        r.generator = csk_record_generator_of(program->seed, r.record);
        r.gamma = r.generator.gamma;
        p = put_record(p, program, &r);
    }
    return (size_t)(p - out);
}

void csk_record_parts(csk_record_part *parts, int n, const csk_record_program *program,
                      const csk_record_rows *rows, int n_threads)
{
#pragma omp parallel for schedule(dynamic, 1) num_threads(n_threads)
    for (int i = 0; i < n; i++) {
        parts[i].size =
            csk_record_range(parts[i].out, program, rows, parts[i].first, parts[i].count);
    }
}
