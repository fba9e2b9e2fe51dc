/* SPDX-License-Identifier: MIT */
/**
 * Patterns of emission over the week, the day and the year, in UTC.
 *
 * A pattern is a factor for each of its parts with mean 1; a moment's factor is the product of the
 * patterns. Thread-safe, never fail, no memory.
 */
#ifndef CSK_SUBSTANCE_PATTERNS_H
#define CSK_SUBSTANCE_PATTERNS_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/substance/forcing.h"

enum { CSK_N_WEEKLY = 7, CSK_N_DAILY = 24, CSK_N_MONTHLY = 12 };

/* How far the mean of a pattern may be from 1. */
#define CSK_PATTERN_TOLERANCE 1e-9

/** A factor for every moment. */
typedef struct {
    double weekly[CSK_N_WEEKLY];   /* from Monday */
    double daily[CSK_N_DAILY];     /* hours from 0 UTC */
    double monthly[CSK_N_MONTHLY]; /* from January; months count alike, whatever their length */
} csk_patterns;

/** No pattern: all factors 1. */
csk_patterns csk_patterns_even(void);

/** Whether n factors may be a pattern: numbers >= 0 with mean 1. */
int csk_pattern_is_valid(const double *factors, size_t n);

/** The factor in the second (since 1970-01-01 00:00 UTC) that begins there. */
double csk_patterns_at(const csk_patterns *patterns, int64_t second);

/**
 * The mean factor over the seconds begin .. end - 1, exactly by its hours: what a row of any length
 * and at any place emits. Where end <= begin, the factor at begin.
 *
 * Cost: about 45 ns an hour touched.
 */
double csk_patterns_mean(const csk_patterns *patterns, int64_t begin, int64_t end);

/** The mean factor over row i of a clock; the bounds of rows are rounded to seconds. */
double csk_patterns_row(const csk_patterns *patterns, const csk_clock *clock, size_t i);

#endif
