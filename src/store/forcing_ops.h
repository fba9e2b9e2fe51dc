/* SPDX-License-Identifier: MIT */
/**
 * What a kind of input has to offer. Private to src/store. Places are those in the file.
 */
#ifndef CS_STORE_FORCING_OPS_H
#define CS_STORE_FORCING_OPS_H

#include "store/forcing.h"

typedef struct {
    const char *kind; /* for messages */
    /** Fills the format of one variable. */
    cs_status (*want)(void *self, cs_row_format *format, cs_variable variable, cs_error *err);
    /** Reads one number per catchment of the file; *values is NULL where there is none. */
    cs_status (*number)(void *self, double **values, const char *name, cs_error *err);
    /** Appends the rows of `count` catchments to the packet, those of one variable together, in the
     * order of variables; variables that are not wanted have none. */
    cs_status (*rows)(void *self, cs_bytes *packet, const cs_forcing_format *format,
                      const size_t *place, size_t count, cs_error *err);
    uint64_t (*size)(void *self, cs_variable variable);
    void (*close)(void *self);
} cs_forcing_ops;

/** What opening finds out about the whole file. */
typedef struct {
    const cs_forcing_ops *ops;
    void *self;
    cs_forcing_info info; /* of all catchments and rows */
} cs_forcing_file;

/** The CF timeSeries file of docs/file-formats.md. */
cs_status cs_forcing_cf_open(cs_forcing_file *file, const char *path, cs_error *err);

/** CrossWater's input file: a table for each catchment. */
cs_status cs_forcing_crosswater_open(cs_forcing_file *file, const char *path, cs_error *err);

/** Whether this is an HDF5 file that looks like CrossWater's rather than like ours. */
bool cs_forcing_is_crosswater(const char *path);

/** Appends the head and the bytes of a row to a packet. */
cs_status cs_packet_append(cs_bytes *packet, const void *data, uint64_t size, uint32_t skipped,
                           cs_error *err);

/**
 * Appends the heads of `count` rows of `size` bytes and room for them.
 *
 * @param first  [out] where the first row's bytes begin in the packet
 * @param stride [out] from one row's bytes to the next one's
 */
cs_status cs_packet_append_room(cs_bytes *packet, size_t *first, size_t *stride, size_t count,
                                uint64_t size, cs_error *err);

#endif
