/* SPDX-License-Identifier: MIT */
#include "model/external_parts.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/stop.h"
#include "model/external_verdict.h"
#include "model/scratch_tree.h"

cs_status cs_external_refuse_input(cs_engine_task *task, size_t i, const char *why, cs_error *err)
{
    task->record[i].status = CS_RUN_INVALID_INPUT;
    task->message[i].size = 0;
    return cs_bytes_append(&task->message[i], why, strlen(why), err);
}

cs_status cs_external_interrupted(cs_error *err)
{
    return cs_fail(err, CS_INTERRUPTED, "ended with the run");
}

/* A program may have removed its folder, or made it unusable: tried again before each attempt. */
static cs_status repair_folder(cs_external_worker *w, cs_error *err)
{
    w->is_spoilt = w->is_spoilt && !cs_scratch_empty(w->folder);
    return w->is_spoilt ? cs_fail(err, CS_IO,
                                  "%s, in which the programs run, cannot be emptied: it was "
                                  "changed by one of them",
                                  w->folder)
                        : CS_OK;
}

/* What a program that was killed has written so far. */
static cs_status tell_partial(const cs_external_worker *w, const cs_engine_task *task, size_t i,
                              const cs_external_values *values, cs_error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", w->folder, values->file[CS_FILE_OUTPUT]);
    return cs_external_partial(&task->message[i], path, task->n_time, err);
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

cs_status cs_external_attempt(cs_external_worker *w, cs_external *self, cs_engine_task *task,
                              size_t i, const cs_external_values *values, cs_error *err)
{
    cs_error reason = {0};
    cs_program_end end = {.fate = CS_PROGRAM_EXITED};
    w->has_filled = false;
    cs_status status = repair_folder(w, &reason);
    if (status == CS_OK) {
        status = cs_external_write_files(w, self, task, i, values, &reason);
    }
    if (status == CS_DATA) { /* a placeholder without a value */
        return cs_external_refuse_input(task, i, reason.message, err);
    }
    if (status == CS_OK) {
        status = cs_external_run_program(&end, w, self, values, &reason);
    }
    if (status == CS_INTERNAL || status == CS_INTERRUPTED || status == CS_MEMORY) {
        *err = reason;
        return status;
    }
    if (is_of_the_stop(&end)) {
        return cs_external_interrupted(err);
    }
    task->record[i].attempts++;
    if (status == CS_OK && end.fate == CS_PROGRAM_EXITED && end.code == 0) {
        status = cs_external_take_output(w, self, task, i, values, &reason);
    }
    if (status == CS_MEMORY) {
        *err = reason;
        return status;
    }
    w->end = end;
    CS_TRY(cs_external_verdict(&task->record[i], &task->message[i], &end, status, &reason, err));
    return end.fate == CS_PROGRAM_EXITED ? CS_OK : tell_partial(w, task, i, values, err);
}
