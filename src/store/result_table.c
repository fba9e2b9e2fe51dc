/* SPDX-License-Identifier: MIT */
#include "store/result_table.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

cs_status cs_result_table_open(cs_result_table *table, size_t n, const cs_result_format *format,
                               cs_error *err)
{
    const size_t n_states = (size_t)format->n_states, n_extras = (size_t)format->n_extras;
    *table = (cs_result_table){.n = n, .n_states = n_states, .n_extras = n_extras};
    CS_TRY(cs_alloc(&table->record, n, sizeof *table->record, "run records", err));
    CS_TRY(cs_alloc(&table->states, n * n_states, sizeof *table->states, "final states", err));
    CS_TRY(cs_alloc(&table->extras, n * n_extras, sizeof *table->extras, "extras", err));
    CS_TRY(cs_alloc(&table->message, n, sizeof *table->message, "messages", err));
    CS_TRY(cs_alloc(&table->host, n, sizeof *table->host, "hosts", err));
    for (size_t i = 0; i < n * n_states; i++) {
        table->states[i] = NAN;
    }
    for (size_t i = 0; i < n * n_extras; i++) {
        table->extras[i] = NAN;
    }
    return CS_OK;
}

void cs_result_table_close(cs_result_table *table)
{
    for (size_t i = 0; table->message != NULL && i < table->n; i++) {
        free(table->message[i]);
    }
    for (size_t i = 0; i < table->n_hosts; i++) {
        free(table->hosts[i]);
    }
    free(table->hosts);
    free(table->message);
    free(table->host);
    free(table->states);
    free(table->extras);
    free(table->record);
    *table = (cs_result_table){0};
}

/* The table's own copy of a host's name. */
static cs_status intern_host(char **own, cs_result_table *table, const char *host, cs_error *err)
{
    for (size_t i = 0; i < table->n_hosts; i++) {
        if (strcmp(table->hosts[i], host) == 0) {
            *own = table->hosts[i];
            return CS_OK;
        }
    }
    char **longer = NULL;
    CS_TRY(cs_alloc(&longer, table->n_hosts + 1, sizeof *longer, "hosts", err));
    if (table->n_hosts > 0) {
        memcpy(longer, table->hosts, table->n_hosts * sizeof *longer);
    }
    free(table->hosts);
    table->hosts = longer;
    CS_TRY(cs_copy_string(&table->hosts[table->n_hosts], host, err));
    *own = table->hosts[table->n_hosts++];
    return CS_OK;
}

/* Takes a matrix [count][width] of a packet into columns of [n]. */
static cs_status take_columns(double *columns, size_t width, const cs_result_table *table,
                              cs_reader *packet, size_t first, size_t count, cs_error *err)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < width; k++) {
            CS_TRY(cs_reader_copy(packet, &columns[k * table->n + first + i], sizeof(double), err));
        }
    }
    return CS_OK;
}

cs_status cs_result_table_take(cs_result_table *table, cs_reader *packet, size_t first,
                               size_t count, int rank, const char *host, cs_error *err)
{
    char *own = NULL;
    CS_INVARIANT(first + count <= table->n);
    CS_TRY(intern_host(&own, table, host, err));
    cs_run_record *record = table->record + first;
    CS_TRY(cs_reader_copy(packet, record, count * sizeof *record, err));
    CS_TRY(take_columns(table->states, table->n_states, table, packet, first, count, err));
    CS_TRY(take_columns(table->extras, table->n_extras, table, packet, first, count, err));
    for (size_t i = 0; i < count; i++) {
        const void *text = NULL;
        record[i].rank = rank;
        table->host[first + i] = own;
        if (record[i].n_message > 0) {
            const size_t length = (size_t)record[i].n_message;
            CS_TRY(cs_reader_take(packet, &text, length, err));
            CS_TRY(cs_alloc(&table->message[first + i], length + 1, 1, "a message", err));
            memcpy(table->message[first + i], text, length);
        }
    }
    return CS_OK;
}

cs_status cs_result_table_fail(cs_result_table *table, size_t first, size_t count, int rank,
                               const char *host, const char *message, cs_error *err)
{
    char *own = NULL;
    CS_INVARIANT(first + count <= table->n);
    CS_TRY(intern_host(&own, table, host, err));
    for (size_t i = first; i < first + count; i++) {
        table->record[i] = cs_run_record_make(CS_RUN_FAILED);
        table->record[i].attempts = 1;
        table->record[i].rank = rank;
        table->host[i] = own;
        CS_TRY(cs_copy_string(&table->message[i], message, err));
    }
    return CS_OK;
}

/* ---- writing ---- */

typedef struct {
    const cs_result_table *table;
    hid_t parent, catchment;
    void *column; /* [n] of 8 bytes, room for a column */
} table_writer;

static cs_status write_column(const table_writer *to, cs_hdf_layout layout, const void *values,
                              cs_error *err)
{
    layout.rank = 1;
    layout.shape[0] = to->table->n;
    return cs_hdf_write_array(to->parent, &layout, values, &to->catchment, err);
}

static cs_status write_status(const table_writer *to, cs_error *err)
{
    signed char *values = to->column;
    for (size_t i = 0; i < to->table->n; i++) {
        values[i] = (signed char)to->table->record[i].status;
    }
    const cs_hdf_layout layout = {.name = "run_status",
                                  .type = H5T_NATIVE_SCHAR,
                                  .long_name = "how the run of the catchment ended"};
    CS_TRY(write_column(to, layout, values, err));
    const hid_t dataset = H5Dopen2(to->parent, "run_status", H5P_DEFAULT);
    static const signed char FLAGS[CS_N_RUN_STATUS] = {0, 1, 2, 3, 4};
    const hsize_t n_flags = CS_N_RUN_STATUS;
    const hid_t space = H5Screate_simple(1, &n_flags, NULL);
    const hid_t attribute =
        H5Acreate2(dataset, "flag_values", H5T_NATIVE_SCHAR, space, H5P_DEFAULT, H5P_DEFAULT);
    cs_status status = CS_OK;
    if (attribute < 0 || H5Awrite(attribute, H5T_NATIVE_SCHAR, FLAGS) < 0) {
        status = cs_hdf_fail(err, CS_IO, "attribute flag_values cannot be written");
    } else {
        status = cs_hdf_write_text(dataset, "flag_meanings",
                                   "pending ok failed timeout invalid_input", err);
    }
    H5Aclose(attribute);
    H5Sclose(space);
    H5Dclose(dataset);
    return status;
}

static cs_status write_states(const table_writer *to, const cs_result_format *format, cs_error *err)
{
    const double fill = NAN;
    for (size_t s = 0; s < to->table->n_states; s++) {
        char name[40];
        snprintf(name, sizeof name, "state_%s", format->state_name[s]);
        const cs_hdf_layout layout = {.name = name,
                                      .type = H5T_IEEE_F64LE,
                                      .fill = &fill,
                                      .units = format->state_units[s],
                                      .long_name = "state at the end of the last time step"};
        CS_TRY(write_column(to, layout, to->table->states + s * to->table->n, err));
    }
    return CS_OK;
}

static cs_status write_integers(const table_writer *to, const char *name, size_t field,
                                const char *long_name, cs_error *err)
{
    int32_t *values = to->column;
    for (size_t i = 0; i < to->table->n; i++) {
        memcpy(&values[i], (const char *)&to->table->record[i] + field, sizeof *values);
    }
    const cs_hdf_layout layout = {.name = name, .type = H5T_NATIVE_INT32, .long_name = long_name};
    return write_column(to, layout, values, err);
}

static cs_status write_seconds(const table_writer *to, cs_error *err)
{
    double *values = to->column;
    for (size_t i = 0; i < to->table->n; i++) {
        values[i] = to->table->record[i].seconds;
    }
    const cs_hdf_layout layout = {.name = "seconds",
                                  .type = H5T_IEEE_F64LE,
                                  .units = "s",
                                  .long_name = "time that the run took"};
    return write_column(to, layout, values, err);
}

static cs_status write_strings(const table_writer *to, const char *name, char *const *texts,
                               const char *long_name, cs_error *err)
{
    const char **values = to->column;
    for (size_t i = 0; i < to->table->n; i++) {
        values[i] = texts[i] == NULL ? "" : texts[i];
    }
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    const cs_hdf_layout layout = {.name = name, .type = type, .long_name = long_name};
    const cs_status status = write_column(to, layout, values, err);
    H5Tclose(type);
    return status;
}

static cs_status write_extras(const table_writer *to, const cs_result_format *format, cs_error *err)
{
    const double fill = NAN;
    for (size_t k = 0; k < to->table->n_extras; k++) {
        const cs_result_extra *extra = &format->extra[k];
        const cs_hdf_layout layout = {.name = extra->name,
                                      .type = H5T_IEEE_F64LE,
                                      .fill = &fill,
                                      .units = extra->units,
                                      .long_name = extra->long_name};
        CS_TRY(write_column(to, layout, to->table->extras + k * to->table->n, err));
    }
    return CS_OK;
}

/* The group has its own coordinate: references from the file's own would make it depend on it. */
static cs_status write_coordinate(hid_t *scale, const table_writer *to, const int64_t *id,
                                  cs_error *err)
{
    const cs_hdf_layout layout = {.name = "catchment",
                                  .type = H5T_NATIVE_INT64,
                                  .rank = 1,
                                  .shape = {to->table->n},
                                  .long_name = "catchment id"};
    CS_TRY(cs_hdf_create_dataset(scale, to->parent, &layout, err));
    if (H5Dwrite(*scale, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, id) < 0) {
        return cs_hdf_fail(err, CS_IO, "dataset catchment of a group cannot be written");
    }
    return cs_hdf_make_scale(*scale, "catchment", err);
}

static cs_status write_run(const table_writer *to, const cs_result_texts *texts, cs_error *err)
{
    CS_TRY(write_integers(to, "attempts", offsetof(cs_run_record, attempts), "runs started", err));
    CS_TRY(write_integers(to, "exit", offsetof(cs_run_record, exit), "exit status", err));
    CS_TRY(write_integers(to, "rank", offsetof(cs_run_record, rank), "rank that ran it", err));
    CS_TRY(write_seconds(to, err));
    CS_TRY(write_strings(to, "message", to->table->message, "why it failed", err));
    CS_TRY(write_strings(to, "host", to->table->host, "where it ran", err));
    CS_TRY(cs_hdf_write_text_dataset(to->parent, "configuration", texts->configuration, err));
    if (texts->identity != NULL) {
        CS_TRY(cs_hdf_write_text_dataset(to->parent, "identity", texts->identity, err));
    }
    return cs_hdf_write_text_dataset(to->parent, "report", texts->report, err);
}

/* A group and its coordinate; negative until made. */
typedef struct {
    hid_t group, catchment;
} table_group;

static cs_status open_group(table_group *made, table_writer *to, hid_t file, const char *name,
                            const int64_t *id, cs_error *err)
{
    made->group = H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (made->group < 0) {
        return cs_hdf_fail(err, CS_IO, "group %s cannot be created", name);
    }
    to->parent = made->group;
    CS_TRY(write_coordinate(&made->catchment, to, id, err));
    to->catchment = made->catchment;
    return CS_OK;
}

static void close_group(const table_group *made)
{
    if (made->catchment >= 0) {
        H5Dclose(made->catchment);
    }
    if (made->group >= 0) {
        H5Gclose(made->group);
    }
}

cs_status cs_result_table_write(const cs_result_table *table, hid_t file, hid_t catchment,
                                const int64_t *id, const cs_result_format *format,
                                const cs_result_texts *texts, cs_error *err)
{
    table_writer to = {.table = table, .parent = file, .catchment = catchment};
    table_group run = {H5I_INVALID_HID, H5I_INVALID_HID};
    table_group extras = {H5I_INVALID_HID, H5I_INVALID_HID};
    cs_status status = CS_OK;
    CS_CHECK(cs_alloc(&to.column, table->n, 8, "a column", err));
    CS_CHECK(write_status(&to, err));
    CS_CHECK(write_states(&to, format, err));
    if (table->n_extras > 0) {
        CS_CHECK(open_group(&extras, &to, file, format->extra_group, id, err));
        CS_CHECK(write_extras(&to, format, err));
    }
    CS_CHECK(open_group(&run, &to, file, "run", id, err));
    CS_CHECK(write_run(&to, texts, err));
release:
    close_group(&run);
    close_group(&extras);
    free(to.column);
    return status;
}
