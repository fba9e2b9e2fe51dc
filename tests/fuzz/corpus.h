/* SPDX-License-Identifier: MIT */
/**
 * A main for fuzz targets without libFuzzer: runs every file of the command line, so that the
 * corpus is an ordinary test.
 */
#ifndef CS_FUZZ_CORPUS_H
#define CS_FUZZ_CORPUS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef CS_LIBFUZZER

static int run_file(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    const size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    /* a block of its own, so that a sanitizer sees reading beyond the end */
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL) {
        return 1;
    }
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    return 0;
}

int main(int argc, char **argv)
{
    int failures = argc < 2; /* an empty corpus is a mistake */
    for (int i = 1; i < argc; i++) {
        failures += run_file(argv[i]);
    }
    printf("%d inputs, %d could not be read\n", argc - 1, failures);
    return failures > 0;
}

#endif
#endif
