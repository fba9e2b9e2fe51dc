/* SPDX-License-Identifier: MIT */
/**
 * Standard error as it is: a terminal or not, and how wide.
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

#endif
