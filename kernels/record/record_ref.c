/* SPDX-License-Identifier: MIT */
/* The oracle: the same operations one byte at a time, numbers by the C library, days by counting.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "kernels/record/bits.h"
#include "kernels/record/record.h"
#include "kernels/record/siphash.h"

typedef struct {
    const csk_record_program *program;
    csk_record_generator generator;
    uint64_t base;  /* of the field's words, and of the loop's items */
    uint64_t index; /* unique fields */
    uint64_t record;
    unsigned char *out;
    size_t size;
    size_t hashed[CSK_RECORD_MAX_HASHES];
    uint32_t n_hashes;
    uint32_t left;
} state;

static uint64_t word(const state *s, uint64_t w)
{
    return csk_mix(s->generator.start + (s->base + w) * s->generator.gamma);
}

static uint64_t pick(const state *s, const csk_record_op *op)
{
    if (op->unique) {
        return s->index;
    }
    const uint64_t w = word(s, op->word);
    return op->range == 0 ? w : (uint64_t)((csk_u128)w * op->range >> 64);
}

static void put(state *s, const void *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        s->out[s->size++] = ((const unsigned char *)text)[i];
    }
}

static void put_string(state *s, const char *text)
{
    put(s, text, strlen(text));
}

static void put_entry(state *s, uint32_t index, uint64_t i)
{
    const csk_record_table *table = &s->program->tables[index];
    const unsigned char *slot = table->slots + i * table->width;
    put(s, slot, slot[table->width - 1]);
}

static void put_picks(state *s, const csk_record_op *op, uint64_t w)
{
    for (uint32_t i = 0; i < op->n; i++) {
        const csk_u128 product = (csk_u128)w * s->program->tables[op->table[i]].n;
        put_entry(s, op->table[i], op->unique ? s->index : (uint64_t)(product >> 64));
        w = (uint64_t)product;
    }
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static void put_date(state *s, int64_t days)
{
    static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    char text[64];
    int64_t year = 1970;
    int month = 0;
    for (; days < 0; year--) {
        days += is_leap(year - 1) ? 366 : 365;
    }
    for (; days >= (is_leap(year) ? 366 : 365); year++) {
        days -= is_leap(year) ? 366 : 365;
    }
    for (int length = 31; days >= length; length = lengths[month] + (month == 1 && is_leap(year))) {
        days -= length;
        month++;
    }
    snprintf(text, sizeof text, "%04lld-%02d-%02d", (long long)year, month + 1, (int)days + 1);
    put_string(s, text);
}

static void put_time(state *s, int64_t seconds)
{
    char text[32];
    const int64_t days = (seconds - (seconds % 86400 + 86400) % 86400) / 86400;
    const int in_day = (int)(seconds - days * 86400);
    put_date(s, days);
    snprintf(text, sizeof text, "T%02d:%02d:%02dZ", in_day / 3600, in_day / 60 % 60, in_day % 60);
    put_string(s, text);
}

static void put_decimal(state *s, int64_t value, int digits)
{
    char text[64], all[64];
    const unsigned long long size =
        value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value;
    const int n = snprintf(all, sizeof all, "%0*llu", digits + 1, size);
    if (digits == 0) {
        snprintf(text, sizeof text, "%s%s", value < 0 ? "-" : "", all);
    } else {
        snprintf(text, sizeof text, "%s%.*s.%s", value < 0 ? "-" : "", n - digits, all,
                 all + n - digits);
    }
    put_string(s, text);
}

static void put_uuid(state *s, const csk_record_op *op)
{
    char text[40];
    const unsigned long long a = word(s, op->word);
    const unsigned long long b = word(s, op->word + 1);
    snprintf(text, sizeof text, "%08llx-%04llx-4%03llx-%04llx-%012llx", a >> 32, a >> 16 & 0xffff,
             a & 0xfff, (b >> 48 & 0x3fff) | 0x8000, b & 0xffffffffffff);
    put_string(s, text);
}

static void put_hex(state *s, const csk_record_op *op)
{
    char text[32];
    const uint64_t value = op->unique ? s->index : word(s, op->word) >> (64 - 4 * op->n);
    snprintf(text, sizeof text, "%0*llx", op->n, (unsigned long long)value);
    put_string(s, text);
}

static void put_pattern(state *s, const csk_record_op *op)
{
    static const char first[] = {'0', 'A', 'a'};
    uint64_t index = s->index;
    csk_u128 fraction = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < op->length; i++) {
        unsigned char c = s->program->texts[op->text + i];
        const char *kind = c != 0 ? strchr("#?~", c) : NULL;
        if (kind != NULL) {
            const uint64_t range = c == '#' ? 10 : 26;
            fraction = n % 12 == 0 ? word(s, op->word + n / 12) : (uint64_t)fraction;
            fraction *= range;
            const uint64_t digit = op->unique ? index % range : (uint64_t)(fraction >> 64);
            index /= range;
            n++;
            c = (unsigned char)((uint64_t)first[kind - "#?~"] + digit);
        } else if (c == 1) {
            c = s->program->texts[op->text + ++i];
        }
        put(s, &c, 1);
    }
}

static void put_digest(state *s)
{
    static const uint64_t key[2] = {0, 0};
    char text[40];
    uint64_t digest[2];
    const size_t begin = s->hashed[--s->n_hashes];
    csk_siphash128(digest, s->out + begin, s->size - begin, key);
    s->size = begin;
    snprintf(text, sizeof text, "%016llx%016llx", (unsigned long long)digest[0],
             (unsigned long long)digest[1]);
    put_string(s, text);
}

static void put_list(state *s, const csk_record_op *op)
{
    for (uint32_t i = 0; i < op->count; i++) {
        put_picks(s, op, word(s, op->word + i));
    }
    s->size--;
}

static void put_value(state *s, const csk_record_op *op)
{
    char text[32];
    switch (op->code) {
    case CSK_RECORD_TEXT:
        put(s, s->program->texts + op->text, op->length);
        break;
    case CSK_RECORD_PICK:
        put_picks(s, op, word(s, op->word));
        break;
    case CSK_RECORD_LIST:
        put_list(s, op);
        break;
    case CSK_RECORD_INTEGER:
        snprintf(text, sizeof text, "%lld", (long long)((uint64_t)op->low + pick(s, op)));
        put_string(s, text);
        break;
    case CSK_RECORD_DECIMAL:
        put_decimal(s, (int64_t)((uint64_t)op->low + pick(s, op)), op->n);
        break;
    case CSK_RECORD_SEQUENCE:
        snprintf(text, sizeof text, "%lld", (long long)((uint64_t)op->low + op->range * s->record));
        put_string(s, text);
        break;
    case CSK_RECORD_DATE:
        put_date(s, op->low + (int64_t)pick(s, op));
        break;
    case CSK_RECORD_TIME:
        put_time(s, op->low + (int64_t)pick(s, op));
        break;
    case CSK_RECORD_UUID:
        put_uuid(s, op);
        break;
    case CSK_RECORD_HEX:
        put_hex(s, op);
        break;
    case CSK_RECORD_PATTERN:
        put_pattern(s, op);
        break;
    default:
        break;
    }
}

/* What an op does to the order of ops; the index of the next one. */
static uint32_t step(state *s, uint32_t at)
{
    const csk_record_op *op = &s->program->ops[at];
    const csk_record_field *field = &s->program->fields[op->field];
    switch (op->code) {
    case CSK_RECORD_FIELD:
        s->base = field->base;
        s->index = field->domain > 0 ? csk_permute(s->record, field->domain, field->key) : 0;
        return at + 1;
    case CSK_RECORD_MAYBE:
        if (word(s, op->word) >= op->range) {
            return at + 1;
        }
        put(s, s->program->texts + op->text, op->length);
        return op->target;
    case CSK_RECORD_CHOOSE:
        return s->program->targets[(uint64_t)op->low + pick(s, op)];
    case CSK_RECORD_JUMP:
        return op->target;
    case CSK_RECORD_LOOP:
        s->left = op->count;
        return at + 1;
    case CSK_RECORD_NEXT:
        s->base += op->length;
        if (--s->left > 0) {
            return op->target;
        }
        s->size -= op->n;
        return at + 1;
    case CSK_RECORD_HASH:
        s->hashed[s->n_hashes++] = s->size;
        return at + 1;
    case CSK_RECORD_DIGEST:
        put_digest(s);
        return at + 1;
    default:
        put_value(s, op);
        return at + 1;
    }
}

size_t csk_record_range_ref(unsigned char *out, const csk_record_program *program,
                            const csk_record_rows *rows, uint64_t first, uint64_t count)
{
    state s = {.program = program, .out = out};
    for (uint64_t row = first; row < first + count; row++) {
        s.record = row;
        if (rows != NULL && rows->population > 0) {
            s.record = csk_permute(row % rows->population, rows->population, rows->key);
        }
        s.generator = csk_record_generator_of(program->seed, s.record);
        uint32_t at = 0;
        while (program->ops[at].code != CSK_RECORD_END) {
            at = step(&s, at);
        }
    }
    return s.size;
}
