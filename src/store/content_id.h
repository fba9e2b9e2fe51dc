/* SPDX-License-Identifier: MIT */
/**
 * The identity of a file's data: XXH3-128 of what was written, in the order it was written, so that
 * nobody has to hash gigabytes later. Without xxHash built in there is none. Private to src/store.
 */
#ifndef CS_STORE_CONTENT_ID_H
#define CS_STORE_CONTENT_ID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { CS_CONTENT_ID_LENGTH = 48 }; /* "xxh3-128:" and 32 hexadecimal digits */

typedef struct cs_content_id cs_content_id;

cs_status cs_content_id_open(cs_content_id **id, cs_error *err);
void cs_content_id_close(cs_content_id *id);

/** Adds data. */
void cs_content_id_add(cs_content_id *id, const void *data, size_t size);

/** The identity of all that was added; false: this build has none. */
bool cs_content_id_text(char text[static CS_CONTENT_ID_LENGTH], const cs_content_id *id);

#endif
