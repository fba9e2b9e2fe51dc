/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing inputs of CrossWater: the bytes decide what a sound HDF5 file holds (groups, tables,
 * their types, lengths and values). It is read whole, or refused with one line. What HDF5 itself
 * makes of damaged files is HDF5's own business.
 *
 * With libFuzzer: scripts/fuzz crosswater.
 */
#include <hdf5.h>
#include <stdbool.h>
#include <unistd.h>

#include "corpus.h"
#include "store/forcing.h"

enum { MAX_ROWS = 8, MAX_GROUPS = 4, NAME = 24 };

/* The bytes, one after the other; zeros behind the last. */
typedef struct {
    const uint8_t *data;
    size_t size;
} source;

static unsigned next(source *s)
{
    if (s->size == 0) {
        return 0;
    }
    s->size--;
    return *s->data++;
}

/* Mostly the usual one: the first of n choices is taken for three quarters of all bytes. */
static unsigned choose(source *s, unsigned n)
{
    const unsigned byte = next(s);
    return byte < 192 ? 0 : (byte - 192) % n;
}

/* Any double at all now and then, small positive numbers otherwise. */
static double number(source *s)
{
    const unsigned byte = next(s);
    if (byte != 255) {
        return (double)byte / 16.0 + 0.5;
    }
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++) {
        bits = bits << 8 | next(s);
    }
    double value = 0.0;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static hid_t number_type(unsigned which)
{
    switch (which) {
    case 0:
        return H5T_NATIVE_DOUBLE;
    case 1:
        return H5T_NATIVE_FLOAT;
    case 2:
        return H5T_NATIVE_INT64;
    case 3:
        return H5T_IEEE_F64BE;
    default:
        return H5T_NATIVE_SHORT;
    }
}

/* Writes a table of zeros to a place, then its rows. */
static void put_table(hid_t at, const char *name, hid_t type, hsize_t n_rows, const void *rows,
                      hid_t memory_type)
{
    const hid_t space = H5Screate_simple(1, &n_rows, NULL);
    const hid_t set = H5Dcreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (set >= 0 && n_rows > 0 && rows != NULL) {
        H5Dwrite(set, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows);
    }
    H5Dclose(set);
    H5Sclose(space);
}

static void put_inputs(hid_t group, source *s, hsize_t n_time)
{
    static const char *const NAMES[] = {"temperature", "precipitation", "discharge",
                                        "local_discharge"};
    double rows[MAX_ROWS + 1][4];
    const hsize_t n_rows = n_time + (choose(s, 3) == 1);
    const unsigned kind = choose(s, 5), lacking = choose(s, 6);
    const hid_t memory = H5Tcreate(H5T_COMPOUND, sizeof rows[0]);
    const hid_t type = H5Tcreate(H5T_COMPOUND, 4 * H5Tget_size(number_type(kind)));
    for (unsigned c = 0; c < 4; c++) {
        if (lacking != c + 1) {
            H5Tinsert(memory, NAMES[c], c * sizeof(double), H5T_NATIVE_DOUBLE);
            H5Tinsert(type, NAMES[c], c * H5Tget_size(number_type(kind)), number_type(kind));
        }
    }
    for (hsize_t t = 0; t < n_rows; t++) {
        for (unsigned c = 0; c < 4; c++) {
            rows[t][c] = number(s);
        }
    }
    put_table(group, "inputs", type, n_rows, rows, memory);
    H5Tclose(type);
    H5Tclose(memory);
}

typedef struct {
    char name[NAME], unit[NAME];
    double value;
} parameter_row;

static void put_parameters(hid_t group, source *s)
{
    static const char *const NAMES[] = {"A_tot", "A_appl", "R_appl", "other", "", "A_tot"};
    static const char *const UNITS[] = {"m2", "m2", "g/m2", "-", "furlong", "km2"};
    parameter_row rows[4] = {0};
    const hsize_t n_rows = 3 + choose(s, 2) - choose(s, 4);
    const hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, NAME);
    const hid_t type = H5Tcreate(H5T_COMPOUND, sizeof rows[0]);
    H5Tinsert(type, "name", HOFFSET(parameter_row, name), text);
    if (choose(s, 4) != 1) {
        H5Tinsert(type, "unit", HOFFSET(parameter_row, unit), text);
    }
    H5Tinsert(type, "value", HOFFSET(parameter_row, value), H5T_NATIVE_DOUBLE);
    for (hsize_t i = 0; i < n_rows && i < 4; i++) {
        const unsigned shift = choose(s, 6);
        snprintf(rows[i].name, NAME, "%s", NAMES[(i + shift) % 6]);
        snprintf(rows[i].unit, NAME, "%s", UNITS[(i + shift + choose(s, 3)) % 6]);
        if (choose(s, 8) == 1) {
            memset(rows[i].name, 'x', NAME); /* without an end */
        }
        rows[i].value = number(s);
    }
    put_table(group, "parameters", type, n_rows < 4 ? n_rows : 4, rows, type);
    H5Tclose(type);
    H5Tclose(text);
}

static void put_integers(hid_t file, const char *name, const char *field, hid_t number_type_,
                         hsize_t n, const int64_t *values)
{
    const hid_t type = H5Tcreate(H5T_COMPOUND, H5Tget_size(number_type_));
    const hid_t memory = H5Tcreate(H5T_COMPOUND, sizeof *values);
    H5Tinsert(type, field, 0, number_type_);
    H5Tinsert(memory, field, 0, H5T_NATIVE_INT64);
    put_table(file, name, type, n, values, memory);
    H5Tclose(memory);
    H5Tclose(type);
}

static void put_time(hid_t file, source *s, hsize_t n_time)
{
    int64_t times[MAX_ROWS], steps = choose(s, 2) == 1 ? (int64_t)next(s) - 3 : 24;
    const int64_t first = (int64_t)next(s), step = choose(s, 3) == 1 ? 3600000000000 : 1;
    for (hsize_t t = 0; t < n_time; t++) {
        times[t] = first + (int64_t)t * step + (choose(s, 20) == 1);
    }
    const bool is_text = choose(s, 8) == 1;
    put_integers(file, "time_steps", choose(s, 8) == 1 ? "time" : "timesteps",
                 is_text ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64, n_time, times);
    put_integers(file, "steps_per_day", "steps_per_day", H5T_NATIVE_INT64, 1 + choose(s, 3),
                 (int64_t[3]){steps, steps, steps});
}

static char path[] = "/tmp/fuzz-crosswater-XXXXXX"; /* HDF5 wants one that has a real path */

static void remove_file(void)
{
    unlink(path);
}

static void choose_path(void)
{
    static bool is_chosen;
    if (!is_chosen) {
        const int file = mkstemp(path);
        CS_INVARIANT(file >= 0);
        close(file);
        atexit(remove_file);
        is_chosen = true;
    }
}

static void make_file(source *s)
{
    static const char *const IDS[] = {"1", "22", "333", "4444", "9223372036854775807",
                                      "x", "-3", "01"};
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hsize_t n_time = 1 + next(s) % MAX_ROWS;
    const unsigned n_groups = 1 + next(s) % MAX_GROUPS;
    for (unsigned g = 0; g < n_groups; g++) {
        char name[64];
        snprintf(name, sizeof name, "catch_%s", IDS[(g + choose(s, 8)) % 8]);
        const hid_t group = H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        if (group >= 0) {
            put_inputs(group, s, n_time);
            put_parameters(group, s);
            H5Gclose(group);
        }
    }
    put_time(file, s, n_time);
    H5Fclose(file);
}

static cs_status read_all(cs_forcing *forcing, cs_error *err)
{
    const size_t n = cs_forcing_get_info(forcing)->n_catchment;
    cs_bytes packet = {0};
    double *numbers = NULL;
    cs_status status = cs_forcing_number(forcing, &numbers, "area", err);
    free(numbers);
    for (int v = 0; v < CS_N_VARIABLES && status == CS_OK; v++) {
        status = cs_forcing_want(forcing, (cs_variable)v, err);
    }
    if (status == CS_OK) {
        status = cs_forcing_read(forcing, &packet, 0, n, err);
    }
    cs_bytes_free(&packet);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    source s = {data, size};
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    choose_path();
    make_file(&s);
    const cs_selection all = cs_selection_all();
    cs_forcing *forcing = NULL;
    cs_error err = {0};
    cs_status status = cs_forcing_open(&forcing, path, &all, &err);
    if (status == CS_OK) {
        status = read_all(forcing, &err);
    }
    CS_INVARIANT(size > 0 || status == CS_OK); /* without a byte all is as usual */
    if (status != CS_OK) {
        CS_INVARIANT(status == CS_DATA && strchr(err.message, '\n') == NULL);
        CS_INVARIANT(strncmp(err.message, path, strlen(path)) == 0);
    }
    cs_forcing_close(forcing);
    return 0;
}
