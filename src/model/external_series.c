/* SPDX-License-Identifier: MIT */
#include "model/external_series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/repr.h"

typedef enum { COLUMN_TIME, COLUMN_VARIABLE, COLUMN_TEXT } column_kind;

typedef struct {
    column_kind kind;
    cs_variable variable;
    double factor, summand; /* from the input's unit to the table's */
    char *texts;            /* COLUMN_TIME: [n_time][CS_TEXT_REPR_LENGTH]; COLUMN_TEXT: one */
    unsigned char *lengths; /* COLUMN_TIME: [n_time] */
    size_t length;          /* COLUMN_TEXT */
    size_t twin;            /* COLUMN_VARIABLE: one before it with the same numbers, or itself */
} column;

struct cs_external_series {
    column *columns; /* [n_columns] */
    size_t n_columns, n_time, row_room;
    cs_bytes head;
};

/* ---- what columns may hold ---- */

static const struct {
    const char *from, *unit;
    column_kind kind;
    cs_variable variable;
    double factor, summand;
} KNOWN[] = {
    {"time", "d", COLUMN_TIME, CS_TEMPERATURE, 1.0, 0.0},
    {"time", "h", COLUMN_TIME, CS_TEMPERATURE, 24.0, 0.0},
    {"time", "s", COLUMN_TIME, CS_TEMPERATURE, 86400.0, 0.0},
    {"temperature", "degC", COLUMN_VARIABLE, CS_TEMPERATURE, 1.0, 0.0},
    {"temperature", "K", COLUMN_VARIABLE, CS_TEMPERATURE, 1.0, 273.15},
    {"precipitation", "mm d-1", COLUMN_VARIABLE, CS_PRECIPITATION, 24.0, 0.0},
    {"precipitation", "mm h-1", COLUMN_VARIABLE, CS_PRECIPITATION, 1.0, 0.0},
    {"discharge", "m3 s-1", COLUMN_VARIABLE, CS_DISCHARGE, 1.0, 0.0},
    {"discharge", "L s-1", COLUMN_VARIABLE, CS_DISCHARGE, 1000.0, 0.0},
    {"local_discharge", "m3 s-1", COLUMN_VARIABLE, CS_LOCAL_DISCHARGE, 1.0, 0.0},
    {"local_discharge", "L s-1", COLUMN_VARIABLE, CS_LOCAL_DISCHARGE, 1000.0, 0.0},
};
enum { N_KNOWN = sizeof KNOWN / sizeof KNOWN[0] };

/* The table of the model server, where the configuration has no element series. */
static char STEP[] = "step", T[] = "T", P[] = "P", Q[] = "Q", QLOC[] = "Qloc",
            EMPTYMEAS[] = "Emptymeas", NOT_AVAILABLE[] = "N/A";
static char TIME[] = "time", TEMPERATURE[] = "temperature", PRECIPITATION[] = "precipitation",
            DISCHARGE[] = "discharge", LOCAL_DISCHARGE[] = "local_discharge";
static char DAYS[] = "d", CELSIUS[] = "degC", MM_A_DAY[] = "mm d-1", M3_A_SECOND[] = "m3 s-1";
static const cs_config_column DEFAULT_COLUMNS[] = {
    {.name = STEP, .from = TIME, .unit = DAYS},
    {.name = T, .from = TEMPERATURE, .unit = CELSIUS},
    {.name = P, .from = PRECIPITATION, .unit = MM_A_DAY},
    {.name = Q, .from = DISCHARGE, .unit = M3_A_SECOND},
    {.name = QLOC, .from = LOCAL_DISCHARGE, .unit = M3_A_SECOND},
    {.name = EMPTYMEAS, .text = NOT_AVAILABLE},
};
enum { N_DEFAULT_COLUMNS = sizeof DEFAULT_COLUMNS / sizeof DEFAULT_COLUMNS[0] };

static const cs_config_column *columns_of(const cs_config_external *external, size_t *n)
{
    const bool given = external->n_columns > 0;
    *n = given ? external->n_columns : N_DEFAULT_COLUMNS;
    return given ? external->columns : DEFAULT_COLUMNS;
}

uint32_t cs_external_series_needs(const cs_config_external *external)
{
    size_t n = 0;
    const cs_config_column *columns = columns_of(external, &n);
    uint32_t needs = 0;
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; columns[i].from != NULL && k < N_KNOWN; k++) {
            if (KNOWN[k].kind == COLUMN_VARIABLE && strcmp(KNOWN[k].from, columns[i].from) == 0) {
                needs |= 1U << KNOWN[k].variable;
            }
        }
    }
    return needs;
}

double cs_external_series_per_m3(const cs_config_external *external, const char *name)
{
    size_t n = 0;
    const cs_config_column *columns = columns_of(external, &n);
    for (size_t i = 0; i < n; i++) {
        if (columns[i].from == NULL || strcmp(columns[i].name, name) != 0) {
            continue;
        }
        for (int k = 0; k < N_KNOWN; k++) {
            const bool is_water =
                KNOWN[k].kind == COLUMN_VARIABLE &&
                (KNOWN[k].variable == CS_LOCAL_DISCHARGE || KNOWN[k].variable == CS_DISCHARGE);
            if (is_water && strcmp(KNOWN[k].from, columns[i].from) == 0 &&
                strcmp(KNOWN[k].unit, columns[i].unit) == 0) {
                return KNOWN[k].factor;
            }
        }
    }
    return 1.0;
}

/* ---- preparing ---- */

static cs_status find_kind(column *c, const cs_config *config, const cs_config_column *from,
                           cs_error *err)
{
    bool is_variable = false;
    for (int k = 0; k < N_KNOWN; k++) {
        if (strcmp(KNOWN[k].from, from->from) != 0) {
            continue;
        }
        is_variable = true;
        if (strcmp(KNOWN[k].unit, from->unit) == 0) {
            c->kind = KNOWN[k].kind;
            c->variable = KNOWN[k].variable;
            c->factor = KNOWN[k].factor;
            c->summand = KNOWN[k].summand;
            return CS_OK;
        }
    }
    if (is_variable) {
        return cs_config_fail_at(config, from->line, err, CS_DATA,
                                 "element column: %s cannot be written in the unit \"%s\"",
                                 from->from, from->unit);
    }
    return cs_config_fail_at(config, from->line, err, CS_DATA,
                             "element column: from=\"%s\" is neither time, temperature, "
                             "precipitation, discharge nor local_discharge",
                             from->from);
}

/* Row / steps per day where that is a whole number, since row x step would be a rounding off. */
static double days_of_row(size_t row, double step_days)
{
    const double steps_per_day = nearbyint(1.0 / step_days);
    const bool is_whole = steps_per_day >= 1.0 && fabs(steps_per_day * step_days - 1.0) < 1e-9;
    return is_whole ? (double)row / steps_per_day : (double)row * step_days;
}

static cs_status make_times(column *c, size_t n_time, double step_days, cs_error *err)
{
    CS_TRY(cs_alloc(&c->texts, n_time, CS_TEXT_REPR_LENGTH, "a column of times", err));
    CS_TRY(cs_alloc(&c->lengths, n_time, 1, "a column of times", err));
    for (size_t t = 0; t < n_time; t++) {
        const double value = c->factor * days_of_row(t, step_days);
        c->lengths[t] = (unsigned char)cs_text_put_repr(c->texts + t * CS_TEXT_REPR_LENGTH, value);
    }
    return CS_OK;
}

/* A tab or a line end inside of a text would break the table. */
static cs_status check_text(const cs_config *config, const cs_config_column *from, const char *text,
                            cs_error *err)
{
    if (strpbrk(text, "\t\r\n") == NULL) {
        return CS_OK;
    }
    return cs_config_fail_at(config, from->line, err, CS_DATA,
                             "element column: tabs and line ends cannot be in a table's field");
}

static cs_status open_column(column *c, cs_external_series *series, const cs_config *config,
                             const cs_config_column *from, double step_days, cs_error *err)
{
    CS_TRY(check_text(config, from, from->name, err));
    CS_TRY(cs_bytes_append(&series->head, from->name, strlen(from->name), err));
    if (from->from == NULL) {
        CS_TRY(check_text(config, from, from->text, err));
        c->kind = COLUMN_TEXT;
        c->length = strlen(from->text);
        series->row_room += c->length + 1;
        return cs_copy_string(&c->texts, from->text, err);
    }
    CS_TRY(find_kind(c, config, from, err));
    series->row_room += CS_TEXT_REPR_LENGTH + 1;
    return c->kind == COLUMN_TIME ? make_times(c, series->n_time, step_days, err) : CS_OK;
}

static bool is_water(const column *c)
{
    return c->kind == COLUMN_VARIABLE &&
           (c->variable == CS_DISCHARGE || c->variable == CS_LOCAL_DISCHARGE);
}

/* All water of a headwater is its own: discharge and local discharge are the same numbers there. */
static size_t find_twin(const cs_external_series *series, size_t k)
{
    const column *c = &series->columns[k];
    for (size_t i = 0; i < k && is_water(c); i++) {
        if (is_water(&series->columns[i]) && series->columns[i].factor == c->factor) {
            return i;
        }
    }
    return k;
}

cs_status cs_external_series_open(cs_external_series **out, const cs_config *config,
                                  const cs_config_external *external, size_t n_time,
                                  double step_days, cs_error *err)
{
    size_t n = 0;
    const cs_config_column *columns = columns_of(external, &n);
    cs_external_series *series = NULL;
    *out = NULL;
    CS_TRY(cs_alloc(&series, 1, sizeof *series, "the table of a program", err));
    series->n_time = n_time;
    cs_status status = CS_OK;
    CS_CHECK(cs_alloc(&series->columns, n, sizeof *series->columns, "columns", err));
    for (size_t i = 0; i < n; i++) {
        series->n_columns = i + 1;
        CS_CHECK(open_column(&series->columns[i], series, config, &columns[i], step_days, err));
        series->columns[i].twin = find_twin(series, i);
        CS_CHECK(cs_bytes_append(&series->head, i + 1 < n ? "\t" : "\n", 1, err));
    }
    *out = series;
    return CS_OK;
release:
    cs_external_series_free(series);
    return status;
}

/* ---- filling ---- */

#define MISSING "NA"

/* Daily temperatures and dry hours repeat themselves: what was just written is copied. */
typedef struct {
    double value;
    unsigned char length; /* 0: nothing yet */
    char text[CS_TEXT_REPR_LENGTH];
} last_value;

/* The number that our own models would compute with (cs_engine_forcing), in the column's unit.
 * Doubles of the input have precipitation in mm/d, floats in mm/h. */
static double convert(double value, const column *c, bool is_float)
{
    const bool is_daily = c->variable == CS_PRECIPITATION && !is_float;
    const double factor = is_daily ? c->factor / 24.0 : c->factor;
    return factor == 1.0 && c->summand == 0.0 ? value : factor * value + c->summand;
}

static bool is_same(const last_value *last, double value)
{
    return last->length > 0 && memcmp(&value, &last->value, sizeof value) == 0;
}

static size_t put_value(char *out, last_value *last, const last_value *twin, const column *c,
                        const cs_engine_task *task, size_t place)
{
    const float *floats = task->forcing[c->variable];
    const double value =
        floats != NULL ? (double)floats[place] : task->forcing64[c->variable][place];
    if (!isfinite(value)) {
        memcpy(out, MISSING, sizeof MISSING);
        return sizeof MISSING - 1;
    }
    if (is_same(twin, value)) {
        memcpy(out, twin->text, CS_TEXT_REPR_LENGTH);
        return twin->length;
    }
    if (!is_same(last, value)) {
        last->value = value;
        last->length =
            (unsigned char)cs_text_put_repr(last->text, convert(value, c, floats != NULL));
    }
    memcpy(out, last->text, CS_TEXT_REPR_LENGTH);
    return last->length;
}

/* last: [n_columns] */
static size_t put_field(char *out, last_value *last, const cs_external_series *series, size_t k,
                        const cs_engine_task *task, size_t i, size_t t)
{
    const column *c = &series->columns[k];
    switch (c->kind) {
    case COLUMN_TIME:
        memcpy(out, c->texts + t * CS_TEXT_REPR_LENGTH, CS_TEXT_REPR_LENGTH);
        return c->lengths[t];
    case COLUMN_TEXT:
        memcpy(out, c->texts, c->length);
        return c->length;
    case COLUMN_VARIABLE:
        break;
    }
    return put_value(out, &last[k], &last[c->twin], c, task, i * task->n_time + t);
}

cs_status cs_external_series_fill(cs_bytes *out, const cs_external_series *series,
                                  const cs_engine_task *task, size_t i, cs_error *err)
{
    CS_TRY(cs_bytes_append(out, series->head.data, series->head.size, err));
    CS_TRY(cs_bytes_reserve(out, series->n_time * series->row_room + CS_TEXT_REPR_LENGTH, err));
    last_value *last = NULL;
    CS_TRY(cs_alloc(&last, series->n_columns, sizeof *last, "a row of a table", err));
    char *at = (char *)out->data + out->size;
    for (size_t t = 0; t < series->n_time; t++) {
        for (size_t k = 0; k < series->n_columns; k++) {
            at += put_field(at, last, series, k, task, i, t);
            *at++ = '\t';
        }
        at[-1] = '\n';
    }
    out->size = (size_t)(at - (char *)out->data);
    free(last);
    return CS_OK;
}

void cs_external_series_free(cs_external_series *series)
{
    if (series == NULL) {
        return;
    }
    for (size_t i = 0; series->columns != NULL && i < series->n_columns; i++) {
        free(series->columns[i].texts);
        free(series->columns[i].lengths);
    }
    free(series->columns);
    cs_bytes_free(&series->head);
    free(series);
}
