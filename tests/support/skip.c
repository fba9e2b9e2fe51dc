/* SPDX-License-Identifier: MIT */
#include "skip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static int n_skipped;

void skip_because(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("SKIP ", stdout);
    vprintf(format, arguments);
    putchar('\n');
    va_end(arguments);
    fflush(stdout);
    n_skipped++;
    skip();
}

int skip_exit_status(int n_failed)
{
    const int ctest_skipped = 77; /* SKIP_RETURN_CODE in tests/CMakeLists.txt */
    return n_failed != 0 ? 1 : n_skipped > 0 ? ctest_skipped : 0;
}
