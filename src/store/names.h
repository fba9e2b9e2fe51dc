/* SPDX-License-Identifier: MIT */
/**
 * Names of catchments: texts of fixed or variable length in a file. Private to src/store.
 */
#ifndef CS_STORE_NAMES_H
#define CS_STORE_NAMES_H

#include "store/hdf.h"

/**
 * Reads a one-dimensional dataset of texts. Blanks at their ends are padding and left out.
 *
 * @param names [out] [n] texts, released by cs_names_free; NULL on failure
 * @param where [in]  file and dataset, for messages
 * Errors: CS_DATA (cannot be read; a name occurs more than once: which), CS_MEMORY.
 */
cs_status cs_names_read(char ***names, hid_t dataset, size_t n, const char *where, cs_error *err);

/** Releases n names; NULL is fine. */
void cs_names_free(char **names, size_t n);

/** Whether all names are numbers from 1 to 2^63 - 1, without leading zeros; fills id[n] if so. */
bool cs_names_are_ids(int64_t *id, char *const *names, size_t n);

#endif
