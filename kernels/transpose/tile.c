/* SPDX-License-Identifier: MIT */
#include "kernels/transpose/tile.h"

/* 16 elements of 4 bytes are a cache line; 16 x 16 of 8 bytes are 2 KiB. */
enum { SQUARE = 16 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One definition for both widths. */
#define TRANSPOSE(name, type)                                                                      \
    void name(type *restrict out, const type *restrict in, size_t n, size_t n_t, size_t stride,    \
              size_t width, size_t height, type missing)                                           \
    {                                                                                              \
        for (size_t t0 = 0; t0 < n_t; t0 += SQUARE) {                                              \
            const size_t t1 = smaller(t0 + SQUARE, n_t);                                           \
            for (size_t i0 = 0; i0 < n; i0 += SQUARE) {                                            \
                const size_t i1 = smaller(i0 + SQUARE, n);                                         \
                for (size_t t = t0; t < t1; t++) {                                                 \
                    for (size_t i = i0; i < i1; i++) {                                             \
                        out[t * width + i] = in[i * stride + t];                                   \
                    }                                                                              \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        for (size_t t = 0; t < height; t++) {                                                      \
            for (size_t i = t < n_t ? n : 0; i < width; i++) {                                     \
                out[t * width + i] = missing;                                                      \
            }                                                                                      \
        }                                                                                          \
    }

TRANSPOSE(csk_transpose_tile_f32, float)
TRANSPOSE(csk_transpose_tile_f64, double)

void csk_transpose_tile_f32_ref(float *out, const float *in, size_t n, size_t n_t, size_t stride,
                                size_t width, size_t height, float missing)
{
    for (size_t t = 0; t < height; t++) {
        for (size_t i = 0; i < width; i++) {
            out[t * width + i] = t < n_t && i < n ? in[i * stride + t] : missing;
        }
    }
}
