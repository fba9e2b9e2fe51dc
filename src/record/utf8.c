/* SPDX-License-Identifier: MIT */
#include "record/utf8.h"

#include <stdint.h>

/* Bytes that follow a first byte; -1: it cannot be one. */
static int n_following(unsigned char first)
{
    return first < 0x80   ? 0
           : first < 0xc2 ? -1
           : first < 0xe0 ? 1
           : first < 0xf0 ? 2
           : first < 0xf5 ? 3
                          : -1;
}

bool cs_is_utf8(const char *text, size_t length)
{
    static const uint32_t least[4] = {0, 0x80, 0x800, 0x10000};
    for (size_t i = 0; i < length;) {
        const unsigned char first = (unsigned char)text[i++];
        const int n = n_following(first);
        if (n < 0 || length - i < (size_t)n) {
            return false;
        }
        uint32_t code = n == 0 ? first : first & (0x3fU >> n);
        for (int k = 0; k < n; k++) {
            const unsigned char c = (unsigned char)text[i++];
            if ((c & 0xc0) != 0x80) {
                return false;
            }
            code = code << 6 | (c & 0x3f);
        }
        if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
            return false;
        }
    }
    return true;
}
