/* SPDX-License-Identifier: MIT */
#include "kernels/network/network.h"

#include <stdlib.h>
#include <string.h>

/* An id and where it stands, for the search of ids. */
typedef struct {
    int64_t id;
    size_t place;
} named_place;

/* What making a network needs and does not keep. */
typedef struct {
    named_place *sorted;  /* [n] by id */
    size_t *inflows;      /* [n] neighbours upstream not yet dealt with */
    size_t *first_inflow; /* [n] list of the neighbours upstream: first, */
    size_t *next_inflow;  /* [n] and the next one with the same place downstream */
} scratch;

enum { SIZES_PER_PLACE = 6 }; /* arrays of size_t in network and scratch */

size_t csk_network_bytes(size_t n)
{
    const size_t each =
        sizeof(named_place) + SIZES_PER_PLACE * sizeof(size_t) + sizeof(int32_t) + sizeof(uint8_t);
    return n > SIZE_MAX / each ? 0 : n * each;
}

static void carve(csk_network *network, scratch *s, void *memory, size_t n)
{
    s->sorted = memory; /* widest elements first keeps everything aligned */
    network->n = n;
    network->down = (size_t *)(void *)(s->sorted + n);
    network->order = network->down + n;
    network->postorder = network->order + n;
    s->inflows = network->postorder + n;
    s->first_inflow = s->inflows + n;
    s->next_inflow = s->first_inflow + n;
    network->strahler = (int32_t *)(void *)(s->next_inflow + n);
    network->opens = (uint8_t *)(void *)(network->strahler + n);
}

static int compare_named_places(const void *a, const void *b)
{
    const named_place *x = a;
    const named_place *y = b;
    if (x->id != y->id) {
        return x->id < y->id ? -1 : 1;
    }
    return (x->place > y->place) - (x->place < y->place);
}

static csk_network_result sort_ids(scratch *s, size_t *place, size_t n, const int64_t *id)
{
    for (size_t i = 0; i < n; i++) {
        if (id[i] <= 0) {
            *place = i;
            return CSK_NETWORK_BAD_ID;
        }
        s->sorted[i] = (named_place){id[i], i};
    }
    qsort(s->sorted, n, sizeof *s->sorted, compare_named_places);
    for (size_t i = 1; i < n; i++) {
        if (s->sorted[i].id == s->sorted[i - 1].id) {
            *place = s->sorted[i].place;
            return CSK_NETWORK_DUPLICATE_ID;
        }
    }
    return CSK_NETWORK_OK;
}

/* The place of an id, n if there is none. */
static size_t find_id(const scratch *s, size_t n, int64_t id)
{
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (s->sorted[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < n && s->sorted[low].id == id ? s->sorted[low].place : n;
}

static csk_network_result connect(csk_network *network, scratch *s, size_t *place,
                                  const int64_t *next_down_id)
{
    const size_t n = network->n;
    for (size_t i = 0; i < n; i++) {
        s->inflows[i] = 0;
    }
    for (size_t i = 0; i < n; i++) {
        network->down[i] = next_down_id[i] == 0 ? n : find_id(s, n, next_down_id[i]);
        if (network->down[i] == n && next_down_id[i] != 0) {
            *place = i;
            return CSK_NETWORK_UNKNOWN_DOWN;
        }
        if (network->down[i] < n) {
            s->inflows[network->down[i]]++;
        }
    }
    return CSK_NETWORK_OK;
}

/* Kahn's method; `order` is the queue. What is left over has an inflow for ever: a cycle, and
 * nothing but the cycle, since a cycle has no way out where each place drains into one other. */
static csk_network_result sort_upstream_first(csk_network *network, scratch *s, size_t *place)
{
    const size_t n = network->n;
    size_t n_queued = 0;
    for (size_t i = 0; i < n; i++) {
        if (s->inflows[i] == 0) {
            network->order[n_queued++] = i;
        }
    }
    for (size_t k = 0; k < n_queued; k++) {
        const size_t down = network->down[network->order[k]];
        if (down < n && --s->inflows[down] == 0) {
            network->order[n_queued++] = down;
        }
    }
    if (n_queued == n) {
        return CSK_NETWORK_OK;
    }
    for (*place = 0; s->inflows[*place] == 0;) {
        ++*place;
    }
    return CSK_NETWORK_CYCLE;
}

/* Strahler: a source has order 1; two inflows of the highest order among them raise it by one.
 * inflows[] now holds whether the highest order came from more than one. */
static void set_strahler_orders(csk_network *network, scratch *s)
{
    const size_t n = network->n;
    for (size_t i = 0; i < n; i++) {
        network->strahler[i] = 0;
        s->inflows[i] = 0;
    }
    network->n_open = 0;
    for (size_t k = 0; k < n; k++) {
        const size_t i = network->order[k];
        int32_t *own = &network->strahler[i];
        *own = *own == 0 ? 1 : *own + (s->inflows[i] > 0 ? 1 : 0);
        network->n_open = *own > network->n_open ? *own : network->n_open;
        const size_t down = network->down[i];
        if (down<n && * own> network->strahler[down]) {
            network->strahler[down] = *own;
            s->inflows[down] = 0;
        } else if (down < n && *own == network->strahler[down]) {
            s->inflows[down] = 1;
        }
    }
}

/* Lists of the neighbours upstream: one of the highest order first, the others in an order that
 * depends on places and orders only. */
static void list_inflows(const csk_network *network, scratch *s)
{
    const size_t n = network->n;
    for (size_t i = 0; i < n; i++) {
        s->first_inflow[i] = n;
    }
    for (size_t i = n; i-- > 0;) {
        const size_t down = network->down[i];
        if (down == n) {
            continue;
        }
        const size_t head = s->first_inflow[down];
        if (head == n || network->strahler[i] >= network->strahler[head]) {
            s->next_inflow[i] = head;
            s->first_inflow[down] = i;
        } else {
            s->next_inflow[i] = s->next_inflow[head];
            s->next_inflow[head] = i;
        }
    }
}

/* A walk from the outlets that visits the first child last is the postorder read backwards.
 * inflows[] serves as the stack: each place is on it once. */
static void sort_postorder(csk_network *network, scratch *s)
{
    const size_t n = network->n;
    size_t to_set = n;
    memset(network->opens, 0, n);
    for (size_t outlet = n; outlet-- > 0;) {
        if (network->down[outlet] != n) {
            continue;
        }
        network->opens[outlet] = 1;
        size_t depth = 0;
        s->inflows[depth++] = outlet;
        while (depth > 0) {
            const size_t i = s->inflows[--depth];
            network->postorder[--to_set] = i;
            for (size_t child = s->first_inflow[i]; child < n; child = s->next_inflow[child]) {
                network->opens[child] = child == s->first_inflow[i];
                s->inflows[depth++] = child;
            }
        }
    }
}

csk_network_result csk_network_make(csk_network *network, size_t *place, void *memory, size_t n,
                                    const int64_t *id, const int64_t *next_down_id)
{
    scratch s;
    *place = n;
    carve(network, &s, memory, n);
    csk_network_result result = sort_ids(&s, place, n, id);
    if (result == CSK_NETWORK_OK) {
        result = connect(network, &s, place, next_down_id);
    }
    if (result == CSK_NETWORK_OK) {
        result = sort_upstream_first(network, &s, place);
    }
    if (result == CSK_NETWORK_OK) {
        set_strahler_orders(network, &s);
        list_inflows(network, &s);
        sort_postorder(network, &s);
    }
    return result;
}

const char *csk_network_result_text(csk_network_result result)
{
    switch (result) {
    case CSK_NETWORK_OK:
        return "a network";
    case CSK_NETWORK_BAD_ID:
        return "the id is not a positive number";
    case CSK_NETWORK_DUPLICATE_ID:
        return "the id occurs twice";
    case CSK_NETWORK_UNKNOWN_DOWN:
        return "next_down_id is neither 0 nor the id of a catchment";
    case CSK_NETWORK_CYCLE:
        return "the catchment drains into itself";
    }
    return "unknown result";
}
