/* SPDX-License-Identifier: MIT */
/**
 * Measuring and removing what programs left in a folder, whatever it is.
 */
#ifndef CS_MODEL_SCRATCH_TREE_H
#define CS_MODEL_SCRATCH_TREE_H

#include <stdbool.h>
#include <stdint.h>

/** The file by which the owner of a scratch folder holds it. */
#define CS_SCRATCH_LOCK "lock"

/**
 * Removes a folder with all that is in it; links are removed, not followed; other file systems are
 * not entered. Returns whether it is gone. Thread-safe.
 */
bool cs_scratch_remove_tree(const char *folder);

/**
 * Removes all that is in a folder and opens it to its owner alone; makes it anew if it is gone, is
 * something else by now, or cannot be emptied. Returns whether it is there and empty. Thread-safe;
 * 10 us for 4 files.
 */
bool cs_scratch_empty(const char *folder);

enum { CS_SCRATCH_FILE = 4096 };

/** What is in a folder; a file, folder or link counts as CS_SCRATCH_FILE bytes at least. */
typedef struct {
    uint64_t n_bytes, n_files;
} cs_scratch_use;

/**
 * Measures a folder, and stops where it holds more than n_bytes, or has folders nested deeper than
 * any program needs, which count as more. Links are not followed. Thread-safe.
 */
void cs_scratch_measure(cs_scratch_use *use, const char *folder, uint64_t n_bytes);

#endif
