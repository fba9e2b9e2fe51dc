/* SPDX-License-Identifier: MIT */
#include "record/providers.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "config/parse.h"
#include "config/paths.h"
#include "kernels/record/bits.h"

enum { MAX_FORMATS = 3, MAX_ARGUMENTS = 3, MAX_WEIGHT = 1000 };

/* How a provider with arguments makes its value. */
typedef cs_status maker(cs_value *value, cs_provider_context *context, const cs_xml_element *field,
                        cs_error *err);

typedef struct {
    const char *name;
    const char *formats[MAX_FORMATS]; /* simple ones: templates, each as likely */
    maker *make;                      /* others */
    const char *arguments[MAX_ARGUMENTS];
    bool bare;
} provider;

cs_status cs_provider_refuse(const cs_provider_context *context, const cs_xml_element *element,
                             cs_error *err, const char *format, ...)
{
    char text[CS_ERROR_LENGTH];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *name = cs_xml_get(element, "name");
    return cs_fail(err, CS_DATA, "%s:%zu: %s %.60s: %s", context->path, element->line,
                   element->name, name != NULL ? name : "", text);
}

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

static cs_status make_integer(cs_value *value, cs_provider_context *context,
                              const cs_xml_element *field, cs_error *err)
{
    int64_t low = 0, high = 0;
    CS_TRY(read_range(&low, &high, 0, 9999, context, field, err));
    return put_range(value, CSK_RECORD_INTEGER, low, high, 0, err);
}

static cs_status make_year(cs_value *value, cs_provider_context *context,
                           const cs_xml_element *field, cs_error *err)
{
    int64_t low = 0, high = 0;
    CS_TRY(read_range(&low, &high, 1970, 2029, context, field, err));
    return put_range(value, CSK_RECORD_INTEGER, low, high, 0, err);
}

/* A decimal number as a whole number of 10^-digits. */
static cs_status read_scaled(int64_t *out, double absent, double unit,
                             const cs_provider_context *context, const cs_xml_element *field,
                             const char *name, cs_error *err)
{
    const char *text = cs_xml_get(field, name);
    cs_error reason;
    double number = absent;
    if (text != NULL &&
        cs_parse_double_in(&number, text, -9e15 / unit, 9e15 / unit, name, &reason) != CS_OK) {
        return cs_provider_refuse(context, field, err, "%s", reason.message);
    }
    *out = llround(number * unit);
    return CS_OK;
}

static cs_status make_float(cs_value *value, cs_provider_context *context,
                            const cs_xml_element *field, cs_error *err)
{
    int64_t digits = 0, low = 0, high = 0;
    CS_TRY(cs_provider_integer(&digits, 2, context, field, "decimals", err));
    if (digits < 0 || digits > 9) {
        return cs_provider_refuse(context, field, err, "decimals: 0 to 9 are possible");
    }
    const double unit = pow(10.0, (double)digits);
    CS_TRY(read_scaled(&low, 0.0, unit, context, field, "min", err));
    CS_TRY(read_scaled(&high, 1.0, unit, context, field, "max", err));
    if (low > high) {
        return refuse_range(context, field, err);
    }
    return put_range(value, CSK_RECORD_DECIMAL, low, high, (uint8_t)digits, err);
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
    if (end == NULL || *end != '\0' || seconds < least || seconds >= most) {
        return cs_provider_refuse(context, field, err,
                                  "%s=\"%.60s\": a date YYYY-MM-DD of the years 1 to 9999 is "
                                  "wanted (provider datetime: YYYY-MM-DDTHH:MM:SSZ)",
                                  name, given);
    }
    *out = (int64_t)seconds;
    return CS_OK;
}

static cs_status make_time(cs_value *value, cs_provider_context *context,
                           const cs_xml_element *field, cs_error *err)
{
    int64_t low = 0, high = 0;
    CS_TRY(read_time(&low, "1970-01-01", context, field, "min", err));
    CS_TRY(read_time(&high, "2029-12-31T23:59:59Z", context, field, "max", err));
    return low <= high ? put_range(value, CSK_RECORD_TIME, low, high, 0, err)
                       : refuse_range(context, field, err);
}

static cs_status make_date(cs_value *value, cs_provider_context *context,
                           const cs_xml_element *field, cs_error *err)
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

static cs_status make_uuid(cs_value *value, cs_provider_context *context,
                           const cs_xml_element *field, cs_error *err)
{
    (void)context;
    (void)field;
    CS_TRY(cs_value_begin(value, err));
    return cs_value_put(
        value, &(cs_piece){.kind = CS_PIECE_OPERATION, .op = {.code = CSK_RECORD_UUID}}, err);
}

static cs_status make_colour(cs_value *value, cs_provider_context *context,
                             const cs_xml_element *field, cs_error *err)
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

static cs_status make_sentence(cs_value *value, cs_provider_context *context,
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

static cs_status make_template(cs_value *value, cs_provider_context *context,
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

static cs_status make_pattern(cs_value *value, cs_provider_context *context,
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

/* ---- choices ---- */

/* The texts of the elements `value`, as often as their weight says. */
static cs_status collect(cs_bytes *texts, const cs_provider_context *context,
                         const cs_xml_element *field, cs_error *err)
{
    for (const cs_xml_element *e = field + 1; e < cs_xml_behind(field); e = cs_xml_behind(e)) {
        int64_t weight;
        CS_TRY(cs_provider_integer(&weight, 1, context, e, "weight", err));
        if (weight < 0 || weight > MAX_WEIGHT || strlen(e->text) > CS_WORD_MAX_BYTES) {
            return cs_provider_refuse(context, e, err,
                                      "weights of 0 to %d, texts of up to %d bytes are possible",
                                      MAX_WEIGHT, CS_WORD_MAX_BYTES);
        }
        for (int64_t i = 0; i < weight; i++) {
            CS_TRY(cs_bytes_append(texts, &e->text, sizeof e->text, err));
        }
    }
    return texts->size > 0 ? CS_OK
                           : cs_provider_refuse(context, field, err,
                                                "nothing to choose from: give list, file, or "
                                                "elements value");
}

static cs_status choose_of_values(const cs_word_list **list, cs_provider_context *context,
                                  const cs_xml_element *field, cs_error *err)
{
    cs_bytes texts = {0};
    cs_status status = collect(&texts, context, field, err);
    if (status == CS_OK) {
        status = cs_words_make(list, &context->words, (const char *const *)(void *)texts.data,
                               texts.size / sizeof(char *), err);
    }
    cs_bytes_free(&texts);
    return status;
}

static cs_status choose_of_file(const cs_word_list **list, cs_provider_context *context,
                                const cs_xml_element *field, const char *file, cs_error *err)
{
    char *path = NULL;
    cs_error reason = {0};
    CS_TRY(cs_resolve_path(&path, context->path, file, err));
    const cs_status status = cs_words_read(list, &context->words, path, &reason);
    free(path);
    return status == CS_OK ? CS_OK
                           : cs_provider_refuse(context, field, err, "%.800s", reason.message);
}

static cs_status make_choice(cs_value *value, cs_provider_context *context,
                             const cs_xml_element *field, cs_error *err)
{
    const char *name = cs_xml_get(field, "list");
    const char *file = cs_xml_get(field, "file");
    const cs_word_list *list = NULL;
    if ((name != NULL) + (file != NULL) + (field->n_descendants > 0) > 1) {
        return cs_provider_refuse(context, field, err,
                                  "only one of list, file and elements value is possible");
    }
    if (name != NULL) {
        CS_TRY(cs_words_find(&list, &context->words, name, CS_WORD_PLAIN, err));
    } else if (file != NULL) {
        CS_TRY(choose_of_file(&list, context, field, file, err));
    } else {
        CS_TRY(choose_of_values(&list, context, field, err));
    }
    if (list == NULL) {
        return cs_provider_refuse(context, field, err, "there is no word list \"%.60s\"", name);
    }
    CS_TRY(cs_value_begin(value, err));
    return cs_value_put(value, &(cs_piece){.kind = CS_PIECE_WORD, .list = list, .domain = list->n},
                        err);
}

static cs_status make_boolean(cs_value *value, cs_provider_context *context,
                              const cs_xml_element *field, cs_error *err)
{
    static const char *const texts[] = {"false", "true"};
    const cs_word_list *list = NULL;
    (void)field;
    CS_TRY(cs_words_make(&list, &context->words, texts, 2, err));
    CS_TRY(cs_value_begin(value, err));
    return cs_value_put(value, &(cs_piece){.kind = CS_PIECE_WORD, .list = list, .domain = 2}, err);
}

/* ---- the table ---- */

/* Phone numbers are those that North America keeps for fiction (555-0100 to 555-0199), mail domains
 * those that RFC 2606 keeps for examples: nobody is called or written to by mistake. */
static const provider providers[] = {
    {.name = "name", .formats = {"{first_name} {last_name}"}},
    {.name = "catch_phrase", .formats = {"{phrase_adjective} {phrase_descriptor} {phrase_noun}"}},
    {.name = "company",
     .formats = {"{last_name} {company_suffix}", "{last_name}-{last_name}",
                 "{last_name}, {last_name} and {last_name}"}},
    {.name = "domain_name",
     .formats = {"{last_name:host}.{tld}", "{last_name:host}-{last_name:host}.{tld}"}},
    {.name = "email", .formats = {"{first_name:host}.{last_name:host}@{mail_domain}"}},
    {.name = "street_address", .formats = {"{1..250} {street}"}},
    {.name = "phone", .formats = {"+1-{201..989}-555-01{10..99}"}},
    {.name = "uuid4", .make = make_uuid},
    {.name = "integer", .make = make_integer, .arguments = {"min", "max"}, .bare = true},
    {.name = "float", .make = make_float, .arguments = {"min", "max", "decimals"}, .bare = true},
    {.name = "boolean", .make = make_boolean, .bare = true},
    {.name = "date", .make = make_date, .arguments = {"min", "max"}},
    {.name = "datetime", .make = make_time, .arguments = {"min", "max"}},
    {.name = "year", .make = make_year, .arguments = {"min", "max"}, .bare = true},
    {.name = "hex_colour", .make = make_colour},
    {.name = "sentence", .make = make_sentence, .arguments = {"min", "max"}},
    {.name = "choice", .make = make_choice, .arguments = {"list", "file"}},
    {.name = "pattern", .make = make_pattern, .arguments = {"text"}},
    {.name = "template", .make = make_template, .arguments = {"text"}},
    {.name = "first_name", .formats = {"{first_name}"}},
    {.name = "last_name", .formats = {"{last_name}"}},
    {.name = "country", .formats = {"{country}"}},
    {.name = "language", .formats = {"{language}"}},
    {.name = "locale", .formats = {"{locale}"}},
    {.name = "city", .formats = {"{city}"}},
};

enum { N_PROVIDERS = sizeof providers / sizeof *providers };

static const provider *find(const char *name)
{
    for (size_t i = 0; i < N_PROVIDERS; i++) {
        if (strcmp(providers[i].name, name) == 0) {
            return &providers[i];
        }
    }
    return NULL;
}

/* A provider that is a word list under its own name: a template's part of that name is the list. */
static bool is_list(const provider *p)
{
    const size_t length = strlen(p->name);
    return p->formats[0] != NULL && p->formats[0][0] == '{' &&
           strncmp(p->formats[0] + 1, p->name, length) == 0 &&
           strcmp(p->formats[0] + 1 + length, "}") == 0;
}

static cs_status make_simple(cs_value *value, cs_provider_context *context, const provider *p,
                             cs_error *err)
{
    for (size_t i = 0; i < MAX_FORMATS && p->formats[i] != NULL; i++) {
        cs_value more = {0};
        cs_status status = cs_template_make(&more, context, p->formats[i], err);
        if (status == CS_OK) {
            status = cs_value_or(value, &more, err);
        }
        cs_value_free(&more);
        CS_TRY(status);
    }
    return CS_OK;
}

cs_status cs_provider_simple(cs_value *value, cs_provider_context *context, const char *name,
                             cs_error *err)
{
    const provider *p = find(name);
    *value = (cs_value){0};
    return p != NULL && p->make == NULL && !is_list(p) ? make_simple(value, context, p, err)
                                                       : CS_OK;
}

static bool takes(const provider *p, const char *argument)
{
    static const char *const common[] = {"name", "provider", "count", "null", "unique"};
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        if (strcmp(common[i], argument) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < MAX_ARGUMENTS && p->arguments[i] != NULL; i++) {
        if (strcmp(p->arguments[i], argument) == 0) {
            return true;
        }
    }
    return false;
}

static cs_status check_arguments(const provider *p, const cs_provider_context *context,
                                 const cs_xml_element *field, cs_error *err)
{
    for (size_t i = 0; i < field->n_attributes; i++) {
        if (!takes(p, field->attributes[i].name)) {
            return cs_provider_refuse(context, field, err, "provider %s has no argument \"%.60s\"",
                                      p->name, field->attributes[i].name);
        }
    }
    for (const cs_xml_element *e = field + 1; e < cs_xml_behind(field); e = cs_xml_behind(e)) {
        if (p->make != make_choice || strcmp(e->name, "value") != 0 || e->n_descendants > 0) {
            return cs_provider_refuse(context, e, err, "not possible in a field of provider %s",
                                      p->name);
        }
    }
    return CS_OK;
}

cs_status cs_provider_make(cs_value *value, cs_provider_context *context,
                           const cs_xml_element *field, cs_error *err)
{
    const char *name = cs_xml_get(field, "provider");
    const provider *p = name != NULL ? find(name) : NULL;
    cs_error reason = {0};
    *value = (cs_value){0};
    if (p == NULL) {
        return cs_provider_refuse(context, field, err, "unknown provider \"%.60s\"",
                                  name != NULL ? name : "");
    }
    CS_TRY(check_arguments(p, context, field, err));
    const cs_status status = p->make != NULL ? p->make(value, context, field, &reason)
                                             : make_simple(value, context, p, &reason);
    value->bare = p->bare;
    if (status == CS_OK) {
        return CS_OK;
    }
    /* what has no place yet gets the field's */
    const size_t length = strlen(context->path);
    const bool placed = strncmp(reason.message, context->path, length) == 0;
    return placed || status == CS_MEMORY
               ? cs_fail(err, status, "%s", reason.message)
               : cs_provider_refuse(context, field, err, "%.800s", reason.message);
}
