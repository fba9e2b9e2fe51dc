/* SPDX-License-Identifier: MIT */
#include "job/initial_states.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"

/* Hours in a double are exact to the microsecond; allow for other units. */
static const double TIME_SLACK = 1e-3; /* seconds */

/* ---- does it fit ---- */

static cs_status check_kind(const cs_initial_states *run, const cs_earlier_info *info,
                            cs_error *err)
{
    if (run->model == NULL) {
        return cs_fail(err, CS_DATA,
                       "substance %s: model \"%s\" is none of ours, so %s has no states of it",
                       run->substance->name, run->substance->model, info->path);
    }
    if (strcmp(info->model, run->model->name) != 0) {
        return cs_fail(err, CS_DATA, "%s: holds the states of model %s, but substance %s has %s",
                       info->path, info->model, run->substance->name, run->model->name);
    }
    if (strcmp(info->substance, run->substance->name) != 0) {
        return cs_fail(err, CS_DATA, "%s: holds the states of substance %s, not of %s", info->path,
                       info->substance, run->substance->name);
    }
    return CS_OK;
}

static cs_status check_time(const cs_initial_states *run, const cs_earlier_info *info,
                            cs_error *err)
{
    if (info->step_days != run->input->step_days) {
        return cs_fail(err, CS_DATA, "%s: has time steps of %g h, the input has %g h", info->path,
                       24.0 * info->step_days, 24.0 * run->input->step_days);
    }
    if (fabs(info->last - run->input->start) <= TIME_SLACK) {
        return CS_OK;
    }
    char last[CS_CALENDAR_LENGTH], start[CS_CALENDAR_LENGTH];
    cs_calendar_format(last, info->last);
    cs_calendar_format(start, run->input->start);
    return cs_fail(
        err, CS_DATA,
        "%s: its states are those of its last row, %zu, %s; the first row of this run is "
        "%s: it must be the same (--from, --to)",
        info->path, info->n_time - 1, last, start);
}

static cs_status check_catchments(const cs_initial_states *run, const cs_earlier *earlier,
                                  cs_error *err)
{
    for (size_t i = 0; i < run->input->n_catchment; i++) {
        size_t place = 0;
        if (!cs_earlier_find(&place, earlier, run->input->id[i])) {
            return cs_fail(err, CS_DATA, "%s: has no catchment %lld, which this run needs",
                           cs_earlier_get_info(earlier)->path, (long long)run->input->id[i]);
        }
    }
    return CS_OK;
}

cs_status cs_initial_states_open(cs_earlier **out, const cs_initial_states *run, cs_error *err)
{
    cs_earlier *earlier = NULL;
    *out = NULL;
    CS_TRY(cs_earlier_open(&earlier, run->substance->initial_states, err));
    cs_status status = CS_OK;
    CS_CHECK(check_kind(run, cs_earlier_get_info(earlier), err));
    CS_CHECK(check_time(run, cs_earlier_get_info(earlier), err));
    CS_CHECK(check_catchments(run, earlier, err));
    *out = earlier;
    return CS_OK;
release:
    cs_earlier_close(earlier);
    return status;
}

/* ---- states ---- */

/* Fills a column of a matrix [n_catchment][width] with a state of the earlier result. */
static cs_status fill_column(double *matrix, size_t width, size_t column, const char *state,
                             const cs_initial_states *run, const cs_earlier *earlier, cs_error *err)
{
    char name[64];
    double *values = NULL;
    snprintf(name, sizeof name, "state_%s", state);
    CS_TRY(cs_earlier_numbers(&values, earlier, name, err));
    if (values == NULL) {
        return cs_fail(err, CS_DATA,
                       "%s: has no dataset %s; external programs leave no states, native models do",
                       cs_earlier_get_info(earlier)->path, name);
    }
    const signed char *status = cs_earlier_get_info(earlier)->status;
    for (size_t i = 0; i < run->input->n_catchment; i++) {
        size_t place = 0;
        const bool is_found = cs_earlier_find(&place, earlier, run->input->id[i]);
        const bool is_ok = is_found && status[place] == CS_RUN_OK;
        matrix[i * width + column] = is_ok ? values[place] : NAN;
    }
    free(values);
    return CS_OK;
}

static bool has_nan(const double *values, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (isnan(values[k])) {
            return true;
        }
    }
    return false;
}

/* What was left by the same model is valid; what was edited since may not be. */
static cs_status check_states(const double *states, const cs_initial_states *run,
                              const cs_earlier *earlier, cs_error *err)
{
    const size_t width = run->model->n_states;
    for (size_t i = 0; i < run->input->n_catchment; i++) {
        const double *own = states + i * width;
        const char *broken = has_nan(own, width) ? NULL : run->model->state_invalid(own);
        if (broken != NULL) {
            return cs_fail(err, CS_DATA, "%s: catchment %lld: %s",
                           cs_earlier_get_info(earlier)->path, (long long)run->input->id[i],
                           broken);
        }
    }
    return CS_OK;
}

cs_status cs_initial_states_fill(double *states, const cs_initial_states *run,
                                 const cs_earlier *earlier, cs_error *err)
{
    const size_t width = run->model->n_states;
    for (size_t s = 0; s < width; s++) {
        CS_TRY(fill_column(states, width, s, run->model->states[s].name, run, earlier, err));
    }
    return check_states(states, run, earlier, err);
}

cs_status cs_initial_states_fill_numbers(double *numbers, const cs_wanted *wanted,
                                         const cs_initial_states *run, const cs_earlier *earlier,
                                         cs_error *err)
{
    for (size_t s = 0; s < run->model->n_states; s++) {
        const char *state = run->model->states[s].name;
        size_t n_used = 0;
        for (size_t k = 0; k < wanted->n; k++) {
            if (strcmp(wanted->items[k].name, state) == 0) {
                CS_TRY(fill_column(numbers, wanted->n, k, state, run, earlier, err));
                n_used++;
            }
        }
        if (n_used == 0) {
            return cs_config_fail_at(
                run->config, run->substance->line, err, CS_DATA,
                "substance %s: no template of its engine uses {%s}, so the program cannot begin "
                "with the states of %s",
                run->substance->name, state, cs_earlier_get_info(earlier)->path);
        }
    }
    return CS_OK;
}
