/* SPDX-License-Identifier: MIT */
/**
 * The record of a finished block in a journal: its result packet, or what is left of it without
 * the chunks that lie in files, and where they lie. Thread-safe.
 */
#ifndef CS_JOB_BLOCK_RECORD_H
#define CS_JOB_BLOCK_RECORD_H

#include "farm/farm.h"
#include "farm/threads.h"
#include "store/results.h"

/** What a record begins with. */
typedef struct {
    cs_block block;
    uint64_t n_packet;  /* bytes of the whole packet */
    uint64_t n_places;  /* chunks that lie in files */
    uint64_t n_message; /* bytes, if the block failed */
    double seconds;     /* in the kernel */
    int32_t rank, status;
    char host[CS_HOST_LENGTH]; /* of the rank */
} cs_block_head;

/**
 * Appends a record.
 *
 * @param packet [in] the result packet; empty if the block failed
 * @param places [in] cs_result_place of its chunks in the order of the packet; NULL: none
 * Errors: CS_MEMORY.
 */
cs_status cs_block_record_make(cs_bytes *record, const cs_bytes *packet, const cs_bytes *places,
                               const cs_block *block, const cs_block_report *report,
                               const char *host, cs_error *err);

/** Reads what a record begins with. Errors: CS_INTERNAL (it is none). */
cs_status cs_block_record_head(cs_block_head *head, const cs_bytes *record, cs_error *err);

/**
 * Appends the packet to `packet`, chunks read from the files.
 *
 * @param is_whole [out] whether all chunks are there with their checksums; else the packet is none
 * @param files    [in]  [CS_N_RESULT_FILES] descriptors; -1: not there
 * Errors: CS_INTERNAL (no record), CS_MEMORY.
 */
cs_status cs_block_record_restore(cs_bytes *packet, cs_block_report *report, bool *is_whole,
                                  const cs_bytes *record, const int *files, cs_error *err);

#endif
