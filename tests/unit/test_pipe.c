/* SPDX-License-Identifier: MIT */
/* Streams of lines: paths of fields, ranges of files, queues, throttles, the order of blocks. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "job/ndpipe_files.h"
#include "job/ndpipe_options.h"
#include "pipe/field.h"
#include "pipe/lines.h"
#include "pipe/queue.h"
#include "pipe/throttle.h"
#include "watch/clock.h"

/* ---- fields ---- */

static void path_is(const char *text, const char *expected)
{
    cs_field field;
    cs_error err = {0};
    char steps[256] = "";
    assert_int_equal(cs_field_parse(&field, text, &err), CS_OK);
    for (size_t i = 0; i < field.n_steps; i++) {
        const csk_scan_step *s = &field.steps[i];
        const size_t used = strlen(steps);
        if (s->key != NULL) {
            snprintf(steps + used, sizeof steps - used, "<%.*s>", (int)s->length, s->key);
        } else {
            snprintf(steps + used, sizeof steps - used, "#%llu", (unsigned long long)s->index);
        }
    }
    assert_string_equal(steps, expected);
    cs_field_free(&field);
}

static void paths_of_fields(void **state)
{
    (void)state;
    path_is("title", "<title>");
    path_is("actors[0]", "<actors>#0");
    path_is("a.b[2][11].c", "<a><b>#2#11<c>");
    path_is("[\"a.b\"][2].c d", "<a.b>#2<c d>");
    path_is("a[\"x\\\"]\\\\\"]", "<a><x\"]\\>");
    path_is("[\"\"]", "<>");
    path_is("\xc3\xa9t\xc3\xa9", "<\xc3\xa9t\xc3\xa9>");
    static const char *const bad[] = {"",      ".",     "a.",     "a..b",  "[0]",      "a[",  "a[]",
                                      "a[-1]", "a[x]",  "a[0",    "a]",    "a[\"x]",   "a\"", ".a",
                                      "a[0]b", "a[1 ]", "[\"a\"", "a.[0]", "a[\"x\"b]"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cs_field field;
        cs_error err = {0};
        assert_int_equal(cs_field_parse(&field, bad[i], &err), CS_USAGE);
        assert_null(field.names);
    }
}

static void numbers_of_bytes(void **state)
{
    (void)state;
    cs_error err = {0};
    size_t n = 0;
    assert_int_equal(cs_ndpipe_parse_bytes(&n, "500", "x", &err), CS_OK);
    assert_int_equal(n, 500);
    assert_int_equal(cs_ndpipe_parse_bytes(&n, "3M", "x", &err), CS_OK);
    assert_int_equal(n, 3 << 20);
    static const char *const bad[] = {"", "K", "1k", "-1", "1MB", "1.5M", "99999999999G", "0x10"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(cs_ndpipe_parse_bytes(&n, bad[i], "x", &err), CS_USAGE);
    }
}

/* ---- lines ---- */

static int temporary_file(const char *text, size_t size)
{
    char path[] = "/tmp/catchsim-lines-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    unlink(path);
    assert_int_equal(write(file, text, size), (ssize_t)size);
    return file;
}

/* All lines of a range, one behind the other; a cut one gets its last byte in front. */
static void read_range(cs_bytes *out, const cs_lines_input *input, uint64_t begin, uint64_t limit)
{
    cs_lines lines = {0};
    cs_error err = {0};
    cs_lines_begin(&lines, input, begin, limit);
    for (bool more = true; more;) {
        cs_chunk chunk;
        assert_int_equal(cs_lines_next(&lines, &chunk, &more, &err), CS_OK);
        if (more) {
            assert_true(chunk.size > 0 && chunk.n_bytes >= chunk.size);
            if (chunk.is_cut) {
                const char mark[] = {'<', chunk.last, '>'};
                assert_int_equal(cs_bytes_append(out, mark, 3, &err), CS_OK);
            }
            assert_int_equal(cs_bytes_append(out, chunk.data, chunk.size, &err), CS_OK);
        }
    }
    cs_lines_free(&lines);
}

/* Wherever a file is cut into ranges, each line is in one of them, once and in order. */
static void every_line_is_in_one_range(void **state)
{
    (void)state;
    static const char *const texts[] = {"a\nbb\n\nccc\ndddddddddd\ne", "\n\n\n", "no end", "one\n",
                                        "aaaaaaaaaaaaaaaaaaaaaaa\nb\n"};
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
        const size_t size = strlen(texts[t]);
        const int file = temporary_file(texts[t], size);
        for (size_t max_line = 24; max_line < 60; max_line += 7) {
            const cs_lines_input input = {
                .name = "lines", .file = file, .size = size, .max_line = max_line};
            for (uint64_t block = 1; block <= size + 1; block++) {
                cs_bytes out = {0};
                for (uint64_t begin = 0; begin < size; begin += block) {
                    read_range(&out, &input, begin, begin + block);
                }
                assert_int_equal(out.size, size);
                assert_memory_equal(out.data, texts[t], size);
                cs_bytes_free(&out);
            }
        }
        close(file);
    }
}

static void long_lines_are_cut(void **state)
{
    (void)state;
    static const char text[] = "0123456789 \t\nshort\nabcdefg} \r\n01234\n012345\nABCDEF";
    static const char expected[] = "<9>01234short\n<}>abcde01234\n<5>01234<F>ABCDE";
    const int file = temporary_file(text, sizeof text - 1);
    const cs_lines_input input = {
        .name = "lines", .file = file, .size = sizeof text - 1, .max_line = 5};
    for (uint64_t block = 1; block <= sizeof text; block++) {
        cs_bytes out = {0};
        for (uint64_t begin = 0; begin < sizeof text - 1; begin += block) {
            read_range(&out, &input, begin, begin + block);
        }
        assert_int_equal(out.size, sizeof expected - 1);
        assert_memory_equal(out.data, expected, sizeof expected - 1);
        cs_bytes_free(&out);
    }
    close(file);
}

static void a_byte_order_mark_is_passed_over(void **state)
{
    (void)state;
    static const char text[] = "\xef\xbb\xbf{}\n\xef\xbb\xbf{}\n";
    const int file = temporary_file(text, sizeof text - 1);
    const cs_lines_input input = {
        .name = "lines", .file = file, .size = sizeof text - 1, .max_line = 100};
    cs_bytes out = {0};
    read_range(&out, &input, 0, UINT64_MAX);
    assert_int_equal(out.size, sizeof text - 4);
    assert_memory_equal(out.data, text + 3, out.size);
    cs_bytes_free(&out);
    close(file);
}

static void a_file_that_became_shorter_is_told(void **state)
{
    (void)state;
    const int file = temporary_file("a\nb\n", 4);
    const cs_lines_input input = {.name = "lines", .file = file, .size = 10, .max_line = 100};
    cs_lines lines = {0};
    cs_chunk chunk;
    bool more = false;
    cs_error err = {0};
    cs_lines_begin(&lines, &input, 0, UINT64_MAX);
    assert_int_equal(cs_lines_next(&lines, &chunk, &more, &err), CS_OK);
    assert_int_equal(cs_lines_next(&lines, &chunk, &more, &err), CS_IO);
    assert_non_null(strstr(err.message, "became shorter"));
    cs_lines_free(&lines);
    close(file);
}

static void streams_give_lines_as_they_come(void **state)
{
    (void)state;
    int ends[2];
    cs_halt halt;
    cs_lines lines = {0};
    cs_chunk chunk;
    bool more = false;
    cs_error err = {0};
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(cs_halt_open(&halt, &err), CS_OK);
    const cs_lines_input input = {
        .name = "pipe", .file = ends[0], .is_stream = true, .max_line = 100, .halt = &halt};
    cs_lines_begin(&lines, &input, 0, UINT64_MAX);
    assert_int_equal(write(ends[1], "one\ntw", 6), 6);
    assert_int_equal(cs_lines_next(&lines, &chunk, &more, &err), CS_OK);
    assert_int_equal(chunk.size, 4);
    assert_int_equal(write(ends[1], "o\nthree", 7), 7);
    assert_int_equal(cs_lines_next(&lines, &chunk, &more, &err), CS_OK);
    assert_int_equal(chunk.size, 4);
    assert_memory_equal(chunk.data, "two\n", 4);
    cs_halt_set(&halt); /* nothing is waited for any more */
    assert_int_equal(cs_lines_next(&lines, &chunk, &more, &err), CS_OK);
    cs_lines_free(&lines);
    cs_halt_close(&halt);
    close(ends[0]);
    close(ends[1]);
}

/* ---- queues ---- */

typedef struct {
    cs_queue *queue;
    size_t n_put;
} producer;

static void *produce_1000(void *argument)
{
    producer *p = argument;
    for (uint64_t i = 0; i < 1000; i++) {
        cs_item item = {.n_bytes = i};
        if (cs_bytes_append(&item.text, "x", 1, NULL) != CS_OK || !cs_queue_put(p->queue, &item)) {
            break;
        }
        p->n_put++;
    }
    cs_queue_close(p->queue);
    return NULL;
}

static void queues_keep_order_and_depth(void **state)
{
    (void)state;
    static const size_t depths[] = {1, 2, 20, 5000};
    for (size_t d = 0; d < 4; d++) {
        producer p = {0};
        pthread_t thread;
        cs_item item;
        size_t n_queued = 0;
        uint64_t n = 0;
        assert_int_equal(cs_queue_open(&p.queue, depths[d], 1 << 20, NULL), CS_OK);
        assert_int_equal(pthread_create(&thread, NULL, produce_1000, &p), 0);
        while (cs_queue_take(p.queue, &item, &n_queued)) {
            assert_int_equal(item.n_bytes, n++);
            assert_in_range(n_queued, 1, depths[d]);
            cs_bytes_free(&item.text);
        }
        pthread_join(thread, NULL);
        assert_int_equal(n, 1000);
        cs_queue_free(p.queue);
    }
}

static void an_ended_queue_lets_everyone_go(void **state)
{
    (void)state;
    producer p = {0};
    pthread_t thread;
    cs_item item;
    size_t n_queued = 0;
    assert_int_equal(cs_queue_open(&p.queue, 3, 1 << 20, NULL), CS_OK);
    assert_int_equal(pthread_create(&thread, NULL, produce_1000, &p), 0);
    assert_true(cs_queue_take(p.queue, &item, &n_queued));
    cs_bytes_free(&item.text);
    cs_queue_end(p.queue);
    pthread_join(thread, NULL);
    assert_in_range(p.n_put, 1, 4);
    assert_false(cs_queue_take(p.queue, &item, &n_queued));
    cs_queue_free(p.queue);
}

/* Bytes bound a queue as well, but one item always has room. */
static void queues_are_bounded_in_bytes(void **state)
{
    (void)state;
    producer p = {0};
    pthread_t thread;
    cs_item item;
    size_t n_queued = 0;
    assert_int_equal(cs_queue_open(&p.queue, 100, 0, NULL), CS_OK);
    assert_int_equal(pthread_create(&thread, NULL, produce_1000, &p), 0);
    uint64_t n = 0;
    for (; cs_queue_take(p.queue, &item, &n_queued); n++) {
        assert_int_equal(n_queued, 1);
        cs_bytes_free(&item.text);
    }
    assert_int_equal(n, 1000);
    pthread_join(thread, NULL);
    cs_queue_free(p.queue);
}

/* ---- throttles ---- */

/* The schedule is absolute: after n takes the clock shows at least n - 1 periods. */
static void throttles_keep_their_schedule(void **state)
{
    (void)state;
    cs_halt halt;
    cs_throttle throttle;
    double sum = 0;
    assert_int_equal(cs_halt_open(&halt, NULL), CS_OK);
    const double begin = cs_now();
    cs_throttle_begin(&throttle, 0.004);
    for (int i = 0; i < 26; i++) {
        const cs_throttle_take take = cs_throttle_next(&throttle, &halt);
        assert_true(take.slept >= 0 && take.since_last >= 0);
        assert_true(i > 0 || take.since_last == 0.0);
        sum += take.since_last;
    }
    assert_true(sum >= 0.0999 && cs_now() - begin >= 0.0999);
    cs_halt_close(&halt);
}

/* What was missed, since there was nothing to take, is not made up for. */
static void throttles_do_not_burst(void **state)
{
    (void)state;
    cs_halt halt;
    cs_throttle throttle;
    assert_int_equal(cs_halt_open(&halt, NULL), CS_OK);
    cs_throttle_begin(&throttle, 0.01);
    cs_throttle_next(&throttle, &halt);
    throttle.due -= 100; /* as if nothing had come for so long */
    throttle.last -= 100;
    const double begin = cs_now();
    assert_true(cs_throttle_next(&throttle, &halt).since_last >= 100);
    cs_throttle_next(&throttle, &halt);
    cs_throttle_next(&throttle, &halt);
    assert_true(cs_now() - begin >= 0.0199);
    throttle.due = cs_now() - 0.005; /* as if an item had come late by half a period */
    assert_true(cs_throttle_next(&throttle, &halt).slept == 0);
    assert_true(cs_throttle_next(&throttle, &halt).since_last >= 0.0099);
    cs_halt_set(&halt); /* sleeps end at once */
    cs_throttle_begin(&throttle, 1e6);
    cs_throttle_next(&throttle, &halt);
    cs_throttle_next(&throttle, &halt);
    cs_halt_close(&halt);
}

/* ---- the order of blocks ---- */

static void blocks_of_files_take_turns(void **state)
{
    (void)state;
    const cs_ndpipe_file files[] = {
        {.n_blocks = 2}, {.n_blocks = 0}, {.n_blocks = 4}, {.n_blocks = 1}};
    static const char expected[] = "0.0 2.0 3.0 0.1 2.1 2.2 2.3 ";
    char order[64] = "";
    for (uint64_t place = 0; place < 7; place++) {
        size_t file = 9;
        uint64_t block = 9;
        cs_ndpipe_order(&file, &block, files, 4, place);
        const size_t used = strlen(order);
        snprintf(order + used, sizeof order - used, "%zu.%llu ", file, (unsigned long long)block);
    }
    assert_string_equal(order, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_of_fields),
        cmocka_unit_test(numbers_of_bytes),
        cmocka_unit_test(every_line_is_in_one_range),
        cmocka_unit_test(long_lines_are_cut),
        cmocka_unit_test(a_byte_order_mark_is_passed_over),
        cmocka_unit_test(a_file_that_became_shorter_is_told),
        cmocka_unit_test(streams_give_lines_as_they_come),
        cmocka_unit_test(queues_keep_order_and_depth),
        cmocka_unit_test(an_ended_queue_lets_everyone_go),
        cmocka_unit_test(queues_are_bounded_in_bytes),
        cmocka_unit_test(throttles_keep_their_schedule),
        cmocka_unit_test(throttles_do_not_burst),
        cmocka_unit_test(blocks_of_files_take_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
