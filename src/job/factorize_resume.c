/* SPDX-License-Identifier: MIT */
#include "job/factorize_resume.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/stop.h"
#include "base/wait.h"
#include "journal/checksum.h"
#include "journal/identity.h"

enum { KIND_BLOCK = 1 };

/* A block of lines that is in the file. */
typedef struct {
    uint64_t n_integers, n_bytes; /* of it and all before */
    uint64_t checksum;            /* of its own bytes */
} block_record;

cs_status cs_factor_write(int file, const char *path, const void *data, size_t size, cs_error *err)
{
    const unsigned char *at = data;
    while (size > 0) {
        if (!cs_wait_writable(file)) {
            return cs_fail(err, CS_INTERRUPTED, "interrupted by %s while nobody reads %s",
                           cs_stop_cause_name(cs_stop_requested()), path);
        }
        const ssize_t n = write(file, at, size);
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be written", path);
        }
        at += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return CS_OK;
}

static cs_status identify(cs_bytes *identity, const cs_factorize_options *options, uint64_t first,
                          uint64_t last, cs_error *err)
{
    CS_TRY(cs_identity_add(identity, err, "work", "factorize 1"));
    CS_TRY(cs_identity_add(identity, err, "range", "%" PRIu64 "..%" PRIu64, first, last));
    return cs_identity_add(identity, err, "format", "%s",
                           options->form == CS_FACTOR_NDJSON ? "ndjson"
                           : options->exponents              ? "text with exponents"
                                                             : "text");
}

/* Goes through the journal as far as the file holds what it says. A record counts from where the
 * one before it ends, so behind the first that does not fit none is kept: those of this run would
 * never be reached. */
static cs_status find_end(cs_factor_file *f, cs_error *err)
{
    cs_bytes payload = {0};
    cs_status status = CS_OK;
    size_t n_kept = 0;
    for (; n_kept < cs_journal_count(f->journal); n_kept++) {
        block_record record;
        uint64_t checksum = 0;
        bool is_whole = false;
        payload.size = 0;
        CS_CHECK(cs_journal_read(f->journal, cs_journal_at(f->journal, n_kept), &payload, err));
        if (payload.size != sizeof record) {
            break;
        }
        memcpy(&record, payload.data, sizeof record);
        if (record.n_bytes < f->n_bytes || record.n_integers < f->n_integers) {
            break;
        }
        CS_CHECK(cs_checksum_range(&checksum, &is_whole, f->file, f->n_bytes,
                                   record.n_bytes - f->n_bytes, err));
        if (!is_whole || checksum != record.checksum) {
            break;
        }
        f->n_bytes = record.n_bytes;
        f->n_integers = record.n_integers;
    }
    cs_journal_keep(f->journal, n_kept);
release:
    cs_bytes_free(&payload);
    return status;
}

static cs_status go_on(cs_factor_file *f, const char *identity, cs_error *err)
{
    CS_TRY(cs_identity_match(cs_journal_identity(f->journal), identity, f->output.path, err));
    CS_TRY(find_end(f, err));
    cs_log(CS_LOG_INFO, "%s: goes on after %" PRIu64 " integers", f->output.path, f->n_integers);
    return CS_OK;
}

static cs_status open_text(cs_factor_file *f, cs_error *err)
{
    f->file = open(f->output.part_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (f->file < 0) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be written", f->output.part_path);
    }
    return CS_OK;
}

/* Whether a line is that of an integer, in any of the forms. */
static bool is_line_of(const char *line, uint64_t n)
{
    char text[64], json[64];
    snprintf(text, sizeof text, "%" PRIu64 ":", n);
    snprintf(json, sizeof json, "{\"n\":%" PRIu64 ",", n);
    return strncmp(line, text, strlen(text)) == 0 || strncmp(line, json, strlen(json)) == 0;
}

/* A finished text has no identity beside it, but its first and last lines tell of what it is. */
static cs_status check_finished(cs_factor_file *f, uint64_t first, uint64_t last, cs_error *err)
{
    enum { MOST = 2048 }; /* longer than any line */
    char head[MOST] = {0}, tail[MOST] = {0};
    struct stat about;
    const int file = open(f->output.path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return errno == ENOENT ? CS_OK
                               : cs_fail_errno(err, CS_IO, "%s: cannot be read", f->output.path);
    }
    const bool is_file = fstat(file, &about) == 0 && S_ISREG(about.st_mode);
    const off_t end = is_file ? about.st_size : 0, at = end > MOST - 1 ? end - (MOST - 1) : 0;
    const bool is_read = pread(file, head, MOST - 1, 0) > 0 && pread(file, tail, MOST - 1, at) > 0;
    close(file);
    const size_t length = strlen(tail);
    if (length > 0 && tail[length - 1] == '\n') {
        tail[length - 1] = '\0';
    }
    const char *before = strrchr(tail, '\n');
    if (!is_read || !is_line_of(head, first) ||
        !is_line_of(before != NULL ? before + 1 : tail, last)) {
        return cs_fail(err, CS_DATA,
                       "%s: is finished, and not of %" PRIu64 "..%" PRIu64 "; --fresh replaces it",
                       f->output.path, first, last);
    }
    cs_log(CS_LOG_INFO, "%s: finished by an earlier run", f->output.path);
    f->is_finished = true;
    return CS_OK;
}

static cs_status begin_or_go_on(cs_factor_file *f, const cs_factorize_options *options,
                                const char *identity, cs_error *err)
{
    CS_TRY(cs_output_refuse(&f->output, options->fresh, err));
    if (options->fresh) {
        CS_TRY(cs_output_discard(&f->output, err));
    } else if (f->output.has_journal && !options->resume) {
        return cs_output_refuse_journal(&f->output, err);
    }
    CS_TRY(cs_journal_open(&f->journal, f->output.journal, f->output.journal_path, CS_OUTPUT_HOLDER,
                           err));
    CS_TRY(cs_journal_check(f->journal, err));
    CS_TRY(open_text(f, err));
    if (cs_journal_identity(f->journal) != NULL) {
        CS_TRY(go_on(f, identity, err));
    }
    if (f->n_integers == 0) {
        CS_TRY(cs_journal_begin(f->journal, identity, err));
    }
    if (ftruncate(f->file, (off_t)f->n_bytes) != 0 ||
        lseek(f->file, (off_t)f->n_bytes, SEEK_SET) < 0) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be written", f->output.part_path);
    }
    f->output.is_kept = true;
    return CS_OK;
}

cs_status cs_factor_file_open(cs_factor_file *f, const cs_factorize_options *options,
                              uint64_t first, uint64_t last, cs_error *err)
{
    cs_bytes identity = {0};
    CS_TRY(cs_output_lock(&f->output, options->output, err));
    f->output.is_kept = f->output.has_journal;
    if (options->resume && !f->output.has_journal) {
        CS_TRY(check_finished(f, first, last, err));
        if (f->is_finished) {
            return CS_OK;
        }
    }
    cs_status status = identify(&identity, options, first, last, err);
    if (status == CS_OK) {
        status = begin_or_go_on(f, options, cs_identity_text(&identity), err);
    }
    cs_bytes_free(&identity);
    return status;
}

cs_status cs_factor_file_append(cs_factor_file *f, const void *text, size_t size, uint64_t checksum,
                                uint64_t n_integers, cs_error *err)
{
    CS_TRY(cs_factor_write(f->file, f->output.part_path, text, size, err));
    f->n_bytes += size;
    f->n_integers += n_integers;
    const block_record record = {
        .n_integers = f->n_integers, .n_bytes = f->n_bytes, .checksum = checksum};
    return cs_journal_append(f->journal, KIND_BLOCK, &record, sizeof record, err);
}

cs_status cs_factor_file_finish(cs_factor_file *f, cs_error *err)
{
    const int failed = close(f->file);
    f->file = -1;
    if (failed) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be written", f->output.part_path);
    }
    cs_journal_close(f->journal);
    f->journal = NULL;
    return cs_output_finish(&f->output, err);
}

void cs_factor_file_close(cs_factor_file *f)
{
    if (f->file >= 0) {
        close(f->file);
    }
    f->file = -1;
    cs_journal_close(f->journal);
    f->journal = NULL;
    if (f->output.path != NULL) {
        cs_output_release(&f->output);
    }
}
