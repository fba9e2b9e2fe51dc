/* SPDX-License-Identifier: MIT */
/**
 * Timers: seconds and bytes per phase of one rank, and their summary over all ranks.
 *
 * Phases are named as the program goes and counted from 0; a phase may be entered many times and
 * phases may overlap. What a rank counted lies in plain arrays, so that whoever knows MPI gathers
 * `seconds` and `bytes` as they are; for that all ranks add the same phases in the same order.
 *
 * Local. Not thread-safe: a thread counts into phases of its own, which are joined afterwards.
 */
#ifndef CS_WATCH_PHASES_H
#define CS_WATCH_PHASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "watch/clock.h"

enum { CS_PHASES_MAX = 32 }; /* a program has about ten */

/** Zero-initialised: no phases. Plain data but for the names. */
typedef struct {
    size_t n_phases;
    const char *names[CS_PHASES_MAX]; /* as given */
    double seconds[CS_PHASES_MAX];
    int64_t bytes[CS_PHASES_MAX];
    double started[CS_PHASES_MAX]; /* cs_now() of the start, while running */
    bool running[CS_PHASES_MAX];
} cs_phases;

/**
 * Adds a phase and returns its number; a name that is known already gives the number it has.
 *
 * @param name [in] not copied: a string literal. One word, as it becomes a key in the report
 * Never fails; more than CS_PHASES_MAX phases are a broken invariant.
 */
int cs_phases_add(cs_phases *phases, const char *name);

/** Starts and stops the timer of a phase; each start needs its stop (else a broken invariant). */
void cs_phases_start(cs_phases *phases, int phase);
void cs_phases_stop(cs_phases *phases, int phase);

/** Adds seconds that were measured elsewhere, and bytes that were read, written or sent. */
void cs_phases_count(cs_phases *phases, int phase, double seconds, int64_t bytes);

/** Adds what a thread counted, phase by phase by name; new names are added. */
void cs_phases_join(cs_phases *phases, const cs_phases *part);

/** One phase over all ranks. */
typedef struct {
    double seconds_min, seconds_median, seconds_max; /* over ranks; an even number: middle two */
    int64_t bytes;                                   /* of all ranks together */
} cs_phase_summary;

/**
 * Summarises what was gathered from all ranks.
 *
 * @param summaries [out] summaries[n_phases]
 * @param seconds   [in]  seconds[n_ranks][n_phases], row by row
 * @param bytes     [in]  bytes[n_ranks][n_phases], row by row
 * @param n_ranks   [in]  >= 1
 * Thread-safe. Errors: CS_MEMORY. Cost: n_ranks log n_ranks a phase.
 */
cs_status cs_phases_merge(cs_phase_summary *summaries, const double *seconds, const int64_t *bytes,
                          size_t n_ranks, size_t n_phases, cs_error *err);

/**
 * Logs a line a phase, at level info:
 * `phase=read seconds_min=0.120 seconds_median=0.125 seconds_max=0.190 bytes=1048576`.
 */
void cs_phases_log(const cs_phases *phases, const cs_phase_summary *summaries);

/**
 * Writes the phases as one JSON value, an object of phase names with the same four members each.
 * Seconds are rounded to the nanosecond that the clock has.
 */
void cs_phases_write(cs_json *json, const cs_phases *phases, const cs_phase_summary *summaries);

#endif
