/* SPDX-License-Identifier: MIT */
/**
 * A file in memory with a path, for readers that open one.
 */
#ifndef CS_FUZZ_MEMORY_FILE_H
#define CS_FUZZ_MEMORY_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MEMORY_FILE_PATH = 64 };

/** Makes a file of these bytes; returns its descriptor, to be closed. */
static inline int memory_file(char path[static MEMORY_FILE_PATH], const uint8_t *data, size_t size)
{
    const int file = memfd_create("fuzz", MFD_CLOEXEC);
    if (file < 0 || write(file, data, size) != (ssize_t)size) {
        perror("memfd");
        abort();
    }
    snprintf(path, MEMORY_FILE_PATH, "/proc/self/fd/%d", file);
    return file;
}

#endif
