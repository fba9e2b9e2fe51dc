/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>

#include "kernels/network/network.h"

/* Steps that one thread takes at a time: 4 KiB of a row of doubles, so a few rows stay in cache. */
enum { SLICE = 512 };

static size_t n_slices(size_t n_time)
{
    return (n_time + SLICE - 1) / SLICE;
}

static size_t slice_end(size_t slice, size_t n_time)
{
    const size_t end = (slice + 1) * SLICE;
    return end < n_time ? end : n_time;
}

void csk_network_accumulate_range(double *out, const csk_network *network, const double *x,
                                  size_t n_time, size_t begin, size_t end)
{
    for (size_t i = 0; out != x && i < network->n; i++) {
        memcpy(out + i * n_time + begin, x + i * n_time + begin, (end - begin) * sizeof *x);
    }
    for (size_t k = 0; k < network->n; k++) {
        const size_t i = network->order[k];
        if (network->down[i] == network->n) {
            continue;
        }
        const double *restrict from = out + i * n_time;
        double *restrict to = out + network->down[i] * n_time;
        for (size_t t = begin; t < end; t++) {
            to[t] += from[t];
        }
    }
}

void csk_network_accumulate(double *out, const csk_network *network, const double *x, size_t n_time)
{
#pragma omp parallel for schedule(static)
    for (size_t slice = 0; slice < n_slices(n_time); slice++) {
        csk_network_accumulate_range(out, network, x, n_time, slice * SLICE,
                                     slice_end(slice, n_time));
    }
}

void csk_network_accumulate_ref(double *out, const csk_network *network, const double *x,
                                size_t n_time)
{
    memset(out, 0, network->n * n_time * sizeof *out);
    for (size_t i = 0; i < network->n; i++) {
        for (size_t at = i; at < network->n; at = network->down[at]) {
            for (size_t t = 0; t < n_time; t++) {
                out[at * n_time + t] += x[i * n_time + t];
            }
        }
    }
}

/* A part of the time axis. */
typedef struct {
    size_t n_time, begin, end;
} span;

/* A place has children if the place before it in postorder drains into it. */
static bool has_children(const csk_network *network, size_t k)
{
    return k > 0 && network->down[network->postorder[k - 1]] == network->postorder[k];
}

/* Adds the row x to the sum on top of the stack and puts the sum out. */
static void add_row(float *restrict out, double *restrict top, const float *restrict x,
                    const span *part)
{
    for (size_t t = part->begin; t < part->end; t++) {
        top[t] += (double)x[t];
        out[t] = (float)top[t];
    }
}

/* Place k of the postorder. Its children are done: their sum, if there are any, is on top of the
 * stack; its own sum becomes the first of its parent's or is added to it. Returns the new depth. */
static size_t accumulate_one(float *out, double *open, size_t depth, const csk_network *network,
                             size_t k, const float *x, const span *part)
{
    const size_t i = network->postorder[k];
    if (!has_children(network, k)) {
        memset(open + depth * part->n_time + part->begin, 0,
               (part->end - part->begin) * sizeof *open);
        depth++;
    }
    double *restrict top = open + (depth - 1) * part->n_time;
    add_row(out, top, x, part);
    if (network->down[i] == network->n) {
        return depth - 1;
    }
    if (network->opens[i] != 0) {
        return depth;
    }
    double *restrict below = open + (depth - 2) * part->n_time;
    for (size_t t = part->begin; t < part->end; t++) {
        below[t] += top[t];
    }
    return depth - 1;
}

static size_t accumulate_slice(float *out, double *open, size_t depth, const csk_network *network,
                               size_t first, size_t count, const float *x, const span *part)
{
    for (size_t k = 0; k < count; k++) {
        depth = accumulate_one(out + k * part->n_time, open, depth, network, first + k,
                               x + k * part->n_time, part);
    }
    return depth;
}

void csk_network_accumulate_stream(float *out, double *open, size_t *depth,
                                   const csk_network *network, size_t first, size_t count,
                                   const float *x, size_t n_time)
{
    const size_t depth_before = *depth;
    size_t depth_after = depth_before;
#pragma omp parallel for schedule(static) lastprivate(depth_after)
    for (size_t slice = 0; slice < n_slices(n_time); slice++) {
        const span part = {n_time, slice * SLICE, slice_end(slice, n_time)};
        depth_after = accumulate_slice(out, open, depth_before, network, first, count, x, &part);
    }
    *depth = depth_after;
}
