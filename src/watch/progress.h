/* SPDX-License-Identifier: MIT */
/**
 * Progress of a count with rate and time left: a bar on a terminal, plain lines elsewhere.
 *
 * Lines go through the logger at level info, at most one every 5 s and the first after 5 s:
 *
 *     progress terbuthylazine done=520 total=1000 unit=catchments percent=52.0 rate=104.0 eta=4.6
 *     finished terbuthylazine done=1000 total=1000 unit=catchments percent=100.0 seconds=9.612
 *     rate=104.0
 *
 * (the second is one line, too; it begins with `stopped` if not all is done). rate is units per
 * second, smoothed over about 20 s but in the last line, where it is the mean; eta is seconds. The
 * bar is redrawn at most ten times a second and leaves the cursor at the line's beginning, so that
 * a line of the log replaces it. With --quiet nothing is shown.
 *
 * Local: only rank 0 has one. Used by one thread at a time.
 */
#ifndef CS_WATCH_PROGRESS_H
#define CS_WATCH_PROGRESS_H

#include <stdint.h>

#include "base/error.h"

typedef enum {
    CS_PROGRESS_AUTO,  /* bar on a terminal, else lines */
    CS_PROGRESS_BAR,   /* the same: a bar is of no use in a file */
    CS_PROGRESS_LINES, /* lines, on a terminal too */
    CS_PROGRESS_NONE,
} cs_progress_mode;

/** Reads auto, bar, lines or none. Errors: CS_USAGE. Thread-safe. */
cs_status cs_progress_parse(cs_progress_mode *mode, const char *text, cs_error *err);

/** Owns nothing; an opened one that is not closed only lacks its last line. */
typedef struct {
    cs_progress_mode mode; /* BAR, LINES or NONE */
    const char *label;     /* as given */
    const char *unit;      /* as given */
    int64_t n_total;
    int64_t n_done;
    int64_t n_before;      /* done before the opening (a resumed run) */
    double opened;         /* s of cs_now() */
    double next;           /* when something may be shown again */
    double sampled;        /* when the rate was last taken */
    int64_t n_sampled;     /* n_done then */
    double recent_done;    /* units done, older ones weighing less */
    double recent_seconds; /* the seconds they took, weighted alike */
} cs_progress;

/**
 * Starts the clock. Shows nothing yet.
 *
 * @param label   [in] what is worked on ("terbuthylazine"), not copied
 * @param n_total [in] units to do; 0 or less: unknown, so without percent and time left
 * @param unit    [in] what is counted ("catchments"), not copied
 */
void cs_progress_open(cs_progress *progress, cs_progress_mode mode, const char *label,
                      int64_t n_total, const char *unit);

/** Says, before the first update, that n_before units were done by an earlier run: not our rate. */
void cs_progress_skip(cs_progress *progress, int64_t n_before);

/** n_done units are done in all. Cheap (one look at the clock) but when there is to show. */
void cs_progress_update(cs_progress *progress, int64_t n_done);

/** Shows the last line with the seconds it took and the mean rate. */
void cs_progress_close(cs_progress *progress);

/** For tests: the clock that is asked from now on, in seconds; NULL: cs_now. */
void cs_progress_set_clock(double (*now)(void));

#endif
