/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing schemas of fake records: whatever the text, it is refused with one line, or its program
 * writes what the reference writes, within the bounds it claims.
 *
 * With libFuzzer: clang -fsanitize=fuzzer,address -DCS_LIBFUZZER.
 */
#include "corpus.h"
#include "record/compile.h"

enum { N = 3, MAX_BYTES = 1 << 20 };

static void check_program(const csk_record_program *program)
{
    if (program->max_bytes > MAX_BYTES) {
        return;
    }
    unsigned char *fast = malloc(N * program->max_bytes + CSK_RECORD_SLACK);
    unsigned char *slow = malloc(N * program->max_bytes + CSK_RECORD_SLACK);
    CS_INVARIANT(fast != NULL && slow != NULL);
    const size_t size = csk_record_range(fast, program, NULL, 0, N);
    CS_INVARIANT(size <= N * program->max_bytes);
    CS_INVARIANT(csk_record_range_ref(slow, program, NULL, 0, N) == size);
    CS_INVARIANT(memcmp(fast, slow, size) == 0);
    free(fast);
    free(slow);
}

static void check_format(const cs_record_schema *schema, cs_record_format format)
{
    cs_record_code code;
    cs_error err = {0};
    const cs_status status = cs_record_compile(&code, schema, format, 1, &err);
    CS_INVARIANT(status == CS_OK || status == CS_DATA);
    if (status == CS_OK) {
        check_program(&code.program);
    }
    cs_record_code_free(&code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cs_record_schema schema;
    cs_error err = {0};
    const cs_status status =
        cs_record_schema_parse(&schema, (const char *)data, size, "fuzz.xml", NULL, &err);
    if (status == CS_OK && cs_record_check_unique(&schema, N, &err) == CS_OK) {
        check_format(&schema, CS_RECORD_NDJSON);
        check_format(&schema, CS_RECORD_CSV);
    } else if (status != CS_OK) {
        CS_INVARIANT(status == CS_DATA && strncmp(err.message, "fuzz.xml:", 9) == 0);
    }
    cs_record_schema_free(&schema);
    return 0;
}
