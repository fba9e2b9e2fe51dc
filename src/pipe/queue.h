/* SPDX-License-Identifier: MIT */
/**
 * The bounded queue of a stream: a producer puts items in, consumers take them out, and whoever
 * is too fast waits.
 */
#ifndef CS_PIPE_QUEUE_H
#define CS_PIPE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

/** One line, or a block of them. */
typedef struct {
    cs_bytes text;    /* with CSK_SCAN_PADDING readable bytes behind */
    uint64_t n_bytes; /* of the input that this is */
    bool is_cut;      /* as in a cs_chunk */
    char last;
    bool is_blank; /* nothing but blanks: counted, but no item to its user */
} cs_item;

typedef struct cs_queue cs_queue;

/**
 * Opens a queue.
 *
 * @param depth     [in] items that it holds at most, >= 1
 * @param max_bytes [in] bytes that it holds at most, unless one item alone is larger
 * Errors: CS_MEMORY.
 */
cs_status cs_queue_open(cs_queue **queue, size_t depth, size_t max_bytes, cs_error *err);

/** Releases with all that is left in it; NULL is fine. */
void cs_queue_free(cs_queue *queue);

/**
 * Puts an item in, waiting for room. Thread-safe.
 *
 * @param item [in,out] is taken over and left empty, also if the queue is ended
 * @return false: the queue is ended
 */
bool cs_queue_put(cs_queue *queue, cs_item *item);

/**
 * Takes the oldest item, waiting for one. Thread-safe.
 *
 * @param item     [out] the caller's, released by cs_bytes_free(&item->text)
 * @param n_queued [out] items that were there, this one included
 * @return false: there will be none, since the queue is closed and empty, or ended
 */
bool cs_queue_take(cs_queue *queue, cs_item *item, size_t *n_queued);

/** Waits for an item without taking it, as cs_queue_take; tells whether it is blank. */
bool cs_queue_wait(cs_queue *queue, bool *is_blank);

/** No more items will come: what is there may be taken. Thread-safe. */
void cs_queue_close(cs_queue *queue);

/** Ends it: nobody waits any more. Thread-safe. */
void cs_queue_end(cs_queue *queue);

#endif
