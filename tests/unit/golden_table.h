/* SPDX-License-Identifier: MIT */
/*
 * Golden tables of the shared folder and comparison with them, for the tests that run models
 * against the output of real model servers. Without the shared folder a test skips.
 */
#ifndef CATCHSIM_TESTS_GOLDEN_TABLE_H
#define CATCHSIM_TESTS_GOLDEN_TABLE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "skip.h"

enum { N_ROWS = 720, MAX_COLUMNS = 16, LINE_LENGTH = 512 };

/* A tab-separated table with a header; what is no number is NaN. */
typedef struct {
    size_t n_columns;
    char name[MAX_COLUMNS][24];
    double value[MAX_COLUMNS][N_ROWS];
} table;

static FILE *open_golden(const char *name)
{
    const char *shared = getenv("CATCHSIM_SHARED");
    char path[1024];
    if (shared != NULL) {
        snprintf(path, sizeof path, "%s/golden/%s", shared, name);
    } else {
        snprintf(path, sizeof path, "%s/../shared/golden/%s", CS_SOURCE_DIR, name);
    }
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        skip_because("no shared data: golden/%s (CATCHSIM_SHARED names their folder)", name);
    }
    return file;
}

static double number(const char *text)
{
    char *end;
    const double x = strtod(text, &end);
    return end == text || *end != '\0' ? (double)NAN : x;
}

/* Splits a line at its tabs; empty fields count. Returns their number. */
static size_t split(char *line, char *field[MAX_COLUMNS])
{
    size_t n = 0;
    char *rest = line;
    for (char *next; n < MAX_COLUMNS && (next = strsep(&rest, "\t")) != NULL;) {
        next[strcspn(next, "\r\n")] = '\0';
        field[n++] = next;
    }
    return n;
}

static void read_table(table *t, const char *name)
{
    FILE *file = open_golden(name);
    char line[LINE_LENGTH];
    char *field[MAX_COLUMNS];
    assert_non_null(fgets(line, sizeof line, file));
    t->n_columns = split(line, field);
    for (size_t k = 0; k < t->n_columns; k++) {
        snprintf(t->name[k], sizeof t->name[k], "%s", field[k]);
    }
    size_t n_rows = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        assert_true(n_rows < N_ROWS);
        assert_int_equal(split(line, field), t->n_columns);
        for (size_t k = 0; k < t->n_columns; k++) {
            t->value[k][n_rows] = number(field[k]);
        }
        n_rows++;
    }
    fclose(file);
    assert_int_equal(n_rows, N_ROWS);
}

/* The column whose name begins so ("Conc": Conc_<id>). */
static const double *column(const table *t, const char *prefix)
{
    for (size_t k = 0; k < t->n_columns; k++) {
        if (strncmp(t->name[k], prefix, strlen(prefix)) == 0) {
            return t->value[k];
        }
    }
    fail_msg("no column %s", prefix);
    return NULL;
}

/* Largest difference as part of the golden column's largest value. */
static double difference(const table *golden, const char *prefix, const double *ours)
{
    const double *expected = column(golden, prefix);
    double scale = 0.0;
    double worst = 0.0;
    for (size_t i = 0; i < N_ROWS; i++) {
        scale = fmax(scale, fabs(expected[i]));
        const double error = fabs(ours[i] - expected[i]);
        if (!(error <= worst)) { /* also where it is NaN */
            worst = error;
        }
    }
    assert_true(scale > 0.0);
    print_message("%-10s differs by %.2e of %g\n", prefix, worst / scale, scale);
    return worst / scale;
}

static void assert_column(const table *golden, const char *prefix, const double *ours,
                          double tolerance)
{
    assert_true(difference(golden, prefix, ours) <= tolerance);
}

/*
 * The rate of application, and with it the change of the stocks, jumps inside the rows where the
 * temperature sum passes the objective. There the server is off by its own tolerance: in case 2 of
 * the herbicide its M by 1.6e-8 g/m2, in an hour 3.7e-7 g/m2/d, or 2.5e-4 of the largest rate; its
 * f_applic of that row by 4.6e-4. (From T_sum 29.8023 at 8.01 degC the onset at 30 leaves
 * 0.0169847 d of that row, which with f = Mtot/14 M/(M + 0.01 Mtot) is our 6.0485e-4 g/m2/d.) In
 * case 2 of the pesticide the sum passes the objective up and down, five times while there is no
 * rain.
 */
static void assert_but_for_jumps(const table *golden, const char *prefix, const double *ours,
                                 const char *sum_prefix, double objective)
{
    static double without[N_ROWS];
    const double *sum = column(golden, sum_prefix);
    const double *expected = column(golden, prefix);
    size_t n_jumps = 0;
    for (size_t i = 0; i < N_ROWS; i++) {
        const int is_jump = i > 0 && (sum[i - 1] > objective) != (sum[i] > objective);
        without[i] = is_jump ? expected[i] : ours[i];
        n_jumps += is_jump ? 1 : 0;
    }
    assert_true(n_jumps > 0 && n_jumps <= 10);
    assert_column(golden, prefix, without, 1e-4);
    assert_column(golden, prefix, ours, 5e-4);
}

#endif
