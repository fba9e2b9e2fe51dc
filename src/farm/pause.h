/* SPDX-License-Identifier: MIT */
/**
 * How long a loop that waits for messages sleeps: short after something happened, then longer.
 *
 * Measured: probing with such a back-off slows computing neighbours by 1 %, a blocking receive,
 * which spins inside MPI, by 7 %.
 */
#ifndef CS_FARM_PAUSE_H
#define CS_FARM_PAUSE_H

typedef struct {
    double seconds;
} cs_pause;

static inline double cs_pause_next(cs_pause *pause, int something_happened)
{
    const double shortest = 50e-6, longest = 2e-3;
    if (something_happened || pause->seconds < shortest) {
        pause->seconds = shortest;
    } else {
        pause->seconds = pause->seconds * 1.5 < longest ? pause->seconds * 1.5 : longest;
    }
    return pause->seconds;
}

#endif
