/* SPDX-License-Identifier: MIT */
#include "model/external_keep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/scratch_tree.h"
#include "model/spawn.h"
#include "text/quote.h"

static const char SCRIPT[] = "run";

/* ---- folders ---- */

static cs_status make_folder(const char *path, cs_error *err)
{
    struct stat about;
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be made", path);
    }
    if (stat(path, &about) != 0 || !S_ISDIR(about.st_mode)) {
        return cs_fail(err, CS_IO, "%s: is no folder", path);
    }
    return CS_OK;
}

/* The folder that holds those of the catchments. */
static cs_status parent_of(char **path, const cs_keep_rule *rule, cs_error *err)
{
    return rule->subfolder == NULL ? cs_copy_string(path, rule->folder, err)
                                   : cs_format(path, err, "%s/%s", rule->folder, rule->subfolder);
}

cs_status cs_keep_prepare(const cs_keep_rule *rule, cs_error *err)
{
    char *parent = NULL;
    if (rule->folder == NULL) {
        return CS_OK;
    }
    CS_TRY(make_folder(rule->folder, err));
    CS_TRY(parent_of(&parent, rule, err));
    const cs_status status = make_folder(parent, err);
    free(parent);
    return status;
}

bool cs_keep_wants(const cs_keep_rule *rule, const cs_run_record *record)
{
    const bool failed = record->status == CS_RUN_FAILED || record->status == CS_RUN_TIMEOUT;
    return rule->folder != NULL && (failed || (rule->all && record->status == CS_RUN_OK));
}

/* Folders of catchments: names of digits only. */
static size_t count_folders(const char *parent)
{
    DIR *stream = opendir(parent);
    size_t n = 0;
    if (stream == NULL) {
        return 0;
    }
    for (const struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        n += entry->d_name[0] != '\0' && entry->d_name[strspn(entry->d_name, "0123456789")] == '\0';
    }
    closedir(stream);
    return n;
}

/* A folder of ours from an earlier run goes; anything else stays and is in the way. */
static cs_status clear_place(const char *path, cs_error *err)
{
    char script[PATH_MAX];
    struct stat about;
    snprintf(script, sizeof script, "%s/%s", path, SCRIPT);
    if (lstat(path, &about) != 0) {
        return CS_OK;
    }
    if (!S_ISDIR(about.st_mode) || lstat(script, &about) != 0 || !cs_scratch_remove_tree(path)) {
        return cs_fail(err, CS_IO, "%s: is in the way of a run that is to be kept", path);
    }
    return CS_OK;
}

/* Made before they are counted: so that there are never too many, whoever else makes some. */
cs_status cs_keep_folder(char **path, const cs_keep_rule *rule, int64_t id, cs_error *err)
{
    char *parent = NULL, *made = NULL;
    *path = NULL;
    cs_status status = CS_OK;
    CS_CHECK(parent_of(&parent, rule, err));
    CS_CHECK(cs_format(&made, err, "%s/%" PRId64, parent, id));
    CS_CHECK(clear_place(made, err));
    if (mkdir(made, 0777) != 0) {
        CS_CHECK(cs_fail_errno(err, CS_IO, "%s: cannot be made", made));
    }
    if (count_folders(parent) > rule->max_runs) {
        (void)rmdir(made);
    } else {
        *path = made;
        made = NULL;
    }
release:
    free(parent);
    free(made);
    return status;
}

/* ---- files ---- */

static cs_status write_text(const char *folder, const char *name, mode_t mode, const cs_bytes *text,
                            cs_error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
    size_t done = 0;
    while (file >= 0 && done < text->size) {
        const ssize_t n = write(file, text->data + done, text->size - done);
        if (n < 0 && errno != EINTR) {
            break;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    if (file < 0 || done < text->size) {
        cs_fail_errno(err, CS_IO, "%s: cannot be written", path);
        if (file >= 0) {
            close(file);
        }
        return CS_IO;
    }
    close(file);
    return CS_OK;
}

/* Copies at most `left` bytes; returns how many, -1: none of it. */
static int64_t copy_bytes(int to, int from, uint64_t left)
{
    char buffer[65536];
    int64_t n_copied = 0;
    while (left > 0) {
        const ssize_t n = read(from, buffer, left < sizeof buffer ? (size_t)left : sizeof buffer);
        if (n <= 0) {
            break;
        }
        if (write(to, buffer, (size_t)n) != n) {
            return -1;
        }
        n_copied += n;
        left -= (uint64_t)n;
    }
    return n_copied;
}

/* A plain file of the program's folder that is none of the inputs, which are there already. */
static cs_status copy_file(const char *folder, int scratch, const char *name, uint64_t *left,
                           cs_bytes *notes, cs_error *err)
{
    char path[PATH_MAX], note[NAME_MAX + 96];
    struct stat about;
    const int from = openat(scratch, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (from < 0 || fstat(from, &about) != 0 || !S_ISREG(about.st_mode)) {
        if (from >= 0) {
            close(from);
        }
        return CS_OK;
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    const int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    const bool is_input = to < 0 && errno == EEXIST;
    const int64_t n = to >= 0 ? copy_bytes(to, from, *left) : is_input ? 0 : -1;
    cs_status status = n < 0 ? cs_fail_errno(err, CS_IO, "%s: cannot be written", path) : CS_OK;
    close(from);
    if (to >= 0) {
        close(to);
    }
    if (status == CS_OK && !is_input && n < (int64_t)about.st_size) {
        const int length = snprintf(note, sizeof note, "%s: the first %" PRId64 " of %lld bytes\n",
                                    name, n, (long long)about.st_size);
        status = cs_bytes_append(notes, note, (size_t)length, err);
    }
    *left -= n > 0 ? (uint64_t)n : 0;
    return status;
}

static cs_status copy_files(const char *folder, const cs_keep_rule *rule, const char *scratch,
                            cs_bytes *notes, cs_error *err)
{
    DIR *stream = opendir(scratch); /* NULL: the program removed it */
    uint64_t left = rule->max_bytes;
    cs_status status = CS_OK;
    while (stream != NULL && status == CS_OK) {
        const struct dirent *entry = readdir(stream);
        if (entry == NULL) {
            break;
        }
        status = copy_file(folder, dirfd(stream), entry->d_name, &left, notes, err);
    }
    if (stream != NULL) {
        closedir(stream);
    }
    return status;
}

/* ---- how to start it ---- */

static cs_status append(cs_bytes *out, cs_error *err, const char *text)
{
    return cs_bytes_append(out, text, strlen(text), err);
}

static cs_status write_script(const char *path, const cs_kept_run *run, cs_error *err)
{
    static const char HEAD[] =
        "#!/bin/sh\n"
        "# One catchment's run of an external program, as catchsim starts it: in this folder, its\n"
        "# standard input empty. With exactly the environment it had:\n"
        "#   env -i sh -c 'set -a; . ./environment.txt; set +a; exec ./run'\n"
        "cd \"$(dirname \"$0\")\" || exit 1\n"
        ": \"${OMP_NUM_THREADS:=1}\"\n"
        "export OMP_NUM_THREADS\n"
        "exec";
    cs_bytes text = {0};
    cs_status status = CS_OK;
    CS_CHECK(append(&text, err, HEAD));
    for (size_t k = 0; k < run->n_arguments; k++) {
        CS_CHECK(append(&text, err, " "));
        CS_CHECK(cs_text_quote(&text, run->arguments[k], err));
    }
    CS_CHECK(append(&text, err, " </dev/null\n"));
    CS_CHECK(write_text(path, SCRIPT, 0777, &text, err));
release:
    cs_bytes_free(&text);
    return status;
}

static bool is_name(const char *entry, size_t length)
{
    static const char INNER[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return length > 0 && strspn(entry, INNER) == length && !(entry[0] >= '0' && entry[0] <= '9');
}

static cs_status append_variable(cs_bytes *text, const char *entry, cs_error *err)
{
    const size_t length = strcspn(entry, "=");
    if (!is_name(entry, length) || entry[length] == '\0') {
        return CS_OK; /* no shell could set it */
    }
    CS_TRY(cs_bytes_append(text, entry, length + 1, err));
    CS_TRY(cs_text_quote(text, entry + length + 1, err));
    return append(text, err, "\n");
}

/* It may hold what is nobody else's business. */
static cs_status write_environment(const char *path, cs_error *err)
{
    char **entries = cs_spawn_environment();
    cs_bytes text = {0};
    cs_status status = CS_OK;
    if (entries == NULL) {
        return cs_fail(err, CS_MEMORY, "out of memory: an environment");
    }
    for (char **entry = entries; *entry != NULL; entry++) {
        CS_CHECK(append_variable(&text, *entry, err));
    }
    CS_CHECK(write_text(path, "environment.txt", 0600, &text, err));
release:
    cs_bytes_free(&text);
    free(entries);
    return status;
}

static cs_status write_message(const char *path, const cs_kept_run *run, const cs_bytes *notes,
                               cs_error *err)
{
    char head[512];
    cs_bytes text = {0};
    cs_status status = CS_OK;
    const int length =
        snprintf(head, sizeof head,
                 "catchment: %" PRId64 "\nsubstance: %s\nengine: %s\nstatus: %s\nexit: %d\n"
                 "seconds: %.3f\nattempts: %d\nmessage: ",
                 run->id, run->substance, run->engine,
                 cs_run_status_name((cs_run_status)run->record->status), (int)run->record->exit,
                 run->record->seconds, (int)run->record->attempts);
    CS_CHECK(cs_bytes_append(&text, head,
                             length < (int)sizeof head ? (size_t)length : sizeof head - 1, err));
    CS_CHECK(cs_bytes_append(&text, run->message->data, run->message->size, err));
    CS_CHECK(append(&text, err, "\n"));
    CS_CHECK(cs_bytes_append(&text, notes->data, notes->size, err));
    CS_CHECK(write_text(path, "message.txt", 0666, &text, err));
release:
    cs_bytes_free(&text);
    return status;
}

static cs_status write_said(const char *path, const cs_program_end *end, cs_error *err)
{
    cs_bytes text = {0};
    cs_status status = cs_bytes_append(&text, end->tail, end->n_tail, err);
    if (status == CS_OK) {
        status = write_text(path, "stderr.txt", 0666, &text, err);
    }
    cs_bytes_free(&text);
    return status;
}

cs_status cs_keep_run(const char *path, const cs_keep_rule *rule, const cs_kept_run *run,
                      cs_error *err)
{
    cs_bytes notes = {0};
    cs_status status = CS_OK;
    CS_CHECK(write_script(path, run, err));
    CS_CHECK(write_environment(path, err));
    CS_CHECK(write_said(path, run->end, err));
    CS_CHECK(copy_files(path, rule, run->scratch, &notes, err));
    CS_CHECK(write_message(path, run, &notes, err));
release:
    cs_bytes_free(&notes);
    return status;
}
