/* SPDX-License-Identifier: MIT */
/**
 * Words for a shell.
 */
#ifndef CS_TEXT_QUOTE_H
#define CS_TEXT_QUOTE_H

#include "base/memory.h"

/**
 * Appends a word so that a POSIX shell reads it back as it is: in single quotes unless it consists
 * of letters, digits and @%+=:,./-_ only. Not terminated. Thread-safe. Errors: CS_MEMORY.
 */
cs_status cs_text_quote(cs_bytes *out, const char *word, cs_error *err);

#endif
