/* SPDX-License-Identifier: MIT */
/**
 * The identity of a work: what must be the same for a run to go on where another one ended.
 *
 * A text of lines `name=value`, so that a mismatch can be told by name. Zero-initialised it is
 * empty; released by cs_bytes_free. Not thread-safe.
 */
#ifndef CS_JOURNAL_IDENTITY_H
#define CS_JOURNAL_IDENTITY_H

#include "base/memory.h"

/**
 * Appends a line; the text is terminated behind its last byte, which `size` does not count.
 *
 * @param name [in] distinct, without "=" or newlines; newlines of the value become blanks
 * Errors: CS_MEMORY.
 */
cs_status cs_identity_add(cs_bytes *identity, cs_error *err, const char *name, const char *format,
                          ...) __attribute__((format(printf, 4, 5)));

/** The text; "" if nothing was added. */
const char *cs_identity_text(const cs_bytes *identity);

/**
 * Compares the identity that something was made with and the one that is wanted.
 *
 * @param where [in] names what it was made for: a path
 * Errors: CS_DATA, naming the first line that differs with both values.
 */
cs_status cs_identity_match(const char *before, const char *now, const char *where, cs_error *err);

#endif
