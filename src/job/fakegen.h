/* SPDX-License-Identifier: MIT */
/**
 * Makes files of fake records from a schema, on all ranks and threads.
 *
 * Every value is a function of seed, record number and field, so the bytes of an output do not
 * depend on who made which part of it. Records are made in chunks by all threads of all ranks. A
 * chunk's place in its file is known once those before it are made: it is handed on from one to the
 * next (fakegen_team.h), and each rank writes its own chunks. What cannot be written at a place,
 * pipes and terminals, goes through rank 0 (fakegen_stream.h).
 */
#ifndef CS_JOB_FAKEGEN_H
#define CS_JOB_FAKEGEN_H

#include "job/session.h"

typedef enum {
    CS_FAKEGEN_WHOLE,    /* one file (for each table) */
    CS_FAKEGEN_PER_RANK, /* NAME_0.ndjson, NAME_1.ndjson, ..: one for each rank */
    CS_FAKEGEN_SPLIT,    /* likewise, one for every so many records */
} cs_fakegen_layout;

typedef struct {
    const char *schema; /* "movies", "persons" or a path */
    const char *output; /* "-": stdout */
    const char *words;  /* folder of word lists; NULL: our own */
    uint64_t count;     /* records, unless the schema has tables */
    uint64_t start;     /* number of the first one */
    uint64_t seed;
    cs_fakegen_layout layout;
    uint64_t split;                      /* records of a file, >= 1; CS_FAKEGEN_SPLIT */
    const char *format;                  /* "ndjson", "csv"; NULL: by the output's name */
    int gzip;                            /* level, 1 to 12; 0: not packed */
    bool has_count, has_start, per_rank; /* whether these options were given */
    bool no_header;                      /* CSV */
} cs_fakegen_options;

/** What was made, all ranks together. */
typedef struct {
    uint64_t n_records;
    uint64_t n_bytes; /* written */
    uint64_t n_files;
    double seconds;
} cs_fakegen_counts;

/**
 * Makes the files. Collective; the same status and record on all ranks.
 *
 * Files get their names when all of them are complete; after a failure there is none. A reader that
 * closes the pipe we write to ends the run without an error.
 * @param counts [out] on rank 0
 * Errors: CS_USAGE for options that do not fit; CS_DATA for a bad schema or word list, with its
 * line; CS_INTERRUPTED if it was wished to stop (base/stop.h); CS_IO, CS_MEMORY.
 */
cs_status cs_fakegen_run(cs_fakegen_counts *counts, cs_session *session,
                         const cs_fakegen_options *options, cs_error *err);

#endif
