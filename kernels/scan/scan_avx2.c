/* SPDX-License-Identifier: MIT */
/*
 * The scanner with AVX2: 32 bytes at a time within strings, 64 within nested values. This file
 * alone is compiled for such processors (kernels/CMakeLists.txt); scan.c asks whether this one is.
 */
#include "kernels/scan/scan_isa.h"

#if defined(__AVX2__) && defined(__PCLMUL__) && defined(__BMI__) && defined(__POPCNT__)

#include <immintrin.h>
#include <string.h>

static __m256i load(const char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static uint32_t equal(__m256i bytes, char c)
{
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c)));
}

static const char *string_end(const char *p, const char *end)
{
    while (p < end) {
        const __m256i bytes = load(p);
        const uint32_t quotes = equal(bytes, '"'), marks = quotes | equal(bytes, '\\');
        if (marks == 0) {
            p += 32;
            continue;
        }
        const uint32_t first = _tzcnt_u32(marks);
        p += first;
        if (quotes >> first & 1) {
            return p < end ? p : NULL;
        }
        p += 2;
    }
    return NULL;
}

static const char *plain_end(const char *p, const char *end)
{
    while (p < end) {
        const __m256i bytes = load(p);
        /* as signed bytes, what is no ASCII is below 0x20 too */
        const uint32_t others =
            (uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), bytes));
        const uint32_t marks = others | equal(bytes, '"') | equal(bytes, '\\');
        if (marks != 0) {
            return p + _tzcnt_u32(marks);
        }
        p += 32;
    }
    return p;
}

/* What 64 bytes have, one bit a byte. */
typedef struct {
    uint64_t quotes, backslashes, opening, closing;
} masks;

static uint64_t equal64(__m256i low, __m256i high, char c)
{
    return equal(low, c) | (uint64_t)equal(high, c) << 32;
}

static masks classify(const char *p)
{
    const __m256i low = load(p), high = load(p + 32);
    const __m256i bit = _mm256_set1_epi8(0x20); /* the one that tells { from [ and } from ] */
    const __m256i low_bracket = _mm256_or_si256(low, bit);
    const __m256i high_bracket = _mm256_or_si256(high, bit);
    return (masks){.quotes = equal64(low, high, '"'),
                   .backslashes = equal64(low, high, '\\'),
                   .opening = equal64(low_bracket, high_bracket, '{'),
                   .closing = equal64(low_bracket, high_bracket, '}')};
}

/* The bytes that a backslash before them hides. Backslashes are rare: one after the other. */
static uint64_t hidden_bytes(uint64_t backslashes, uint64_t *carry)
{
    uint64_t hidden = *carry;
    backslashes &= ~hidden;
    *carry = 0;
    while (backslashes != 0) {
        const uint64_t first = backslashes & -backslashes;
        hidden |= first << 1;
        *carry = first >> 63;
        backslashes &= ~(first | first << 1);
    }
    return hidden;
}

/* Bit i is the xor of bits 0..i. */
static uint64_t prefix_xor(uint64_t bits)
{
    const __m128i product =
        _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)bits), _mm_set1_epi8((char)0xff), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

/* The closing bracket that brings `depth` to 0, as a bit of its own; 0: none does. */
static uint64_t last_closing(uint64_t opening, uint64_t closing, size_t depth)
{
    for (size_t n_closed = 1; closing != 0; n_closed++) {
        const uint64_t first = closing & -closing;
        if (depth + (size_t)__builtin_popcountll(opening & (first - 1)) == n_closed) {
            return first;
        }
        closing ^= first;
    }
    return 0;
}

static const char *nested_end(const char *p, const char *end)
{
    uint64_t in_string = 0, carry = 0; /* all ones: the bytes before ended within a string */
    size_t depth = 0;
    for (; p < end; p += 64) {
        masks m = classify(p);
        if ((m.backslashes | carry) != 0) {
            m.quotes &= ~hidden_bytes(m.backslashes, &carry);
        }
        const uint64_t inside = prefix_xor(m.quotes) ^ in_string;
        in_string = (uint64_t)((int64_t)inside >> 63);
        const uint64_t opening = m.opening & ~inside, closing = m.closing & ~inside;
        const size_t n_closing = (size_t)__builtin_popcountll(closing);
        if (depth <= n_closing) {
            const uint64_t last = last_closing(opening, closing, depth);
            if (last != 0) {
                p += _tzcnt_u64(last) + 1;
                return p <= end ? p : NULL;
            }
        }
        depth += (size_t)__builtin_popcountll(opening) - n_closing;
    }
    return NULL;
}

#include "kernels/scan/scan_lines.h"

bool csk_scan_avx2_is_built(void)
{
    return true;
}

csk_scan_result csk_scan_lines_avx2(csk_scan *scan, const csk_scan_query *query)
{
    return scan_lines(scan, query);
}

csk_scan_result csk_scan_beginning_avx2(csk_scan *scan, const csk_scan_query *query)
{
    return scan_beginning(scan, query);
}

#else

bool csk_scan_avx2_is_built(void)
{
    return false;
}

csk_scan_result csk_scan_lines_avx2(csk_scan *scan, const csk_scan_query *query)
{
    return csk_scan_lines_plain(scan, query);
}

csk_scan_result csk_scan_beginning_avx2(csk_scan *scan, const csk_scan_query *query)
{
    return csk_scan_beginning_plain(scan, query);
}

#endif
