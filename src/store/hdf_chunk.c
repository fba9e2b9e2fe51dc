/* SPDX-License-Identifier: MIT */
/* Raw chunks of datasets, as declared in hdf.h. */
#include "store/hdf.h"

cs_status cs_hdf_write_chunk(hid_t dataset, const hsize_t *offset, const void *encoded, size_t size,
                             cs_error *err)
{
    if (H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, offset, size, encoded) < 0) {
        return cs_hdf_fail(err, CS_IO, "a chunk of %zu bytes cannot be written", size);
    }
    return CS_OK;
}

/* HDF5 finds a chunk's address by going through all chunks (1.10; 90 us of 18,000), but if the file
 * has grown by just the chunk, that is where it is. */
cs_status cs_hdf_write_chunk_located(uint64_t *address, hid_t file, hid_t dataset,
                                     const hsize_t *offset, const void *encoded, size_t size,
                                     cs_error *err)
{
    hsize_t before = 0, after = 0, found_size = 0;
    haddr_t found = HADDR_UNDEF;
    unsigned mask = 0;
    const bool asked = H5Fget_filesize(file, &before) >= 0;
    CS_TRY(cs_hdf_write_chunk(dataset, offset, encoded, size, err));
    if (asked && H5Fget_filesize(file, &after) >= 0 && after - before == size) {
        *address = before;
        return CS_OK;
    }
    if (H5Dget_chunk_info_by_coord(dataset, offset, &mask, &found, &found_size) < 0 ||
        found == HADDR_UNDEF || found_size != size) {
        return cs_hdf_fail(err, CS_IO, "a chunk of %zu bytes is not where it was written", size);
    }
    *address = found;
    return CS_OK;
}

/* Bytes of a chunk, 0: never written. HDF5 has the size from the index of chunks, but 1.10 fails if
 * the chunk is not there; by address it goes through all chunks (90 us of 18,000). */
static cs_status chunk_size(hsize_t *size, hid_t dataset, const hsize_t *offset, cs_error *err)
{
    haddr_t address = HADDR_UNDEF;
    unsigned mask = 0;
    *size = 0;
    if (H5Dget_chunk_storage_size(dataset, offset, size) >= 0) {
        return CS_OK;
    }
    if (H5Dget_chunk_info_by_coord(dataset, offset, &mask, &address, size) < 0) {
        return cs_hdf_fail(err, CS_DATA, "the place of a chunk cannot be read");
    }
    *size = address == HADDR_UNDEF ? 0 : *size;
    return CS_OK;
}

cs_status cs_hdf_read_chunk(hid_t dataset, const hsize_t *offset, cs_bytes *out, uint32_t *skipped,
                            cs_error *err)
{
    hsize_t size = 0;
    *skipped = 0;
    CS_TRY(chunk_size(&size, dataset, offset, err));
    if (size == 0) {
        return CS_OK; /* never written */
    }
    CS_TRY(cs_bytes_reserve(out, (size_t)size, err));
    if (H5Dread_chunk(dataset, H5P_DEFAULT, offset, skipped, out->data + out->size) < 0) {
        return cs_hdf_fail(err, CS_DATA, "a chunk of %llu bytes cannot be read",
                           (unsigned long long)size);
    }
    out->size += (size_t)size;
    return CS_OK;
}
