/* SPDX-License-Identifier: MIT */
#include "journal/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "journal/checksum.h"

/* No identity is that long: what a damaged head says is not allocated. */
enum { MOST_IDENTITY = 64 << 20 };

static const uint64_t ALIGNMENT = 8;
static const char MAGIC[8] = "CSJRNL1\n";
static const uint32_t MARK = 0x52435343; /* "CSCR" */

typedef struct {
    char magic[8];
    uint64_t n_identity;
    uint64_t checksum;      /* of the identity */
    uint64_t head_checksum; /* of the fields before */
} file_head;

typedef struct {
    uint32_t mark, kind;
    uint64_t size;
    uint64_t checksum;      /* of the payload */
    uint64_t head_checksum; /* of the fields before */
} record_head;

struct cs_journal {
    int file;
    char *path;
    uint64_t begin;
    uint64_t end;   /* of the last whole record */
    bool is_clean;  /* nothing lies behind the end */
    char *identity; /* NULL: not begun */
    cs_journal_record *records;
    size_t n, capacity, n_damaged;
    cs_bytes buffer; /* a record on its way to the file */
};

static uint64_t padded(uint64_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static uint64_t sum_of_file_head(const file_head *head, uint64_t offset)
{
    return cs_checksum_at(offset, head, offsetof(file_head, head_checksum));
}

static uint64_t sum_of_record_head(const record_head *head, uint64_t offset)
{
    return cs_checksum_at(offset, head, offsetof(record_head, head_checksum));
}

/* ---- reading ---- */

/* Reads bytes that may not be there: *whole tells whether they all are. */
static cs_status read_at(const cs_journal *j, void *data, size_t size, uint64_t offset, bool *whole,
                         cs_error *err)
{
    size_t n_read = 0;
    while (n_read < size) {
        const ssize_t more =
            pread(j->file, (char *)data + n_read, size - n_read, (off_t)(offset + n_read));
        if (more < 0 && errno != EINTR) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be read", j->path);
        }
        if (more == 0) {
            break;
        }
        n_read += more > 0 ? (size_t)more : 0;
    }
    *whole = n_read == size;
    return CS_OK;
}

static cs_status read_identity(cs_journal *j, const file_head *head, bool *whole, cs_error *err)
{
    const size_t n = (size_t)head->n_identity;
    CS_TRY(cs_alloc(&j->identity, n + 1, 1, "the journal's identity", err));
    CS_TRY(read_at(j, j->identity, n, j->begin + sizeof *head, whole, err));
    *whole = *whole && cs_checksum_at(j->begin, j->identity, n) == head->checksum &&
             memchr(j->identity, '\0', n) == NULL;
    if (!*whole) {
        free(j->identity);
        j->identity = NULL;
    }
    return CS_OK;
}

/* A head that a kill cut short is none: nothing was ever recorded behind it. */
static cs_status read_file_head(cs_journal *j, uint64_t file_size, cs_error *err)
{
    file_head head;
    bool whole = false;
    CS_TRY(read_at(j, &head, sizeof head, j->begin, &whole, err));
    if (!whole || head.head_checksum != sum_of_file_head(&head, j->begin)) {
        return CS_OK;
    }
    if (memcmp(head.magic, MAGIC, sizeof MAGIC) != 0) {
        return cs_fail(err, CS_DATA,
                       "%s: is a journal of another version of this program; go on with that one, "
                       "or remove the file",
                       j->path);
    }
    if (head.n_identity > MOST_IDENTITY || head.n_identity > file_size) {
        return CS_OK;
    }
    CS_TRY(read_identity(j, &head, &whole, err));
    if (whole) {
        j->end = j->begin + sizeof head + padded(head.n_identity);
    }
    return CS_OK;
}

static cs_status add_record(cs_journal *j, const cs_journal_record *record, cs_error *err)
{
    if (j->n == j->capacity) {
        const size_t capacity = j->capacity > 0 ? 2 * j->capacity : 64;
        cs_journal_record *more = NULL;
        CS_TRY(cs_alloc(&more, capacity, sizeof *more, "the journal's records", err));
        if (j->n > 0) {
            memcpy(more, j->records, j->n * sizeof *more);
        }
        free(j->records);
        j->records = more;
        j->capacity = capacity;
    }
    j->records[j->n++] = *record;
    return CS_OK;
}

/* Reads the record at the end known so far; *found is false where the journal ends. */
static cs_status read_record(cs_journal *j, uint64_t file_size, bool *found, cs_error *err)
{
    record_head head;
    bool whole = false;
    CS_TRY(read_at(j, &head, sizeof head, j->end, &whole, err));
    *found = whole && head.mark == MARK && head.head_checksum == sum_of_record_head(&head, j->end);
    if (!*found) {
        return CS_OK;
    }
    const uint64_t payload = j->end + sizeof head;
    *found = head.size <= file_size && payload <= file_size &&
             padded(head.size) <= file_size - payload; /* else it is torn: the last one */
    if (!*found) {
        return CS_OK;
    }
    uint64_t checksum = 0;
    CS_TRY(cs_checksum_range(&checksum, &whole, j->file, payload, head.size, err));
    if (whole && checksum == head.checksum) {
        const cs_journal_record record = {
            .kind = head.kind, .offset = payload, .size = head.size, .checksum = head.checksum};
        CS_TRY(add_record(j, &record, err));
    } else {
        j->n_damaged++;
    }
    j->end = payload + padded(head.size);
    return CS_OK;
}

/* Whether a whole head lies behind the end: heads know their place, so that none is one by chance.
 */
static cs_status look_behind(cs_journal *j, uint64_t file_size, cs_error *err)
{
    enum { ROOM = 1 << 16, STEP = ROOM - (int)sizeof(record_head) };
    unsigned char *room = NULL;
    cs_status status = CS_OK;
    CS_TRY(cs_alloc(&room, ROOM, 1, "the journal's end", err));
    for (uint64_t at = j->end + ALIGNMENT; at < file_size; at += STEP) {
        const size_t n = file_size - at < ROOM ? (size_t)(file_size - at) : ROOM;
        bool whole = false;
        CS_CHECK(read_at(j, room, n, at, &whole, err));
        for (size_t i = 0; whole && i + sizeof(record_head) <= n; i += ALIGNMENT) {
            record_head head;
            memcpy(&head, room + i, sizeof head);
            if (head.mark == MARK && head.head_checksum == sum_of_record_head(&head, at + i)) {
                j->n_damaged++;
                goto release;
            }
        }
    }
release:
    free(room);
    return status;
}

static cs_status read_all(cs_journal *j, cs_error *err)
{
    struct stat about;
    if (fstat(j->file, &about) != 0) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be read", j->path);
    }
    const uint64_t file_size = (uint64_t)about.st_size;
    CS_TRY(read_file_head(j, file_size, err));
    bool found = j->identity != NULL;
    while (found) {
        CS_TRY(read_record(j, file_size, &found, err));
    }
    j->is_clean = file_size == j->end;
    return look_behind(j, file_size, err);
}

cs_status cs_journal_open(cs_journal **out, int file, const char *path, uint64_t begin,
                          cs_error *err)
{
    cs_journal *j = NULL;
    *out = NULL;
    CS_TRY(cs_alloc(&j, 1, sizeof *j, "the journal", err));
    j->file = file;
    j->begin = begin;
    j->end = begin;
    cs_status status = CS_OK;
    CS_CHECK(cs_copy_string(&j->path, path, err));
    CS_CHECK(read_all(j, err));
    *out = j;
    return CS_OK;
release:
    cs_journal_close(j);
    return status;
}

const char *cs_journal_identity(const cs_journal *j)
{
    return j->identity;
}

size_t cs_journal_n_damaged(const cs_journal *j)
{
    return j->n_damaged;
}

cs_status cs_journal_check(const cs_journal *j, cs_error *err)
{
    if (j->identity == NULL && j->n_damaged > 0) {
        return cs_fail(err, CS_DATA,
                       "%s: is damaged at its beginning, so that nobody knows what its records are "
                       "of; bring it back, or give --fresh to begin anew",
                       j->path);
    }
    if (j->n_damaged > 0) {
        cs_log(CS_LOG_WARNING, "%s: %zu damaged records are left out; what they held is done again",
               j->path, j->n_damaged);
    }
    return CS_OK;
}

size_t cs_journal_count(const cs_journal *j)
{
    return j->n;
}

const cs_journal_record *cs_journal_at(const cs_journal *j, size_t i)
{
    CS_INVARIANT(i < j->n);
    return &j->records[i];
}

cs_status cs_journal_read(const cs_journal *j, const cs_journal_record *record, cs_bytes *out,
                          cs_error *err)
{
    bool whole = false;
    CS_TRY(cs_bytes_reserve(out, (size_t)record->size, err));
    CS_TRY(read_at(j, out->data + out->size, (size_t)record->size, record->offset, &whole, err));
    if (!whole || cs_checksum(out->data + out->size, (size_t)record->size) != record->checksum) {
        return cs_fail(err, CS_IO, "%s: was changed while it was in use", j->path);
    }
    out->size += (size_t)record->size;
    return CS_OK;
}

cs_status cs_journal_peek(const cs_journal *j, const cs_journal_record *record, cs_bytes *out,
                          size_t size, cs_error *err)
{
    bool whole = false;
    size = size < record->size ? size : (size_t)record->size;
    CS_TRY(cs_bytes_reserve(out, size, err));
    CS_TRY(read_at(j, out->data + out->size, size, record->offset, &whole, err));
    if (!whole) {
        return cs_fail(err, CS_IO, "%s: was changed while it was in use", j->path);
    }
    out->size += size;
    return CS_OK;
}

/* ---- writing ---- */

static cs_status write_at(const cs_journal *j, const void *data, size_t size, uint64_t offset,
                          cs_error *err)
{
    size_t n_written = 0;
    while (n_written < size) {
        const ssize_t more = pwrite(j->file, (const char *)data + n_written, size - n_written,
                                    (off_t)(offset + n_written));
        if (more < 0 && errno != EINTR) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be written", j->path);
        }
        n_written += more > 0 ? (size_t)more : 0;
    }
    return CS_OK;
}

/* Cuts off what a torn write left behind the end. */
static cs_status clean(cs_journal *j, cs_error *err)
{
    if (!j->is_clean && ftruncate(j->file, (off_t)j->end) != 0) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be cut to %llu bytes", j->path,
                             (unsigned long long)j->end);
    }
    j->is_clean = true;
    return CS_OK;
}

void cs_journal_keep(cs_journal *j, size_t n)
{
    CS_INVARIANT(j->identity != NULL && n <= j->n);
    if (n == j->n) {
        return;
    }
    const cs_journal_record *last = n > 0 ? &j->records[n - 1] : NULL;
    j->n = n;
    j->end = last != NULL ? last->offset + padded(last->size)
                          : j->begin + sizeof(file_head) + padded(strlen(j->identity));
    j->is_clean = false;
}

/* Writes a head and what follows it as one. */
static cs_status write_padded(cs_journal *j, const void *head, size_t n_head, const void *data,
                              size_t size, cs_error *err)
{
    static const char zeros[8];
    const size_t padding = (size_t)(padded(size) - size);
    j->buffer.size = 0;
    CS_TRY(cs_bytes_reserve(&j->buffer, n_head + size + padding, err));
    CS_TRY(cs_bytes_append(&j->buffer, head, n_head, err));
    CS_TRY(cs_bytes_append(&j->buffer, data, size, err));
    CS_TRY(cs_bytes_append(&j->buffer, zeros, padding, err));
    CS_TRY(clean(j, err));
    j->is_clean = false;
    CS_TRY(write_at(j, j->buffer.data, j->buffer.size, j->end, err));
    j->is_clean = true;
    j->end += j->buffer.size;
    return CS_OK;
}

cs_status cs_journal_begin(cs_journal *j, const char *identity, cs_error *err)
{
    const size_t n = strlen(identity);
    file_head head = {.n_identity = n, .checksum = cs_checksum_at(j->begin, identity, n)};
    char *copy = NULL;
    memcpy(head.magic, MAGIC, sizeof MAGIC);
    head.head_checksum = sum_of_file_head(&head, j->begin);
    CS_INVARIANT(n <= MOST_IDENTITY);
    CS_TRY(cs_copy_string(&copy, identity, err));
    free(j->identity);
    j->identity = NULL;
    j->n = 0;
    j->end = j->begin;
    j->is_clean = false;
    const cs_status status = write_padded(j, &head, sizeof head, identity, n, err);
    if (status != CS_OK) {
        free(copy);
        return status;
    }
    j->identity = copy;
    return CS_OK;
}

cs_status cs_journal_append(cs_journal *j, uint32_t kind, const void *data, size_t size,
                            cs_error *err)
{
    CS_INVARIANT(j->identity != NULL);
    record_head head = {
        .mark = MARK, .kind = kind, .size = size, .checksum = cs_checksum(data, size)};
    head.head_checksum = sum_of_record_head(&head, j->end);
    const cs_journal_record record = {
        .kind = kind, .offset = j->end + sizeof head, .size = size, .checksum = head.checksum};
    CS_TRY(add_record(j, &record, err));
    const cs_status status = write_padded(j, &head, sizeof head, data, size, err);
    if (status != CS_OK) {
        j->n--;
    }
    return status;
}

void cs_journal_close(cs_journal *j)
{
    if (j == NULL) {
        return;
    }
    cs_bytes_free(&j->buffer);
    free(j->identity);
    free(j->records);
    free(j->path);
    free(j);
}
