/* SPDX-License-Identifier: MIT */
/**
 * Names of substances, engines and models: safe as part of a path, unique among themselves.
 */
#ifndef CS_CONFIG_NAMES_H
#define CS_CONFIG_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define CS_NATIVE_ENGINE_NAME "native" /* the engine that is always there */

/**
 * Whether a text is a name: 1 to 100 of A-Z a-z 0-9 _ - and single dots, neither first nor last
 * a dot, first no '-'. The schema's type `name` says the same. Thread-safe.
 */
bool cs_is_name(const char *text);

/** A text of the configuration and the line it comes from. */
typedef struct {
    char *text;
    int line;
} cs_named;

/**
 * Finds two equal texts; sorts the array.
 *
 * @param first, second [out] the two with the lowest lines, first before second
 * @return whether there are two. Cost: n log n.
 */
bool cs_find_duplicate(cs_named *first, cs_named *second, cs_named *items, size_t n);

#endif
