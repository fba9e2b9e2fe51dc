/* SPDX-License-Identifier: MIT */
#include "store/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* What all functions here need. */
typedef struct {
    hid_t dataset;
    hid_t type; /* of its texts */
    size_t n;
    const char *where;
} texts;

static cs_status keep(char **name, const char *text, size_t length, cs_error *err)
{
    while (length > 0 && text[length - 1] == ' ') {
        length--;
    }
    CS_TRY(cs_alloc(name, length + 1, 1, "a name", err));
    memcpy(*name, text, length);
    return CS_OK;
}

static cs_status read_variable(char **names, const texts *from, cs_error *err)
{
    char **held = NULL;
    CS_TRY(cs_alloc(&held, from->n, sizeof *held, "the names", err));
    cs_status status = CS_OK;
    if (H5Dread(from->dataset, from->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, held) < 0) {
        status = cs_hdf_fail(err, CS_DATA, "%s: cannot be read", from->where);
    }
    for (size_t i = 0; i < from->n && status == CS_OK; i++) {
        const char *text = held[i] == NULL ? "" : held[i];
        status = keep(&names[i], text, strlen(text), err);
    }
    const hid_t space = H5Dget_space(from->dataset);
    H5Dvlen_reclaim(from->type, space, H5P_DEFAULT, held);
    H5Sclose(space);
    free(held);
    return status;
}

static cs_status read_fixed(char **names, const texts *from, cs_error *err)
{
    const size_t width = H5Tget_size(from->type);
    char *packed = NULL;
    CS_TRY(cs_alloc(&packed, from->n, width, "the names", err));
    cs_status status = CS_OK;
    if (H5Dread(from->dataset, from->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, packed) < 0) {
        status = cs_hdf_fail(err, CS_DATA, "%s: cannot be read", from->where);
    }
    for (size_t i = 0; i < from->n && status == CS_OK; i++) {
        const char *text = packed + i * width;
        status = keep(&names[i], text, strnlen(text, width), err);
    }
    free(packed);
    return status;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static cs_status refuse_twice(char *const *names, const texts *from, cs_error *err)
{
    char **sorted = NULL;
    CS_TRY(cs_alloc(&sorted, from->n, sizeof *sorted, "the names", err));
    memcpy(sorted, names, from->n * sizeof *sorted);
    qsort(sorted, from->n, sizeof *sorted, compare_texts);
    cs_status status = CS_OK;
    for (size_t i = 1; i < from->n && status == CS_OK; i++) {
        if (strcmp(sorted[i - 1], sorted[i]) == 0) {
            status = cs_fail(err, CS_DATA, "%s: name \"%.200s\" occurs more than once", from->where,
                             sorted[i]);
        }
    }
    free(sorted);
    return status;
}

cs_status cs_names_read(char ***names, hid_t dataset, size_t n, const char *where, cs_error *err)
{
    const texts from = {.dataset = dataset, .type = H5Dget_type(dataset), .n = n, .where = where};
    cs_status status = CS_OK;
    CS_CHECK(cs_alloc(names, n, sizeof **names, "the names", err));
    if (H5Tis_variable_str(from.type) > 0) {
        CS_CHECK(read_variable(*names, &from, err));
    } else {
        CS_CHECK(read_fixed(*names, &from, err));
    }
    CS_CHECK(refuse_twice(*names, &from, err));
release:
    H5Tclose(from.type);
    if (status != CS_OK) {
        cs_names_free(*names, n);
        *names = NULL;
    }
    return status;
}

void cs_names_free(char **names, size_t n)
{
    for (size_t i = 0; names != NULL && i < n; i++) {
        free(names[i]);
    }
    free(names);
}

static bool is_id(int64_t *id, const char *name)
{
    if (name[0] < '1' || name[0] > '9' || name[strspn(name, "0123456789")] != '\0') {
        return false;
    }
    errno = 0;
    *id = strtoll(name, NULL, 10);
    return errno == 0;
}

bool cs_names_are_ids(int64_t *id, char *const *names, size_t n)
{
    bool all = true;
    for (size_t i = 0; i < n && all; i++) {
        all = is_id(&id[i], names[i]);
    }
    return all;
}
