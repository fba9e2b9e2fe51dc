/* SPDX-License-Identifier: MIT */
#include "config/parse.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *text)
{
    while (is_digit(*text)) {
        text++;
    }
    return text;
}

/* Whether a text is a decimal number and nothing else: strtod alone takes too much. */
static bool is_decimal(const char *text)
{
    text += *text == '+' || *text == '-' ? 1 : 0;
    const char *whole_end = skip_digits(text);
    const char *end = *whole_end == '.' ? skip_digits(whole_end + 1) : whole_end;
    const size_t n_digits = (size_t)(end - text) - (*whole_end == '.' ? 1 : 0);
    if (n_digits == 0) {
        return false;
    }
    if (*end == 'e' || *end == 'E') {
        const char *exponent = end + 1;
        exponent += *exponent == '+' || *exponent == '-' ? 1 : 0;
        end = skip_digits(exponent);
        if (end == exponent) {
            return false;
        }
    }
    return *end == '\0';
}

cs_status cs_parse_double(double *out, const char *text, const char *what, cs_error *err)
{
    if (!is_decimal(text)) {
        return cs_fail(err, CS_USAGE, "%s: \"%.60s\" is not a number", what, text);
    }
    const double value = strtod(text, NULL);
    if (!isfinite(value)) {
        return cs_fail(err, CS_USAGE, "%s: \"%.60s\" is not finite", what, text);
    }
    *out = value;
    return CS_OK;
}

cs_status cs_parse_double_in(double *out, const char *text, double low, double high,
                             const char *what, cs_error *err)
{
    double value = 0;
    CS_TRY(cs_parse_double(&value, text, what, err));
    if (value < low || value > high) {
        return cs_fail(err, CS_USAGE, "%s: %.60s is not within %g and %g", what, text, low, high);
    }
    *out = value;
    return CS_OK;
}

/* Reads a whole number up to its first non-digit; false if there is none or it exceeds max. */
static bool read_whole(uint64_t *out, const char **text, uint64_t max)
{
    const char *end = skip_digits(*text);
    uint64_t value = 0;
    for (const char *c = *text; c < end; c++) {
        const uint64_t digit = (uint64_t)(*c - '0');
        if (value > (max - digit) / 10) {
            return false;
        }
        value = 10 * value + digit;
    }
    if (end == *text) {
        return false;
    }
    *text = end;
    *out = value;
    return true;
}

static cs_status parse_whole(uint64_t *out, const char *text, uint64_t max, const char *what,
                             cs_error *err)
{
    const char *end = text;
    uint64_t value = 0;
    if (!is_digit(text[0]) || *skip_digits(text) != '\0') {
        return cs_fail(err, CS_USAGE, "%s: \"%.60s\" is not a whole number", what, text);
    }
    if (!read_whole(&value, &end, max)) {
        return cs_fail(err, CS_USAGE, "%s: %.60s is too large", what, text);
    }
    *out = value;
    return CS_OK;
}

cs_status cs_parse_size(size_t *out, const char *text, const char *what, cs_error *err)
{
    uint64_t value = 0;
    CS_TRY(parse_whole(&value, text, SIZE_MAX, what, err));
    *out = (size_t)value;
    return CS_OK;
}

cs_status cs_parse_uint64(uint64_t *out, const char *text, const char *what, cs_error *err)
{
    return parse_whole(out, text, UINT64_MAX, what, err);
}

static int by_value(const void *a, const void *b)
{
    const int64_t first = *(const int64_t *)a;
    const int64_t second = *(const int64_t *)b;
    return (first > second) - (first < second);
}

/* Refuses an id that is there twice. */
static cs_status check_ids_distinct(const int64_t *ids, size_t n, const char *what, cs_error *err)
{
    int64_t *sorted = NULL;
    CS_TRY(cs_alloc(&sorted, n, sizeof *sorted, "ids", err));
    memcpy(sorted, ids, n * sizeof *ids);
    qsort(sorted, n, sizeof *sorted, by_value);
    cs_status status = CS_OK;
    for (size_t i = 1; i < n && status == CS_OK; i++) {
        if (sorted[i] == sorted[i - 1]) {
            status =
                cs_fail(err, CS_USAGE, "%s: id %lld is there twice", what, (long long)sorted[i]);
        }
    }
    free(sorted);
    return status;
}

static cs_status read_ids(int64_t *ids, size_t n, const char *text, const char *what, cs_error *err)
{
    const char *c = text;
    for (size_t i = 0; i < n; i++) {
        uint64_t id = 0;
        const char *begin = c;
        if (!read_whole(&id, &c, INT64_MAX) || id == 0 || *c != (i + 1 < n ? ',' : '\0')) {
            return cs_fail(err, CS_USAGE,
                           "%s: \"%.60s\": wanted are whole numbers from 1 with commas between",
                           what, begin);
        }
        ids[i] = (int64_t)id;
        c++;
    }
    return check_ids_distinct(ids, n, what, err);
}

cs_status cs_parse_ids(int64_t **out, size_t *n, const char *text, const char *what, cs_error *err)
{
    size_t n_ids = 1;
    for (const char *c = text; *c != '\0'; c++) {
        n_ids += *c == ',' ? 1 : 0;
    }
    int64_t *ids = NULL;
    *out = NULL;
    CS_TRY(cs_alloc(&ids, n_ids, sizeof *ids, "ids", err));
    const cs_status status = read_ids(ids, n_ids, text, what, err);
    if (status != CS_OK) {
        free(ids);
        return status;
    }
    *out = ids;
    *n = n_ids;
    return CS_OK;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

/* Reads exactly n digits; false otherwise. */
static bool read_field(int *out, const char **text, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (!is_digit((*text)[i])) {
            return false;
        }
        value = 10 * value + ((*text)[i] - '0');
    }
    *text += n;
    *out = value;
    return true;
}

/* Reads a separator and a field of two digits if the separator is there. */
static bool read_optional(int *out, const char **text, char separator)
{
    if (**text != separator) {
        return true;
    }
    ++*text;
    return read_field(out, text, 2);
}

typedef struct {
    int year, month, day, hour, minute, second;
} fields;

static bool read_fields(fields *t, const char *text)
{
    const char *c = text;
    *t = (fields){0};
    if (!read_field(&t->year, &c, 4) || *c != '-') {
        return false;
    }
    c++;
    if (!read_field(&t->month, &c, 2) || *c != '-') {
        return false;
    }
    c++;
    if (!read_field(&t->day, &c, 2)) {
        return false;
    }
    const bool has_time = *c == 'T';
    if (!read_optional(&t->hour, &c, 'T')) {
        return false;
    }
    if (has_time && *c == ':' &&
        (!read_optional(&t->minute, &c, ':') || !read_optional(&t->second, &c, ':'))) {
        return false;
    }
    return *c == '\0';
}

cs_status cs_parse_time(int64_t *out, const char *text, const char *what, cs_error *err)
{
    fields t;
    if (!read_fields(&t, text)) {
        return cs_fail(err, CS_USAGE, "%s: \"%.60s\" is not a time YYYY-MM-DD[THH[:MM[:SS]]]", what,
                       text);
    }
    const bool month_right = t.month >= 1 && t.month <= 12;
    if (!month_right || t.day < 1 || t.day > days_in_month(t.year, t.month)) {
        return cs_fail(err, CS_USAGE, "%s: %.60s: there is no such day", what, text);
    }
    if (t.hour > 23 || t.minute > 59 || t.second > 59) {
        return cs_fail(err, CS_USAGE, "%s: %.60s: there is no such time of day", what, text);
    }
    *out =
        cs_calendar_days(t.year, t.month, t.day) * 86400 + t.hour * 3600 + t.minute * 60 + t.second;
    return CS_OK;
}

/* Days may be left out; hours may exceed a day where they are. */
static bool read_duration(double *out, const char *text)
{
    uint64_t days = 0, hours = 0, minutes = 0, seconds = 0;
    const uint64_t most = 1000000;
    if (strchr(text, '-') != NULL && (!read_whole(&days, &text, most) || *text++ != '-')) {
        return false;
    }
    if (!read_whole(&hours, &text, most) || *text++ != ':' || !read_whole(&minutes, &text, 59) ||
        *text++ != ':' || !read_whole(&seconds, &text, 59) || *text != '\0') {
        return false;
    }
    *out =
        86400.0 * (double)days + 3600.0 * (double)hours + 60.0 * (double)minutes + (double)seconds;
    return *out > 0.0;
}

cs_status cs_parse_duration(double *out, const char *text, const char *what, cs_error *err)
{
    if (!read_duration(out, text)) {
        return cs_fail(err, CS_USAGE, "%s: \"%.60s\" is not a span of time [D-]HH:MM:SS above 0",
                       what, text);
    }
    return CS_OK;
}
