/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing layout templates of external programs: whatever the text, it is refused with one line
 * that names its place, or filled, again and again to the same well-formed layout.
 *
 * With libFuzzer: scripts/fuzz template.
 */
#include "corpus.h"
#include "model/external_layout.h"

enum { MAX_NUMBERS = 64 };

static void check_refusal(cs_status status, const cs_error *err)
{
    CS_INVARIANT(status == CS_DATA && err->status == (int)status);
    CS_INVARIANT(strncmp(err->message, "fuzz.xml", 8) == 0 && strchr(err->message, '\n') == NULL);
}

static cs_status fill(cs_bytes *out, cs_external_layout *layout, const cs_wanted *wanted,
                      cs_error *err)
{
    double numbers[MAX_NUMBERS];
    for (size_t i = 0; i < wanted->n && i < MAX_NUMBERS; i++) {
        numbers[i] = 0.1 * (double)(i + 1);
    }
    const cs_external_values values = {
        .id = 17,
        .name = "A&B <\"1\">",
        .numbers = numbers,
        .file = {"layout_17.xml", "param_17.txt", "input_17.txt", "out_17.txt"}};
    return cs_external_layout_fill(out, layout, wanted, &values, err);
}

static void fill_twice(cs_external_layout *layout, const cs_wanted *wanted)
{
    cs_bytes once = {0}, again = {0};
    cs_error err = {0};
    const cs_status status = fill(&once, layout, wanted, &err);
    CS_INVARIANT(status == CS_OK || status == CS_DATA); /* an encoding that has no such letter */
    CS_INVARIANT(fill(&again, layout, wanted, &err) == status);
    CS_INVARIANT(once.size == again.size && memcmp(once.data, again.data, once.size) == 0);
    cs_bytes_free(&once);
    cs_bytes_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cs_external_layout *layout = NULL;
    cs_wanted wanted = {0};
    cs_error err = {0};
    const cs_status status =
        cs_external_layout_parse(&layout, &wanted, (const char *)data, size, "fuzz.xml", &err);
    if (status != CS_OK) {
        check_refusal(status, &err);
    } else if (wanted.n <= MAX_NUMBERS) {
        fill_twice(layout, &wanted);
    }
    cs_external_layout_free(layout);
    cs_wanted_free(&wanted);
    return 0;
}
