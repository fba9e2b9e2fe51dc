/* SPDX-License-Identifier: MIT */
/*
 * The household model as it is written down, in long double, patterns added up over every second of
 * a row and months by counting days: slow, plain, for tests only.
 */
#include <math.h>

#include "kernels/substance/household.h"

enum { SECONDS_PER_DAY = 86400, SECONDS_PER_HOUR = 3600 };

static int is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* The month, from 0, of a day since 1970-01-01 >= 0: months are taken off until none is left. */
static size_t month_of(int64_t day)
{
    static const int LENGTH[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int year = 1970;; year++) {
        for (size_t month = 0; month < CSK_N_MONTHLY; month++) {
            const int days = LENGTH[month] + (month == 1 && is_leap(year) ? 1 : 0);
            if (day < days) {
                return month;
            }
            day -= days;
        }
    }
}

static long double factor_of(const csk_patterns *patterns, int64_t begin, int64_t end)
{
    long double sum = 0.0L;
    for (int64_t t = begin; t < end; t++) {
        const int64_t day = t / SECONDS_PER_DAY;
        sum += (long double)patterns->weekly[(day + 3) % CSK_N_WEEKLY] *
               patterns->daily[t / SECONDS_PER_HOUR % CSK_N_DAILY] *
               patterns->monthly[month_of(day)];
    }
    return sum / (long double)(end - begin);
}

static void row(csk_household_output *output, const csk_forcing *forcing,
                const csk_household_parameters *p, const csk_clock *clock, size_t i)
{
    const long double q = fmaxl(forcing->local_discharge[i], 0.0L);
    const long double seconds = (long double)clock->step * SECONDS_PER_DAY;
    const long double end = clock->start + (long double)(clock->number + i) * seconds;
    const long double factor =
        p->patterns == NULL ? 1.0L : factor_of(p->patterns, llroundl(end - seconds), llroundl(end));
    const long double people =
        (long double)p->population * p->consumption * p->excreted *
        (p->connected * (1.0L - p->removal) + (1.0L - p->connected) * p->direct);
    const long double flux = people * factor + p->point_load;
    const long double delivered = flux + 0.0864L * p->C_back * q;
    output->load[i] = (double)(delivered * clock->step);
    output->concentration[i] = q > 0.0L ? (double)(delivered / (0.0864L * q)) : (double)NAN;
    output->n_negative += forcing->local_discharge[i] < 0.0 ? 1 : 0;
    if (output->trace != NULL) {
        output->trace->Flux[i] = (double)flux;
        output->trace->L[i] = (double)delivered;
    }
}

void csk_household_ref(csk_household_output *outputs, const csk_forcing *forcings,
                       const csk_household_parameters *parameters, const csk_clock *clock,
                       size_t begin, size_t end)
{
    for (size_t k = begin; k < end; k++) {
        outputs[k].n_negative = 0;
        if (clock->n_time > 0) {
            outputs[k].load[0] = 0.0;
            outputs[k].concentration[0] = 0.0;
            if (outputs[k].trace != NULL) {
                outputs[k].trace->Flux[0] = 0.0;
                outputs[k].trace->L[0] = 0.0;
            }
        }
        for (size_t i = 1; i < clock->n_time; i++) {
            row(&outputs[k], &forcings[k], &parameters[k], clock, i);
        }
    }
}
