/* SPDX-License-Identifier: MIT */
#include "config/paths.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const char placeholder[] = "{substance}";

/* Leaves out empty and "." parts, in place. */
static void tidy(char *path)
{
    const bool absolute = path[0] == '/';
    const char *from = path;
    char *to = path + (absolute ? 1 : 0);
    char *const begin = to;
    while (*from != '\0') {
        const size_t length = strcspn(from, "/");
        const bool nothing = length == 0 || (length == 1 && from[0] == '.');
        if (!nothing) {
            if (to != begin) {
                *to++ = '/';
            }
            memmove(to, from, length);
            to += length;
        }
        from += length + (from[length] == '/' ? 1 : 0);
    }
    if (to == path) {
        *to++ = '.';
    }
    *to = '\0';
}

cs_status cs_resolve_path(char **out, const char *file, const char *path, cs_error *err)
{
    *out = NULL;
    const char *slash = file != NULL ? strrchr(file, '/') : NULL;
    if (path[0] == '/' || slash == NULL) {
        CS_TRY(cs_copy_string(out, path, err));
    } else {
        CS_TRY(cs_format(out, err, "%.*s/%s", (int)(slash - file), file, path));
    }
    tidy(*out);
    return CS_OK;
}

bool cs_has_substance(const char *path)
{
    return strstr(path, placeholder) != NULL;
}

const char *cs_stray_brace(const char *path)
{
    const char *brace = strpbrk(path, "{}");
    while (brace != NULL && strncmp(brace, placeholder, strlen(placeholder)) == 0) {
        brace = strpbrk(brace + strlen(placeholder), "{}");
    }
    return brace;
}

/* Length of the path with every placeholder replaced. */
static size_t expanded_length(const char *path, const char *substance)
{
    size_t length = strlen(path);
    const char *hit = strstr(path, placeholder);
    for (; hit != NULL; hit = strstr(hit + strlen(placeholder), placeholder)) {
        length = length - strlen(placeholder) + strlen(substance);
    }
    return length;
}

cs_status cs_expand_path(char **out, const char *path, const char *substance, cs_error *err)
{
    CS_TRY(cs_alloc(out, expanded_length(path, substance) + 1, 1, "a path", err));
    char *to = *out;
    const char *hit = strstr(path, placeholder);
    while (hit != NULL) {
        memcpy(to, path, (size_t)(hit - path));
        to += hit - path;
        memcpy(to, substance, strlen(substance));
        to += strlen(substance);
        path = hit + strlen(placeholder);
        hit = strstr(path, placeholder);
    }
    memcpy(to, path, strlen(path) + 1);
    return CS_OK;
}
