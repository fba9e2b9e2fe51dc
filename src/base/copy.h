/* SPDX-License-Identifier: MIT */
/**
 * Copies of files.
 */
#ifndef CS_BASE_COPY_H
#define CS_BASE_COPY_H

#include "base/error.h"

/**
 * Makes `to`, or replaces what it holds, with the bytes of the plain file `from`. Where the file
 * system can, it shares them. Thread-safe.
 *
 * Errors: CS_IO (no space left ...); then `to` is of no use, and the caller removes it.
 */
cs_status cs_copy_file(const char *to, const char *from, cs_error *err);

#endif
