/* SPDX-License-Identifier: MIT */
#include "watch/progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "watch/clock.h"
#include "watch/terminal.h"

static const double LINE_PERIOD = 5.0;   /* s */
static const double BAR_PERIOD = 0.1;    /* s */
static const double MEMORY_OF_RATE = 20; /* s, e-folding: some lines, many blocks */

enum { BAR_LENGTH = 30, TEXT_LENGTH = 512, TIME_LENGTH = 32 };

static double (*clock_now)(void) = cs_now; /* only tests set it */

void cs_progress_set_clock(double (*now)(void))
{
    clock_now = now != NULL ? now : cs_now;
}

cs_status cs_progress_parse(cs_progress_mode *mode, const char *text, cs_error *err)
{
    static const struct {
        const char *text;
        cs_progress_mode mode;
    } modes[] = {{"auto", CS_PROGRESS_AUTO},
                 {"bar", CS_PROGRESS_BAR},
                 {"lines", CS_PROGRESS_LINES},
                 {"none", CS_PROGRESS_NONE}};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(text, modes[i].text) == 0) {
            *mode = modes[i].mode;
            return CS_OK;
        }
    }
    return cs_fail(err, CS_USAGE, "--progress=%s: expected auto, bar, lines or none", text);
}

static cs_progress_mode effective(cs_progress_mode mode)
{
    if (cs_log_get_level() < CS_LOG_INFO) {
        return CS_PROGRESS_NONE;
    }
    if (mode == CS_PROGRESS_AUTO || mode == CS_PROGRESS_BAR) {
        return cs_terminal_is_there() ? CS_PROGRESS_BAR : CS_PROGRESS_LINES;
    }
    return mode;
}

static double period(const cs_progress *progress)
{
    return progress->mode == CS_PROGRESS_BAR ? BAR_PERIOD : LINE_PERIOD;
}

void cs_progress_open(cs_progress *progress, cs_progress_mode mode, const char *label,
                      int64_t n_total, const char *unit)
{
    const double now = clock_now();
    *progress = (cs_progress){.mode = effective(mode),
                              .label = label,
                              .unit = unit,
                              .n_total = n_total,
                              .opened = now,
                              .sampled = now};
    progress->next = now + period(progress);
}

void cs_progress_skip(cs_progress *progress, int64_t n_before)
{
    progress->n_before = n_before;
    progress->n_done = n_before;
    progress->n_sampled = n_before;
}

/* Numerator and denominator fade alike, so the rate is right from the first sample on. */
static void sample_rate(cs_progress *progress, double now)
{
    const double seconds = now - progress->sampled;
    const double kept = exp(-seconds / MEMORY_OF_RATE);
    const double done = (double)(progress->n_done - progress->n_sampled);
    progress->recent_done = progress->recent_done * kept + done;
    progress->recent_seconds = progress->recent_seconds * kept + seconds;
    progress->sampled = now;
    progress->n_sampled = progress->n_done;
}

static double per_second(double done, double seconds)
{
    return seconds > 0.0 ? done / seconds : 0.0;
}

static double percent(const cs_progress *progress)
{
    return 100.0 * (double)progress->n_done / (double)progress->n_total;
}

/* Seconds left, negative if nobody knows. */
static double time_left(const cs_progress *progress, double rate)
{
    if (progress->n_total <= 0 || rate <= 0.0) {
        return -1.0;
    }
    const int64_t n_left = progress->n_total - progress->n_done;
    return n_left > 0 ? (double)n_left / rate : 0.0;
}

static void log_line(const cs_progress *progress, double rate)
{
    const double left = time_left(progress, rate);
    char eta[32] = "unknown";
    if (left >= 0.0) {
        snprintf(eta, sizeof eta, "%.1f", left);
    }
    if (progress->n_total > 0) {
        cs_log(CS_LOG_INFO,
               "progress %s done=%" PRId64 " total=%" PRId64
               " unit=%s percent=%.1f rate=%.1f eta=%s",
               progress->label, progress->n_done, progress->n_total, progress->unit,
               percent(progress), rate, eta);
    } else {
        cs_log(CS_LOG_INFO, "progress %s done=%" PRId64 " unit=%s rate=%.1f", progress->label,
               progress->n_done, progress->unit, rate);
    }
}

static void format_time_left(char text[TIME_LENGTH], double left)
{
    if (left < 0.0 || left > 1e8) {
        snprintf(text, TIME_LENGTH, "?");
        return;
    }
    const long seconds = lround(ceil(left));
    snprintf(text, TIME_LENGTH, "%ld:%02ld:%02ld", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

static void format_bar(char text[TEXT_LENGTH], const cs_progress *progress, double rate)
{
    if (progress->n_total <= 0) {
        snprintf(text, TEXT_LENGTH, "%s %" PRId64 " %s %.1f/s", progress->label, progress->n_done,
                 progress->unit, rate);
        return;
    }
    char bar[BAR_LENGTH + 1];
    char left[TIME_LENGTH];
    const double share = fmin(fmax(percent(progress) / 100.0, 0.0), 1.0);
    const int filled = (int)(share * BAR_LENGTH);
    for (int i = 0; i < BAR_LENGTH; i++) {
        bar[i] = i < filled ? '#' : '.';
    }
    bar[BAR_LENGTH] = '\0';
    format_time_left(left, time_left(progress, rate));
    snprintf(text, TEXT_LENGTH, "%s [%s] %3.0f%% %" PRId64 "/%" PRId64 " %s %.1f/s left %s",
             progress->label, bar, floor(100.0 * share), progress->n_done, progress->n_total,
             progress->unit, rate, left);
}

/* ESC[K clears to the end of the line; the carriage return lets a line of the log replace it. */
static void draw_bar(const cs_progress *progress, double rate)
{
    char text[TEXT_LENGTH];
    char line[TEXT_LENGTH + 8];
    format_bar(text, progress, rate);
    const int columns = (int)fmin((double)cs_terminal_columns(), (double)TEXT_LENGTH);
    const int length = snprintf(line, sizeof line, "\r%.*s\033[K\r", columns - 1, text);
    cs_log_write(line, (size_t)length);
}

void cs_progress_update(cs_progress *progress, int64_t n_done)
{
    progress->n_done = n_done;
    if (progress->mode == CS_PROGRESS_NONE) {
        return;
    }
    const double now = clock_now();
    if (now < progress->next) {
        return;
    }
    progress->next = now + period(progress);
    sample_rate(progress, now);
    const double rate = per_second(progress->recent_done, progress->recent_seconds);
    if (progress->mode == CS_PROGRESS_BAR) {
        draw_bar(progress, rate);
    } else {
        log_line(progress, rate);
    }
}

static void log_last_line(const cs_progress *progress)
{
    const double seconds = clock_now() - progress->opened;
    const double rate = per_second((double)(progress->n_done - progress->n_before), seconds);
    if (progress->n_total > 0) {
        cs_log(
            CS_LOG_INFO,
            "%s %s done=%" PRId64 " total=%" PRId64 " unit=%s percent=%.1f seconds=%.3f rate=%.1f",
            progress->n_done < progress->n_total ? "stopped" : "finished", progress->label,
            progress->n_done, progress->n_total, progress->unit, percent(progress), seconds, rate);
    } else {
        cs_log(CS_LOG_INFO, "finished %s done=%" PRId64 " unit=%s seconds=%.3f rate=%.1f",
               progress->label, progress->n_done, progress->unit, seconds, rate);
    }
}

void cs_progress_close(cs_progress *progress)
{
    static const char CLEAR[] = "\r\033[K";
    if (progress->mode == CS_PROGRESS_NONE) {
        return;
    }
    if (progress->mode == CS_PROGRESS_BAR) {
        cs_log_write(CLEAR, sizeof CLEAR - 1);
    }
    log_last_line(progress);
    progress->mode = CS_PROGRESS_NONE;
}
