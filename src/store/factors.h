/* SPDX-License-Identifier: MIT */
/**
 * Prime factors in HDF5, as compressed rows: integer i has the primes
 * prime[offset[i] .. offset[i + 1] - 1], distinct and increasing, with their exponents.
 *
 * Datasets: offset uint64 (n + 1), prime uint64, exponent uint8; of a list also number uint64 (n),
 * of a range the attributes first and last. Chunks of CS_FACTORS_CHUNK elements, shuffled and
 * deflated.
 *
 * Main thread of rank 0, but for the description of pieces, which is plain data.
 */
#ifndef CS_STORE_FACTORS_H
#define CS_STORE_FACTORS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "store/codec.h"

enum { CS_FACTORS_CHUNK = 65536 }; /* elements */

typedef enum {
    CS_FACTORS_OFFSET,
    CS_FACTORS_PRIME,
    CS_FACTORS_EXPONENT,
    CS_FACTORS_NUMBER,
    CS_N_FACTORS
} cs_factors_dataset;

/** Bytes of an element, and the filters of its chunks. */
size_t cs_factors_element(cs_factors_dataset dataset);
cs_filters cs_factors_filters(cs_factors_dataset dataset, int level);

/** Head of a piece of a dataset; n_bytes follow. Pieces of a dataset come in order. */
typedef struct {
    uint32_t dataset;
    uint32_t is_encoded;  /* one whole chunk, encoded */
    uint32_t is_relative; /* offsets: from the block's first prime */
    uint32_t padding;
    uint64_t count; /* elements */
    uint64_t n_bytes;
} cs_factors_piece;

typedef struct cs_factors cs_factors;

/** What the file says of itself. */
typedef struct {
    bool is_list;
    uint64_t first, last; /* of a range */
    const char *history;
    int deflate;
    bool replace;
} cs_factors_spec;

/** Claims the output (base/output.h) and creates the file. Errors: as there, CS_IO. */
cs_status cs_factors_create(cs_factors **factors, const char *path, const cs_factors_spec *spec,
                            cs_error *err);

/** Writes the pieces of a block. Errors: CS_IO, CS_INTERNAL. */
cs_status cs_factors_write(cs_factors *factors, const cs_bytes *pieces, cs_error *err);

/** Writes what is left, syncs and renames. Errors: CS_IO. */
cs_status cs_factors_finish(cs_factors *factors, cs_error *err);

/** Releases; what is not finished is removed. NULL is fine. */
void cs_factors_close(cs_factors *factors);

#endif
