/* SPDX-License-Identifier: MIT */
/* A river network from a table. */
#include <inttypes.h>
#include <math.h>

#include "job/make_basin.h"
#include "job/make_columns.h"
#include "text/delimited.h"

#define ABSENT SIZE_MAX

/* A table and where its columns are. */
typedef struct {
    cs_delimited *table;
    size_t column[CS_MAKE_N_NETWORK_COLUMNS];           /* ABSENT: there is none */
    cs_make_conversion unit[CS_MAKE_N_NETWORK_COLUMNS]; /* of its numbers */
} source;

static bool has_column(const cs_delimited *table, const char *name)
{
    size_t column = 0;
    return cs_delimited_find(&column, table, name, NULL) == CS_OK;
}

/* strahler is looked for without being asked for, and is made from the network if it is not there.
 * Other columns that have a name were asked for. */
static cs_status find_columns(source *s, const cs_make_column *column, cs_error *err)
{
    for (int k = 0; k < CS_MAKE_N_NETWORK_COLUMNS; k++) {
        s->column[k] = ABSENT;
        s->unit[k] = cs_make_network_conversion((cs_make_network_column)k, &column[k]);
        const bool needed = k <= CS_MAKE_ELEVATION;
        if (column[k].name[0] == '\0' && needed) {
            return cs_fail(err, CS_USAGE, "--network-columns: column %d cannot be left out", k);
        }
        if (column[k].name[0] != '\0' &&
            (k != CS_MAKE_STRAHLER || has_column(s->table, column[k].name))) {
            CS_TRY(cs_delimited_find(&s->column[k], s->table, column[k].name, err));
        }
    }
    return CS_OK;
}

/* Leaves *out alone where there is no such column. */
static cs_status read_number(double *out, const source *s, cs_make_network_column which, double low,
                             double high, cs_error *err)
{
    if (s->column[which] == ABSENT) {
        return CS_OK;
    }
    double value = NAN;
    CS_TRY(cs_delimited_double(&value, s->table, s->column[which], err));
    value = s->unit[which].factor * value + s->unit[which].summand;
    if (!(value >= low && value <= high)) {
        return cs_delimited_refuse(s->table, s->column[which], "is missing or out of range", err);
    }
    *out = value;
    return CS_OK;
}

static cs_status read_ids(cs_make_basin *basin, size_t i, const source *s, cs_error *err)
{
    const size_t id = s->column[CS_MAKE_ID];
    CS_TRY(cs_delimited_int64(&basin->id[i], s->table, id, err));
    if (basin->id[i] <= 0) {
        return cs_delimited_refuse(s->table, id, "is not an id: ids are positive", err);
    }
    CS_TRY(cs_delimited_int64(&basin->next_down_id[i], s->table, s->column[CS_MAKE_NEXT_DOWN_ID],
                              err));
    if (s->column[CS_MAKE_STRAHLER] == ABSENT) {
        return CS_OK;
    }
    int64_t order = 0;
    CS_TRY(cs_delimited_int64(&order, s->table, s->column[CS_MAKE_STRAHLER], err));
    if (order < 1 || order > 100) {
        return cs_delimited_refuse(s->table, s->column[CS_MAKE_STRAHLER], "is not a Strahler order",
                                   err);
    }
    basin->strahler[i] = (int32_t)order;
    return CS_OK;
}

static cs_status read_catchment(cs_make_basin *basin, size_t i, const source *s, cs_error *err)
{
    const double tiny = 1.0;     /* m2 */
    const double largest = 1e12; /* m2; the largest of the Rhine is 8.4e7 */
    CS_TRY(read_ids(basin, i, s, err));
    CS_TRY(read_number(&basin->area[i], s, CS_MAKE_AREA, tiny, largest, err));
    CS_TRY(read_number(&basin->lon[i], s, CS_MAKE_LON, -180, 360, err));
    CS_TRY(read_number(&basin->lat[i], s, CS_MAKE_LAT, -90, 90, err));
    CS_TRY(read_number(&basin->elevation[i], s, CS_MAKE_ELEVATION, -500, 9000, err));
    CS_TRY(read_number(&basin->application_area[i], s, CS_MAKE_APPLICATION_AREA, 0, largest, err));
    CS_TRY(read_number(&basin->facade_area[i], s, CS_MAKE_FACADE_AREA, 0, largest, err));
    CS_TRY(read_number(&basin->application_rate[i], s, CS_MAKE_APPLICATION_RATE, 0, 1e6, err));
    return read_number(&basin->population[i], s, CS_MAKE_POPULATION, 0, 1e9, err);
}

static cs_status count_rows(size_t *n, cs_delimited *table, cs_error *err)
{
    bool more = false;
    for (*n = 0;; ++*n) {
        CS_TRY(cs_delimited_next(table, &more, err));
        if (!more) {
            cs_delimited_rewind(table);
            return CS_OK;
        }
    }
}

cs_status cs_make_basin_read(cs_make_basin *basin, const cs_make_options *options, cs_error *err)
{
    source s = {0};
    size_t n = 0;
    bool more = false;
    cs_status status = cs_delimited_open(&s.table, options->network, CS_DELIMITED_MAX, err);
    CS_CHECK(status);
    CS_CHECK(find_columns(&s, options->column, err));
    CS_CHECK(count_rows(&n, s.table, err));
    if (n == 0) {
        status =
            cs_fail(err, CS_DATA, "%s: 0 catchments: at least one is needed", options->network);
        goto release;
    }
    CS_CHECK(cs_make_basin_allocate(basin, n, err));
    for (size_t i = 0; i < n; i++) {
        CS_CHECK(cs_delimited_next(s.table, &more, err));
        CS_CHECK(read_catchment(basin, i, &s, err));
    }
release:
    cs_delimited_close(s.table);
    return status;
}
