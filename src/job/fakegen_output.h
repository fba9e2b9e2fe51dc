/* SPDX-License-Identifier: MIT */
/**
 * The files of fakegen on the disk: NAME.part while they are written, NAME once all are complete.
 * Nothing is synced: made-up records are made again rather than saved from a power cut.
 */
#ifndef CS_JOB_FAKEGEN_OUTPUT_H
#define CS_JOB_FAKEGEN_OUTPUT_H

#include "job/fakegen_plan.h"

/** Makes an empty file to write at places. Errors: CS_IO; CS_LOCKED if another run writes it. */
cs_status cs_fakegen_create(int *descriptor, const char *path, cs_error *err);

/** Opens what is there. Errors: CS_IO. */
cs_status cs_fakegen_open(int *descriptor, const char *path, cs_error *err);

/**
 * Asks for room on the disk for what will be written from `from` up to `to`, where that makes the
 * writing faster; the file's size stays. Thread-safe. Never fails: without room, writing says so.
 */
void cs_fakegen_reserve(int descriptor, uint64_t from, uint64_t to);

/** Writes all bytes at a place. Thread-safe. Errors: CS_IO. */
cs_status cs_fakegen_write_at(int descriptor, const unsigned char *data, size_t size,
                              uint64_t offset, const char *path, cs_error *err);

/** Gives the files of this rank their names. Errors: CS_IO. */
cs_status cs_fakegen_rename(const cs_fakegen_plan *plan, cs_error *err);

/** Removes what is not renamed. */
void cs_fakegen_remove(const cs_fakegen_plan *plan);

#endif
