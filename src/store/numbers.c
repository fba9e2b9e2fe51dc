/* SPDX-License-Identifier: MIT */
#include "store/numbers.h"

#include <stdlib.h>
#include <string.h>

#include "store/hdf.h"

struct cs_numbers {
    char *path, *name;
    hid_t file, dataset;
    bool is_signed;
    uint64_t count, place;
};

/* Names of the datasets at the top of a file. */
typedef struct {
    size_t n;
    char *name; /* of the first one */
} found;

static herr_t find_dataset(hid_t group, const char *name, const H5L_info_t *link, void *data)
{
    (void)link;
    found *f = data;
    H5O_info_t about;
    if (H5Oget_info_by_name1(group, name, &about, H5P_DEFAULT) < 0 ||
        about.type != H5O_TYPE_DATASET) {
        H5Eclear2(H5E_DEFAULT);
        return 0;
    }
    if (f->n++ == 0) {
        f->name = strdup(name);
    }
    return 0;
}

static cs_status name_dataset(cs_numbers *numbers, const char *name, cs_error *err)
{
    if (name != NULL) {
        return cs_copy_string(&numbers->name, name, err);
    }
    found f = {0};
    hsize_t start = 0;
    H5Literate(numbers->file, H5_INDEX_NAME, H5_ITER_INC, &start, find_dataset, &f);
    numbers->name = f.name;
    if (f.n == 1 && f.name != NULL) {
        return CS_OK;
    }
    return cs_fail(err, CS_DATA, "%s: has %zu datasets at its top; choose one by --dataset=NAME",
                   numbers->path, f.n);
}

static cs_status check_dataset(cs_numbers *numbers, cs_error *err)
{
    const hid_t type = H5Dget_type(numbers->dataset), space = H5Dget_space(numbers->dataset);
    hsize_t size = 0;
    const bool is_row = H5Sget_simple_extent_ndims(space) == 1;
    if (is_row) {
        H5Sget_simple_extent_dims(space, &size, NULL);
    }
    const bool is_integer = H5Tget_class(type) == H5T_INTEGER && H5Tget_size(type) <= 8;
    numbers->is_signed = is_integer && H5Tget_sign(type) == H5T_SGN_2;
    numbers->count = size;
    H5Sclose(space);
    H5Tclose(type);
    if (!is_row || !is_integer) {
        return cs_fail(err, CS_DATA, "%s: %s is not one row of integers of up to 64 bits",
                       numbers->path, numbers->name);
    }
    return CS_OK;
}

cs_status cs_numbers_open(cs_numbers **out, const char *path, const char *name, cs_error *err)
{
    cs_numbers *numbers = NULL;
    *out = NULL;
    CS_TRY(cs_alloc(&numbers, 1, sizeof *numbers, "a dataset", err));
    numbers->file = H5I_INVALID_HID;
    numbers->dataset = H5I_INVALID_HID;
    cs_status status = CS_OK;
    CS_CHECK(cs_copy_string(&numbers->path, path, err));
    CS_CHECK(cs_hdf_open(&numbers->file, path, err));
    CS_CHECK(name_dataset(numbers, name, err));
    numbers->dataset = H5Dopen2(numbers->file, numbers->name, H5P_DEFAULT);
    if (numbers->dataset < 0) {
        status = cs_hdf_fail(err, CS_DATA, "%s: has no dataset %s", path, numbers->name);
        goto release;
    }
    CS_CHECK(check_dataset(numbers, err));
    *out = numbers;
    return CS_OK;
release:
    cs_numbers_close(numbers);
    return status;
}

static cs_status read_part(cs_numbers *numbers, void *values, hsize_t n, cs_error *err)
{
    const hsize_t start = numbers->place;
    const hid_t memory = H5Screate_simple(1, &n, NULL);
    const hid_t space = H5Dget_space(numbers->dataset);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &n, NULL);
    const hid_t type = numbers->is_signed ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64;
    const herr_t read = H5Dread(numbers->dataset, type, memory, space, H5P_DEFAULT, values);
    H5Sclose(space);
    H5Sclose(memory);
    return read >= 0 ? CS_OK
                     : cs_hdf_fail(err, CS_DATA, "%s: %s cannot be read from element %llu",
                                   numbers->path, numbers->name, (unsigned long long)start);
}

cs_status cs_numbers_read(cs_numbers *numbers, uint64_t *values, uint8_t *bad, size_t *n,
                          size_t wanted, cs_error *err)
{
    const uint64_t left = numbers->count - numbers->place;
    *n = left < wanted ? (size_t)left : wanted;
    if (*n > 0) {
        CS_TRY(read_part(numbers, values, *n, err));
    }
    numbers->place += *n;
    for (size_t i = 0; i < *n; i++) {
        bad[i] = numbers->is_signed && (int64_t)values[i] < 0;
    }
    return CS_OK;
}

uint64_t cs_numbers_place(const cs_numbers *numbers)
{
    return numbers->place;
}

const char *cs_numbers_name(const cs_numbers *numbers)
{
    return numbers->name;
}

void cs_numbers_close(cs_numbers *numbers)
{
    if (numbers == NULL) {
        return;
    }
    if (numbers->dataset >= 0) {
        H5Dclose(numbers->dataset);
    }
    cs_hdf_drop(numbers->file);
    free(numbers->path);
    free(numbers->name);
    free(numbers);
}
