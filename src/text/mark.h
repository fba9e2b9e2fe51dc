/* SPDX-License-Identifier: MIT */
/**
 * The byte order mark that programs of Windows put before a text in UTF-8.
 */
#ifndef CS_TEXT_MARK_H
#define CS_TEXT_MARK_H

#include <stddef.h>

/** How many bytes at the beginning of a text are such a mark: 3 or 0. Thread-safe. */
size_t cs_text_mark(const char *text, size_t size);

#endif
