/* SPDX-License-Identifier: MIT */
#include "record/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void free_sequence(cs_sequence *sequence)
{
    for (size_t i = 0; i < sequence->n; i++) {
        free(sequence->pieces[i].text);
    }
    free(sequence->pieces);
    *sequence = (cs_sequence){0};
}

void cs_value_free(cs_value *value)
{
    for (size_t i = 0; i < value->n; i++) {
        free_sequence(&value->alternatives[i]);
    }
    free(value->alternatives);
    *value = (cs_value){0};
}

static cs_status too_long(cs_error *err)
{
    return cs_fail(err, CS_DATA, "too many parts or alternatives; at most %d and %d are possible",
                   CS_VALUE_MAX_PIECES, CS_VALUE_MAX_ALTERNATIVES);
}

cs_status cs_value_begin(cs_value *value, cs_error *err)
{
    *value = (cs_value){0};
    CS_TRY(cs_alloc(&value->alternatives, 1, sizeof *value->alternatives, "a field", err));
    value->n = 1;
    return CS_OK;
}

/* Sequence of copies of a's pieces and of b's. */
static cs_status join(cs_sequence *out, const cs_sequence *a, const cs_piece *b, size_t n_b,
                      cs_error *err)
{
    *out = (cs_sequence){0};
    if (a->n + n_b > CS_VALUE_MAX_PIECES) {
        return too_long(err);
    }
    CS_TRY(cs_alloc(&out->pieces, a->n + n_b, sizeof *out->pieces, "a field", err));
    for (size_t i = 0; i < a->n + n_b; i++) {
        cs_piece *piece = &out->pieces[i];
        *piece = i < a->n ? a->pieces[i] : b[i - a->n];
        const char *text = piece->text;
        piece->text = NULL;
        out->n = i + 1;
        if (text != NULL) {
            CS_TRY(cs_alloc(&piece->text, piece->length + 1, 1, "a text", err));
            memcpy(piece->text, text, piece->length);
        }
    }
    return CS_OK;
}

cs_status cs_value_put(cs_value *value, const cs_piece *piece, cs_error *err)
{
    for (size_t i = 0; i < value->n; i++) {
        cs_sequence joined;
        const cs_status status = join(&joined, &value->alternatives[i], piece, 1, err);
        if (status != CS_OK) {
            free_sequence(&joined);
            return status;
        }
        free_sequence(&value->alternatives[i]);
        value->alternatives[i] = joined;
    }
    return CS_OK;
}

cs_status cs_value_append(cs_value *value, const cs_value *more, cs_error *err)
{
    cs_value product = {.bare = value->bare};
    cs_status status = CS_OK;
    if (value->n * more->n > CS_VALUE_MAX_ALTERNATIVES) {
        return too_long(err);
    }
    CS_TRY(cs_alloc(&product.alternatives, value->n * more->n, sizeof *product.alternatives,
                    "a field", err));
    for (size_t i = 0; i < value->n; i++) {
        for (size_t k = 0; k < more->n; k++) {
            cs_sequence *to = &product.alternatives[product.n++];
            CS_CHECK(join(to, &value->alternatives[i], more->alternatives[k].pieces,
                          more->alternatives[k].n, err));
        }
    }
    cs_value_free(value);
    *value = product;
    return CS_OK;
release:
    cs_value_free(&product);
    return status;
}

cs_status cs_value_or(cs_value *value, cs_value *more, cs_error *err)
{
    cs_sequence *both = NULL;
    const size_t n = value->n + more->n;
    if (n > CS_VALUE_MAX_ALTERNATIVES) {
        return too_long(err);
    }
    CS_TRY(cs_alloc(&both, n, sizeof *both, "a field", err));
    for (size_t i = 0; i < n; i++) {
        both[i] = i < value->n ? value->alternatives[i] : more->alternatives[i - value->n];
    }
    free(value->alternatives);
    free(more->alternatives);
    *more = (cs_value){0};
    value->alternatives = both;
    value->n = n;
    return CS_OK;
}
