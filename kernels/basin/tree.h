/* SPDX-License-Identifier: MIT */
/**
 * A synthetic river basin: a tree of catchments with areas, positions and elevations.
 *
 * Method: cells of a grid with random times to cross from a cell to its neighbours; the basin grows
 * from an outlet in the middle of the northern edge to whichever cell is reached first (first
 * passage percolation, Eden 1961), and each cell drains to the neighbour that it was reached from.
 * That gives Strahler orders with bifurcation ratios of 3 to 5, as rivers have. The grid is twice
 * as long as wide and laid over a box of the size of the Rhine's, whatever the number of cells.
 */
#ifndef CSK_BASIN_TREE_H
#define CSK_BASIN_TREE_H

#include <stddef.h>
#include <stdint.h>

/** The box that a synthetic basin lies in, degrees. */
#define CSK_BASIN_WEST  6.0
#define CSK_BASIN_EAST  10.0
#define CSK_BASIN_SOUTH 46.0
#define CSK_BASIN_NORTH 52.0

/** One array an element of each catchment; the caller's. */
typedef struct {
    int64_t *id;           /* [n] place + 1: topological order, the outlet is the last */
    int64_t *next_down_id; /* [n] > id, 0 for the outlet */
    double *area;          /* [n] m2: lognormal, median 9 km2 and mean 10.2 km2 */
    double *lon, *lat;     /* [n] degrees */
    double *elevation;     /* [n] m: rises upstream, to at most 3000 m */
} csk_basin_tree;

/** Bytes of working memory that csk_basin_grow needs for n catchments; 0 where that overflows. */
size_t csk_basin_bytes(size_t n);

/**
 * Grows a basin. The same n and seed give the same bits everywhere.
 *
 * @param tree   [out] n >= 1 catchments
 * @param memory [in]  csk_basin_bytes(n) bytes, aligned as malloc does; free after the call
 * Thread-safe. Never fails. Cost: n log n, serial (0.02 s for the Rhine's 18,000).
 */
void csk_basin_grow(const csk_basin_tree *tree, void *memory, size_t n, uint64_t seed);

#endif
