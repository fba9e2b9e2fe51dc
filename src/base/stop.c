/* SPDX-License-Identifier: MIT */
#include "base/stop.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/status.h"

enum { NOTE_LENGTH = 4096 };

/* What a handler touches is atomic and without a lock. */
static struct {
    atomic_int cause;
    atomic_llong since; /* ns of CLOCK_MONOTONIC; valid once cause is set */
    atomic_int n_interrupts;
    atomic_bool is_noted;
    double grace;    /* s */
    long long limit; /* ns of CLOCK_MONOTONIC; 0: none */
    size_t note_length;
    char note[NOTE_LENGTH];
} stop = {.grace = 10.0};

static long long now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void write_note(void)
{
    if (stop.note_length > 0 && !atomic_exchange(&stop.is_noted, true)) {
        cs_log_write(stop.note, stop.note_length);
    }
}

void cs_stop_request(int cause)
{
    int none = CS_STOP_NONE;
    if (atomic_load(&stop.cause) == CS_STOP_NONE) {
        atomic_store(&stop.since, now_ns()); /* several at once differ by nothing that matters */
    }
    atomic_compare_exchange_strong(&stop.cause, &none, cause);
    if (cause != CS_STOP_FAILURE) {
        write_note();
    }
}

void cs_stop_forget_failure(void)
{
    int failure = CS_STOP_FAILURE;
    atomic_compare_exchange_strong(&stop.cause, &failure, CS_STOP_NONE);
}

static void on_signal(int number)
{
    const int saved_errno = errno;
    if (number == SIGINT && atomic_fetch_add(&stop.n_interrupts, 1) > 0) {
        _exit(cs_status_exit(CS_INTERRUPTED));
    }
    cs_stop_request(number);
    errno = saved_errno;
}

void cs_stop_listen(void)
{
    const int numbers[] = {SIGINT, SIGTERM, SIGUSR1};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        sigaction(numbers[i], &action, NULL);
    }
}

void cs_stop_set_grace(double seconds)
{
    stop.grace = seconds;
}

double cs_stop_grace(void)
{
    return stop.grace;
}

void cs_stop_set_limit(double seconds)
{
    stop.limit = seconds > 0.0 ? now_ns() + (long long)(seconds * 1e9) : 0;
}

void cs_stop_set_note(const char *line)
{
    stop.note_length = 0;
    if (line != NULL) {
        const size_t length = strnlen(line, NOTE_LENGTH - 1);
        memcpy(stop.note, line, length);
        stop.note[length] = '\n';
        stop.note_length = length + 1;
    }
    if (atomic_load(&stop.cause) != CS_STOP_NONE) {
        write_note();
    }
}

int cs_stop_requested(void)
{
    const int cause = atomic_load(&stop.cause);
    if (cause == CS_STOP_NONE && stop.limit != 0 && now_ns() >= stop.limit) {
        cs_stop_request(CS_STOP_WALLTIME);
        return atomic_load(&stop.cause);
    }
    return cause;
}

bool cs_stop_grace_is_over(void)
{
    const int cause = cs_stop_requested();
    const double seconds = (double)(now_ns() - atomic_load(&stop.since)) * 1e-9;
    return cause == CS_STOP_FAILURE || (cause != CS_STOP_NONE && seconds >= stop.grace);
}

const char *cs_stop_cause_name(int cause)
{
    switch (cause) {
    case CS_STOP_WALLTIME:
        return "the limit of --walltime";
    case CS_STOP_FAILURE:
        return "a failure";
    case SIGINT:
        return "SIGINT";
    case SIGTERM:
        return "SIGTERM";
    case SIGUSR1:
        return "SIGUSR1";
    default:
        return "a signal";
    }
}
