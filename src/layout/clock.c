/* SPDX-License-Identifier: MIT */
#include "layout/clock.h"

#include <math.h>

#define UNEVEN 1e-4
#define MEANT  1e-6

static double whole_steps_a_day(double step)
{
    const double steps = nearbyint(1.0 / step);
    return steps >= 1.0 && fabs(step * steps - 1.0) < MEANT ? 1.0 / steps : step;
}

static cs_status check_rows(const cs_table_column *time, size_t n_rows, double step,
                            const char *path, cs_error *err)
{
    for (size_t i = 1; i < n_rows; i++) {
        const double expected = time->values[0] + (double)i * step;
        if (!(fabs(time->values[i] - time->values[i - 1] - step) <= UNEVEN * step) ||
            !(fabs(time->values[i] - expected) <= 0.5 * step)) {
            return cs_fail(err, CS_DATA, "%s:%zu: column %s: rows must be %.9g days apart", path,
                           i + 2, time->name, step);
        }
    }
    return CS_OK;
}

cs_status cs_clock_from_table(csk_clock *clock, const cs_table *table, const cs_table_column *time,
                              const char *path, cs_error *err)
{
    const size_t n = table->n_rows;
    *clock = (csk_clock){.n_time = n, .step = 1.0};
    if (n == 0) {
        return cs_fail(err, CS_DATA, "%s:1: there are no rows", path);
    }
    const double first = time->values[0];
    if (!(first >= 0.0 && first < 1e9)) {
        return cs_fail(err, CS_DATA, "%s:2: column %s: must be days from 0 on", path, time->name);
    }
    if (n > 1) {
        const double step = (time->values[n - 1] - first) / (double)(n - 1);
        if (!(step > 0.0 && step < 1e9)) {
            return cs_fail(err, CS_DATA, "%s:%zu: column %s: time must go on", path, n + 1,
                           time->name);
        }
        clock->step = whole_steps_a_day(step);
    }
    const double number = nearbyint(first / clock->step);
    if (!(number < 1e15)) {
        return cs_fail(err, CS_DATA, "%s:2: column %s: too many steps from 0 on", path, time->name);
    }
    clock->number = (size_t)number;
    return check_rows(time, n, clock->step, path, err);
}
