/* SPDX-License-Identifier: MIT */
#include "model/external_parts.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static cs_status open_worker(cs_external_worker *w, cs_external *self, const cs_external_spec *spec,
                             size_t i, cs_error *err)
{
    CS_TRY(cs_scratch_worker(&w->folder, &self->scratch, i, err));
    CS_TRY(cs_external_open_layout(&w->layout, self, spec, err));
    for (int c = CS_COLUMN_LOCAL_DISCHARGE; c < CS_N_COLUMNS; c++) {
        CS_TRY(cs_alloc(&w->values[c], self->n_time, sizeof *w->values[c], "a column", err));
    }
    return CS_OK;
}

/* A worker has a lane and, at times, a file; the rest is for whoever else opens files meanwhile. */
static cs_status check_files(const cs_external *self, size_t n_workers, cs_error *err)
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

cs_status cs_external_open_workers(cs_external *self, const cs_external_spec *spec, cs_error *err)
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

cs_status cs_external_open_lane(cs_external_worker *w, const cs_external *self, cs_error *err)
{
    const cs_warden_share share = {.place =
                                       (uint32_t)(self->first_place + (size_t)(w - self->workers)),
                                   .n_places = (uint32_t)self->n_places};
    return w->lane >= 0 ? CS_OK : cs_warden_open_lane(&w->lane, &share, err);
}

void cs_external_close_lanes(cs_external *self)
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

static void close_worker(cs_external_worker *w)
{
    free(w->folder);
    cs_external_layout_free(w->layout);
    cs_bytes_free(&w->text);
    cs_bytes_free(&w->names);
    for (int c = CS_COLUMN_LOCAL_DISCHARGE; c < CS_N_COLUMNS; c++) {
        free(w->values[c]);
    }
}

void cs_external_close_workers(cs_external *self)
{
    cs_external_close_lanes(self);
    for (size_t i = 0; i < self->n_workers; i++) {
        close_worker(&self->workers[i]);
    }
    free(self->workers);
    free(self->idle);
}

cs_external_worker *cs_external_take_worker(cs_external *self)
{
    pthread_mutex_lock(&self->lock);
    while (self->n_idle == 0) {
        pthread_cond_wait(&self->released, &self->lock);
    }
    cs_external_worker *w = &self->workers[self->idle[--self->n_idle]];
    pthread_mutex_unlock(&self->lock);
    return w;
}

void cs_external_release_worker(cs_external *self, const cs_external_worker *w)
{
    pthread_mutex_lock(&self->lock);
    self->idle[self->n_idle++] = (size_t)(w - self->workers);
    pthread_cond_signal(&self->released);
    pthread_mutex_unlock(&self->lock);
}
