/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing lists of integers: however the text is cut into pieces, it gives the same numbers, or the
 * same refusal with its line; skipping bad lines, every line is a number or counted.
 *
 * With libFuzzer: clang -fsanitize=fuzzer,address -DCS_LIBFUZZER.
 */
#include "corpus.h"
#include "text/integers.h"

static cs_status parse(cs_integer_list *list, cs_integer_parser *parser, const uint8_t *data,
                       size_t size, size_t piece, cs_error *err)
{
    for (size_t at = 0; at < size; at += piece) {
        const size_t n = size - at < piece ? size - at : piece;
        CS_TRY(cs_integer_parser_feed(parser, list, data + at, n, err));
    }
    return cs_integer_parser_end(parser, list, err);
}

static void check_big(const cs_integer_list *list)
{
    for (size_t i = 0; i < list->n_big; i++) {
        const cs_big_integer *big = &list->big[i];
        CS_INVARIANT(big->place < list->count && list->number[big->place] == UINT64_MAX);
        CS_INVARIANT(big->length >= 20 && big->length <= CS_INTEGERS_DIGITS);
        CS_INVARIANT(big->offset + big->length <= list->digits.size);
        CS_INVARIANT(list->digits.data[big->offset] != '0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cs_integer_list whole = {0}, pieces = {0}, skipped = {0};
    cs_integer_parser a = {.name = "fuzz.txt"}, b = {.name = "fuzz.txt"};
    cs_integer_parser c = {.name = "fuzz.txt", .skip_bad = true};
    cs_error err_a = {0}, err_b = {0}, err_c = {0};
    const cs_status status = parse(&whole, &a, data, size, size + 1, &err_a);
    CS_INVARIANT(status == CS_OK || status == CS_DATA);
    CS_INVARIANT(parse(&pieces, &b, data, size, 3, &err_b) == status);
    CS_INVARIANT(strcmp(err_a.message, err_b.message) == 0);
    CS_INVARIANT(status == CS_OK || strncmp(err_a.message, "fuzz.txt:", 9) == 0);
    CS_INVARIANT(whole.count == pieces.count && whole.n_big == pieces.n_big);
    CS_INVARIANT(whole.count == 0 ||
                 memcmp(whole.number, pieces.number, whole.count * sizeof *whole.number) == 0);
    CS_INVARIANT(parse(&skipped, &c, data, size, 7, &err_c) == CS_OK);
    CS_INVARIANT(skipped.count + c.n_bad == c.n_lines);
    CS_INVARIANT(status != CS_OK || (skipped.count == whole.count && c.n_bad == 0));
    check_big(&whole);
    check_big(&skipped);
    cs_integer_list_free(&whole);
    cs_integer_list_free(&pieces);
    cs_integer_list_free(&skipped);
    return 0;
}
