/* SPDX-License-Identifier: MIT */
/**
 * A journal: an append-only file of checksummed records, from which a killed run goes on.
 *
 * It knows nothing of what is recorded. A record is a kind and some bytes; it is either whole or
 * not there: what a kill, a full disk or a lost node left of a record is found by its checksums and
 * cut off before anything is appended. The file begins with the identity of the work
 * (journal/identity.h), so that only the same work goes on from it.
 *
 * The journal is part of a file that the caller opened (and locked: base/output.h); bytes before
 * `begin` are not touched. Local, not thread-safe: one thread uses it, while another may make the
 * file durable (journal/syncer.h). Records are in the processor's byte order.
 *
 *   file:    `begin` bytes of the caller's | head: "CSJRNL1\n", n, checksum | identity[n], padded
 *   record:  mark, kind, size, checksum of the payload, checksum of these | payload[size], padded
 *
 * Sums of heads include the place in the file, so that a stale or displaced record is none. A
 * record whose head is whole but whose payload is damaged (a lost node) is left out and those
 * behind it count; at a damaged head the journal ends.
 */
#ifndef CS_JOURNAL_JOURNAL_H
#define CS_JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

typedef struct cs_journal cs_journal;

/** A whole record: what it is and where its payload lies. */
typedef struct {
    uint32_t kind;
    uint64_t offset; /* of the payload in the file */
    uint64_t size;   /* bytes */
    uint64_t checksum;
} cs_journal_record;

/**
 * Opens whatever is in the file; reads it once, checks all of it, changes nothing.
 *
 * @param file  [in] open for reading and writing; stays the caller's, and open until the close
 * @param path  [in] names it in messages
 * @param begin [in] where the journal begins; nothing at or behind it: an empty journal
 * Errors: CS_DATA (a journal of another format version), CS_IO, CS_MEMORY. Memory: 32 bytes a
 * record. On failure there is nothing to close.
 */
cs_status cs_journal_open(cs_journal **journal, int file, const char *path, uint64_t begin,
                          cs_error *err);

/** The identity that the journal was begun with, a text; NULL: it was never begun. */
const char *cs_journal_identity(const cs_journal *journal);

/** Its whole records in the order in which they were appended, those of this process included. */
size_t cs_journal_count(const cs_journal *journal);
const cs_journal_record *cs_journal_at(const cs_journal *journal, size_t i);

/**
 * Records that were there and cannot be read: damaged ones, and one more if whole ones lie where
 * nothing leads to any longer: behind a damaged head, or behind an identity that is NULL for being
 * damaged. 0 after a kill, which leaves whole records and the piece of one.
 */
size_t cs_journal_n_damaged(const cs_journal *journal);

/** Warns of damaged records, whose work is to be done again. Errors: CS_DATA, nobody knows any
 * longer of what work the records are. */
cs_status cs_journal_check(const cs_journal *journal, cs_error *err);

/** Begins anew: cuts off all there is and writes the identity. Errors: CS_IO. */
cs_status cs_journal_begin(cs_journal *journal, const char *identity, cs_error *err);

/**
 * Keeps the first n of the whole records: the next append cuts off what is behind them, until then
 * the file stays as it is. For what a later record cannot be understood without. The journal must
 * have been begun, n be at most the count. Never fails.
 */
void cs_journal_keep(cs_journal *journal, size_t n);

/**
 * Appends a record by one write; after a kill -9 from now on it is there. The journal must have
 * been begun, now or by an earlier process.
 *
 * Errors: CS_IO (no space left ...: the journal stays as it was and may be appended to again),
 * CS_MEMORY.
 */
cs_status cs_journal_append(cs_journal *journal, uint32_t kind, const void *data, size_t size,
                            cs_error *err);

/** Appends a record's payload to `out`. Errors: CS_IO, also if it is no longer what it was;
 * CS_MEMORY. */
cs_status cs_journal_read(const cs_journal *journal, const cs_journal_record *record, cs_bytes *out,
                          cs_error *err);

/** The same for the first `size` bytes of the payload, or all if it is shorter; not checked again.
 */
cs_status cs_journal_peek(const cs_journal *journal, const cs_journal_record *record, cs_bytes *out,
                          size_t size, cs_error *err);

/** Releases; the file stays open. NULL is fine. */
void cs_journal_close(cs_journal *journal);

#endif
