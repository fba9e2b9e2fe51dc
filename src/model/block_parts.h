/* SPDX-License-Identifier: MIT */
/**
 * The block runner's state and steps, for its own files only (block*.c).
 *
 * A block is unpacked, decoded, run by the engine, put into the type of the file, encoded by
 * catchment and by time step, and packed. Steps for one catchment or one chunk are independent of
 * each other: the threads of a team share them, each with a worker of its own.
 */
#ifndef CS_MODEL_BLOCK_PARTS_H
#define CS_MODEL_BLOCK_PARTS_H

#include "model/block.h"

/** What a thread needs for itself. */
typedef struct {
    cs_codec *codec;
    void *row;      /* [n_time_stored] elements of an input row */
    void *tile;     /* [step_rows][block_size] elements, before encoding */
    cs_error error; /* of this thread's own; CS_OK: none */
} cs_block_worker;

struct cs_block_runner {
    cs_block_plan plan;
    cs_engine engine;
    int n_threads;
    cs_block_worker *workers; /* [n_threads] */
    cs_block_times times;
    size_t n;                             /* catchments of the current block */
    cs_packet_row *rows;                  /* [CS_N_VARIABLES][block_size] */
    float *forcing[CS_N_VARIABLES];       /* [block_size][n_time], NULL: not wanted, or float64 */
    double *forcing64[CS_N_VARIABLES];    /* the same of rows stored as float64 */
    int64_t *id;                          /* [block_size] */
    const char **name;                    /* [block_size] in the packet of work */
    double *parameters, *states, *extras; /* [block_size][..] */
    double *load, *concentration;         /* [block_size][n_time] */
    cs_run_record *record;                /* [block_size] */
    cs_bytes *message;                    /* [block_size] */
    void *values[CS_N_RESULT_VARIABLES];  /* [block_size][n_time] elements as stored */
    cs_bytes *encoded_rows;               /* [n_variables][block_size] */
    cs_bytes *encoded_steps;              /* [n_variables][n_step_chunks] */
};

/* ---- steps: block_steps.c ---- */

/** Decodes the forcing of catchment i; what cannot be decoded makes its input invalid. */
void cs_block_runner_decode(cs_block_runner *r, cs_block_worker *w, size_t i);

/** Puts the results of catchment i into the type of the file. Numbers that it cannot hold are a
 * failure of the catchment, not an infinite result. */
void cs_block_runner_store(cs_block_runner *r, size_t i);

/** Encodes the rows of catchment i. Errors: CS_MEMORY, the record is the worker's. */
cs_status cs_block_runner_encode(cs_block_runner *r, cs_block_worker *w, size_t i);

/**
 * Encodes step chunk k of variable v: time steps k step_rows .. of all catchments of the block.
 * Errors: CS_MEMORY, the record is the worker's.
 */
cs_status cs_block_runner_encode_steps(cs_block_runner *r, cs_block_worker *w, size_t v, size_t k);

/* ---- packets: block_packet.c ---- */

/** Takes a packet of work apart, which stays the owner of rows and names, and clears the results of
 * r->n catchments. Errors: CS_INTERNAL (cut off). */
cs_status cs_block_runner_unpack(cs_block_runner *r, const cs_bytes *work, cs_error *err);

/** Appends the packet of results. Errors: CS_MEMORY. */
cs_status cs_block_runner_pack(cs_block_runner *r, cs_bytes *result, cs_error *err);

#endif
