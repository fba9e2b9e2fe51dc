/* SPDX-License-Identifier: MIT */
#include "job/resume_line.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/stop.h"
#include "config/options.h"
#include "job/rerun.h"
#include "text/file.h"
#include "text/quote.h"

enum { MOST_BYTES = 4 << 20 }; /* of a command line: the system's own limit is 2 MiB */

static cs_status append_word(cs_bytes *line, const char *word, cs_error *err)
{
    if (line->size > 0) {
        CS_TRY(cs_bytes_append(line, " ", 1, err));
    }
    return cs_text_quote(line, word, err);
}

static cs_status append_launcher(cs_bytes *line, int n_ranks, cs_error *err)
{
    char text[64];
    if (!cs_options_has_launcher()) {
        return CS_OK;
    }
    const bool by_srun =
        getenv("SLURM_STEP_ID") != NULL && getenv("OMPI_COMM_WORLD_LOCAL_SIZE") == NULL;
    snprintf(text, sizeof text, "%s -n %d", by_srun ? "srun" : "mpirun", n_ranks);
    return cs_bytes_append(line, text, strlen(text), err);
}

static cs_status append_words(cs_bytes *line, const cs_bytes *words, const char *left_out,
                              cs_error *err)
{
    bool has_resume = false;
    int n_passed = 0; /* words that are still to be left out */
    for (size_t at = 0; at < words->size; at += strlen((const char *)words->data + at) + 1) {
        const char *word = (const char *)words->data + at;
        if (n_passed == 0) {
            n_passed = left_out != NULL ? cs_rerun_option_words(word, left_out, true) : 0;
            n_passed += strcmp(word, "--fresh") == 0;
        }
        if (n_passed > 0) {
            n_passed--;
            continue;
        }
        has_resume |= strcmp(word, "--resume") == 0;
        CS_TRY(append_word(line, word, err));
    }
    return has_resume ? CS_OK : append_word(line, "--resume", err);
}

cs_status cs_resume_line(cs_bytes *line, int n_ranks, const char *left_out, cs_error *err)
{
    cs_bytes words = {0};
    cs_status status = CS_OK;
    CS_CHECK(cs_file_read(&words, "/proc/self/cmdline", MOST_BYTES, err));
    CS_CHECK(cs_bytes_append(&words, "", 1, err)); /* whatever the system ended it with */
    words.size--;
    CS_CHECK(append_launcher(line, n_ranks, err));
    CS_CHECK(append_words(line, &words, left_out, err));
    CS_CHECK(cs_bytes_append(line, "", 1, err));
    line->size--;
release:
    cs_bytes_free(&words);
    return status;
}

void cs_resume_note(const char *program, int n_ranks)
{
    cs_bytes line = {0};
    char *note = NULL;
    if (cs_resume_line(&line, n_ranks, NULL, NULL) == CS_OK &&
        cs_format(&note, NULL, "%s: resume with: %s", program, (const char *)line.data) == CS_OK) {
        cs_stop_set_note(note);
    }
    free(note);
    cs_bytes_free(&line);
}
