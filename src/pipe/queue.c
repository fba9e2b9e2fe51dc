/* SPDX-License-Identifier: MIT */
#include "pipe/queue.h"

#include <pthread.h>
#include <stdlib.h>

struct cs_queue {
    pthread_mutex_t lock;
    pthread_cond_t has_room, has_item;
    cs_item *items; /* [depth], a ring */
    size_t depth, max_bytes;
    size_t first, n; /* the oldest one, and how many */
    size_t n_bytes;
    bool is_closed, is_ended;
};

cs_status cs_queue_open(cs_queue **out, size_t depth, size_t max_bytes, cs_error *err)
{
    cs_queue *queue = NULL;
    CS_TRY(cs_alloc(&queue, 1, sizeof *queue, "a queue", err));
    queue->depth = depth;
    queue->max_bytes = max_bytes;
    const cs_status status = cs_alloc(&queue->items, depth, sizeof(cs_item), "a queue", err);
    if (status != CS_OK) {
        free(queue);
        return status;
    }
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->has_room, NULL);
    pthread_cond_init(&queue->has_item, NULL);
    *out = queue;
    return CS_OK;
}

void cs_queue_free(cs_queue *queue)
{
    if (queue == NULL) {
        return;
    }
    for (; queue->n > 0; queue->n--) {
        cs_bytes_free(&queue->items[queue->first].text);
        queue->first = (queue->first + 1) % queue->depth;
    }
    pthread_cond_destroy(&queue->has_room);
    pthread_cond_destroy(&queue->has_item);
    pthread_mutex_destroy(&queue->lock);
    free(queue->items);
    free(queue);
}

static bool has_room(const cs_queue *queue, size_t size)
{
    return queue->n == 0 || (queue->n < queue->depth && size <= queue->max_bytes - queue->n_bytes &&
                             queue->n_bytes <= queue->max_bytes);
}

bool cs_queue_put(cs_queue *queue, cs_item *item)
{
    pthread_mutex_lock(&queue->lock);
    while (!queue->is_ended && !has_room(queue, item->text.size)) {
        pthread_cond_wait(&queue->has_room, &queue->lock);
    }
    const bool is_open = !queue->is_ended;
    if (is_open) {
        queue->items[(queue->first + queue->n) % queue->depth] = *item;
        queue->n++;
        queue->n_bytes += item->text.size;
        pthread_cond_signal(&queue->has_item);
    } else {
        cs_bytes_free(&item->text);
    }
    pthread_mutex_unlock(&queue->lock);
    *item = (cs_item){0};
    return is_open;
}

/* Under the lock. */
static bool wait_for_item(cs_queue *queue)
{
    while (queue->n == 0 && !queue->is_closed && !queue->is_ended) {
        pthread_cond_wait(&queue->has_item, &queue->lock);
    }
    return queue->n > 0 && !queue->is_ended;
}

bool cs_queue_wait(cs_queue *queue, bool *is_blank)
{
    pthread_mutex_lock(&queue->lock);
    const bool is_there = wait_for_item(queue);
    *is_blank = is_there && queue->items[queue->first].is_blank;
    pthread_mutex_unlock(&queue->lock);
    return is_there;
}

bool cs_queue_take(cs_queue *queue, cs_item *item, size_t *n_queued)
{
    pthread_mutex_lock(&queue->lock);
    const bool is_there = wait_for_item(queue);
    if (is_there) {
        *n_queued = queue->n;
        *item = queue->items[queue->first];
        queue->first = (queue->first + 1) % queue->depth;
        queue->n--;
        queue->n_bytes -= item->text.size;
        pthread_cond_signal(&queue->has_room);
    }
    pthread_mutex_unlock(&queue->lock);
    return is_there;
}

static void set(cs_queue *queue, bool *flag)
{
    pthread_mutex_lock(&queue->lock);
    *flag = true;
    pthread_cond_broadcast(&queue->has_room);
    pthread_cond_broadcast(&queue->has_item);
    pthread_mutex_unlock(&queue->lock);
}

void cs_queue_close(cs_queue *queue)
{
    set(queue, &queue->is_closed);
}

void cs_queue_end(cs_queue *queue)
{
    set(queue, &queue->is_ended);
}
