/* SPDX-License-Identifier: MIT */
/**
 * What a run of fakegen will write: the compiled schema, and the files that a rank takes part in.
 */
#ifndef CS_JOB_FAKEGEN_PLAN_H
#define CS_JOB_FAKEGEN_PLAN_H

#include "job/fakegen.h"
#include "record/compile.h"

/** What kind of thing the output is. */
typedef enum {
    CS_FAKEGEN_FILES,   /* regular files: written at places, as NAME.part, renamed at the end */
    CS_FAKEGEN_NOWHERE, /* /dev/null: nothing has a place */
    CS_FAKEGEN_STREAM,  /* a pipe or a terminal: one writer, in order */
} cs_fakegen_target;

/** A file, and the chunks it is made in: chunk c has rows first + c x chunk_rows .. */
typedef struct {
    char *path;
    char *part_path; /* what is written; the same where nothing is renamed */
    csk_record_rows rows;
    uint64_t first, count; /* rows */
    uint64_t n_chunks;     /* >= 1, also of an empty file */
} cs_fakegen_file;

typedef struct {
    cs_bytes text; /* of the schema; terminated */
    cs_record_schema schema;
    cs_record_code code;
    cs_record_format format;
    cs_bytes header; /* first bytes of every file; may be empty */
    int gzip;        /* level; 0: not packed */
    cs_fakegen_target target;
    bool shared;            /* all ranks take part in each file, in turns; else each has its own */
    uint64_t chunk_rows;    /* >= 1 */
    size_t max_chunk_bytes; /* room for a chunk's text with its header */
    cs_fakegen_file *files; /* [n_files] of this rank */
    size_t n_files;
    uint64_t n_all_files; /* of all ranks */
    uint64_t n_records;   /* of all ranks */
} cs_fakegen_plan;

/**
 * Plans. Collective; the same status on all ranks.
 *
 * @param plan [out] released by cs_fakegen_plan_free, also after a failure
 * Errors: CS_USAGE, CS_DATA, CS_IO, CS_MEMORY.
 */
cs_status cs_fakegen_plan_make(cs_fakegen_plan *plan, const cs_fakegen_options *options,
                               cs_comm *comm, cs_error *err);

void cs_fakegen_plan_free(cs_fakegen_plan *plan);

/** Whether a schema is part of the program, and no file. Thread-safe. */
bool cs_fakegen_is_own_schema(const char *name);

/** Rows of chunk c of a file. */
uint64_t cs_fakegen_chunk_count(const cs_fakegen_plan *plan, const cs_fakegen_file *file,
                                uint64_t c);

/**
 * Writes a chunk's text, its header first if it is a file's first. Thread-safe.
 *
 * @param out [out] max_chunk_bytes
 * @return bytes
 */
size_t cs_fakegen_chunk_write(unsigned char *out, const cs_fakegen_plan *plan,
                              const cs_fakegen_file *file, uint64_t c);

#endif
