/* SPDX-License-Identifier: MIT */
/**
 * Whether bytes are UTF-8 (RFC 3629: shortest forms only, no surrogates, at most U+10FFFF).
 */
#ifndef CS_RECORD_UTF8_H
#define CS_RECORD_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/** Thread-safe. */
bool cs_is_utf8(const char *text, size_t length);

#endif
