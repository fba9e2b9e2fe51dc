/* SPDX-License-Identifier: MIT */
#include "model/external_verdict.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIGNAL_EXIT = 128, MAX_SAID = 500 };

static void explain(char *text, size_t size, const cs_program_end *end, const cs_error *reason)
{
    if (reason != NULL) {
        snprintf(text, size, "%s", reason->message);
        return;
    }
    switch ((cs_program_fate)end->fate) {
    case CS_PROGRAM_NOT_STARTED:
        snprintf(text, size, "the program cannot be started: %s", strerror(end->code));
        return;
    case CS_PROGRAM_TIMED_OUT:
        snprintf(text, size, "timed out: killed after %.1f s", end->seconds);
        return;
    case CS_PROGRAM_UNWATCHED:
        snprintf(text, size,
                 "the process that watches over the program was killed, and with it the program; "
                 "did it kill its parent?");
        return;
    case CS_PROGRAM_FILLED:
    case CS_PROGRAM_SIGNALLED:
        snprintf(text, size, "killed by signal %d (%s)", end->code, strsignal(end->code));
        return;
    case CS_PROGRAM_EXITED:
        snprintf(text, size, "exit status %d", end->code);
        return;
    }
}

/* The last lines of what the program printed, in one line of plain characters. */
static cs_status append_said(cs_bytes *message, const cs_program_end *end, cs_error *err)
{
    char text[MAX_SAID];
    size_t n = 0;
    const char *at = end->tail, *stop = end->tail + end->n_tail;
    at += end->n_tail > MAX_SAID - 1 ? end->n_tail - (MAX_SAID - 1) : 0;
    for (; at < stop; at++) {
        const unsigned char c = (unsigned char)*at;
        const char clean = c < 0x20 || c == 0x7f ? ' ' : c >= 0x80 ? '?' : *at;
        if (clean != ' ' || (n > 0 && text[n - 1] != ' ')) {
            text[n++] = clean;
        }
    }
    while (n > 0 && text[n - 1] == ' ') {
        n--;
    }
    if (n == 0) {
        return CS_OK;
    }
    static const char BETWEEN[] = "; it said: ";
    CS_TRY(cs_bytes_append(message, BETWEEN, sizeof BETWEEN - 1, err));
    return cs_bytes_append(message, text, n, err);
}

/* Bytes and lines of a plain file; nothing of what is none. */
static void measure(size_t *n_bytes, size_t *n_lines, const char *path)
{
    char buffer[65536];
    struct stat about;
    *n_bytes = 0;
    *n_lines = 0;
    const int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    const bool is_plain = file >= 0 && fstat(file, &about) == 0 && S_ISREG(about.st_mode);
    for (ssize_t n = is_plain ? 1 : 0; n > 0; *n_bytes += n > 0 ? (size_t)n : 0) {
        n = read(file, buffer, sizeof buffer);
        for (ssize_t k = 0; k < n; k++) {
            *n_lines += buffer[k] == '\n';
        }
    }
    if (file >= 0) {
        close(file);
    }
}

cs_status cs_external_partial(cs_bytes *message, const char *path, size_t n_time, cs_error *err)
{
    char text[96];
    size_t n_bytes = 0, n_lines = 0;
    measure(&n_bytes, &n_lines, path);
    if (n_bytes == 0) {
        return CS_OK;
    }
    const int length =
        snprintf(text, sizeof text, "; it had written %zu of %zu rows, %zu bytes",
                 n_lines > 0 ? n_lines - 1 : 0, n_time, n_bytes); /* the first line is the head */
    return cs_bytes_append(message, text, (size_t)length, err);
}

cs_status cs_external_verdict(cs_run_record *record, cs_bytes *message, const cs_program_end *end,
                              cs_status status, const cs_error *reason, cs_error *err)
{
    const bool ended = end->fate == CS_PROGRAM_EXITED;
    char text[CS_ERROR_LENGTH + 64];
    record->seconds = end->seconds;
    record->exit = ended                                 ? end->code
                   : end->fate == CS_PROGRAM_NOT_STARTED ? 127
                                                         : SIGNAL_EXIT + end->code;
    message->size = 0;
    if (status == CS_OK && ended && end->code == 0) {
        record->status = CS_RUN_OK;
        return CS_OK;
    }
    record->status = end->fate == CS_PROGRAM_TIMED_OUT ? CS_RUN_TIMEOUT : CS_RUN_FAILED;
    explain(text, sizeof text, end, status != CS_OK ? reason : NULL);
    CS_TRY(cs_bytes_append(message, text, strlen(text), err));
    return append_said(message, end, err);
}
