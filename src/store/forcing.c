/* SPDX-License-Identifier: MIT */
#include "store/forcing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/forcing_ops.h"
#include "store/names.h"

struct cs_forcing {
    cs_forcing_file file;
    cs_forcing_info info; /* of the selection */
    cs_forcing_format format;
    size_t *place; /* [info.n_catchment] in the file */
};

cs_selection cs_selection_all(void)
{
    return (cs_selection){.from = -INFINITY, .to = INFINITY};
}

/* ---- selection ---- */

/* Hours in a double are exact to the microsecond; allow for other units. */
static const double TIME_SLACK = 1e-3; /* seconds */

static cs_status select_time(cs_forcing *forcing, const cs_selection *selection, cs_error *err)
{
    const cs_forcing_info *all = &forcing->file.info;
    size_t first = 0, behind = 0;
    for (size_t i = 0; i < all->n_time; i++) {
        const double t = all->start + (double)i * all->step_days * 86400.0;
        first += t < selection->from - TIME_SLACK;
        behind += t <= selection->to + TIME_SLACK;
    }
    if (behind <= first) {
        return cs_fail(err, CS_DATA, "%s: has no time step between --from and --to", all->path);
    }
    forcing->format.n_time_stored = all->n_time;
    forcing->format.first_time = first;
    forcing->format.n_time = behind - first;
    forcing->info.n_time = behind - first;
    forcing->info.start = all->start + (double)first * all->step_days * 86400.0;
    return CS_OK;
}

static int compare_ids(const void *a, const void *b)
{
    const int64_t *x = *(int64_t *const *)a, *y = *(int64_t *const *)b;
    return (*x > *y) - (*x < *y);
}

/* Pointers to the ids in order of id, so that a place is found by bisection. */
static cs_status sort_ids(const int64_t ***sorted, const cs_forcing_info *info, cs_error *err)
{
    CS_TRY(cs_alloc(sorted, info->n_catchment, sizeof **sorted, "the ids", err));
    for (size_t i = 0; i < info->n_catchment; i++) {
        (*sorted)[i] = &info->id[i];
    }
    qsort(*sorted, info->n_catchment, sizeof **sorted, compare_ids);
    return CS_OK;
}

static cs_status refuse_duplicates(const cs_forcing_info *info, const int64_t **sorted,
                                   cs_error *err)
{
    for (size_t i = 0; i < info->n_catchment; i++) {
        if (info->id[i] <= 0) {
            return cs_fail(err, CS_DATA, "%s: catchment id %lld at place %zu; ids must be positive",
                           info->path, (long long)info->id[i], i + 1);
        }
        if (i > 0 && *sorted[i] == *sorted[i - 1]) {
            return cs_fail(err, CS_DATA, "%s: catchment id %lld occurs more than once", info->path,
                           (long long)*sorted[i]);
        }
    }
    return CS_OK;
}

static cs_status select_only(cs_forcing *forcing, const cs_selection *selection,
                             const int64_t **sorted, cs_error *err)
{
    const cs_forcing_info *all = &forcing->file.info;
    for (size_t i = 0; i < selection->n_only; i++) {
        const int64_t *wanted = &selection->only[i];
        const int64_t **found =
            bsearch(&wanted, sorted, all->n_catchment, sizeof *sorted, compare_ids);
        if (found == NULL) {
            return cs_fail(err, CS_DATA, "%s: has no catchment %lld, which --only names", all->path,
                           (long long)*wanted);
        }
        forcing->place[i] = (size_t)(*found - all->id);
    }
    forcing->info.n_catchment = selection->n_only;
    return CS_OK;
}

static cs_status select_catchments(cs_forcing *forcing, const cs_selection *selection,
                                   cs_error *err)
{
    const cs_forcing_info *all = &forcing->file.info;
    const size_t n_wanted = selection->only != NULL ? selection->n_only : all->n_catchment;
    const int64_t **sorted = NULL;
    cs_status status = CS_OK;
    CS_CHECK(sort_ids(&sorted, all, err));
    CS_CHECK(refuse_duplicates(all, sorted, err));
    CS_CHECK(cs_alloc(&forcing->place, n_wanted, sizeof *forcing->place, "the selection", err));
    if (selection->only != NULL) {
        CS_CHECK(select_only(forcing, selection, sorted, err));
    } else {
        for (size_t i = 0; i < n_wanted; i++) {
            forcing->place[i] = i;
        }
        forcing->info.n_catchment = n_wanted;
    }
    if (selection->first_n > 0 && selection->first_n < forcing->info.n_catchment) {
        forcing->info.n_catchment = selection->first_n;
    }
release:
    free(sorted);
    return status;
}

static cs_status copy_ids(cs_forcing *forcing, cs_error *err)
{
    const cs_forcing_info *all = &forcing->file.info;
    cs_forcing_info *info = &forcing->info;
    CS_TRY(cs_alloc(&info->id, info->n_catchment, sizeof *info->id, "the ids", err));
    if (all->name != NULL) {
        CS_TRY(cs_alloc(&info->name, info->n_catchment, sizeof *info->name, "the names", err));
    }
    for (size_t i = 0; i < info->n_catchment; i++) {
        info->id[i] = all->id[forcing->place[i]];
        if (info->name != NULL) {
            info->name[i] = all->name[forcing->place[i]];
        }
    }
    return CS_OK;
}

static cs_status refuse_bad_areas(cs_forcing *forcing, cs_error *err)
{
    double *area = NULL;
    CS_TRY(cs_forcing_number(forcing, &area, "area", err));
    cs_status status = CS_OK;
    for (size_t i = 0; area != NULL && i < forcing->info.n_catchment && status == CS_OK; i++) {
        if (!(area[i] >= 0.0) || isinf(area[i])) {
            status = cs_fail(err, CS_DATA, "%s: catchment %lld has area %g m2", forcing->info.path,
                             (long long)forcing->info.id[i], area[i]);
        }
    }
    free(area);
    return status;
}

cs_status cs_forcing_open(cs_forcing **out, const char *path, const cs_selection *selection,
                          cs_error *err)
{
    cs_forcing *forcing = NULL;
    CS_TRY(cs_alloc(&forcing, 1, sizeof *forcing, "the input", err));
    cs_status status = CS_OK;
    if (cs_forcing_is_crosswater(path)) {
        CS_CHECK(cs_forcing_crosswater_open(&forcing->file, path, err));
    } else {
        CS_CHECK(cs_forcing_cf_open(&forcing->file, path, err));
    }
    forcing->info = forcing->file.info; /* texts are shared, arrays made anew */
    forcing->info.id = NULL;
    forcing->info.name = NULL;
    CS_CHECK(select_time(forcing, selection, err));
    CS_CHECK(select_catchments(forcing, selection, err));
    CS_CHECK(copy_ids(forcing, err));
    CS_CHECK(refuse_bad_areas(forcing, err));
    *out = forcing;
    return CS_OK;
release:
    cs_forcing_close(forcing);
    return status;
}

void cs_forcing_close(cs_forcing *forcing)
{
    if (forcing == NULL) {
        return;
    }
    if (forcing->file.ops != NULL) {
        forcing->file.ops->close(forcing->file.self);
    }
    const cs_forcing_info *all = &forcing->file.info;
    cs_names_free(all->name, all->n_catchment);
    free(all->id);
    free(all->path);
    free(all->title);
    free(all->source);
    free(all->licence);
    free(all->attribution);
    free(all->history);
    free(all->content_id);
    free(forcing->info.id);
    free(forcing->info.name);
    free(forcing->place);
    free(forcing);
}

const cs_forcing_info *cs_forcing_get_info(const cs_forcing *forcing)
{
    return &forcing->info;
}

cs_status cs_forcing_want(cs_forcing *forcing, cs_variable variable, cs_error *err)
{
    cs_row_format *format = &forcing->format.variable[variable];
    CS_TRY(forcing->file.ops->want(forcing->file.self, format, variable, err));
    format->wanted = 1;
    return CS_OK;
}

const cs_forcing_format *cs_forcing_get_format(const cs_forcing *forcing)
{
    return &forcing->format;
}

cs_status cs_forcing_number(cs_forcing *forcing, double **values, const char *name, cs_error *err)
{
    *values = NULL;
    double *all = NULL;
    CS_TRY(forcing->file.ops->number(forcing->file.self, &all, name, err));
    if (all == NULL) {
        return CS_OK;
    }
    const size_t n = forcing->info.n_catchment;
    const cs_status status = cs_alloc(values, n, sizeof **values, name, err);
    for (size_t i = 0; status == CS_OK && i < n; i++) {
        (*values)[i] = all[forcing->place[i]];
    }
    free(all);
    return status;
}

cs_status cs_forcing_read(cs_forcing *forcing, cs_bytes *packet, size_t first, size_t count,
                          cs_error *err)
{
    return forcing->file.ops->rows(forcing->file.self, packet, &forcing->format,
                                   forcing->place + first, count, err);
}

uint64_t cs_forcing_size(const cs_forcing *forcing)
{
    uint64_t size = 0;
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        if (forcing->format.variable[v].wanted) {
            size += forcing->file.ops->size(forcing->file.self, (cs_variable)v);
        }
    }
    const double share = (double)forcing->info.n_catchment / (double)forcing->file.info.n_catchment;
    return (uint64_t)((double)size * share);
}
