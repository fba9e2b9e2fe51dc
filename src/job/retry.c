/* SPDX-License-Identifier: MIT */
#include "job/retry.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/output.h"
#include "store/earlier.h"
#include "store/mend.h"
#include "store/result_packet.h"

/* What rank 0 finds in the result, for all ranks. */
typedef struct {
    uint64_t n_failed, float64;
    double from, to; /* seconds since 1970 */
} found;

/* ---- what failed ---- */

static cs_status check(const cs_retry *retry, const cs_earlier_info *info, cs_error *err)
{
    const cs_config_substance *substance = retry->substance;
    if (strcmp(info->substance, substance->name) != 0 ||
        strcmp(info->model, substance->model) != 0) {
        return cs_fail(err, CS_DATA,
                       "%s: is the result of substance %s by model %s, not of %s by %s", info->path,
                       info->substance, info->model, substance->name, substance->model);
    }
    if (info->series_number > 0 && substance->initial_states == NULL) {
        return cs_fail(err, CS_DATA,
                       "%s: its run began with the states of an earlier one; give the same "
                       "--initial-states",
                       info->path);
    }
    return CS_OK;
}

static cs_status check_input(const cs_earlier_info *info, const cs_config *config, cs_error *err)
{
    cs_forcing *forcing = NULL;
    const cs_selection all = cs_selection_all();
    CS_TRY(cs_forcing_open(&forcing, config->input, &all, err));
    const char *content_id = cs_forcing_get_info(forcing)->content_id;
    cs_status status = CS_OK;
    if (content_id != NULL && info->content_id != NULL &&
        strcmp(content_id, info->content_id) != 0) {
        status = cs_fail(err, CS_DATA, "%s: was made from another input than %s: content_id %s, %s",
                         info->path, config->input, info->content_id, content_id);
    }
    cs_forcing_close(forcing);
    return status;
}

/* With --engine=both, what only one engine could run has failed, too. */
static cs_status list_failed(cs_retry *retry, const cs_earlier *earlier, cs_error *err)
{
    const cs_earlier_info *info = cs_earlier_get_info(earlier);
    double *compared = NULL;
    CS_TRY(cs_earlier_numbers(&compared, earlier, "compare/run_status", err));
    const cs_status status =
        cs_alloc(&retry->failed, info->n_catchment, sizeof *retry->failed, "the ids", err);
    for (size_t i = 0; status == CS_OK && i < info->n_catchment; i++) {
        const bool is_compared = compared == NULL || compared[i] == (double)CS_RUN_OK;
        if (info->status[i] != CS_RUN_OK || !is_compared) {
            retry->failed[retry->n_failed++] = info->id[i];
        }
    }
    free(compared);
    return status;
}

/* Nobody writes the result, and no run that would replace it can be resumed. */
static cs_status refuse_unfinished(const char *path, cs_error *err)
{
    cs_output output = {.journal = -1};
    CS_TRY(cs_output_lock(&output, path, err));
    const cs_status status = cs_output_refuse_journal(&output, err);
    output.is_kept = status != CS_OK;
    cs_output_release(&output);
    return status;
}

static cs_status look(found *what, cs_retry *retry, const cs_config *config, const char *text,
                      cs_error *err)
{
    cs_earlier *earlier = NULL;
    CS_TRY(refuse_unfinished(retry->substance->results, err));
    CS_TRY(cs_earlier_open(&earlier, retry->substance->results, err));
    const cs_earlier_info *info = cs_earlier_get_info(earlier);
    cs_status status = CS_OK;
    CS_CHECK(check(retry, info, err));
    CS_CHECK(check_input(info, config, err));
    CS_CHECK(list_failed(retry, earlier, err));
    if (retry->n_failed > 0 && retry->substance->steps != NULL) {
        CS_CHECK(cs_steps_check(retry->substance->steps, retry->substance->name, info->n_catchment,
                                info->n_time, err));
    }
    if (strcmp(info->configuration, text) != 0) {
        cs_log(CS_LOG_WARNING,
               "%s: was made with another configuration; what is run again has this", info->path);
    }
    *what = (found){.n_failed = retry->n_failed,
                    .float64 = info->float64,
                    .from = info->start,
                    .to = info->last};
release:
    cs_earlier_close(earlier);
    return status;
}

/* ---- opening and closing ---- */

static cs_status refuse_options(const cs_simulate_options *options, cs_error *err)
{
    if (options->selection.only != NULL || options->selection.first_n > 0) {
        return cs_fail(err, CS_USAGE,
                       "--retry-failed chooses the catchments: leave out --only and --first");
    }
    if (options->fresh) {
        return cs_fail(
            err, CS_USAGE,
            "--retry-failed adds to finished results, --fresh replaces them: leave out one "
            "of them");
    }
    if (options->keep_files != NULL) {
        return cs_fail(err, CS_USAGE,
                       "--retry-failed changes the result: use --keep-failed "
                       "instead of --keep-files");
    }
    return CS_OK;
}

static cs_status redirect(cs_retry *retry, cs_error *err)
{
    char *again = NULL;
    CS_TRY(cs_format(&again, err, "%s.retry", retry->substance->results));
    retry->path = retry->substance->results;
    retry->steps = retry->substance->steps;
    retry->substance->results = again;
    retry->substance->steps = NULL;
    return CS_OK;
}

cs_status cs_retry_open(cs_retry *retry, cs_config *config, cs_config_substance *substance,
                        const cs_simulate_options *options, const char *text, cs_comm *comm,
                        cs_error *err)
{
    found what = {0};
    *retry = (cs_retry){.substance = substance, .options = *options};
    CS_TRY(refuse_options(options, err)); /* the same on all ranks */
    cs_status status = CS_OK;
    if (cs_comm_rank(comm) == 0) {
        status = look(&what, retry, config, text, err);
    }
    CS_TRY(cs_comm_agree(comm, status, err));
    cs_comm_broadcast(comm, &what, sizeof what);
    retry->n_failed = what.n_failed;
    retry->options.selection.only = retry->failed; /* which only rank 0 uses */
    retry->options.selection.n_only = (size_t)what.n_failed;
    retry->options.selection.from = what.from;
    retry->options.selection.to = what.to;
    config->output.float64 = what.float64 != 0;
    config->output.existing = options->resume ? CS_EXISTING_RESUME : CS_EXISTING_REPLACE;
    return cs_comm_agree(comm, redirect(retry, err), err);
}

/* Whatever is printed afterwards names the result. */
static void give_back(cs_retry *retry)
{
    free(retry->substance->results);
    retry->substance->results = retry->path;
    retry->substance->steps = retry->steps;
    retry->path = NULL;
    retry->steps = NULL;
}

cs_status cs_retry_finish(cs_retry *retry, cs_error *err)
{
    size_t n_mended = 0;
    const cs_mend_spec spec = {
        .path = retry->path, .steps_path = retry->steps, .again_path = retry->substance->results};
    CS_TRY(cs_results_mend(&n_mended, &spec, err));
    if (unlink(spec.again_path) != 0) {
        cs_log(CS_LOG_WARNING, "%s: could not be removed; nobody needs it", spec.again_path);
    }
    give_back(retry);
    return CS_OK;
}

void cs_retry_close(cs_retry *retry)
{
    if (retry->path != NULL) {
        give_back(retry);
    }
    free(retry->failed);
    *retry = (cs_retry){0};
}
