/* SPDX-License-Identifier: MIT */
#include "job/checkpoint_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "journal/identity.h"

bool cs_checkpoint_exists(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0;
}

static cs_status lock_outputs(cs_checkpoint *cp, cs_error *err)
{
    const char *const paths[CS_N_RESULT_FILES] = {cp->spec.results, cp->spec.steps};
    for (int f = 0; f < CS_N_RESULT_FILES && paths[f] != NULL; f++) {
        CS_TRY(cs_output_lock(&cp->output[f], paths[f], err));
        cp->n_outputs++;
    }
    return CS_OK;
}

static cs_status match_finished(cs_checkpoint *cp, cs_error *err)
{
    char *identity = NULL;
    const char *const steps = cp->spec.steps;
    CS_TRY(cs_results_read_identity(&identity, cp->spec.results, err));
    cs_status status = CS_OK;
    if (identity == NULL) {
        status = cs_fail(err, CS_DATA,
                         "%s: exists, and does not tell what it was made with; name another "
                         "output, or give --fresh to replace it",
                         cp->spec.results);
    } else {
        status = cs_identity_match(identity, cp->spec.identity, cp->spec.results, err);
    }
    free(identity);
    if (status == CS_OK && steps != NULL && !cs_checkpoint_exists(steps)) {
        status = cs_fail(err, CS_IO,
                         "%s: is not there, although %s is finished; give --fresh to "
                         "make both anew",
                         steps, cp->spec.results);
    }
    cp->is_finished = status == CS_OK;
    return status;
}

/* Nothing to go on from: what an earlier start may have left is removed. */
static cs_status begin_anew(cs_checkpoint *cp, cs_error *err)
{
    cp->may_replace = cp->spec.existing == CS_EXISTING_REPLACE;
    cp->generation = 1;
    cp->n_recorded = 0;
    cs_checkpoint_forget(cp, cp->known);
    if (cp->spec.existing == CS_EXISTING_RESUME && cs_checkpoint_exists(cp->spec.results)) {
        return match_finished(cp, err);
    }
    for (int f = 0; f < cp->n_outputs; f++) {
        CS_TRY(cs_output_refuse(&cp->output[f], cp->may_replace, err));
    }
    for (int f = 0; f < cp->n_outputs; f++) {
        CS_TRY(cs_output_discard(&cp->output[f], err));
    }
    return CS_OK;
}

static void choose_parts(cs_checkpoint *cp, uint32_t generation)
{
    cp->generation = generation;
    for (int f = 0; f < cp->n_outputs; f++) {
        cs_output_choose_part(&cp->output[f], generation);
        cp->output[f].is_kept = true;
    }
}

static cs_status go_on(cs_checkpoint *cp, const cs_story *s, cs_error *err)
{
    const char *const path = cp->output[CS_RESULT_FILE].path;
    CS_TRY(cs_identity_match(cs_journal_identity(cp->journal), cp->spec.identity, path, err));
    if (s->has_ended) {
        choose_parts(cp, s->end_generation);
        return cs_checkpoint_give_names(cp, err);
    }
    for (int f = 0; f < cp->n_outputs; f++) {
        CS_TRY(cs_output_refuse(&cp->output[f], cp->may_replace, err));
    }
    if (s->generation == 0) { /* its record was lost: nobody knows where the blocks are */
        cs_checkpoint_forget(cp, cp->known);
    }
    uint64_t n_before = 0; /* catchments */
    for (size_t i = 0; i < cp->spec.n_catchment; i++) {
        cp->n_known += cp->known[i].record > 0;
        n_before += cp->known[i].record > 0 ? cp->known[i].count : 0;
    }
    cs_log(CS_LOG_INFO, "%s: goes on after %" PRIu64 " of %zu catchments", path, n_before,
           cp->spec.n_catchment);
    choose_parts(cp, cp->spec.keeps_packets ? 1 : s->generation + 1);
    cp->is_begun = cp->spec.keeps_packets;
    return CS_OK;
}

/* Finds out what the outputs are: new, to go on with, or finished. */
static cs_status decide(cs_checkpoint *cp, cs_error *err)
{
    cs_output *output = &cp->output[CS_RESULT_FILE];
    cs_story s = {0};
    CS_TRY(cs_journal_open(&cp->journal, output->journal, output->journal_path, CS_OUTPUT_HOLDER,
                           err));
    if (cp->spec.existing != CS_EXISTING_REPLACE) {
        CS_TRY(cs_journal_check(cp->journal, err));
    }
    if (cs_journal_identity(cp->journal) != NULL) {
        CS_TRY(cs_checkpoint_read_story(cp, &s, err));
    }
    if ((cp->n_recorded == 0 && !s.has_ended) || cp->spec.existing == CS_EXISTING_REPLACE) {
        return begin_anew(cp, err);
    }
    return cp->spec.existing == CS_EXISTING_RESUME ? go_on(cp, &s, err)
                                                   : cs_output_refuse_journal(output, err);
}

/* A finished output is looked at and not touched: not even locked, unless somebody is at it. */
static cs_status look_or_lock(cs_checkpoint *cp, cs_error *err)
{
    char *journal_path = NULL;
    CS_TRY(cs_format(&journal_path, err, "%s.journal", cp->spec.results));
    const bool alone =
        cs_checkpoint_exists(cp->spec.results) && !cs_checkpoint_exists(journal_path);
    free(journal_path);
    if (cp->spec.existing == CS_EXISTING_RESUME && alone) {
        return match_finished(cp, err);
    }
    CS_TRY(lock_outputs(cp, err));
    return decide(cp, err);
}

cs_status cs_checkpoint_open(cs_checkpoint **out, const cs_checkpoint_spec *spec, cs_error *err)
{
    cs_checkpoint *cp = NULL;
    cs_status status = CS_OK;
    *out = NULL;
    CS_TRY(cs_alloc(&cp, 1, sizeof *cp, "the checkpoint", err));
    cp->spec = *spec;
    for (int f = 0; f < CS_N_RESULT_FILES; f++) {
        cp->output[f].journal = -1;
        cp->old[f] = -1;
    }
    CS_CHECK(cs_alloc(&cp->known, spec->n_catchment, sizeof *cp->known, "the blocks", err));
    CS_CHECK(look_or_lock(cp, err));
    *out = cp;
    return CS_OK;
release:
    for (int f = 0; f < cp->n_outputs; f++) {
        cp->output[f].is_kept = cp->output[CS_RESULT_FILE].has_journal;
    }
    cs_checkpoint_close(cp);
    return status;
}
