/* SPDX-License-Identifier: MIT */
/**
 * One-dimensional compound datasets (tables), as PyTables and h5py write them. Attributes are
 * neither needed nor looked at. Private to src/store; main thread of rank 0.
 */
#ifndef CS_STORE_HDF_TABLE_H
#define CS_STORE_HDF_TABLE_H

#include "store/hdf.h"

/** A field that a table must have, and where it goes in a row in memory. */
typedef struct {
    const char *name;
    H5T_class_t class; /* H5T_FLOAT: double; H5T_INTEGER: int64_t; H5T_STRING: char[size] */
    size_t offset;     /* in the row in memory */
    size_t size;       /* of texts: room with the terminator; else 0 */
} cs_hdf_field;

/** An open table. Texts are borrowed. */
typedef struct {
    const char *path, *name; /* of the file, of the dataset in it */
    hid_t dataset;
    hid_t row; /* type of a row in memory */
    size_t n_rows;
} cs_hdf_table;

/**
 * Opens a table and checks that it has these fields, of these classes; others are passed over.
 *
 * @param path     [in] of the file, for messages
 * @param row_size [in] bytes of a row in memory
 * Errors: CS_DATA (missing, no table, no such field, wrong type). On failure nothing is open.
 */
cs_status cs_hdf_table_open(cs_hdf_table *table, hid_t file, const char *path, const char *name,
                            const cs_hdf_field *fields, size_t n_fields, size_t row_size,
                            cs_error *err);

/** Reads all rows: [n_rows], as the fields say. Errors: CS_DATA (damaged). */
cs_status cs_hdf_table_read(void *rows, const cs_hdf_table *table, cs_error *err);

void cs_hdf_table_close(cs_hdf_table *table);

#endif
