/* SPDX-License-Identifier: MIT */
#include "job/substance_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "job/initial_states.h"
#include "job/order.h"
#include "model/compare.h"
#include "model/external_numbers.h"
#include "model/external_series.h"

static cs_status want_variables(cs_substance_job *job, cs_error *err)
{
    const cs_config_engine *engine = job->external.engine;
    uint32_t wanted = job->is_native ? job->model->needs : 0;
    if (engine != NULL) {
        wanted |= cs_external_series_needs(&engine->external) | 1U << CS_LOCAL_DISCHARGE;
    }
    if (job->config->output.discharge) {
        wanted |= 1U << CS_DISCHARGE | 1U << CS_LOCAL_DISCHARGE;
    }
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        if (wanted >> v & 1) {
            CS_TRY(cs_forcing_want(job->forcing, (cs_variable)v, err));
        }
    }
    return CS_OK;
}

/* ---- initial states, order, parameters ---- */

/* Where the run goes on from an earlier one: its states instead of the configuration's. */
static cs_initial_states initial_states_of(const cs_substance_job *job)
{
    return (cs_initial_states){.config = job->config,
                               .substance = job->substance,
                               .model = job->model,
                               .input = cs_forcing_get_info(job->forcing)};
}

static cs_status open_initial_states(cs_substance_job *job, cs_error *err)
{
    const cs_initial_states run = initial_states_of(job);
    return job->substance->initial_states == NULL
               ? CS_OK
               : cs_initial_states_open(&job->earlier, &run, err);
}

/* The blocks of native models are tiles of the step file, which take much the same time. */
static cs_status open_order(cs_substance_job *job, cs_error *err)
{
    const char *costs = job->options->costs;
    if (costs == NULL) {
        return CS_OK;
    }
    if (job->external.engine == NULL) {
        cs_log(CS_LOG_INFO, "%s: --costs is for external programs", job->substance->name);
        return CS_OK;
    }
    return cs_order_by_cost(&job->order, costs, cs_forcing_get_info(job->forcing), err);
}

/* Our model's parameters come first, then the numbers that a program's templates want. */
static cs_status join_parameters(cs_substance_job *job, const double *numbers, cs_error *err)
{
    const size_t n = cs_forcing_get_info(job->forcing)->n_catchment;
    const size_t n_native = job->n_native, n_wanted = job->external.wanted.n;
    double *joined = NULL;
    CS_TRY(cs_alloc(&joined, n * (n_native + n_wanted), sizeof *joined, "parameters", err));
    for (size_t i = 0; i < n; i++) {
        double *row = joined + i * (n_native + n_wanted);
        for (size_t k = 0; k < n_native; k++) {
            row[k] = job->parameters.values[i * n_native + k];
        }
        for (size_t k = 0; k < n_wanted; k++) {
            row[n_native + k] = numbers[i * n_wanted + k];
        }
    }
    free(job->parameters.values);
    job->parameters.values = joined;
    return CS_OK;
}

static cs_status resolve_native(cs_substance_job *job, cs_error *err)
{
    const cs_initial_states run = initial_states_of(job);
    CS_TRY(cs_parameters_resolve(&job->parameters, job->config, job->substance, job->model,
                                 job->forcing, err));
    return job->earlier == NULL
               ? CS_OK
               : cs_initial_states_fill(job->parameters.states, &run, job->earlier, err);
}

static cs_status resolve_external(cs_substance_job *job, cs_error *err)
{
    const cs_initial_states run = initial_states_of(job);
    const cs_wanted *wanted = &job->external.wanted;
    double *numbers = NULL;
    cs_status status = CS_OK;
    CS_CHECK(cs_external_numbers_resolve(&numbers, wanted, job->config, job->substance, job->model,
                                         job->forcing, err));
    if (job->earlier != NULL) {
        CS_CHECK(cs_initial_states_fill_numbers(numbers, wanted, &run, job->earlier, err));
    }
    status = join_parameters(job, numbers, err);
release:
    free(numbers);
    return status;
}

static cs_status resolve_parameters(cs_substance_job *job, cs_error *err)
{
    if (job->is_native) {
        CS_TRY(resolve_native(job, err));
    }
    return job->external.engine != NULL ? resolve_external(job, err) : CS_OK;
}

/* ---- the plan ---- */

static void describe_states(cs_result_format *format, const cs_substance_model *model)
{
    format->n_states = model->n_states;
    for (size_t s = 0; s < model->n_states; s++) {
        snprintf(format->state_name[s], sizeof format->state_name[s], "%s", model->states[s].name);
        snprintf(format->state_units[s], sizeof format->state_units[s], "%s",
                 model->states[s].units);
    }
}

/* Which rows of the series these are: an earlier run may have begun it. */
static void place_in_series(cs_substance_job *job)
{
    job->plan.start = cs_forcing_get_info(job->forcing)->start;
    job->plan.number = 0;
    if (job->earlier != NULL) {
        const cs_earlier_info *earlier = cs_earlier_get_info(job->earlier);
        job->plan.start = earlier->series_start;
        job->plan.number = earlier->series_number + earlier->n_time - 1;
    }
}

static void make_plan(cs_substance_job *job)
{
    const cs_forcing_info *info = cs_forcing_get_info(job->forcing);
    const cs_config_output *output = &job->config->output;
    const bool is_external = job->external.engine != NULL;
    job->n_catchment = info->n_catchment;
    job->files = (cs_result_format){
        .n_time = info->n_time,
        .block_size = cs_results_block_size(info->n_catchment),
        .step_rows = cs_results_step_rows(info->n_time),
        .element_size = output->float64 ? sizeof(double) : sizeof(float),
        .n_variables = output->discharge ? CS_N_RESULT_VARIABLES : CS_RESULT_DISCHARGE,
        .with_steps = job->substance->steps != NULL,
        .level = (uint64_t)output->deflate};
    if (job->is_native) {
        describe_states(&job->files, job->model);
    }
    if (job->config->compare) {
        cs_compare_describe(&job->files);
    }
    job->plan =
        (cs_block_plan){.forcing = *cs_forcing_get_format(job->forcing),
                        .result = job->files,
                        .step_days = info->step_days,
                        .n_parameters = job->n_native + job->external.wanted.n,
                        .with_ids = is_external,
                        .with_names = job->external.wanted.needs_name && info->name != NULL};
    place_in_series(job);
    if (is_external) { /* blocks of few catchments: their rows are rearranged on rank 0 */
        job->plan.result.with_steps = 0;
        job->plan.result.block_size = CS_EXTERNAL_BLOCK;
    }
}

cs_status cs_substance_job_prepare(cs_substance_job *job, cs_error *err)
{
    CS_TRY(want_variables(job, err));
    CS_TRY(open_initial_states(job, err));
    CS_TRY(open_order(job, err));
    CS_TRY(resolve_parameters(job, err));
    make_plan(job);
    bool has_patterns = false;
    if (job->is_native) {
        CS_TRY(cs_patterns_resolve(&job->plan.patterns, &has_patterns, job->config, job->substance,
                                   job->model, err));
    }
    job->plan.has_patterns = has_patterns ? 1 : 0;
    return CS_OK;
}
