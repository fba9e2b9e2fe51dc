/* SPDX-License-Identifier: MIT */
#include "pipe/stream.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/log.h"
#include "pipe/queue.h"
#include "pipe/throttle.h"
#include "watch/clock.h"

/* Bytes that a queue of single lines holds at most, whatever its depth. */
static const size_t QUEUE_BYTES = (size_t)64 << 20;

/* Of a pipe that is read: what an unprivileged process may ask for. The default is 64 KiB. */
enum { PIPE_BYTES = 1 << 20 };

struct cs_stream {
    cs_stream_plan plan;
    cs_queue *queue;
    pthread_t producer;
    pthread_t *consumers; /* [n_consumers] */
    size_t n_consumers;
    cs_status produced, consumed;
    cs_error producer_error, consumer_error; /* of the consumers the first one's */
    pthread_mutex_t takes;                   /* one consumer at a time takes */
    cs_throttle throttle;                    /* under it */
    uint64_t n_taken;                        /* likewise */
    pthread_mutex_t turns;
    pthread_cond_t turn;
    uint64_t n_written; /* items, by consumers in turn; under the lock `turns`, as what follows */
    size_t n_active;    /* consumers that are not at their end */
    bool failed;        /* one of them */
};

/* ---- producer ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Copies a part of a chunk into the queue; *is_open: whether somebody still wants it. */
static cs_status put(cs_stream *stream, const cs_chunk *part, bool is_blank_part, bool *is_open,
                     cs_error *err)
{
    cs_item item = {.n_bytes = part->n_bytes,
                    .is_cut = part->is_cut,
                    .last = part->last,
                    .is_blank = is_blank_part};
    CS_TRY(cs_bytes_reserve(&item.text, part->size + CSK_SCAN_PADDING, err));
    memcpy(item.text.data, part->data, part->size);
    memset(item.text.data + part->size, 0, CSK_SCAN_PADDING);
    item.text.size = part->size;
    *is_open = cs_queue_put(stream->queue, &item);
    return CS_OK;
}

/* Line by line; blank lines go with the line behind them. */
static cs_status put_lines(cs_stream *stream, const cs_chunk *chunk, bool *is_open, cs_error *err)
{
    const char *const end = chunk->data + chunk->size;
    for (const char *begin = chunk->data; begin < end && *is_open;) {
        const char *text = begin;
        while (text < end && is_blank(*text)) {
            text++;
        }
        const char *line_end = memchr(text, '\n', (size_t)(end - text));
        line_end = line_end == NULL ? end : line_end + 1;
        const size_t size = (size_t)(line_end - begin);
        const cs_chunk line = {.data = begin, .size = size, .n_bytes = size};
        CS_TRY(put(stream, &line, text == end, is_open, err));
        begin = line_end;
    }
    return CS_OK;
}

static cs_status produce(cs_stream *stream, cs_lines *lines, cs_error *err)
{
    const bool by_line = stream->plan.throttle > 0;
    cs_lines_begin(lines, &stream->plan.input, 0, UINT64_MAX);
    fcntl(stream->plan.input.file, F_SETPIPE_SZ,
          PIPE_BYTES); /* if it may not, or is no pipe: slower */
    for (bool is_open = true; is_open;) {
        cs_chunk chunk;
        bool more = false;
        CS_TRY(cs_lines_next(lines, &chunk, &more, err));
        if (!more) {
            return CS_OK;
        }
        CS_TRY(by_line && !chunk.is_cut ? put_lines(stream, &chunk, &is_open, err)
                                        : put(stream, &chunk, false, &is_open, err));
    }
    return CS_OK;
}

static void *run_producer(void *argument)
{
    cs_stream *stream = argument;
    cs_lines lines = {0};
    stream->produced = produce(stream, &lines, &stream->producer_error);
    cs_lines_free(&lines);
    cs_queue_close(stream->queue);
    if (stream->produced != CS_OK) {
        cs_halt_set(stream->plan.halt);
    }
    return NULL;
}

/* ---- consumer ---- */

static void log_take(const cs_stream *stream, const cs_throttle_take *take, size_t n_queued)
{
    cs_log(CS_LOG_INFO, "stream=%s since_last=%.6f slept=%.6f queued=%zu fill=%.0f%%",
           stream->plan.tally->label, take->since_last, take->slept, n_queued,
           100.0 * (double)n_queued / (double)stream->plan.depth);
}

/* Takes the next item, when it is due: under the lock. */
static bool take_due(cs_stream *stream, cs_item *item)
{
    cs_throttle *throttle = &stream->throttle;
    size_t n_queued = 0;
    bool is_blank_item = false;
    if (throttle->period > 0 && !cs_queue_wait(stream->queue, &is_blank_item)) {
        return false;
    }
    if (throttle->period <= 0 || is_blank_item) {
        return cs_queue_take(stream->queue, item, &n_queued);
    }
    const cs_throttle_take how = cs_throttle_next(throttle, stream->plan.halt);
    if (cs_halt_is_set(stream->plan.halt) || !cs_queue_take(stream->queue, item, &n_queued)) {
        return false;
    }
    log_take(stream, &how, n_queued);
    return true;
}

/* Likewise, and numbers it. */
static bool take(cs_stream *stream, cs_item *item, uint64_t *number)
{
    pthread_mutex_lock(&stream->takes);
    const bool is_there = !cs_halt_is_set(stream->plan.halt) && take_due(stream, item);
    *number = stream->n_taken;
    stream->n_taken += is_there;
    pthread_mutex_unlock(&stream->takes);
    return is_there;
}

static cs_status extract(cs_extract_counts *counts, const cs_stream *stream, const cs_item *item,
                         cs_bytes *values, cs_bytes *rejects, cs_error *err)
{
    const cs_chunk chunk = {.data = (const char *)item->text.data,
                            .size = item->text.size,
                            .n_bytes = item->n_bytes,
                            .is_cut = item->is_cut,
                            .last = item->last};
    *counts = (cs_extract_counts){0};
    values->size = 0;
    rejects->size = 0;
    return cs_extract_chunk(counts, values, rejects, stream->plan.extract, &chunk, err);
}

/* Waits until all items before it are written; false: one of them failed, it never will be. Nobody
 * waits for an item that nobody works at: whoever took one writes it or fails. */
static bool wait_for_turn(cs_stream *stream, uint64_t number)
{
    pthread_mutex_lock(&stream->turns);
    while (!stream->failed && stream->n_written != number) {
        pthread_cond_wait(&stream->turn, &stream->turns);
    }
    const bool fine = !stream->failed;
    pthread_mutex_unlock(&stream->turns);
    return fine;
}

/* Hands the turn on, or tells the failure. */
static void end_turn(cs_stream *stream, cs_status status, const cs_error *err)
{
    pthread_mutex_lock(&stream->turns);
    if (status == CS_OK) {
        stream->n_written++;
    } else if (!stream->failed) {
        stream->failed = true;
        stream->consumed = status;
        stream->consumer_error = *err;
    }
    pthread_cond_broadcast(&stream->turn);
    pthread_mutex_unlock(&stream->turns);
}

/* Items are extracted side by side and written in their order. */
static void consume(cs_stream *stream)
{
    cs_bytes values = {0}, rejects = {0};
    cs_extract_counts counts;
    cs_error err = {0};
    cs_item item;
    uint64_t number = 0;
    bool go_on = true;
    while (go_on && take(stream, &item, &number)) {
        cs_status status = extract(&counts, stream, &item, &values, &rejects, &err);
        cs_bytes_free(&item.text);
        if (status == CS_OK) {
            go_on = wait_for_turn(stream, number);
            if (go_on) {
                status = cs_tally_add(stream->plan.tally, &counts, values.data, values.size,
                                      rejects.data, rejects.size, &err);
            }
        }
        if (go_on) {
            end_turn(stream, status, &err);
        }
        go_on = go_on && status == CS_OK;
    }
    cs_bytes_free(&values);
    cs_bytes_free(&rejects);
}

static void *run_consumer(void *argument)
{
    cs_stream *stream = argument;
    prctl(PR_SET_TIMERSLACK, 1000UL); /* ns; 50,000 by default. Of this thread only */
    consume(stream);
    pthread_mutex_lock(&stream->turns);
    const bool failed = stream->failed;
    const bool is_last = --stream->n_active == 0;
    pthread_mutex_unlock(&stream->turns);
    if (failed) {
        cs_halt_set(stream->plan.halt); /* the producer may wait for input, too */
    }
    cs_queue_end(stream->queue); /* no more items will come, or none is wanted */
    if (is_last) {
        pthread_join(stream->producer, NULL);
        stream->plan.tally->ended = cs_now();
        cs_halt_note_end(stream->plan.halt);
    }
    return NULL;
}

/* ---- the stream ---- */

/* As many consumers as there are to be had, if it is one at least. */
static int start_consumers(cs_stream *stream)
{
    int failure = 0;
    pthread_mutex_lock(&stream->turns); /* none ends before all are counted */
    while (failure == 0 && stream->n_consumers < stream->plan.n_consumers) {
        failure =
            pthread_create(&stream->consumers[stream->n_consumers], NULL, run_consumer, stream);
        stream->n_consumers += failure == 0;
    }
    stream->n_active = stream->n_consumers;
    pthread_mutex_unlock(&stream->turns);
    return stream->n_consumers > 0 ? 0 : failure;
}

static cs_status start_threads(cs_stream *stream, cs_error *err)
{
    int failure = pthread_create(&stream->producer, NULL, run_producer, stream);
    if (failure == 0) {
        failure = start_consumers(stream);
        if (failure != 0) {
            cs_queue_end(stream->queue);
            pthread_join(stream->producer, NULL);
        }
    }
    return failure == 0 ? CS_OK
                        : cs_fail(err, CS_INTERNAL, "cannot start the threads of a stream: %s",
                                  strerror(failure));
}

static void release(cs_stream *stream)
{
    cs_queue_free(stream->queue);
    pthread_mutex_destroy(&stream->takes);
    pthread_mutex_destroy(&stream->turns);
    pthread_cond_destroy(&stream->turn);
    free(stream->consumers);
    free(stream);
}

cs_status cs_stream_start(cs_stream **out, const cs_stream_plan *plan, cs_error *err)
{
    cs_stream *stream = NULL;
    sigset_t all, before;
    CS_TRY(cs_alloc(&stream, 1, sizeof *stream, "a stream", err));
    stream->plan = *plan;
    pthread_mutex_init(&stream->takes, NULL);
    pthread_mutex_init(&stream->turns, NULL);
    pthread_cond_init(&stream->turn, NULL);
    cs_throttle_begin(&stream->throttle, plan->throttle);
    cs_status status =
        cs_alloc(&stream->consumers, plan->n_consumers, sizeof(pthread_t), "consumers", err);
    if (status == CS_OK) {
        status = cs_queue_open(&stream->queue, plan->depth, QUEUE_BYTES, err);
    }
    if (status == CS_OK) {
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        status = start_threads(stream, err);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    if (status != CS_OK) {
        release(stream);
        return status;
    }
    *out = stream;
    return CS_OK;
}

cs_status cs_stream_join(cs_stream *stream, cs_error *err)
{
    if (stream == NULL) {
        return CS_OK;
    }
    for (size_t i = 0; i < stream->n_consumers; i++) {
        pthread_join(stream->consumers[i], NULL);
    }
    cs_status status = stream->consumed;
    if (status != CS_OK) {
        *err = stream->consumer_error;
    } else if (stream->produced != CS_OK) {
        status = stream->produced;
        *err = stream->producer_error;
    }
    release(stream);
    return status;
}
