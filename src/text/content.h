/* SPDX-License-Identifier: MIT */
/**
 * The whole content of a file in memory, unpacked if it is gzip (whatever the file's name).
 */
#ifndef CS_TEXT_CONTENT_H
#define CS_TEXT_CONTENT_H

#include "base/memory.h"

/**
 * Reads a file; appended to `content`.
 *
 * Any number of gzip members, one behind the other, is unpacked; their sums are checked.
 *
 * @param content   [in,out] the caller's; released by cs_bytes_free
 * @param max_bytes [in] more than this, packed or unpacked, is refused
 * Thread-safe. Errors: CS_IO if it cannot be read, CS_DATA if it is too large or broken, CS_MEMORY.
 */
cs_status cs_content_read(cs_bytes *content, const char *path, size_t max_bytes, cs_error *err);

#endif
