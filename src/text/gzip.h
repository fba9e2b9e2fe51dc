/* SPDX-License-Identifier: MIT */
/**
 * Gzip members (RFC 1952). Any number of them, one behind the other, is a valid .gz file.
 */
#ifndef CS_TEXT_GZIP_H
#define CS_TEXT_GZIP_H

#include <stddef.h>

#include "base/error.h"

typedef struct cs_gzip cs_gzip;

/** A compressor, for one thread at a time. @param level [in] 1 to 12. Errors: CS_MEMORY. */
cs_status cs_gzip_open(cs_gzip **gzip, int level, cs_error *err);

/** NULL is fine. */
void cs_gzip_close(cs_gzip *gzip);

/** Room that a member of so many bytes needs. */
size_t cs_gzip_bound(cs_gzip *gzip, size_t size);

/**
 * Makes a member, without name and time, so that it is a function of the data and the level.
 *
 * @param out [out] cs_gzip_bound(size) bytes
 * @return its size
 */
size_t cs_gzip_pack(cs_gzip *gzip, void *out, const void *data, size_t size);

#endif
