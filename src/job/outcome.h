/* SPDX-License-Identifier: MIT */
/**
 * What went wrong in a run: counts by cause, and when it is enough. Rank 0.
 */
#ifndef CS_JOB_OUTCOME_H
#define CS_JOB_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { CS_CAUSE_LENGTH = 96, CS_MAX_CAUSES = 12 };

/** Why some catchments failed, without what is each one's own. */
typedef struct {
    char text[CS_CAUSE_LENGTH];
    uint64_t n; /* catchments */
} cs_cause;

/** The causes by their order of appearance; what comes when it is full counts as other. */
typedef struct {
    cs_cause cause[CS_MAX_CAUSES];
    size_t n;
    uint64_t n_other;
} cs_causes;

/**
 * What messages of the same cause have in common: numbers become N, quoted texts "...", and what a
 * program said is left out. The number of an exit status or a signal stays. NULL: "no message".
 */
void cs_cause_of(char cause[static CS_CAUSE_LENGTH], const char *message);

/** Counts a message. Zero the causes before the first. */
void cs_causes_add(cs_causes *causes, const char *message);

/** Puts the most frequent first; equal ones stay in their order. */
void cs_causes_sort(cs_causes *causes);

/** When a run ends early because too many catchments fail. Zeroed: never. */
typedef struct {
    bool is_set;
    uint64_t n;     /* more failures than this end it */
    double percent; /* > 0: instead, a larger share of those that are through */
} cs_failure_limit;

/* A share of few catchments says little: it counts once so many are through. */
enum { CS_FAILURE_SAMPLE = 50 };

/** Reads "20" or "5%". Errors: CS_USAGE. */
cs_status cs_failure_limit_parse(cs_failure_limit *limit, const char *text, const char *what,
                                 cs_error *err);

/**
 * Whether the run may go on.
 *
 * @param n_failed, n_done [in] catchments that failed, that are through, failed ones included
 * Errors: CS_DATA, since inputs, configuration or program are wrong then, not the machine.
 */
cs_status cs_failure_limit_check(const cs_failure_limit *limit, uint64_t n_failed, uint64_t n_done,
                                 const char *substance, cs_error *err);

#endif
