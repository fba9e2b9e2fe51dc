/* SPDX-License-Identifier: MIT */
/* Lines straight from the sieve: the bytes that the text of its lists has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/factor/lines.h"

/* Two sieves over the same primes: one for lists, one for lines. */
typedef struct {
    csk_factor_primes primes;
    void *prime_memory;
    csk_sieve sieve[2];
    void *memory[2];
    csk_text text;
} bench;

static bench *open_bench(uint64_t last, csk_text_style style)
{
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->prime_memory = malloc(csk_factor_primes_bytes(last));
    assert_non_null(b->prime_memory);
    csk_factor_primes_make(&b->primes, b->prime_memory, last);
    const size_t chunk = csk_sieve_chunk(&b->primes, 1000000, 1);
    for (int k = 0; k < 2; k++) {
        b->memory[k] = aligned_alloc(64, (csk_sieve_bytes(&b->primes, chunk) + 63) / 64 * 64);
        assert_non_null(b->memory[k]);
        csk_sieve_make(&b->sieve[k], b->memory[k], &b->primes, chunk, CSK_SIEVE_AUTO);
    }
    csk_text_make(&b->text, style);
    return b;
}

static void close_bench(bench *b)
{
    free(b->memory[0]);
    free(b->memory[1]);
    free(b->prime_memory);
    free(b);
}

/* Buffers are as small as the bounds say, so that a sanitizer sees whoever goes beyond. */
static void check_segment(bench *b, const csk_factor_rows *rows, uint64_t first, size_t count)
{
    char *wanted = malloc(csk_text_bound(rows));
    char *own = malloc(csk_lines_bound(count));
    assert_non_null(wanted);
    assert_non_null(own);
    const size_t size = csk_text_write(wanted, &b->text, rows);
    assert_int_equal(csk_lines_write(own, &b->text, &b->sieve[1], first, count), size);
    assert_memory_equal(own, wanted, size);
    free(wanted);
    free(own);
}

static void check_range(uint64_t first, size_t count)
{
    bench *b = open_bench(first + count - 1, CSK_TEXT_PLAIN);
    if (b->sieve[1].path == CSK_SIEVE_PLAIN) { /* by lists */
        assert_false(csk_lines_can(&b->sieve[1], &b->text));
        close_bench(b);
        return;
    }
    assert_true(csk_lines_can(&b->sieve[1], &b->text));
    const size_t chunk = b->sieve[0].chunk;
    for (size_t done = 0; done < count; done += chunk) {
        const size_t n = count - done < chunk ? count - done : chunk;
        csk_factor_rows rows;
        uint64_t at = 0;
        size_t n_lines = 0;
        csk_sieve_begin(&b->sieve[0], first + done, n);
        csk_sieve_begin(&b->sieve[1], first + done, n);
        while (csk_sieve_next(&b->sieve[0], &rows)) {
            assert_true(csk_sieve_fill(&b->sieve[1], &at, &n_lines));
            assert_int_equal(at, rows.first);
            assert_int_equal(n_lines, rows.count);
            check_segment(b, &rows, at, n_lines);
        }
        assert_false(csk_sieve_fill(&b->sieve[1], &at, &n_lines));
    }
    close_bench(b);
}

static void test_from_zero(void **state)
{
    (void)state;
    check_range(0, 1);
    check_range(1, 70);
    check_range(0, 1200000);
}

/* Where last primes get a digit more, numbers carry, and the range of 32 bits ends. */
static void test_lengths(void **state)
{
    (void)state;
    check_range(9999900, 200);
    check_range(99960000, 100001);
    check_range(999980000, 50001);
    check_range(UINT64_C(2147450000), 70000);
    check_range(UINT64_C(4294867296), 100000);
}

/* 11^8 and 11^7 13: eight lanes are full. */
static void test_full_words(void **state)
{
    (void)state;
    check_range(UINT64_C(214358881) - 100, 200);
    check_range(UINT64_C(253333223) - 100, 200);
}

static void test_refused(void **state)
{
    (void)state;
    bench *b = open_bench(1000, CSK_TEXT_JSON);
    assert_false(csk_lines_can(&b->sieve[0], &b->text));
    close_bench(b);
    b = open_bench(UINT64_C(1) << 33, CSK_TEXT_PLAIN);
    assert_false(csk_lines_can(&b->sieve[0], &b->text));
    close_bench(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_zero), cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_full_words), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
