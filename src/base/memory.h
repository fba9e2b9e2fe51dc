/* SPDX-License-Identifier: MIT */
/**
 * Checked allocation: sizes are multiplied without overflow, failures name what was wanted.
 */
#ifndef CS_BASE_MEMORY_H
#define CS_BASE_MEMORY_H

#include <stddef.h>

#include "base/error.h"

/**
 * Allocates count x size bytes, zeroed, aligned to 64 bytes (a cache line, an AVX-512 register; on
 * Windows to 16).
 *
 * Thread-safe. The caller releases with free(). A count of 0 gives a valid pointer.
 *
 * @param out  [out] address of the pointer to set; NULL is stored on failure
 * @param what [in]  what it is for, for the message: "discharge of a block"
 * Errors: CS_MEMORY.
 */
cs_status cs_alloc(void *out, size_t count, size_t size, const char *what, cs_error *err);

/** The same for a copy of a string. */
cs_status cs_copy_string(char **out, const char *text, cs_error *err);

/** The same for a formatted string. */
cs_status cs_format(char **out, cs_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * A buffer of bytes that grows. Zero-initialised it is empty; released by cs_bytes_free.
 */
typedef struct {
    unsigned char *data;
    size_t size;     /* bytes in use */
    size_t capacity; /* bytes allocated */
} cs_bytes;

/** Room behind the bytes in use that a message's padding may need: reserve it to avoid a copy. */
enum { CS_BYTES_SLACK = 4096 };

/** Makes room for `more` bytes behind those in use (does not change size). Errors: CS_MEMORY. */
cs_status cs_bytes_reserve(cs_bytes *bytes, size_t more, cs_error *err);

/** Appends `size` bytes of `data`. Errors: CS_MEMORY. */
cs_status cs_bytes_append(cs_bytes *bytes, const void *data, size_t size, cs_error *err);

/** Releases the memory and leaves an empty buffer. */
void cs_bytes_free(cs_bytes *bytes);

/** Reads a buffer from its beginning, field by field. */
typedef struct {
    const unsigned char *at, *end;
} cs_reader;

/** A reader of `size` bytes at `data`, which it does not own. */
cs_reader cs_reader_make(const void *data, size_t size);

/** Copies the next `size` bytes. Errors: CS_INTERNAL if there are not that many. */
cs_status cs_reader_copy(cs_reader *reader, void *out, size_t size, cs_error *err);

/** Passes over the next `size` bytes and tells where they are. Errors: as above. */
cs_status cs_reader_take(cs_reader *reader, const void **data, size_t size, cs_error *err);

/** For tests: the nth allocation from now on fails (1: the next one), and only that; 0: none. */
void cs_memory_fail_nth(long nth);

#endif
