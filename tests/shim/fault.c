/* SPDX-License-Identifier: MIT */
/*
 * A preload shim that counts what catchsim does to files, and kills it, or lets it fail, there.
 *
 * Counted are write, pwrite, writev, ftruncate, fsync, fdatasync, rename and unlink on regular
 * files, in the process that was started as catchsim: not in its warden, nor in the programs that
 * it starts. Environment:
 *
 *   CATCHSIM_FAULT_KILL_AT=N    SIGKILL instead of call N (from 1)
 *   CATCHSIM_FAULT_TORN=1       a write at that place writes the first half of its bytes before
 *   CATCHSIM_FAULT_FAIL_FROM=N  calls from N on fail (not unlink),
 *   CATCHSIM_FAULT_ERRNO=E      with this errno (28, ENOSPC, if not given)
 *   CATCHSIM_FAULT_COUNT=FILE   the number of calls is written there at the end
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
    pid_t pid; /* of the process that is counted; 0: this one is not */
    long kill_at, fail_from;
    int error;
    bool is_torn;
    const char *count_path;
} fault;

static atomic_long n_calls;

static long number(const char *name, long missing)
{
    const char *text = getenv(name);
    return text == NULL ? missing : strtol(text, NULL, 10);
}

__attribute__((constructor)) static void begin(void)
{
    if (strcmp(program_invocation_short_name, "catchsim") == 0) {
        fault.pid = getpid();
        fault.kill_at = number("CATCHSIM_FAULT_KILL_AT", 0);
        fault.fail_from = number("CATCHSIM_FAULT_FAIL_FROM", 0);
        fault.error = (int)number("CATCHSIM_FAULT_ERRNO", ENOSPC);
        fault.is_torn = number("CATCHSIM_FAULT_TORN", 0) != 0;
        fault.count_path = getenv("CATCHSIM_FAULT_COUNT");
    }
}

__attribute__((destructor)) static void end(void)
{
    if (fault.count_path != NULL && fault.pid == getpid()) {
        FILE *file = fopen(fault.count_path, "w");
        if (file != NULL) {
            fprintf(file, "%ld\n", atomic_load(&n_calls));
            fclose(file);
        }
    }
}

static bool is_counted(int file)
{
    struct stat about;
    return fault.pid == getpid() && fstat(file, &about) == 0 && S_ISREG(about.st_mode);
}

typedef enum { GO_ON, FAIL, DIE } verdict;

static verdict judge(void)
{
    const long n = atomic_fetch_add(&n_calls, 1) + 1;
    if (n == fault.kill_at) {
        return DIE;
    }
    return fault.fail_from > 0 && n >= fault.fail_from ? FAIL : GO_ON;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
}

static int fail(void)
{
    errno = fault.error;
    return -1;
}

#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void *data, size_t size)
{
    switch (is_counted(file) ? judge() : GO_ON) {
    case DIE:
        if (fault.is_torn) {
            (void)!REAL(write)(file, data, size / 2);
        }
        die();
        return -1;
    case FAIL:
        return fail();
    default:
        return REAL(write)(file, data, size);
    }
}

ssize_t pwrite(int file, const void *data, size_t size, off_t offset)
{
    switch (is_counted(file) ? judge() : GO_ON) {
    case DIE:
        if (fault.is_torn) {
            (void)!REAL(pwrite)(file, data, size / 2, offset);
        }
        die();
        return -1;
    case FAIL:
        return fail();
    default:
        return REAL(pwrite)(file, data, size, offset);
    }
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t offset)
{
    return pwrite(file, data, size, offset);
}

ssize_t writev(int file, const struct iovec *parts, int n)
{
    switch (is_counted(file) ? judge() : GO_ON) {
    case DIE:
        die();
        return -1;
    case FAIL:
        return fail();
    default:
        return REAL(writev)(file, parts, n);
    }
}

int ftruncate(int file, off_t size)
{
    switch (is_counted(file) ? judge() : GO_ON) {
    case DIE:
        die();
        return -1;
    case FAIL:
        return fail();
    default:
        return REAL(ftruncate)(file, size);
    }
}

int ftruncate64(int file, off64_t size)
{
    return ftruncate(file, size);
}

int fsync(int file)
{
    switch (is_counted(file) ? judge() : GO_ON) {
    case DIE:
        die();
        return -1;
    case FAIL:
        return fail();
    default:
        return REAL(fsync)(file);
    }
}

int fdatasync(int file)
{
    switch (is_counted(file) ? judge() : GO_ON) {
    case DIE:
        die();
        return -1;
    case FAIL:
        return fail();
    default:
        return REAL(fdatasync)(file);
    }
}

int rename(const char *from, const char *to)
{
    switch (fault.pid == getpid() ? judge() : GO_ON) {
    case DIE:
        die();
        return -1;
    case FAIL:
        return fail();
    default:
        return REAL(rename)(from, to);
    }
}

int unlink(const char *path)
{
    if (fault.pid == getpid() && judge() == DIE) {
        die();
    }
    return REAL(unlink)(path);
}
