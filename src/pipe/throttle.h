/* SPDX-License-Identifier: MIT */
/**
 * At most one item every so many seconds, by a schedule.
 *
 * Moments are absolute: a sleep that ends late (by the timer's slack, or since the cores are busy)
 * delays its item and not those behind it, so that the mean rate is kept. Whoever comes when the
 * item is due already, because there was nothing to take, or sleeps longer than a period, begins a
 * new schedule then: what was missed is not made up for.
 */
#ifndef CS_PIPE_THROTTLE_H
#define CS_PIPE_THROTTLE_H

#include "pipe/halt.h"

typedef struct {
    double period; /* s, >= 0 */
    double due;    /* cs_now() of the next take */
    double last;   /* of the last one; < 0: there was none */
} cs_throttle;

/** What a take was like, in seconds. */
typedef struct {
    double since_last; /* since the take before; 0 for the first one */
    double slept;      /* of it */
} cs_throttle_take;

/** The first take is due at once. */
void cs_throttle_begin(cs_throttle *throttle, double period);

/** Sleeps until the next take is due, or the halt is set. One thread at a time. */
cs_throttle_take cs_throttle_next(cs_throttle *throttle, cs_halt *halt);

#endif
