/* SPDX-License-Identifier: MIT */
/**
 * The logger: one line per event on stderr, levelled, prefixed by the rank where it is not rank 0.
 *
 * A line is `catchsim: message key=value ...`, on other ranks `catchsim[3]: ...`; warnings and
 * errors say so. Lines are written by one write(2) each, so lines of several ranks do not mix.
 * Results never go through the logger. Thread-safe once it is set up.
 */
#ifndef CS_BASE_LOG_H
#define CS_BASE_LOG_H

#include <stddef.h>

typedef enum {
    CS_LOG_ERROR,   /* the run ends */
    CS_LOG_WARNING, /* the run goes on, the user should know */
    CS_LOG_INFO,    /* what happens; not with --quiet */
    CS_LOG_DEBUG,   /* only with --verbose */
} cs_log_level;

/** Sets the program's name and rank and the highest level that is printed. Not thread-safe. */
void cs_log_setup(const char *program, int rank, cs_log_level level);

/** The highest level that is printed. */
cs_log_level cs_log_get_level(void);

/** Logs one event. Newlines in it become blanks; at most about 2 KiB. */
void cs_log(cs_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Writes a text that is no event (a bar, a monitor's line) to stderr, by one write(2) as long as
 * the system takes it whole. Never fails loudly. */
void cs_log_write(const char *text, size_t length);

#endif
