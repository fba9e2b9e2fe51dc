/* SPDX-License-Identifier: MIT */
/* Delimited text: what is accepted, what is refused and where, and numbers to the last bit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "kernels/math/random.h"
#include "text/content.h"
#include "text/delimited.h"
#include "text/number.h"

/* ---- numbers ---- */

static void numbers_are_those_of_strtod(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "+7",
        "3.25",
        ".5",
        "5.",
        "1e22",
        "1e23",
        "1e-22",
        "9007199254740993",
        "123456789012345678901234567890",
        "0.1",
        "0.30000000000000004",
        "2.2250738585072014e-308",
        "4.9e-324",
        "1.7976931348623157e308",
        "0.000000000000000000000000000001234",
        "8.41e21",
        "9223372036854775808e3",
        "-1.5E+3",
        "1e-400",
        "00012.50",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double value = NAN;
        const double expected = strtod(texts[i], NULL);
        assert_true(cs_text_double(&value, texts[i], strlen(texts[i])));
        assert_memory_equal(&value, &expected, sizeof value);
    }
}

static void random_numbers_read_back(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 20000; i++) {
        char text[400];
        const double x = csk_normal(1, 2, i) * pow(10.0, 40.0 * csk_uniform(1, 3, i) - 20.0);
        snprintf(text, sizeof text, "%.*g", 3 + (int)(i % 15), x);
        double value = NAN;
        const double expected = strtod(text, NULL);
        assert_true(cs_text_double(&value, text, strlen(text)));
        assert_memory_equal(&value, &expected, sizeof value);
    }
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",      " ",   "-",   ".",    "e5",   "1e",   "1e+",
                                        "1.2.3", "1 ",  " 1",  "0x10", "inf",  "nan",  "1e999",
                                        "--1",   "1,5", "1_0", "+-1",  "\xff", "1e5.0"};
    double value = 42.0;
    int64_t whole = 42;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_false(cs_text_double(&value, texts[i], strlen(texts[i])));
        assert_false(cs_text_int64(&whole, texts[i], strlen(texts[i])));
    }
    char endless[2000];
    memset(endless, '1', sizeof endless);
    assert_false(cs_text_double(&value, endless, sizeof endless));
    assert_false(cs_text_int64(&whole, endless, sizeof endless));
    assert_true(value == 42.0 && whole == 42);
}

static void whole_numbers_have_their_limits(void **state)
{
    (void)state;
    int64_t value = 0;
    assert_true(cs_text_int64(&value, "9223372036854775807", 19));
    assert_true(value == INT64_MAX);
    assert_true(cs_text_int64(&value, "-9223372036854775808", 20));
    assert_true(value == INT64_MIN);
    assert_false(cs_text_int64(&value, "9223372036854775808", 19));
    assert_false(cs_text_int64(&value, "-9223372036854775809", 20));
    assert_false(cs_text_int64(&value, "1.0", 3));
}

static void times_are_those_of_the_calendar(void **state)
{
    (void)state;
    for (int64_t day = -200000; day < 200000; day += 17) { /* years 1422 to 2517 */
        const time_t seconds = (time_t)(day * 86400 + 3723);
        struct tm date;
        char text[64];
        int64_t value = 0;
        strftime(text, sizeof text, day % 2 == 0 ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%dT%H:%M:%SZ",
                 gmtime_r(&seconds, &date));
        assert_true(cs_text_time(&value, text, strlen(text)));
        assert_true(value == (int64_t)seconds);
    }
    int64_t value = 0;
    assert_true(cs_text_time(&value, "1970-01-02", 10) && value == 86400);
    assert_true(cs_text_time(&value, "2020-02-29 00:30", 16) && value == 1582936200);
    static const char *const refused[] = {"2021-02-29",       "2021-13-01",      "2021-00-10",
                                          "2021-1-1",         "2021-01-32",      "2021-01-01 24:00",
                                          "2021-01-01 12:60", "2021-01-01x",     "2021-01-01 ",
                                          "01.02.2021",       "2021-01-01 1:00", "2021/01/01"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_false(cs_text_time(&value, refused[i], strlen(refused[i])));
    }
}

/* ---- tables ---- */

static cs_delimited *table_of(const char *text, size_t length)
{
    cs_delimited *table = NULL;
    cs_bytes content = {0};
    cs_error err = {0};
    assert_int_equal(cs_bytes_append(&content, text, length, &err), CS_OK);
    assert_int_equal(cs_delimited_wrap(&table, "t.csv", &content, &err), CS_OK);
    assert_null(content.data);
    return table;
}

static void next(cs_delimited *table)
{
    bool more = false;
    cs_error err = {0};
    assert_int_equal(cs_delimited_next(table, &more, &err), CS_OK);
    assert_true(more);
}

static void assert_end(cs_delimited *table)
{
    bool more = true;
    cs_error err = {0};
    assert_int_equal(cs_delimited_next(table, &more, &err), CS_OK);
    assert_false(more);
    assert_int_equal(cs_delimited_next(table, &more, &err), CS_OK); /* and stays there */
    assert_false(more);
}

static void assert_field(const cs_delimited *table, size_t column, const char *expected)
{
    size_t length = 0;
    const char *text = cs_delimited_text(&length, table, column);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(text, expected, length);
}

static void all_that_is_accepted(void **state)
{
    (void)state;
    const char text[] = "\xef\xbb\xbfid, \"Date and time\" ,temp\r\n"
                        "1,2021-01-01 01:00:00,  -3.5 \r\n"
                        "\r\n"
                        "2,\"a \"\"b\"\", c\",\n"
                        "3,\"two\nlines\",NA\r\n"
                        "   \n"
                        "4,,NaN";
    cs_delimited *table = table_of(text, sizeof text - 1);
    assert_int_equal(cs_delimited_n_columns(table), 3);
    assert_string_equal(cs_delimited_name(table, 0), "id");
    assert_string_equal(cs_delimited_name(table, 1), "Date and time");
    for (int pass = 0; pass < 2; pass++) {
        cs_error err = {0};
        double value = 0.0;
        int64_t number = 0;
        next(table);
        assert_int_equal(cs_delimited_line(table), 2);
        assert_int_equal(cs_delimited_int64(&number, table, 0, &err), CS_OK);
        assert_int_equal(number, 1);
        assert_int_equal(cs_delimited_time(&number, table, 1, &err), CS_OK);
        assert_int_equal(number, 1609462800);
        assert_int_equal(cs_delimited_double(&value, table, 2, &err), CS_OK);
        assert_true(value == -3.5);
        next(table);
        assert_int_equal(cs_delimited_line(table), 4);
        assert_field(table, 1, "a \"b\", c");
        assert_field(table, 2, "");
        next(table);
        assert_int_equal(cs_delimited_line(table), 5);
        assert_field(table, 1, "two\nlines");
        assert_int_equal(cs_delimited_double(&value, table, 2, &err), CS_OK);
        assert_true(isnan(value));
        next(table);
        assert_int_equal(cs_delimited_line(table), 8);
        assert_field(table, 0, "4");
        assert_end(table);
        cs_delimited_rewind(table);
    }
    cs_delimited_close(table);
}

static void separators_are_guessed(void **state)
{
    (void)state;
    static const char *const texts[] = {"a,b;x,c\n1,2,3\n", "a;b,x;c\n1;2;3\n",
                                        "a\tb\tc\n1\t2\t3\n", "\"x;y;z\",b,c\n1,2,3"};
    for (size_t i = 0; i < 4; i++) {
        cs_delimited *table = table_of(texts[i], strlen(texts[i]));
        assert_int_equal(cs_delimited_n_columns(table), 3);
        next(table);
        assert_field(table, 2, "3");
        assert_end(table);
        cs_delimited_close(table);
    }
    cs_delimited *table = table_of("a\tb\n\t\n1\t\n", 9); /* tabs alone are a row of nothing */
    next(table);
    assert_field(table, 0, "");
    next(table);
    assert_field(table, 0, "1");
    assert_end(table);
    cs_delimited_close(table);
}

/* Reads everything and returns the first failure. */
static cs_status read_through(const char *text, size_t length, cs_error *err)
{
    cs_delimited *table = NULL;
    cs_bytes content = {0};
    bool more = true;
    assert_int_equal(cs_bytes_append(&content, text, length, NULL), CS_OK);
    cs_status status = cs_delimited_wrap(&table, "t.csv", &content, err);
    while (status == CS_OK && more) {
        status = cs_delimited_next(table, &more, err);
    }
    cs_delimited_close(table);
    return status;
}

static void broken_tables_are_refused_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "t.csv:1: empty"},
        {"\n\n", "t.csv:3: empty"},
        {"a,b\n1,2\n1\n", "t.csv:3: 1 fields"},
        {"a,b\n1,2,3\n", "t.csv:2: more fields"},
        {"a,b\n1,\"2\n3,4\n", "t.csv:2: a quote is not closed"},
        {"a,b\n1,\"2\" x\n", "t.csv:2: text behind"},
        {"\"a", "t.csv:1: a quote"},
        {"a,b\n\"x\ny\",1\n1\n", "t.csv:4: 1 fields"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cs_error err = {0};
        assert_int_equal(read_through(cases[i].text, strlen(cases[i].text), &err), CS_DATA);
        assert_non_null(strstr(err.message, cases[i].message));
    }
    cs_error err = {0};
    assert_int_equal(read_through("a,b\n1,\0\n", 8, &err), CS_DATA);
    assert_non_null(strstr(err.message, "byte 6 is NUL"));
}

static void wrong_fields_are_named(void **state)
{
    (void)state;
    const char text[] = "id,rain,rain,t\n1,x y,2,2021-02-30\n";
    cs_delimited *table = table_of(text, sizeof text - 1);
    cs_error err = {0};
    double value = 0.0;
    int64_t number = 0;
    size_t column = 0;
    next(table);
    assert_int_equal(cs_delimited_double(&value, table, 1, &err), CS_DATA);
    assert_string_equal(err.message, "t.csv:2: column rain: \"x y\" is not a number");
    assert_int_equal(cs_delimited_int64(&number, table, 1, &err), CS_DATA);
    assert_int_equal(cs_delimited_time(&number, table, 3, &err), CS_DATA);
    assert_non_null(strstr(err.message, "t.csv:2: column t: \"2021-02-30\" is not a time"));
    assert_int_equal(cs_delimited_find(&column, table, "rain", &err), CS_DATA);
    assert_non_null(strstr(err.message, "two columns"));
    assert_int_equal(cs_delimited_find(&column, table, "snow", &err), CS_DATA);
    assert_non_null(strstr(err.message, "no column"));
    assert_int_equal(cs_delimited_find(&column, table, "t", &err), CS_OK);
    assert_int_equal(column, 3);
    cs_delimited_close(table);
}

/* ---- files ---- */

static void write_file(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static size_t pack(void *out, size_t room, const void *data, size_t size)
{
    struct libdeflate_compressor *packer = libdeflate_alloc_compressor(6);
    assert_non_null(packer);
    const size_t packed = libdeflate_gzip_compress(packer, data, size, out, room);
    libdeflate_free_compressor(packer);
    assert_true(packed > 0);
    return packed;
}

/* Long enough that unpacking has to make room more than once. */
static void gzip_of_several_members_is_unpacked(void **state)
{
    (void)state;
    enum { N = 20000000 };
    const char *path = "test_text.gz";
    char *text = malloc(N);
    unsigned char *packed = malloc(N);
    cs_bytes content = {0};
    cs_error err = {0};
    assert_true(text != NULL && packed != NULL);
    memset(text, 'x', N);
    size_t size = pack(packed, N, text, N);
    size += pack(packed + size, N - size, "end", 3);
    write_file(path, packed, size);
    assert_int_equal(cs_content_read(&content, path, 2 * (size_t)N, &err), CS_OK);
    assert_int_equal(content.size, N + 3);
    assert_memory_equal(content.data, text, N);
    assert_memory_equal(content.data + N, "end", 3);
    cs_bytes_free(&content);
    assert_int_equal(cs_content_read(&content, path, N - 1, &err), CS_DATA); /* a bomb */
    cs_bytes_free(&content);
    packed[size / 2] ^= 0x55;
    write_file(path, packed, size);
    assert_int_equal(cs_content_read(&content, path, 2 * (size_t)N, &err), CS_DATA);
    cs_bytes_free(&content);
    write_file(path, packed, 15);
    assert_int_equal(cs_content_read(&content, path, 2 * (size_t)N, &err), CS_DATA);
    cs_bytes_free(&content);
    unlink(path);
    free(text);
    free(packed);
}

static void files_that_cannot_be_read(void **state)
{
    (void)state;
    cs_delimited *table = NULL;
    cs_error err = {0};
    assert_int_equal(cs_delimited_open(&table, "no/such/file.csv", 1000, &err), CS_IO);
    assert_null(table);
    assert_non_null(strstr(err.message, "no/such/file.csv"));
    assert_int_equal(cs_delimited_open(&table, ".", 1000, &err), CS_IO);
    write_file("test_text.csv", "a,b\n1,2\n", 8);
    assert_int_equal(cs_delimited_open(&table, "test_text.csv", 7, &err), CS_DATA);
    assert_int_equal(cs_delimited_open(&table, "test_text.csv", 8, &err), CS_OK);
    cs_delimited_close(table);
    unlink("test_text.csv");
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    const char text[] = "a,\"b\"\"\",c\n\"x\"\"\",2,3\n";
    for (long nth = 1; nth < 100; nth++) {
        cs_delimited *table = NULL;
        cs_bytes content = {0};
        cs_error err = {0};
        bool more = true;
        assert_int_equal(cs_bytes_append(&content, text, sizeof text - 1, &err), CS_OK);
        cs_memory_fail_nth(nth);
        cs_status status = cs_delimited_wrap(&table, "t.csv", &content, &err);
        while (status == CS_OK && more) {
            status = cs_delimited_next(table, &more, &err);
        }
        cs_memory_fail_nth(0);
        cs_delimited_close(table);
        if (status == CS_OK) {
            assert_true(nth > 5);
            return;
        }
        assert_int_equal(status, CS_MEMORY);
    }
    fail_msg("more than 100 allocations for one row");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_strtod),
        cmocka_unit_test(random_numbers_read_back),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(whole_numbers_have_their_limits),
        cmocka_unit_test(times_are_those_of_the_calendar),
        cmocka_unit_test(all_that_is_accepted),
        cmocka_unit_test(separators_are_guessed),
        cmocka_unit_test(broken_tables_are_refused_with_their_line),
        cmocka_unit_test(wrong_fields_are_named),
        cmocka_unit_test(gzip_of_several_members_is_unpacked),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
