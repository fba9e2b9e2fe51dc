/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    cs_json json;
    cs_bytes bytes;
    cs_error err;
} document;

static void open_document(document *doc)
{
    *doc = (document){0};
    cs_json_open(&doc->json, &doc->bytes, &doc->err);
}

/* Ends the document, compares its whole text and releases it. */
static void text_is(document *doc, const char *expected)
{
    assert_int_equal(cs_json_close(&doc->json), CS_OK);
    assert_int_equal(cs_bytes_append(&doc->bytes, "", 1, NULL), CS_OK);
    assert_string_equal((const char *)doc->bytes.data, expected);
    cs_bytes_free(&doc->bytes);
}

static void is_misuse(document *doc)
{
    assert_int_equal(cs_json_close(&doc->json), CS_INTERNAL);
    assert_int_equal(doc->err.status, CS_INTERNAL);
    assert_non_null(strstr(doc->err.message, "report: "));
    cs_bytes_free(&doc->bytes);
}

static void string_gives(const char *text, const char *expected)
{
    document doc;
    open_document(&doc);
    cs_json_string(&doc.json, text);
    text_is(&doc, expected);
}

static void double_gives(double value, const char *expected)
{
    document doc;
    open_document(&doc);
    cs_json_double(&doc.json, value);
    text_is(&doc, expected);
}

static void nesting_is_indented_by_two(void **state)
{
    (void)state;
    document doc;
    open_document(&doc);
    cs_json *json = &doc.json;
    cs_json_begin_object(json);
    cs_json_key(json, "ranks");
    cs_json_int64(json, 16);
    cs_json_key(json, "phases");
    cs_json_begin_array(json);
    cs_json_begin_object(json);
    cs_json_key(json, "name");
    cs_json_string(json, "read");
    cs_json_key(json, "done");
    cs_json_bool(json, true);
    cs_json_end_object(json);
    cs_json_bool(json, false);
    cs_json_null(json);
    cs_json_end_array(json);
    cs_json_key(json, "empty object");
    cs_json_begin_object(json);
    cs_json_end_object(json);
    cs_json_key(json, "empty array");
    cs_json_begin_array(json);
    cs_json_end_array(json);
    cs_json_end_object(json);
    text_is(&doc, "{\n"
                  "  \"ranks\": 16,\n"
                  "  \"phases\": [\n"
                  "    {\n"
                  "      \"name\": \"read\",\n"
                  "      \"done\": true\n"
                  "    },\n"
                  "    false,\n"
                  "    null\n"
                  "  ],\n"
                  "  \"empty object\": {},\n"
                  "  \"empty array\": []\n"
                  "}\n");
}

static void control_characters_and_quotes_are_escaped(void **state)
{
    (void)state;
    string_gives("a\"b\\c/d", "\"a\\\"b\\\\c/d\"\n");
    string_gives("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"\n");
    string_gives("\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\"\n");
    string_gives("", "\"\"\n");
    string_gives(NULL, "null\n");
}

static void a_key_is_escaped_like_a_string(void **state)
{
    (void)state;
    document doc;
    open_document(&doc);
    cs_json_begin_object(&doc.json);
    cs_json_key(&doc.json, "a\"\xff");
    cs_json_null(&doc.json);
    cs_json_end_object(&doc.json);
    text_is(&doc, "{\n  \"a\\\"\xef\xbf\xbd\": null\n}\n");
}

#define BAD "\xef\xbf\xbd"

static void valid_utf8_passes_and_the_rest_is_replaced(void **state)
{
    (void)state;
    string_gives("Z\xc3\xbcrich", "\"Z\xc3\xbcrich\"\n");          /* 2 bytes */
    string_gives("\xe2\x82\xac", "\"\xe2\x82\xac\"\n");            /* 3 bytes */
    string_gives("\xf0\x9f\x8c\x8a", "\"\xf0\x9f\x8c\x8a\"\n");    /* 4 bytes */
    string_gives("\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"\n");    /* U+10FFFF */
    string_gives("Z\xfcrich", "\"Z" BAD "rich\"\n");               /* Latin-1 */
    string_gives("\xc0\xaf", "\"" BAD BAD "\"\n");                 /* overlong, 2 */
    string_gives("\xe0\x80\xaf", "\"" BAD BAD BAD "\"\n");         /* overlong, 3 */
    string_gives("\xf0\x80\x80\xaf", "\"" BAD BAD BAD BAD "\"\n"); /* overlong, 4 */
    string_gives("\xed\xa0\x80", "\"" BAD BAD BAD "\"\n");         /* surrogate */
    string_gives("\xf4\x90\x80\x80", "\"" BAD BAD BAD BAD "\"\n"); /* above U+10FFFF */
    string_gives("\xf5\x80\x80\x80", "\"" BAD BAD BAD BAD "\"\n"); /* no such byte */
    string_gives("\x80-", "\"" BAD "-\"\n");                       /* stray */
    string_gives("a\xe2\x82", "\"a" BAD BAD "\"\n");               /* cut off at the end */
    string_gives("\xf0\x9f\x8c\"", "\"" BAD BAD BAD "\\\"\"\n");   /* cut off by a quote */
}

static void numbers_are_the_shortest_that_read_back(void **state)
{
    (void)state;
    double_gives(0.0, "0\n");
    double_gives(-0.0, "-0\n");
    double_gives(0.1, "0.1\n");
    double_gives(1.0 / 3.0, "0.3333333333333333\n");  /* 16 digits */
    double_gives(0.1 + 0.2, "0.30000000000000004\n"); /* 17 digits */
    double_gives(1e300, "1e+300\n");
    double_gives(-2.5, "-2.5\n");
    double_gives(NAN, "null\n");
    double_gives(-INFINITY, "null\n");
    document doc;
    open_document(&doc);
    cs_json_begin_array(&doc.json);
    cs_json_int64(&doc.json, INT64_MIN);
    cs_json_int64(&doc.json, INT64_MAX);
    cs_json_end_array(&doc.json);
    text_is(&doc, "[\n  -9223372036854775808,\n  9223372036854775807\n]\n");
}

/* Bit patterns of all kinds (xorshift64, Marsaglia 2003), the smallest and the largest number. */
static void every_finite_double_reads_back(void **state)
{
    (void)state;
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double value = i == 0 ? DBL_TRUE_MIN : i == 1 ? DBL_MAX : 0.0;
        if (i > 1) {
            memcpy(&value, &bits, sizeof value);
        }
        if (!isfinite(value)) {
            continue;
        }
        document doc;
        open_document(&doc);
        cs_json_double(&doc.json, value);
        assert_int_equal(cs_json_close(&doc.json), CS_OK);
        assert_int_equal(cs_bytes_append(&doc.bytes, "", 1, NULL), CS_OK);
        assert_true(strtod((const char *)doc.bytes.data, NULL) == value);
        cs_bytes_free(&doc.bytes);
    }
}

static void wrong_use_is_an_error_and_not_an_abort(void **state)
{
    (void)state;
    document doc;
    open_document(&doc); /* nothing at all */
    is_misuse(&doc);
    open_document(&doc); /* not ended */
    cs_json_begin_object(&doc.json);
    is_misuse(&doc);
    open_document(&doc); /* a value without a key */
    cs_json_begin_object(&doc.json);
    cs_json_int64(&doc.json, 1);
    is_misuse(&doc);
    open_document(&doc); /* a key without a value */
    cs_json_begin_object(&doc.json);
    cs_json_key(&doc.json, "a");
    cs_json_end_object(&doc.json);
    is_misuse(&doc);
    open_document(&doc); /* two keys */
    cs_json_begin_object(&doc.json);
    cs_json_key(&doc.json, "a");
    cs_json_key(&doc.json, "b");
    is_misuse(&doc);
    open_document(&doc); /* a key in an array */
    cs_json_begin_array(&doc.json);
    cs_json_key(&doc.json, "a");
    is_misuse(&doc);
    open_document(&doc); /* the wrong end */
    cs_json_begin_array(&doc.json);
    cs_json_end_object(&doc.json);
    is_misuse(&doc);
    open_document(&doc); /* an end too many */
    cs_json_end_array(&doc.json);
    is_misuse(&doc);
    open_document(&doc); /* two values */
    cs_json_null(&doc.json);
    cs_json_null(&doc.json);
    is_misuse(&doc);
}

static void depth_is_limited(void **state)
{
    (void)state;
    document doc;
    open_document(&doc);
    for (int i = 0; i < CS_JSON_DEPTH; i++) {
        cs_json_begin_array(&doc.json);
    }
    for (int i = 0; i < CS_JSON_DEPTH; i++) {
        cs_json_end_array(&doc.json);
    }
    assert_int_equal(cs_json_close(&doc.json), CS_OK);
    cs_bytes_free(&doc.bytes);
    open_document(&doc);
    for (int i = 0; i < CS_JSON_DEPTH + 1; i++) {
        cs_json_begin_array(&doc.json);
    }
    is_misuse(&doc);
}

static void write_something(cs_json *json)
{
    cs_json_begin_object(json);
    cs_json_key(json, "numbers");
    cs_json_begin_array(json);
    for (int i = 0; i < 20; i++) {
        cs_json_double(json, 0.1 * i);
    }
    cs_json_end_array(json);
    cs_json_key(json, "text");
    cs_json_string(json, "with a \"quote\"");
    cs_json_end_object(json);
}

/* Whichever allocation fails, the end says so, nothing is written after it and nothing leaks. */
static void the_nth_allocation_fails(void **state)
{
    (void)state;
    long n_failed = 0;
    for (long nth = 1;; nth++) {
        document doc;
        open_document(&doc);
        cs_memory_fail_nth(nth);
        write_something(&doc.json);
        const size_t size = doc.bytes.size;
        const cs_status status = cs_json_close(&doc.json);
        cs_memory_fail_nth(0);
        if (status == CS_OK) {
            cs_bytes_free(&doc.bytes);
            break;
        }
        assert_int_equal(status, CS_MEMORY);
        assert_int_equal(doc.err.status, CS_MEMORY);
        assert_true(doc.bytes.size == size);
        cs_bytes_free(&doc.bytes);
        n_failed++;
    }
    assert_true(n_failed >= 3); /* the buffer grew that often at least */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nesting_is_indented_by_two),
        cmocka_unit_test(control_characters_and_quotes_are_escaped),
        cmocka_unit_test(a_key_is_escaped_like_a_string),
        cmocka_unit_test(valid_utf8_passes_and_the_rest_is_replaced),
        cmocka_unit_test(numbers_are_the_shortest_that_read_back),
        cmocka_unit_test(every_finite_double_reads_back),
        cmocka_unit_test(wrong_use_is_an_error_and_not_an_abort),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(the_nth_allocation_fails),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
