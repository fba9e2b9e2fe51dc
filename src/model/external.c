/* SPDX-License-Identifier: MIT */
#include "model/external.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/stop.h"
#include "model/external_layout.h"
#include "model/external_output.h"
#include "model/external_parameters.h"
#include "model/external_program.h"
#include "model/external_series.h"
#include "model/external_verdict.h"
#include "model/scratch.h"
#include "model/scratch_tree.h"
#include "model/warden.h"

/* What may be in a program's folder, for which there is room: tables of 60 columns of 16 characters
 * in all, and 16 MiB besides. What writes more is broken. */
enum { BYTES_A_ROW = 1024, BYTES_BESIDES = 16 << 20 };

/* A run that failed because another had filled the scratch is repeated, when there is room again.
 */
enum { MAX_REPEATS = 3, FULL_BYTES = 1 << 20, WAIT_NS = 50000000, MAX_WAITS = 100 };

enum { CONCENTRATION, LOCAL_DISCHARGE, DISCHARGE, N_COLUMNS };

/* What a worker has for itself. */
typedef struct {
    int lane;                   /* to the warden; -1: none */
    char *folder;               /* where its programs run */
    bool is_spoilt;             /* the folder could not be emptied */
    bool has_filled;            /* its last program wrote more than it may */
    cs_external_layout *layout; /* NULL: none is written */
    cs_bytes text;              /* of a file */
    cs_bytes names;             /* of arguments and columns */
    double *values[N_COLUMNS];  /* [n_time]; of the concentration: the task's */
    cs_program_end end;         /* of the last attempt */
} worker;

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
    cs_text_template columns[N_COLUMNS];
    cs_external_layout *layout; /* only where templates alone are opened */
    char *program[2];           /* the first arguments; the second may be NULL */
    cs_external_series *series;
    cs_scratch scratch;
    worker *workers; /* [n_workers] */
    size_t n_workers;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t released;
    size_t *idle; /* [n_idle] workers */
    size_t n_idle;
    uint64_t n_filled; /* programs that left no room for others */
} external;

/* ---- templates ---- */

/* Whether the configuration says what a file that an argument names shall be. */
static cs_status check_argument(const cs_external_spec *spec, const cs_text_template *argument,
                                cs_error *err)
{
    const int line = spec->engine->line;
    if (cs_text_template_uses(argument, CS_FILE_LAYOUT) && spec->layout == NULL) {
        return cs_config_fail_at(spec->config, line, err, CS_DATA,
                                 "engine %s: {layout} is an argument, but there is no element "
                                 "layout that names its template",
                                 spec->engine->name);
    }
    if (cs_text_template_uses(argument, CS_FILE_PARAMETERS) && spec->parameters == NULL) {
        return cs_config_fail_at(spec->config, line, err, CS_DATA,
                                 "engine %s: {parameters} is an argument, but there is no element "
                                 "parameters that names its template",
                                 spec->engine->name);
    }
    return CS_OK;
}

/* Names of catchments may be anything; on a command line they could be taken for paths. */
static cs_status refuse_names(const external *self, const cs_external_spec *spec, cs_error *err)
{
    if (!self->wanted.needs_name) {
        return CS_OK;
    }
    return cs_config_fail_at(spec->config, spec->engine->line, err, CS_DATA,
                             "engine %s: {name} cannot be used in arguments; use {id}",
                             spec->engine->name);
}

static cs_status open_arguments(external *self, const cs_external_spec *spec, cs_error *err)
{
    const cs_config_external *from = &spec->engine->external;
    CS_TRY(
        cs_alloc(&self->arguments, from->n_arguments, sizeof *self->arguments, "arguments", err));
    for (size_t i = 0; i < from->n_arguments; i++) {
        char where[64];
        snprintf(where, sizeof where, "argument %zu", i + 1);
        self->n_arguments = i + 1;
        CS_TRY(cs_text_template_parse(&self->arguments[i], &self->wanted, from->arguments[i],
                                      strlen(from->arguments[i]), where, err));
        CS_TRY(check_argument(spec, &self->arguments[i], err));
    }
    return refuse_names(self, spec, err);
}

static cs_status open_columns(external *self, const cs_external_spec *spec, cs_error *err)
{
    const cs_config_external *from = &spec->engine->external;
    const char *const names[N_COLUMNS] = {
        [CONCENTRATION] = from->concentration != NULL ? from->concentration : "Conc_{id}",
        [LOCAL_DISCHARGE] = from->local_discharge != NULL ? from->local_discharge : "Qloc",
        [DISCHARGE] = from->discharge,
    };
    for (int c = 0; c < N_COLUMNS; c++) {
        if (names[c] != NULL) {
            CS_TRY(cs_text_template_parse(&self->columns[c], &self->wanted, names[c],
                                          strlen(names[c]), "element result", err));
        }
    }
    return CS_OK;
}

static cs_status open_layout(cs_external_layout **layout, external *self,
                             const cs_external_spec *spec, cs_error *err)
{
    if (spec->layout == NULL) {
        return CS_OK;
    }
    return cs_external_layout_parse(layout, &self->wanted, spec->layout, strlen(spec->layout),
                                    spec->engine->external.layout, err);
}

/* Always in the same order, which is that of the numbers. */
static cs_status open_templates(external *self, const cs_external_spec *spec, cs_error *err)
{
    CS_TRY(open_arguments(self, spec, err));
    CS_TRY(open_columns(self, spec, err));
    if (spec->parameters != NULL) {
        CS_TRY(cs_external_parameters_parse(&self->parameters, &self->wanted, spec->parameters,
                                            spec->substance, spec->engine->external.parameters,
                                            err));
    }
    return open_layout(&self->layout, self, spec, err);
}

static void close_templates(external *self)
{
    for (size_t i = 0; i < self->n_arguments; i++) {
        cs_text_template_free(&self->arguments[i]);
    }
    free(self->arguments);
    for (int c = 0; c < N_COLUMNS; c++) {
        cs_text_template_free(&self->columns[c]);
    }
    cs_text_template_free(&self->parameters);
    cs_external_layout_free(self->layout);
    cs_wanted_free(&self->wanted);
}

cs_status cs_external_find_wanted(cs_wanted *wanted, const cs_external_spec *spec, cs_error *err)
{
    external self = {0};
    const cs_status status = open_templates(&self, spec, err);
    *wanted = self.wanted;
    self.wanted = (cs_wanted){0};
    close_templates(&self);
    return status;
}

/* ---- workers ---- */

static cs_status open_worker(worker *w, external *self, const cs_external_spec *spec, size_t i,
                             cs_error *err)
{
    CS_TRY(cs_scratch_worker(&w->folder, &self->scratch, i, err));
    CS_TRY(open_layout(&w->layout, self, spec, err));
    for (int c = LOCAL_DISCHARGE; c < N_COLUMNS; c++) {
        CS_TRY(cs_alloc(&w->values[c], self->n_time, sizeof *w->values[c], "a column", err));
    }
    return CS_OK;
}

/* A worker has a lane and, at times, a file; the rest is for whoever else opens files meanwhile. */
static cs_status check_files(const external *self, size_t n_workers, cs_error *err)
{
    const uint64_t others = 16;
    struct rlimit files;
    const int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (next >= 0) {
        close(next);
    }
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) {
        return CS_OK;
    }
    const uint64_t needed = (uint64_t)(next < 0 ? 0 : next) + 2 * (uint64_t)n_workers + others;
    if (next >= 0 && needed <= files.rlim_cur) {
        return CS_OK;
    }
    return cs_config_fail_at(self->config, self->engine->line, err, CS_IO,
                             "engine %s: %zu workers need %" PRIu64 " open files, the limit is "
                             "%" PRIu64 "; use fewer workers, or raise it (ulimit -n)",
                             self->engine->name, n_workers, needed, (uint64_t)files.rlim_cur);
}

static cs_status open_workers(external *self, const cs_external_spec *spec, cs_error *err)
{
    CS_TRY(check_files(self, spec->n_workers, err));
    CS_TRY(cs_alloc(&self->workers, spec->n_workers, sizeof *self->workers, "workers", err));
    CS_TRY(cs_alloc(&self->idle, spec->n_workers, sizeof *self->idle, "workers", err));
    for (size_t i = 0; i < spec->n_workers; i++) {
        self->workers[i].lane = -1;
        self->n_workers = i + 1;
        CS_TRY(open_worker(&self->workers[i], self, spec, i, err));
        self->idle[self->n_idle++] = i;
    }
    return CS_OK;
}

/* All end at once. */
static void close_lanes(external *self)
{
    for (size_t i = 0; i < self->n_workers; i++) {
        if (self->workers[i].lane >= 0) {
            cs_warden_end_lane(self->workers[i].lane);
        }
    }
    for (size_t i = 0; i < self->n_workers; i++) {
        if (self->workers[i].lane >= 0) {
            cs_warden_close_lane(self->workers[i].lane);
            self->workers[i].lane = -1;
        }
    }
}

static void close_worker(worker *w)
{
    free(w->folder);
    cs_external_layout_free(w->layout);
    cs_bytes_free(&w->text);
    cs_bytes_free(&w->names);
    for (int c = LOCAL_DISCHARGE; c < N_COLUMNS; c++) {
        free(w->values[c]);
    }
}

static worker *take_worker(external *self)
{
    pthread_mutex_lock(&self->lock);
    while (self->n_idle == 0) {
        pthread_cond_wait(&self->released, &self->lock);
    }
    worker *w = &self->workers[self->idle[--self->n_idle]];
    pthread_mutex_unlock(&self->lock);
    return w;
}

static void release_worker(external *self, const worker *w)
{
    pthread_mutex_lock(&self->lock);
    self->idle[self->n_idle++] = (size_t)(w - self->workers);
    pthread_cond_signal(&self->released);
    pthread_mutex_unlock(&self->lock);
}

/* ---- the files of a catchment ---- */

static void name_files(cs_external_values *values)
{
    static const char *const NAMES[CS_N_FILES][2] = {
        [CS_FILE_LAYOUT] = {"layout", "xml"},
        [CS_FILE_PARAMETERS] = {"param", "txt"},
        [CS_FILE_INPUT] = {"input", "txt"},
        [CS_FILE_OUTPUT] = {"out", "txt"},
    };
    for (int f = 0; f < CS_N_FILES; f++) {
        snprintf(values->file[f], sizeof values->file[f], "%s_%" PRId64 ".%s", NAMES[f][0],
                 values->id, NAMES[f][1]);
    }
}

/* The folder is empty and nothing runs in it, so that this makes a new file. */
static cs_status write_file(const worker *w, const char *name, cs_error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", w->folder, name);
    const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        return cs_fail_errno(err, CS_IO, "%s cannot be written", name);
    }
    size_t done = 0;
    while (done < w->text.size) {
        const ssize_t n = write(file, w->text.data + done, w->text.size - done);
        if (n < 0 && errno != EINTR) {
            cs_fail_errno(err, CS_IO, "%s cannot be written", name);
            close(file);
            return CS_IO;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    close(file);
    return CS_OK;
}

static cs_status write_files(worker *w, const external *self, const cs_engine_task *task, size_t i,
                             const cs_external_values *values, cs_error *err)
{
    if (w->layout != NULL) {
        w->text.size = 0;
        CS_TRY(cs_external_layout_fill(&w->text, w->layout, &self->wanted, values, err));
        CS_TRY(write_file(w, values->file[CS_FILE_LAYOUT], err));
    }
    if (self->parameters.where != NULL) {
        w->text.size = 0;
        CS_TRY(cs_text_template_fill(&w->text, &self->parameters, &self->wanted, values, err));
        CS_TRY(write_file(w, values->file[CS_FILE_PARAMETERS], err));
    }
    w->text.size = 0;
    CS_TRY(cs_external_series_fill(&w->text, self->series, task, i, err));
    return write_file(w, values->file[CS_FILE_INPUT], err);
}

/* ---- running the program ---- */

/* Fills templates into w->names, one behind the other, each with its terminating zero. */
static cs_status fill_names(worker *w, const external *self, const cs_text_template *templates,
                            size_t n, const cs_external_values *values, cs_error *err)
{
    w->names.size = 0;
    for (size_t k = 0; k < n; k++) {
        CS_TRY(cs_text_template_fill(&w->names, &templates[k], &self->wanted, values, err));
        CS_TRY(cs_bytes_append(&w->names, "", 1, err));
    }
    return CS_OK;
}

/* Adds to how many programs left no room, before their files are removed: who finds room again then
 * finds the number changed. */
static uint64_t count_filled(external *self, uint64_t more)
{
    pthread_mutex_lock(&self->lock);
    self->n_filled += more;
    const uint64_t n = self->n_filled;
    pthread_mutex_unlock(&self->lock);
    return n;
}

/* What it left counts, too, so that it does not matter how fast it wrote it. One that failed in
 * another way, at the largest size of a file or in time, did so. */
static cs_status check_use(worker *w, external *self, const cs_program_end *end, cs_error *err)
{
    cs_scratch_use use = {0};
    const bool was_ended = end->fate == CS_PROGRAM_FILLED;
    cs_scratch_measure(&use, w->folder, self->max_bytes);
    w->has_filled = was_ended || use.n_bytes > self->max_bytes;
    count_filled(self, w->has_filled && cs_scratch_room(&self->scratch) < self->max_bytes);
    if (!was_ended && !(end->fate == CS_PROGRAM_EXITED && w->has_filled)) {
        return CS_OK;
    }
    return cs_fail(err, CS_DATA,
                   "it filled its folder: more than %.1f MiB, where each file counts as 4 KiB at "
                   "least (%" PRIu64 " files or more)",
                   (double)self->max_bytes / 1048576.0, use.n_files);
}

/* On its own CPUs, if there are enough for all. */
static cs_status open_lane(worker *w, const external *self, cs_error *err)
{
    const cs_warden_share share = {.place =
                                       (uint32_t)(self->first_place + (size_t)(w - self->workers)),
                                   .n_places = (uint32_t)self->n_places};
    return w->lane >= 0 ? CS_OK : cs_warden_open_lane(&w->lane, &share, err);
}

static void tell_immortal(const cs_program_end *end, const external *self,
                          const cs_external_values *values)
{
    if (end->n_immortal > 0) {
        cs_log(CS_LOG_WARNING,
               "engine %s, catchment %" PRId64 ": %u processes that the program started cannot be "
               "killed; do they wait for a disk that is gone?",
               self->engine->name, values->id, (unsigned)end->n_immortal);
    }
}

static cs_status run_program(cs_program_end *end, worker *w, external *self,
                             const cs_external_values *values, cs_error *err)
{
    const char **arguments = NULL;
    const size_t n_first = self->program[1] != NULL ? 2 : 1;
    CS_TRY(open_lane(w, self, err));
    CS_TRY(fill_names(w, self, self->arguments, self->n_arguments, values, err));
    CS_TRY(cs_alloc(&arguments, n_first + self->n_arguments, sizeof *arguments, "arguments", err));
    for (size_t k = 0; k < n_first; k++) {
        arguments[k] = self->program[k];
    }
    const char *at = (const char *)w->names.data;
    for (size_t k = 0; k < self->n_arguments; k++) {
        arguments[n_first + k] = at;
        at += strlen(at) + 1;
    }
    const cs_program_call call = {.folder = w->folder,
                                  .arguments = arguments,
                                  .n_arguments = n_first + self->n_arguments,
                                  .timeout = self->engine->external.timeout,
                                  .max_file_size = self->max_bytes,
                                  .max_bytes = self->max_bytes,
                                  .keeps = cs_external_program_keeps(&self->engine->external)};
    const cs_status status = cs_warden_run(end, w->lane, &call, err);
    free(arguments);
    tell_immortal(end, self, values);
    if (status == CS_OK && end->fate == CS_PROGRAM_FILLED) {
        cs_warden_close_lane(w->lane);
        w->lane = -1;
    }
    return status == CS_OK ? check_use(w, self, end, err) : status;
}

/* ---- the output ---- */

static cs_status read_output(worker *w, const external *self, double *concentration,
                             const cs_external_values *values, cs_error *err)
{
    const cs_config_external *from = &self->engine->external;
    char path[PATH_MAX];
    cs_output_column columns[N_COLUMNS] = {
        [CONCENTRATION] = {.required = true, .values = concentration},
        [LOCAL_DISCHARGE] = {.required = from->local_discharge != NULL,
                             .values = w->values[LOCAL_DISCHARGE]},
        [DISCHARGE] = {.required = from->discharge != NULL, .values = w->values[DISCHARGE]},
    };
    const size_t n_columns = from->discharge != NULL ? N_COLUMNS : DISCHARGE;
    CS_TRY(fill_names(w, self, self->columns, n_columns, values, err));
    const char *at = (const char *)w->names.data;
    for (size_t c = 0; c < n_columns; c++) {
        columns[c].name = at;
        at += strlen(at) + 1;
    }
    snprintf(path, sizeof path, "%s/%s", w->folder, values->file[CS_FILE_OUTPUT]);
    CS_TRY(cs_external_output_read(&w->text, path, self->max_bytes, err));
    CS_TRY(cs_external_output_parse(columns, n_columns, (const char *)w->text.data, w->text.size,
                                    self->n_time, err));
    const double per_m3 = cs_external_series_per_m3(from, columns[LOCAL_DISCHARGE].name);
    for (size_t t = 0; columns[LOCAL_DISCHARGE].is_there && t < self->n_time; t++) {
        w->values[LOCAL_DISCHARGE][t] /= per_m3; /* the column of its input, handed on */
    }
    return CS_OK;
}

/* Concentrations to loads; a concentration must be a number wherever there is local discharge, but
 * in row 0, where models have nothing to say yet. */
static cs_status make_loads(cs_engine_task *task, size_t i, const double *local_discharge,
                            cs_error *err)
{
    const double grams_a_day = 0.0864; /* of 1 ng/L in 1 m3/s */
    double *load = task->load + i * task->n_time;
    double *concentration = task->concentration + i * task->n_time;
    int64_t n_negative = 0;
    for (size_t t = 0; t < task->n_time; t++) {
        const double q = local_discharge[t];
        if (q <= 0.0) {
            n_negative += q < 0.0;
            concentration[t] = NAN;
            load[t] = 0.0;
            continue;
        }
        const bool is_known = isfinite(q) && isfinite(concentration[t]);
        if (!is_known && t == 0) {
            concentration[t] = NAN;
            load[t] = 0.0;
            continue;
        }
        if (!is_known) {
            return cs_fail(err, CS_DATA,
                           "row %zu of its output: the %s is missing, NaN or infinite", t + 1,
                           isfinite(q) ? "concentration" : "local discharge");
        }
        load[t] = grams_a_day * concentration[t] * q * task->step_days;
    }
    task->record[i].n_negative_discharge = n_negative;
    return CS_OK;
}

static cs_status take_output(worker *w, const external *self, cs_engine_task *task, size_t i,
                             const cs_external_values *values, cs_error *err)
{
    /* where the table has no such column */
    cs_engine_forcing(w->values[LOCAL_DISCHARGE], task, CS_LOCAL_DISCHARGE, i);
    CS_TRY(read_output(w, self, task->concentration + i * task->n_time, values, err));
    return make_loads(task, i, w->values[LOCAL_DISCHARGE], err);
}

/* ---- a catchment ---- */

static double forcing_at(const cs_engine_task *task, int variable, size_t place)
{
    return task->forcing[variable] != NULL ? (double)task->forcing[variable][place]
                                           : task->forcing64[variable][place];
}

/* The first row from 1 on in which a forcing value that is written is no number; 0: none. */
static size_t find_missing(const external *self, const cs_engine_task *task, size_t i,
                           cs_variable *variable)
{
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        for (size_t t = 1; (self->needs >> v & 1) != 0 && t < task->n_time; t++) {
            if (!isfinite(forcing_at(task, v, i * task->n_time + t))) {
                *variable = (cs_variable)v;
                return t;
            }
        }
    }
    return 0;
}

static cs_status refuse_input(cs_engine_task *task, size_t i, const char *why, cs_error *err)
{
    task->record[i].status = CS_RUN_INVALID_INPUT;
    task->message[i].size = 0;
    return cs_bytes_append(&task->message[i], why, strlen(why), err);
}

/* A program may have removed its folder, or made it unusable: tried again before each attempt. */
static cs_status repair_folder(worker *w, cs_error *err)
{
    w->is_spoilt = w->is_spoilt && !cs_scratch_empty(w->folder);
    return w->is_spoilt ? cs_fail(err, CS_IO,
                                  "%s, in which the programs run, cannot be emptied: it was "
                                  "changed by one of them",
                                  w->folder)
                        : CS_OK;
}

/* What a program that was killed has written so far. */
static cs_status tell_partial(const worker *w, const cs_engine_task *task, size_t i,
                              const cs_external_values *values, cs_error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", w->folder, values->file[CS_FILE_OUTPUT]);
    return cs_external_partial(&task->message[i], path, task->n_time, err);
}

static cs_status interrupted(cs_error *err)
{
    return cs_fail(err, CS_INTERRUPTED, "ended with the run");
}

/* Schedulers send the signal that shall stop a job to its programs, too, and perhaps to them first:
 * their end is no failure then. */
static bool is_of_the_stop(const cs_program_end *end)
{
    const bool is_such = end->fate == CS_PROGRAM_SIGNALLED &&
                         (end->code == SIGTERM || end->code == SIGINT || end->code == SIGUSR1);
    for (int i = 0; is_such && i < 20 && cs_stop_requested() == CS_STOP_NONE; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return is_such && cs_stop_requested() != CS_STOP_NONE;
}

/* One attempt. What is returned is the machinery's failure; the program's is in the record. */
static cs_status attempt(worker *w, external *self, cs_engine_task *task, size_t i,
                         const cs_external_values *values, cs_error *err)
{
    cs_error reason = {0};
    cs_program_end end = {.fate = CS_PROGRAM_EXITED};
    w->has_filled = false;
    cs_status status = repair_folder(w, &reason);
    if (status == CS_OK) {
        status = write_files(w, self, task, i, values, &reason);
    }
    if (status == CS_DATA) { /* a placeholder without a value */
        return refuse_input(task, i, reason.message, err);
    }
    if (status == CS_OK) {
        status = run_program(&end, w, self, values, &reason);
    }
    if (status == CS_INTERNAL || status == CS_INTERRUPTED || status == CS_MEMORY) {
        *err = reason;
        return status;
    }
    if (is_of_the_stop(&end)) {
        return interrupted(err);
    }
    task->record[i].attempts++;
    if (status == CS_OK && end.fate == CS_PROGRAM_EXITED && end.code == 0) {
        status = take_output(w, self, task, i, values, &reason);
    }
    if (status == CS_MEMORY) {
        *err = reason;
        return status;
    }
    w->end = end;
    CS_TRY(cs_external_verdict(&task->record[i], &task->message[i], &end, status, &reason, err));
    return end.fate == CS_PROGRAM_EXITED ? CS_OK : tell_partial(w, task, i, values, err);
}

/* ---- runs that are kept ---- */

/* The command line, as run_program has it: first the program, then what is in w->names. */
static cs_status keep_in(const char *path, worker *w, const external *self,
                         const cs_engine_task *task, size_t i, cs_error *err)
{
    const char **arguments = NULL;
    const size_t n_first = self->program[1] != NULL ? 2 : 1;
    CS_TRY(cs_alloc(&arguments, n_first + self->n_arguments, sizeof *arguments, "arguments", err));
    for (size_t k = 0; k < n_first; k++) {
        arguments[k] = self->program[k];
    }
    const char *at = (const char *)w->names.data;
    for (size_t k = 0; k < self->n_arguments; k++) {
        arguments[n_first + k] = at;
        at += strlen(at) + 1;
    }
    const cs_kept_run run = {.id = task->id[i],
                             .substance = self->substance->name,
                             .engine = self->engine->name,
                             .scratch = w->folder,
                             .arguments = arguments,
                             .n_arguments = n_first + self->n_arguments,
                             .record = &task->record[i],
                             .message = &task->message[i],
                             .end = &w->end};
    const cs_status status = cs_keep_run(path, &self->keep, &run, err);
    free(arguments);
    return status;
}

/* The inputs are written anew: the program may have changed or removed its own. */
static cs_status keep_files(worker *w, const external *self, const cs_engine_task *task, size_t i,
                            const cs_external_values *values, cs_error *err)
{
    char *path = NULL;
    char *const own = w->folder;
    CS_TRY(cs_keep_folder(&path, &self->keep, task->id[i], err));
    if (path == NULL) {
        return CS_OK;
    }
    w->folder = path;
    cs_status status = write_files(w, self, task, i, values, err);
    w->folder = own;
    if (status == CS_OK) {
        status = fill_names(w, self, self->arguments, self->n_arguments, values, err);
    }
    if (status == CS_OK) {
        status = keep_in(path, w, self, task, i, err);
    }
    free(path);
    return status;
}

static void keep_if_wanted(worker *w, const external *self, const cs_engine_task *task, size_t i,
                           const cs_external_values *values)
{
    cs_error err = {0};
    if (cs_keep_wants(&self->keep, &task->record[i]) &&
        keep_files(w, self, task, i, values, &err) != CS_OK) {
        cs_log(CS_LOG_WARNING, "catchment %" PRId64 ": its files are not kept: %s", task->id[i],
               err.message);
    }
}

/* Whether there is room for a whole run, now or a little later. */
static bool wait_for_room(const external *self)
{
    const struct timespec nap = {.tv_nsec = WAIT_NS};
    for (int n_waits = 0; cs_scratch_room(&self->scratch) < self->max_bytes; n_waits++) {
        if (n_waits == MAX_WAITS) {
            return false;
        }
        nanosleep(&nap, NULL);
    }
    return true;
}

/* Attempts until one is good or the retries are used up. Those that another program spoilt by
 * filling the scratch do not count. */
static cs_status run_attempts(worker *w, external *self, cs_engine_task *task, size_t i,
                              const cs_external_values *values, cs_error *err)
{
    const cs_run_record *record = &task->record[i];
    size_t n_failed = 0, n_repeats = 0;
    while (n_failed <= self->engine->external.retries) {
        const uint64_t n_filled = count_filled(self, 0);
        const cs_status status = attempt(w, self, task, i, values, err);
        const bool is_full =
            cs_scratch_room(&self->scratch) < FULL_BYTES || count_filled(self, 0) != n_filled;
        const bool may_repeat = is_full && !w->has_filled && n_repeats < MAX_REPEATS;
        const bool is_last = n_failed == self->engine->external.retries && !may_repeat;
        if (status == CS_OK && (is_last || record->status == CS_RUN_OK)) {
            keep_if_wanted(w, self, task, i, values);
        }
        w->is_spoilt = !cs_scratch_empty(w->folder);
        if (status != CS_OK || record->status == CS_RUN_OK ||
            record->status == CS_RUN_INVALID_INPUT) {
            return status;
        }
        if (may_repeat && wait_for_room(self)) {
            n_repeats++;
        } else {
            n_failed++;
        }
        if (n_failed <= self->engine->external.retries && cs_stop_requested() != CS_STOP_NONE) {
            return interrupted(err); /* it is still to be tried again */
        }
    }
    return CS_OK;
}

static cs_status run_catchment(external *self, cs_engine_task *task, size_t i, cs_error *err)
{
    cs_run_record *record = &task->record[i];
    cs_variable variable = CS_TEMPERATURE;
    if (record->status != CS_RUN_PENDING) {
        return CS_OK;
    }
    const size_t row = find_missing(self, task, i, &variable);
    if (row > 0) {
        char text[128];
        snprintf(text, sizeof text, "%s is missing or not finite in row %zu",
                 cs_variable_name(variable), row);
        return refuse_input(task, i, text, err);
    }
    cs_external_values values = {.id = task->id[i],
                                 .name = task->name != NULL ? task->name[i] : NULL,
                                 .numbers = task->parameters + i * self->wanted.n};
    name_files(&values);
    if (cs_stop_requested() != CS_STOP_NONE) {
        return interrupted(err);
    }
    worker *w = take_worker(self);
    const cs_status status = run_attempts(w, self, task, i, &values, err);
    release_worker(self, w);
    return status;
}

static cs_status external_run(void *engine, cs_engine_task *task, int n_threads, cs_error *err)
{
    external *self = engine;
    cs_status status = CS_OK;
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (size_t i = 0; i < task->n; i++) {
        cs_error own = {0};
        const cs_status failed = run_catchment(self, task, i, &own);
        if (failed != CS_OK) {
#pragma omp critical(cs_external_failure)
            {
                *err = own;
                status = failed;
            }
        }
    }
    return status;
}

/* ---- opening and closing ---- */

static void external_close(void *engine)
{
    external *self = engine;
    close_lanes(self);
    for (size_t i = 0; i < self->n_workers; i++) {
        close_worker(&self->workers[i]);
    }
    free(self->workers);
    free(self->idle);
    cs_scratch_close(&self->scratch);
    cs_external_series_free(self->series);
    free(self->program[0]);
    free(self->program[1]);
    close_templates(self);
    pthread_mutex_destroy(&self->lock);
    pthread_cond_destroy(&self->released);
    free(self);
}

static void external_rest(void *engine)
{
    close_lanes(engine);
}

static const cs_engine_ops EXTERNAL_OPS = {
    .type = "external", .run = external_run, .rest = external_rest, .close = external_close};

cs_status cs_engine_open_external(cs_engine *engine, const cs_external_spec *spec, cs_error *err)
{
    external *self = NULL;
    CS_TRY(cs_alloc(&self, 1, sizeof *self, "the engine", err));
    self->config = spec->config;
    self->engine = spec->engine;
    self->substance = spec->substance;
    self->keep = spec->keep;
    self->n_time = spec->n_time;
    self->first_place = spec->first_place;
    const bool keeps = cs_external_program_keeps(&spec->engine->external) != NULL;
    /* a server would be bound as the program is that starts it */
    self->n_places = keeps || spec->engine->external.all_cpus ? 1 : spec->n_places;
    self->max_bytes = (uint64_t)spec->n_time * BYTES_A_ROW + BYTES_BESIDES;
    self->needs = cs_external_series_needs(&spec->engine->external);
    self->scratch.lock = -1;
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->released, NULL);
    cs_status status = CS_OK;
    CS_CHECK(cs_keep_prepare(&self->keep, err));
    CS_CHECK(open_templates(self, spec, err));
    CS_CHECK(cs_external_program_find(self->program, spec->config, spec->engine, err));
    CS_CHECK(cs_external_series_open(&self->series, spec->config, &spec->engine->external,
                                     spec->n_time, spec->step_days, err));
    CS_CHECK(cs_scratch_open(&self->scratch, spec->scratch, spec->n_workers,
                             self->max_bytes * spec->n_sharing, err));
    CS_CHECK(open_workers(self, spec, err));
    *engine = (cs_engine){.ops = &EXTERNAL_OPS, .self = self};
    return CS_OK;
release:
    external_close(self);
    return status;
}
