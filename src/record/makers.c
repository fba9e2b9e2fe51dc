/* SPDX-License-Identifier: MIT */
#include "record/makers.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "config/parse.h"
#include "kernels/record/bits.h"

/* ---- arguments ---- */

cs_status cs_provider_integer(int64_t *out, int64_t absent, const cs_provider_context *context,
                              const cs_xml_element *element, const char *name, cs_error *err)
{
    const char *text = cs_xml_get(element, name);
    char *end = NULL;
    *out = absent;
    if (text == NULL) {
        return CS_OK;
    }
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || strchr(" \t\n+", text[0]) != NULL) {
        return cs_provider_refuse(context, element, err,
                                  "%s=\"%.60s\": a whole number of 64 bits is wanted", name, text);
    }
    return CS_OK;
}

static cs_status refuse_range(const cs_provider_context *context, const cs_xml_element *field,
                              cs_error *err)
{
    const char *low = cs_xml_get(field, "min");
    const char *high = cs_xml_get(field, "max");
    return cs_provider_refuse(context, field, err, "min (%.40s) is above max (%.40s)",
                              low != NULL ? low : "default", high != NULL ? high : "default");
}

/* min and max, whole numbers within limits that are the default, too. */
static cs_status read_range(int64_t *low, int64_t *high, int64_t least, int64_t most,
                            const cs_provider_context *context, const cs_xml_element *field,
                            cs_error *err)
{
    CS_TRY(cs_provider_integer(low, least, context, field, "min", err));
    CS_TRY(cs_provider_integer(high, most, context, field, "max", err));
    return *low <= *high ? CS_OK : refuse_range(context, field, err);
}

static cs_status put_range(cs_value *value, csk_record_code code, int64_t low, int64_t high,
                           uint8_t digits, cs_error *err)
{
    const uint64_t range = (uint64_t)high - (uint64_t)low + 1;
    CS_TRY(cs_value_begin(value, err));
    return cs_value_put(
        value,
        &(cs_piece){.kind = CS_PIECE_OPERATION,
                    .op = {.code = (uint8_t)code, .n = digits, .low = low, .range = range},
                    .domain = range},
        err);
}

/* ---- makers ---- */

cs_status cs_make_integer(cs_value *value, cs_provider_context *context,
                          const cs_xml_element *field, cs_error *err)
{
    int64_t low = 0, high = 0;
    CS_TRY(read_range(&low, &high, 0, 9999, context, field, err));
    return put_range(value, CSK_RECORD_INTEGER, low, high, 0, err);
}

cs_status cs_make_year(cs_value *value, cs_provider_context *context, const cs_xml_element *field,
                       cs_error *err)
{
    int64_t low = 0, high = 0;
    CS_TRY(read_range(&low, &high, 1970, 2029, context, field, err));
    if (low < 1 || high > 9999) {
        return cs_provider_refuse(context, field, err, "min and max of a year are 1 to 9999");
    }
    return put_range(value, CSK_RECORD_INTEGER, low, high, 0, err);
}

static cs_status read_bound(double *out, double absent, double unit,
                            const cs_provider_context *context, const cs_xml_element *field,
                            const char *name, cs_error *err)
{
    const char *text = cs_xml_get(field, name);
    cs_error reason;
    *out = absent;
    if (text != NULL &&
        cs_parse_double_in(out, text, -9e15 / unit, 9e15 / unit, name, &reason) != CS_OK) {
        return cs_provider_refuse(context, field, err, "%s", reason.message);
    }
    return CS_OK;
}

/* The first (or last) multiple of 1/unit that is not below (above) a number, in multiples. Whoever
 * wrote 0.07 got the double next to it, which is the quotient 7 / 100 here, too. */
static int64_t round_inwards(double number, double unit, bool up)
{
    const double nearest = round(number * unit);
    const bool beyond = up ? nearest / unit < number : nearest / unit > number;
    return (int64_t)nearest + (up ? (int64_t)beyond : -(int64_t)beyond);
}

cs_status cs_make_float(cs_value *value, cs_provider_context *context, const cs_xml_element *field,
                        cs_error *err)
{
    int64_t digits = 0;
    double least = 0.0, most = 0.0;
    CS_TRY(cs_provider_integer(&digits, 2, context, field, "decimals", err));
    if (digits < 0 || digits > 9) {
        return cs_provider_refuse(context, field, err, "decimals: 0 to 9 are possible");
    }
    const double unit = pow(10.0, (double)digits);
    CS_TRY(read_bound(&least, 0.0, unit, context, field, "min", err));
    CS_TRY(read_bound(&most, 1.0, unit, context, field, "max", err));
    if (least > most) {
        return refuse_range(context, field, err);
    }
    const int64_t low = round_inwards(least, unit, true);
    const int64_t high = round_inwards(most, unit, false);
    if (low > high) {
        return cs_provider_refuse(context, field, err,
                                  "no number of %lld decimals lies between min (%.12g) and max "
                                  "(%.12g)",
                                  (long long)digits, least, most);
    }
    return put_range(value, CSK_RECORD_DECIMAL, low, high, (uint8_t)digits, err);
}

/* Seconds end at 59: a leap second, which the calendar reads, is none of those since 1970. */
static bool has_leap_second(const char *text)
{
    const char *colon = strrchr(text, ':');
    return colon != NULL && strncmp(colon, ":60", 3) == 0;
}

/* A date, with or without its time, as seconds since 1970. */
static cs_status read_time(int64_t *out, const char *absent, const cs_provider_context *context,
                           const cs_xml_element *field, const char *name, cs_error *err)
{
    const char *text = cs_xml_get(field, name);
    const char *given = text != NULL ? text : absent;
    double seconds = 0.0;
    const char *end = cs_calendar_parse(&seconds, given);
    const double least = (double)cs_calendar_days(1, 1, 1) * 86400.0;
    const double most = (double)cs_calendar_days(10000, 1, 1) * 86400.0;
    if (end == NULL || *end != '\0' || seconds < least || seconds >= most ||
        seconds != floor(seconds) || has_leap_second(given)) {
        return cs_provider_refuse(context, field, err,
                                  "%s=\"%.60s\": a date YYYY-MM-DD of the years 1 to 9999 is "
                                  "wanted (provider datetime: YYYY-MM-DDTHH:MM:SSZ)",
                                  name, given);
    }
    *out = (int64_t)seconds;
    return CS_OK;
}

cs_status cs_make_time(cs_value *value, cs_provider_context *context, const cs_xml_element *field,
                       cs_error *err)
{
    int64_t low = 0, high = 0;
    CS_TRY(read_time(&low, "1970-01-01", context, field, "min", err));
    CS_TRY(read_time(&high, "2029-12-31T23:59:59Z", context, field, "max", err));
    return low <= high ? put_range(value, CSK_RECORD_TIME, low, high, 0, err)
                       : refuse_range(context, field, err);
}

cs_status cs_make_date(cs_value *value, cs_provider_context *context, const cs_xml_element *field,
                       cs_error *err)
{
    int64_t low = 0, high = 0;
    CS_TRY(read_time(&low, "1970-01-01", context, field, "min", err));
    CS_TRY(read_time(&high, "2029-12-31", context, field, "max", err));
    if (low % 86400 != 0 || high % 86400 != 0) {
        return cs_provider_refuse(context, field, err, "min and max of a date have no time");
    }
    return low <= high ? put_range(value, CSK_RECORD_DATE, low / 86400, high / 86400, 0, err)
                       : refuse_range(context, field, err);
}

cs_status cs_make_uuid(cs_value *value, cs_provider_context *context, const cs_xml_element *field,
                       cs_error *err)
{
    (void)context;
    (void)field;
    CS_TRY(cs_value_begin(value, err));
    return cs_value_put(
        value, &(cs_piece){.kind = CS_PIECE_OPERATION, .op = {.code = CSK_RECORD_UUID}}, err);
}

cs_status cs_make_colour(cs_value *value, cs_provider_context *context, const cs_xml_element *field,
                         cs_error *err)
{
    char sign[] = "#";
    (void)context;
    (void)field;
    CS_TRY(cs_value_begin(value, err));
    CS_TRY(cs_value_put(value, &(cs_piece){.kind = CS_PIECE_TEXT, .text = sign, .length = 1}, err));
    return cs_value_put(value,
                        &(cs_piece){.kind = CS_PIECE_OPERATION,
                                    .op = {.code = CSK_RECORD_HEX, .n = 6, .range = 1 << 24},
                                    .domain = 1 << 24},
                        err);
}

/* So many words, the first with a capital, and a full stop. */
static cs_status make_sentence_of(cs_value *value, cs_provider_context *context, int64_t n_words,
                                  cs_error *err)
{
    cs_value one = {0};
    CS_TRY(
        cs_template_make(value, context, n_words == 1 ? "{word:capital}." : "{word:capital}", err));
    for (int64_t i = 1; i < n_words; i++) {
        cs_status status =
            cs_template_make(&one, context, i + 1 < n_words ? " {word}" : " {word}.", err);
        if (status == CS_OK) {
            status = cs_value_append(value, &one, err);
        }
        cs_value_free(&one);
        CS_TRY(status);
    }
    return CS_OK;
}

cs_status cs_make_sentence(cs_value *value, cs_provider_context *context,
                           const cs_xml_element *field, cs_error *err)
{
    int64_t low = 0, high = 0;
    CS_TRY(read_range(&low, &high, 4, 12, context, field, err));
    if (low < 1 || high > 40) {
        return cs_provider_refuse(context, field, err, "a sentence has 1 to 40 words");
    }
    for (int64_t n = low; n <= high; n++) {
        cs_value more = {0};
        cs_status status = make_sentence_of(&more, context, n, err);
        if (status == CS_OK) {
            status = cs_value_or(value, &more, err);
        }
        cs_value_free(&more);
        CS_TRY(status);
    }
    return CS_OK;
}

cs_status cs_make_template(cs_value *value, cs_provider_context *context,
                           const cs_xml_element *field, cs_error *err)
{
    const char *text = cs_xml_get(field, "text");
    if (text == NULL) {
        return cs_provider_refuse(context, field, err, "attribute \"text\" is missing");
    }
    return cs_template_make(value, context, text, err);
}

/* "\#" of the schema to the kernel's "\1#"; how many values there are. */
static cs_status encode_pattern(cs_piece *piece, const char *text, cs_error *err)
{
    csk_u128 domain = 1;
    for (; *text != '\0'; text++) {
        if (*text == '\\') {
            if (*++text == '\0') {
                return cs_fail(err, CS_DATA, "text ends with a backslash");
            }
            piece->text[piece->length++] = 1;
        } else if (strchr("#?~", *text) != NULL && domain >> 64 == 0) {
            domain *= *text == '#' ? 10 : 26;
        }
        piece->text[piece->length++] = *text;
    }
    piece->domain = domain >> 62 == 0 ? (uint64_t)domain : 0;
    return CS_OK;
}

cs_status cs_make_pattern(cs_value *value, cs_provider_context *context,
                          const cs_xml_element *field, cs_error *err)
{
    const char *text = cs_xml_get(field, "text");
    cs_piece piece = {.kind = CS_PIECE_OPERATION, .op = {.code = CSK_RECORD_PATTERN}};
    if (text == NULL || text[0] == '\0' || strlen(text) > CS_WORD_MAX_BYTES) {
        return cs_provider_refuse(context, field, err,
                                  "attribute \"text\" of 1 to %d bytes is wanted",
                                  CS_WORD_MAX_BYTES);
    }
    CS_TRY(cs_value_begin(value, err));
    CS_TRY(cs_alloc(&piece.text, 2 * strlen(text) + 1, 1, "a pattern", err));
    cs_status status = encode_pattern(&piece, text, err);
    if (status == CS_OK) {
        status = cs_value_put(value, &piece, err);
    }
    free(piece.text);
    return status;
}
