/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing the scanner of JSON lines: whatever the bytes, the plain one, the one for AVX2 and the
 * reference write the same values and refuse the same lines for the same reasons. The first byte
 * chooses the query.
 *
 * With libFuzzer: clang -fsanitize=fuzzer,address -DCS_LIBFUZZER.
 */
#include "base/error.h"
#include "corpus.h"
#include "kernels/scan/scan.h"

/* What a text gave; refusals are kept as lines of their own among the values. */
typedef struct {
    char *out;
    size_t length;
    uint64_t n_lines, n_values, n_blank, n_refused;
} outcome;

typedef csk_scan_result scanner(csk_scan *scan, const csk_scan_query *query);

static csk_scan_result scan_plain(csk_scan *scan, const csk_scan_query *query)
{
    return csk_scan_lines(scan, query, CSK_SCAN_PLAIN);
}

static csk_scan_result scan_avx2(csk_scan *scan, const csk_scan_query *query)
{
    return csk_scan_lines(scan, query, CSK_SCAN_AVX2);
}

static outcome run(scanner *scanner_of, const char *text, size_t size, const csk_scan_query *query)
{
    outcome o = {.out = malloc(2 * size + 64)}; /* a refusal takes two bytes of its line's */
    CS_INVARIANT(o.out != NULL);
    csk_scan scan = {.at = text, .end = text + size, .out = o.out};
    for (;;) {
        const char *before = scan.out;
        const csk_scan_result result = scanner_of(&scan, query);
        CS_INVARIANT((size_t)(scan.out - before) <= size);
        if (result == CSK_SCAN_OK) {
            break;
        }
        CS_INVARIANT(scan.line >= text && scan.line + scan.length <= text + size);
        *scan.out++ = (char)('A' + (int)result);
        *scan.out++ = '\n';
        o.n_refused++;
    }
    CS_INVARIANT(scan.at == text + size);
    o.length = (size_t)(scan.out - o.out);
    o.n_lines = scan.n_lines;
    o.n_values = scan.n_values;
    o.n_blank = scan.n_blank;
    CS_INVARIANT(o.n_lines == o.n_values + o.n_blank + o.n_refused);
    return o;
}

static void compare(outcome a, const outcome *b)
{
    CS_INVARIANT(a.n_lines == b->n_lines && a.n_values == b->n_values);
    CS_INVARIANT(a.n_blank == b->n_blank && a.length == b->length);
    CS_INVARIANT(memcmp(a.out, b->out, a.length) == 0);
    free(a.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const csk_scan_step steps[][3] = {{{"a", 1, 0}},
                                             {{"a", 1, 0}, {NULL, 0, 1}},
                                             {{"a", 1, 0}, {"b", 1, 0}, {NULL, 0, 0}},
                                             {{"", 0, 0}}};
    static const size_t n_steps[] = {1, 2, 3, 1};
    if (size == 0) {
        return 0;
    }
    const csk_scan_query query = {.steps = steps[data[0] & 3],
                                  .n_steps = n_steps[data[0] & 3],
                                  .raw = data[0] & 4,
                                  .strict = data[0] & 8,
                                  .keep_newlines = data[0] & 16};
    char *text = malloc(size - 1 + CSK_SCAN_PADDING);
    CS_INVARIANT(text != NULL);
    memcpy(text, data + 1, size - 1);
    memset(text + size - 1, data[0] & 32 ? '"' : data[0] & 64 ? '}' : 0, CSK_SCAN_PADDING);
    outcome expected = run(csk_scan_lines_ref, text, size - 1, &query);
    compare(run(scan_plain, text, size - 1, &query), &expected);
    compare(run(scan_avx2, text, size - 1, &query), &expected);
    free(expected.out);
    free(text);
    return 0;
}
