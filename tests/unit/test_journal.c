/* SPDX-License-Identifier: MIT */
/* Journals: what was appended comes back; what is torn or damaged does not, and nothing else. */
#include "journal/journal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "journal/checksum.h"
#include "journal/identity.h"
#include "journal/syncer.h"

enum { BEGIN = 16, N_RECORDS = 4 };

static const char IDENTITY[] = "program=test 1\nshape=3 x 4\n";
static const char *const PAYLOAD[N_RECORDS] = {"one", "", "the third, of twenty-four", "4444"};

static int new_file(void)
{
    const int file = memfd_create("journal", MFD_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, "0123456789abcdef", BEGIN, 0), BEGIN);
    return file;
}

static cs_journal *reopen(int file)
{
    cs_error err = {0};
    cs_journal *j = NULL;
    assert_int_equal(cs_journal_open(&j, file, "out.journal", BEGIN, &err), CS_OK);
    return j;
}

static void append(cs_journal *j, uint32_t kind, const char *text)
{
    cs_error err = {0};
    assert_int_equal(cs_journal_append(j, kind, text, strlen(text), &err), CS_OK);
}

static int file_with_records(void)
{
    const int file = new_file();
    cs_journal *j = reopen(file);
    cs_error err = {0};
    assert_int_equal(cs_journal_begin(j, IDENTITY, &err), CS_OK);
    for (uint32_t i = 0; i < N_RECORDS; i++) {
        append(j, i, PAYLOAD[i]);
    }
    cs_journal_close(j);
    return file;
}

static void record_is(const cs_journal *j, size_t i, uint32_t kind, const char *text)
{
    cs_bytes bytes = {0};
    cs_error err = {0};
    assert_int_equal(cs_bytes_append(&bytes, "x", 1, &err), CS_OK); /* read appends */
    assert_int_equal(cs_journal_at(j, i)->kind, kind);
    assert_int_equal(cs_journal_read(j, cs_journal_at(j, i), &bytes, &err), CS_OK);
    assert_int_equal(bytes.size, strlen(text) + 1);
    assert_memory_equal(bytes.data + 1, text, strlen(text));
    cs_bytes_free(&bytes);
}

static void records_come_back(void **state)
{
    (void)state;
    const int file = file_with_records();
    cs_journal *j = reopen(file);
    assert_string_equal(cs_journal_identity(j), IDENTITY);
    assert_int_equal(cs_journal_count(j), N_RECORDS);
    for (uint32_t i = 0; i < N_RECORDS; i++) {
        record_is(j, i, i, PAYLOAD[i]);
    }
    append(j, 77, "appended later");
    record_is(j, N_RECORDS, 77, "appended later");
    cs_journal_close(j);
    j = reopen(file);
    record_is(j, N_RECORDS, 77, "appended later");
    cs_journal_close(j);
    char before[BEGIN];
    assert_int_equal(pread(file, before, BEGIN, 0), BEGIN);
    assert_memory_equal(before, "0123456789abcdef", BEGIN);
    close(file);
}

static void records_that_are_not_kept_are_cut_off_by_the_next(void **state)
{
    (void)state;
    for (size_t n = 0; n <= N_RECORDS; n++) {
        const int file = file_with_records();
        cs_journal *j = reopen(file);
        cs_journal_keep(j, n);
        assert_int_equal(cs_journal_count(j), n);
        cs_journal_close(j);
        j = reopen(file);
        assert_int_equal(cs_journal_count(j), N_RECORDS); /* nothing was written yet */
        cs_journal_keep(j, n);
        append(j, 77, "in their place");
        cs_journal_close(j);
        j = reopen(file);
        assert_int_equal(cs_journal_count(j), n + 1);
        for (uint32_t i = 0; i < n; i++) {
            record_is(j, i, i, PAYLOAD[i]);
        }
        record_is(j, n, 77, "in their place");
        cs_journal_close(j);
        close(file);
    }
}

static void an_empty_file_is_a_journal_that_was_not_begun(void **state)
{
    (void)state;
    const int file = new_file();
    cs_journal *j = reopen(file);
    assert_null(cs_journal_identity(j));
    assert_int_equal(cs_journal_count(j), 0);
    cs_journal_close(j);
    assert_int_equal(ftruncate(file, 0), 0);
    j = reopen(file);
    assert_null(cs_journal_identity(j));
    cs_journal_close(j);
    close(file);
}

static void beginning_anew_forgets_everything(void **state)
{
    (void)state;
    const int file = file_with_records();
    cs_journal *j = reopen(file);
    cs_error err = {0};
    assert_int_equal(cs_journal_begin(j, "other=1\n", &err), CS_OK);
    append(j, 5, "new");
    cs_journal_close(j);
    j = reopen(file);
    assert_string_equal(cs_journal_identity(j), "other=1\n");
    assert_int_equal(cs_journal_count(j), 1);
    record_is(j, 0, 5, "new");
    cs_journal_close(j);
    close(file);
}

static size_t size_of(int file)
{
    return (size_t)lseek(file, 0, SEEK_END);
}

static int copy_of(int file, size_t size)
{
    static char data[4096];
    const int copy = memfd_create("copy", MFD_CLOEXEC);
    assert_true(size <= sizeof data);
    assert_int_equal(pread(file, data, size, 0), (ssize_t)size);
    assert_int_equal(pwrite(copy, data, size, 0), (ssize_t)size);
    return copy;
}

/* Whatever the byte at which a kill tears the file: whole records stay, appending goes on. */
static void a_torn_tail_is_cut_at_every_byte(void **state)
{
    (void)state;
    const int file = file_with_records();
    cs_error err = {0};
    size_t n_before = 0, n_changes = 0;
    for (size_t size = BEGIN; size <= size_of(file); size++) {
        const int torn = copy_of(file, size);
        cs_journal *j = reopen(torn);
        const size_t n = cs_journal_count(j);
        assert_true(n == n_before || n == n_before + 1);
        assert_int_equal(cs_journal_n_damaged(j), 0);
        assert_int_equal(cs_journal_check(j, &err), CS_OK);
        n_changes += n != n_before;
        n_before = n;
        for (uint32_t i = 0; i < n; i++) {
            record_is(j, i, i, PAYLOAD[i]);
        }
        if (cs_journal_identity(j) != NULL) {
            append(j, 9, "after the tear");
            cs_journal_close(j);
            j = reopen(torn);
            assert_int_equal(cs_journal_count(j), n + 1);
            record_is(j, n, 9, "after the tear");
        } else {
            assert_int_equal(n, 0);
        }
        cs_journal_close(j);
        close(torn);
    }
    assert_int_equal(n_changes, N_RECORDS);
    close(file);
}

/* Each record that is found is one that was written, in order. */
static size_t count_genuine(const cs_journal *j)
{
    uint32_t next = 0;
    for (size_t i = 0; i < cs_journal_count(j); i++) {
        const uint32_t kind = cs_journal_at(j, i)->kind;
        assert_true(kind >= next && kind < N_RECORDS);
        record_is(j, i, kind, PAYLOAD[kind]);
        next = kind + 1;
    }
    return cs_journal_count(j);
}

static void no_flipped_bit_goes_unnoticed(void **state)
{
    (void)state;
    const int file = file_with_records();
    const size_t size = size_of(file);
    cs_error err = {0};
    size_t n_left_out = 0, n_refused = 0;
    for (size_t bit = 8 * BEGIN; bit < 8 * size; bit++) {
        const int damaged = copy_of(file, size);
        unsigned char byte = 0;
        assert_int_equal(pread(damaged, &byte, 1, (off_t)(bit / 8)), 1);
        byte ^= (unsigned char)(1U << bit % 8);
        assert_int_equal(pwrite(damaged, &byte, 1, (off_t)(bit / 8)), 1);
        cs_journal *j = reopen(damaged);
        if (cs_journal_identity(j) != NULL) {
            assert_string_equal(cs_journal_identity(j), IDENTITY);
            const size_t n = count_genuine(j);
            n_left_out += N_RECORDS - n;
            /* the head of the last record alone looks like a torn one */
            assert_true(n == N_RECORDS || n == N_RECORDS - 1 || cs_journal_n_damaged(j) > 0);
            assert_int_equal(cs_journal_check(j, &err), CS_OK);
        } else {
            assert_int_equal(cs_journal_count(j), 0);
            assert_int_equal(cs_journal_n_damaged(j), 1);
            assert_int_equal(cs_journal_check(j, &err), CS_DATA);
            assert_non_null(strstr(err.message, "damaged at its beginning"));
            n_refused++;
        }
        cs_journal_close(j);
        close(damaged);
    }
    assert_true(n_left_out > 0);
    assert_true(n_refused > 0);
    close(file);
}

/* A lost node may leave a hole: the records behind it count. */
static void records_behind_a_damaged_payload_count(void **state)
{
    (void)state;
    const int file = file_with_records();
    cs_journal *j = reopen(file);
    const cs_journal_record damaged = *cs_journal_at(j, 2);
    assert_int_equal(pwrite(file, "\0\0\0", 3, (off_t)damaged.offset + 4), 3);
    cs_bytes bytes = {0};
    cs_error err = {0};
    assert_int_equal(cs_journal_read(j, &damaged, &bytes, &err), CS_IO);
    assert_non_null(strstr(err.message, "out.journal"));
    cs_bytes_free(&bytes);
    cs_journal_close(j);
    j = reopen(file);
    assert_int_equal(cs_journal_count(j), N_RECORDS - 1);
    assert_int_equal(cs_journal_n_damaged(j), 1);
    record_is(j, 1, 1, PAYLOAD[1]);
    record_is(j, 2, 3, PAYLOAD[3]);
    cs_journal_close(j);
    close(file);
}

static void a_journal_of_another_version_is_refused(void **state)
{
    (void)state;
    const int file = file_with_records();
    unsigned char head[32];
    assert_int_equal(pread(file, head, sizeof head, BEGIN), sizeof head);
    head[6] = '9';
    const uint64_t sum = cs_checksum_at(BEGIN, head, 24);
    memcpy(head + 24, &sum, sizeof sum);
    assert_int_equal(pwrite(file, head, sizeof head, BEGIN), sizeof head);
    cs_journal *j = NULL;
    cs_error err = {0};
    assert_int_equal(cs_journal_open(&j, file, "out.journal", BEGIN, &err), CS_DATA);
    assert_null(j);
    assert_non_null(strstr(err.message, "another version"));
    close(file);
}

/* A disk without room, as the limit of a file's size. */
static void a_full_disk_leaves_the_journal_as_it_was(void **state)
{
    (void)state;
    const int file = file_with_records();
    cs_journal *j = reopen(file);
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = size_of(file) + 40; /* the head and a part of the payload */
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    cs_error err = {0};
    const cs_status status = cs_journal_append(j, 6, "more than eight bytes", 21, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(status, CS_IO);
    assert_non_null(strstr(err.message, "out.journal: cannot be written"));
    assert_int_equal(cs_journal_count(j), N_RECORDS);
    cs_journal *other = reopen(file); /* as a resume sees it now */
    assert_int_equal(cs_journal_count(other), N_RECORDS);
    cs_journal_close(other);
    append(j, 7, "room again");
    cs_journal_close(j);
    j = reopen(file);
    assert_int_equal(cs_journal_count(j), N_RECORDS + 1);
    record_is(j, N_RECORDS, 7, "room again");
    cs_journal_close(j);
    close(file);
}

/* All that a user of a journal does; CS_OK or the first failure. */
static cs_status use(int file, cs_error *err)
{
    cs_journal *j = NULL;
    cs_bytes bytes = {0}, identity = {0};
    cs_status status = CS_OK;
    CS_CHECK(cs_identity_add(&identity, err, "shape", "%d x %d", 3, 4));
    CS_CHECK(cs_journal_open(&j, file, "out.journal", BEGIN, err));
    CS_CHECK(cs_journal_begin(j, cs_identity_text(&identity), err));
    CS_CHECK(cs_journal_append(j, 1, "abc", 3, err));
    CS_CHECK(cs_journal_append(j, 2, "defg", 4, err));
    CS_CHECK(cs_journal_read(j, cs_journal_at(j, 1), &bytes, err));
    assert_memory_equal(bytes.data, "defg", 4);
    cs_journal_close(j);
    j = NULL;
    CS_CHECK(cs_journal_open(&j, file, "out.journal", BEGIN, err));
    assert_int_equal(cs_journal_count(j), 2);
release:
    cs_journal_close(j);
    cs_bytes_free(&bytes);
    cs_bytes_free(&identity);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    cs_status status = CS_MEMORY;
    long nth = 0;
    while (status != CS_OK) {
        const int file = new_file();
        cs_error err = {0};
        cs_memory_fail_nth(++nth);
        status = use(file, &err);
        cs_memory_fail_nth(0);
        assert_true(status == CS_OK || status == CS_MEMORY);
        assert_int_equal(err.status, (int)status);
        assert_true(status == CS_OK || strstr(err.message, "memory") != NULL);
        assert_true(nth < 100);
        close(file);
    }
    assert_true(nth > 8);
}

/* ---- identities ---- */

static void identities_tell_what_differs(void **state)
{
    (void)state;
    cs_bytes identity = {0};
    cs_error err = {0};
    assert_string_equal(cs_identity_text(&identity), "");
    assert_int_equal(cs_identity_add(&identity, &err, "input", "a\nb.h5"), CS_OK);
    assert_int_equal(cs_identity_add(&identity, &err, "k", "%g", 0.5), CS_OK);
    const char *const text = cs_identity_text(&identity);
    assert_string_equal(text, "input=a b.h5\nk=0.5\n");
    assert_int_equal(cs_identity_match(text, text, "out", &err), CS_OK);
    assert_int_equal(cs_identity_match("k=0.5\ninput=a b.h5\n", text, "out", &err), CS_OK);

    assert_int_equal(cs_identity_match("input=a b.h5\nk=0.25\n", text, "out", &err), CS_DATA);
    assert_non_null(strstr(err.message, "out: "));
    assert_non_null(strstr(err.message, "k was 0.25 and is now 0.5"));
    assert_int_equal(cs_identity_match("input=a b.h5\n", text, "out", &err), CS_DATA);
    assert_non_null(strstr(err.message, "k was not there and is now 0.5"));
    assert_int_equal(cs_identity_match(text, "k=0.5\n", "out", &err), CS_DATA);
    assert_non_null(strstr(err.message, "input was a b.h5 and is now not there"));
    cs_bytes_free(&identity);
}

/* ---- checksums ---- */

static void checksums_of_files_are_those_of_their_bytes(void **state)
{
    (void)state;
    enum { SIZE = 3 << 20 };
    char *data = malloc(SIZE);
    assert_non_null(data);
    for (size_t i = 0; i < SIZE; i++) {
        data[i] = (char)(i * 31 + i / 1000);
    }
    const int file = memfd_create("data", 0);
    assert_int_equal(pwrite(file, data, SIZE, 0), SIZE);
    uint64_t sum = 0;
    bool whole = false;
    cs_error err = {0};
    assert_int_equal(cs_checksum_range(&sum, &whole, file, 7, SIZE - 100, &err), CS_OK);
    assert_true(whole);
    assert_int_equal(sum, cs_checksum(data + 7, SIZE - 100));
    assert_int_equal(cs_checksum_range(&sum, &whole, file, 7, SIZE, &err), CS_OK);
    assert_false(whole);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    assert_int_equal(cs_checksum_file(&sum, path, &err), CS_OK);
    assert_int_equal(sum, cs_checksum(data, SIZE));
    assert_int_equal(cs_checksum_file(&sum, "nowhere/file", &err), CS_IO);
    assert_int_not_equal(cs_checksum_at(1, "a", 1), cs_checksum_at(2, "a", 1));
    close(file);
    free(data);
}

/* ---- durability ---- */

static void a_syncer_syncs_and_ends(void **state)
{
    (void)state;
    char path[] = "journal-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    unlink(path);
    cs_syncer *syncer = NULL;
    cs_error err = {0};
    assert_int_equal(cs_syncer_open(&syncer, &file, 1, 0.01, &err), CS_OK);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(pwrite(file, "abc", 3, 3 * i), 3);
        assert_int_equal(cs_syncer_note(syncer, &err), CS_OK);
        usleep(2000);
    }
    close(file); /* the syncer has descriptors of its own */
    assert_int_equal(cs_syncer_note(syncer, &err), CS_OK);
    usleep(10000);
    assert_int_equal(cs_syncer_note(syncer, &err), CS_OK);
    cs_syncer_close(syncer);
    cs_syncer_close(NULL);
    const int none = -1;
    assert_int_equal(cs_syncer_open(&syncer, &none, 1, 1.0, &err), CS_IO);
    assert_null(syncer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_back),
        cmocka_unit_test(records_that_are_not_kept_are_cut_off_by_the_next),
        cmocka_unit_test(an_empty_file_is_a_journal_that_was_not_begun),
        cmocka_unit_test(beginning_anew_forgets_everything),
        cmocka_unit_test(a_torn_tail_is_cut_at_every_byte),
        cmocka_unit_test(no_flipped_bit_goes_unnoticed),
        cmocka_unit_test(records_behind_a_damaged_payload_count),
        cmocka_unit_test(a_journal_of_another_version_is_refused),
        cmocka_unit_test(a_full_disk_leaves_the_journal_as_it_was),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(identities_tell_what_differs),
        cmocka_unit_test(checksums_of_files_are_those_of_their_bytes),
        cmocka_unit_test(a_syncer_syncs_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
