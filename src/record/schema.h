/* SPDX-License-Identifier: MIT */
/**
 * A schema of records: XML to checked fields and tables. docs/fakegen.md describes the elements.
 */
#ifndef CS_RECORD_SCHEMA_H
#define CS_RECORD_SCHEMA_H

#include <stdint.h>

#include "record/providers.h"

enum { CS_RECORD_MAX_FIELDS = 1000, CS_RECORD_MAX_COUNT = 10000, CS_RECORD_MAX_TABLES = 10000 };

/** Of a schema that is part of the program. */
extern const char cs_record_movies_text[];
extern const char cs_record_persons_text[];

typedef enum { CS_FIELD_VALUE, CS_FIELD_SEQUENCE, CS_FIELD_HASH } cs_field_kind;

typedef struct {
    const cs_xml_element *element;
    const char *name;
    cs_field_kind kind;
    cs_value value;      /* CS_FIELD_VALUE */
    size_t count;        /* of items in a list; 0: no list */
    uint64_t null;       /* the share of nulls x 2^64 */
    uint64_t domain;     /* unique: of how many values; else 0 */
    int64_t start, step; /* CS_FIELD_SEQUENCE */
    size_t *of;          /* CS_FIELD_HASH: [n_of] indices of fields */
    size_t n_of;
} cs_field;

/** Rows of a table: a sample of the population, each member as often as any other. */
typedef struct {
    const char *name;
    uint64_t count;
    size_t line;
} cs_record_sample;

typedef struct {
    cs_xml *xml; /* that names point into */
    cs_provider_context context;
    const char *name; /* of the records: "movies" */
    cs_field *fields; /* [n_fields] in the order of the output */
    size_t n_fields;
    uint64_t population;      /* 0: no tables */
    cs_record_sample *tables; /* [n_tables] */
    size_t n_tables;
} cs_record_schema;

/**
 * Reads and checks a schema.
 *
 * @param schema [out] released by cs_record_schema_free, also after a failure
 * @param path   [in]  names it in messages, and its folder is that of files it names; not copied
 * @param folder [in]  of word lists that replace ours; NULL: none; not copied
 * Errors: CS_DATA as "path:line: ..."; CS_IO for the folder; CS_MEMORY.
 */
cs_status cs_record_schema_parse(cs_record_schema *schema, const char *text, size_t size,
                                 const char *path, const char *folder, cs_error *err);

void cs_record_schema_free(cs_record_schema *schema);

#endif
