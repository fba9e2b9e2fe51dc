/* SPDX-License-Identifier: MIT */
/**
 * From a schema to the kernel's program that writes its records in a format.
 */
#ifndef CS_RECORD_COMPILE_H
#define CS_RECORD_COMPILE_H

#include "record/builder.h"
#include "record/schema.h"

typedef enum {
    CS_RECORD_NDJSON, /* a JSON object a line, no blanks between its parts */
    CS_RECORD_CSV,    /* RFC 4180 with \n; the items of a list with ; between them */
} cs_record_format;

/**
 * Compiles.
 *
 * @param code [out] released by cs_record_code_free, also after a failure; independent of `schema`
 * Errors: CS_DATA as "path:line: ..." for a record that is too long; CS_MEMORY.
 */
cs_status cs_record_compile(cs_record_code *code, const cs_record_schema *schema,
                            cs_record_format format, uint64_t seed, cs_error *err);

/** The first line of a CSV file, with its newline; appended. Errors: CS_MEMORY. */
cs_status cs_record_header(cs_bytes *out, const cs_record_schema *schema, cs_error *err);

/** Key of a table's sample: a function of seed and name. */
uint64_t cs_record_sample_key(uint64_t seed, const char *table);

/**
 * Refuses records that a unique field has no values for.
 *
 * @param end [in] no record has a number from here on
 * Errors: CS_DATA as "path:line: ...".
 */
cs_status cs_record_check_unique(const cs_record_schema *schema, uint64_t end, cs_error *err);

/**
 * Refuses sequences that leave 64 bits before their last record: of the population, if there is
 * one.
 *
 * @param end [in] as above
 * Errors: CS_DATA as "path:line: ...".
 */
cs_status cs_record_check_sequences(const cs_record_schema *schema, uint64_t end, cs_error *err);

#endif
