/* SPDX-License-Identifier: MIT */
/* The scanner in C alone: eight bytes at a time in a word, where that helps. */
#include <string.h>

#include "kernels/scan/scan_isa.h"

#define EVERY_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

/* The high bit of every byte of `word` that is 0; bytes above the lowest such byte may be wrong. */
static uint64_t zero_bytes(uint64_t word)
{
    return (word - EVERY_BYTE(0x01)) & ~word & EVERY_BYTE(0x80);
}

static uint64_t load_word(const char *p)
{
    uint64_t word = 0;
    memcpy(&word, p, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* Quotes and backslashes, as zero_bytes() marks them. */
static uint64_t quote_bytes(uint64_t word)
{
    return zero_bytes(word ^ EVERY_BYTE('"')) | zero_bytes(word ^ EVERY_BYTE('\\'));
}

static size_t first_byte(uint64_t marks)
{
    return (size_t)__builtin_ctzll(marks) / 8;
}

static const char *string_end(const char *p, const char *end)
{
    while (p < end) {
        const uint64_t marks = quote_bytes(load_word(p));
        if (marks == 0) {
            p += 8;
            continue;
        }
        p += first_byte(marks);
        if (*p == '"') {
            return p < end ? p : NULL;
        }
        p += 2;
    }
    return NULL;
}

static const char *plain_end(const char *p, const char *end)
{
    while (p < end) {
        const uint64_t word = load_word(p);
        const uint64_t control = zero_bytes(word & EVERY_BYTE(0xe0)); /* below 0x20 */
        const uint64_t marks = quote_bytes(word) | control | (word & EVERY_BYTE(0x80));
        if (marks != 0) {
            return p + first_byte(marks);
        }
        p += 8;
    }
    return p;
}

static const char *nested_end(const char *p, const char *end)
{
    size_t depth = 0;
    while (p < end) {
        switch (*p) {
        case '"':
            p = string_end(p + 1, end);
            if (p == NULL) {
                return NULL;
            }
            break;
        case '\\':
            p += p[1] == '"' || p[1] == '\\';
            break;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            if (--depth == 0) {
                return p + 1;
            }
            break;
        default:
            break;
        }
        p++;
    }
    return NULL;
}

#include "kernels/scan/scan_lines.h"

csk_scan_result csk_scan_lines_plain(csk_scan *scan, const csk_scan_query *query)
{
    return scan_lines(scan, query);
}

csk_scan_result csk_scan_beginning_plain(csk_scan *scan, const csk_scan_query *query)
{
    return scan_beginning(scan, query);
}
