/* SPDX-License-Identifier: MIT */
#include "store/hdf.h"

#include <errno.h>
#include <hdf5_hl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REASON = 512 }; /* bytes of HDF5's reason */

/* Of "file write failed: time = Mon Jan  1 00:00:00 2024, filename = 'x', file descriptor = 5,
 * errno = 28, error message = '...', buf = 0x7f, ..." the phrase, the file and the system's reason:
 * "file write failed: x: No space left on device". The rest tells the user nothing. */
static herr_t keep_innermost(unsigned n, const H5E_error2_t *error, void *text)
{
    (void)n;
    if (error->desc == NULL || error->desc[0] == '\0') {
        return 0;
    }
    static const char file_label[] = "filename = '", number_label[] = "errno = ";
    const char *file = strstr(error->desc, file_label);
    const char *errno_text = strstr(error->desc, number_label);
    file = file == NULL ? "" : file + sizeof file_label - 1;
    const long number =
        errno_text == NULL ? 0 : strtol(errno_text + sizeof number_label - 1, NULL, 10);
    snprintf(text, REASON, "%.*s%s%.*s%s%s", (int)strcspn(error->desc, ":,"), error->desc,
             file[0] == '\0' ? "" : ": ", (int)strcspn(file, "'"), file, number > 0 ? ": " : "",
             number > 0 ? strerror((int)number) : "");
    return 0;
}

cs_status cs_hdf_fail(cs_error *err, cs_status status, const char *format, ...)
{
    char message[768], reason[REASON] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_innermost, reason);
    H5Eclear2(H5E_DEFAULT);
    return cs_fail(err, status, "%s%s%s%s", message, reason[0] ? " (HDF5: " : "", reason,
                   reason[0] ? ")" : "");
}

void cs_hdf_quiet(void)
{
    /* Files are closed one by one here; HDF5's own clean-up at exit crashes after a full disk. */
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

/* HDF5 would wait for the writer of a pipe, deaf to signals. */
static cs_status check_readable(const char *path, cs_error *err)
{
    struct stat about;
    if (stat(path, &about) != 0 || access(path, R_OK) != 0) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be read", path);
    }
    if (S_ISDIR(about.st_mode)) {
        return cs_fail(err, CS_IO, "%s: is a directory; name an HDF5 file", path);
    }
    if (!S_ISREG(about.st_mode)) {
        return cs_fail(
            err, CS_IO,
            "%s: is no regular file; HDF5 reads here and there in a file, so copy it into "
            "one first",
            path);
    }
    return CS_OK;
}

cs_status cs_hdf_open(hid_t *file, const char *path, cs_error *err)
{
    *file = H5I_INVALID_HID;
    cs_hdf_quiet();
    CS_TRY(check_readable(path, err));
    const htri_t is_hdf5 = H5Fis_hdf5(path);
    if (is_hdf5 == 0) {
        return cs_fail(err, CS_DATA, "%s: is not an HDF5 file", path);
    }
    *file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (*file < 0) {
        return cs_hdf_fail(err, is_hdf5 > 0 ? CS_DATA : CS_IO,
                           "%s: cannot be opened as HDF5; it may be truncated or still be written",
                           path);
    }
    return CS_OK;
}

cs_status cs_hdf_create(hid_t *file, const char *path, cs_error *err)
{
    cs_hdf_quiet();
    const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_obj_track_times(creation, false);
    /* Small chunks lie at the end of the file as large ones do: cs_hdf_write_chunk_located. */
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_small_data_block_size(access, 0);
    *file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
    H5Pclose(access);
    H5Pclose(creation);
    if (*file < 0) {
        return cs_hdf_fail(err, CS_IO, "%s: cannot be created", path);
    }
    return CS_OK;
}

cs_status cs_hdf_close(hid_t file, const char *path, cs_error *err)
{
    CS_INVARIANT(H5Fget_obj_count(file, H5F_OBJ_ALL) == 1); /* else it would not really close */
    if (H5Fflush(file, H5F_SCOPE_LOCAL) < 0) {
        const cs_status status = cs_hdf_fail(err, CS_IO, "%s: cannot be written", path);
        cs_hdf_drop(file);
        return status;
    }
    if (H5Fclose(file) < 0) {
        return cs_hdf_fail(err, CS_IO, "%s: cannot be closed", path);
    }
    return CS_OK;
}

void cs_hdf_drop(hid_t file)
{
    if (file >= 0) {
        H5Fclose(file);
        H5Eclear2(H5E_DEFAULT);
    }
}

/* ---- attributes ---- */

static cs_status read_variable_text(char **text, hid_t attribute, const char *name, cs_error *err)
{
    char *held = NULL;
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    const hid_t stored = H5Aget_type(attribute);
    H5Tset_cset(type, H5Tget_cset(stored));
    H5Tclose(stored);
    cs_status status = CS_OK;
    if (H5Aread(attribute, type, &held) < 0) {
        status = cs_hdf_fail(err, CS_DATA, "attribute %s cannot be read", name);
    } else {
        status = cs_copy_string(text, held == NULL ? "" : held, err);
        H5free_memory(held);
    }
    H5Tclose(type);
    return status;
}

static cs_status read_fixed_text(char **text, hid_t attribute, hid_t stored, const char *name,
                                 cs_error *err)
{
    const size_t size = H5Tget_size(stored);
    CS_TRY(cs_alloc(text, size + 1, 1, "an attribute", err));
    if (H5Aread(attribute, stored, *text) < 0) {
        free(*text);
        *text = NULL;
        return cs_hdf_fail(err, CS_DATA, "attribute %s cannot be read", name);
    }
    return CS_OK;
}

cs_status cs_hdf_read_text(char **text, hid_t object, const char *name, cs_error *err)
{
    *text = NULL;
    if (H5Aexists(object, name) <= 0) {
        return CS_OK;
    }
    const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    const hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    cs_status status = CS_OK;
    if (H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_npoints(space) != 1) {
        status = cs_fail(err, CS_DATA, "attribute %s is no text", name);
    } else if (H5Tis_variable_str(type) > 0) {
        status = read_variable_text(text, attribute, name, err);
    } else {
        status = read_fixed_text(text, attribute, type, name, err);
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return status;
}

cs_status cs_hdf_read_number(double *value, bool *found, hid_t object, const char *name,
                             cs_error *err)
{
    *found = H5Aexists(object, name) > 0;
    if (!*found) {
        return CS_OK;
    }
    const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    const hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    const H5T_class_t class = H5Tget_class(type);
    cs_status status = CS_OK;
    if ((class != H5T_FLOAT && class != H5T_INTEGER) || H5Sget_simple_extent_npoints(space) != 1 ||
        H5Aread(attribute, H5T_NATIVE_DOUBLE, value) < 0) {
        status = cs_hdf_fail(err, CS_DATA, "attribute %s is no number", name);
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return status;
}

cs_status cs_hdf_write_scalar(hid_t object, const char *name, hid_t type, const void *value,
                              cs_error *err)
{
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const herr_t written = attribute < 0 ? -1 : H5Awrite(attribute, type, value);
    const herr_t closed = attribute < 0 ? -1 : H5Aclose(attribute);
    H5Sclose(space);
    if (written < 0 || closed < 0) {
        return cs_hdf_fail(err, CS_IO, "attribute %s cannot be written", name);
    }
    return CS_OK;
}

/* Fixed length: netCDF tools write text attributes so, and h5dump shows them at once. */
cs_status cs_hdf_write_text(hid_t object, const char *name, const char *text, cs_error *err)
{
    if (text == NULL) {
        return CS_OK;
    }
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, text[0] == '\0' ? 1 : strlen(text));
    H5Tset_cset(type, H5T_CSET_UTF8);
    const cs_status status = cs_hdf_write_scalar(object, name, type, text, err);
    H5Tclose(type);
    return status;
}

/* ---- datasets ---- */

static hid_t creation_list(const cs_hdf_layout *layout)
{
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(list, false);
    H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    if (layout->chunk[0] > 0) {
        H5Pset_chunk(list, layout->rank, layout->chunk);
        if (layout->filters.shuffle) {
            H5Pset_shuffle(list);
        }
        if (layout->filters.deflate) {
            const unsigned hdf5_levels = 9; /* libdeflate has more */
            const unsigned level = layout->filters.level;
            H5Pset_deflate(list, level < hdf5_levels ? level : hdf5_levels);
        }
    }
    if (layout->fill != NULL) {
        H5Pset_fill_value(list, layout->type, layout->fill);
    }
    return list;
}

static cs_status describe(hid_t dataset, const cs_hdf_layout *layout, cs_error *err)
{
    CS_TRY(cs_hdf_write_text(dataset, "long_name", layout->long_name, err));
    CS_TRY(cs_hdf_write_text(dataset, "standard_name", layout->standard_name, err));
    CS_TRY(cs_hdf_write_text(dataset, "units", layout->units, err));
    if (layout->fill != NULL) {
        CS_TRY(cs_hdf_write_scalar(dataset, "_FillValue", layout->type, layout->fill, err));
    }
    return CS_OK;
}

cs_status cs_hdf_create_dataset(hid_t *dataset, hid_t parent, const cs_hdf_layout *layout,
                                cs_error *err)
{
    const hid_t list = creation_list(layout);
    const hid_t space = H5Screate_simple(layout->rank, layout->shape, NULL);
    *dataset =
        H5Dcreate2(parent, layout->name, layout->type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    H5Sclose(space);
    H5Pclose(list);
    if (*dataset < 0) {
        return cs_hdf_fail(err, CS_IO, "dataset %s cannot be created", layout->name);
    }
    const cs_status status = describe(*dataset, layout, err);
    if (status != CS_OK) {
        H5Dclose(*dataset);
        *dataset = H5I_INVALID_HID;
    }
    return status;
}

cs_status cs_hdf_write_array(hid_t parent, const cs_hdf_layout *layout, const void *values,
                             const hid_t *scales, cs_error *err)
{
    hid_t dataset = H5I_INVALID_HID;
    CS_TRY(cs_hdf_create_dataset(&dataset, parent, layout, err));
    cs_status status = CS_OK;
    if (H5Dwrite(dataset, layout->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
        status = cs_hdf_fail(err, CS_IO, "dataset %s cannot be written", layout->name);
    }
    if (status == CS_OK && scales != NULL) {
        status = cs_hdf_attach(dataset, scales, layout->rank, err);
    }
    cs_error other;
    const cs_status closed =
        cs_hdf_close_dataset(&dataset, layout->name, status == CS_OK ? err : &other);
    return status == CS_OK ? closed : status;
}

cs_status cs_hdf_close_dataset(hid_t *dataset, const char *name, cs_error *err)
{
    const hid_t handle = *dataset;
    *dataset = H5I_INVALID_HID;
    if (handle >= 0 && H5Dclose(handle) < 0) {
        return cs_hdf_fail(err, CS_IO, "dataset %s cannot be written", name);
    }
    return CS_OK;
}

cs_status cs_hdf_make_scale(hid_t dataset, const char *dimension, cs_error *err)
{
    if (H5DSset_scale(dataset, dimension) < 0) {
        return cs_hdf_fail(err, CS_IO, "dimension %s cannot be made", dimension);
    }
    return CS_OK;
}

cs_status cs_hdf_attach(hid_t dataset, const hid_t *scales, int rank, cs_error *err)
{
    for (int i = 0; i < rank; i++) {
        if (H5DSattach_scale(dataset, scales[i], (unsigned)i) < 0) {
            return cs_hdf_fail(err, CS_IO, "a dimension cannot be attached");
        }
    }
    return CS_OK;
}

cs_status cs_hdf_read_text_dataset(char **text, hid_t parent, const char *name, cs_error *err)
{
    *text = NULL;
    if (H5Lexists(parent, name, H5P_DEFAULT) <= 0) {
        return CS_OK;
    }
    char *held = NULL;
    const hid_t dataset = H5Dopen2(parent, name, H5P_DEFAULT);
    const hid_t stored = H5Dget_type(dataset), space = H5Dget_space(dataset);
    cs_status status = CS_OK;
    if (H5Tis_variable_str(stored) <= 0 || H5Sget_simple_extent_npoints(space) != 1 ||
        H5Dread(dataset, stored, H5S_ALL, H5S_ALL, H5P_DEFAULT, &held) < 0) {
        status = cs_hdf_fail(err, CS_DATA, "dataset %s is no text", name);
    } else {
        status = cs_copy_string(text, held == NULL ? "" : held, err);
        H5free_memory(held);
    }
    H5Sclose(space);
    H5Tclose(stored);
    H5Dclose(dataset);
    return status;
}

cs_status cs_hdf_write_text_dataset(hid_t parent, const char *name, const char *text, cs_error *err)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    const hid_t space = H5Screate(H5S_SCALAR);
    const cs_hdf_layout layout = {.name = name, .type = type};
    const hid_t list = creation_list(&layout);
    const hid_t dataset = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    const herr_t written =
        dataset < 0 ? -1 : H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text);
    const herr_t closed = dataset < 0 ? -1 : H5Dclose(dataset);
    H5Pclose(list);
    H5Sclose(space);
    H5Tclose(type);
    return written < 0 || closed < 0 ? cs_hdf_fail(err, CS_IO, "dataset %s cannot be written", name)
                                     : CS_OK;
}
