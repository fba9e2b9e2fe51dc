/* SPDX-License-Identifier: MIT */
/**
 * The parts of the external engine, for its own files only (external*.c of this folder).
 *
 * A catchment is run by a worker, which has a folder and a lane to the warden; one thread at a time
 * uses it. What the workers share is only read, but for the list of idle ones and the count of
 * programs that left no room, which a lock guards. Nothing here is collective.
 */
#ifndef CS_MODEL_EXTERNAL_PARTS_H
#define CS_MODEL_EXTERNAL_PARTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/external.h"
#include "model/external_layout.h"
#include "model/external_series.h"
#include "model/scratch.h"
#include "model/warden.h"

/** The columns that are taken out of a program's table. */
typedef enum {
    CS_COLUMN_CONCENTRATION,
    CS_COLUMN_LOCAL_DISCHARGE,
    CS_COLUMN_DISCHARGE,
    CS_N_COLUMNS
} cs_external_column;

/** What a worker has for itself. */
typedef struct {
    int lane;                     /* to the warden; -1: none */
    char *folder;                 /* where its programs run */
    bool is_spoilt;               /* the folder could not be emptied */
    bool has_filled;              /* its last program wrote more than it may */
    cs_external_layout *layout;   /* NULL: none is written */
    cs_bytes text;                /* of a file */
    cs_bytes names;               /* of arguments and columns */
    double *values[CS_N_COLUMNS]; /* [n_time]; of the concentration: the task's */
    cs_program_end end;           /* of the last attempt */
} cs_external_worker;

/** The engine. */
typedef struct {
    const cs_config *config;
    const cs_config_engine *engine;
    const cs_config_substance *substance;
    cs_keep_rule keep;
    size_t n_time;
    size_t first_place, n_places; /* of the workers among those that share CPUs */
    uint64_t max_bytes;           /* in the folder of a program */
    uint32_t needs;               /* forcing variables */
    cs_wanted wanted;
    cs_text_template parameters;
    cs_text_template *arguments; /* [n_arguments] */
    size_t n_arguments;
    cs_text_template columns[CS_N_COLUMNS];
    cs_external_layout *layout; /* only where templates alone are opened */
    char *program[2];           /* the first arguments; the second may be NULL */
    cs_external_series *series;
    cs_scratch scratch;
    cs_external_worker *workers; /* [n_workers] */
    size_t n_workers;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t released;
    size_t *idle; /* [n_idle] workers */
    size_t n_idle;
    uint64_t n_filled; /* programs that left no room for others */
} cs_external;

/* ---- templates: external_templates.c ---- */

/**
 * Parses the templates of a zeroed engine, always in the same order, which is that of the numbers.
 * Errors: CS_DATA (with file and line), CS_MEMORY; cs_external_close_templates is still to be
 * called.
 */
cs_status cs_external_open_templates(cs_external *self, const cs_external_spec *spec,
                                     cs_error *err);

void cs_external_close_templates(cs_external *self);

/** Parses the template of the layout. *layout stays as it is where there is none. Errors: as
 * cs_external_layout_parse. */
cs_status cs_external_open_layout(cs_external_layout **layout, cs_external *self,
                                  const cs_external_spec *spec, cs_error *err);

/**
 * Fills templates[n] into w->names, one behind the other, each with its terminating zero. Errors:
 * CS_DATA (a number is not known), CS_MEMORY.
 */
cs_status cs_external_fill_names(cs_external_worker *w, const cs_external *self,
                                 const cs_text_template *templates, size_t n,
                                 const cs_external_values *values, cs_error *err);

/* ---- workers: external_workers.c ---- */

/**
 * Makes the workers, all of them idle, without lanes. Errors: CS_IO (limit of open files), CS_DATA
 * (layout), CS_MEMORY; cs_external_close_workers is still to be called.
 */
cs_status cs_external_open_workers(cs_external *self, const cs_external_spec *spec, cs_error *err);

void cs_external_close_workers(cs_external *self);

/** Opens the worker's lane unless it is open, on CPUs of its own if there are enough for all.
 * Errors: as cs_warden_open_lane. */
cs_status cs_external_open_lane(cs_external_worker *w, const cs_external *self, cs_error *err);

/** Ends and closes the lanes of all workers, at once. */
void cs_external_close_lanes(cs_external *self);

/** Waits until a worker is idle. Thread-safe. */
cs_external_worker *cs_external_take_worker(cs_external *self);

/** Thread-safe. */
void cs_external_release_worker(cs_external *self, const cs_external_worker *w);

/* ---- the files of a catchment: external_files.c ---- */

/** Names the files after values->id. */
void cs_external_name_files(cs_external_values *values);

/**
 * Writes the input files of catchment i into w->folder, in which none of them may be yet. Errors:
 * CS_DATA (a placeholder without a value), CS_IO, CS_MEMORY.
 */
cs_status cs_external_write_files(cs_external_worker *w, const cs_external *self,
                                  const cs_engine_task *task, size_t i,
                                  const cs_external_values *values, cs_error *err);

/* ---- running the program: external_run.c ---- */

/**
 * Makes the command line of a catchment: wrapper, program, arguments.
 *
 * @param arguments [out] [*n], released by free(); the texts are self's and of w->names
 * Errors: as cs_external_fill_names.
 */
cs_status cs_external_command(const char ***arguments, size_t *n, cs_external_worker *w,
                              const cs_external *self, const cs_external_values *values,
                              cs_error *err);

/**
 * Runs the program once and waits for its end.
 *
 * Errors: CS_DATA (it filled its folder: w->has_filled), and those of cs_warden_run.
 */
cs_status cs_external_run_program(cs_program_end *end, cs_external_worker *w, cs_external *self,
                                  const cs_external_values *values, cs_error *err);

/**
 * Adds to how many programs left no room, before their files are removed: who finds room again then
 * finds the number changed. Returns the sum. Thread-safe.
 */
uint64_t cs_external_count_filled(cs_external *self, uint64_t more);

/* ---- the output: external_loads.c ---- */

/**
 * Takes the concentration of catchment i out of what the program wrote, and makes its loads: see
 * external.h. Errors: CS_DATA (what is wrong with the table), CS_IO, CS_MEMORY.
 */
cs_status cs_external_take_output(cs_external_worker *w, const cs_external *self,
                                  cs_engine_task *task, size_t i, const cs_external_values *values,
                                  cs_error *err);

/* ---- an attempt: external_attempt.c ---- */

/**
 * One attempt: files, program, output. What is returned is the machinery's failure; the program's
 * is in task->record[i] and task->message[i].
 *
 * Errors: CS_INTERRUPTED (the run shall stop), CS_INTERNAL, CS_MEMORY.
 */
cs_status cs_external_attempt(cs_external_worker *w, cs_external *self, cs_engine_task *task,
                              size_t i, const cs_external_values *values, cs_error *err);

/** Records that catchment i cannot be run, and why. Errors: CS_MEMORY. */
cs_status cs_external_refuse_input(cs_engine_task *task, size_t i, const char *why, cs_error *err);

/** Fails with CS_INTERRUPTED: the catchment is still to be done. */
cs_status cs_external_interrupted(cs_error *err);

/* ---- a catchment: external_catchment.c ---- */

/**
 * Runs catchment i of a task, unless its record says that it is done: attempts until one is good or
 * the retries are used up. The last one is kept if the rule wants it; where that fails, the log
 * warns. Thread-safe. Errors: as cs_external_attempt.
 */
cs_status cs_external_run_catchment(cs_external *self, cs_engine_task *task, size_t i,
                                    cs_error *err);

#endif
