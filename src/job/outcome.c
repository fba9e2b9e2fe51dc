/* SPDX-License-Identifier: MIT */
#include "job/outcome.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/parse.h"

/* ---- causes ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool ends_with(const char *text, size_t length, const char *end)
{
    const size_t n = strlen(end);
    return length >= n && memcmp(text + length - n, end, n) == 0;
}

/* Behind a number, with its decimals; such a text as "1e-9" is two numbers, which does no harm. */
static const char *skip_number(const char *at)
{
    while (is_digit(*at) || (*at == '.' && is_digit(at[1]))) {
        at++;
    }
    return at;
}

void cs_cause_of(char cause[static CS_CAUSE_LENGTH], const char *message)
{
    static const char *const ENDS[] = {"; it said: ", "; it had written "}; /* external_verdict.c */
    const char *at = message != NULL ? message : "no message";
    const char *end = at + strlen(at);
    for (size_t i = 0; i < sizeof ENDS / sizeof ENDS[0]; i++) {
        const char *found = strstr(at, ENDS[i]);
        end = found != NULL && found < end ? found : end;
    }
    size_t n = 0;
    while (at < end && n < CS_CAUSE_LENGTH - 6) { /* what replaces something is shorter */
        const char *quote = *at == '"' ? strchr(at + 1, '"') : NULL;
        const bool is_kept = ends_with(cause, n, "exit status ") || ends_with(cause, n, "signal ");
        if (quote != NULL && quote < end) {
            memcpy(cause + n, "\"...\"", 5);
            n += 5;
            at = quote + 1;
        } else if (is_digit(*at) && !is_kept) {
            cause[n++] = 'N';
            at = skip_number(at);
        } else {
            do {
                cause[n++] = *at++;
            } while (is_kept && is_digit(*at) && n < CS_CAUSE_LENGTH - 6);
        }
    }
    cause[n] = '\0';
}

void cs_causes_add(cs_causes *causes, const char *message)
{
    char text[CS_CAUSE_LENGTH];
    size_t i = 0;
    cs_cause_of(text, message);
    while (i < causes->n && strcmp(causes->cause[i].text, text) != 0) {
        i++;
    }
    if (i == CS_MAX_CAUSES) {
        causes->n_other++;
        return;
    }
    if (i == causes->n) {
        memcpy(causes->cause[i].text, text, sizeof text);
        causes->cause[i].n = 0;
        causes->n++;
    }
    causes->cause[i].n++;
}

void cs_causes_sort(cs_causes *causes)
{
    for (size_t i = 1; i < causes->n; i++) {
        const cs_cause moved = causes->cause[i];
        size_t k = i;
        for (; k > 0 && causes->cause[k - 1].n < moved.n; k--) {
            causes->cause[k] = causes->cause[k - 1];
        }
        causes->cause[k] = moved;
    }
}

/* ---- limit ---- */

cs_status cs_failure_limit_parse(cs_failure_limit *limit, const char *text, const char *what,
                                 cs_error *err)
{
    cs_failure_limit parsed = {.is_set = true};
    const size_t length = strlen(text);
    if (length == 0 || text[length - 1] != '%') {
        size_t n = 0;
        CS_TRY(cs_parse_size(&n, text, what, err));
        parsed.n = n;
        *limit = parsed;
        return CS_OK;
    }
    char number[32];
    snprintf(number, sizeof number, "%.*s", (int)length - 1, text);
    CS_TRY(cs_parse_double_in(&parsed.percent, number, 0.0, 100.0, what, err));
    if (length >= sizeof number || !(parsed.percent > 0.0)) {
        return cs_fail(err, CS_USAGE, "%s=%.40s: more than 0%% and at most 100%% are possible",
                       what, text);
    }
    *limit = parsed;
    return CS_OK;
}

cs_status cs_failure_limit_check(const cs_failure_limit *limit, uint64_t n_failed, uint64_t n_done,
                                 const char *substance, cs_error *err)
{
    if (!limit->is_set || n_failed == 0) {
        return CS_OK;
    }
    const double share = 100.0 * (double)n_failed / (double)n_done;
    if (limit->percent > 0.0 && n_done >= CS_FAILURE_SAMPLE && share > limit->percent) {
        return cs_fail(err, CS_DATA,
                       "substance %s: %" PRIu64 " of %" PRIu64 " catchments failed, %.3g %%; "
                       "--max-failures allows %g %%",
                       substance, n_failed, n_done, share, limit->percent);
    }
    if (!(limit->percent > 0.0) && n_failed > limit->n) {
        return cs_fail(err, CS_DATA,
                       "substance %s: %" PRIu64 " of %" PRIu64 " catchments failed; "
                       "--max-failures allows %" PRIu64,
                       substance, n_failed, n_done, limit->n);
    }
    return CS_OK;
}
