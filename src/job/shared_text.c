/* SPDX-License-Identifier: MIT */
#include "job/shared_text.h"

#include <stdio.h>

#include "config/config.h"

static cs_status read_file(cs_bytes *text, const char *path, cs_error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be read", path);
    }
    cs_status status = CS_OK;
    size_t n = 1;
    while (status == CS_OK && n > 0 && text->size <= CS_CONFIG_MAX_BYTES) {
        status = cs_bytes_reserve(text, 65536, err);
        n = status == CS_OK ? fread(text->data + text->size, 1, 65535, file) : 0;
        text->size += n;
    }
    if (status == CS_OK && ferror(file)) {
        status = cs_fail_errno(err, CS_IO, "%s: cannot be read", path);
    }
    fclose(file);
    if (status == CS_OK && text->size > CS_CONFIG_MAX_BYTES) {
        status = cs_fail(err, CS_DATA, "%s: is larger than 16 MiB", path);
    }
    if (status == CS_OK) {
        text->data[text->size] = '\0';
    }
    return status;
}

static cs_status share_text(cs_bytes *text, cs_comm *comm, cs_error *err)
{
    uint64_t size = text->size;
    cs_comm_broadcast(comm, &size, sizeof size);
    cs_status status = CS_OK;
    if (cs_comm_rank(comm) != 0) {
        status = cs_bytes_reserve(text, (size_t)size + 1, err);
    }
    CS_TRY(cs_comm_agree(comm, status, err));
    cs_comm_broadcast(comm, text->data, (size_t)size + 1);
    text->size = (size_t)size;
    return CS_OK;
}

cs_status cs_shared_text_read(cs_bytes *text, const char *path, cs_comm *comm, cs_error *err)
{
    cs_status status = CS_OK;
    if (cs_comm_rank(comm) == 0) {
        status = read_file(text, path, err);
    }
    CS_TRY(cs_comm_agree(comm, status, err));
    return share_text(text, comm, err);
}
