/* SPDX-License-Identifier: MIT */
#include "kernels/basin/tree.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "kernels/basin/streams.h"
#include "kernels/math/elementary.h"
#include "kernels/math/random.h"

/* A cell that may be reached next: from where and when. */
typedef struct {
    double time;
    size_t cell, from;
} candidate;

/* Cells in use while a basin grows. */
typedef struct {
    size_t width, height;
    candidate *heap; /* [room] the earliest on top */
    size_t n_heap;
    size_t *reached;  /* [n] cells in order of being reached */
    size_t *from;     /* [cells] the neighbour that it was reached from */
    size_t *nth;      /* [cells] when it was reached: 0 for the outlet; NEVER */
    double *upstream; /* [n] catchments upstream, by place */
} growth;

#define NEVER SIZE_MAX

enum { N_NEIGHBOURS = 4 };

/* The grid of n cells: twice as long as wide, the last row may be left in part. */
static void choose_grid(size_t *width, size_t *height, size_t n)
{
    size_t w = 1;
    while (2 * w * w < n) {
        w++;
    }
    *width = w;
    *height = (n + w - 1) / w;
}

/* Each cell offers a neighbour at most once from each side: at most N_NEIGHBOURS entries a cell. */
static size_t cells_of(size_t n)
{
    size_t width;
    size_t height;
    choose_grid(&width, &height, n);
    return width * height;
}

size_t csk_basin_bytes(size_t n)
{
    const size_t each = N_NEIGHBOURS * sizeof(candidate) + 3 * sizeof(size_t) + sizeof(double);
    if (n > SIZE_MAX / each / 4) { /* the grid has less than 4 n cells */
        return 0;
    }
    return cells_of(n) * each;
}

static void carve(growth *g, void *memory, size_t n)
{
    choose_grid(&g->width, &g->height, n);
    const size_t cells = g->width * g->height;
    g->heap = memory;
    g->n_heap = 0;
    g->upstream = (double *)(void *)(g->heap + N_NEIGHBOURS * cells);
    g->reached = (size_t *)(void *)(g->upstream + cells);
    g->from = g->reached + cells;
    g->nth = g->from + cells;
    for (size_t i = 0; i < cells; i++) {
        g->nth[i] = NEVER;
    }
}

/* By time; the cells decide between equal times, so that the order is always the same. */
static bool earlier(const candidate *a, const candidate *b)
{
    if (a->time < b->time || a->time > b->time) {
        return a->time < b->time;
    }
    return a->cell != b->cell ? a->cell < b->cell : a->from < b->from;
}

static void push(growth *g, candidate new)
{
    size_t i = g->n_heap++;
    while (i > 0 && earlier(&new, &g->heap[(i - 1) / 2])) {
        g->heap[i] = g->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    g->heap[i] = new;
}

static candidate pop(growth *g)
{
    const candidate top = g->heap[0];
    const candidate last = g->heap[--g->n_heap];
    size_t i = 0;
    for (size_t child = 1; child < g->n_heap; child = 2 * i + 1) {
        if (child + 1 < g->n_heap && earlier(&g->heap[child + 1], &g->heap[child])) {
            child++;
        }
        if (!earlier(&g->heap[child], &last)) {
            break;
        }
        g->heap[i] = g->heap[child];
        i = child;
    }
    g->heap[i] = last;
    return top;
}

/* Offers the cell's neighbours that are not reached yet. Crossing times are exponential: -ln u. */
static void offer_neighbours(growth *g, candidate at, uint64_t seed)
{
    const size_t x = at.cell % g->width;
    const size_t y = at.cell / g->width;
    const size_t neighbour[N_NEIGHBOURS] = {
        x > 0 ? at.cell - 1 : NEVER,
        x + 1 < g->width ? at.cell + 1 : NEVER,
        y > 0 ? at.cell - g->width : NEVER,
        y + 1 < g->height ? at.cell + g->width : NEVER,
    };
    for (size_t k = 0; k < N_NEIGHBOURS; k++) {
        if (neighbour[k] != NEVER && g->nth[neighbour[k]] == NEVER) {
            const double u = csk_uniform(seed, CSK_STREAM_CROSSING, at.cell * N_NEIGHBOURS + k);
            push(g, (candidate){at.time - csk_log(u), neighbour[k], at.cell});
        }
    }
}

static void grow_cells(growth *g, size_t n, uint64_t seed)
{
    const size_t outlet = g->width / 2;
    push(g, (candidate){0.0, outlet, outlet});
    for (size_t k = 0; k < n;) {
        const candidate next = pop(g);
        if (g->nth[next.cell] == NEVER) {
            g->nth[next.cell] = k;
            g->from[next.cell] = next.from;
            g->reached[k++] = next.cell;
            offer_neighbours(g, next, seed);
        }
    }
}

/* Reached later is further upstream, so places count backwards. */
static void set_network(const csk_basin_tree *tree, const growth *g, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const size_t k = n - 1 - i;
        tree->id[i] = (int64_t)i + 1;
        tree->next_down_id[i] = k == 0 ? 0 : (int64_t)(n - g->nth[g->from[g->reached[k]]]);
    }
}

static void set_positions_and_areas(const csk_basin_tree *tree, const growth *g, size_t n,
                                    uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        const size_t cell = g->reached[n - 1 - i];
        const double x = (double)(cell % g->width) + csk_uniform(seed, CSK_STREAM_POSITION, 2 * i);
        const double y =
            (double)(cell / g->width) + csk_uniform(seed, CSK_STREAM_POSITION, 2 * i + 1);
        tree->lon[i] = CSK_BASIN_WEST + (CSK_BASIN_EAST - CSK_BASIN_WEST) * x / (double)g->width;
        tree->lat[i] =
            CSK_BASIN_NORTH - (CSK_BASIN_NORTH - CSK_BASIN_SOUTH) * y / (double)g->height;
        tree->area[i] = 9e6 * csk_exp(0.5 * csk_normal(seed, CSK_STREAM_AREA, i));
    }
}

/* Slopes fall with the square root of what drains through (Flint 1974: exponent about 0.5), so
 * main valleys are flat and headwaters steep. Then the heights are stretched so that most of the
 * basin is low, with a top that grows with the basin: 3000 m for a large one, 100 m for one
 * catchment. */
static void set_elevations(const csk_basin_tree *tree, growth *g, size_t n, uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        g->upstream[i] = 1.0;
    }
    for (size_t i = 0; i + 1 < n; i++) {
        g->upstream[tree->next_down_id[i] - 1] += g->upstream[i];
    }
    double highest = 0.0;
    for (size_t i = n; i-- > 0;) {
        const double below = i + 1 == n ? 0.0 : tree->elevation[tree->next_down_id[i] - 1];
        const double steepness = 0.2 + 1.6 * csk_uniform(seed, CSK_STREAM_SLOPE, i);
        const double southward = (CSK_BASIN_NORTH - tree->lat[i]) / 6.0;
        tree->elevation[i] =
            below + steepness * (0.05 + southward * southward) / sqrt(g->upstream[i]);
        highest = tree->elevation[i] > highest ? tree->elevation[i] : highest;
    }
    const double top = 3000.0 * (double)n / ((double)n + 29.0);
    for (size_t i = 0; i < n; i++) {
        const double share = tree->elevation[i] / highest;
        tree->elevation[i] = top * share * sqrt(share);
    }
}

void csk_basin_grow(const csk_basin_tree *tree, void *memory, size_t n, uint64_t seed)
{
    growth g;
    carve(&g, memory, n);
    grow_cells(&g, n, seed);
    set_network(tree, &g, n);
    set_positions_and_areas(tree, &g, n, seed);
    set_elevations(tree, &g, n, seed);
}
