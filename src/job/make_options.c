/* SPDX-License-Identifier: MIT */
#include "job/make_options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/options.h"
#include "config/parse.h"
#include "job/make_columns.h"

enum {
    KEY_OUTPUT = 'o',
    KEY_CATCHMENTS = 'n',
    KEY_HOURS = 't',
    KEY_SEED = 's',
    KEY_NETWORK = 0x100,
    KEY_NETWORK_COLUMNS,
    KEY_STATION,
    KEY_STATION_COLUMNS,
    KEY_STATION_WHERE,
    KEY_START,
    KEY_LAPSE,
    KEY_NORTHWARD,
    KEY_OROGRAPHIC,
    KEY_ADVECTION,
    KEY_DEFLATE,
    KEY_LICENCE,
    KEY_ATTRIBUTION,
    KEY_FRESH, /* the last one */
};

static const struct argp_option list[] = {
    {"output", KEY_OUTPUT, "FILE", 0, "The input file to make (HDF5)", 1},
    {"fresh", KEY_FRESH, NULL, 0, "Replace it if it exists", 1},
    {"deflate", KEY_DEFLATE, "LEVEL", 0, "Compression, 0 (none) to 12 (1)", 1},
    {"start", KEY_START, "YYYY-MM-DD", 0, "First day, UTC (2021-01-01)", 1},
    {"hours", KEY_HOURS, "T", 0, "Number of hours (8760)", 1},
    {"seed", KEY_SEED, "S", 0, "Seed of all that is random (1)", 1},
    {"licence", KEY_LICENCE, "TEXT", 0, "Licence of the data, noted in the file", 1},
    {"attribution", KEY_ATTRIBUTION, "TEXT", 0, "Whose data they are, noted in the file", 1},
    {NULL, 0, NULL, 0, "A synthetic basin:", 2},
    {"catchments", KEY_CATCHMENTS, "N", 0, "Number of catchments (1000)", 2},
    {NULL, 0, NULL, 0, "A given network, with weather from one or more stations:", 3},
    {"network", KEY_NETWORK, "FILE.csv[.gz]", 0, "Table of the catchments", 3},
    {"network-columns", KEY_NETWORK_COLUMNS, "COLUMNS", 0,
     "Its columns as KEY=NAME:UNIT,.. (id, next_down_id, area=area_km2:km2, lon, lat, "
     "elevation=mean_elev_m:m, "
     "strahler; also application_area, facade_area, application_rate, population)",
     3},
    {"station", KEY_STATION, "FILE:NAME:LON:LAT:ELEVATION", 0,
     "A station's table, hourly or daily, and where it stands [degrees, m]; may be repeated", 3},
    {"station-columns", KEY_STATION_COLUMNS, "COLUMNS", 0,
     "Columns of the --station before it, likewise (time, temperature=temperature:degC, "
     "precipitation=precipitation:mm/h)",
     3},
    {"station-where", KEY_STATION_WHERE, "NAME=TEXT", 0,
     "Only rows of the --station before it that have TEXT in column NAME", 3},
    {"lapse-rate", KEY_LAPSE, "K_PER_M|estimate", 0,
     "Change of temperature with height (estimate: between the stations, else -0.0065)", 3},
    {"northward-gradient", KEY_NORTHWARD, "K_PER_DEGREE", 0,
     "Change of temperature with latitude (-0.5)", 3},
    {"orographic-gradient", KEY_OROGRAPHIC, "PER_M|estimate", 0,
     "Change of precipitation with height, as a share of the sea level's (0.0005)", 3},
    {"advection", KEY_ADVECTION, "KM_PER_HOUR", 0, "Speed of rain to the east; 0: none (30)", 3},
    {0},
};

static const char doc[] =
    "Makes an input file for catchsim: a synthetic basin, or a given network with weather from "
    "stations."
    "\vThe file has the same bytes for any number of ranks and threads. Time stamps of hourly "
    "tables are the end of the hour, UTC. docs/catchmake.md describes the methods.";

/* Cuts the text at its last colon and returns what stands behind it, NULL without one. */
static char *cut_last(char *text)
{
    char *colon = strrchr(text, ':');
    if (colon == NULL) {
        return NULL;
    }
    *colon = '\0';
    return colon + 1;
}

cs_status cs_make_station_parse(cs_make_station *station, const char *text, cs_error *err)
{
    char copy[sizeof station->path + 256];
    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy) {
        return cs_fail(err, CS_USAGE, "--station: \"%.80s...\" is too long", text);
    }
    char *const elevation = cut_last(copy);
    char *const lat = elevation == NULL ? NULL : cut_last(copy);
    char *const lon = lat == NULL ? NULL : cut_last(copy);
    char *const name = lon == NULL ? NULL : cut_last(copy);
    *station = (cs_make_station){0};
    if (name == NULL || copy[0] == '\0' || strlen(name) >= sizeof station->name ||
        strlen(copy) >= sizeof station->path) {
        return cs_fail(err, CS_USAGE, "--station: \"%.200s\" is not FILE:NAME:LON:LAT:ELEVATION",
                       text);
    }
    CS_TRY(cs_parse_double_in(&station->place.lon, lon, -180, 360, "--station: longitude", err));
    CS_TRY(cs_parse_double_in(&station->place.lat, lat, -90, 90, "--station: latitude", err));
    CS_TRY(cs_parse_double_in(&station->place.elevation, elevation, -500, 9000,
                              "--station: elevation", err));
    memcpy(station->path, copy, strlen(copy) + 1);
    memcpy(station->name, name, strlen(name) + 1);
    cs_make_station_columns_init(station->column);
    return CS_OK;
}

static cs_status add_station(cs_make_options *options, const char *text, cs_error *err)
{
    cs_make_station *more = NULL;
    CS_TRY(cs_alloc(&more, options->n_station + 1, sizeof *more, "stations", err));
    if (options->n_station > 0) {
        memcpy(more, options->station, options->n_station * sizeof *more);
    }
    free(options->station);
    options->station = more;
    return cs_make_station_parse(&more[options->n_station++], text, err);
}

static cs_status set_where(cs_make_station *station, const char *text, cs_error *err)
{
    const char *equals = strchr(text, '=');
    const size_t length = equals == NULL ? 0 : (size_t)(equals - text);
    if (length == 0 || length >= sizeof station->where_column ||
        strlen(equals + 1) >= sizeof station->where_value) {
        return cs_fail(err, CS_USAGE, "--station-where: \"%.80s\" is not NAME=TEXT", text);
    }
    memcpy(station->where_column, text, length);
    station->where_column[length] = '\0';
    snprintf(station->where_value, sizeof station->where_value, "%s", equals + 1);
    return CS_OK;
}

static cs_status set_of_station(cs_make_options *options, int key, const char *text, cs_error *err)
{
    if (options->n_station == 0) {
        return cs_fail(err, CS_USAGE, "--station-%s: no --station stands before it",
                       key == KEY_STATION_WHERE ? "where" : "columns");
    }
    cs_make_station *last = &options->station[options->n_station - 1];
    return key == KEY_STATION_WHERE ? set_where(last, text, err)
                                    : cs_make_station_columns_parse(last->column, text, err);
}

static cs_status set_or_estimate(double *number, const char *text, double low, double high,
                                 const char *what, cs_error *err)
{
    if (strcmp(text, "estimate") == 0) {
        *number = NAN;
        return CS_OK;
    }
    return cs_parse_double_in(number, text, low, high, what, err);
}

static cs_status set_start(cs_make_options *options, const char *text, cs_error *err)
{
    int64_t seconds = 0;
    CS_TRY(cs_parse_time(&seconds, text, "--start", err));
    if (seconds % 86400 != 0) {
        return cs_fail(err, CS_USAGE, "--start: \"%.40s\" is not a day", text);
    }
    options->start_day = seconds / 86400;
    return CS_OK;
}

static cs_status set_count(size_t *count, const char *text, const char *what, cs_error *err)
{
    CS_TRY(cs_parse_size(count, text, what, err));
    return *count > 0 ? CS_OK : cs_fail(err, CS_USAGE, "%s: at least 1 is needed", what);
}

static cs_status set_deflate(cs_make_options *options, const char *text, cs_error *err)
{
    size_t level = 0;
    CS_TRY(cs_parse_size(&level, text, "--deflate", err));
    if (level > 12) {
        return cs_fail(err, CS_USAGE, "--deflate: %zu is not a level from 0 to 12", level);
    }
    options->deflate = (int)level;
    return CS_OK;
}

static cs_status set(cs_make_options *options, int key, const char *text, cs_error *err)
{
    switch (key) {
    case KEY_OUTPUT:
        options->output = text;
        return CS_OK;
    case KEY_FRESH:
        options->fresh = true;
        return CS_OK;
    case KEY_LICENCE:
        options->licence = text;
        return CS_OK;
    case KEY_ATTRIBUTION:
        options->attribution = text;
        return CS_OK;
    case KEY_NETWORK:
        options->network = text;
        return CS_OK;
    case KEY_NETWORK_COLUMNS:
        return cs_make_network_columns_parse(options->column, text, err);
    case KEY_STATION:
        return add_station(options, text, err);
    case KEY_STATION_COLUMNS:
    case KEY_STATION_WHERE:
        return set_of_station(options, key, text, err);
    case KEY_CATCHMENTS:
        return set_count(&options->n_catchment, text, "--catchments", err);
    case KEY_HOURS:
        return set_count(&options->n_time, text, "--hours", err);
    case KEY_SEED:
        return cs_parse_uint64(&options->seed, text, "--seed", err);
    case KEY_START:
        return set_start(options, text, err);
    case KEY_LAPSE:
        return set_or_estimate(&options->lapse, text, -0.02, 0.02, "--lapse-rate", err);
    case KEY_NORTHWARD:
        return cs_parse_double_in(&options->northward, text, -5, 5, "--northward-gradient", err);
    case KEY_OROGRAPHIC:
        return set_or_estimate(&options->orographic, text, 0, 0.01, "--orographic-gradient", err);
    case KEY_ADVECTION:
        return cs_parse_double_in(&options->advection, text, 0, 1000, "--advection", err);
    case KEY_DEFLATE:
        return set_deflate(options, text, err);
    default:
        return cs_fail(err, CS_INTERNAL, "option %d is not known", key);
    }
}

static cs_status check(const cs_make_options *options, cs_error *err)
{
    if (options->output == NULL || options->output[0] == '\0') {
        return cs_fail(err, CS_USAGE, "--output=FILE is needed");
    }
    if (options->network == NULL && options->n_station > 0) {
        return cs_fail(err, CS_USAGE, "--station goes with --network=FILE only");
    }
    if (options->network != NULL && options->n_station == 0) {
        return cs_fail(err, CS_USAGE, "--network needs at least one --station");
    }
    return CS_OK;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    cs_error err;
    cs_status status = CS_OK;
    if (key == ARGP_KEY_END) {
        status = check(state->input, &err);
    } else if (key == ARGP_KEY_ARG) {
        status = cs_fail(&err, CS_USAGE, "\"%.80s\": no such argument is known", text);
    } else if (key == KEY_OUTPUT || key == KEY_CATCHMENTS || key == KEY_HOURS || key == KEY_SEED ||
               (key >= KEY_NETWORK && key <= KEY_FRESH)) {
        status = set(state->input, key, text, &err);
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    return status == CS_OK ? 0 : cs_options_refuse(state, &err);
}

const struct argp cs_make_argp = {.options = list, .parser = parse, .doc = doc};
