/* SPDX-License-Identifier: MIT */
#include "base/calendar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Years are counted from March, so that the leap day is the last of its year; 400 years have
 * 146,097 days; 719,468 days lie between 0000-03-01 and 1970-01-01. */
int64_t cs_calendar_days(int64_t year, int month, int day)
{
    const int64_t y = month > 2 ? year : year - 1;
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t year_of_era = y - era * 400;
    const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t *year, int *month, int *day, int64_t days)
{
    const int64_t z = days + 719468;
    const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const int64_t day_of_era = z - era * 146097;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t m = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

static bool is_date(int64_t year, int month, int day)
{
    if (month < 1 || month > 12 || day < 1 || day > 31) {
        return false;
    }
    int64_t y = 0;
    int m = 0, d = 0;
    civil_from_days(&y, &m, &d, cs_calendar_days(year, month, day));
    return y == year && m == month && d == day;
}

/* Reads exactly `digits` decimal digits; NULL if they are not there. */
static const char *read_digits(int *value, const char *at, int digits)
{
    *value = 0;
    for (int i = 0; i < digits; i++, at++) {
        if (*at < '0' || *at > '9') {
            return NULL;
        }
        *value = *value * 10 + (*at - '0');
    }
    return at;
}

static const char *read_time(double *seconds, const char *at)
{
    int hour = 0, minute = 0, second = 0;
    double fraction = 0.0;
    at = read_digits(&hour, at, 2);
    at = at != NULL && *at == ':' ? read_digits(&minute, at + 1, 2) : NULL;
    if (at != NULL && *at == ':') {
        at = read_digits(&second, at + 1, 2);
        if (at != NULL && *at == '.') {
            double place = 0.1;
            for (at++; *at >= '0' && *at <= '9'; at++, place /= 10.0) {
                fraction += place * (*at - '0');
            }
        }
    }
    if (at == NULL || hour > 23 || minute > 59 || second > 60) {
        return NULL;
    }
    *seconds = hour * 3600.0 + minute * 60.0 + second + fraction;
    return at;
}

const char *cs_calendar_parse(double *seconds, const char *text)
{
    int year = 0, month = 0, day = 0;
    const char *at = read_digits(&year, text, 4);
    at = at != NULL && *at == '-' ? read_digits(&month, at + 1, 2) : NULL;
    at = at != NULL && *at == '-' ? read_digits(&day, at + 1, 2) : NULL;
    if (at == NULL || !is_date(year, month, day)) {
        return NULL;
    }
    double of_day = 0.0;
    if ((*at == 'T' || *at == ' ') && at[1] >= '0' && at[1] <= '9') {
        at = read_time(&of_day, at + 1);
        if (at == NULL) {
            return NULL;
        }
    }
    if (*at == 'Z') {
        at++;
    } else if (strncmp(at, " UTC", 4) == 0) {
        at += 4;
    }
    *seconds = 86400.0 * (double)cs_calendar_days(year, month, day) + of_day;
    return at;
}

void cs_calendar_format(char text[static CS_CALENDAR_LENGTH], double seconds)
{
    const double limit = 86400.0 * 2932896.0; /* the end of the year 9999 */
    const double inside = fabs(seconds) < limit ? seconds : 0.0;
    const int64_t whole = (int64_t)llround(inside);
    const int64_t days = (whole >= 0 ? whole : whole - 86399) / 86400;
    const int of_day = (int)(whole - days * 86400);
    int64_t year = 0;
    int month = 0, day = 0;
    civil_from_days(&year, &month, &day, days);
    snprintf(text, CS_CALENDAR_LENGTH, "%04d-%02d-%02d %02d:%02d:%02d", (int)year % 10000, month,
             day, of_day / 3600, of_day / 60 % 60, of_day % 60);
}

bool cs_calendar_units(double *unit_seconds, double *epoch, const char *text)
{
    static const struct {
        const char *name;
        double seconds;
    } UNITS[] = {{"seconds", 1.0}, {"minutes", 60.0}, {"hours", 3600.0}, {"days", 86400.0},
                 {"second", 1.0},  {"minute", 60.0},  {"hour", 3600.0},  {"day", 86400.0}};
    const size_t length = strcspn(text, " ");
    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++) {
        if (strlen(UNITS[i].name) == length && strncmp(text, UNITS[i].name, length) == 0 &&
            strncmp(text + length, " since ", 7) == 0) {
            *unit_seconds = UNITS[i].seconds;
            const char *end = cs_calendar_parse(epoch, text + length + 7);
            return end != NULL &&
                   (*end == '\0' || strcmp(end, ":00") == 0 || strcmp(end, ".0") == 0 ||
                    strcmp(end, " +00:00") == 0 || strcmp(end, "+00:00") == 0);
        }
    }
    return false;
}
