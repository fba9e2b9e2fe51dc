/* SPDX-License-Identifier: MIT */
#include "job/make_columns.h"

#include <stdio.h>
#include <string.h>

/* What a column may be given in; lists end with a unit of NULL. */
typedef struct {
    const char *unit;
    cs_make_conversion conversion;
} known_unit;

typedef struct {
    const char *key, *default_name, *default_unit;
    const known_unit *units;
} known_column;

static const known_unit no_unit[] = {{"", {1.0, 0.0, false, false}}, {0}};
static const known_unit degrees[] = {
    {"degrees", {1.0, 0.0, false, false}}, {"", {1.0, 0.0, false, false}}, {0}};
static const known_unit metres[] = {
    {"m", {1.0, 0.0, false, false}}, {"km", {1e3, 0.0, false, false}}, {0}};
static const known_unit areas[] = {{"m2", {1.0, 0.0, false, false}},
                                   {"km2", {1e6, 0.0, false, false}},
                                   {"ha", {1e4, 0.0, false, false}},
                                   {0}};
static const known_unit rates[] = {{"g/m2", {1.0, 0.0, false, false}},
                                   {"g m-2", {1.0, 0.0, false, false}},
                                   {"kg/ha", {0.1, 0.0, false, false}},
                                   {0}};
static const known_unit temperatures[] = {
    {"degC", {1.0, 0.0, false, false}}, {"K", {1.0, -273.15, false, false}}, {0}};
static const known_unit rains[] = {
    {"mm/h", {1.0, 0.0, false, false}}, {"mm h-1", {1.0, 0.0, false, false}},
    {"mm/d", {1.0, 0.0, true, false}},  {"mm d-1", {1.0, 0.0, true, false}},
    {"mm", {1.0, 0.0, false, true}},    {0}};

static const known_column network_columns[CS_MAKE_N_NETWORK_COLUMNS] = {
    [CS_MAKE_ID] = {"id", "id", "", no_unit},
    [CS_MAKE_NEXT_DOWN_ID] = {"next_down_id", "next_down_id", "", no_unit},
    [CS_MAKE_AREA] = {"area", "area_km2", "km2", areas},
    [CS_MAKE_LON] = {"lon", "lon", "degrees", degrees},
    [CS_MAKE_LAT] = {"lat", "lat", "degrees", degrees},
    [CS_MAKE_ELEVATION] = {"elevation", "mean_elev_m", "m", metres},
    [CS_MAKE_STRAHLER] = {"strahler", "strahler", "", no_unit},
    [CS_MAKE_APPLICATION_AREA] = {"application_area", "", "m2", areas},
    [CS_MAKE_FACADE_AREA] = {"facade_area", "", "m2", areas},
    [CS_MAKE_APPLICATION_RATE] = {"application_rate", "", "g/m2", rates},
    [CS_MAKE_POPULATION] = {"population", "", "", no_unit},
};

static const known_column station_columns[CS_MAKE_N_STATION_COLUMNS] = {
    [CS_MAKE_TIME] = {"time", "time", "", no_unit},
    [CS_MAKE_TEMPERATURE] = {"temperature", "temperature", "degC", temperatures},
    [CS_MAKE_PRECIPITATION] = {"precipitation", "precipitation", "mm/h", rains},
};

static void set_defaults(cs_make_column *column, const known_column *known, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        snprintf(column[i].name, sizeof column[i].name, "%s", known[i].default_name);
        snprintf(column[i].unit, sizeof column[i].unit, "%s", known[i].default_unit);
    }
}

void cs_make_network_columns_init(cs_make_column column[CS_MAKE_N_NETWORK_COLUMNS])
{
    set_defaults(column, network_columns, CS_MAKE_N_NETWORK_COLUMNS);
}

void cs_make_station_columns_init(cs_make_column column[CS_MAKE_N_STATION_COLUMNS])
{
    set_defaults(column, station_columns, CS_MAKE_N_STATION_COLUMNS);
}

/* Copies a word up to one of the characters in `stop`, without its quotes; moves behind it. */
static cs_status read_word(char *word, size_t size, const char **at, const char *stop,
                           const char *option, cs_error *err)
{
    const char *c = *at;
    const bool quoted = *c == '\'';
    size_t length = 0;
    c += quoted ? 1 : 0;
    while (*c != '\0' && (quoted || strchr(stop, *c) == NULL)) {
        if (quoted && *c == '\'') {
            if (c[1] != '\'') {
                break;
            }
            c++; /* a doubled quote is one */
        }
        if (length + 1 >= size) {
            return cs_fail(err, CS_USAGE, "%s: \"%.80s\" is too long", option, *at);
        }
        word[length++] = *c++;
    }
    word[length] = '\0';
    if (quoted && *c++ != '\'') {
        return cs_fail(err, CS_USAGE, "%s: the quote of \"%.80s\" is not closed", option, *at);
    }
    if (*c != '\0' && strchr(stop, *c) == NULL) {
        return cs_fail(err, CS_USAGE, "%s: \"%.80s\" is not followed by one of \"%s\"", option, *at,
                       stop);
    }
    *at = c;
    return CS_OK;
}

static const known_unit *find_unit(const known_column *known, const char *unit)
{
    for (const known_unit *u = known->units; u->unit != NULL; u++) {
        if (strcmp(u->unit, unit) == 0) {
            return u;
        }
    }
    return NULL;
}

/* NAME:UNIT of a known column. */
static cs_status read_column(cs_make_column *column, const known_column *known, const char **at,
                             const char *option, cs_error *err)
{
    cs_make_column given = *column;
    CS_TRY(read_word(given.name, sizeof given.name, at, ":,", option, err));
    if (**at == ':') {
        ++*at;
        CS_TRY(read_word(given.unit, sizeof given.unit, at, ",", option, err));
    }
    if (find_unit(known, given.unit) == NULL) {
        return cs_fail(err, CS_USAGE, "%s: %s in \"%.40s\" is not known (%s, ...)", option,
                       known->key, given.unit, known->units[0].unit);
    }
    if (given.name[0] == '\0') {
        return cs_fail(err, CS_USAGE, "%s: %s lacks the name of its column", option, known->key);
    }
    if (strcmp(given.name, "-") == 0) {
        given.name[0] = '\0';
    }
    *column = given;
    return CS_OK;
}

static cs_status read_columns(cs_make_column *column, const known_column *known, size_t n,
                              const char *text, const char *option, cs_error *err)
{
    const char *at = text;
    while (*at != '\0') {
        char key[32];
        size_t i = 0;
        CS_TRY(read_word(key, sizeof key, &at, "=", option, err));
        while (i < n && strcmp(known[i].key, key) != 0) {
            i++;
        }
        if (i == n || *at != '=') {
            return cs_fail(err, CS_USAGE, "%s: \"%.32s\" is not a column that is wanted", option,
                           key);
        }
        ++at;
        CS_TRY(read_column(&column[i], &known[i], &at, option, err));
        at += *at == ',' ? 1 : 0;
    }
    return CS_OK;
}

cs_status cs_make_network_columns_parse(cs_make_column column[CS_MAKE_N_NETWORK_COLUMNS],
                                        const char *text, cs_error *err)
{
    return read_columns(column, network_columns, CS_MAKE_N_NETWORK_COLUMNS, text,
                        "--network-columns", err);
}

cs_status cs_make_station_columns_parse(cs_make_column column[CS_MAKE_N_STATION_COLUMNS],
                                        const char *text, cs_error *err)
{
    return read_columns(column, station_columns, CS_MAKE_N_STATION_COLUMNS, text,
                        "--station-columns", err);
}

static cs_make_conversion conversion_of(const known_column *known, const cs_make_column *column)
{
    const known_unit *unit = find_unit(known, column->unit);
    CS_INVARIANT(unit != NULL);
    return unit->conversion;
}

cs_make_conversion cs_make_network_conversion(cs_make_network_column which,
                                              const cs_make_column *column)
{
    return conversion_of(&network_columns[which], column);
}

cs_make_conversion cs_make_station_conversion(cs_make_station_column which,
                                              const cs_make_column *column)
{
    return conversion_of(&station_columns[which], column);
}
