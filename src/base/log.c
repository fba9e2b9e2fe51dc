/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_LENGTH = 2048 };

static struct {
    char program[32];
    int rank;
    cs_log_level level;
} logger = {.program = "catchsim", .level = CS_LOG_INFO};

void cs_log_setup(const char *program, int rank, cs_log_level level)
{
    snprintf(logger.program, sizeof logger.program, "%s", program);
    logger.rank = rank;
    logger.level = level;
}

cs_log_level cs_log_get_level(void)
{
    return logger.level;
}

static size_t prefix(char line[LINE_LENGTH], cs_log_level level)
{
    int used = logger.rank == 0
                   ? snprintf(line, LINE_LENGTH, "%s: ", logger.program)
                   : snprintf(line, LINE_LENGTH, "%s[%d]: ", logger.program, logger.rank);
    const char *word = level == CS_LOG_ERROR     ? "error: "
                       : level == CS_LOG_WARNING ? "warning: "
                                                 : "";
    used += snprintf(line + used, LINE_LENGTH - (size_t)used, "%s", word);
    return (size_t)used;
}

void cs_log_write(const char *text, size_t length)
{
    while (length > 0) {
        const ssize_t written = write(STDERR_FILENO, text, length);
        if (written < 0 && errno != EINTR) {
            return; /* nowhere left to complain */
        }
        if (written > 0) {
            text += written;
            length -= (size_t)written;
        }
    }
}

void cs_log(cs_log_level level, const char *format, ...)
{
    if (level > logger.level) {
        return;
    }
    const int saved_errno = errno;
    char line[LINE_LENGTH];
    size_t used = prefix(line, level);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + used, sizeof line - used - 1, format, arguments);
    va_end(arguments);
    used = strlen(line);
    for (size_t i = 0; i < used; i++) {
        if (line[i] == '\n' || line[i] == '\r') {
            line[i] = ' ';
        }
    }
    line[used] = '\n';
    cs_log_write(line, used + 1);
    errno = saved_errno;
}
