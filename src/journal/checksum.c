/* SPDX-License-Identifier: MIT */
#include "journal/checksum.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <xxhash.h>

#include "base/memory.h"

static const size_t PIECE = 1 << 20;

uint64_t cs_checksum(const void *data, size_t size)
{
    return size > 0 ? XXH3_64bits(data, size) : XXH3_64bits("", 0);
}

uint64_t cs_checksum_at(uint64_t offset, const void *data, size_t size)
{
    return XXH3_64bits_withSeed(size > 0 ? data : "", size, offset);
}

/* Reads up to `size` bytes; fewer only at the end of the file. Negative: errno says why. */
static ssize_t read_piece(int file, void *data, size_t size, uint64_t offset)
{
    size_t n_read = 0;
    while (n_read < size) {
        const ssize_t more =
            pread(file, (char *)data + n_read, size - n_read, (off_t)(offset + n_read));
        if (more < 0 && errno == EINTR) {
            continue;
        }
        if (more < 0) {
            return -1;
        }
        if (more == 0) {
            break;
        }
        n_read += (size_t)more;
    }
    return (ssize_t)n_read;
}

/* As many bytes as there are, at most `size`. */
static cs_status add_range(XXH3_state_t *state, uint64_t *n_read, int file, uint64_t offset,
                           uint64_t size, cs_error *err)
{
    void *piece = NULL;
    CS_TRY(cs_alloc(&piece, PIECE, 1, "a checksum", err));
    cs_status status = CS_OK;
    *n_read = 0;
    while (*n_read < size) {
        const uint64_t left = size - *n_read;
        const size_t wanted = left < PIECE ? (size_t)left : PIECE;
        const ssize_t n = read_piece(file, piece, wanted, offset + *n_read);
        if (n < 0) {
            status = cs_fail_errno(err, CS_IO, "a file cannot be read");
            break;
        }
        XXH3_64bits_update(state, piece, (size_t)n);
        *n_read += (uint64_t)n;
        if ((size_t)n < wanted) {
            break;
        }
    }
    free(piece);
    return status;
}

static cs_status checksum_open_file(uint64_t *checksum, uint64_t *n_read, int file, uint64_t offset,
                                    uint64_t size, cs_error *err)
{
    XXH3_state_t *state = XXH3_createState();
    if (state == NULL) {
        return cs_fail(err, CS_MEMORY, "out of memory: a checksum");
    }
    XXH3_64bits_reset(state);
    const cs_status status = add_range(state, n_read, file, offset, size, err);
    *checksum = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return status;
}

cs_status cs_checksum_file(uint64_t *checksum, const char *path, cs_error *err)
{
    uint64_t n_read = 0;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be read", path);
    }
    const cs_status status = checksum_open_file(checksum, &n_read, file, 0, UINT64_MAX, err);
    close(file);
    return status == CS_IO ? cs_fail_errno(err, CS_IO, "%s: cannot be read", path) : status;
}

cs_status cs_checksum_range(uint64_t *checksum, bool *whole, int file, uint64_t offset,
                            uint64_t size, cs_error *err)
{
    uint64_t n_read = 0;
    CS_TRY(checksum_open_file(checksum, &n_read, file, offset, size, err));
    *whole = n_read == size;
    return CS_OK;
}
