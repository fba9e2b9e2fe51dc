/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing journals: whatever the file, it is opened, every record that is said to be whole can be
 * read, what is appended comes back, or the file is refused with one line that names it.
 *
 * With libFuzzer: clang -fsanitize=fuzzer,address -DCS_LIBFUZZER.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "corpus.h"
#include "journal/journal.h"

static void read_all(const cs_journal *journal)
{
    for (size_t i = 0; i < cs_journal_count(journal); i++) {
        cs_bytes bytes = {0};
        cs_error err = {0};
        const cs_journal_record *record = cs_journal_at(journal, i);
        CS_INVARIANT(cs_journal_read(journal, record, &bytes, &err) == CS_OK);
        CS_INVARIANT(bytes.size == record->size);
        cs_bytes_free(&bytes);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cs_error err = {0};
    cs_journal *journal = NULL;
    const int file = memfd_create("fuzz", MFD_CLOEXEC);
    CS_INVARIANT(file >= 0 && write(file, data, size) == (ssize_t)size);
    cs_status status = cs_journal_open(&journal, file, "fuzz.journal", 0, &err);
    CS_INVARIANT(status == CS_OK || status == CS_DATA);
    if (status == CS_OK && cs_journal_identity(journal) != NULL) {
        read_all(journal);
        const size_t n = cs_journal_count(journal);
        CS_INVARIANT(cs_journal_append(journal, 3, "appended", 8, &err) == CS_OK);
        cs_journal_close(journal);
        CS_INVARIANT(cs_journal_open(&journal, file, "fuzz.journal", 0, &err) == CS_OK);
        CS_INVARIANT(cs_journal_count(journal) == n + 1);
        read_all(journal);
    } else if (status == CS_DATA) {
        CS_INVARIANT(strncmp(err.message, "fuzz.journal:", 13) == 0);
    }
    cs_journal_close(journal);
    close(file);
    return 0;
}
