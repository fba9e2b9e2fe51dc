/* SPDX-License-Identifier: MIT */
/**
 * The configuration of a run: which substances, by which engine, from what input to what output.
 *
 * It comes from an XML file (docs/configuration.md) or from `--input=FILE --model=TYPE` alone.
 * Rank 0 reads the file's text and broadcasts it; every rank makes the same cs_config of it. It is
 * used in two steps: cs_config_parse (or cs_config_default), then cs_config_finish, which puts the
 * options in force and derives the paths. Local (no communication), not thread-safe (libxml2 is
 * initialised on first use). Errors name file and line.
 *
 * Names and types of models, names of parameters and variables of the input are only well-formed
 * here; whether they exist is the model's and the store's to say, with cs_config_fail_at.
 */
#ifndef CS_CONFIG_CONFIG_H
#define CS_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* A larger file is refused: no honest one comes near, and the validation's time grows with the
 * square of the elements in the worst case (0.3 s for so many). */
enum { CS_CONFIG_MAX_BYTES = 16 << 20, CS_CONFIG_MAX_ELEMENTS = 20000 };

/** The RelaxNG schema, inputs/catchsim.rng, zero-terminated. */
extern const char cs_config_schema_text[];

typedef enum { CS_ENGINE_NATIVE, CS_ENGINE_EXTERNAL } cs_engine_type;

typedef enum { CS_EXISTING_REFUSE, CS_EXISTING_REPLACE, CS_EXISTING_RESUME } cs_existing;

/* Everywhere below: line is where the element's start tag ends in the file; 0: in no file. */

/** A column of the table that an external program reads: a series of the input, or a text. */
typedef struct {
    char *name; /* in the head of the table */
    char *from; /* "time" or a forcing variable; NULL: text counts */
    char *unit; /* of the numbers in the table; NULL with text */
    char *text; /* what each row has; NULL with from */
    int line;
} cs_config_column;

/** An external program, what it reads and what it writes. Paths are resolved. */
/** Programs in flight of a rank; more are refused, by the schema (inputs/catchsim.rng) too. */
enum { CS_MAX_WORKERS = 4096 };

/** The column of the concentration in a program's output, if none is named. */
#define CS_CONCENTRATION_COLUMN "Conc_{id}"

typedef struct {
    char *program;    /* path */
    char *wrapper;    /* a program that runs it, such as wine: path, or a name in PATH; or NULL */
    char *keeps;      /* names of processes that may outlive it (model/warden.h); NULL: not said */
    char **arguments; /* [n_arguments] with placeholders */
    size_t n_arguments;
    size_t workers; /* programs in flight of a rank; 0: as many as the rank has threads */
    bool all_cpus;  /* no program is bound to a share of the rank's CPUs */
    double timeout; /* s; 0: none */
    size_t retries;
    char *layout;              /* path of the template, or NULL: no layout is written */
    char *parameters;          /* likewise */
    cs_config_column *columns; /* [n_columns] of the table; 0: the default ones */
    size_t n_columns;
    char *concentration;   /* its column in the output, with placeholders; NULL:
                              CS_CONCENTRATION_COLUMN */
    char *discharge;       /* NULL: not looked for */
    char *local_discharge; /* NULL: Qloc if there is such a column, else that of the input */
} cs_config_external;

typedef struct {
    char *name;
    cs_engine_type type;
    int line;
    cs_config_external external; /* zeroed if the type is native */
} cs_config_engine;

/** A parameter or an initial state: a number, or a variable of the input (one per catchment). */
typedef struct {
    char *name;
    char *from;   /* name of the variable, or NULL: value counts */
    double value; /* finite; unit: that of the parameter (docs/models.md) */
    int line;
} cs_config_setting;

/** Patterns of emission: factors of the days from Monday, the hours from 0 UTC, the months. */
typedef enum {
    CS_PATTERN_WEEKLY,
    CS_PATTERN_DAILY,
    CS_PATTERN_MONTHLY,
    CS_N_PATTERNS
} cs_pattern_kind;

enum { CS_PATTERN_MAX_VALUES = 24 };

typedef struct {
    size_t n;                             /* 7, 24 or 12, as the kind says; 0: not given */
    double values[CS_PATTERN_MAX_VALUES]; /* [n] finite */
    int line;
} cs_config_pattern;

/** A quality standard to compare concentrations with. */
typedef struct {
    char *kind;
    double value; /* ng/L, whatever the file's unit */
    int line;
} cs_config_standard;

typedef struct {
    char *name;    /* unique; may be a part of a path */
    char *model;   /* "herbicide", ... */
    size_t engine; /* index in cs_config.engines */
    int line;
    cs_config_setting *parameters; /* [n_parameters], names distinct */
    size_t n_parameters;
    cs_config_setting *initials; /* [n_initials], names distinct */
    size_t n_initials;
    cs_config_standard *standards; /* [n_standards], kinds distinct */
    size_t n_standards;
    cs_config_pattern patterns[CS_N_PATTERNS];
    char *results;        /* path of the result file; set by cs_config_finish */
    char *steps;          /* path of the step file, or NULL: none; set by cs_config_finish */
    char *initial_states; /* path of an earlier result, or NULL; set by cs_config_finish */
} cs_config_substance;

typedef struct {
    char *results; /* path, may contain {substance} */
    char *steps;   /* the same, or NULL: no step files */
    bool float64;  /* else float32 */
    int deflate;   /* 0 (none) to 12 */
    bool discharge;
    cs_existing existing;
    int line;
} cs_config_output;

/** How finished work is made durable (journal/syncer.h). */
typedef struct {
    double interval; /* s of work at risk when a node is lost, >= 0.1 */
    bool fsync;      /* false: the system writes when it likes */
} cs_config_journal;

typedef struct {
    char *path;           /* the configuration file, or NULL */
    char *input;          /* path of the input file */
    char *initial_states; /* path of earlier results, may contain {substance}, or NULL */
    int input_line;
    cs_config_engine *engines; /* [n_engines]; engines[0] is "native", which needs no element */
    size_t n_engines;
    cs_config_substance *substances; /* [n_substances], in the order of the file, at least one */
    size_t n_substances;
    cs_config_output output;
    cs_config_journal journal;
    bool compare;   /* --engine=both: the native engine and the substance's own, compared */
    int route_line; /* of the element route; 0: none */
} cs_config;

/** Options that override the configuration; NULL: as configured. */
typedef struct {
    const char *input;
    const char *results; /* --output */
    const char *steps;
    const char *initial_states;
    const char *engine; /* a name, or "both" */
    int existing;       /* a cs_existing, or -1 */
    double timeout;     /* of all external engines, s; negative: as configured */
    size_t workers;     /* likewise; 0: as configured */
    long retries;       /* likewise; negative: as configured */
} cs_config_overrides;

/** The overrides that change nothing. */
cs_config_overrides cs_config_no_overrides(void);

/**
 * Parses and validates a configuration file's text.
 *
 * Nothing outside of the text is read. A document type is refused, so entities are never expanded.
 * Relative paths in the file become relative to its folder.
 *
 * @param out  [out] the configuration, released by cs_config_free; NULL on failure
 * @param text [in]  XML, size bytes; need not be terminated
 * @param path [in]  the file's path, for messages and to resolve paths
 * Errors: CS_DATA for the first mistake found, as "path:line: element ...: what is wrong";
 * CS_MEMORY. Cost: a few milliseconds (the schema is compiled); below a second for any file.
 */
cs_status cs_config_parse(cs_config **out, const char *text, size_t size, const char *path,
                          cs_error *err);

/**
 * Makes the configuration of `catchsim --input=FILE --model=TYPE`: one substance named as its
 * model, native engine, default parameters, results `{substance}.h5` in the working directory,
 * no step file.
 *
 * @param out   [out] the configuration, released by cs_config_free; NULL on failure
 * Errors: CS_USAGE for a model that is no name; CS_MEMORY.
 */
cs_status cs_config_default(cs_config **out, const char *input, const char *model, cs_error *err);

/**
 * Puts the options in force, checks what depends on them, and sets the substances' paths.
 *
 * Called once. Paths of options are relative to the working directory.
 *
 * @param overrides [in] NULL: none
 * Errors: CS_USAGE for an unknown engine, for several substances whose output paths lack
 * {substance}; CS_DATA for other placeholders, for paths that coincide, and for what this version
 * does not offer; CS_MEMORY.
 */
cs_status cs_config_finish(cs_config *config, const cs_config_overrides *overrides, cs_error *err);

/** Releases it with all it owns; NULL is allowed. */
void cs_config_free(cs_config *config);

/** The name of a kind of pattern in the file, and how many values one has. */
const char *cs_pattern_name(cs_pattern_kind kind);
size_t cs_pattern_size(cs_pattern_kind kind);

/** Records a failure at a line of the file: "path:line: ...", without both where line is 0. */
cs_status cs_config_fail_at(const cs_config *config, int line, cs_error *err, cs_status status,
                            const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
