/* SPDX-License-Identifier: MIT */
#include "base/memory.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

static atomic_long fail_countdown; /* only tests set it */

void cs_memory_fail_nth(long nth)
{
    atomic_store(&fail_countdown, nth);
}

static int told_to_fail(void)
{
    if (atomic_load_explicit(&fail_countdown, memory_order_relaxed) <= 0) {
        return 0;
    }
    return atomic_fetch_sub(&fail_countdown, 1) == 1;
}

/* Windows has no aligned memory that free() takes; nothing but speed depends on it. */
static void *aligned(size_t size)
{
#ifdef _WIN32
    return malloc(size);
#else
    return aligned_alloc(ALIGNMENT, size);
#endif
}

static void *aligned_bytes(size_t size)
{
    if (told_to_fail() || size > PTRDIFF_MAX - ALIGNMENT) {
        return NULL;
    }
    const size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return aligned(rounded > 0 ? rounded : ALIGNMENT);
}

cs_status cs_alloc(void *out, size_t count, size_t size, const char *what, cs_error *err)
{
    void *memory = NULL;
    size_t n_bytes = 0;
    if (!__builtin_mul_overflow(count, size, &n_bytes)) {
        memory = aligned_bytes(n_bytes);
    }
    memcpy(out, &memory, sizeof memory);
    if (memory == NULL) {
        return cs_fail(err, CS_MEMORY,
                       "out of memory: %s needs %zu x %zu bytes; use fewer ranks or threads", what,
                       count, size);
    }
    memset(memory, 0, n_bytes);
    return CS_OK;
}

cs_status cs_copy_string(char **out, const char *text, cs_error *err)
{
    CS_TRY(cs_alloc(out, strlen(text) + 1, 1, "a text", err));
    memcpy(*out, text, strlen(text) + 1);
    return CS_OK;
}

cs_status cs_format(char **out, cs_error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    CS_INVARIANT(length >= 0);
    CS_TRY(cs_alloc(out, (size_t)length + 1, 1, "a text", err));
    va_start(arguments, format);
    vsnprintf(*out, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return CS_OK;
}

cs_status cs_bytes_reserve(cs_bytes *bytes, size_t more, cs_error *err)
{
    if (more <= bytes->capacity - bytes->size) {
        return CS_OK;
    }
    size_t capacity = bytes->capacity + bytes->capacity / 2;
    if (capacity - bytes->size < more || capacity < bytes->size) {
        capacity = bytes->size + more;
    }
    unsigned char *data = capacity < more ? NULL : aligned_bytes(capacity);
    if (data == NULL) {
        return cs_fail(err, CS_MEMORY, "out of memory: a buffer of %zu bytes cannot grow by %zu",
                       bytes->size, more);
    }
    if (bytes->size > 0) {
        memcpy(data, bytes->data, bytes->size);
    }
    free(bytes->data);
    bytes->data = data;
    bytes->capacity = capacity;
    return CS_OK;
}

cs_status cs_bytes_append(cs_bytes *bytes, const void *data, size_t size, cs_error *err)
{
    CS_TRY(cs_bytes_reserve(bytes, size, err));
    if (size > 0) {
        memcpy(bytes->data + bytes->size, data, size);
    }
    bytes->size += size;
    return CS_OK;
}

void cs_bytes_free(cs_bytes *bytes)
{
    free(bytes->data);
    *bytes = (cs_bytes){0};
}

cs_reader cs_reader_make(const void *data, size_t size)
{
    const unsigned char *at = data;
    return (cs_reader){.at = at, .end = at + size};
}

cs_status cs_reader_take(cs_reader *reader, const void **data, size_t size, cs_error *err)
{
    if (size > (size_t)(reader->end - reader->at)) {
        return cs_fail(err, CS_INTERNAL, "a message ends %zu bytes too early",
                       size - (size_t)(reader->end - reader->at));
    }
    *data = reader->at;
    reader->at += size;
    return CS_OK;
}

cs_status cs_reader_copy(cs_reader *reader, void *out, size_t size, cs_error *err)
{
    const void *data = NULL;
    CS_TRY(cs_reader_take(reader, &data, size, err));
    if (size > 0) {
        memcpy(out, data, size);
    }
    return CS_OK;
}
