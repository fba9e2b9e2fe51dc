/* SPDX-License-Identifier: MIT */
/**
 * Integers of a one-dimensional HDF5 dataset of any integer type. Main thread of rank 0.
 */
#ifndef CS_STORE_NUMBERS_H
#define CS_STORE_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct cs_numbers cs_numbers;

/** Opens dataset `name` of a file, or its only dataset where that is NULL. Errors: CS_IO, CS_DATA.
 */
cs_status cs_numbers_open(cs_numbers **numbers, const char *path, const char *name, cs_error *err);

/**
 * Reads the next integers: fewer than `wanted` at the end only.
 *
 * @param values [out] values[wanted]
 * @param bad    [out] bad[wanted]: 1 where the value is negative
 */
cs_status cs_numbers_read(cs_numbers *numbers, uint64_t *values, uint8_t *bad, size_t *n,
                          size_t wanted, cs_error *err);

/** Elements that were read so far; name of the dataset, for messages. */
uint64_t cs_numbers_place(const cs_numbers *numbers);
const char *cs_numbers_name(const cs_numbers *numbers);

/** NULL is fine. */
void cs_numbers_close(cs_numbers *numbers);

#endif
