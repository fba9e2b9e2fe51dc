/* SPDX-License-Identifier: MIT */
/**
 * Fake records: a program of a few operations, run once for every record, that writes text.
 *
 * A program is compiled from a schema (src/record/compile.h). Texts are prefabricated: a table's
 * entries already have their quotes, escapes and separators around them and stand in slots of one
 * width, which are copied whole, whatever their length; the next text overwrites what was too much.
 *
 * Every value is a function of seed, record number and field: word w of field f of a record is
 * mix(start + (base_f + w) gamma), see bits.h. So any range of records can be made alone, by
 * anyone.
 *
 * All functions are thread-safe, never fail and allocate nothing.
 */
#ifndef CSK_RECORD_RECORD_H
#define CSK_RECORD_RECORD_H

#include <stddef.h>
#include <stdint.h>

/** Bytes behind a buffer's end that wide copies may touch. */
enum { CSK_RECORD_SLACK = 320 };

/** Texts of one pick in slots: text, then anything, and in the slot's last byte its length. */
typedef struct {
    const unsigned char *slots; /* n x width bytes */
    uint64_t n;                 /* entries, >= 1 */
    uint32_t width;             /* 16, 32, 64 or 256 bytes; texts are shorter */
    uint32_t max;               /* bytes of the longest text */
} csk_record_table;

enum { CSK_RECORD_MAX_TABLES = 4 }; /* in one pick */

typedef enum {
    CSK_RECORD_END,      /* of the record */
    CSK_RECORD_FIELD,    /* from now on words and index are those of `field` */
    CSK_RECORD_TEXT,     /* the same bytes in every record */
    CSK_RECORD_PICK,     /* an entry of each of `n` tables, all by one word */
    CSK_RECORD_LIST,     /* the same `count` times, a word each; without its last byte */
    CSK_RECORD_INTEGER,  /* low + one of `range` */
    CSK_RECORD_DECIMAL,  /* the same with `n` digits behind the point */
    CSK_RECORD_SEQUENCE, /* low + range x record, modulo 2^64 */
    CSK_RECORD_DATE,     /* days since 1970-01-01: low + one of `range`, as YYYY-MM-DD */
    CSK_RECORD_TIME,     /* seconds, likewise, as YYYY-MM-DDTHH:MM:SSZ */
    CSK_RECORD_UUID,     /* version 4, by two words */
    CSK_RECORD_HEX,      /* `n` digits, at most 16 */
    CSK_RECORD_PATTERN,  /* `text` of which # is a digit, ? a capital, ~ a small letter, a byte
                            1 the next one as it is; a word for every twelve of them */
    CSK_RECORD_MAYBE,    /* `text` with probability range / 2^64, and on with op `target` */
    CSK_RECORD_CHOOSE,   /* on with one of `range` ops: that in targets[low + choice] */
    CSK_RECORD_JUMP,     /* on with op `target` */
    CSK_RECORD_LOOP,     /* what follows up to NEXT, `count` times, >= 1 */
    CSK_RECORD_NEXT,     /* the end of it: words and loop on; then less `n` bytes */
    CSK_RECORD_HASH,     /* what follows up to DIGEST is not written ... */
    CSK_RECORD_DIGEST,   /* ... but hashed: 32 hexadecimal digits */
} csk_record_code;

enum { CSK_RECORD_MAX_HASHES = 8 }; /* hashes of hashes of .. */

typedef struct {
    uint8_t code;    /* csk_record_code */
    uint8_t n;       /* see there */
    uint8_t unique;  /* 1: picks by the field's permutation of record numbers */
    uint8_t wide;    /* 1: a table is wider than 16 bytes */
    uint32_t word;   /* first of the field's (item's) words that this op uses */
    uint32_t target; /* op */
    uint32_t count;  /* items */
    uint32_t field;  /* index of fields */
    uint32_t text;   /* offset in texts */
    uint32_t length; /* bytes of that text; LOOP, NEXT: words of an item */
    uint32_t table[CSK_RECORD_MAX_TABLES]; /* indices of tables */
    int64_t low;
    uint64_t range; /* 0: 2^64 */
} csk_record_op;

typedef struct {
    uint64_t base;   /* of its words, from its name */
    uint64_t domain; /* unique: the permutation is of 0..domain-1; else 0 */
    uint64_t key;    /* of the permutation */
} csk_record_field;

typedef struct {
    const csk_record_op *ops; /* ends with END */
    const csk_record_field *fields;
    const csk_record_table *tables;
    const uint32_t *targets;
    const unsigned char *texts; /* 32 bytes more than there are texts */
    size_t max_bytes;           /* that a record, and what is hashed on the way, can have */
    uint64_t seed;
} csk_record_program;

/** Rows of a table that is a sample of a population: row r is record permute(r modulo size). */
typedef struct {
    uint64_t population; /* 0: row r is record r */
    uint64_t key;        /* of the table */
} csk_record_rows;

/**
 * Writes the records of rows first .. first + count - 1, one behind the other.
 *
 * @param out  [out] count x max_bytes + CSK_RECORD_SLACK bytes
 * @param rows [in]  NULL: row r is record r
 * @return the number of bytes written
 */
size_t csk_record_range(unsigned char *out, const csk_record_program *program,
                        const csk_record_rows *rows, uint64_t first, uint64_t count);

/** The same, byte by byte and digit by digit: the oracle of the tests. */
size_t csk_record_range_ref(unsigned char *out, const csk_record_program *program,
                            const csk_record_rows *rows, uint64_t first, uint64_t count);

/** A part of the records and the memory for its text. */
typedef struct {
    unsigned char *out; /* count x max_bytes + CSK_RECORD_SLACK bytes */
    size_t size;        /* bytes written */
    uint64_t first, count;
} csk_record_part;

/** Writes n parts; an OpenMP team shares them. */
void csk_record_parts(csk_record_part *parts, int n, const csk_record_program *program,
                      const csk_record_rows *rows, int n_threads);

#endif
