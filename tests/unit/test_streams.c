/* SPDX-License-Identifier: MIT */
/* Started without some of stdin, stdout and stderr: whatever is opened then gets another number,
 * and what was closed can neither be read nor written. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/streams.h"

static bool fails(ssize_t result)
{
    return result < 0 && errno == EBADF;
}

/* In a child without the descriptors whose bits are set; returns the number of what is wrong. */
static int start_without(unsigned closed)
{
    char letter = 'x';
    for (int i = 0; i < 3; i++) {
        if (closed & 1U << i) {
            close(i);
        }
    }
    cs_streams_occupy();
    if (open("/dev/null", O_RDWR) < 3) {
        return 1;
    }
    if (closed & 1U && !fails(read(STDIN_FILENO, &letter, 1))) {
        return 2;
    }
    for (int i = STDOUT_FILENO; i <= STDERR_FILENO; i++) {
        if (closed & 1U << i && !fails(write(i, &letter, 1))) {
            return 3;
        }
    }
    return 0;
}

static void whatever_is_closed_is_occupied(void **state)
{
    (void)state;
    for (unsigned closed = 0; closed < 8; closed++) {
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            _exit(start_without(closed));
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

static void what_is_open_stays(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(STDERR_FILENO);
        cs_streams_occupy();
        _exit(write(STDOUT_FILENO, "x", 1) == 1 ? 0 : 1);
    }
    close(ends[1]);
    char letter = ' ';
    assert_int_equal(read(ends[0], &letter, 1), 1);
    assert_int_equal(letter, 'x');
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_closed_is_occupied),
        cmocka_unit_test(what_is_open_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
