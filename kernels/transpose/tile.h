/* SPDX-License-Identifier: MIT */
/**
 * Transposition of a tile: from rows by catchment to rows by time step.
 */
#ifndef CSK_TRANSPOSE_TILE_H
#define CSK_TRANSPOSE_TILE_H

#include <stddef.h>

/**
 * out[t * width + i] = in[i * stride + t] for t < n_t and i < n; columns n..width-1 of out are set
 * to `missing`, and so are rows n_t..height-1.
 *
 * Thread-safe, never fails, no memory. Cost: one pass, in squares that stay in the first cache.
 *
 * @param out     [out] height x width
 * @param in      [in]  n series, `stride` elements from one to the next
 * @param missing [in]  fills what the tile has beyond the data
 */
void csk_transpose_tile_f32(float *restrict out, const float *restrict in, size_t n, size_t n_t,
                            size_t stride, size_t width, size_t height, float missing);
void csk_transpose_tile_f64(double *restrict out, const double *restrict in, size_t n, size_t n_t,
                            size_t stride, size_t width, size_t height, double missing);

/** The same, plainly, for tests. */
void csk_transpose_tile_f32_ref(float *out, const float *in, size_t n, size_t n_t, size_t stride,
                                size_t width, size_t height, float missing);

#endif
