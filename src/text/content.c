/* SPDX-License-Identifier: MIT */
#include "text/content.h"

#include <libdeflate.h>
#include <stdbool.h>

#include "text/file.h"

enum { PIECE = 1 << 20 }; /* bytes that an unpacked piece has at least */

/* Unpacks the member that begins at `at` and moves behind it. */
static cs_status unpack_member(cs_bytes *content, size_t *at, const cs_bytes *packed,
                               struct libdeflate_decompressor *unpacker, const char *path,
                               size_t max_bytes, cs_error *err)
{
    size_t room = 4 * (packed->size - *at) + PIECE; /* text packs to about a quarter */
    for (;;) {
        size_t used = 0;
        size_t made = 0;
        CS_TRY(cs_bytes_reserve(content, room, err));
        const enum libdeflate_result result =
            libdeflate_gzip_decompress_ex(unpacker, packed->data + *at, packed->size - *at,
                                          content->data + content->size, room, &used, &made);
        if (result == LIBDEFLATE_SUCCESS) {
            content->size += made;
            *at += used;
            return content->size <= max_bytes
                       ? CS_OK
                       : cs_fail(err, CS_DATA, "%s: larger than %zu bytes", path, max_bytes);
        }
        if (result != LIBDEFLATE_INSUFFICIENT_SPACE) {
            return cs_fail(err, CS_DATA, "%s: not a whole gzip file, broken at byte %zu", path,
                           *at);
        }
        if (room > max_bytes) {
            return cs_fail(err, CS_DATA, "%s: larger than %zu bytes", path, max_bytes);
        }
        room *= 2;
    }
}

static cs_status unpack(cs_bytes *content, const cs_bytes *packed, const char *path,
                        size_t max_bytes, cs_error *err)
{
    struct libdeflate_decompressor *unpacker = libdeflate_alloc_decompressor();
    if (unpacker == NULL) {
        return cs_fail(err, CS_MEMORY, "out of memory: a decompressor");
    }
    cs_status status = CS_OK;
    for (size_t at = 0; status == CS_OK && at < packed->size;) {
        status = unpack_member(content, &at, packed, unpacker, path, max_bytes, err);
    }
    libdeflate_free_decompressor(unpacker);
    return status;
}

cs_status cs_content_read(cs_bytes *content, const char *path, size_t max_bytes, cs_error *err)
{
    cs_bytes raw = {0};
    cs_status status = cs_file_read(&raw, path, max_bytes, err);
    const bool is_gzip = raw.size >= 2 && raw.data[0] == 0x1f && raw.data[1] == 0x8b;
    if (status == CS_OK && is_gzip) {
        status = unpack(content, &raw, path, max_bytes, err);
    } else if (status == CS_OK && content->size == 0) {
        cs_bytes_free(content);
        *content = raw; /* the usual case: no copy */
        return CS_OK;
    } else if (status == CS_OK) {
        status = cs_bytes_append(content, raw.data, raw.size, err);
    }
    cs_bytes_free(&raw);
    return status;
}
