/* SPDX-License-Identifier: MIT */
/* The summary of a substance on stdout, as docs/running.md describes it. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/calendar.h"
#include "base/log.h"
#include "job/outcome.h"
#include "job/rerun.h"
#include "job/substance_job.h"
#include "model/compare.h"

enum { N_HIGHEST = 5, N_NAMED = 10 };

static void print_counts(const cs_substance_job *job)
{
    const cs_run_summary *summary = &job->summary;
    printf("%s: %" PRIu64 " of %" PRIu64 " catchments done in %.2f s", job->substance->name,
           summary->n[CS_RUN_OK], job->n_catchment, summary->seconds);
    for (int s = CS_RUN_FAILED; s < CS_N_RUN_STATUS; s++) {
        if (summary->n[s] > 0) {
            printf(", %" PRIu64 " %s", summary->n[s], cs_run_status_name((cs_run_status)s));
        }
    }
    printf("\n  results: %s\n", job->substance->results);
    if (job->substance->steps != NULL) {
        printf("  by time step: %s\n", job->substance->steps);
    }
}

static void print_balance(const cs_run_summary *summary)
{
    const cs_mass_balance *mass = &summary->mass;
    printf("  load: %.6g kg, background included\n", summary->load * 1e-3);
    if (summary->n[CS_RUN_OK] > 0 && !isnan(mass->left)) {
        printf("  balance [kg]: %.6g there before + %.6g applied = %.6g lost to the water + %.6g "
               "decayed + %.6g left; closes to %.1e in every catchment\n",
               mass->before * 1e-3, mass->applied * 1e-3, mass->lost * 1e-3, mass->decayed * 1e-3,
               mass->left * 1e-3, summary->mass_error);
    }
}

/* What catchments are put in order by; NaN: it does not count. */
typedef double measure(const cs_substance_job *job, size_t place);

static double peak_of(const cs_substance_job *job, size_t place)
{
    return cs_results_records(job->results)[place].peak;
}

/* The largest difference of the concentrations as a share of their peak; NaN: none. */
static double difference_of(const cs_substance_job *job, size_t place)
{
    const double peak = peak_of(job, place);
    const double max = cs_results_extra(job->results, CS_COMPARE_CONCENTRATION_MAX, place);
    if (!(max > 0.0)) {
        return NAN;
    }
    return peak > 0.0 ? max / peak : (double)INFINITY;
}

/* Places of the highest values, in order; returns how many there are. */
static size_t find_highest(size_t highest[N_HIGHEST], const cs_substance_job *job, measure *value)
{
    size_t n_found = 0;
    for (size_t i = 0; i < job->n_catchment; i++) {
        if (isnan(value(job, i))) {
            continue;
        }
        size_t at = n_found < N_HIGHEST ? n_found++ : N_HIGHEST;
        for (; at > 0 && value(job, i) > value(job, highest[at - 1]); at--) {
            if (at < N_HIGHEST) {
                highest[at] = highest[at - 1];
            }
        }
        if (at < N_HIGHEST) {
            highest[at] = i;
        }
    }
    return n_found;
}

static void print_highest(const cs_substance_job *job)
{
    const cs_forcing_info *info = cs_forcing_get_info(job->forcing);
    const cs_run_record *records = cs_results_records(job->results);
    size_t highest[N_HIGHEST];
    const size_t n = find_highest(highest, job, peak_of);
    if (n > 0) {
        printf("  highest concentrations (catchment, ng/L, when):\n");
    }
    for (size_t k = 0; k < n; k++) {
        const cs_run_record *record = &records[highest[k]];
        char when[CS_CALENDAR_LENGTH];
        cs_calendar_format(when,
                           info->start + (double)record->peak_row * info->step_days * 86400.0);
        printf("    %" PRId64 " %.1f %s\n", info->id[highest[k]], record->peak, when);
    }
}

/* Where the two engines differ most. */
static void print_comparison(const cs_substance_job *job)
{
    if (!job->config->compare) {
        return;
    }
    const cs_forcing_info *info = cs_forcing_get_info(job->forcing);
    const cs_config_engine *other = &job->config->engines[job->substance->engine];
    size_t highest[N_HIGHEST];
    const size_t n = find_highest(highest, job, difference_of);
    printf("  compared with engine %s: %" PRIu64 " catchments, %" PRIu64 " not\n", other->name,
           job->summary.n[CS_RUN_OK] - job->summary.n_not_compared, job->summary.n_not_compared);
    printf(n > 0 ? "  largest differences (catchment, ng/L, share of its peak, when):\n"
                 : "  no concentrations differ\n");
    for (size_t k = 0; k < n; k++) {
        char when[CS_CALENDAR_LENGTH];
        const size_t place = highest[k];
        const double row = cs_results_extra(job->results, CS_COMPARE_CONCENTRATION_ROW, place);
        cs_calendar_format(when, info->start + row * info->step_days * 86400.0);
        printf("    %" PRId64 " %.4g %.2e %s\n", info->id[place],
               cs_results_extra(job->results, CS_COMPARE_CONCENTRATION_MAX, place),
               difference_of(job, place), when);
    }
}

static void warn_of_failures(const cs_substance_job *job)
{
    const cs_forcing_info *info = cs_forcing_get_info(job->forcing);
    const cs_run_record *records = cs_results_records(job->results);
    size_t n_named = 0, n_failed = 0;
    for (size_t i = 0; i < info->n_catchment; i++) {
        if (records[i].status == CS_RUN_OK && !cs_substance_job_lacks_comparison(job, i)) {
            continue;
        }
        n_failed++;
        if (n_named < N_NAMED) {
            const char *message = cs_results_message(job->results, i);
            cs_log(CS_LOG_WARNING, "catchment %" PRId64 " %s: %s", info->id[i],
                   cs_run_status_name((cs_run_status)records[i].status),
                   message == NULL ? "no message" : message);
            n_named++;
        }
    }
    if (n_failed > n_named) {
        cs_log(CS_LOG_WARNING, "%zu more catchments failed; see run_status and /run/message in %s",
               n_failed - n_named, job->substance->results);
    }
    if (job->summary.n_negative > 0) {
        cs_log(CS_LOG_WARNING, "%" PRIu64 " catchments have negative local discharge, taken as 0",
               job->summary.n_negative);
    }
    if (job->summary.n_negative_rain > 0) {
        cs_log(CS_LOG_WARNING, "%" PRIu64 " catchments have negative precipitation, taken as 0",
               job->summary.n_negative_rain);
    }
}

/* ---- what failed ---- */

static bool is_failure(const cs_substance_job *job, size_t place)
{
    return cs_results_records(job->results)[place].status != CS_RUN_OK;
}

void cs_substance_job_causes(cs_causes *causes, const cs_substance_job *job)
{
    *causes = (cs_causes){0};
    for (size_t i = 0; i < job->n_catchment; i++) {
        const cs_run_status status = (cs_run_status)cs_results_records(job->results)[i].status;
        if (status != CS_RUN_OK && status != CS_RUN_PENDING) {
            cs_causes_add(causes, cs_results_message(job->results, i));
        }
    }
    cs_causes_sort(causes);
}

static void print_causes(const cs_substance_job *job)
{
    cs_causes causes;
    cs_substance_job_causes(&causes, job);
    printf("  failed, by cause (N: a number):\n");
    for (size_t k = 0; k < causes.n; k++) {
        printf("    %" PRIu64 " %s\n", causes.cause[k].n, causes.cause[k].text);
    }
    if (causes.n_other > 0) {
        printf("    %" PRIu64 " other\n", causes.n_other);
    }
}

/* Returns the first of them, 0: none. */
static int64_t print_first_ids(const cs_substance_job *job)
{
    const int64_t *id = cs_forcing_get_info(job->forcing)->id;
    int64_t first = 0;
    size_t n_named = 0;
    printf("  the first of them:");
    for (size_t i = 0; i < job->n_catchment && n_named < N_NAMED; i++) {
        if (is_failure(job, i)) {
            printf(" %" PRId64, id[i]);
            first = n_named++ == 0 ? id[i] : first;
        }
    }
    printf("\n");
    return first;
}

static void print_command(const cs_substance_job *job, const char *what, bool keeps_outputs,
                          const char *more)
{
    const cs_simulate_options *options = job->options;
    cs_bytes command = {0};
    cs_error ignored; /* without memory for it there is no hint */
    if (options->n_words > 0 && cs_rerun_command(&command, options->words, options->n_words,
                                                 keeps_outputs, more, &ignored) == CS_OK) {
        printf("  %s:\n    %s\n", what, (const char *)command.data);
    }
    cs_bytes_free(&command);
}

static void print_failures(const cs_substance_job *job)
{
    char more[96];
    if (job->summary.n[CS_RUN_OK] == job->n_catchment) {
        return;
    }
    print_causes(job);
    snprintf(more, sizeof more, "--only=%" PRId64 " --keep-files=again", print_first_ids(job));
    print_command(job, "one of them alone, its files kept in ./again", false, more);
    if (job->options->keep_files == NULL) {
        print_command(job, "all of them again, into the same result", true, "--retry-failed");
    }
}

void cs_substance_job_print(const cs_substance_job *job)
{
    warn_of_failures(job);
    print_counts(job);
    print_failures(job);
    print_balance(&job->summary);
    print_highest(job);
    print_comparison(job);
    fflush(stdout);
}

cs_status cs_substance_job_print_finished(uint64_t *n_failed, const cs_substance_job *job,
                                          cs_error *err)
{
    cs_earlier *earlier = NULL;
    const char *path = job->retry != NULL ? job->retry->path : job->substance->results;
    *n_failed = 0;
    CS_TRY(cs_earlier_open(&earlier, path, err));
    const cs_earlier_info *info = cs_earlier_get_info(earlier);
    const uint64_t n_catchment = info->n_catchment;
    for (size_t i = 0; i < n_catchment; i++) {
        *n_failed += info->status[i] != CS_RUN_OK;
    }
    cs_earlier_close(earlier);
    printf("%s: finished by an earlier run\n  results: %s\n", job->substance->name, path);
    if (*n_failed > 0) {
        printf("  %" PRIu64 " of %" PRIu64 " catchments failed\n", *n_failed, n_catchment);
        print_command(job, "all of them again, into the same result", true, "--retry-failed");
    }
    fflush(stdout);
    return CS_OK;
}
