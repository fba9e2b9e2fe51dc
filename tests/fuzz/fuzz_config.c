/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing the configuration: whatever the text, it is taken or refused with one line, no more.
 *
 * With libFuzzer (clang -fsanitize=fuzzer,address -DCS_LIBFUZZER); else a main that runs every
 * file of the command line, so that the corpus is an ordinary test.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A refusal is a configuration's or usage's mistake, never ours, and names the file. */
static void check_refusal(cs_status status, const cs_error *err)
{
    const char *message = err->message;
    CS_INVARIANT(status == CS_DATA || status == CS_USAGE);
    CS_INVARIANT(err->status == (int)status);
    CS_INVARIANT(strncmp(message, "fuzz.xml:", 9) == 0 && strchr(message, '\n') == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cs_config *config = NULL;
    cs_error err = {0};
    cs_status status = cs_config_parse(&config, (const char *)data, size, "fuzz.xml", &err);
    if (status == CS_OK) {
        status = cs_config_finish(config, NULL, &err);
        cs_config_free(config);
    }
    if (status != CS_OK) {
        check_refusal(status, &err);
    }
    return 0;
}

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
