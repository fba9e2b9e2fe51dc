/* SPDX-License-Identifier: MIT */
/**
 * What this folder needs of HDF5, with our errors. Private to src/store; main thread of rank 0.
 */
#ifndef CS_STORE_HDF_H
#define CS_STORE_HDF_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/codec.h"

/** Records a failure with HDF5's own reason appended (its phrase, the file, the text of errno,
 * without its inner data), and clears HDF5's error stack. */
cs_status cs_hdf_fail(cs_error *err, cs_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Once, before anything else: HDF5 does not print errors by itself. */
void cs_hdf_quiet(void);

/** Opens a file for reading. Errors: CS_IO (no such file, a directory, a pipe, a device), CS_DATA
 * (not HDF5, truncated). */
cs_status cs_hdf_open(hid_t *file, const char *path, cs_error *err);

/** Creates a file for writing whose bytes depend on its content only (no time stamps). */
cs_status cs_hdf_create(hid_t *file, const char *path, cs_error *err);

/** Makes what was written reach the file and closes it. Errors: CS_IO (no space left). */
cs_status cs_hdf_close(hid_t file, const char *path, cs_error *err);

/** Closes a file without its errors mattering. Negative: nothing. */
void cs_hdf_drop(hid_t file);

/** A text attribute of an object as a string the caller frees; NULL where there is none. */
cs_status cs_hdf_read_text(char **text, hid_t object, const char *name, cs_error *err);

/** A number attribute; *found tells whether there is one. */
cs_status cs_hdf_read_number(double *value, bool *found, hid_t object, const char *name,
                             cs_error *err);

/** Writes a text attribute (variable-length UTF-8); NULL text: nothing. */
cs_status cs_hdf_write_text(hid_t object, const char *name, const char *text, cs_error *err);

/** Writes a scalar attribute of this memory type. */
cs_status cs_hdf_write_scalar(hid_t object, const char *name, hid_t type, const void *value,
                              cs_error *err);

/** How a dataset is laid out. */
typedef struct {
    const char *name;
    hid_t type;
    int rank;
    hsize_t shape[2];
    hsize_t chunk[2];                              /* 0: contiguous */
    cs_filters filters;                            /* of chunks */
    const void *fill;                              /* _FillValue, of `type`; NULL: none */
    const char *units, *long_name, *standard_name; /* NULL: none */
} cs_hdf_layout;

/** Creates a dataset with its attributes. */
cs_status cs_hdf_create_dataset(hid_t *dataset, hid_t parent, const cs_hdf_layout *layout,
                                cs_error *err);

/** Creates a 1-d dataset, writes values[shape[0]] of memory type `type`, closes it. With `scales`
 * (shape of layout.rank) it is attached to them. */
cs_status cs_hdf_write_array(hid_t parent, const cs_hdf_layout *layout, const void *values,
                             const hid_t *scales, cs_error *err);

/** Closes a dataset, which is when a small one is written; a negative one is fine. Errors: CS_IO.
 */
cs_status cs_hdf_close_dataset(hid_t *dataset, const char *name, cs_error *err);

/** Makes a dataset the scale of a dimension of this name; attaches a dataset to its scales. */
cs_status cs_hdf_make_scale(hid_t dataset, const char *dimension, cs_error *err);
cs_status cs_hdf_attach(hid_t dataset, const hid_t *scales, int rank, cs_error *err);

/** Writes one raw chunk at an offset (in elements). */
cs_status cs_hdf_write_chunk(hid_t dataset, const hsize_t *offset, const void *encoded, size_t size,
                             cs_error *err);

/** The same for a chunk that was never written before; tells where its bytes are in the file. */
cs_status cs_hdf_write_chunk_located(uint64_t *address, hid_t file, hid_t dataset,
                                     const hsize_t *offset, const void *encoded, size_t size,
                                     cs_error *err);

/** Appends the raw chunk at an offset; nothing if it was never written. */
cs_status cs_hdf_read_chunk(hid_t dataset, const hsize_t *offset, cs_bytes *out, uint32_t *skipped,
                            cs_error *err);

/** The text of a scalar variable-length dataset, released by free(); NULL where there is none. */
cs_status cs_hdf_read_text_dataset(char **text, hid_t parent, const char *name, cs_error *err);

/** Writes a scalar variable-length text dataset. */
cs_status cs_hdf_write_text_dataset(hid_t parent, const char *name, const char *text,
                                    cs_error *err);

#endif
