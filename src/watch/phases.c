/* SPDX-License-Identifier: MIT */
#include "watch/phases.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

int cs_phases_add(cs_phases *phases, const char *name)
{
    for (size_t i = 0; i < phases->n_phases; i++) {
        if (strcmp(phases->names[i], name) == 0) {
            return (int)i;
        }
    }
    CS_INVARIANT(phases->n_phases < CS_PHASES_MAX);
    phases->names[phases->n_phases] = name;
    return (int)phases->n_phases++;
}

static size_t checked(const cs_phases *phases, int phase)
{
    CS_INVARIANT(phase >= 0 && (size_t)phase < phases->n_phases);
    return (size_t)phase;
}

void cs_phases_start(cs_phases *phases, int phase)
{
    const size_t i = checked(phases, phase);
    CS_INVARIANT(!phases->running[i]);
    phases->running[i] = true;
    phases->started[i] = cs_now();
}

void cs_phases_stop(cs_phases *phases, int phase)
{
    const double now = cs_now();
    const size_t i = checked(phases, phase);
    CS_INVARIANT(phases->running[i]);
    phases->running[i] = false;
    phases->seconds[i] += now - phases->started[i];
}

void cs_phases_count(cs_phases *phases, int phase, double seconds, int64_t bytes)
{
    const size_t i = checked(phases, phase);
    phases->seconds[i] += seconds;
    phases->bytes[i] += bytes;
}

void cs_phases_join(cs_phases *phases, const cs_phases *part)
{
    for (size_t i = 0; i < part->n_phases; i++) {
        const int phase = cs_phases_add(phases, part->names[i]);
        cs_phases_count(phases, phase, part->seconds[i], part->bytes[i]);
    }
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *sorted, size_t n)
{
    return n % 2 == 1 ? sorted[n / 2] : 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]);
}

cs_status cs_phases_merge(cs_phase_summary *summaries, const double *seconds, const int64_t *bytes,
                          size_t n_ranks, size_t n_phases, cs_error *err)
{
    double *sorted = NULL; /* one phase on all ranks */
    CS_INVARIANT(n_ranks > 0);
    CS_TRY(cs_alloc(&sorted, n_ranks, sizeof *sorted, "times of all ranks", err));
    for (size_t phase = 0; phase < n_phases; phase++) {
        cs_phase_summary *summary = &summaries[phase];
        summary->bytes = 0;
        for (size_t rank = 0; rank < n_ranks; rank++) {
            sorted[rank] = seconds[rank * n_phases + phase];
            summary->bytes += bytes[rank * n_phases + phase];
        }
        qsort(sorted, n_ranks, sizeof *sorted, compare_doubles);
        summary->seconds_min = sorted[0];
        summary->seconds_median = median(sorted, n_ranks);
        summary->seconds_max = sorted[n_ranks - 1];
    }
    free(sorted);
    return CS_OK;
}

void cs_phases_log(const cs_phases *phases, const cs_phase_summary *summaries)
{
    for (size_t i = 0; i < phases->n_phases; i++) {
        const cs_phase_summary *s = &summaries[i];
        cs_log(CS_LOG_INFO,
               "phase=%s seconds_min=%.3f seconds_median=%.3f seconds_max=%.3f bytes=%" PRId64,
               phases->names[i], s->seconds_min, s->seconds_median, s->seconds_max, s->bytes);
    }
}

static void write_seconds(cs_json *json, const char *key, double seconds)
{
    cs_json_key(json, key);
    cs_json_double(json, round(seconds * 1e9) / 1e9);
}

void cs_phases_write(cs_json *json, const cs_phases *phases, const cs_phase_summary *summaries)
{
    cs_json_begin_object(json);
    for (size_t i = 0; i < phases->n_phases; i++) {
        cs_json_key(json, phases->names[i]);
        cs_json_begin_object(json);
        write_seconds(json, "seconds_min", summaries[i].seconds_min);
        write_seconds(json, "seconds_median", summaries[i].seconds_median);
        write_seconds(json, "seconds_max", summaries[i].seconds_max);
        cs_json_key(json, "bytes");
        cs_json_int64(json, summaries[i].bytes);
        cs_json_end_object(json);
    }
    cs_json_end_object(json);
}
