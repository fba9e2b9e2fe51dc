/* SPDX-License-Identifier: MIT */
/**
 * A river network: who drains into whom, and sums along it.
 *
 * A network is made once from ids and checked then; everything that walks it later cannot fail.
 * Nothing recurses and nothing allocates: the caller gives the memory of a network in one piece.
 * Thread-safe: a network does not change after it was made.
 */
#ifndef CSK_NETWORK_NETWORK_H
#define CSK_NETWORK_NETWORK_H

#include <stddef.h>
#include <stdint.h>

/** Why a network was refused. */
typedef enum {
    CSK_NETWORK_OK,
    CSK_NETWORK_BAD_ID,       /* an id that is not positive */
    CSK_NETWORK_DUPLICATE_ID, /* the place is that of the later of the two */
    CSK_NETWORK_UNKNOWN_DOWN, /* next_down_id is neither 0 nor an id */
    CSK_NETWORK_CYCLE,        /* the place drains into itself in the end */
} csk_network_result;

/** Catchments are named by their place 0..n-1 in the arrays that the network was made of. */
typedef struct {
    size_t n;
    size_t *down;      /* [n] the place downstream; n: none, an outlet */
    size_t *order;     /* [n] places, upstream first; places without inflow in order of place */
    size_t *postorder; /* [n] places, each right after everything upstream of it (see below) */
    int32_t *strahler; /* [n] Strahler orders, from 1 */
    uint8_t *opens;    /* [n] 1: the first of its parent's children in postorder (or an outlet) */
    int32_t n_open;    /* rows that csk_network_accumulate_stream keeps open at most */
} csk_network;

/** Bytes of memory that a network of n catchments needs; 0 where that overflows. */
size_t csk_network_bytes(size_t n);

/**
 * Makes a network of n catchments.
 *
 * The postorder takes the child of the highest Strahler order first. A stack of partial sums then
 * never holds more rows than the highest Strahler order, which is at most log2(n + 1): the least
 * number of registers that an expression tree needs and the Strahler order are the same recursion
 * (Ershov 1958; Horton 1945, Strahler 1957).
 *
 * @param network      [out] valid if CSK_NETWORK_OK is returned; points into `memory`
 * @param place        [out] where the mistake is, otherwise n
 * @param memory       [in]  csk_network_bytes(n) bytes, aligned as malloc does; the caller's
 * @param id           [in]  id[n], > 0 and distinct
 * @param next_down_id [in]  next_down_id[n], an id or 0 for an outlet
 * Cost: n log n comparisons for the ids, otherwise linear.
 */
csk_network_result csk_network_make(csk_network *network, size_t *place, void *memory, size_t n,
                                    const int64_t *id, const int64_t *next_down_id);

/** One line of text for a result, never NULL. */
const char *csk_network_result_text(csk_network_result result);

/**
 * Adds up x over everything upstream of each catchment, itself included.
 *
 * Local; the OpenMP team splits the time axis. Additions run in topological order, so the sums do
 * not depend on the size of the team.
 *
 * @param out     [out] n x n_time, unit of x; may be x itself
 * @param network [in]  n catchments
 * @param x       [in]  n x n_time, any additive unit (g per step, m3/s)
 * Cost: one pass over x; memory: none.
 */
void csk_network_accumulate(double *out, const csk_network *network, const double *x,
                            size_t n_time);

/** The same for the steps [begin, end) only, serially. */
void csk_network_accumulate_range(double *out, const csk_network *network, const double *x,
                                  size_t n_time, size_t begin, size_t end);

/** The same in the plainest way: every catchment walks down to its outlet. For tests. */
void csk_network_accumulate_ref(double *out, const csk_network *network, const double *x,
                                size_t n_time);

/**
 * The same sums for rows that come in postorder, a few at a time, with few rows in memory.
 *
 * Starts at postorder place 0 with depth 0; each call goes on where the last one ended. Sums are
 * kept in double and rounded once, when they are put out. Additions run in postorder. The OpenMP
 * team splits the time axis.
 *
 * @param out    [out]    count x n_time: sums for postorder[first .. first + count)
 * @param open   [in,out] n_open x n_time: the open sums
 * @param depth  [in,out] how many of them are open
 * @param x      [in]     count x n_time: rows of postorder[first .. first + count)
 */
void csk_network_accumulate_stream(float *out, double *open, size_t *depth,
                                   const csk_network *network, size_t first, size_t count,
                                   const float *x, size_t n_time);

#endif
