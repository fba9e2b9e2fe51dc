/* SPDX-License-Identifier: MIT */
/* The scanner of JSON lines: each of its kinds against known answers and against the reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/scan/scan.h"

enum { REFERENCE = -1, N_KINDS = 3 };

static const int KINDS[N_KINDS] = {REFERENCE, CSK_SCAN_PLAIN, CSK_SCAN_AVX2};
static const csk_scan_step TITLE[] = {{"title", 5, 0}};
static const csk_scan_step DEEP[] = {{"a", 1, 0}, {NULL, 0, 2}, {"b", 1, 0}};

static csk_scan_result scan_lines(csk_scan *scan, const csk_scan_query *query, int kind)
{
    return kind == REFERENCE ? csk_scan_lines_ref(scan, query)
                             : csk_scan_lines(scan, query, (csk_scan_isa)kind);
}

/* A copy with readable bytes behind it that would lead astray whoever believes in them. */
static char *padded(const char *text, size_t size)
{
    char *copy = malloc(size + CSK_SCAN_PADDING);
    assert_non_null(copy);
    memcpy(copy, text, size);
    memset(copy + size, '"', CSK_SCAN_PADDING);
    return copy;
}

/* One line by every kind: this result, and this value (without its line end). */
static void gives(const csk_scan_query *query, const char *line, csk_scan_result result,
                  const char *value)
{
    for (int i = 0; i < N_KINDS; i++) {
        const size_t size = strlen(line);
        char *text = padded(line, size), out[4096] = "";
        csk_scan scan = {.at = text, .end = text + size, .out = out};
        assert_int_equal(scan_lines(&scan, query, KINDS[i]), result);
        assert_ptr_equal(scan.at, scan.end);
        assert_int_equal(scan.n_lines, 1);
        assert_int_equal(scan.n_values, result == CSK_SCAN_OK);
        if (result == CSK_SCAN_OK) {
            assert_int_equal(scan.out[-1], '\n');
            scan.out[-1] = '\0';
            assert_string_equal(out, value);
        } else {
            assert_ptr_equal(scan.out, out);
            assert_ptr_equal(scan.line, text);
            assert_int_equal(scan.length, size);
        }
        free(text);
    }
}

static const csk_scan_query PLAINLY = {.steps = TITLE, .n_steps = 1};
static const csk_scan_query RAW = {.steps = TITLE, .n_steps = 1, .raw = true};
static const csk_scan_query KEEP = {.steps = TITLE, .n_steps = 1, .keep_newlines = true};
static const csk_scan_query STRICT = {.steps = TITLE, .n_steps = 1, .strict = true};
static const csk_scan_query NESTED = {.steps = DEEP, .n_steps = 3};

static void values_of_every_type(void **state)
{
    (void)state;
    gives(&PLAINLY, "{\"title\":\"x\"}", CSK_SCAN_OK, "x");
    gives(&PLAINLY, " {\t\"title\" : \"\" } \r", CSK_SCAN_OK, "");
    gives(&PLAINLY, "{\"title\":-1.5e+3}", CSK_SCAN_OK, "-1.5e+3");
    gives(&PLAINLY, "{\"title\":null,\"x\":1}", CSK_SCAN_OK, "null");
    gives(&PLAINLY, "{\"title\":[1, {\"a\":\"]\"}] }", CSK_SCAN_OK, "[1, {\"a\":\"]\"}]");
    gives(&RAW, "{\"title\":\"a\\nb\"}", CSK_SCAN_OK, "\"a\\nb\"");
    gives(&NESTED, "{\"x\":{\"a\":0},\"a\":[0,[],{\"c\":[{\"b\":9}],\"b\":true}]}", CSK_SCAN_OK,
          "true");
}

static void a_key_of_a_nested_object_is_another(void **state)
{
    (void)state;
    gives(&PLAINLY, "{\"x\":{\"title\":1},\"y\":[{\"title\":2}],\"title\":3}", CSK_SCAN_OK, "3");
    gives(&PLAINLY, "{\"x\":{\"title\":1}}", CSK_SCAN_MISSING, NULL);
    gives(&PLAINLY, "{\"x\":\"title\",\"y\":\"\\\"title\\\":1\"}", CSK_SCAN_MISSING, NULL);
}

static void keys_may_be_escaped(void **state)
{
    (void)state;
    gives(&PLAINLY, "{\"\\u0074itle\":1}", CSK_SCAN_OK, "1");
    gives(&PLAINLY, "{\"titl\\u0065\":1}", CSK_SCAN_OK, "1");
    gives(&PLAINLY, "{\"titl\\u0066\":1,\"title\\u0000\":2,\"titl\\e\":3}", CSK_SCAN_MISSING, NULL);
    const csk_scan_step slash[] = {{"a\\\"\xc3\xa9", 5, 0}};
    const csk_scan_query query = {.steps = slash, .n_steps = 1};
    gives(&query, "{\"a\\\\\\\"\\u00e9\":1}", CSK_SCAN_OK, "1");
    gives(&query, "{\"a\\\\\\\"\xc3\xa9\":1}", CSK_SCAN_OK, "1");
}

static void strings_are_decoded(void **state)
{
    (void)state;
    gives(&PLAINLY, "{\"title\":\"\\\"\\\\\\/\\b\\f\\t\"}", CSK_SCAN_OK, "\"\\/\b\f\t");
    gives(&PLAINLY, "{\"title\":\"\\u00e9\\u20AC\\ud83d\\uDE00\"}", CSK_SCAN_OK,
          "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    gives(&PLAINLY, "{\"title\":\"\xc3\xa9\xf4\x8f\xbf\xbf\"}", CSK_SCAN_OK,
          "\xc3\xa9\xf4\x8f\xbf\xbf");
    gives(&PLAINLY, "{\"title\":\"a\\nb\\r\\u000a\"}", CSK_SCAN_OK, "a\\nb\\r\\n");
    gives(&KEEP, "{\"title\":\"a\\nb\\r\"}", CSK_SCAN_OK, "a\nb\r");
}

static void what_cannot_be_decoded_is_refused(void **state)
{
    (void)state;
    static const char *const escapes[] = {
        "\\x", "\\u12g4", "\\ud83d", "\\ude00", "\\ud83d\\u0041", "\\ud83dx", "\\u", "\\U0041"};
    static const char *const bytes[] = {"\xff",         "\xc3",
                                        "\xc0\x80",     "\xed\xa0\x80",
                                        "\xe0\x9f\xbf", "\xf4\x90\x80\x80",
                                        "\x80",         "\xf0\x8f\xbf\xbf"};
    char line[64];
    for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++) {
        snprintf(line, sizeof line, "{\"title\":\"%s\"}", escapes[i]);
        gives(&PLAINLY, line, CSK_SCAN_BAD_ESCAPE, NULL);
        gives(&STRICT, line, CSK_SCAN_BAD_ESCAPE, NULL);
        snprintf(line, sizeof line, "{\"title\":\"%s\"}", bytes[i]);
        gives(&PLAINLY, line, CSK_SCAN_BAD_UTF8, NULL);
        gives(&STRICT, line, CSK_SCAN_BAD_UTF8, NULL);
    }
    gives(&PLAINLY, "{\"title\":\"\t\"}", CSK_SCAN_BAD_CONTROL, NULL);
    gives(&PLAINLY, "{\"title\":tru}", CSK_SCAN_BAD_SCALAR, NULL);
    gives(&PLAINLY, "{\"title\":01}", CSK_SCAN_BAD_SCALAR, NULL);
}

static void what_is_no_object_is_refused(void **state)
{
    (void)state;
    gives(&PLAINLY, "[1]", CSK_SCAN_NOT_OBJECT, NULL);
    gives(&PLAINLY, "\"title\"", CSK_SCAN_NOT_OBJECT, NULL);
    gives(&PLAINLY, "{\"title\":\"x\"", CSK_SCAN_NO_END, NULL);
    gives(&PLAINLY, "{\"title\":\"x}", CSK_SCAN_TRUNCATED, NULL);
    gives(&PLAINLY, "{\"x\":[1}", CSK_SCAN_TRUNCATED, NULL);
    gives(&PLAINLY, "{\"x\" 1}", CSK_SCAN_BROKEN, NULL);
    gives(&PLAINLY, "{\"x\":1 2}", CSK_SCAN_BROKEN, NULL);
    gives(&PLAINLY, "{x:1}", CSK_SCAN_BROKEN, NULL);
    gives(&PLAINLY, "{}", CSK_SCAN_MISSING, NULL);
    gives(&NESTED, "{\"a\":[0,1]}", CSK_SCAN_MISSING, NULL);
    gives(&NESTED, "{\"a\":{}}", CSK_SCAN_MISSING, NULL);
}

/* The first of two counts; only the validation looks for the second. */
static void the_first_of_two_keys_counts(void **state)
{
    (void)state;
    gives(&PLAINLY, "{\"title\":1,\"title\":2}", CSK_SCAN_OK, "1");
    gives(&STRICT, "{\"title\":1,\"title\":2}", CSK_SCAN_DUPLICATE, NULL);
    gives(&STRICT, "{\"title\":1,\"x\":{\"title\":2}}", CSK_SCAN_OK, "1");
}

static void validation_sees_the_whole_line(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\"x\":[1,]",   "\"x\":[1 2]", "\"x\":{\"y\"}", "\"x\":[1}",      "\"x\":1.}",
        "\"x\":+1",     "\"x\":nul",   "\"x\":\"\\q\"", "\"x\":\"\xe9\"", "\"x\":\"\x01\"",
        "\"x\":[1]]",   "\"x\":{,}",   "\"x\":1,",      "\"x\":1} {",     "\"x\":.5",
        "\"x\":\"\\\"", "\"x\":1e",    "\"x\":-",       "\"x\":[",        "\"x\""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char line[64], out[64], *text = NULL;
        snprintf(line, sizeof line, "{\"title\":1,%s}", bad[i]);
        gives(&PLAINLY, line, CSK_SCAN_OK, "1");
        text = padded(line, strlen(line));
        csk_scan_result first = CSK_SCAN_OK;
        for (int k = 0; k < N_KINDS; k++) {
            csk_scan scan = {.at = text, .end = text + strlen(line), .out = out};
            const csk_scan_result result = scan_lines(&scan, &STRICT, KINDS[k]);
            first = k == 0 ? result : first;
            assert_int_not_equal(result, CSK_SCAN_OK);
            assert_int_equal(result, first);
        }
        free(text);
    }
    gives(&STRICT, "{\"title\":1,\"x\":[[],{},[{\"y\":[-0.0E-1]}], \"\\u00e9\xc3\xa9\"]}",
          CSK_SCAN_OK, "1");
}

static void depth_is_limited_by_the_validation_only(void **state)
{
    (void)state;
    for (size_t depth = CSK_SCAN_DEPTH - 1; depth <= CSK_SCAN_DEPTH; depth++) {
        char line[2 * CSK_SCAN_DEPTH + 64] = "{\"title\":1,\"x\":";
        const size_t begin = strlen(line);
        memset(line + begin, '[', depth);
        memset(line + begin + depth, ']', depth);
        strcpy(line + begin + 2 * depth, "}");
        gives(&PLAINLY, line, CSK_SCAN_OK, "1");
        gives(&STRICT, line, depth < CSK_SCAN_DEPTH ? CSK_SCAN_OK : CSK_SCAN_TOO_DEEP, "1");
    }
}

/* Runs of backslashes and quotes at every place against words of 8, 32 and 64 bytes. */
static void escapes_at_the_edges_of_words(void **state)
{
    (void)state;
    for (size_t before = 0; before < 140; before++) {
        for (size_t n = 0; n < 6; n++) {
            char text[256] = "", line[512], value[256];
            memset(text, 'x', before);
            for (size_t i = 0; i < n; i++) {
                strcat(text, i % 2 == 0 ? "\\\\" : "\\\"");
            }
            memset(value, 'x', before);
            for (size_t i = 0; i < n; i++) {
                value[before + i] = i % 2 == 0 ? '\\' : '"';
            }
            strcpy(value + before + n, "]}");
            snprintf(line, sizeof line, "{\"k\":[{\"%s\":\"%s\"}],\"title\":\"%s]}\"}", text, text,
                     text);
            gives(&PLAINLY, line, CSK_SCAN_OK, value);
            gives(&STRICT, line, CSK_SCAN_OK, value);
        }
    }
}

static void lines_are_counted_and_blank_ones_passed_over(void **state)
{
    (void)state;
    static const char lines[] = "\n \t\r\n{\"title\":1}\r\nno\n\n{\"title\":2}\n{}\n{\"title\":3}";
    for (int i = 0; i < N_KINDS; i++) {
        char *text = padded(lines, sizeof lines - 1), out[sizeof lines];
        csk_scan scan = {.at = text, .end = text + sizeof lines - 1, .out = out};
        assert_int_equal(scan_lines(&scan, &PLAINLY, KINDS[i]), CSK_SCAN_NOT_OBJECT);
        assert_int_equal(scan.n_lines, 4);
        assert_memory_equal(scan.line, "no\n", 3);
        assert_int_equal(scan_lines(&scan, &PLAINLY, KINDS[i]), CSK_SCAN_MISSING);
        assert_int_equal(scan.n_lines, 7);
        assert_int_equal(scan_lines(&scan, &PLAINLY, KINDS[i]), CSK_SCAN_OK);
        assert_int_equal(scan_lines(&scan, &PLAINLY, KINDS[i]), CSK_SCAN_OK);
        assert_int_equal(scan.n_lines, 8);
        assert_int_equal(scan.n_values, 3);
        assert_int_equal(scan.n_blank, 3);
        assert_memory_equal(out, "1\n2\n3\n", 6);
        free(text);
    }
}

/* Of a line's beginning: the value once it is there, and before that nothing but "too long". */
static void beginnings_decide_or_say_so(void **state)
{
    (void)state;
    static const char line[] = "{\"x\":[\"}\",1],\"title\":\"va\\u00e9lue\",\"y\":12345}";
    const size_t needed = (size_t)(strstr(line, ",\"y\"") - line);
    for (int kind = CSK_SCAN_PLAIN; kind <= CSK_SCAN_AVX2; kind++) {
        for (size_t size = 0; size < sizeof line - 1; size++) {
            char *text = padded(line, size), out[sizeof line];
            csk_scan scan = {.at = text, .end = text + size, .out = out};
            const csk_scan_result result =
                csk_scan_beginning(&scan, '}', &PLAINLY, (csk_scan_isa)kind);
            assert_int_equal(result, size < needed ? CSK_SCAN_TOO_LONG : CSK_SCAN_OK);
            assert_int_equal(scan.out - out, size < needed ? 0 : 8);
            assert_ptr_equal(scan.at, scan.end);
            scan = (csk_scan){.at = text, .end = text + size, .out = out};
            assert_int_not_equal(csk_scan_beginning(&scan, ']', &PLAINLY, (csk_scan_isa)kind),
                                 CSK_SCAN_OK);
            scan = (csk_scan){.at = text, .end = text + size, .out = out};
            assert_int_equal(csk_scan_beginning(&scan, '}', &STRICT, (csk_scan_isa)kind),
                             CSK_SCAN_TOO_LONG);
            free(text);
        }
    }
}

/* ---- random records ---- */

static uint64_t seed;

static size_t below(size_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(seed >> 33) % n;
}

static char *put(char *to, const char *text)
{
    const size_t length = strlen(text);
    memcpy(to, text, length);
    return to + length;
}

static char *put_random_string(char *to)
{
    static const char *const pieces[] = {"a",
                                         "title",
                                         " ",
                                         "\\\"",
                                         "\\\\",
                                         "\\n",
                                         "{",
                                         "]",
                                         "\xc3\xa9",
                                         "\\u00e9",
                                         "\\/",
                                         ",",
                                         "\\ud83d\\ude00",
                                         "\xf0\x9f\x98\x80",
                                         "0123456789012345678901234567890",
                                         ":"};
    *to++ = '"';
    for (size_t n = below(12); n > 0; n--) {
        to = put(to, pieces[below(sizeof pieces / sizeof pieces[0])]);
    }
    *to++ = '"';
    return to;
}

static char *put_random_value(char *to, size_t depth)
{
    static const char *const scalars[] = {"null", "true", "false", "0", "-12.5e3", "123456789"};
    const size_t kind = below(depth < 4 ? 5 : 3);
    if (kind < 2) {
        return put_random_string(to);
    }
    if (kind == 2) {
        return put(to, scalars[below(6)]);
    }
    *to++ = kind == 3 ? '[' : '{';
    for (size_t i = 0, n = below(5); i < n; i++) {
        to = i > 0 ? put(to, below(2) ? "," : " , ") : to;
        if (kind == 4) {
            to = put(put_random_string(to), below(2) ? ":" : " : ");
        }
        to = put_random_value(to, depth + 1);
    }
    *to++ = kind == 3 ? ']' : '}';
    return to;
}

/* A record, damaged now and then. */
static char *put_random_line(char *to)
{
    char *const begin = to;
    *to++ = '{';
    for (size_t i = 0, n = below(6); i < n; i++) {
        to = i > 0 ? put(to, ",") : to;
        to = below(4) ? put(put_random_string(to), ":") : put(to, "\"title\":");
        to = put_random_value(to, 0);
    }
    *to++ = '}';
    if (below(4) == 0) {
        begin[below((size_t)(to - begin))] = "\"\\{}[],:x\x01\xc3 \n"[below(13)];
    }
    *to++ = '\n';
    return to;
}

/* Scans all of a text; a refused line leaves its reason among the values. */
static size_t scan_all(char *out, const char *text, size_t size, const csk_scan_query *query,
                       int kind)
{
    csk_scan scan = {.at = text, .end = text + size, .out = out};
    for (csk_scan_result result = scan_lines(&scan, query, kind); result != CSK_SCAN_OK;
         result = scan_lines(&scan, query, kind)) {
        *scan.out++ = (char)('A' + (int)result);
    }
    return (size_t)(scan.out - out);
}

static void random_records_give_the_same_by_every_kind(void **state)
{
    (void)state;
    enum { ROOM = 1 << 20, LINES = 300 };
    char *text = malloc(ROOM), *outs[N_KINDS];
    const csk_scan_query *const queries[] = {&PLAINLY, &RAW, &KEEP, &STRICT};
    for (int i = 0; i < N_KINDS; i++) {
        outs[i] = malloc(ROOM);
        assert_non_null(outs[i]);
    }
    assert_non_null(text);
    for (seed = 1; seed < 4000000000; seed += 31415926) {
        const uint64_t before = seed;
        char *end = text;
        for (int i = 0; i < LINES && end - text < ROOM / 2; i++) {
            end = put_random_line(end);
        }
        memset(end, '"', CSK_SCAN_PADDING);
        const size_t size = (size_t)(end - text);
        for (size_t q = 0; q < 4; q++) {
            const size_t length = scan_all(outs[0], text, size, queries[q], KINDS[0]);
            for (int i = 1; i < N_KINDS; i++) {
                assert_int_equal(scan_all(outs[i], text, size, queries[q], KINDS[i]), length);
                assert_memory_equal(outs[i], outs[0], length);
            }
        }
        seed = before;
    }
    for (int i = 0; i < N_KINDS; i++) {
        free(outs[i]);
    }
    free(text);
}

static void every_result_has_a_text(void **state)
{
    (void)state;
    for (int i = CSK_SCAN_OK; i <= CSK_SCAN_TOO_LONG; i++) {
        assert_string_not_equal(csk_scan_result_text((csk_scan_result)i), "unknown");
    }
    printf("AVX2: %s\n", csk_scan_has_avx2() ? "tested" : "not here, plain instead");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_every_type),
        cmocka_unit_test(a_key_of_a_nested_object_is_another),
        cmocka_unit_test(keys_may_be_escaped),
        cmocka_unit_test(strings_are_decoded),
        cmocka_unit_test(what_cannot_be_decoded_is_refused),
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(the_first_of_two_keys_counts),
        cmocka_unit_test(validation_sees_the_whole_line),
        cmocka_unit_test(depth_is_limited_by_the_validation_only),
        cmocka_unit_test(escapes_at_the_edges_of_words),
        cmocka_unit_test(lines_are_counted_and_blank_ones_passed_over),
        cmocka_unit_test(beginnings_decide_or_say_so),
        cmocka_unit_test(random_records_give_the_same_by_every_kind),
        cmocka_unit_test(every_result_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
