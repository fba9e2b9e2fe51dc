/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing delimited text: whatever the bytes, they are taken or refused with one line, no more, and
 * what is taken reads the same a second time.
 *
 * With libFuzzer: scripts/fuzz delimited.
 */
#include "corpus.h"
#include "text/delimited.h"

static void check_refusal(cs_status status, const cs_error *err)
{
    CS_INVARIANT(status == CS_DATA && err->status == (int)status);
    CS_INVARIANT(strncmp(err->message, "fuzz.csv:", 9) == 0 && strchr(err->message, '\n') == NULL);
}

/* Every field by every reader; the sum of the lengths, to be the same in each pass. */
static size_t read_fields(const cs_delimited *table)
{
    size_t sum = 0;
    for (size_t k = 0; k < cs_delimited_n_columns(table); k++) {
        size_t length = 0;
        double number = 0.0;
        int64_t whole = 0;
        cs_error err = {0};
        const char *text = cs_delimited_text(&length, table, k);
        for (size_t i = 0; i < length; i++) {
            sum += (unsigned char)text[i];
        }
        if (cs_delimited_double(&number, table, k, &err) != CS_OK) {
            check_refusal(CS_DATA, &err);
        }
        if (cs_delimited_int64(&whole, table, k, &err) != CS_OK) {
            check_refusal(CS_DATA, &err);
        }
        if (cs_delimited_time(&whole, table, k, &err) != CS_OK) {
            check_refusal(CS_DATA, &err);
        }
    }
    return sum;
}

static size_t read_rows(cs_delimited *table)
{
    size_t sum = 0;
    bool more = true;
    while (more) {
        cs_error err = {0};
        const cs_status status = cs_delimited_next(table, &more, &err);
        if (status != CS_OK) {
            check_refusal(status, &err);
            break;
        }
        sum += more ? read_fields(table) + cs_delimited_line(table) : 0;
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cs_delimited *table = NULL;
    cs_bytes content = {0};
    cs_error err = {0};
    if (cs_bytes_append(&content, data, size, &err) != CS_OK) {
        return 0;
    }
    const cs_status status = cs_delimited_wrap(&table, "fuzz.csv", &content, &err);
    if (status != CS_OK) {
        check_refusal(status, &err);
        return 0;
    }
    const size_t sum = read_rows(table);
    cs_delimited_rewind(table);
    CS_INVARIANT(read_rows(table) == sum);
    cs_delimited_close(table);
    return 0;
}
