/* SPDX-License-Identifier: MIT */
#include "text/quote.h"

#include <string.h>

static const char PLAIN[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                            "@%+=:,./-_";

cs_status cs_text_quote(cs_bytes *out, const char *word, cs_error *err)
{
    if (word[0] != '\0' && word[strspn(word, PLAIN)] == '\0') {
        return cs_bytes_append(out, word, strlen(word), err);
    }
    CS_TRY(cs_bytes_append(out, "'", 1, err));
    for (const char *at = word; *at != '\0';) {
        const size_t length = strcspn(at, "'");
        CS_TRY(cs_bytes_append(out, at, length, err));
        at += length;
        if (*at == '\'') { /* which ends the quotes: a quoted one, and quotes anew */
            CS_TRY(cs_bytes_append(out, "'\\''", 4, err));
            at++;
        }
    }
    return cs_bytes_append(out, "'", 1, err);
}
