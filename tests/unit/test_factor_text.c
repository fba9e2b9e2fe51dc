/* SPDX-License-Identifier: MIT */
/* Text of prime factors: against printf, in all styles, at every length of numbers. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/factor/split.h"
#include "kernels/factor/text.h"

enum { MOST = 4096 };

/* Lists of integers, wide and, where they fit, narrow. */
typedef struct {
    uint64_t number[MOST];
    uint32_t offset[MOST + 1];
    uint64_t wide[MOST * CSK_FACTOR_MAX + CSK_FACTOR_SLACK];
    uint32_t narrow[MOST * CSK_FACTOR_MAX + CSK_FACTOR_SLACK];
    csk_factor_rows rows;
} lists;

static void factor(lists *l, size_t count)
{
    uint64_t list[CSK_FACTOR_MAX];
    uint32_t n = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t n_list = 0;
        csk_factor_list(list, &n_list, &l->number[i], 0, 1);
        l->offset[i] = n;
        for (uint8_t k = 0; k < n_list; k++, n++) {
            l->wide[n] = list[k];
            l->narrow[n] = (uint32_t)list[k];
        }
    }
    l->offset[count] = n;
    l->rows = (csk_factor_rows){
        .count = count, .number = l->number, .offset = l->offset, .wide = l->wide};
}

static char *print(const lists *l, csk_text_style style)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    for (size_t i = 0; i < l->rows.count; i++) {
        fprintf(file, style == CSK_TEXT_JSON ? "{\"n\":%" PRIu64 ",\"factors\":[" : "%" PRIu64 ":",
                l->number[i]);
        const uint32_t begin = l->offset[i], end = l->offset[i + 1];
        for (uint32_t k = begin; k < end;) {
            uint32_t next = k + 1;
            while (style == CSK_TEXT_EXPONENTS && next < end && l->wide[next] == l->wide[k]) {
                next++;
            }
            const char *separator = style != CSK_TEXT_JSON ? " " : k > begin ? "," : "";
            fprintf(file, "%s%" PRIu64, separator, l->wide[k]);
            if (next - k > 1) {
                fprintf(file, "^%u", next - k);
            }
            k = next;
        }
        fputs(style == CSK_TEXT_JSON ? "]}\n" : "\n", file);
    }
    fclose(file);
    return text;
}

static void check_style(const lists *l, const csk_factor_rows *rows, csk_text_style style)
{
    csk_text *text = malloc(sizeof *text);
    char *own = malloc(csk_text_bound(rows));
    char *wanted = print(l, style);
    assert_non_null(text);
    assert_non_null(own);
    csk_text_make(text, style);
    const size_t size = csk_text_write(own, text, rows);
    assert_int_equal(size, strlen(wanted));
    assert_memory_equal(own, wanted, size);
    free(text);
    free(own);
    free(wanted);
}

static void check(lists *l, size_t count)
{
    factor(l, count);
    for (int style = CSK_TEXT_PLAIN; style <= CSK_TEXT_JSON; style++) {
        check_style(l, &l->rows, (csk_text_style)style);
        bool is_narrow = true, is_row = true;
        for (size_t i = 0; i < count; i++) {
            is_narrow = is_narrow && l->number[i] <= UINT32_MAX;
            is_row = is_row && l->number[i] == l->number[0] + i;
        }
        csk_factor_rows other = l->rows;
        if (is_row) { /* as the sieve hands them out */
            other.number = NULL;
            other.first = l->number[0];
            check_style(l, &other, (csk_text_style)style);
        }
        if (is_narrow) {
            other.wide = NULL;
            other.narrow = l->narrow;
            check_style(l, &other, (csk_text_style)style);
        }
    }
}

/* Around every power of ten, where lines and primes get longer and groups of digits carry. */
static void test_lengths(void **state)
{
    (void)state;
    lists *l = malloc(sizeof *l);
    assert_non_null(l);
    memset(l, 0, sizeof *l);
    uint64_t ten = 1;
    for (int digits = 1; digits <= 20; digits++) {
        const uint64_t first = ten > 60 ? ten - 60 : 0;
        for (size_t i = 0; i < 120; i++) {
            l->number[i] = first + i;
        }
        check(l, 120);
        ten *= digits < 20 ? 10 : 1;
    }
    free(l);
}

static void test_row_of_numbers(void **state)
{
    (void)state;
    static const uint64_t FIRSTS[] = {
        0, 9000, 65000, UINT64_C(99998000), UINT64_C(655359000), UINT64_C(4294967295) - MOST + 1};
    lists *l = malloc(sizeof *l);
    assert_non_null(l);
    memset(l, 0, sizeof *l);
    for (size_t f = 0; f < sizeof FIRSTS / sizeof FIRSTS[0]; f++) {
        for (size_t i = 0; i < MOST; i++) {
            l->number[i] = FIRSTS[f] + i;
        }
        check(l, MOST);
    }
    free(l);
}

/* No order, many factors, the longest line there is, and nothing. */
static void test_any_numbers(void **state)
{
    (void)state;
    static const uint64_t ANY[] = {UINT64_C(1) << 63,
                                   0,
                                   1,
                                   UINT64_MAX,
                                   UINT64_C(18446744073709551557),
                                   12,
                                   UINT64_C(18446743979220271189),
                                   2,
                                   UINT64_C(6469693230),
                                   UINT64_C(614889782588491410),
                                   UINT64_C(12157665459056928801),
                                   7};
    lists *l = malloc(sizeof *l);
    assert_non_null(l);
    memset(l, 0, sizeof *l);
    memcpy(l->number, ANY, sizeof ANY);
    check(l, sizeof ANY / sizeof ANY[0]);
    check(l, 0);
    free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lengths),
                                       cmocka_unit_test(test_row_of_numbers),
                                       cmocka_unit_test(test_any_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
