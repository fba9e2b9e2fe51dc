/* SPDX-License-Identifier: MIT */
/**
 * Rearrangement on rank 0: rows that arrive a few catchments at a time become step chunks.
 *
 * For engines whose blocks are smaller than the tiles of a step file; where a block is a tile, its
 * rank rearranges (model/block.h). One tile is held, so memory is that of one tile. Rank 0, one
 * thread.
 */
#ifndef CS_MODEL_REARRANGE_H
#define CS_MODEL_REARRANGE_H

#include "store/results.h"

typedef struct cs_rearranger cs_rearranger;

/** @param format [in] of the files: its block_size is the width of a tile. Errors: CS_MEMORY. */
cs_status cs_rearranger_open(cs_rearranger **rearranger, const cs_result_format *format,
                             size_t n_catchment, cs_error *err);

/**
 * Takes the rows of catchments first .. first+count-1, which follow those of the call before, and
 * writes the step chunks of every tile that is complete.
 *
 * @param packet [in] a result packet without step chunks; NULL: these catchments failed, all their
 *                    values are missing
 * Errors: CS_IO, CS_MEMORY, CS_INTERNAL.
 */
cs_status cs_rearranger_put(cs_rearranger *rearranger, cs_results *results, const cs_bytes *packet,
                            size_t first, size_t count, cs_error *err);

/** Seconds spent here so far. */
double cs_rearranger_seconds(const cs_rearranger *rearranger);

/** NULL is fine. */
void cs_rearranger_close(cs_rearranger *rearranger);

#endif
