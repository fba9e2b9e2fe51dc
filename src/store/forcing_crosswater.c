/* SPDX-License-Identifier: MIT */
/*
 * The input file of CrossWater (docs/file-formats.md): for each catchment a group catch_<id> with
 * the table `inputs` (a row per time step) and the table `parameters`; for all of them `time_steps`
 * and `steps_per_day`. Everything but the rows of `inputs` is read and checked on opening.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/forcing_ops.h"
#include "store/hdf_table.h"
#include "store/units.h"

#define GROUP_PREFIX "catch_"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum {
    MAX_PARAMETERS = 256, /* rows of a table of parameters; CrossWater writes three */
    NAME_SIZE = 256,
    UNIT_SIZE = 64,
    PATH_SIZE = 320, /* of a dataset in the file: a group's name and the table's */
};

/* A row of `inputs`: the variables in our order, so that a column is found by its number. */
typedef struct {
    double value[CS_N_VARIABLES];
} input_row;

typedef struct {
    char name[NAME_SIZE], unit[UNIT_SIZE];
    double value;
} parameter_row;

/* A number that catchments have. */
typedef struct {
    char *name;     /* ours, where the file's is another */
    double *values; /* [n_catchment] in our unit */
    bool *given;    /* [n_catchment] */
} number;

typedef struct {
    int64_t id;
    char *group;
} catchment;

typedef struct {
    char *path;
    hid_t file;
    size_t n_catchment, n_time;
    size_t n_reserved;      /* of catchments */
    catchment *catchments;  /* [n_catchment] by id */
    number *numbers;        /* [n_numbers] */
    size_t n_numbers;       /* at most MAX_PARAMETERS */
    parameter_row *scratch; /* [MAX_PARAMETERS] */
    input_row *rows;        /* [n_time] */
    double *column;         /* [n_time] */
} crosswater;

static const cs_hdf_field INPUT_FIELDS[CS_N_VARIABLES] = {
    {"temperature", H5T_FLOAT, CS_TEMPERATURE * sizeof(double), 0},
    {"precipitation", H5T_FLOAT, CS_PRECIPITATION * sizeof(double), 0},
    {"discharge", H5T_FLOAT, CS_DISCHARGE * sizeof(double), 0},
    {"local_discharge", H5T_FLOAT, CS_LOCAL_DISCHARGE * sizeof(double), 0},
};

static const cs_hdf_field PARAMETER_FIELDS[] = {
    {"name", H5T_STRING, offsetof(parameter_row, name), NAME_SIZE},
    {"unit", H5T_STRING, offsetof(parameter_row, unit), UNIT_SIZE},
    {"value", H5T_FLOAT, offsetof(parameter_row, value), 0},
};

/* What the tables call the numbers that our models know under another name. */
static const char *our_name(const char *name)
{
    static const struct {
        const char *theirs, *ours;
    } NAMES[] = {{"A_tot", "area"}, {"A_appl", "application_area"}, {"R_appl", "application_rate"}};
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        if (strcmp(NAMES[i].theirs, name) == 0) {
            return NAMES[i].ours;
        }
    }
    return name;
}

/* ---- the catchments ---- */

static cs_status add_catchment(crosswater *input, const char *group, cs_error *err)
{
    const char *text = group + strlen(GROUP_PREFIX);
    char *end = NULL;
    const long long id = isdigit((unsigned char)text[0]) ? strtoll(text, &end, 10) : 0;
    if (id <= 0 || id == INT64_MAX || *end != '\0') {
        return cs_fail(err, CS_DATA, "%s: group %.100s: the id must be a positive number",
                       input->path, group);
    }
    if (input->n_catchment == input->n_reserved) {
        const size_t more = 2 * input->n_reserved + 64;
        catchment *longer = NULL;
        CS_TRY(cs_alloc(&longer, more, sizeof *longer, "the catchments", err));
        if (input->n_catchment > 0) {
            memcpy(longer, input->catchments, input->n_catchment * sizeof *longer);
        }
        free(input->catchments);
        input->catchments = longer;
        input->n_reserved = more;
    }
    catchment *added = &input->catchments[input->n_catchment];
    added->id = (int64_t)id;
    CS_TRY(cs_copy_string(&added->group, group, err));
    input->n_catchment++;
    return CS_OK;
}

typedef struct {
    crosswater *input;
    cs_status status;
    cs_error *err;
} collector;

static herr_t visit(hid_t root, const char *name, const H5L_info_t *info, void *self)
{
    (void)root, (void)info;
    collector *c = self;
    if (strncmp(name, GROUP_PREFIX, strlen(GROUP_PREFIX)) == 0) {
        c->status = add_catchment(c->input, name, c->err);
    }
    return c->status == CS_OK ? 0 : 1; /* 1: no more */
}

static int compare_catchments(const void *a, const void *b)
{
    const catchment *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static cs_status find_catchments(cs_forcing_info *info, crosswater *input, cs_error *err)
{
    collector c = {.input = input, .status = CS_OK, .err = err};
    if (H5Literate(input->file, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, visit, &c) < 0) {
        return cs_hdf_fail(err, CS_DATA, "%s: the groups cannot be listed", input->path);
    }
    CS_TRY(c.status);
    if (input->n_catchment == 0) {
        return cs_fail(err, CS_DATA,
                       "%s: has no group " GROUP_PREFIX "<id>; there must be at "
                       "least one catchment",
                       input->path);
    }
    qsort(input->catchments, input->n_catchment, sizeof *input->catchments, compare_catchments);
    CS_TRY(cs_alloc(&info->id, input->n_catchment, sizeof *info->id, "the ids", err));
    for (size_t i = 0; i < input->n_catchment; i++) {
        info->id[i] = input->catchments[i].id;
    }
    info->n_catchment = input->n_catchment;
    return CS_OK;
}

/* ---- the time axis ---- */

/* Reads a table of one integer field. */
static cs_status read_integers(int64_t **values, size_t *n, const crosswater *input,
                               const char *name, const char *field, cs_error *err)
{
    const cs_hdf_field fields[] = {{field, H5T_INTEGER, 0, 0}};
    cs_hdf_table table;
    CS_TRY(cs_hdf_table_open(&table, input->file, input->path, name, fields, COUNT(fields),
                             sizeof **values, err));
    cs_status status = cs_alloc(values, table.n_rows, sizeof **values, name, err);
    if (status == CS_OK) {
        status = cs_hdf_table_read(*values, &table, err);
    }
    *n = table.n_rows;
    cs_hdf_table_close(&table);
    return status;
}

static cs_status read_steps_per_day(double *steps, const crosswater *input, cs_error *err)
{
    int64_t *values = NULL;
    size_t n = 0;
    const int64_t highest = 86400;
    cs_status status = read_integers(&values, &n, input, "steps_per_day", "steps_per_day", err);
    if (status == CS_OK && (n != 1 || values[0] < 1 || values[0] > highest)) {
        status =
            cs_fail(err, CS_DATA, "%s: dataset steps_per_day: one number from 1 to %lld is wanted",
                    input->path, (long long)highest);
    }
    *steps = status == CS_OK ? (double)values[0] : 0.0;
    free(values);
    return status;
}

/* A time is nanoseconds since 1970 or the number of a time step. One that is alone tells by its
 * size: 10^12 are 17 minutes of 1970, or more steps than any series has. */
static bool is_index(const int64_t *time, size_t n)
{
    const int64_t highest = 1000000000000;
    return n > 1 ? time[0] < time[1] && time[0] + 1 == time[1] : time[0] < highest;
}

static cs_status check_times(cs_forcing_info *info, const int64_t *time, const crosswater *input,
                             cs_error *err)
{
    const double second = 1e9; /* ns */
    const bool index = is_index(time, info->n_time);
    const double step = index ? 1.0 : info->step_days * 86400.0 * second;
    for (size_t i = 0; i < info->n_time; i++) {
        const double passed = (double)time[i] - (double)time[0], expected = (double)i * step;
        if (time[i] < 0 || !(fabs(passed - expected) <= 1e-6 * step * (double)(i + 1))) {
            return cs_fail(err, CS_DATA,
                           "%s: dataset time_steps: value %zu is %lld, %.17g after the first one, "
                           "expected %.17g; time steps must be all the same and fit steps_per_day",
                           input->path, i + 1, (long long)time[i], passed, expected);
        }
    }
    info->start = index ? (double)time[0] * info->step_days * 86400.0 : (double)time[0] / second;
    return CS_OK;
}

static cs_status read_time(cs_forcing_info *info, crosswater *input, cs_error *err)
{
    double steps = 0.0;
    int64_t *time = NULL;
    cs_status status = CS_OK;
    CS_CHECK(read_steps_per_day(&steps, input, err));
    CS_CHECK(read_integers(&time, &info->n_time, input, "time_steps", "timesteps", err));
    if (info->n_time == 0) {
        status = cs_fail(err, CS_DATA, "%s: dataset time_steps: is empty", input->path);
        goto release;
    }
    input->n_time = info->n_time;
    info->step_days = 1.0 / steps;
    CS_CHECK(check_times(info, time, input, err));
release:
    free(time);
    return status;
}

/* ---- parameters ---- */

static cs_status find_number(number **out, crosswater *input, const char *name, cs_error *err)
{
    for (size_t i = 0; i < input->n_numbers; i++) {
        if (strcmp(input->numbers[i].name, name) == 0) {
            *out = &input->numbers[i];
            return CS_OK;
        }
    }
    if (input->n_numbers == MAX_PARAMETERS) {
        return cs_fail(err, CS_DATA, "%s: has more than %d different parameters", input->path,
                       MAX_PARAMETERS);
    }
    number *added = &input->numbers[input->n_numbers++];
    CS_TRY(cs_copy_string(&added->name, name, err));
    CS_TRY(cs_alloc(&added->values, input->n_catchment, sizeof(double), "parameters", err));
    CS_TRY(cs_alloc(&added->given, input->n_catchment, sizeof(bool), "parameters", err));
    *out = added;
    return CS_OK;
}

static cs_status keep_parameter(crosswater *input, size_t place, const char *table,
                                const parameter_row *row, cs_error *err)
{
    double factor = 1.0, summand = 0.0;
    const char *known = NULL;
    number *to = NULL;
    if (!cs_units_conversion(&factor, &summand, &known, our_name(row->name), row->unit)) {
        return cs_fail(err, CS_DATA, "%s: dataset %s: %s has unit \"%s\"; write %s", input->path,
                       table, row->name, row->unit, known);
    }
    CS_TRY(find_number(&to, input, our_name(row->name), err));
    if (to->given[place]) {
        return cs_fail(err, CS_DATA, "%s: dataset %s: %s occurs more than once", input->path, table,
                       row->name);
    }
    to->values[place] = factor * row->value + summand;
    to->given[place] = true;
    return CS_OK;
}

static cs_status read_parameters(crosswater *input, size_t place, cs_error *err)
{
    char name[PATH_SIZE];
    cs_hdf_table table;
    snprintf(name, sizeof name, "%s/parameters", input->catchments[place].group);
    CS_TRY(cs_hdf_table_open(&table, input->file, input->path, name, PARAMETER_FIELDS,
                             COUNT(PARAMETER_FIELDS), sizeof *input->scratch, err));
    cs_status status = CS_OK;
    if (table.n_rows > MAX_PARAMETERS) {
        status = cs_fail(err, CS_DATA, "%s: dataset %s: has %zu rows, more than %d", input->path,
                         name, table.n_rows, MAX_PARAMETERS);
    } else {
        status = cs_hdf_table_read(input->scratch, &table, err);
    }
    for (size_t i = 0; i < table.n_rows && status == CS_OK; i++) {
        status = keep_parameter(input, place, name, &input->scratch[i], err);
    }
    cs_hdf_table_close(&table);
    return status;
}

/* ---- forcing ---- */

/* Opens the table of a catchment and checks its length; `name` is the caller's, of PATH_SIZE. */
static cs_status open_inputs(cs_hdf_table *table, char *name, const crosswater *input, size_t place,
                             cs_error *err)
{
    snprintf(name, PATH_SIZE, "%s/inputs", input->catchments[place].group);
    CS_TRY(cs_hdf_table_open(table, input->file, input->path, name, INPUT_FIELDS, CS_N_VARIABLES,
                             sizeof(input_row), err));
    if (table->n_rows != input->n_time) {
        const size_t n_rows = table->n_rows;
        cs_hdf_table_close(table);
        return cs_fail(err, CS_DATA, "%s: dataset %s: has %zu rows, but time_steps has %zu",
                       input->path, name, n_rows, input->n_time);
    }
    return CS_OK;
}

static cs_status check_catchments(crosswater *input, cs_error *err)
{
    for (size_t i = 0; i < input->n_catchment; i++) {
        char name[PATH_SIZE];
        cs_hdf_table table;
        CS_TRY(open_inputs(&table, name, input, i, err));
        cs_hdf_table_close(&table);
        CS_TRY(read_parameters(input, i, err));
    }
    return CS_OK;
}

static cs_status crosswater_want(void *self, cs_row_format *format, cs_variable variable,
                                 cs_error *err)
{
    (void)self, (void)variable, (void)err; /* opening has checked the tables */
    *format = (cs_row_format){.filters = cs_filters_make(sizeof(double), 0), .factor = 1.0};
    return CS_OK;
}

static cs_status read_table(crosswater *input, size_t place, cs_error *err)
{
    char name[PATH_SIZE];
    cs_hdf_table table;
    CS_TRY(open_inputs(&table, name, input, place, err));
    const cs_status status = cs_hdf_table_read(input->rows, &table, err);
    cs_hdf_table_close(&table);
    return status;
}

/* Puts one column of the table that was read last into a packet. */
static void put_column(unsigned char *out, crosswater *input, size_t variable)
{
    for (size_t t = 0; t < input->n_time; t++) {
        input->column[t] = input->rows[t].value[variable];
    }
    memcpy(out, input->column, input->n_time * sizeof *input->column);
}

/* A table holds all variables of a catchment, the packet all catchments of a variable: room for all
 * rows first, so that every table is read once. */
static cs_status crosswater_rows(void *self, cs_bytes *packet, const cs_forcing_format *format,
                                 const size_t *place, size_t count, cs_error *err)
{
    crosswater *input = self;
    size_t first[CS_N_VARIABLES] = {0}, stride = 0;
    for (size_t v = 0; v < CS_N_VARIABLES; v++) {
        if (format->variable[v].wanted) {
            CS_TRY(cs_packet_append_room(packet, &first[v], &stride, count,
                                         input->n_time * sizeof(double), err));
        }
    }
    for (size_t i = 0; i < count; i++) {
        CS_TRY(read_table(input, place[i], err));
        for (size_t v = 0; v < CS_N_VARIABLES; v++) {
            if (format->variable[v].wanted) {
                put_column(packet->data + first[v] + i * stride, input, v);
            }
        }
    }
    return CS_OK;
}

/* ---- the rest of the operation table ---- */

static cs_status copy_number(double **values, const crosswater *input, const number *from,
                             cs_error *err)
{
    for (size_t i = 0; i < input->n_catchment; i++) {
        if (!from->given[i]) {
            return cs_fail(err, CS_DATA,
                           "%s: dataset %s/parameters: has no %s, which other catchments have",
                           input->path, input->catchments[i].group, from->name);
        }
    }
    CS_TRY(cs_alloc(values, input->n_catchment, sizeof **values, from->name, err));
    memcpy(*values, from->values, input->n_catchment * sizeof **values);
    return CS_OK;
}

static cs_status crosswater_number(void *self, double **values, const char *name, cs_error *err)
{
    const crosswater *input = self;
    *values = NULL;
    for (size_t i = 0; i < input->n_numbers; i++) {
        if (strcmp(input->numbers[i].name, our_name(name)) == 0) {
            return copy_number(values, input, &input->numbers[i], err);
        }
    }
    return CS_OK;
}

static uint64_t crosswater_size(void *self, cs_variable variable)
{
    const crosswater *input = self;
    (void)variable; /* they travel alike, and as they are */
    return (uint64_t)input->n_catchment * input->n_time * sizeof(double);
}

static void crosswater_close(void *self)
{
    crosswater *input = self;
    for (size_t i = 0; i < input->n_catchment; i++) {
        free(input->catchments[i].group);
    }
    for (size_t i = 0; i < input->n_numbers; i++) {
        free(input->numbers[i].name);
        free(input->numbers[i].values);
        free(input->numbers[i].given);
    }
    cs_hdf_drop(input->file);
    free(input->catchments);
    free(input->numbers);
    free(input->scratch);
    free(input->rows);
    free(input->column);
    free(input->path);
    free(input);
}

static const cs_forcing_ops CROSSWATER_OPS = {.kind = "CrossWater",
                                              .want = crosswater_want,
                                              .number = crosswater_number,
                                              .rows = crosswater_rows,
                                              .size = crosswater_size,
                                              .close = crosswater_close};

static herr_t visit_any(hid_t root, const char *name, const H5L_info_t *info, void *self)
{
    (void)root, (void)info, (void)self;
    return strncmp(name, GROUP_PREFIX, strlen(GROUP_PREFIX)) == 0;
}

bool cs_forcing_is_crosswater(const char *path)
{
    cs_error ignored;
    hid_t file = H5I_INVALID_HID;
    if (cs_hdf_open(&file, path, &ignored) != CS_OK) {
        return false; /* whoever opens it says why */
    }
    const bool ours = H5Lexists(file, "catchment", H5P_DEFAULT) > 0;
    const bool theirs = H5Lexists(file, "time_steps", H5P_DEFAULT) > 0 ||
                        H5Lexists(file, "steps_per_day", H5P_DEFAULT) > 0 ||
                        H5Literate(file, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, visit_any, NULL) > 0;
    cs_hdf_drop(file);
    return theirs && !ours;
}

static cs_status alloc_arrays(crosswater *input, cs_error *err)
{
    CS_TRY(cs_alloc(&input->numbers, MAX_PARAMETERS, sizeof *input->numbers, "parameters", err));
    CS_TRY(cs_alloc(&input->scratch, MAX_PARAMETERS, sizeof *input->scratch, "parameters", err));
    CS_TRY(cs_alloc(&input->rows, input->n_time, sizeof *input->rows, "a table", err));
    return cs_alloc(&input->column, input->n_time, sizeof *input->column, "a row", err);
}

cs_status cs_forcing_crosswater_open(cs_forcing_file *file, const char *path, cs_error *err)
{
    crosswater *input = NULL;
    CS_TRY(cs_alloc(&input, 1, sizeof *input, "the input", err));
    input->file = H5I_INVALID_HID;
    file->ops = &CROSSWATER_OPS; /* from here on close releases it */
    file->self = input;
    CS_TRY(cs_copy_string(&input->path, path, err));
    CS_TRY(cs_copy_string(&file->info.path, path, err));
    CS_TRY(cs_hdf_open(&input->file, path, err));
    CS_TRY(read_time(&file->info, input, err));
    CS_TRY(find_catchments(&file->info, input, err));
    CS_TRY(alloc_arrays(input, err));
    return check_catchments(input, err);
}
