/* SPDX-License-Identifier: MIT */
#include "text/gzip.h"

#include <libdeflate.h>

/* The library's compressor under our name. */
static struct libdeflate_compressor *inner(cs_gzip *gzip)
{
    return (struct libdeflate_compressor *)(void *)gzip;
}

cs_status cs_gzip_open(cs_gzip **gzip, int level, cs_error *err)
{
    *gzip = (cs_gzip *)(void *)libdeflate_alloc_compressor(level);
    return *gzip != NULL
               ? CS_OK
               : cs_fail(err, CS_MEMORY, "out of memory: a compressor of level %d", level);
}

void cs_gzip_close(cs_gzip *gzip)
{
    if (gzip != NULL) {
        libdeflate_free_compressor(inner(gzip));
    }
}

size_t cs_gzip_bound(cs_gzip *gzip, size_t size)
{
    return libdeflate_gzip_compress_bound(inner(gzip), size);
}

size_t cs_gzip_pack(cs_gzip *gzip, void *out, const void *data, size_t size)
{
    const size_t bound = cs_gzip_bound(gzip, size);
    const size_t packed = libdeflate_gzip_compress(inner(gzip), data, size, out, bound);
    CS_INVARIANT(packed > 0); /* within the bound it cannot fail */
    return packed;
}
