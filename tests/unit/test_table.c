/* SPDX-License-Identifier: MIT */
/* Tables of model programs, and files that are whole or not there. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "text/table.h"

static char folder[] = "/tmp/catchsim-table-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void parse(cs_table *table, const char *text)
{
    cs_error err = {0};
    if (cs_table_parse(table, text, strlen(text), "t.txt", &err) != CS_OK) {
        fail_msg("%s", err.message);
    }
}

static void both_dialects_are_the_same_table(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "step\tT\tEmpty\n0\t-1.5\tN/A\n0.5\t8.17e-05\tNA\n",
        "step\tT\tEmpty\r\n0\t-1.5\tNaN\r\n0.5\t8.17e-005\tNaN\r\n\r\n",
        "step\t T \tEmpty\n0.0\t -1.5\tx\n0.5 \t0.0000817\t",
        "\xef\xbb\xbfstep\tT\tEmpty\r\n0\t-1.5\tNaN\r\n0.5\t8.17e-5\tNaN\r\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        cs_table table;
        parse(&table, texts[i]);
        assert_int_equal(table.n_columns, 3);
        assert_int_equal(table.n_rows, 2);
        assert_true(cs_table_find(&table, "step")->values[1] == 0.5);
        assert_true(cs_table_find(&table, "T")->values[0] == -1.5);
        assert_true(cs_table_find(&table, "T")->values[1] == 8.17e-5);
        assert_true(isnan(cs_table_find(&table, "Empty")->values[0]));
        assert_true(isnan(cs_table_find(&table, "Empty")->values[1]));
        assert_null(cs_table_find(&table, "Q"));
        cs_table_free(&table);
    }
}

static void refused(const char *text, const char *message)
{
    cs_table table;
    cs_error err = {0};
    assert_int_equal(cs_table_parse(&table, text, strlen(text), "t.txt", &err), CS_DATA);
    assert_null(table.values);
    if (strncmp(err.message, message, strlen(message)) != 0) {
        fail_msg("\"%s\" instead of \"%s\"", err.message, message);
    }
}

static void uneven_tables_are_refused(void **state)
{
    (void)state;
    refused("", "t.txt:1: empty");
    refused("\r\n\n", "t.txt:1: empty");
    refused("a\t\n1\t2\n", "t.txt:1: column 2 has no name");
    refused("a\tb\n1\t2\n3\n", "t.txt:3: 1 fields where the header has 2");
    refused("a\tb\n1\t2\t\n", "t.txt:2: 3 fields where the header has 2");
    refused("a\tb\n\n1\t2\n", "t.txt:2: 1 fields where the header has 2");
}

static void a_header_alone_is_a_table(void **state)
{
    (void)state;
    cs_table table;
    parse(&table, "a\tb");
    assert_int_equal(table.n_columns, 2);
    assert_int_equal(table.n_rows, 0);
    cs_table_free(&table);
}

/* Longer than what is written at once; each field as printf writes it, repeated values as well. */
static void tables_are_written_as_printf_would(void **state)
{
    (void)state;
    enum { N = 30000 };
    static double x[N], y[N];
    for (size_t i = 0; i < N; i++) {
        x[i] = (double)i / 24.0;
        y[i] = i % 100 < 50 ? (double)NAN : -1e-7 * (double)(i / 7);
    }
    const cs_table_column columns[] = {{"x", x}, {"a longer name", y}};
    cs_file_writer file;
    cs_error err = {0};
    assert_int_equal(cs_file_create(&file, path_of("t"), &err), CS_OK);
    assert_int_equal(cs_table_write(&file, columns, 2, N, &err), CS_OK);
    assert_int_not_equal(access(path_of("t"), F_OK), 0); /* not before it is whole */
    assert_int_equal(cs_file_finish(&file, &err), CS_OK);
    cs_file_release(&file);
    FILE *written = fopen(path_of("t"), "rb");
    assert_non_null(written);
    char line[128], expected[128];
    assert_non_null(fgets(line, sizeof line, written));
    assert_string_equal(line, "x\ta longer name\n");
    for (size_t i = 0; i < N; i++) {
        char text[64] = "NaN";
        if (!isnan(y[i])) {
            snprintf(text, sizeof text, "%0.9lg", y[i]);
        }
        snprintf(expected, sizeof expected, "%0.9lg\t%s\n", x[i], text);
        assert_non_null(fgets(line, sizeof line, written));
        assert_string_equal(line, expected);
    }
    assert_null(fgets(line, sizeof line, written));
    fclose(written);
    assert_int_equal(unlink(path_of("t")), 0);
}

static void an_unfinished_file_leaves_the_old_one(void **state)
{
    (void)state;
    cs_file_writer file;
    cs_error err = {0};
    cs_bytes content = {0};
    for (int finished = 1; finished >= 0; finished--) {
        assert_int_equal(cs_file_create(&file, path_of("f"), &err), CS_OK);
        assert_int_equal(cs_file_write(&file, finished ? "old" : "new", 3, &err), CS_OK);
        if (finished) {
            assert_int_equal(cs_file_finish(&file, &err), CS_OK);
        }
        cs_file_release(&file);
    }
    assert_int_equal(cs_file_read(&content, path_of("f"), 3, &err), CS_OK);
    assert_int_equal(content.size, 3);
    assert_memory_equal(content.data, "old", 3);
    cs_bytes_free(&content);
    assert_int_equal(cs_file_read(&content, path_of("f"), 2, &err), CS_DATA);
    cs_bytes_free(&content);
    assert_int_not_equal(access(path_of("f.part"), F_OK), 0);
    assert_int_equal(unlink(path_of("f")), 0);
}

/* A rename would put a file in the place of the link, or of /dev/null. */
static void links_are_written_in_place(void **state)
{
    (void)state;
    cs_file_writer file;
    cs_error err = {0};
    char target[256];
    struct stat info;
    snprintf(target, sizeof target, "%s", path_of("target"));
    assert_int_equal(symlink(target, path_of("link")), 0);
    assert_int_equal(cs_file_create(&file, path_of("link"), &err), CS_OK);
    assert_int_equal(cs_file_write(&file, "x", 1, &err), CS_OK);
    assert_int_equal(cs_file_finish(&file, &err), CS_OK);
    cs_file_release(&file);
    assert_int_equal(lstat(path_of("link"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(stat(target, &info), 0);
    assert_int_equal(info.st_size, 1);
    assert_int_equal(unlink(path_of("link")), 0);
    assert_int_equal(unlink(target), 0);
}

static void a_full_device_is_told(void **state)
{
    (void)state;
    cs_file_writer file;
    cs_error err = {0};
    if (access("/dev/full", W_OK) != 0) {
        skip();
    }
    assert_int_equal(cs_file_create(&file, "/dev/full", &err), CS_OK);
    assert_int_equal(cs_file_write(&file, "x", 1, &err), CS_IO);
    assert_non_null(strstr(err.message, "/dev/full: cannot be written"));
    cs_file_release(&file);
    assert_int_equal(access("/dev/full", W_OK), 0);
    assert_int_equal(cs_file_create(&file, path_of("none/f"), &err), CS_IO);
    cs_file_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_dialects_are_the_same_table),
        cmocka_unit_test(uneven_tables_are_refused),
        cmocka_unit_test(a_header_alone_is_a_table),
        cmocka_unit_test(tables_are_written_as_printf_would),
        cmocka_unit_test(an_unfinished_file_leaves_the_old_one),
        cmocka_unit_test(links_are_written_in_place),
        cmocka_unit_test(a_full_device_is_told),
    };
    return cmocka_run_group_tests_name("table", tests, make_folder, remove_folder);
}
