/* SPDX-License-Identifier: MIT */
#include "kernels/substance/patterns.h"

enum {
    SECONDS_PER_HOUR = 3600,
    SECONDS_PER_DAY = 86400,
    HOURS_PER_DAY = 24,
    DAYS_PER_WEEK = 7,
    THURSDAY = 3,              /* of 1970-01-01, days counted from Monday */
    YEARS_PER_CYCLE = 400,     /* after which the calendar repeats */
    DAYS_PER_CYCLE = 146097,   /* 400 x 365 and 97 days of leap years */
    DAYS_BEFORE_1970 = 719528, /* from 0000-01-01 */
};

csk_patterns csk_patterns_even(void)
{
    csk_patterns patterns;
    for (size_t i = 0; i < CSK_N_WEEKLY; i++) {
        patterns.weekly[i] = 1.0;
    }
    for (size_t i = 0; i < CSK_N_DAILY; i++) {
        patterns.daily[i] = 1.0;
    }
    for (size_t i = 0; i < CSK_N_MONTHLY; i++) {
        patterns.monthly[i] = 1.0;
    }
    return patterns;
}

int csk_pattern_is_valid(const double *factors, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (!(factors[i] >= 0.0)) {
            return 0;
        }
        sum += factors[i];
    }
    const double mean = sum / (double)n;
    return mean >= 1.0 - CSK_PATTERN_TOLERANCE && mean <= 1.0 + CSK_PATTERN_TOLERANCE;
}

/* a/b rounded down; b > 0. */
static int64_t floor_quotient(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

/* a - b floor(a/b); b > 0. */
static int64_t floor_rest(int64_t a, int64_t b)
{
    return a - b * floor_quotient(a, b);
}

/* Days before a year, counted from the first of a cycle, which is a leap year. */
static int64_t days_before_year(int64_t year)
{
    return 365 * year + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
}

/* The month, from 0 for January, of a day since 1970-01-01. */
static size_t month_of(int64_t day)
{
    static const int64_t LAST_DAY[] = {31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    const int64_t in_cycle = floor_rest(day + DAYS_BEFORE_1970, DAYS_PER_CYCLE);
    int64_t year = in_cycle * YEARS_PER_CYCLE / DAYS_PER_CYCLE; /* or the one before or after */
    year -= days_before_year(year) > in_cycle ? 1 : 0;
    year += days_before_year(year + 1) <= in_cycle ? 1 : 0;
    const int64_t in_year = in_cycle - days_before_year(year);
    const int64_t leap_day = days_before_year(year + 1) - days_before_year(year) - 365;
    size_t month = in_year < LAST_DAY[0] ? 0 : 1;
    while (month > 0 && month < CSK_N_MONTHLY - 1 && in_year >= LAST_DAY[month] + leap_day) {
        month++;
    }
    return month;
}

double csk_patterns_at(const csk_patterns *patterns, int64_t second)
{
    const int64_t hour = floor_quotient(second, SECONDS_PER_HOUR);
    const int64_t day = floor_quotient(second, SECONDS_PER_DAY);
    return patterns->weekly[floor_rest(day + THURSDAY, DAYS_PER_WEEK)] *
           patterns->daily[floor_rest(hour, HOURS_PER_DAY)] * patterns->monthly[month_of(day)];
}

double csk_patterns_mean(const csk_patterns *patterns, int64_t begin, int64_t end)
{
    const int64_t first_hour_end = SECONDS_PER_HOUR * (floor_quotient(begin, SECONDS_PER_HOUR) + 1);
    if (end <= first_hour_end) {
        return csk_patterns_at(patterns, begin);
    }
    double sum = 0.0;
    for (int64_t from = begin, to = first_hour_end; from < end; from = to, to += SECONDS_PER_HOUR) {
        to = to < end ? to : end;
        sum += csk_patterns_at(patterns, from) * (double)(to - from);
    }
    return sum / (double)(end - begin);
}

double csk_patterns_row(const csk_patterns *patterns, const csk_clock *clock, size_t i)
{
    const double seconds = clock->step * SECONDS_PER_DAY;
    const double end = clock->start + (double)(clock->number + i) * seconds;
    return csk_patterns_mean(patterns, (int64_t)__builtin_floor(end - seconds + 0.5),
                             (int64_t)__builtin_floor(end + 0.5));
}
