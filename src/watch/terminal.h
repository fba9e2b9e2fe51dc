/* SPDX-License-Identifier: MIT */
/**
 * Standard error as it is: a terminal or not, how wide, and a text to it in one write(2).
 *
 * Inside of watch; other floors log by base/log.h. Local. Thread-safe.
 */
#ifndef CS_WATCH_TERMINAL_H
#define CS_WATCH_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/** Whether standard error is a terminal that can move its cursor (TERM is not "dumb"). */
bool cs_terminal_is_there(void);

/** Columns of the terminal; 80 where it does not tell. */
size_t cs_terminal_columns(void);

/** Writes the text, by one write(2) as long as the system takes it whole. Never fails loudly. */
void cs_terminal_write(const char *text, size_t length);

#endif
