/* SPDX-License-Identifier: MIT */
#include "model/external_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

void cs_external_name_files(cs_external_values *values)
{
    static const char *const NAMES[CS_N_FILES][2] = {
        [CS_FILE_LAYOUT] = {"layout", "xml"},
        [CS_FILE_PARAMETERS] = {"param", "txt"},
        [CS_FILE_INPUT] = {"input", "txt"},
        [CS_FILE_OUTPUT] = {"out", "txt"},
    };
    for (int f = 0; f < CS_N_FILES; f++) {
        snprintf(values->file[f], sizeof values->file[f], "%s_%" PRId64 ".%s", NAMES[f][0],
                 values->id, NAMES[f][1]);
    }
}

/* The folder is empty and nothing runs in it, so that this makes a new file. */
static cs_status write_file(const cs_external_worker *w, const char *name, cs_error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", w->folder, name);
    const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        return cs_fail_errno(err, CS_IO, "%s cannot be written", name);
    }
    size_t done = 0;
    while (done < w->text.size) {
        const ssize_t n = write(file, w->text.data + done, w->text.size - done);
        if (n < 0 && errno != EINTR) {
            cs_fail_errno(err, CS_IO, "%s cannot be written", name);
            close(file);
            return CS_IO;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    close(file);
    return CS_OK;
}

cs_status cs_external_write_files(cs_external_worker *w, const cs_external *self,
                                  const cs_engine_task *task, size_t i,
                                  const cs_external_values *values, cs_error *err)
{
    if (w->layout != NULL) {
        w->text.size = 0;
        CS_TRY(cs_external_layout_fill(&w->text, w->layout, &self->wanted, values, err));
        CS_TRY(write_file(w, values->file[CS_FILE_LAYOUT], err));
    }
    if (self->parameters.where != NULL) {
        w->text.size = 0;
        CS_TRY(cs_text_template_fill(&w->text, &self->parameters, &self->wanted, values, err));
        CS_TRY(write_file(w, values->file[CS_FILE_PARAMETERS], err));
    }
    w->text.size = 0;
    CS_TRY(cs_external_series_fill(&w->text, self->series, task, i, err));
    return write_file(w, values->file[CS_FILE_INPUT], err);
}
