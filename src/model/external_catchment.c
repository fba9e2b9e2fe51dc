/* SPDX-License-Identifier: MIT */
#include "model/external_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/stop.h"
#include "model/scratch_tree.h"

/* A run that failed because of somebody else is repeated, when there is room again. */
enum { MAX_REPEATS = 3, FULL_BYTES = 1 << 20, WAIT_NS = 50000000, MAX_WAITS = 100 };

static double forcing_at(const cs_engine_task *task, int variable, size_t place)
{
    return task->forcing[variable] != NULL ? (double)task->forcing[variable][place]
                                           : task->forcing64[variable][place];
}

/* The first row from 1 on in which a forcing value that is written is no number; 0: none. */
static size_t find_missing(const cs_external *self, const cs_engine_task *task, size_t i,
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

/* ---- runs that are kept ---- */

static cs_status keep_in(const char *path, cs_external_worker *w, const cs_external *self,
                         const cs_engine_task *task, size_t i, const cs_external_values *values,
                         cs_error *err)
{
    const char **arguments = NULL;
    size_t n = 0;
    CS_TRY(cs_external_command(&arguments, &n, w, self, values, err));
    const cs_kept_run run = {.id = task->id[i],
                             .substance = self->substance->name,
                             .engine = self->engine->name,
                             .scratch = w->folder,
                             .arguments = arguments,
                             .n_arguments = n,
                             .record = &task->record[i],
                             .message = &task->message[i],
                             .end = &w->end};
    const cs_status status = cs_keep_run(path, &self->keep, &run, err);
    free(arguments);
    return status;
}

/* The inputs are written anew: the program may have changed or removed its own. */
static cs_status keep_files(cs_external_worker *w, const cs_external *self,
                            const cs_engine_task *task, size_t i, const cs_external_values *values,
                            cs_error *err)
{
    char *path = NULL;
    char *const own = w->folder;
    CS_TRY(cs_keep_folder(&path, &self->keep, task->id[i], err));
    if (path == NULL) {
        return CS_OK;
    }
    w->folder = path;
    cs_status status = cs_external_write_files(w, self, task, i, values, err);
    w->folder = own;
    if (status == CS_OK) {
        status = keep_in(path, w, self, task, i, values, err);
    }
    free(path);
    return status;
}

static void keep_if_wanted(cs_external_worker *w, const cs_external *self,
                           const cs_engine_task *task, size_t i, const cs_external_values *values)
{
    cs_error err = {0};
    if (cs_keep_wants(&self->keep, &task->record[i]) &&
        keep_files(w, self, task, i, values, &err) != CS_OK) {
        cs_log(CS_LOG_WARNING, "catchment %" PRId64 ": its files are not kept: %s", task->id[i],
               err.message);
    }
}

/* ---- attempts ---- */

/* Whether there is room for a whole run, now or a little later. */
static bool wait_for_room(const cs_external *self)
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

/* Whether somebody else may have spoilt an attempt: another program by filling the scratch, or
 * whoever killed the lane, such as a batch system that ends one process of a job after the other.
 */
static bool is_anothers(const cs_external_worker *w, bool is_full)
{
    return (is_full && !w->has_filled) || w->end.fate == CS_PROGRAM_UNWATCHED;
}

/* Attempts until one is good or the retries are used up. The first ones that somebody else may have
 * spoilt do not count. */
static cs_status run_attempts(cs_external_worker *w, cs_external *self, cs_engine_task *task,
                              size_t i, const cs_external_values *values, cs_error *err)
{
    const cs_run_record *record = &task->record[i];
    size_t n_failed = 0, n_repeats = 0;
    while (n_failed <= self->engine->external.retries) {
        const uint64_t n_filled = cs_external_count_filled(self, 0);
        const cs_status status = cs_external_attempt(w, self, task, i, values, err);
        const bool is_full = cs_scratch_room(&self->scratch) < FULL_BYTES ||
                             cs_external_count_filled(self, 0) != n_filled;
        const bool may_repeat = is_anothers(w, is_full) && n_repeats < MAX_REPEATS;
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
            return cs_external_interrupted(err); /* it is still to be tried again */
        }
    }
    return CS_OK;
}

cs_status cs_external_run_catchment(cs_external *self, cs_engine_task *task, size_t i,
                                    cs_error *err)
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
        return cs_external_refuse_input(task, i, text, err);
    }
    cs_external_values values = {.id = task->id[i],
                                 .name = task->name != NULL ? task->name[i] : NULL,
                                 .numbers = task->parameters + i * self->wanted.n};
    cs_external_name_files(&values);
    if (cs_stop_requested() != CS_STOP_NONE) {
        return cs_external_interrupted(err);
    }
    cs_external_worker *w = cs_external_take_worker(self);
    const cs_status status = run_attempts(w, self, task, i, &values, err);
    cs_external_release_worker(self, w);
    return status;
}
