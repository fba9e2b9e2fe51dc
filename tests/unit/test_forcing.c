/* SPDX-License-Identifier: MIT */
/* Inputs: every layout and unit that is read, every defect that is refused, and by which words. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <hdf5.h>

#include "base/log.h"
#include "scene.h"
#include "store/forcing.h"
#include "store/forcing_ops.h"
#include "store/forcing_writer.h"

#define INPUT "input.h5"

enum { N_CATCHMENT = 5, N_TIME = 30 };

static void write_default(void)
{
    scene_write_input(INPUT, &(scene_input){N_CATCHMENT, N_TIME, 1.0, NULL, 2});
}

/* ---- making files that are not ours ---- */

typedef struct {
    hid_t type; /* in the file */
    int rank;
    hsize_t shape[2], chunk[2]; /* chunk 0: contiguous */
    unsigned deflate;
    int shuffle;
    const float *fill; /* HDF5's fill value; NULL: its default */
} dataset_layout;

static void write_text_attribute(hid_t object, const char *name, const char *text)
{
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, strlen(text) + 1);
    if (H5Aexists(object, name) > 0) {
        H5Adelete(object, name);
    }
    const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, type, text) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
}

static void write_number_attribute(hid_t object, const char *name, double value)
{
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute =
        H5Acreate2(object, name, H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
}

/* Makes a dataset in the place of the one of that name; values of type `memory`, or NULL: none. */
static hid_t replace_dataset(hid_t file, const char *name, const dataset_layout *layout,
                             hid_t memory, const void *values)
{
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    const hid_t space = H5Screate_simple(layout->rank, layout->shape, NULL);
    if (layout->chunk[0] > 0) {
        H5Pset_chunk(list, layout->rank, layout->chunk);
    }
    if (layout->shuffle) {
        H5Pset_shuffle(list);
    }
    if (layout->deflate > 0) {
        H5Pset_deflate(list, layout->deflate);
    }
    if (layout->fill != NULL) {
        H5Pset_fill_value(list, H5T_NATIVE_FLOAT, layout->fill);
    }
    if (H5Lexists(file, name, H5P_DEFAULT) > 0) {
        H5Ldelete(file, name, H5P_DEFAULT);
    }
    const hid_t dataset =
        H5Dcreate2(file, name, layout->type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    assert_true(dataset >= 0);
    if (values != NULL) {
        assert_true(H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    }
    H5Sclose(space);
    H5Pclose(list);
    return dataset;
}

static void replace_numbers(hid_t file, const char *name, hid_t type, const double *values,
                            size_t n, const char *units)
{
    const dataset_layout layout = {.type = type, .rank = 1, .shape = {n}};
    const hid_t dataset = replace_dataset(file, name, &layout, H5T_NATIVE_DOUBLE, values);
    if (units != NULL) {
        write_text_attribute(dataset, "units", units);
    }
    H5Dclose(dataset);
}

static void replace_series(hid_t file, cs_variable variable, const dataset_layout *layout,
                           const char *units)
{
    float values[N_CATCHMENT][N_TIME];
    for (size_t i = 0; i < N_CATCHMENT; i++) {
        for (size_t t = 0; t < N_TIME; t++) {
            values[i][t] = scene_value(variable, i, t);
        }
    }
    const hid_t dataset =
        replace_dataset(file, cs_variable_name(variable), layout, H5T_NATIVE_FLOAT, values);
    write_text_attribute(dataset, "units", units);
    H5Dclose(dataset);
}

/* ---- reading ---- */

static cs_status open_with(cs_forcing **forcing, const cs_selection *selection, cs_error *err)
{
    *forcing = NULL;
    return cs_forcing_open(forcing, INPUT, selection, err);
}

/* A row of a variable, decoded as ranks decode it. */
static void read_row(float *values, cs_forcing *forcing, cs_variable variable, size_t place)
{
    const cs_forcing_format *format = cs_forcing_get_format(forcing);
    cs_error err = {0};
    cs_bytes packet = {0};
    cs_codec *codec = NULL;
    cs_packet_row rows[CS_N_VARIABLES];
    float *scratch = malloc((size_t)format->n_time_stored * sizeof *scratch);
    assert_non_null(scratch);
    assert_int_equal(cs_codec_open(&codec, (size_t)format->n_time_stored * sizeof *scratch, &err),
                     CS_OK);
    assert_int_equal(cs_forcing_read(forcing, &packet, place, 1, &err), CS_OK);
    cs_reader reader = cs_reader_make(packet.data, packet.size);
    assert_int_equal(cs_packet_index(rows, &reader, 1, format, &err), CS_OK);
    assert_true(reader.at == reader.end);
    assert_int_equal(
        cs_packet_decode(values, &rows[variable], scratch, codec, format, variable, &err), CS_OK);
    cs_bytes_free(&packet);
    cs_codec_close(codec);
    free(scratch);
}

static void assert_reads_all(cs_forcing *forcing, size_t n_catchment, size_t n_time)
{
    float *values = malloc(n_time * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < n_catchment; i++) {
        for (int v = 0; v < CS_N_VARIABLES; v++) {
            read_row(values, forcing, (cs_variable)v, i);
            for (size_t t = 0; t < n_time; t++) {
                assert_true(values[t] == scene_value((cs_variable)v, i, t));
            }
        }
    }
    free(values);
}

static void what_the_writer_writes_is_read(void **state)
{
    (void)state;
    for (int level = 0; level <= 12; level += 3) {
        scene_write_input(INPUT, &(scene_input){N_CATCHMENT, N_TIME, 1.0, NULL, level});
        cs_forcing *forcing = scene_open(INPUT);
        const cs_forcing_info *info = cs_forcing_get_info(forcing);
        assert_int_equal(info->n_catchment, N_CATCHMENT);
        assert_int_equal(info->n_time, N_TIME);
        assert_true(info->step_days == 1.0 / 24.0);
        assert_true(info->start == 1609459200.0 + 3600.0);
        assert_string_equal(info->title, "known values");
        assert_string_equal(info->source, "a test");
        assert_string_equal(info->history, "made by a test");
        assert_string_equal(info->licence, "CC0");
        assert_string_equal(info->attribution, "nobody");
        assert_null(info->name);
        for (size_t i = 0; i < N_CATCHMENT; i++) {
            assert_true(info->id[i] == 11 * ((int64_t)i + 1));
        }
        assert_reads_all(forcing, N_CATCHMENT, N_TIME);
        assert_true(cs_forcing_size(forcing) > 0);
        cs_forcing_close(forcing);
    }
    assert_int_equal(scene_count_files(), 1);
}

static void one_catchment_and_one_time_step_are_enough(void **state)
{
    (void)state;
    static const scene_input inputs[] = {
        {1, N_TIME, 1.0, NULL, 1}, {N_CATCHMENT, 1, 1.0, NULL, 1}, {1, 1, 1.0, NULL, 0}};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        scene_write_input(INPUT, &inputs[i]);
        cs_forcing *forcing = scene_open(INPUT);
        assert_reads_all(forcing, inputs[i].n_catchment, inputs[i].n_time);
        assert_true(cs_forcing_get_info(forcing)->step_days == 1.0 / 24.0);
        cs_forcing_close(forcing);
    }
}

static void steps_of_a_day_and_leap_years_are_fine(void **state)
{
    (void)state;
    scene_write_input(INPUT, &(scene_input){2, 366, 24.0, "hours since 2020-01-01 00:00:00", 1});
    cs_forcing *forcing = scene_open(INPUT);
    const cs_forcing_info *info = cs_forcing_get_info(forcing);
    assert_true(info->step_days == 1.0);
    assert_true(info->start == 1577836800.0 + 86400.0);
    assert_reads_all(forcing, 2, 366);
    cs_forcing_close(forcing);
    cs_selection selection = cs_selection_all();
    selection.from = 1582934400.0; /* 2020-02-29: the end of the 28th */
    selection.to = 1583020800.0;   /* 2020-03-01: the end of the 29th */
    cs_error err = {0};
    assert_int_equal(open_with(&forcing, &selection, &err), CS_OK);
    info = cs_forcing_get_info(forcing);
    assert_int_equal(info->n_time, 2);
    assert_true(info->start == selection.from);
    cs_forcing_close(forcing);
}

static void other_time_units_mean_the_same(void **state)
{
    (void)state;
    const struct {
        const char *units;
        double of_hours;
        hid_t type;
    } axes[] = {{"days since 2020-12-31 12:00:00", 1.0 / 24.0, H5T_IEEE_F64LE},
                {"seconds since 2021-01-01T00:00:00Z", 3600.0, H5T_STD_I64LE},
                {"minutes since 2021-01-01", 60.0, H5T_STD_I32BE},
                {"hours since 2021-01-01 00:00:00", 1.0, H5T_IEEE_F32LE}};
    for (size_t k = 0; k < sizeof axes / sizeof *axes; k++) {
        double time[N_TIME];
        const double offset = k == 0 ? 0.5 : 0.0;
        write_default();
        for (size_t t = 0; t < N_TIME; t++) {
            time[t] = offset + (double)(t + 1) * axes[k].of_hours;
        }
        const hid_t file = scene_edit(INPUT);
        replace_numbers(file, "time", axes[k].type, time, N_TIME, axes[k].units);
        H5Fclose(file);
        cs_forcing *forcing = scene_open(INPUT);
        const cs_forcing_info *info = cs_forcing_get_info(forcing);
        assert_true(fabs(info->step_days * 24.0 - 1.0) < 1e-9);
        assert_true(fabs(info->start - (1609459200.0 + 3600.0)) < 1e-3);
        cs_forcing_close(forcing);
    }
}

/* ---- selection ---- */

static void a_selection_has_the_order_it_was_given_in(void **state)
{
    (void)state;
    write_default();
    const int64_t only[] = {44, 11, 55};
    cs_selection selection = cs_selection_all();
    cs_forcing *forcing = NULL;
    cs_error err = {0};
    selection.only = only;
    selection.n_only = 3;
    selection.first_n = 2;
    assert_int_equal(open_with(&forcing, &selection, &err), CS_OK);
    assert_int_equal(cs_forcing_want(forcing, CS_DISCHARGE, &err), CS_OK);
    const cs_forcing_info *info = cs_forcing_get_info(forcing);
    assert_int_equal(info->n_catchment, 2);
    assert_true(info->id[0] == 44 && info->id[1] == 11);
    float values[N_TIME];
    double *area = NULL;
    read_row(values, forcing, CS_DISCHARGE, 0);
    assert_true(values[7] == scene_value(CS_DISCHARGE, 3, 7));
    read_row(values, forcing, CS_DISCHARGE, 1);
    assert_true(values[7] == scene_value(CS_DISCHARGE, 0, 7));
    assert_int_equal(cs_forcing_number(forcing, &area, "area", &err), CS_OK);
    assert_true(area[0] == scene_area(3) && area[1] == scene_area(0));
    free(area);
    cs_forcing_close(forcing);
}

static void the_first_n_may_be_more_than_there_are(void **state)
{
    (void)state;
    write_default();
    static const size_t first[] = {0, 1, N_CATCHMENT - 1, N_CATCHMENT, 1000};
    static const size_t expected[] = {N_CATCHMENT, 1, N_CATCHMENT - 1, N_CATCHMENT, N_CATCHMENT};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        cs_selection selection = cs_selection_all();
        cs_forcing *forcing = NULL;
        cs_error err = {0};
        selection.first_n = first[i];
        assert_int_equal(open_with(&forcing, &selection, &err), CS_OK);
        assert_int_equal(cs_forcing_get_info(forcing)->n_catchment, expected[i]);
        cs_forcing_close(forcing);
    }
}

/* Rows whose time is from <= t <= to; row t of the file ends at (t + 1) h. */
static void from_and_to_are_both_included(void **state)
{
    (void)state;
    write_default();
    static const struct {
        double from, to; /* hours since the epoch of the file */
        size_t first, n; /* n 0: refused */
    } cases[] = {{-INFINITY, INFINITY, 0, N_TIME},
                 {1.0, 1.0, 0, 1},
                 {5.0, 9.0, 4, 5},
                 {4.5, 9.5, 4, 5},
                 {-100.0, 3.0, 0, 3},
                 {29.0, 1000.0, 28, 2},
                 {9.2, 9.8, 0, 0},
                 {9.0, 5.0, 0, 0},
                 {31.0, INFINITY, 0, 0},
                 {-INFINITY, 0.5, 0, 0}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const cs_selection selection = {.from = 1609459200.0 + 3600.0 * cases[k].from,
                                        .to = 1609459200.0 + 3600.0 * cases[k].to};
        cs_forcing *forcing = NULL;
        cs_error err = {0};
        const cs_status status = open_with(&forcing, &selection, &err);
        assert_int_equal(status, cases[k].n > 0 ? CS_OK : CS_DATA);
        if (status != CS_OK) {
            assert_non_null(strstr(err.message, "--from"));
            continue;
        }
        const cs_forcing_info *info = cs_forcing_get_info(forcing);
        assert_int_equal(info->n_time, cases[k].n);
        assert_true(info->start == 1609459200.0 + 3600.0 * (double)(cases[k].first + 1));
        assert_int_equal(cs_forcing_want(forcing, CS_TEMPERATURE, &err), CS_OK);
        float values[N_TIME];
        read_row(values, forcing, CS_TEMPERATURE, 2);
        for (size_t t = 0; t < cases[k].n; t++) {
            assert_true(values[t] == scene_value(CS_TEMPERATURE, 2, cases[k].first + t));
        }
        cs_forcing_close(forcing);
    }
}

static void an_unknown_id_is_named(void **state)
{
    (void)state;
    write_default();
    const int64_t only[] = {22, 4711};
    cs_selection selection = cs_selection_all();
    cs_forcing *forcing = NULL;
    cs_error err = {0};
    selection.only = only;
    selection.n_only = 2;
    assert_int_equal(open_with(&forcing, &selection, &err), CS_DATA);
    assert_non_null(strstr(err.message, "4711"));
    assert_non_null(strstr(err.message, INPUT));
}

/* ---- layouts ---- */

static void every_layout_gives_the_same_values(void **state)
{
    (void)state;
    const dataset_layout layouts[] = {
        {.type = H5T_IEEE_F32LE, .rank = 2, .shape = {N_CATCHMENT, N_TIME}},
        {.type = H5T_IEEE_F32BE, .rank = 2, .shape = {N_CATCHMENT, N_TIME}},
        {.type = H5T_IEEE_F64LE, .rank = 2, .shape = {N_CATCHMENT, N_TIME}},
        {.type = H5T_IEEE_F32LE,
         .rank = 2,
         .shape = {N_CATCHMENT, N_TIME},
         .chunk = {N_CATCHMENT, 7},
         .deflate = 4,
         .shuffle = 1},
        {.type = H5T_IEEE_F32LE,
         .rank = 2,
         .shape = {N_CATCHMENT, N_TIME},
         .chunk = {1, N_TIME},
         .deflate = 9},
        {.type = H5T_IEEE_F32LE,
         .rank = 2,
         .shape = {N_CATCHMENT, N_TIME},
         .chunk = {1, N_TIME},
         .shuffle = 1},
        {.type = H5T_IEEE_F32LE, .rank = 2, .shape = {N_CATCHMENT, N_TIME}, .chunk = {1, N_TIME}},
        {.type = H5T_IEEE_F32BE,
         .rank = 2,
         .shape = {N_CATCHMENT, N_TIME},
         .chunk = {1, N_TIME},
         .deflate = 1,
         .shuffle = 1}};
    for (size_t k = 0; k < sizeof layouts / sizeof *layouts; k++) {
        write_default();
        const hid_t file = scene_edit(INPUT);
        for (int v = 0; v < CS_N_VARIABLES; v++) {
            replace_series(file, (cs_variable)v, &layouts[k], cs_variable_units((cs_variable)v));
        }
        H5Fclose(file);
        cs_forcing *forcing = scene_open(INPUT);
        assert_reads_all(forcing, N_CATCHMENT, N_TIME);
        cs_forcing_close(forcing);
    }
}

/* The filters of HDF5 that we do not know ourselves are HDF5's to undo. */
static void other_filters_are_left_to_hdf5(void **state)
{
    (void)state;
    write_default();
    float values[N_CATCHMENT][N_TIME];
    const hsize_t shape[2] = {N_CATCHMENT, N_TIME}, chunk[2] = {1, N_TIME};
    for (size_t i = 0; i < N_CATCHMENT; i++) {
        for (size_t t = 0; t < N_TIME; t++) {
            values[i][t] = scene_value(CS_DISCHARGE, i, t);
        }
    }
    for (int order = 0; order < 2; order++) {
        const hid_t file = scene_edit(INPUT);
        const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
        const hid_t space = H5Screate_simple(2, shape, NULL);
        H5Pset_chunk(list, 2, chunk);
        if (order == 0) {
            H5Pset_deflate(list, 1); /* the other way round */
            H5Pset_shuffle(list);
        } else {
            H5Pset_shuffle(list);
            H5Pset_deflate(list, 1);
            H5Pset_fletcher32(list);
        }
        H5Ldelete(file, "discharge", H5P_DEFAULT);
        const hid_t dataset =
            H5Dcreate2(file, "discharge", H5T_IEEE_F32LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
        assert_true(H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >=
                    0);
        write_text_attribute(dataset, "units", "m3 s-1");
        H5Dclose(dataset);
        H5Sclose(space);
        H5Pclose(list);
        H5Fclose(file);
        cs_forcing *forcing = scene_open(INPUT);
        assert_reads_all(forcing, N_CATCHMENT, N_TIME);
        cs_forcing_close(forcing);
    }
}

/* ---- units and missing values ---- */

static void assert_converts(cs_variable variable, const char *units, double factor, double summand)
{
    write_default();
    const hid_t file = scene_edit(INPUT);
    const hid_t dataset = H5Dopen2(file, cs_variable_name(variable), H5P_DEFAULT);
    write_text_attribute(dataset, "units", units);
    H5Dclose(dataset);
    H5Fclose(file);
    cs_forcing *forcing = scene_open(INPUT);
    for (size_t i = 0; i < N_CATCHMENT; i++) {
        float values[N_TIME];
        read_row(values, forcing, variable, i);
        for (size_t t = 0; t < N_TIME; t++) {
            const double expected = factor * (double)scene_value(variable, i, t) + summand;
            assert_true(fabs((double)values[t] - expected) <= 1e-6 * fabs(expected) + 1e-30);
        }
    }
    cs_forcing_close(forcing);
}

static void known_units_are_converted(void **state)
{
    (void)state;
    assert_converts(CS_TEMPERATURE, "K", 1.0, -273.15);
    assert_converts(CS_TEMPERATURE, "degrees_Celsius", 1.0, 0.0);
    assert_converts(CS_PRECIPITATION, "mm d-1", 1.0 / 24.0, 0.0);
    assert_converts(CS_PRECIPITATION, "mm/h", 1.0, 0.0);
    assert_converts(CS_DISCHARGE, "L s-1", 1e-3, 0.0);
    assert_converts(CS_LOCAL_DISCHARGE, "m**3/s", 1.0, 0.0);
}

static void assert_number(const char *name, const char *units, double factor)
{
    const double stored[N_CATCHMENT] = {1.0, 2.5, 3.0, 0.0, 7.0};
    write_default();
    hid_t file = scene_edit(INPUT);
    replace_numbers(file, name, H5T_IEEE_F64LE, stored, N_CATCHMENT, units);
    H5Fclose(file);
    cs_forcing *forcing = scene_open(INPUT);
    double *values = NULL;
    cs_error err = {0};
    assert_int_equal(cs_forcing_number(forcing, &values, name, &err), CS_OK);
    for (size_t i = 0; i < N_CATCHMENT; i++) {
        assert_true(values[i] == factor * stored[i]);
    }
    free(values);
    cs_forcing_close(forcing);
}

static void numbers_of_catchments_are_converted(void **state)
{
    (void)state;
    assert_number("area", "km2", 1e6);
    assert_number("facade_area", "m^2", 1.0);
    assert_number("application_rate", "g m-2", 1.0);
    assert_number("anything", "furlong", 1.0);
    assert_number("anything_else", NULL, 1.0);
}

static void a_number_that_is_not_there_is_no_failure(void **state)
{
    (void)state;
    write_default();
    cs_forcing *forcing = scene_open(INPUT);
    double own = 0.0, *values = &own;
    cs_error err = {0};
    assert_int_equal(cs_forcing_number(forcing, &values, "nothing", &err), CS_OK);
    assert_null(values);
    cs_forcing_close(forcing);
}

/* _FillValue is missing, of rows whose chunk HDF5 reads as of those that we decode. */
static void fill_values_are_missing(void **state)
{
    (void)state;
    for (int raw = 0; raw < 2; raw++) {
        const dataset_layout layout = {.type = raw ? H5T_IEEE_F32LE : H5T_IEEE_F64BE,
                                       .rank = 2,
                                       .shape = {N_CATCHMENT, N_TIME},
                                       .chunk = {1, N_TIME},
                                       .deflate = 1,
                                       .shuffle = 1};
        write_default();
        hid_t file = scene_edit(INPUT);
        replace_series(file, CS_TEMPERATURE, &layout, "K");
        const hid_t dataset = H5Dopen2(file, "temperature", H5P_DEFAULT);
        write_number_attribute(dataset, "_FillValue", (double)scene_value(CS_TEMPERATURE, 1, 3));
        H5Dclose(dataset);
        H5Fclose(file);
        cs_forcing *forcing = scene_open(INPUT);
        float values[N_TIME];
        read_row(values, forcing, CS_TEMPERATURE, 1);
        assert_true(isnan(values[3]) && isnan(values[27])); /* the same hour a day later */
        assert_true(fabsf(values[4] - (scene_value(CS_TEMPERATURE, 1, 4) - 273.15F)) < 1e-4F);
        cs_forcing_close(forcing);
    }
    write_default();
    const double stored[N_CATCHMENT] = {1.0, -9999.0, 3.0, 4.0, 5.0};
    const hid_t file = scene_edit(INPUT);
    replace_numbers(file, "population", H5T_IEEE_F32LE, stored, N_CATCHMENT, NULL);
    const hid_t dataset = H5Dopen2(file, "population", H5P_DEFAULT);
    write_number_attribute(dataset, "_FillValue", -9999.0);
    H5Dclose(dataset);
    H5Fclose(file);
    cs_forcing *forcing = scene_open(INPUT);
    double *values = NULL;
    cs_error err = {0};
    assert_int_equal(cs_forcing_number(forcing, &values, "population", &err), CS_OK);
    assert_true(values[0] == 1.0 && isnan(values[1]) && values[4] == 5.0);
    free(values);
    cs_forcing_close(forcing);
}

/* What was never written is missing: rows of ours, and those of netCDF, whose default fill value
 * needs no attribute. */
static void what_was_never_written_is_missing(void **state)
{
    (void)state;
    const float netcdf_default = 9.9692099683868690e+36F;
    const dataset_layout layouts[] = {{.type = H5T_IEEE_F32LE,
                                       .rank = 2,
                                       .shape = {N_CATCHMENT, N_TIME},
                                       .chunk = {1, N_TIME},
                                       .deflate = 1,
                                       .shuffle = 1},
                                      {.type = H5T_IEEE_F32LE,
                                       .rank = 2,
                                       .shape = {N_CATCHMENT, N_TIME},
                                       .chunk = {1, N_TIME},
                                       .fill = &netcdf_default},
                                      {.type = H5T_IEEE_F32LE,
                                       .rank = 2,
                                       .shape = {N_CATCHMENT, N_TIME},
                                       .chunk = {2, 10},
                                       .fill = &netcdf_default},
                                      {.type = H5T_IEEE_F32LE,
                                       .rank = 2,
                                       .shape = {N_CATCHMENT, N_TIME},
                                       .fill = &netcdf_default}};
    for (size_t k = 0; k < sizeof layouts / sizeof *layouts; k++) {
        write_default();
        const hid_t file = scene_edit(INPUT);
        const hid_t dataset =
            replace_dataset(file, "precipitation", &layouts[k], H5T_NATIVE_FLOAT, NULL);
        write_text_attribute(dataset, "units", "mm d-1");
        H5Dclose(dataset);
        H5Fclose(file);
        cs_forcing *forcing = scene_open(INPUT);
        float values[N_TIME];
        read_row(values, forcing, CS_PRECIPITATION, 2);
        for (size_t t = 0; t < N_TIME; t++) {
            assert_true(isnan(values[t]));
        }
        cs_forcing_close(forcing);
    }
}

/* ---- ids that are texts ---- */

static void write_names(const char *dataset, const char *const *names, size_t width, H5T_str_t pad)
{
    const hsize_t shape = N_CATCHMENT;
    const hid_t file = scene_edit(INPUT), space = H5Screate_simple(1, &shape, NULL);
    const hid_t type = H5Tcopy(H5T_C_S1);
    char *packed = calloc(N_CATCHMENT, width + 1);
    assert_non_null(packed);
    H5Tset_size(type, width > 0 ? width : H5T_VARIABLE);
    H5Tset_strpad(type, width > 0 ? pad : H5T_STR_NULLTERM);
    for (size_t i = 0; i < N_CATCHMENT && width > 0; i++) {
        memset(packed + i * width, pad == H5T_STR_SPACEPAD ? ' ' : '\0', width);
        memcpy(packed + i * width, names[i], strlen(names[i]) < width ? strlen(names[i]) : width);
    }
    if (H5Lexists(file, dataset, H5P_DEFAULT) > 0) {
        H5Ldelete(file, dataset, H5P_DEFAULT);
    }
    const hid_t opened =
        H5Dcreate2(file, dataset, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const void *values = width > 0 ? (const void *)packed : (const void *)names;
    assert_true(H5Dwrite(opened, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(opened);
    H5Tclose(type);
    H5Sclose(space);
    H5Fclose(file);
    free(packed);
}

static const char *const NAMES[N_CATCHMENT] = {"Rhine at Basel", "../../x", "a\"b", "\xc3\x84hre",
                                               "5"};

static void assert_named(const char *const *names)
{
    cs_forcing *forcing = scene_open(INPUT);
    const cs_forcing_info *info = cs_forcing_get_info(forcing);
    assert_non_null(info->name);
    for (size_t i = 0; i < N_CATCHMENT; i++) {
        assert_true(info->id[i] == (int64_t)i + 1);
        assert_string_equal(info->name[i], names[i]);
    }
    assert_reads_all(forcing, N_CATCHMENT, N_TIME);
    cs_forcing_close(forcing);
}

static void ids_that_are_texts_become_names(void **state)
{
    (void)state;
    write_default();
    write_names("catchment", NAMES, 0, H5T_STR_NULLTERM);
    assert_named(NAMES);
    write_default();
    write_names("catchment", NAMES, 16, H5T_STR_NULLTERM);
    assert_named(NAMES);
    write_default();
    write_names("catchment", NAMES, 14, H5T_STR_NULLPAD); /* the first fills it */
    assert_named(NAMES);
    write_default();
    write_names("catchment", NAMES, 20, H5T_STR_SPACEPAD);
    assert_named(NAMES);
    const int64_t only[] = {4};
    cs_selection selection = cs_selection_all();
    cs_forcing *forcing = NULL;
    cs_error err = {0};
    selection.only = only;
    selection.n_only = 1;
    assert_int_equal(open_with(&forcing, &selection, &err), CS_OK);
    assert_string_equal(cs_forcing_get_info(forcing)->name[0], NAMES[3]);
    cs_forcing_close(forcing);
}

static void texts_that_are_numbers_are_ids(void **state)
{
    (void)state;
    static const char *const numbers[N_CATCHMENT] = {"17921", "1", "42", "9223372036854775807",
                                                     "7"};
    static const char *const others[][N_CATCHMENT] = {{"1", "2", "3", "4", "05"},
                                                      {"1", "2", "3", "4", "9223372036854775808"},
                                                      {"1", "2", "3", "4", "-5"},
                                                      {"1", "2", "3", "4", ""}};
    write_default();
    write_names("catchment", numbers, 0, H5T_STR_NULLTERM);
    cs_forcing *forcing = scene_open(INPUT);
    const cs_forcing_info *info = cs_forcing_get_info(forcing);
    assert_null(info->name);
    assert_true(info->id[0] == 17921 && info->id[3] == INT64_MAX && info->id[4] == 7);
    cs_forcing_close(forcing);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        write_default();
        write_names("catchment", others[i], 20, H5T_STR_SPACEPAD);
        assert_named(others[i]);
    }
}

/* As our own files have them: ids are places, catchment_name says what they stand for. */
static void names_beside_ids_are_kept(void **state)
{
    (void)state;
    const double places[N_CATCHMENT] = {1, 2, 3, 4, 5};
    write_default();
    const hid_t file = scene_edit(INPUT);
    replace_numbers(file, "catchment", H5T_STD_I64LE, places, N_CATCHMENT, NULL);
    H5Fclose(file);
    write_names("catchment_name", NAMES, 0, H5T_STR_NULLTERM);
    assert_named(NAMES);
}

static void names_that_occur_twice_are_refused(void **state)
{
    (void)state;
    static const char *const twice[N_CATCHMENT] = {"a", "b", "c", "b", "e"};
    for (size_t width = 0; width <= 8; width += 8) {
        const cs_selection all = cs_selection_all();
        cs_forcing *forcing = NULL;
        cs_error err = {0};
        write_default();
        write_names("catchment", twice, width, H5T_STR_NULLTERM);
        assert_int_equal(open_with(&forcing, &all, &err), CS_DATA);
        assert_non_null(strstr(err.message, "\"b\""));
        assert_non_null(strstr(err.message, INPUT));
    }
}

/* ---- refusals ---- */

static void delete_link(hid_t file, const char *name)
{
    assert_true(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
}

static void without_catchment(hid_t file)
{
    delete_link(file, "catchment");
}

static void without_time(hid_t file)
{
    delete_link(file, "time");
}

static void without_temperature(hid_t file)
{
    delete_link(file, "temperature");
}

static void catchment_is_a_group(hid_t file)
{
    delete_link(file, "catchment");
    H5Gclose(H5Gcreate2(file, "catchment", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

static void catchment_leads_nowhere(hid_t file)
{
    delete_link(file, "catchment");
    assert_true(H5Lcreate_soft("/nowhere", file, "catchment", H5P_DEFAULT, H5P_DEFAULT) >= 0);
}

static void catchment_is_a_table(hid_t file)
{
    const dataset_layout layout = {.type = H5T_STD_I64LE, .rank = 2, .shape = {N_CATCHMENT, 2}};
    H5Dclose(replace_dataset(file, "catchment", &layout, H5T_NATIVE_INT64, NULL));
}

static void catchment_is_a_scalar(hid_t file)
{
    const dataset_layout layout = {.type = H5T_STD_I64LE, .rank = 0};
    H5Dclose(replace_dataset(file, "catchment", &layout, H5T_NATIVE_INT64, NULL));
}

static void catchment_is_empty(hid_t file)
{
    const dataset_layout layout = {.type = H5T_STD_I64LE, .rank = 1, .shape = {0}};
    H5Dclose(replace_dataset(file, "catchment", &layout, H5T_NATIVE_INT64, NULL));
}

static void set_ids(hid_t file, double second, hid_t type)
{
    const double ids[N_CATCHMENT] = {11, second, 33, 44, 55};
    replace_numbers(file, "catchment", type, ids, N_CATCHMENT, NULL);
}

static void ids_are_fractions(hid_t file)
{
    set_ids(file, 22, H5T_IEEE_F64LE);
}

static void an_id_is_zero(hid_t file)
{
    set_ids(file, 0, H5T_STD_I64LE);
}

static void an_id_is_negative(hid_t file)
{
    set_ids(file, -22, H5T_STD_I32LE);
}

static void an_id_occurs_twice(hid_t file)
{
    set_ids(file, 44, H5T_STD_U16LE);
}

static void time_is_empty(hid_t file)
{
    const dataset_layout layout = {.type = H5T_IEEE_F64LE, .rank = 1, .shape = {0}};
    H5Dclose(replace_dataset(file, "time", &layout, H5T_NATIVE_DOUBLE, NULL));
}

static void set_time(hid_t file, size_t at, double value, const char *units)
{
    double time[N_TIME];
    for (size_t t = 0; t < N_TIME; t++) {
        time[t] = t == at ? value : (double)(t + 1);
    }
    replace_numbers(file, "time", H5T_IEEE_F64LE, time, N_TIME, units);
}

static void time_has_no_units(hid_t file)
{
    set_time(file, N_TIME, 0.0, NULL);
}

static void time_has_strange_units(hid_t file)
{
    set_time(file, N_TIME, 0.0, "fortnights since 2021-01-01");
}

static void time_goes_back(hid_t file)
{
    set_time(file, 7, 3.0, "hours since 2021-01-01 00:00:00");
}

static void time_stands_still(hid_t file)
{
    set_time(file, 1, 1.0, "hours since 2021-01-01 00:00:00");
}

static void time_has_a_gap(hid_t file)
{
    set_time(file, N_TIME - 1, N_TIME + 1.0, "hours since 2021-01-01 00:00:00");
}

static void time_has_no_number(hid_t file)
{
    set_time(file, 0, (double)NAN, "hours since 2021-01-01 00:00:00");
}

static void time_is_infinite(hid_t file)
{
    set_time(file, 5, (double)INFINITY, "hours since 2021-01-01 00:00:00");
}

static void time_is_text(hid_t file)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, 4);
    const dataset_layout layout = {.type = type, .rank = 1, .shape = {N_TIME}};
    H5Dclose(replace_dataset(file, "time", &layout, type, NULL));
    H5Tclose(type);
}

static void set_area(hid_t file, double value, const char *units)
{
    const double area[N_CATCHMENT] = {1e6, 1e6, value, 1e6, 1e6};
    replace_numbers(file, "area", H5T_IEEE_F64LE, area, N_CATCHMENT, units);
}

static void an_area_is_missing(hid_t file)
{
    set_area(file, (double)NAN, "m2");
}

static void an_area_is_negative(hid_t file)
{
    set_area(file, -1.0, "m2");
}

static void an_area_is_infinite(hid_t file)
{
    set_area(file, (double)INFINITY, "m2");
}

static void areas_are_acres(hid_t file)
{
    set_area(file, 1e6, "acre");
}

static void areas_have_no_units(hid_t file)
{
    set_area(file, 1e6, NULL);
}

static void areas_are_too_few(hid_t file)
{
    const double area[] = {1e6, 1e6};
    replace_numbers(file, "area", H5T_IEEE_F64LE, area, 2, "m2");
}

static void areas_are_text(hid_t file)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, 4);
    const dataset_layout layout = {.type = type, .rank = 1, .shape = {N_CATCHMENT}};
    H5Dclose(replace_dataset(file, "area", &layout, type, NULL));
    H5Tclose(type);
}

static void rows_are_columns(hid_t file)
{
    const dataset_layout layout = {
        .type = H5T_IEEE_F32LE, .rank = 2, .shape = {N_TIME, N_CATCHMENT}};
    H5Dclose(replace_dataset(file, "temperature", &layout, H5T_NATIVE_FLOAT, NULL));
}

static void rows_are_one(hid_t file)
{
    const dataset_layout layout = {.type = H5T_IEEE_F32LE, .rank = 1, .shape = {N_TIME}};
    H5Dclose(replace_dataset(file, "temperature", &layout, H5T_NATIVE_FLOAT, NULL));
}

static void rows_are_integers(hid_t file)
{
    const dataset_layout layout = {
        .type = H5T_STD_I16LE, .rank = 2, .shape = {N_CATCHMENT, N_TIME}};
    H5Dclose(replace_dataset(file, "temperature", &layout, H5T_NATIVE_FLOAT, NULL));
}

static void rows_are_packed(hid_t file)
{
    const hid_t dataset = H5Dopen2(file, "temperature", H5P_DEFAULT);
    write_number_attribute(dataset, "scale_factor", 0.01);
    H5Dclose(dataset);
}

static void rows_are_fahrenheit(hid_t file)
{
    const hid_t dataset = H5Dopen2(file, "temperature", H5P_DEFAULT);
    write_text_attribute(dataset, "units", "degF");
    H5Dclose(dataset);
}

static void rows_have_no_units(hid_t file)
{
    const hid_t dataset = H5Dopen2(file, "temperature", H5P_DEFAULT);
    H5Adelete(dataset, "units");
    H5Dclose(dataset);
}

static void names_are_numbers(hid_t file)
{
    const double ids[N_CATCHMENT] = {1, 2, 3, 4, 5};
    replace_numbers(file, "catchment_name", H5T_STD_I64LE, ids, N_CATCHMENT, NULL);
}

static void the_title_is_a_number(hid_t file)
{
    H5Adelete(file, "title");
    write_number_attribute(file, "title", 1.0);
}

static void units_are_a_number(hid_t file)
{
    const hid_t dataset = H5Dopen2(file, "temperature", H5P_DEFAULT);
    H5Adelete(dataset, "units");
    write_number_attribute(dataset, "units", 1.0);
    H5Dclose(dataset);
}

static void the_fill_value_is_a_text(hid_t file)
{
    const hid_t dataset = H5Dopen2(file, "temperature", H5P_DEFAULT);
    write_text_attribute(dataset, "_FillValue", "none");
    H5Dclose(dataset);
}

static void defects_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        void (*defect)(hid_t file);
        const char *dataset, *word;
    } cases[] = {{without_catchment, "catchment", "missing"},
                 {catchment_is_a_group, "catchment", "dataset"},
                 {catchment_leads_nowhere, "catchment", "dataset"},
                 {catchment_is_a_table, "catchment", "shape 5 x 2"},
                 {catchment_is_a_scalar, "catchment", "rank 0"},
                 {catchment_is_empty, "catchment", "empty"},
                 {ids_are_fractions, "catchment", "integers"},
                 {an_id_is_zero, "catchment", "id 0"},
                 {an_id_is_negative, "catchment", "id -22"},
                 {an_id_occurs_twice, "catchment", "id 44"},
                 {without_time, "time", "missing"},
                 {time_is_empty, "time", "empty"},
                 {time_has_no_units, "time", "units"},
                 {time_has_strange_units, "time", "fortnights"},
                 {time_goes_back, "time", "value 8"},
                 {time_stands_still, "time", "value 1"},
                 {time_has_a_gap, "time", "value 30"},
                 {time_has_no_number, "time", "value 1"},
                 {time_is_infinite, "time", "value 6"},
                 {time_is_text, "time", "numbers"},
                 {an_area_is_missing, "area", "catchment 33"},
                 {an_area_is_negative, "area", "catchment 33"},
                 {an_area_is_infinite, "area", "catchment 33"},
                 {areas_are_acres, "area", "acre"},
                 {areas_have_no_units, "area", "units"},
                 {areas_are_too_few, "area", "shape 2"},
                 {areas_are_text, "area", "numbers"},
                 {without_temperature, "temperature", "missing"},
                 {rows_are_columns, "temperature", "shape 30 x 5"},
                 {rows_are_one, "temperature", "rank 1"},
                 {rows_are_integers, "temperature", "floating-point"},
                 {rows_are_packed, "temperature", "packed"},
                 {rows_are_fahrenheit, "temperature", "degF"},
                 {rows_have_no_units, "temperature", "units"},
                 {units_are_a_number, "temperature", "units"},
                 {names_are_numbers, "catchment_name", "texts"},
                 {the_title_is_a_number, "title", "no text"},
                 {the_fill_value_is_a_text, "temperature", "_FillValue"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const cs_selection all = cs_selection_all();
        cs_forcing *forcing = NULL;
        cs_error err = {0};
        write_default();
        const hid_t file = scene_edit(INPUT);
        cases[i].defect(file);
        H5Fclose(file);
        cs_status status = open_with(&forcing, &all, &err);
        if (status == CS_OK) {
            status = cs_forcing_want(forcing, CS_TEMPERATURE, &err);
        }
        cs_forcing_close(forcing);
        if (status != CS_DATA || strstr(err.message, cases[i].word) == NULL ||
            strstr(err.message, cases[i].dataset) == NULL || strstr(err.message, INPUT) == NULL) {
            fail_msg("case %zu (%s, %s): status %d, %s", i, cases[i].dataset, cases[i].word,
                     (int)status, err.message);
        }
    }
}

static void assert_file_refused(cs_status expected)
{
    const cs_selection all = cs_selection_all();
    cs_forcing *forcing = NULL;
    cs_error err = {0};
    assert_int_equal(open_with(&forcing, &all, &err), expected);
    assert_non_null(strstr(err.message, INPUT));
}

static void what_is_no_whole_hdf5_file_is_refused(void **state)
{
    (void)state;
    write_default();
    struct stat about;
    assert_int_equal(stat(INPUT, &about), 0);
    for (off_t size = about.st_size - 1; size >= 0; size -= 97) {
        assert_int_equal(truncate(INPUT, size), 0);
        assert_file_refused(CS_DATA);
    }
    assert_int_equal(unlink(INPUT), 0);
    assert_file_refused(CS_IO);
    assert_int_equal(mkdir(INPUT, 0777), 0);
    assert_file_refused(CS_IO);
    assert_int_equal(rmdir(INPUT), 0);
}

/* ---- packets ---- */

static void a_packet_that_ends_early_is_refused(void **state)
{
    (void)state;
    write_default();
    cs_forcing *forcing = scene_open(INPUT);
    const cs_forcing_format *format = cs_forcing_get_format(forcing);
    cs_error err = {0};
    cs_bytes packet = {0};
    cs_packet_row rows[CS_N_VARIABLES * 2];
    assert_int_equal(cs_forcing_read(forcing, &packet, 1, 2, &err), CS_OK);
    for (size_t size = 0; size < packet.size; size++) {
        cs_reader reader = cs_reader_make(packet.data, size);
        assert_int_equal(cs_packet_index(rows, &reader, 2, format, &err), CS_INTERNAL);
    }
    memset(packet.data, 0xff, sizeof(uint64_t)); /* more than there can be */
    cs_reader reader = cs_reader_make(packet.data, packet.size);
    assert_int_equal(cs_packet_index(rows, &reader, 2, format, &err), CS_INTERNAL);
    cs_bytes_free(&packet);
    cs_forcing_close(forcing);
}

static void only_wanted_variables_travel(void **state)
{
    (void)state;
    write_default();
    const cs_selection all = cs_selection_all();
    cs_forcing *forcing = NULL;
    cs_error err = {0};
    cs_bytes packet = {0};
    cs_packet_row rows[CS_N_VARIABLES];
    assert_int_equal(open_with(&forcing, &all, &err), CS_OK);
    assert_int_equal(cs_forcing_read(forcing, &packet, 0, 1, &err), CS_OK);
    assert_int_equal(packet.size, 0);
    assert_int_equal(cs_forcing_want(forcing, CS_DISCHARGE, &err), CS_OK);
    assert_int_equal(cs_forcing_want(forcing, CS_DISCHARGE, &err), CS_OK); /* twice is as once */
    assert_int_equal(cs_forcing_read(forcing, &packet, 0, 1, &err), CS_OK);
    cs_reader reader = cs_reader_make(packet.data, packet.size);
    assert_int_equal(cs_packet_index(rows, &reader, 1, cs_forcing_get_format(forcing), &err),
                     CS_OK);
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        assert_true((rows[v].size > 0) == (v == CS_DISCHARGE));
    }
    cs_bytes_free(&packet);
    cs_forcing_close(forcing);
}

/* ---- allocations that fail ---- */

static cs_status open_want_read(cs_error *err)
{
    const int64_t only[] = {3, 1};
    cs_selection selection = cs_selection_all();
    cs_forcing *forcing = NULL;
    cs_bytes packet = {0};
    double *area = NULL;
    selection.only = only;
    selection.n_only = 2;
    cs_status status = CS_OK;
    CS_CHECK(cs_forcing_open(&forcing, INPUT, &selection, err));
    CS_CHECK(cs_forcing_want(forcing, CS_TEMPERATURE, err));
    CS_CHECK(cs_forcing_want(forcing, CS_DISCHARGE, err));
    CS_CHECK(cs_forcing_number(forcing, &area, "area", err));
    CS_CHECK(cs_forcing_read(forcing, &packet, 0, 2, err));
release:
    free(area);
    cs_bytes_free(&packet);
    cs_forcing_close(forcing);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) { /* names of variable and fixed length */
        write_default();
        write_names("catchment", NAMES, kind == 0 ? 0 : 16, H5T_STR_NULLTERM);
        const hid_t file = scene_edit(INPUT);
        const dataset_layout contiguous = {
            .type = H5T_IEEE_F32LE, .rank = 2, .shape = {N_CATCHMENT, N_TIME}};
        replace_series(file, CS_DISCHARGE, &contiguous, "m3 s-1");
        H5Fclose(file);
        cs_status status = CS_MEMORY;
        long nth = 0;
        while (status != CS_OK) {
            cs_error err = {0};
            cs_memory_fail_nth(++nth);
            status = open_want_read(&err);
            cs_memory_fail_nth(0);
            assert_true(status == CS_OK || status == CS_MEMORY);
            assert_true(status == CS_OK || strstr(err.message, "memory") != NULL);
        }
        assert_true(nth > 20);
        assert_int_equal(scene_count_files(), 1);
    }
}

/* ---- the writer ---- */

static const cs_forcing_spec SPEC = {.n_catchment = 2,
                                     .n_time = 4,
                                     .step_hours = 1.0,
                                     .time_units = "hours since 2021-01-01 00:00:00",
                                     .id = (const int64_t[]){7, 9},
                                     .next_down_id = (const int64_t[]){9, 0},
                                     .strahler = (const int32_t[]){1, 2},
                                     .deflate = 1};

static void the_writer_leaves_nothing_unfinished(void **state)
{
    (void)state;
    cs_forcing_writer *writer = NULL;
    cs_error err = {0};
    unlink(INPUT);
    assert_int_equal(cs_forcing_writer_create(&writer, INPUT, &SPEC, &err), CS_OK);
    cs_forcing_writer_close(writer);
    cs_forcing_writer_close(NULL);
    assert_int_equal(scene_count_files(), 0);
    cs_forcing_spec spec = SPEC;
    spec.time_units = "moons since then";
    assert_int_equal(cs_forcing_writer_create(&writer, INPUT, &spec, &err), CS_INTERNAL);
    assert_int_equal(scene_count_files(), 0);
    write_default();
    assert_int_equal(cs_forcing_writer_create(&writer, INPUT, &SPEC, &err), CS_IO);
    assert_int_equal(scene_count_files(), 1);
}

static void the_writer_stores_the_network(void **state)
{
    (void)state;
    cs_forcing_writer *writer = NULL;
    cs_error err = {0};
    cs_bytes row = {0};
    unlink(INPUT);
    assert_int_equal(cs_forcing_writer_create(&writer, INPUT, &SPEC, &err), CS_OK);
    assert_int_equal(cs_forcing_writer_row(writer, CS_DISCHARGE, 1, "encoded", 7, &err), CS_OK);
    assert_int_equal(cs_forcing_writer_read(writer, &row, CS_DISCHARGE, 1, &err), CS_OK);
    assert_int_equal(row.size, 7);
    assert_memory_equal(row.data, "encoded", 7);
    assert_int_equal(cs_forcing_writer_read(writer, &row, CS_DISCHARGE, 0, &err), CS_OK);
    assert_int_equal(row.size, 7); /* never written: nothing */
    cs_bytes_free(&row);
    assert_int_equal(cs_forcing_writer_finish(writer, &err), CS_OK);
    cs_forcing_writer_close(writer);
    double *down = scene_read(INPUT, "next_down_id", 2), *order = scene_read(INPUT, "strahler", 2);
    double *bounds = scene_read(INPUT, "time_bnds", 8);
    assert_true(down[0] == 9 && down[1] == 0 && order[0] == 1 && order[1] == 2);
    for (int t = 0; t < 4; t++) {
        assert_true(bounds[2 * t] == t && bounds[2 * t + 1] == t + 1);
    }
    char *role = scene_attribute(INPUT, "catchment", "cf_role");
    char *units = scene_attribute(INPUT, "time", "units");
    assert_string_equal(role, "timeseries_id");
    assert_string_equal(units, "hours since 2021-01-01 00:00:00");
    free(role);
    free(units);
    free(down);
    free(order);
    free(bounds);
}

static void every_allocation_of_the_writer_may_fail(void **state)
{
    (void)state;
    unlink(INPUT);
    cs_status status = CS_MEMORY;
    long nth = 0;
    while (status != CS_OK) {
        cs_forcing_writer *writer = NULL;
        cs_error err = {0};
        cs_memory_fail_nth(++nth);
        status = cs_forcing_writer_create(&writer, INPUT, &SPEC, &err);
        if (status == CS_OK) {
            status = cs_forcing_writer_finish(writer, &err);
        }
        cs_memory_fail_nth(0);
        cs_forcing_writer_close(writer);
        assert_true(status == CS_OK || status == CS_MEMORY);
        assert_int_equal(scene_count_files(), status == CS_OK);
    }
    assert_true(nth > 5);
}

int main(void)
{
    cs_log_setup("test", 0, CS_LOG_WARNING);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_writer_writes_is_read),
        cmocka_unit_test(one_catchment_and_one_time_step_are_enough),
        cmocka_unit_test(steps_of_a_day_and_leap_years_are_fine),
        cmocka_unit_test(other_time_units_mean_the_same),
        cmocka_unit_test(a_selection_has_the_order_it_was_given_in),
        cmocka_unit_test(the_first_n_may_be_more_than_there_are),
        cmocka_unit_test(from_and_to_are_both_included),
        cmocka_unit_test(an_unknown_id_is_named),
        cmocka_unit_test(every_layout_gives_the_same_values),
        cmocka_unit_test(other_filters_are_left_to_hdf5),
        cmocka_unit_test(known_units_are_converted),
        cmocka_unit_test(numbers_of_catchments_are_converted),
        cmocka_unit_test(a_number_that_is_not_there_is_no_failure),
        cmocka_unit_test(fill_values_are_missing),
        cmocka_unit_test(what_was_never_written_is_missing),
        cmocka_unit_test(ids_that_are_texts_become_names),
        cmocka_unit_test(texts_that_are_numbers_are_ids),
        cmocka_unit_test(names_beside_ids_are_kept),
        cmocka_unit_test(names_that_occur_twice_are_refused),
        cmocka_unit_test(defects_are_refused_by_name),
        cmocka_unit_test(what_is_no_whole_hdf5_file_is_refused),
        cmocka_unit_test(a_packet_that_ends_early_is_refused),
        cmocka_unit_test(only_wanted_variables_travel),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_writer_leaves_nothing_unfinished),
        cmocka_unit_test(the_writer_stores_the_network),
        cmocka_unit_test(every_allocation_of_the_writer_may_fail),
    };
    return cmocka_run_group_tests(tests, scene_enter, scene_leave);
}
