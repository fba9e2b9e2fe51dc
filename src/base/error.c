/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 3, 0))) static void record(cs_error *err, cs_status status,
                                                         const char *format, va_list arguments)
{
    if (err == NULL) {
        return;
    }
    err->status = (int)status;
    vsnprintf(err->message, sizeof err->message, format, arguments);
    for (char *c = err->message; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            *c = ' ';
        }
    }
}

cs_status cs_fail(cs_error *err, cs_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    record(err, status, format, arguments);
    va_end(arguments);
    return status;
}

cs_status cs_fail_errno(cs_error *err, cs_status status, const char *format, ...)
{
    const int number = errno;
    va_list arguments;
    va_start(arguments, format);
    record(err, status, format, arguments);
    va_end(arguments);
    if (err != NULL) {
        const size_t used = strlen(err->message);
        snprintf(err->message + used, sizeof err->message - used, ": %s", strerror(number));
    }
    return status;
}

_Noreturn void cs_broken_invariant(const char *condition, const char *file, int line)
{
    fprintf(stderr, "catchsim: internal error: %s:%d: broken invariant: %s\n", file, line,
            condition);
    abort();
}
