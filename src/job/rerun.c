/* SPDX-License-Identifier: MIT */
#include "job/rerun.h"

#include <string.h>

#include "text/quote.h"

/* Options that a rerun does not repeat, and whether a value may be the next word. */
static const struct {
    const char *name;
    bool has_value, names_output;
} LEFT_OUT[] = {
    {"--only", true, false},      {"--first", true, false},       {"--output", true, true},
    {"--steps", true, true},      {"--costs", true, false},       {"--max-failures", true, false},
    {"--report", true, false},    {"--keep-failed", true, false}, {"--keep-files", true, false},
    {"--keep-runs", true, false}, {"--keep-size", true, false},   {"--walltime", true, false},
    {"--fresh", false, false},    {"--resume", false, false},     {"--retry-failed", false, false},
    {"--check", false, false},    {"--quiet", false, false},      {"--verbose", false, false},
};

int cs_rerun_option_words(const char *word, const char *name, bool has_value)
{
    const size_t length = strlen(name);
    if (strncmp(word, name, length) == 0 && word[length] == '=') {
        return 1;
    }
    if (strcmp(word, name) != 0) {
        return 0;
    }
    return has_value ? 2 : 1;
}

/* How many words from this one on are left out. */
static int left_out(const char *word, bool keeps_outputs)
{
    int n = 0;
    for (size_t i = 0; n == 0 && i < sizeof LEFT_OUT / sizeof LEFT_OUT[0]; i++) {
        if (!(keeps_outputs && LEFT_OUT[i].names_output)) {
            n = cs_rerun_option_words(word, LEFT_OUT[i].name, LEFT_OUT[i].has_value);
        }
    }
    return n;
}

cs_status cs_rerun_command(cs_bytes *command, char *const *words, int n_words, bool keeps_outputs,
                           const char *more, cs_error *err)
{
    for (int i = 0; i < n_words;) {
        const int n_left_out = left_out(words[i], keeps_outputs);
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
