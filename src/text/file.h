/* SPDX-License-Identifier: MIT */
/**
 * Whole files: into memory, and onto the disk so that nobody sees a part of one.
 *
 * Thread-safe for different files. Needs nothing but the system, and works on Windows.
 */
#ifndef CS_TEXT_FILE_H
#define CS_TEXT_FILE_H

#include <stdbool.h>

#include "base/memory.h"

/**
 * Reads a file as it is; appended to `content`.
 *
 * @param content   [in,out] the caller's; released by cs_bytes_free
 * @param max_bytes [in]     more than this is refused
 * Errors: CS_IO if it cannot be read, CS_DATA if it is too large, CS_MEMORY.
 */
cs_status cs_file_read(cs_bytes *content, const char *path, size_t max_bytes, cs_error *err);

/**
 * A file that is written piece by piece and then is whole or not there.
 *
 * It is written as `path.part` and renamed at the end; it survives a killed process, not a power
 * cut (nothing is synced: see base/output.h for that). What is neither absent nor a regular file
 * (a pipe, a device, a link) is written in place.
 */
typedef struct {
    char *path;
    char *part_path; /* what is written; the same text as path where that is no regular file */
    int file;        /* its descriptor; -1: none */
    bool in_place;
} cs_file_writer;

/** Begins a file. Errors: CS_IO, CS_MEMORY; on failure there is nothing to release. */
cs_status cs_file_create(cs_file_writer *writer, const char *path, cs_error *err);

/** Appends. Errors: CS_IO. */
cs_status cs_file_write(cs_file_writer *writer, const void *data, size_t size, cs_error *err);

/** Gives the file its name, in place of one that has it. Errors: CS_IO. */
cs_status cs_file_finish(cs_file_writer *writer, cs_error *err);

/** Releases; what is not finished is removed. Safe after a failed cs_file_create. */
void cs_file_release(cs_file_writer *writer);

#endif
