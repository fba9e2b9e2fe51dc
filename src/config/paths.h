/* SPDX-License-Identifier: MIT */
/**
 * Paths of a configuration: relative to its folder, with {substance} in output paths.
 */
#ifndef CS_CONFIG_PATHS_H
#define CS_CONFIG_PATHS_H

#include <stdbool.h>

#include "base/error.h"

/**
 * Resolves a path against the folder of a file. Empty and "." parts are left out, so that equal
 * paths are mostly equal texts; ".." stays (what it means depends on symbolic links).
 *
 * @param out  [out] released by free(); NULL on failure
 * @param file [in]  path of a file; NULL or one without '/': the working directory
 * @param path [in]  not empty; absolute ones stay so
 * Errors: CS_MEMORY. Thread-safe.
 */
cs_status cs_resolve_path(char **out, const char *file, const char *path, cs_error *err);

/**
 * Replaces {substance} in a path.
 *
 * @param out [out] released by free(); NULL on failure
 * Errors: CS_MEMORY. The path was checked by cs_check_placeholders. Thread-safe.
 */
cs_status cs_expand_path(char **out, const char *path, const char *substance, cs_error *err);

/** Whether a path contains {substance}. */
bool cs_has_substance(const char *path);

/** The first brace that does not belong to {substance}; NULL if all do. */
const char *cs_stray_brace(const char *path);

#endif
