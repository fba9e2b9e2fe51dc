/* SPDX-License-Identifier: MIT */
#include "job/factorize_list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "job/factorize_big.h"
#include "job/factorize_work.h"

enum {
    ROUND = 1 << 20, /* integers: 8 MiB, and some tenths of a second's work at least */
    PIECE = 1 << 16, /* elements of one read of HDF5 */
};

/* "FILE.h5" or "FILE.h5:/DATASET"; NULL: it is a text. */
static const char *find_dataset(const char *path)
{
    const char *end = strstr(path, ".h5");
    for (; end != NULL; end = strstr(end + 1, ".h5")) {
        if (end[3] == '\0' || end[3] == ':') {
            return end + 3;
        }
    }
    return NULL;
}

static cs_status open_numbers(cs_factor_list *list, const cs_factorize_options *options,
                              const char *end, cs_error *err)
{
    const char *dataset = *end == ':' ? end + 1 : options->dataset;
    CS_TRY(cs_copy_string(&list->own_path, options->from, err));
    if (*end == ':') {
        list->own_path[end - options->from] = '\0';
    }
    CS_TRY(cs_alloc(&list->piece, PIECE, sizeof *list->piece, "a piece of the list", err));
    CS_TRY(cs_alloc(&list->bad, PIECE, 1, "a piece of the list", err));
    return cs_numbers_open(&list->numbers, list->own_path, dataset, err);
}

/* Why a list may hold nothing above 64 bits; NULL: it may. */
static const char *no_big(const cs_factorize_options *options)
{
    if (options->form == CS_FACTOR_HDF5) {
        return "has more than 64 bits, which HDF5 output cannot hold; write text or NDJSON";
    }
    return cs_factor_has_big()
               ? NULL
               : "has more than 64 bits, and this build has no FLINT (libflint-dev); "
                 "leave it out";
}

cs_status cs_factor_list_open(cs_factor_list *list, const cs_factorize_options *options,
                              cs_error *err)
{
    *list = (cs_factor_list){.skip_bad = options->skip_bad, .reader = {.file = -1}};
    const char *end = find_dataset(options->from);
    if (end == NULL && options->dataset != NULL) {
        end = options->from + strlen(options->from);
    }
    const cs_status status = end != NULL
                                 ? open_numbers(list, options, end, err)
                                 : cs_integer_reader_open(&list->reader, options->from,
                                                          options->skip_bad, no_big(options), err);
    if (status != CS_OK) {
        cs_factor_list_close(list);
    }
    return status;
}

static cs_status next_numbers(cs_factor_list *list, cs_error *err)
{
    size_t n = PIECE;
    while (n == PIECE && list->list.count < ROUND) {
        const uint64_t place = cs_numbers_place(list->numbers);
        CS_TRY(cs_numbers_read(list->numbers, list->piece, list->bad, &n, PIECE, err));
        for (size_t i = 0; i < n; i++) {
            if (!list->bad[i]) {
                CS_TRY(cs_integer_list_add(&list->list, list->piece[i], err));
                continue;
            }
            list->n_bad++;
            if (!list->skip_bad) {
                return cs_fail(err, CS_DATA,
                               "%s: %s[%" PRIu64 "] is negative; leave it out, or give --skip-bad",
                               list->own_path, cs_numbers_name(list->numbers), place + i);
            }
        }
    }
    return CS_OK;
}

cs_status cs_factor_list_next(cs_factor_list *list, cs_error *err)
{
    cs_integer_list_clear(&list->list);
    if (list->numbers != NULL) {
        return next_numbers(list, err);
    }
    return cs_integer_reader_read(&list->reader, &list->list, ROUND, err);
}

uint64_t cs_factor_list_bad(const cs_factor_list *list)
{
    return list->numbers != NULL ? list->n_bad : list->reader.parser.n_bad;
}

static cs_status read_block(void *self, cs_bytes *out, const cs_block *block, cs_error *err)
{
    const cs_factor_list *list = self;
    return cs_factor_pack(out, &list->list, block->first, block->count, err);
}

cs_source cs_factor_list_source(cs_factor_list *list)
{
    return (cs_source){.self = list, .read = read_block};
}

void cs_factor_list_close(cs_factor_list *list)
{
    cs_integer_reader_close(&list->reader);
    cs_numbers_close(list->numbers);
    cs_integer_list_free(&list->list);
    free(list->own_path);
    free(list->bad);
    free(list->piece);
    *list = (cs_factor_list){.reader = {.file = -1}};
}
