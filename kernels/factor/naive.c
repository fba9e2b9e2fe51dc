/* SPDX-License-Identifier: MIT */
#include "kernels/factor/naive.h"

size_t csk_factor_naive(uint64_t *list, uint64_t n)
{
    size_t n_list = 0;
    uint64_t left = n;
    for (uint64_t d = 2; left > 1 && d <= left / d; d++) {
        while (left % d == 0) {
            left /= d;
            list[n_list++] = d;
        }
    }
    if (left > 1) {
        list[n_list++] = left;
    }
    return n_list;
}

void csk_factor_naive_range(uint64_t *restrict list, uint8_t *restrict n_list,
                            const uint64_t *restrict n, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        n_list[i] = (uint8_t)csk_factor_naive(list + i * CSK_FACTOR_MAX, n[i]);
    }
}
