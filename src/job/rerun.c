/* SPDX-License-Identifier: MIT */
#include "job/rerun.h"

#include <stdbool.h>
#include <string.h>

#include "text/quote.h"

/* Options that a rerun does not repeat, and whether a value may be the next word. */
static const struct {
    const char *name;
    bool has_value;
} LEFT_OUT[] = {
    {"--only", true},      {"--first", true},       {"--output", true},
    {"--steps", true},     {"--costs", true},       {"--max-failures", true},
    {"--report", true},    {"--keep-failed", true}, {"--keep-files", true},
    {"--keep-runs", true}, {"--keep-size", true},   {"--walltime", true},
    {"--fresh", false},    {"--resume", false},     {"--retry-failed", false},
    {"--check", false},    {"--quiet", false},      {"--verbose", false},
};

/* How many words from this one on are left out. */
static int left_out(const char *word)
{
    for (size_t i = 0; i < sizeof LEFT_OUT / sizeof LEFT_OUT[0]; i++) {
        const size_t length = strlen(LEFT_OUT[i].name);
        if (strncmp(word, LEFT_OUT[i].name, length) == 0 && word[length] == '=') {
            return 1;
        }
        if (strcmp(word, LEFT_OUT[i].name) == 0) {
            return LEFT_OUT[i].has_value ? 2 : 1;
        }
    }
    return 0;
}

cs_status cs_rerun_command(cs_bytes *command, char *const *words, int n_words, const char *more,
                           cs_error *err)
{
    for (int i = 0; i < n_words;) {
        const int n_left_out = left_out(words[i]);
        if (n_left_out == 0) {
            CS_TRY(cs_text_quote(command, words[i], err));
            CS_TRY(cs_bytes_append(command, " ", 1, err));
        }
        i += n_left_out > 0 ? n_left_out : 1;
    }
    CS_TRY(cs_bytes_append(command, more, strlen(more) + 1, err));
    command->size--;
    return CS_OK;
}
