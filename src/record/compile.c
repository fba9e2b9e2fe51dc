/* SPDX-License-Identifier: MIT */
#include "record/compile.h"

#include <string.h>

#include "kernels/record/bits.h"

/* Between the texts that a hash is made of: no text contains it. */
#define HASH_SEPARATOR "\x1f"

/* How a field's value is written. */
typedef struct {
    cs_record_format format;
    cs_escape escape;
    const char *quote;                    /* around texts, or around the whole CSV value */
    bool quote_items;                     /* JSON: around each item of a list */
    const char *open, *close, *separator; /* of lists */
    const char *null;
} style;

static const style JSON_TEXT = {
    CS_RECORD_NDJSON, CS_ESCAPE_JSON, "\"", true, "[", "]", ",", "null"};
static const style JSON_BARE = {CS_RECORD_NDJSON, CS_ESCAPE_JSON, "", true, "[", "]", ",", "null"};
static const style CSV_PLAIN = {CS_RECORD_CSV, CS_ESCAPE_NONE, "", false, "", "", ";", ""};
static const style CSV_QUOTED = {CS_RECORD_CSV, CS_ESCAPE_CSV, "\"", false, "", "", ";", ""};

typedef struct {
    cs_builder builder;
    const cs_record_schema *schema;
    uint64_t seed;
} compiler;

/* FNV-1a, mixed: where a field's random words begin, from its name. */
static uint64_t hash_name(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name != '\0'; name++) {
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    }
    return csk_mix(hash);
}

uint64_t cs_record_sample_key(uint64_t seed, const char *table)
{
    return csk_mix(csk_mix(seed) + hash_name(table));
}

static cs_status put_text(compiler *c, const char *text, cs_error *err)
{
    return cs_builder_text(&c->builder, text, strlen(text), CS_ESCAPE_NONE, err);
}

/* ---- pieces ---- */

/* A pattern with what the format must escape, where that is no place for a digit or letter. */
static cs_status put_pattern(compiler *c, const cs_piece *piece, cs_escape escape,
                             csk_record_op *op, cs_error *err)
{
    cs_bytes text = {0};
    cs_status status = CS_OK;
    uint32_t n_places = 0;
    for (size_t i = 0; i < piece->length; i++) {
        const bool literal = piece->text[i] == 1;
        i += literal;
        const bool is_place = strchr("#?~", piece->text[i]) != NULL;
        n_places += is_place && !literal;
        if (is_place && literal) {
            CS_CHECK(cs_bytes_append(&text, "\1", 1, err));
        }
        CS_CHECK(cs_escape_text(&text, &piece->text[i], 1, escape, err));
    }
    CS_CHECK(cs_builder_keep(&c->builder, &op->text, (const char *)text.data, text.size, err));
    op->length = (uint32_t)text.size;
    op->word = c->builder.word;
    c->builder.word += n_places / 12 + 1;
    CS_CHECK(cs_builder_op(&c->builder, op, err));
release:
    cs_bytes_free(&text);
    return status;
}

static cs_status put_piece(compiler *c, const cs_field *field, const cs_piece *piece,
                           cs_escape escape, cs_error *err)
{
    const bool unique = field->domain > 0;
    if (piece->kind == CS_PIECE_TEXT) {
        return cs_builder_text(&c->builder, piece->text, piece->length, escape, err);
    }
    if (piece->kind == CS_PIECE_WORD) {
        return cs_builder_word(&c->builder, piece->list, escape, unique, err);
    }
    csk_record_op op = piece->op;
    op.unique = unique;
    if (op.code == CSK_RECORD_PATTERN) {
        return put_pattern(c, piece, escape, &op, err);
    }
    op.word = c->builder.word;
    c->builder.word += op.code == CSK_RECORD_UUID ? 2 : 1;
    return cs_builder_op(&c->builder, &op, err);
}

static cs_status put_sequence(compiler *c, const cs_field *field, const cs_sequence *sequence,
                              cs_escape escape, cs_error *err)
{
    for (size_t i = 0; i < sequence->n; i++) {
        CS_TRY(put_piece(c, field, &sequence->pieces[i], escape, err));
    }
    return CS_OK;
}

/* Alternatives: a jump to one, and from each a jump behind them all. */
static cs_status put_alternatives(compiler *c, const cs_field *field, cs_escape escape,
                                  cs_error *err)
{
    const cs_value *value = &field->value;
    cs_builder *b = &c->builder;
    uint32_t jumps[CS_VALUE_MAX_ALTERNATIVES], end;
    const size_t first = b->targets.size / sizeof(uint32_t);
    csk_record_op choose = {
        .code = CSK_RECORD_CHOOSE, .low = (int64_t)first, .range = value->n, .word = b->word++};
    CS_TRY(cs_builder_op(b, &choose, err));
    for (size_t i = 0; i < value->n; i++) {
        uint32_t begin;
        CS_TRY(cs_builder_label(b, &begin, err));
        CS_TRY(cs_bytes_append(&b->targets, &begin, sizeof begin, err));
        CS_TRY(put_sequence(c, field, &value->alternatives[i], escape, err));
        CS_TRY(cs_builder_label(b, &jumps[i], err));
        CS_TRY(cs_builder_op(b, &(csk_record_op){.code = CSK_RECORD_JUMP}, err));
    }
    CS_TRY(cs_builder_label(b, &end, err));
    for (size_t i = 0; i < value->n; i++) {
        cs_builder_aim(b, jumps[i], end);
    }
    return CS_OK;
}

static cs_status put_one(compiler *c, const cs_field *field, cs_escape escape, cs_error *err)
{
    return field->value.n == 1 ? put_sequence(c, field, &field->value.alternatives[0], escape, err)
                               : put_alternatives(c, field, escape, err);
}

/* ---- fields ---- */

static cs_status put_list(compiler *c, const cs_field *field, const style *s, cs_error *err)
{
    uint32_t loop;
    CS_TRY(put_text(c, s->open, err));
    CS_TRY(cs_builder_label(&c->builder, &loop, err));
    CS_TRY(cs_builder_op(&c->builder, &(csk_record_op){.code = CSK_RECORD_LOOP}, err));
    const uint32_t first_word = c->builder.word;
    CS_TRY(put_text(c, s->quote_items ? s->quote : "", err));
    CS_TRY(put_one(c, field, s->escape, err));
    CS_TRY(put_text(c, s->quote_items ? s->quote : "", err));
    CS_TRY(put_text(c, s->separator, err));
    CS_TRY(cs_builder_next(&c->builder, loop, first_word, (uint32_t)field->count, err));
    return put_text(c, s->close, err);
}

static cs_status put_hash(compiler *c, const cs_field *field, cs_error *err);

/* The value of a field without null, as text. */
static cs_status put_value(compiler *c, const cs_field *field, const style *s, cs_error *err)
{
    const bool list = field->count > 0;
    const char *quote = list && s->quote_items ? "" : s->quote;
    CS_TRY(put_text(c, quote, err));
    switch (field->kind) {
    case CS_FIELD_VALUE:
        CS_TRY(list ? put_list(c, field, s, err) : put_one(c, field, s->escape, err));
        break;
    case CS_FIELD_SEQUENCE:
        CS_TRY(cs_builder_op(&c->builder,
                             &(csk_record_op){.code = CSK_RECORD_SEQUENCE,
                                              .low = field->start,
                                              .range = (uint64_t)field->step},
                             err));
        break;
    case CS_FIELD_HASH:
        CS_TRY(put_hash(c, field, err));
    }
    return put_text(c, quote, err);
}

static cs_status put_field(compiler *c, const cs_field *field, const style *s, cs_error *err)
{
    const uint64_t base = hash_name(field->name);
    const csk_record_field about = {
        .base = base, .domain = field->domain, .key = csk_mix(csk_mix(c->seed) ^ base)};
    csk_record_op maybe = {.code = CSK_RECORD_MAYBE, .range = field->null};
    uint32_t op, end;
    CS_TRY(cs_builder_field(&c->builder, &about, err));
    if (field->null == 0) {
        return put_value(c, field, s, err);
    }
    maybe.word = c->builder.word++;
    maybe.length = (uint32_t)strlen(s->null);
    CS_TRY(cs_builder_keep(&c->builder, &maybe.text, s->null, maybe.length, err));
    CS_TRY(cs_builder_label(&c->builder, &op, err));
    CS_TRY(cs_builder_op(&c->builder, &maybe, err));
    CS_TRY(put_value(c, field, s, err));
    CS_TRY(cs_builder_label(&c->builder, &end, err));
    cs_builder_aim(&c->builder, op, end);
    return CS_OK;
}

/* The kernel writes what is hashed, and then the digest over it. The schema's check of circles
 * bounds how deep this calls itself (CSK_RECORD_MAX_HASHES). */
static cs_status put_hash(compiler *c, const cs_field *field, cs_error *err)
{
    CS_TRY(cs_builder_op(&c->builder, &(csk_record_op){.code = CSK_RECORD_HASH}, err));
    for (size_t i = 0; i < field->n_of; i++) {
        CS_TRY(put_text(c, i > 0 ? HASH_SEPARATOR : "", err));
        CS_TRY(put_field(c, &c->schema->fields[field->of[i]], &CSV_PLAIN, err));
    }
    return cs_builder_op(&c->builder, &(csk_record_op){.code = CSK_RECORD_DIGEST}, err);
}

/* Whether a CSV reader could mistake a part of a value for the format. */
static bool is_special(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (memchr("\",;\r\n", text[i], 5) != NULL) {
            return true;
        }
    }
    return false;
}

static bool piece_is_special(const cs_piece *piece)
{
    bool special = piece->text != NULL && is_special(piece->text, piece->length);
    for (size_t i = 0; piece->list != NULL && i < piece->list->n && !special; i++) {
        special = is_special(piece->list->words[i].text, piece->list->words[i].length);
    }
    return special;
}

static const style *style_of(const cs_field *field, cs_record_format format)
{
    if (format == CS_RECORD_NDJSON) {
        const bool bare = field->kind == CS_FIELD_SEQUENCE || field->value.bare;
        return bare ? &JSON_BARE : &JSON_TEXT;
    }
    for (size_t i = 0; i < field->value.n; i++) {
        for (size_t k = 0; k < field->value.alternatives[i].n; k++) {
            if (piece_is_special(&field->value.alternatives[i].pieces[k])) {
                return &CSV_QUOTED;
            }
        }
    }
    return &CSV_PLAIN;
}

static cs_status put_record(compiler *c, cs_record_format format, cs_error *err)
{
    const bool json = format == CS_RECORD_NDJSON;
    for (size_t i = 0; i < c->schema->n_fields; i++) {
        const cs_field *field = &c->schema->fields[i];
        CS_TRY(put_text(c, i > 0 ? "," : json ? "{" : "", err));
        if (json) {
            CS_TRY(put_text(c, "\"", err));
            CS_TRY(cs_builder_text(&c->builder, field->name, strlen(field->name), CS_ESCAPE_JSON,
                                   err));
            CS_TRY(put_text(c, "\":", err));
        }
        CS_TRY(put_field(c, field, style_of(field, format), err));
    }
    return put_text(c, json ? "}\n" : "\n", err);
}

cs_status cs_record_compile(cs_record_code *code, const cs_record_schema *schema,
                            cs_record_format format, uint64_t seed, cs_error *err)
{
    compiler c = {.builder = {.last_pick = -1}, .schema = schema, .seed = seed};
    cs_error reason = {0};
    *code = (cs_record_code){0};
    cs_status status = put_record(&c, format, &reason);
    if (status == CS_OK) {
        status = cs_builder_finish(code, &c.builder, seed, &reason);
    }
    cs_builder_free(&c.builder);
    if (status == CS_DATA) {
        return cs_provider_refuse(&schema->context, cs_xml_root(schema->xml), err, "%.800s",
                                  reason.message);
    }
    return status == CS_OK ? CS_OK : cs_fail(err, status, "%s", reason.message);
}

cs_status cs_record_header(cs_bytes *out, const cs_record_schema *schema, cs_error *err)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        const char *name = schema->fields[i].name;
        const bool quoted = is_special(name, strlen(name));
        CS_TRY(cs_bytes_append(out, ",\"", i > 0 ? 1 : 0, err));
        CS_TRY(cs_bytes_append(out, "\"", quoted, err));
        CS_TRY(
            cs_escape_text(out, name, strlen(name), quoted ? CS_ESCAPE_CSV : CS_ESCAPE_NONE, err));
        CS_TRY(cs_bytes_append(out, "\"", quoted, err));
    }
    return cs_bytes_append(out, "\n", 1, err);
}

cs_status cs_record_check_unique(const cs_record_schema *schema, uint64_t end, cs_error *err)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        const cs_field *field = &schema->fields[i];
        if (schema->population == 0 && field->domain > 0 && field->domain < end) {
            return cs_provider_refuse(&schema->context, field->element, err,
                                      "unique: there are %llu values for %llu records",
                                      (unsigned long long)field->domain, (unsigned long long)end);
        }
    }
    return CS_OK;
}

/* Whether start + step x last is a number of 64 bits. */
static bool reaches(int64_t start, int64_t step, uint64_t last)
{
    const uint64_t room =
        step < 0 ? (uint64_t)start - (uint64_t)INT64_MIN : (uint64_t)INT64_MAX - (uint64_t)start;
    const uint64_t stride = step < 0 ? 0 - (uint64_t)step : (uint64_t)step;
    return stride == 0 || last <= room / stride;
}

cs_status cs_record_check_sequences(const cs_record_schema *schema, uint64_t end, cs_error *err)
{
    const uint64_t n = schema->population > 0 ? schema->population : end;
    for (size_t i = 0; i < schema->n_fields; i++) {
        const cs_field *field = &schema->fields[i];
        if (field->kind == CS_FIELD_SEQUENCE && n > 0 &&
            !reaches(field->start, field->step, n - 1)) {
            return cs_provider_refuse(&schema->context, field->element, err,
                                      "start=\"%lld\" step=\"%lld\": leaves 64 bits before %llu "
                                      "records are made",
                                      (long long)field->start, (long long)field->step,
                                      (unsigned long long)n);
        }
    }
    return CS_OK;
}
