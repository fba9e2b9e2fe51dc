/* SPDX-License-Identifier: MIT */
/* The sieve: every list against trial division and splitting, on each path, at every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernels/factor/naive.h"
#include "kernels/factor/sieve.h"
#include "kernels/factor/split.h"
#include "kernels/math/random.h"

static const csk_sieve_path PATHS[] = {CSK_SIEVE_PLAIN, CSK_SIEVE_AVX2};
enum { N_PATHS = sizeof PATHS / sizeof PATHS[0] };

/* Primes and sieves for integers up to `last`. */
typedef struct {
    csk_factor_primes primes;
    void *memory;
    void *sieve_memory[2];
    csk_sieve sieve[2];
} bench;

static bench *open_bench(uint64_t last, size_t chunk, csk_sieve_path path)
{
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->memory = malloc(csk_factor_primes_bytes(last));
    assert_non_null(b->memory);
    csk_factor_primes_make(&b->primes, b->memory, last);
    const size_t wanted = chunk > 0 ? chunk : csk_sieve_chunk(&b->primes, 1000000, 1);
    for (int k = 0; k < 2; k++) {
        b->sieve_memory[k] =
            aligned_alloc(64, (csk_sieve_bytes(&b->primes, wanted) + 63) / 64 * 64);
        assert_non_null(b->sieve_memory[k]);
        csk_sieve_make(&b->sieve[k], b->sieve_memory[k], &b->primes, wanted, path);
    }
    return b;
}

static void close_bench(bench *b)
{
    free(b->sieve_memory[0]);
    free(b->sieve_memory[1]);
    free(b->memory);
    free(b);
}

typedef void reference(uint64_t *list, uint8_t *n_list, const uint64_t *n, size_t begin,
                       size_t end);

static void by_trial(uint64_t *list, uint8_t *n_list, const uint64_t *n, size_t begin, size_t end)
{
    csk_factor_naive_range(list, n_list, n, begin, end);
}

static void by_splitting(uint64_t *list, uint8_t *n_list, const uint64_t *n, size_t begin,
                         size_t end)
{
    csk_factor_list(list, n_list, n, begin, end);
}

static uint64_t factor_at(const csk_factor_rows *rows, uint32_t k)
{
    return rows->wide != NULL ? rows->wide[k] : rows->narrow[k];
}

static void check_rows(const csk_factor_rows *rows, reference *refer)
{
    uint64_t list[CSK_FACTOR_MAX];
    uint8_t n_list = 0;
    assert_int_equal(rows->offset[0], 0);
    for (size_t i = 0; i < rows->count; i++) {
        const uint64_t n = rows->first + i;
        refer(list, &n_list, &n, 0, 1);
        if (rows->offset[i + 1] - rows->offset[i] != n_list) {
            fail_msg("%llu has %u factors, not %u", (unsigned long long)n,
                     rows->offset[i + 1] - rows->offset[i], n_list);
        }
        for (uint32_t k = 0; k < n_list; k++) {
            if (factor_at(rows, rows->offset[i] + k) != list[k]) {
                fail_msg("%llu: factor %u is %llu", (unsigned long long)n, k,
                         (unsigned long long)list[k]);
            }
        }
    }
}

static void check_range(csk_sieve *sieve, uint64_t first, uint64_t count, reference *refer)
{
    csk_factor_rows rows;
    for (uint64_t done = 0; done < count; done += sieve->chunk) {
        const uint64_t left = count - done;
        uint64_t next = first + done;
        csk_sieve_begin(sieve, next, left < sieve->chunk ? (size_t)left : sieve->chunk);
        while (csk_sieve_next(sieve, &rows)) {
            assert_int_equal(rows.first, next);
            check_rows(&rows, refer);
            next += rows.count;
        }
    }
}

static void test_all_up_to_a_million(void **state)
{
    (void)state;
    for (size_t p = 0; p < N_PATHS; p++) {
        if (csk_sieve_has(PATHS[p])) {
            bench *b = open_bench(1000000, 0, PATHS[p]);
            check_range(&b->sieve[0], 0, 1000001, p == 0 ? by_trial : by_splitting);
            close_bench(b);
        }
    }
}

/* Where lists change their kind, where bounds of chunks and of primes lie, around squares and cubes
 * of primes, and where numbers are long. */
static void test_windows(void **state)
{
    (void)state;
    static const struct {
        uint64_t first, count;
    } WINDOWS[] = {{0, 1},
                   {1, 1},
                   {2, 3},
                   {16383, 3},
                   {UINT64_C(4293918720), 40000},              /* around 65521^2 and 2^32 */
                   {UINT64_C(4294967290), 20},                 /* 2^32 */
                   {UINT64_C(4295098360), 100},                /* 65537^2 */
                   {UINT64_C(281487861874000), 20000},         /* below 65537^3 */
                   {UINT64_C(999999999999), 20000},            /* 10^12 */
                   {UINT64_C(1000000014000000049) - 300, 600}, /* (10^9 + 7)^2 */
                   {UINT64_C(999999866000004473) - 40, 80} /* 999999929 x 999999937 */};
    for (size_t w = 0; w < sizeof WINDOWS / sizeof WINDOWS[0]; w++) {
        for (size_t p = 0; p < N_PATHS; p++) {
            const uint64_t last = WINDOWS[w].first + WINDOWS[w].count - 1;
            if (csk_sieve_has(PATHS[p]) && (p == 1 || last < UINT64_C(1) << 50)) {
                bench *b = open_bench(last, 0, PATHS[p]);
                check_range(&b->sieve[0], WINDOWS[w].first, WINDOWS[w].count, by_splitting);
                close_bench(b);
            }
        }
    }
}

/* All primes divide 0: there is no room for them among the hits of its segment, and no need. */
static void test_zero_has_no_hits(void **state)
{
    (void)state;
    static const uint64_t LASTS[] = {UINT64_C(1000000000000), UINT64_C(10000000000000000)};
    for (size_t k = 0; k < sizeof LASTS / sizeof LASTS[0]; k++) {
        bench *b = open_bench(LASTS[k], 0, CSK_SIEVE_AUTO);
        const size_t count = b->sieve[0].chunk;
        check_range(&b->sieve[0], 0, count, by_splitting);
        assert_true(b->sieve[0].n_hits[0] < b->sieve[0].segment);
        close_bench(b);
    }
}

/* More primes than a word has lanes, powers beyond the keys: the marked integers. */
static void test_powers(void **state)
{
    (void)state;
    static const uint64_t BASES[] = {2,     3,       5,   7,   11,  13,    17,    2 * 3,
                                     3 * 5, 11 * 13, 101, 127, 131, 16411, 65521, 65537};
    const uint64_t limit = UINT64_C(100000000000000);
    for (size_t p = 0; p < N_PATHS; p++) {
        if (!csk_sieve_has(PATHS[p])) {
            continue;
        }
        bench *b = open_bench(limit, CSK_SIEVE_SEGMENT, PATHS[p]);
        bench *narrow = open_bench(UINT32_MAX, CSK_SIEVE_SEGMENT, PATHS[p]);
        for (size_t k = 0; k < sizeof BASES / sizeof BASES[0]; k++) {
            for (uint64_t n = BASES[k]; n <= limit / BASES[k]; n *= BASES[k]) {
                check_range(&b->sieve[0], n, 1, by_splitting);
                check_range(&b->sieve[0], n - 1, 3, by_splitting);
                if (n < UINT32_MAX) {
                    check_range(&narrow->sieve[0], n - 1, 3, by_splitting);
                }
            }
        }
        close_bench(b);
        close_bench(narrow);
    }
}

/* The same sums for any chunk, path and team; figures that PARI/GP and others agree on. */
static void test_sums(void **state)
{
    (void)state;
    static const struct {
        uint64_t first, last, n_factors, n_primes;
    } KNOWN[] = {{1, 1000000, 3626619, 78498},
                 {1, 10000000, 37861249, 664579},
                 {UINT64_C(1000000000000), UINT64_C(1000001000000), 4374308, 36249}};
    for (size_t k = 0; k < sizeof KNOWN / sizeof KNOWN[0]; k++) {
        csk_factor_sums first_sums = {0};
        for (size_t p = 0; p < N_PATHS; p++) {
            if (!csk_sieve_has(PATHS[p])) {
                continue;
            }
            bench *b = open_bench(KNOWN[k].last, p == 0 ? 8 * CSK_SIEVE_SEGMENT : 0, PATHS[p]);
            const uint64_t count = KNOWN[k].last - KNOWN[k].first + 1;
            csk_factor_sums sums = {0};
            csk_factor_sums *parts = calloc(count / b->sieve[0].chunk + 1, sizeof *parts);
            assert_non_null(parts);
            csk_sieve_sum(&sums, parts, b->sieve, (int)p + 1, KNOWN[k].first, count);
            assert_int_equal(sums.n_integers, count);
            assert_int_equal(sums.n_factors, KNOWN[k].n_factors);
            assert_int_equal(sums.n_primes, KNOWN[k].n_primes);
            if (p == 0) {
                first_sums = sums;
            }
            assert_memory_equal(&sums, &first_sums, sizeof sums);
            csk_factor_sums lists = {0};
            csk_sieve_list(&lists, parts, b->sieve, 2, KNOWN[k].first, count);
            assert_int_equal(lists.n_factors, KNOWN[k].n_factors);
            free(parts);
            close_bench(b);
        }
    }
}

/* Two million integers from anywhere below 10^14: increasing factors whose product is the integer.
 */
static void test_products(void **state)
{
    (void)state;
    enum { N_WINDOWS = 40, WINDOW = 50000 };
    const uint64_t limit = UINT64_C(100000000000000);
    bench *b = open_bench(limit + WINDOW, 4 * CSK_SIEVE_SEGMENT, CSK_SIEVE_AUTO);
    csk_factor_rows rows;
    uint64_t n_wrong = 0;
    for (uint64_t w = 0; w < N_WINDOWS; w++) {
        const double place = csk_uniform(5, 1, w);
        csk_sieve_begin(&b->sieve[0], (uint64_t)(place * place * place * (double)limit), WINDOW);
        while (csk_sieve_next(&b->sieve[0], &rows)) {
            for (size_t i = 0; i < rows.count; i++) {
                uint64_t product = 1, before = 2;
                for (uint32_t k = rows.offset[i]; k < rows.offset[i + 1]; k++) {
                    n_wrong += rows.wide[k] < before;
                    before = rows.wide[k];
                    product *= before;
                }
                n_wrong += product != rows.first + i;
            }
        }
    }
    assert_int_equal(n_wrong, 0);
    close_bench(b);
}

/* Sums by hand: 1..100 has 25 primes, 239 factors, 171 distinct, and 8 between 89 and 97. */
static void test_sums_of_a_hundred(void **state)
{
    (void)state;
    bench *b = open_bench(100, 0, CSK_SIEVE_AUTO);
    csk_factor_sums whole = {0}, halves = {0};
    csk_sieve_sum_range(&whole, &b->sieve[0], 1, 100);
    assert_int_equal(whole.n_primes, 25);
    assert_int_equal(whole.n_factors, 239);
    assert_int_equal(whole.n_distinct, 171);
    assert_int_equal(whole.largest_gap, 8);
    assert_int_equal(whole.gap_begin, 89);
    for (uint64_t first = 1; first <= 100; first += 7) { /* gaps across the seams, too */
        csk_factor_sums part = {0};
        csk_sieve_sum_range(&part, &b->sieve[0], first, first + 6 <= 100 ? 7 : 101 - first);
        csk_factor_sums_join(&halves, &part);
    }
    assert_memory_equal(&whole, &halves, sizeof whole);
    close_bench(b);
}

static void test_primes(void **state)
{
    (void)state;
    static const struct {
        uint64_t last;
        size_t n; /* pi(sqrt(last)) */
    } KNOWN[] = {{0, 0},
                 {3, 0},
                 {4, 1},
                 {120, 4},
                 {121, 5},
                 {1000000, 168},
                 {UINT32_MAX, 6542},
                 {UINT64_C(4295098368), 6542},
                 {UINT64_C(4295098369), 6543},
                 {UINT64_C(1000000000000), 78498},
                 {UINT64_C(10000000000000000), 5761455}};
    for (size_t k = 0; k < sizeof KNOWN / sizeof KNOWN[0]; k++) {
        csk_factor_primes *primes = malloc(sizeof *primes);
        void *memory = malloc(csk_factor_primes_bytes(KNOWN[k].last));
        assert_non_null(primes);
        assert_non_null(memory);
        csk_factor_primes_make(primes, memory, KNOWN[k].last);
        assert_int_equal(primes->n_small + primes->n_large, KNOWN[k].n);
        free(primes);
        free(memory);
    }
}

static void test_square_root(void **state)
{
    (void)state;
    assert_int_equal(csk_square_root(UINT64_MAX), UINT32_MAX);
    assert_int_equal(csk_square_root(CSK_FACTOR_LAST), 3037000499);
    for (uint64_t root = 1; root < UINT32_MAX; root = root * 3 + 1) {
        assert_int_equal(csk_square_root(root * root), root);
        assert_int_equal(csk_square_root(root * root - 1), root - 1);
        assert_int_equal(csk_square_root(root * root + 2 * root), root);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_square_root),
                                       cmocka_unit_test(test_primes),
                                       cmocka_unit_test(test_sums_of_a_hundred),
                                       cmocka_unit_test(test_all_up_to_a_million),
                                       cmocka_unit_test(test_windows),
                                       cmocka_unit_test(test_zero_has_no_hits),
                                       cmocka_unit_test(test_powers),
                                       cmocka_unit_test(test_products),
                                       cmocka_unit_test(test_sums)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
