/* SPDX-License-Identifier: MIT */
#include "store/content_id.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

#ifdef CS_HAVE_XXHASH
#include <xxhash.h>

struct cs_content_id {
    XXH3_state_t *state;
};

cs_status cs_content_id_open(cs_content_id **id, cs_error *err)
{
    CS_TRY(cs_alloc(id, 1, sizeof **id, "the content id", err));
    (*id)->state = XXH3_createState();
    if ((*id)->state == NULL) {
        free(*id);
        *id = NULL;
        return cs_fail(err, CS_MEMORY, "out of memory: the content id");
    }
    XXH3_128bits_reset((*id)->state);
    return CS_OK;
}

void cs_content_id_close(cs_content_id *id)
{
    if (id != NULL) {
        XXH3_freeState(id->state);
        free(id);
    }
}

void cs_content_id_add(cs_content_id *id, const void *data, size_t size)
{
    XXH3_128bits_update(id->state, data, size);
}

bool cs_content_id_text(char text[static CS_CONTENT_ID_LENGTH], const cs_content_id *id)
{
    const XXH128_hash_t hash = XXH3_128bits_digest(id->state);
    snprintf(text, CS_CONTENT_ID_LENGTH, "xxh3-128:%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
    return true;
}

#else

struct cs_content_id {
    int nothing;
};

cs_status cs_content_id_open(cs_content_id **id, cs_error *err)
{
    return cs_alloc(id, 1, sizeof **id, "the content id", err);
}

void cs_content_id_close(cs_content_id *id)
{
    free(id);
}

void cs_content_id_add(cs_content_id *id, const void *data, size_t size)
{
    (void)id, (void)data, (void)size;
}

bool cs_content_id_text(char text[static CS_CONTENT_ID_LENGTH], const cs_content_id *id)
{
    (void)id;
    text[0] = '\0';
    return false;
}

#endif
