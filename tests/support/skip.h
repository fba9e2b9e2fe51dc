/* SPDX-License-Identifier: MIT */
/**
 * Skips that ctest sees: cmocka's own skip() ends with exit status 0, as if all had run.
 */
#ifndef CS_TESTS_SKIP_H
#define CS_TESTS_SKIP_H

/** Skips the running cmocka test; prints `SKIP` and why, which .ci/run compares with what may be.
 */
void skip_because(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** The exit status of a test program: 1 if tests failed, else 77 if one was skipped, else 0. */
int skip_exit_status(int n_failed);

#endif
