/* SPDX-License-Identifier: MIT */
#include "pipe/throttle.h"

#include "watch/clock.h"

void cs_throttle_begin(cs_throttle *throttle, double period)
{
    *throttle = (cs_throttle){.period = period, .due = cs_now(), .last = -1.0};
}

cs_throttle_take cs_throttle_next(cs_throttle *throttle, cs_halt *halt)
{
    cs_throttle_take take = {0};
    const double before = cs_now();
    double now = before;
    bool is_late = before >= throttle->due;
    if (!is_late) {
        cs_halt_sleep(halt, throttle->due);
        now = cs_now();
        take.slept = now - before;
        is_late = now > throttle->due + throttle->period;
    }
    throttle->due = (is_late ? now : throttle->due) + throttle->period;
    take.since_last = throttle->last < 0 ? 0.0 : now - throttle->last;
    throttle->last = now;
    return take;
}
