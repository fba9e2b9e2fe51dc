/* SPDX-License-Identifier: MIT */
#include "model/external_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "model/external_program.h"
#include "model/scratch_tree.h"

cs_status cs_external_command(const char ***arguments, size_t *n, cs_external_worker *w,
                              const cs_external *self, const cs_external_values *values,
                              cs_error *err)
{
    const char **words = NULL;
    const size_t n_first = self->program[1] != NULL ? 2 : 1;
    CS_TRY(cs_external_fill_names(w, self, self->arguments, self->n_arguments, values, err));
    CS_TRY(cs_alloc(&words, n_first + self->n_arguments, sizeof *words, "arguments", err));
    for (size_t k = 0; k < n_first; k++) {
        words[k] = self->program[k];
    }
    const char *at = (const char *)w->names.data;
    for (size_t k = 0; k < self->n_arguments; k++) {
        words[n_first + k] = at;
        at += strlen(at) + 1;
    }
    *arguments = words;
    *n = n_first + self->n_arguments;
    return CS_OK;
}

uint64_t cs_external_count_filled(cs_external *self, uint64_t more)
{
    pthread_mutex_lock(&self->lock);
    self->n_filled += more;
    const uint64_t n = self->n_filled;
    pthread_mutex_unlock(&self->lock);
    return n;
}

/* What it left counts, too, so that it does not matter how fast it wrote it. One that failed in
 * another way, at the largest size of a file or in time, did so. */
static cs_status check_use(cs_external_worker *w, cs_external *self, const cs_program_end *end,
                           cs_error *err)
{
    cs_scratch_use use = {0};
    const bool was_ended = end->fate == CS_PROGRAM_FILLED;
    cs_scratch_measure(&use, w->folder, self->max_bytes);
    w->has_filled = was_ended || use.n_bytes > self->max_bytes;
    cs_external_count_filled(self,
                             w->has_filled && cs_scratch_room(&self->scratch) < self->max_bytes);
    if (!was_ended && !(end->fate == CS_PROGRAM_EXITED && w->has_filled)) {
        return CS_OK;
    }
    return cs_fail(err, CS_DATA,
                   "it filled its folder: more than %.1f MiB, where each file counts as 4 KiB at "
                   "least (%" PRIu64 " files or more)",
                   (double)self->max_bytes / 1048576.0, use.n_files);
}

static void tell_immortal(const cs_program_end *end, const cs_external *self,
                          const cs_external_values *values)
{
    if (end->n_immortal > 0) {
        cs_log(CS_LOG_WARNING,
               "engine %s, catchment %" PRId64 ": %u processes that the program started cannot be "
               "killed; do they wait for a disk that is gone?",
               self->engine->name, values->id, (unsigned)end->n_immortal);
    }
}

cs_status cs_external_run_program(cs_program_end *end, cs_external_worker *w, cs_external *self,
                                  const cs_external_values *values, cs_error *err)
{
    const char **arguments = NULL;
    size_t n = 0;
    CS_TRY(cs_external_open_lane(w, self, err));
    CS_TRY(cs_external_command(&arguments, &n, w, self, values, err));
    const cs_program_call call = {.folder = w->folder,
                                  .arguments = arguments,
                                  .n_arguments = n,
                                  .timeout = self->engine->external.timeout,
                                  .max_file_size = self->max_bytes,
                                  .max_bytes = self->max_bytes,
                                  .keeps = cs_external_program_keeps(&self->engine->external)};
    const cs_status status = cs_warden_run(end, w->lane, &call, err);
    free(arguments);
    tell_immortal(end, self, values);
    if (status == CS_OK && (end->fate == CS_PROGRAM_FILLED || end->fate == CS_PROGRAM_UNWATCHED)) {
        cs_warden_close_lane(w->lane);
        w->lane = -1;
    }
    return status == CS_OK ? check_use(w, self, end, err) : status;
}
