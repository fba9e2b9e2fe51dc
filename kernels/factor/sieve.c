/* SPDX-License-Identifier: MIT */
#include "kernels/factor/sieve.h"

#include <omp.h>
#include <string.h>

#include "kernels/factor/sieve_paths.h"

enum {
    PERIOD = 16 * 9 * 5 * 7, /* of the pattern of keys: 2^4, 3^2, 5, 7 */
    MARK = 0x8000,           /* of a key: to be divided by trial */
    LARGEST_CHUNK = 1 << 20,
    USUAL_CHUNK =
        1 << 17, /* its text and that of others on their way stay in a third-level cache */
    SMALLEST_CHUNK = 1 << 16,
    MOST_FACTORS = 32,    /* of an integer below 2^32: 31, rounded up */
    MOST_LARGE = 3,       /* prime factors above 2^16 of an integer up to 2^63 */
    MOST_POWERS = 4 + 64, /* powers up to a segment of primes from 11: 2^14 has 43 */
};

bool csk_sieve_has(csk_sieve_path path)
{
#if defined(__x86_64__) && defined(__GNUC__)
    return path != CSK_SIEVE_AVX2 ||
           (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"));
#else
    return path != CSK_SIEVE_AVX2;
#endif
}

static bool is_wide(const csk_factor_primes *primes)
{
    return primes->last > UINT32_MAX;
}

static size_t segment_of(const csk_factor_primes *primes)
{
    return is_wide(primes) ? CSK_SIEVE_SEGMENT_WIDE : CSK_SIEVE_SEGMENT;
}

size_t csk_sieve_chunk(const csk_factor_primes *primes, uint64_t count, size_t n_workers)
{
    /* Every large prime costs each chunk a division, so a chunk is not shorter than their number,
     * but so short that each worker gets some. */
    const uint64_t share = count / (8 * (uint64_t)n_workers);
    uint64_t chunk = SMALLEST_CHUNK;
    while (chunk < share && chunk < USUAL_CHUNK) {
        chunk *= 2;
    }
    while (chunk < LARGEST_CHUNK && chunk < 2 * primes->n_large && chunk < count) {
        chunk *= 2;
    }
    return (size_t)chunk;
}

/* ---- memory ---- */

/* The next piece of the caller's memory, on a cache line; with NULL only the bytes are counted. */
static void *take(unsigned char *memory, size_t *used, size_t n_bytes)
{
    void *piece = memory == NULL ? NULL : memory + *used;
    *used += (n_bytes + 63) / 64 * 64;
    return piece;
}

static size_t carve(csk_sieve *s, unsigned char *memory)
{
    size_t used = 0;
    const size_t n = s->segment;
    const size_t n_segments = s->chunk / n;
    const size_t n_small = s->primes->n_small;
    const bool has_large = s->primes->n_large > 0;
    s->stride = take(memory, &used, (n_small + MOST_POWERS) * sizeof *s->stride);
    s->power = take(memory, &used, (n_small + 4) * sizeof *s->power);
    s->marked = take(memory, &used, s->chunk / 8);
    s->pattern = take(memory, &used, (PERIOD + n) * sizeof *s->pattern);
    s->key = take(memory, &used, n * sizeof *s->key);
    s->word = take(memory, &used, (n + 1) * sizeof *s->word);
    s->large = take(memory, &used, has_large ? n * sizeof *s->large : 0);
    s->hit = take(memory, &used, has_large ? n_segments * MOST_LARGE * n * sizeof *s->hit : 0);
    s->n_hits = take(memory, &used, n_segments * sizeof *s->n_hits);
    s->offset = take(memory, &used, (n + 1) * sizeof *s->offset);
    s->narrow = take(memory, &used,
                     s->wide ? 0 : (n * MOST_FACTORS + CSK_FACTOR_SLACK) * sizeof *s->narrow);
    s->wide_list =
        take(memory, &used,
             s->wide ? (n * CSK_FACTOR_MAX + CSK_FACTOR_SLACK) * sizeof *s->wide_list : 0);
    return used;
}

size_t csk_sieve_bytes(const csk_factor_primes *primes, size_t chunk)
{
    csk_sieve sieve = {
        .primes = primes, .wide = is_wide(primes), .segment = segment_of(primes), .chunk = chunk};
    return carve(&sieve, NULL);
}

/* ---- what depends on the primes only ---- */

/* The smallest power of a prime above `limit`; 0 if it is beyond the last integer. */
static uint64_t power_above(uint64_t prime, uint64_t limit, uint64_t last)
{
    uint64_t power = prime;
    while (power <= limit || power == prime) {
        if (power > last / prime) {
            return 0;
        }
        power *= prime;
    }
    return power;
}

static void add_mark(csk_sieve *s, uint64_t power)
{
    if (power != 0) {
        s->power[s->n_powers++] = power;
    }
}

/* The highest powers that keys count: 2^15, 3^7, 5^3, 7^3. */
static void make_patches(csk_sieve *s)
{
    static const struct {
        uint32_t prime, in_pattern, highest;
        uint16_t add;
    } OF[] = {{2, 16, 1 << 15, 1}, {3, 9, 2187, 16}, {5, 5, 125, 128}, {7, 7, 343, 512}};
    for (size_t k = 0; k < 4; k++) {
        for (uint32_t power = OF[k].in_pattern * OF[k].prime; power <= OF[k].highest;
             power *= OF[k].prime) {
            s->patch[s->n_patches++] = (csk_sieve_patch){.stride = power, .add = OF[k].add};
        }
        add_mark(s, power_above(OF[k].prime, OF[k].highest, s->primes->last));
    }
}

static void make_pattern(csk_sieve *s)
{
    for (unsigned i = 0; i < PERIOD + (unsigned)s->segment; i++) {
        const int m = (int)(i % PERIOD);
        const int twos = m % 16 == 0 ? 4 : __builtin_ctz((unsigned)m);
        const int threes = (m % 3 == 0) + (m % 9 == 0);
        s->pattern[i] = (uint16_t)(twos + 16 * threes + 128 * (m % 5 == 0) + 512 * (m % 7 == 0));
    }
}

/* Strides of a prime and of its powers up to the segment's length. */
static void add_strides(csk_sieve *s, uint16_t prime)
{
    s->stride[s->n_strides++] = (csk_sieve_stride){.stride = prime, .prime = prime};
    for (uint64_t power = (uint64_t)prime * prime; power <= s->segment; power *= prime) {
        s->stride[s->n_strides++] = (csk_sieve_stride){.stride = (uint32_t)power, .prime = prime};
    }
    add_mark(s, power_above(prime, s->segment, s->primes->last));
}

void csk_sieve_make(csk_sieve *s, void *memory, const csk_factor_primes *primes, size_t chunk,
                    csk_sieve_path path)
{
    const csk_sieve_path best = csk_sieve_has(CSK_SIEVE_AVX2) ? CSK_SIEVE_AVX2 : CSK_SIEVE_PLAIN;
    *s = (csk_sieve){.primes = primes,
                     .path = path == CSK_SIEVE_AUTO ? best : path,
                     .wide = is_wide(primes),
                     .segment = segment_of(primes),
                     .chunk = chunk};
    carve(s, memory);
    make_patches(s);
    make_pattern(s);
    for (size_t k = primes->n_small; k-- > 0 && primes->small[k] >= 11;) {
        add_strides(s, primes->small[k]);
    }
    while (s->n_long < s->n_strides && s->stride[s->n_long].stride >= s->segment) {
        s->n_long++;
    }
}

/* ---- a chunk ---- */

/* From `first` to its next multiple of m. */
static uint64_t to_multiple(uint64_t first, uint64_t m)
{
    const uint64_t beyond = first % m;
    return beyond == 0 ? 0 : m - beyond;
}

static void mark_powers(csk_sieve *s)
{
    memset(s->marked, 0, s->chunk / 8);
    for (size_t k = 0; k < s->n_powers; k++) {
        for (uint64_t at = to_multiple(s->first, s->power[k]); at < s->count; at += s->power[k]) {
            s->marked[at / 64] |= UINT64_C(1) << at % 64;
        }
    }
}

/*
 * Sorts the hits of large primes by segment. The quotient is taken in floating point: below 2^47,
 * it is wrong by less than 2^-5, so that its whole part is wrong by at most one. 0, which all of
 * them divide and which has no list, is no hit: there is no room for it.
 */
static void sort_hits(csk_sieve *s)
{
    const size_t room = MOST_LARGE * s->segment;
    const uint32_t segment = (uint32_t)s->segment;
    const uint64_t first = s->first;
    const double first_rounded = (double)first;
    const int64_t count = (int64_t)s->count;
    uint32_t p = CSK_PRIMES_ORIGIN;
    memset(s->n_hits, 0, s->chunk / s->segment * sizeof *s->n_hits);
    for (size_t k = 0; k < s->primes->n_large; k++) {
        p += 2 * (uint32_t)s->primes->half_gap[k];
        const uint64_t quotient = (uint64_t)(int64_t)(first_rounded / (double)p);
        int64_t at = (int64_t)(quotient * p - first); /* -2 p < at < p */
        at += at < 0 ? (int64_t)p : 0;
        at += at < 0 || first == 0 ? (int64_t)p : 0;
        for (; at < count; at += p) {
            const uint32_t place = (uint32_t)at / segment;
            s->hit[place * room + s->n_hits[place]++] =
                (csk_sieve_hit){.prime = p, .at = (uint32_t)at % segment};
        }
    }
}

void csk_sieve_begin(csk_sieve *s, uint64_t first, size_t count)
{
    s->first = first;
    s->count = count;
    s->done = 0;
    for (size_t k = 0; k < s->n_strides; k++) {
        s->stride[k].next = (uint32_t)to_multiple(first, s->stride[k].stride);
    }
    for (size_t k = 0; k < s->n_patches; k++) {
        s->patch[k].next = (uint32_t)to_multiple(first, s->patch[k].stride);
    }
    mark_powers(s);
    if (s->primes->n_large > 0) {
        sort_hits(s);
    }
}

/* ---- a segment ---- */

static void make_keys(csk_sieve *s)
{
    const uint32_t n = (uint32_t)s->segment;
    const uint64_t first = s->first + s->done;
    memcpy(s->key, s->pattern + first % PERIOD, n * sizeof *s->key);
    for (size_t k = 0; k < s->n_patches; k++) {
        csk_sieve_patch *patch = &s->patch[k];
        uint32_t at = patch->next;
        for (; at < n; at += patch->stride) {
            s->key[at] = (uint16_t)(s->key[at] + patch->add);
        }
        patch->next = at - n;
    }
    const uint64_t *marked = s->marked + s->done / 64;
    for (size_t w = 0; w < n / 64; w++) {
        for (uint64_t bits = marked[w]; bits != 0; bits &= bits - 1) {
            s->key[64 * w + (size_t)__builtin_ctzll(bits)] |= MARK;
        }
    }
}

static void push_large(csk_sieve *s)
{
    const size_t place = s->done / s->segment;
    const csk_sieve_hit *hit = s->hit + place * MOST_LARGE * s->segment;
    memset(s->large, 0, s->segment * sizeof *s->large);
    for (uint32_t k = 0; k < s->n_hits[place]; k++) {
        uint32_t *lane = s->large[hit[k].at].lane;
        lane[2] = lane[1];
        lane[1] = lane[0];
        lane[0] = hit[k].prime;
    }
}

static uint64_t divide_out(uint64_t *list, size_t *n, uint64_t left, uint64_t prime)
{
    while (left % prime == 0) {
        left /= prime;
        list[(*n)++] = prime;
    }
    return left;
}

size_t csk_sieve_divide(uint64_t *list, const csk_sieve *s, uint64_t n, size_t i)
{
    const csk_factor_primes *primes = s->primes;
    const uint64_t *lane = s->word[i].lane;
    size_t n_list = 0;
    uint64_t left = n;
    for (size_t k = 0; k < 4 && k < primes->n_small; k++) {
        left = divide_out(list, &n_list, left, primes->small[k]);
    }
    if (lane[1] >> 48 != 0) { /* full, so that larger ones may have been pushed out */
        for (size_t k = 4; k < primes->n_small; k++) {
            left = divide_out(list, &n_list, left, primes->small[k]);
        }
    }
    for (int k = 0; k < 8; k++) {
        const uint64_t prime = lane[k / 4] >> (16 * (k % 4)) & 0xffff;
        left = prime == 0 ? left : divide_out(list, &n_list, left, prime);
    }
    for (int k = MOST_LARGE; primes->n_large > 0 && k-- > 0;) {
        const uint64_t prime = s->large[i].lane[k];
        left = prime == 0 ? left : divide_out(list, &n_list, left, prime);
    }
    if (left > 1) {
        list[n_list++] = left;
    }
    return n_list;
}

bool csk_sieve_fill(csk_sieve *s, uint64_t *first, size_t *count)
{
    if (s->done >= s->count) {
        return false;
    }
    const size_t left = s->count - s->done;
    *first = s->first + s->done;
    *count = left < s->segment ? left : s->segment;
    make_keys(s);
    memset(s->word, 0, (s->segment + 1) * sizeof *s->word);
    if (s->primes->n_large > 0) {
        push_large(s);
    }
    if (*first == 0) {
        s->key[0] = MARK;
    }
    if (s->path == CSK_SIEVE_AVX2) {
        csk_sieve_push_avx2(s);
    } else {
        csk_sieve_push_plain(s);
    }
    s->done += *count;
    return true;
}

bool csk_sieve_next(csk_sieve *s, csk_factor_rows *lists)
{
    uint64_t first = 0;
    size_t count = 0;
    if (!csk_sieve_fill(s, &first, &count)) {
        return false;
    }
    const size_t begin = first == 0; /* 0 has an empty list */
    s->offset[0] = 0;
    s->offset[begin] = 0;
    if (s->path == CSK_SIEVE_AVX2) {
        csk_sieve_emit_avx2(s, first, begin, count);
    } else {
        csk_sieve_emit_plain(s, first, begin, count);
    }
    *lists = (csk_factor_rows){.count = count,
                               .first = first,
                               .offset = s->offset,
                               .key = s->key,
                               .narrow = s->wide ? NULL : s->narrow,
                               .wide = s->wide ? s->wide_list : NULL};
    return true;
}

/* ---- ranges ---- */

static void list_range(csk_factor_sums *sums, csk_sieve *s, uint64_t first, uint64_t count,
                       bool summed)
{
    csk_factor_rows lists;
    for (uint64_t done = 0; done < count; done += s->chunk) {
        csk_sieve_begin(s, first + done,
                        count - done < s->chunk ? (size_t)(count - done) : s->chunk);
        while (csk_sieve_next(s, &lists)) {
            if (summed) {
                csk_factor_sums_add(sums, &lists);
            } else {
                sums->n_integers += lists.count;
                sums->n_factors += lists.offset[lists.count];
            }
        }
    }
}

void csk_sieve_sum_range(csk_factor_sums *sums, csk_sieve *sieve, uint64_t first, uint64_t count)
{
    list_range(sums, sieve, first, count, true);
}

static void list_chunks(csk_factor_sums *sums, csk_factor_sums *parts, csk_sieve *sieves,
                        int n_threads, uint64_t first, uint64_t count, bool summed)
{
    const uint64_t chunk = sieves[0].chunk;
    const uint64_t n_chunks = (count + chunk - 1) / chunk;
#pragma omp parallel num_threads(n_threads)
    {
        csk_sieve *own = &sieves[omp_get_thread_num()];
#pragma omp for schedule(dynamic)
        for (uint64_t k = 0; k < n_chunks; k++) {
            const uint64_t left = count - k * chunk;
            parts[k] = (csk_factor_sums){0};
            list_range(&parts[k], own, first + k * chunk, left < chunk ? left : chunk, summed);
        }
    }
    for (uint64_t k = 0; k < n_chunks; k++) {
        csk_factor_sums_join(sums, &parts[k]);
    }
}

void csk_sieve_sum(csk_factor_sums *sums, csk_factor_sums *parts, csk_sieve *sieves, int n_threads,
                   uint64_t first, uint64_t count)
{
    list_chunks(sums, parts, sieves, n_threads, first, count, true);
}

void csk_sieve_list(csk_factor_sums *sums, csk_factor_sums *parts, csk_sieve *sieves, int n_threads,
                    uint64_t first, uint64_t count)
{
    list_chunks(sums, parts, sieves, n_threads, first, count, false);
}
