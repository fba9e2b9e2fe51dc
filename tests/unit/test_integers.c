/* SPDX-License-Identifier: MIT */
/* Lists of integers: what is taken, what is refused and where, what is skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/integers.h"

static cs_status parse(cs_integer_list *list, cs_integer_parser *parser, const char *text,
                       size_t size, cs_error *err)
{
    cs_integer_list_clear(list);
    CS_TRY(cs_integer_parser_feed(parser, list, (const unsigned char *)text, size, err));
    return cs_integer_parser_end(parser, list, err);
}

static void test_taken(void **state)
{
    (void)state;
    static const char TEXT[] = "0\n12\r\n007\n18446744073709551615\n18446744073709551616\n"
                               "0000000000000000000000000000005\n99999999999999999999\n3";
    cs_integer_list list = {0};
    cs_integer_parser parser = {.name = "list.txt"};
    cs_error err = {0};
    assert_int_equal(parse(&list, &parser, TEXT, sizeof TEXT - 1, &err), CS_OK);
    static const uint64_t WANTED[] = {0, 12, 7, UINT64_MAX, UINT64_MAX, 5, UINT64_MAX, 3};
    assert_int_equal(list.count, 8);
    assert_memory_equal(list.number, WANTED, sizeof WANTED);
    assert_int_equal(list.n_big, 2);
    assert_int_equal(list.big[0].place, 4);
    assert_int_equal(list.big[1].place, 6);
    assert_int_equal(list.big[1].length, 20);
    assert_memory_equal(list.digits.data, "1844674407370955161699999999999999999999", 40);
    assert_int_equal(parser.n_lines, 8);
    cs_integer_list_free(&list);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size; /* 0: up to its end */
        const char *where;
    } BAD[] = {{"1\n\n2\n", 0, "list.txt:2: the line is empty"},
               {"\n", 0, "list.txt:1: "},
               {"1\n2\n-3\n", 0, "list.txt:3: \"-3\""},
               {"+3\n", 0, "list.txt:1: \"+3\""},
               {"0x1f", 0, "list.txt:1: \"0x1f\""},
               {" 12\n", 0, "list.txt:1: \" 12\""},
               {"12 \n", 0, "list.txt:1: \"12 \""},
               {"1 2\n", 0, "list.txt:1: \"1 2\""},
               {"1e5\n", 0, "list.txt:1: "},
               {"1\r2\n", 0, "list.txt:1: "},
               {"1\r\r\n", 0, "list.txt:1: "},
               {"1\n2\0003\n", 6, "list.txt:2: \"2?3\""},
               {"\0\0\0", 3, "list.txt:1: "}};
    for (size_t k = 0; k < sizeof BAD / sizeof BAD[0]; k++) {
        cs_integer_list list = {0};
        cs_integer_parser parser = {.name = "list.txt"};
        cs_integer_parser skipper = {.name = "list.txt", .skip_bad = true};
        cs_error err = {0};
        const size_t size = BAD[k].size > 0 ? BAD[k].size : strlen(BAD[k].text);
        assert_int_equal(parse(&list, &parser, BAD[k].text, size, &err), CS_DATA);
        assert_non_null(strstr(err.message, BAD[k].where));
        assert_non_null(strstr(err.message, "--skip-bad"));
        assert_int_equal(parse(&list, &skipper, BAD[k].text, size, &err), CS_OK);
        assert_int_equal(skipper.n_bad, 1);
        assert_int_equal(list.count, skipper.n_lines - 1);
        cs_integer_list_free(&list);
    }
}

/* Ten to the 400, and a line that never ends: known by their length, not kept. */
static void test_long(void **state)
{
    (void)state;
    char ten[402];
    memset(ten, '0', sizeof ten);
    ten[0] = '1';
    ten[401] = '\n';
    cs_integer_list list = {0};
    cs_integer_parser parser = {.name = "list.txt"};
    cs_error err = {0};
    assert_int_equal(parse(&list, &parser, ten, sizeof ten, &err), CS_DATA);
    assert_non_null(
        strstr(err.message, "list.txt:1: \"1000000000000000000000000000000000000000..."));
    unsigned char sevens[4096];
    memset(sevens, '7', sizeof sevens);
    parser = (cs_integer_parser){.name = "list.txt", .skip_bad = true};
    for (int k = 0; k < 1000; k++) {
        assert_int_equal(cs_integer_parser_feed(&parser, &list, sevens, sizeof sevens, &err),
                         CS_OK);
    }
    assert_int_equal(cs_integer_parser_end(&parser, &list, &err), CS_OK);
    assert_int_equal(parser.n_bad, 1);
    assert_int_equal(list.digits.capacity, 0);
    cs_integer_list_free(&list);
}

static void test_no_big(void **state)
{
    (void)state;
    cs_integer_list list = {0};
    cs_integer_parser parser = {.name = "list.txt", .no_big = "is too big for this test"};
    cs_error err = {0};
    static const char TEXT[] = "1\n18446744073709551615\n18446744073709551616\n";
    assert_int_equal(parse(&list, &parser, TEXT, sizeof TEXT - 1, &err), CS_DATA);
    assert_non_null(
        strstr(err.message, "list.txt:3: \"18446744073709551616\" is too big for this test, or"));
    assert_int_equal(list.count, 2);
    cs_integer_list_free(&list);
}

static void test_memory(void **state)
{
    (void)state;
    static const char TEXT[] = "1\n18446744073709551616\n2\n";
    bool passed = false;
    for (long nth = 1; !passed && nth < 20; nth++) {
        cs_integer_list list = {0};
        cs_integer_parser parser = {.name = "list.txt"};
        cs_error err = {0};
        cs_memory_fail_nth(nth);
        const cs_status status = parse(&list, &parser, TEXT, sizeof TEXT - 1, &err);
        cs_memory_fail_nth(0);
        passed = status == CS_OK;
        assert_true(passed || status == CS_MEMORY);
        cs_integer_list_free(&list);
    }
    assert_true(passed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_taken), cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_long), cmocka_unit_test(test_no_big),
                                       cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
