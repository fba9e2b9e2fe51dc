/* SPDX-License-Identifier: MIT */
/**
 * Dates of the proleptic Gregorian calendar in UTC, as seconds since 1970-01-01 00:00:00.
 */
#ifndef CS_BASE_CALENDAR_H
#define CS_BASE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/** Days from 1970-01-01 to a date; month 1..12, day 1..31. Thread-safe. */
int64_t cs_calendar_days(int64_t year, int month, int day);

/**
 * Reads `YYYY-MM-DD[(T| )HH:MM[:SS[.fff]]][Z| UTC]` at the beginning of a text.
 *
 * @param seconds [out] since 1970
 * @return the first character behind it, or NULL if there is no such date. Thread-safe.
 */
const char *cs_calendar_parse(double *seconds, const char *text);

enum { CS_CALENDAR_LENGTH = 48 };

/** Writes `YYYY-MM-DD HH:MM:SS`, rounded to the second. Thread-safe. */
void cs_calendar_format(char text[static CS_CALENDAR_LENGTH], double seconds);

/**
 * Reads CF time units: `hours since 2021-01-01 00:00:00` (seconds, minutes, hours, days).
 *
 * @param unit_seconds [out] length of the unit
 * @param epoch        [out] seconds since 1970 of the date
 * @return whether the text was that. Thread-safe.
 */
bool cs_calendar_units(double *unit_seconds, double *epoch, const char *text);

#endif
