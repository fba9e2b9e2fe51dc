/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/codec.h"
#include "store/forcing_writer.h"

static char folder[64];

int scene_enter(void **state)
{
    (void)state;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    snprintf(folder, sizeof folder, "/tmp/catchsim-test-XXXXXX");
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about, (void)kind, (void)where;
    return remove(path);
}

int scene_leave(void **state)
{
    (void)state;
    return chdir("/") != 0 || nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0;
}

size_t scene_count_files(void)
{
    size_t n = 0;
    DIR *here = opendir(".");
    assert_non_null(here);
    for (const struct dirent *entry = readdir(here); entry != NULL; entry = readdir(here)) {
        n += entry->d_name[0] != '.';
    }
    closedir(here);
    return n;
}

float scene_value(cs_variable variable, size_t catchment, size_t time)
{
    const float place = (float)(catchment + 1), when = (float)time;
    switch (variable) {
    case CS_TEMPERATURE:
        return (float)(time % 24) - 4.0F + 0.25F * place;
    case CS_PRECIPITATION:
        return time % 5 == 0 ? 0.125F * place : 0.0F;
    case CS_DISCHARGE:
        return 100.0F * place + when;
    default:
        return (float)(time % 7) * 0.5F + place;
    }
}

double scene_area(size_t catchment)
{
    return 1e6 * (double)(catchment + 1);
}

double scene_application_area(size_t catchment)
{
    return 0.05 * scene_area(catchment);
}

static void write_numbers(cs_forcing_writer *writer, const char *name, const char *units,
                          double (*value)(size_t), size_t n)
{
    cs_error err = {0};
    double *values = calloc(n, sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < n; i++) {
        values[i] = value(i);
    }
    assert_int_equal(cs_forcing_writer_number(writer, name, values, units, name, &err), CS_OK);
    free(values);
}

static double application_rate(size_t catchment)
{
    return 0.02 + 0.001 * (double)catchment;
}

static void write_rows(cs_forcing_writer *writer, const scene_input *input)
{
    cs_error err = {0};
    cs_codec *codec = NULL;
    const size_t n_bytes = input->n_time * sizeof(float);
    float *row = malloc(n_bytes);
    unsigned char *encoded = malloc(cs_codec_bound(n_bytes));
    assert_true(row != NULL && encoded != NULL);
    assert_int_equal(cs_codec_open(&codec, n_bytes, &err), CS_OK);
    for (size_t i = 0; i < input->n_catchment; i++) {
        for (int v = 0; v < CS_N_VARIABLES; v++) {
            size_t size = 0;
            for (size_t t = 0; t < input->n_time; t++) {
                row[t] = scene_value((cs_variable)v, i, t);
            }
            cs_codec_encode(codec, encoded, &size, row, n_bytes,
                            cs_filters_make(sizeof(float), input->deflate));
            assert_int_equal(cs_forcing_writer_row(writer, (cs_variable)v, i, encoded, size, &err),
                             CS_OK);
        }
    }
    cs_codec_close(codec);
    free(encoded);
    free(row);
}

void scene_write_input(const char *path, const scene_input *input)
{
    cs_error err = {0};
    int64_t *id = calloc(input->n_catchment, sizeof *id);
    assert_non_null(id);
    for (size_t i = 0; i < input->n_catchment; i++) {
        id[i] = 11 * ((int64_t)i + 1);
    }
    const cs_forcing_spec spec = {.n_catchment = input->n_catchment,
                                  .n_time = input->n_time,
                                  .step_hours = input->step_hours > 0.0 ? input->step_hours : 1.0,
                                  .time_units = input->time_units != NULL
                                                    ? input->time_units
                                                    : "hours since 2021-01-01 00:00:00",
                                  .id = id,
                                  .title = "known values",
                                  .source = "a test",
                                  .history = "made by a test",
                                  .licence = "CC0",
                                  .attribution = "nobody",
                                  .deflate = input->deflate,
                                  .replace = true};
    cs_forcing_writer *writer = NULL;
    assert_int_equal(cs_forcing_writer_create(&writer, path, &spec, &err), CS_OK);
    write_numbers(writer, "area", "m2", scene_area, input->n_catchment);
    write_numbers(writer, "application_area", "m2", scene_application_area, input->n_catchment);
    write_numbers(writer, "application_rate", "g m-2", application_rate, input->n_catchment);
    write_rows(writer, input);
    assert_int_equal(cs_forcing_writer_finish(writer, &err), CS_OK);
    cs_forcing_writer_close(writer);
    free(id);
}

cs_forcing *scene_open(const char *path)
{
    cs_error err = {0};
    cs_forcing *forcing = NULL;
    const cs_selection all = cs_selection_all();
    if (cs_forcing_open(&forcing, path, &all, &err) != CS_OK) {
        fail_msg("%s", err.message);
    }
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        if (cs_forcing_want(forcing, (cs_variable)v, &err) != CS_OK) {
            fail_msg("%s", err.message);
        }
    }
    return forcing;
}

hid_t scene_edit(const char *path)
{
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

double *scene_read(const char *path, const char *dataset, size_t n)
{
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    const hid_t opened = H5Dopen2(file, dataset, H5P_DEFAULT);
    assert_true(opened >= 0);
    const hid_t space = H5Dget_space(opened);
    assert_int_equal(H5Sget_simple_extent_npoints(space), n);
    double *values = calloc(n, sizeof *values);
    assert_non_null(values);
    assert_true(H5Dread(opened, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Dclose(opened);
    H5Fclose(file);
    return values;
}

char *scene_attribute(const char *path, const char *object, const char *name)
{
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    char *text = NULL;
    if (H5Aexists_by_name(file, object, name, H5P_DEFAULT) > 0) {
        const hid_t attribute = H5Aopen_by_name(file, object, name, H5P_DEFAULT, H5P_DEFAULT);
        const hid_t type = H5Aget_type(attribute);
        assert_false(H5Tis_variable_str(type) > 0);
        text = calloc(H5Tget_size(type) + 1, 1);
        assert_non_null(text);
        assert_true(H5Aread(attribute, type, text) >= 0);
        H5Tclose(type);
        H5Aclose(attribute);
    }
    H5Fclose(file);
    return text;
}
