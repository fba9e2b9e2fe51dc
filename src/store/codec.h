/* SPDX-License-Identifier: MIT */
/**
 * The chunk codec: HDF5's byte shuffle and deflate, by libdeflate, away from HDF5's global lock.
 *
 * What is encoded here is what H5Dwrite_chunk takes and every HDF5 reads, and the other way round.
 * No HDF5 call is made: any thread of any rank may use it. Each thread has its own codec.
 */
#ifndef CS_STORE_CODEC_H
#define CS_STORE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"

/** The filters of a dataset's chunks, in HDF5's order: shuffle, then deflate. */
typedef struct {
    uint32_t element_size; /* bytes: 4 or 8 */
    uint32_t shuffle;      /* 1: bytes are shuffled */
    uint32_t deflate;      /* 1: deflated */
    uint32_t level;        /* for encoding, 0..12; 0: no deflate */
} cs_filters;

/** float32 or float64 with shuffle and deflate of this level (0: neither filter). */
cs_filters cs_filters_make(size_t element_size, int level);

typedef struct cs_codec cs_codec;

/** Makes a codec for chunks of up to max_size bytes (decoded). Errors: CS_MEMORY. */
cs_status cs_codec_open(cs_codec **codec, size_t max_size, cs_error *err);
void cs_codec_close(cs_codec *codec);

/** Upper bound of the encoded size of `size` bytes. */
size_t cs_codec_bound(size_t size);

/**
 * Encodes a chunk. The same input gives the same bytes everywhere (one libdeflate version).
 *
 * @param encoded      [out] at least cs_codec_bound(size) bytes
 * @param encoded_size [out] bytes written
 * @param data         [in]  size bytes, size <= max_size
 */
void cs_codec_encode(cs_codec *codec, void *encoded, size_t *encoded_size, const void *data,
                     size_t size, cs_filters filters);

/**
 * Decodes a chunk into exactly `size` bytes. Errors: CS_DATA for anything else (err says what; the
 * caller adds where).
 *
 * @param skipped [in] HDF5's filter mask of the chunk: bit i set where filter i was left out
 */
cs_status cs_codec_decode(cs_codec *codec, void *data, size_t size, const void *encoded,
                          size_t encoded_size, uint32_t skipped, cs_filters filters, cs_error *err);

#endif
