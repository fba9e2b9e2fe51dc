/* SPDX-License-Identifier: MIT */
#include "store/codec.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LEVEL = 12 };

struct cs_codec {
    size_t max_size;
    unsigned char *scratch;                                  /* [max_size] shuffled bytes */
    struct libdeflate_compressor *compressor[MAX_LEVEL + 1]; /* by level, made when needed */
    struct libdeflate_decompressor *decompressor;
};

cs_filters cs_filters_make(size_t element_size, int level)
{
    const uint32_t on = level > 0;
    return (cs_filters){.element_size = (uint32_t)element_size,
                        .shuffle = on,
                        .deflate = on,
                        .level = (uint32_t)(level > 0 ? level : 0)};
}

cs_status cs_codec_open(cs_codec **codec, size_t max_size, cs_error *err)
{
    CS_TRY(cs_alloc(codec, 1, sizeof **codec, "a chunk codec", err));
    (*codec)->max_size = max_size;
    (*codec)->decompressor = libdeflate_alloc_decompressor();
    cs_status status = cs_alloc(&(*codec)->scratch, max_size, 1, "a chunk", err);
    if (status == CS_OK && (*codec)->decompressor == NULL) {
        status = cs_fail(err, CS_MEMORY, "out of memory: a decompressor");
    }
    if (status != CS_OK) {
        cs_codec_close(*codec);
        *codec = NULL;
    }
    return status;
}

void cs_codec_close(cs_codec *codec)
{
    if (codec == NULL) {
        return;
    }
    for (int level = 0; level <= MAX_LEVEL; level++) {
        libdeflate_free_compressor(codec->compressor[level]);
    }
    libdeflate_free_decompressor(codec->decompressor);
    free(codec->scratch);
    free(codec);
}

size_t cs_codec_bound(size_t size)
{
    const size_t bound = libdeflate_zlib_compress_bound(NULL, size);
    return bound > size ? bound : size;
}

/* Byte b of element i goes to place b n + i; bytes behind the last whole element stay. */
static void shuffle(unsigned char *restrict out, const unsigned char *restrict in, size_t size,
                    size_t width)
{
    const size_t n = size / width;
    for (size_t b = 0; b < width; b++) {
        for (size_t i = 0; i < n; i++) {
            out[b * n + i] = in[i * width + b];
        }
    }
    memcpy(out + n * width, in + n * width, size - n * width);
}

static void unshuffle(unsigned char *restrict out, const unsigned char *restrict in, size_t size,
                      size_t width)
{
    const size_t n = size / width;
    for (size_t b = 0; b < width; b++) {
        for (size_t i = 0; i < n; i++) {
            out[i * width + b] = in[b * n + i];
        }
    }
    memcpy(out + n * width, in + n * width, size - n * width);
}

/* The usual width, so that the compiler sees a constant. */
static void shuffle_any(unsigned char *out, const unsigned char *in, size_t size, size_t width)
{
    if (width == 4) {
        shuffle(out, in, size, 4);
    } else {
        shuffle(out, in, size, width);
    }
}

static void unshuffle_any(unsigned char *out, const unsigned char *in, size_t size, size_t width)
{
    if (width == 4) {
        unshuffle(out, in, size, 4);
    } else {
        unshuffle(out, in, size, width);
    }
}

static struct libdeflate_compressor *compressor_of(cs_codec *codec, uint32_t level)
{
    CS_INVARIANT(level <= MAX_LEVEL);
    if (codec->compressor[level] == NULL) {
        codec->compressor[level] = libdeflate_alloc_compressor((int)level);
        CS_INVARIANT(codec->compressor[level] != NULL);
    }
    return codec->compressor[level];
}

void cs_codec_encode(cs_codec *codec, void *encoded, size_t *encoded_size, const void *data,
                     size_t size, cs_filters filters)
{
    CS_INVARIANT(size <= codec->max_size);
    const void *plain = data;
    if (filters.shuffle) {
        shuffle_any(codec->scratch, data, size, filters.element_size);
        plain = codec->scratch;
    }
    if (!filters.deflate) {
        memcpy(encoded, plain, size);
        *encoded_size = size;
        return;
    }
    *encoded_size = libdeflate_zlib_compress(compressor_of(codec, filters.level), plain, size,
                                             encoded, cs_codec_bound(size));
    CS_INVARIANT(*encoded_size > 0);
}

static cs_status inflate(cs_codec *codec, void *out, size_t size, const void *encoded,
                         size_t encoded_size, cs_error *err)
{
    size_t actual = 0;
    const enum libdeflate_result result =
        libdeflate_zlib_decompress(codec->decompressor, encoded, encoded_size, out, size, &actual);
    if (result != LIBDEFLATE_SUCCESS || actual != size) {
        return cs_fail(err, CS_DATA, "a compressed chunk is damaged");
    }
    return CS_OK;
}

cs_status cs_codec_decode(cs_codec *codec, void *data, size_t size, const void *encoded,
                          size_t encoded_size, uint32_t skipped, cs_filters filters, cs_error *err)
{
    CS_INVARIANT(size <= codec->max_size);
    const uint32_t deflate_bit = filters.shuffle ? 2 : 1; /* its place in the pipeline */
    const int deflated = filters.deflate && (skipped & deflate_bit) == 0;
    const int shuffled = filters.shuffle && (skipped & 1) == 0;
    if (!deflated && encoded_size != size) {
        return cs_fail(err, CS_DATA, "a chunk has %zu bytes, expected %zu", encoded_size, size);
    }
    if (deflated && !shuffled) {
        return inflate(codec, data, size, encoded, encoded_size, err);
    }
    const void *plain = encoded;
    if (deflated) {
        CS_TRY(inflate(codec, codec->scratch, size, encoded, encoded_size, err));
        plain = codec->scratch;
    }
    if (shuffled) {
        unshuffle_any(data, plain, size, filters.element_size);
    } else {
        memcpy(data, plain, size);
    }
    return CS_OK;
}
