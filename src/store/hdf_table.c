/* SPDX-License-Identifier: MIT */
#include "store/hdf_table.h"

static cs_status bad(cs_error *err, const cs_hdf_table *table, const char *what)
{
    return cs_fail(err, CS_DATA, "%s: dataset %s: %s", table->path, table->name, what);
}

static cs_status bad_field(cs_error *err, const cs_hdf_table *table, const char *field,
                           const char *what)
{
    return cs_fail(err, CS_DATA, "%s: dataset %s: field %s %s", table->path, table->name, field,
                   what);
}

/* Without a chunk cache: a table is read once, and of chunks that no filter has packed (PyTables
 * makes them 64 KiB for three rows) only what is asked for. */
static cs_status open_dataset(cs_hdf_table *table, hid_t file, cs_error *err)
{
    if (H5Lexists(file, table->name, H5P_DEFAULT) <= 0) {
        H5Eclear2(H5E_DEFAULT);
        return bad(err, table, "is missing");
    }
    const hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access, 1, 0, 1.0);
    table->dataset = H5Dopen2(file, table->name, access);
    H5Pclose(access);
    if (table->dataset < 0) {
        return cs_hdf_fail(err, CS_DATA, "%s: %s is no dataset that can be opened", table->path,
                           table->name);
    }
    return CS_OK;
}

static cs_status check_shape(cs_hdf_table *table, cs_error *err)
{
    const hid_t space = H5Dget_space(table->dataset);
    const int rank = H5Sget_simple_extent_ndims(space);
    const hssize_t length = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    if (rank != 1 || length < 0) {
        return bad(err, table, "must have one dimension");
    }
    table->n_rows = (size_t)length;
    return CS_OK;
}

/* The type in memory for texts: HDF5 converts lengths, but not character sets. */
static cs_status make_text_type(hid_t *type, const cs_hdf_table *table, hid_t stored,
                                const cs_hdf_field *field, cs_error *err)
{
    if (H5Tis_variable_str(stored) > 0 || H5Tget_size(stored) >= field->size) {
        return bad_field(err, table, field->name, "must hold short texts of fixed length");
    }
    *type = H5Tcopy(H5T_C_S1);
    H5Tset_size(*type, field->size);
    H5Tset_cset(*type, H5Tget_cset(stored));
    return CS_OK;
}

static cs_status insert_field(cs_hdf_table *table, hid_t stored, const cs_hdf_field *field,
                              cs_error *err)
{
    const hid_t as_number = field->class == H5T_FLOAT ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64;
    if (H5Tget_class(stored) != field->class) {
        return bad_field(err, table, field->name,
                         field->class == H5T_FLOAT     ? "must hold floating-point numbers"
                         : field->class == H5T_INTEGER ? "must hold integers"
                                                       : "must hold texts");
    }
    if (field->class != H5T_STRING) {
        H5Tinsert(table->row, field->name, field->offset, as_number);
        return CS_OK;
    }
    hid_t text = H5I_INVALID_HID;
    CS_TRY(make_text_type(&text, table, stored, field, err));
    H5Tinsert(table->row, field->name, field->offset, text);
    H5Tclose(text);
    return CS_OK;
}

static cs_status make_row_type(cs_hdf_table *table, const cs_hdf_field *fields, size_t n_fields,
                               cs_error *err)
{
    const hid_t type = H5Dget_type(table->dataset);
    cs_status status = CS_OK;
    if (H5Tget_class(type) != H5T_COMPOUND) {
        status = bad(err, table, "must be a table (a compound type)");
    }
    for (size_t i = 0; i < n_fields && status == CS_OK; i++) {
        const int member = H5Tget_member_index(type, fields[i].name);
        if (member < 0) {
            H5Eclear2(H5E_DEFAULT);
            status = bad_field(err, table, fields[i].name, "is missing");
        } else {
            const hid_t stored = H5Tget_member_type(type, (unsigned)member);
            status = insert_field(table, stored, &fields[i], err);
            H5Tclose(stored);
        }
    }
    H5Tclose(type);
    return status;
}

cs_status cs_hdf_table_open(cs_hdf_table *table, hid_t file, const char *path, const char *name,
                            const cs_hdf_field *fields, size_t n_fields, size_t row_size,
                            cs_error *err)
{
    *table = (cs_hdf_table){
        .path = path, .name = name, .dataset = H5I_INVALID_HID, .row = H5I_INVALID_HID};
    cs_status status = CS_OK;
    CS_CHECK(open_dataset(table, file, err));
    CS_CHECK(check_shape(table, err));
    table->row = H5Tcreate(H5T_COMPOUND, row_size);
    CS_CHECK(make_row_type(table, fields, n_fields, err));
release:
    if (status != CS_OK) {
        cs_hdf_table_close(table);
    }
    return status;
}

cs_status cs_hdf_table_read(void *rows, const cs_hdf_table *table, cs_error *err)
{
    if (H5Dread(table->dataset, table->row, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows) < 0) {
        return cs_hdf_fail(err, CS_DATA, "%s: dataset %s: cannot be read", table->path,
                           table->name);
    }
    return CS_OK;
}

void cs_hdf_table_close(cs_hdf_table *table)
{
    if (table->row >= 0) {
        H5Tclose(table->row);
    }
    if (table->dataset >= 0) {
        H5Dclose(table->dataset);
    }
    table->row = table->dataset = H5I_INVALID_HID;
}
