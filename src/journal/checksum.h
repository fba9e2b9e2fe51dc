/* SPDX-License-Identifier: MIT */
/**
 * Checksums of bytes and files: XXH3, 64 bits. They find damage, not malice. Thread-safe.
 */
#ifndef CS_JOURNAL_CHECKSUM_H
#define CS_JOURNAL_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

uint64_t cs_checksum(const void *data, size_t size);

/** The same of a place: equal bytes at different offsets have different checksums. */
uint64_t cs_checksum_at(uint64_t offset, const void *data, size_t size);

/** Of all bytes of a file, which is read once, a MiB at a time. Errors: CS_IO, CS_MEMORY. */
cs_status cs_checksum_file(uint64_t *checksum, const char *path, cs_error *err);

/**
 * Of `size` bytes at `offset` of an open file. *whole tells whether there were that many; if not,
 * the checksum means nothing. Errors: CS_IO, CS_MEMORY.
 */
cs_status cs_checksum_range(uint64_t *checksum, bool *whole, int file, uint64_t offset,
                            uint64_t size, cs_error *err);

#endif
