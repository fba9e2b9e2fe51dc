/* SPDX-License-Identifier: MIT */
/**
 * Result packets: what ranks send back for a block of catchments. No HDF5; any rank, any thread.
 *
 * A packet holds, in this order: a record per catchment, the final states, the extras, the
 * messages, then for
 * every variable its rows (one chunk a catchment) and its step chunks (n_step_chunks), encoded.
 */
#ifndef CS_STORE_RESULT_PACKET_H
#define CS_STORE_RESULT_PACKET_H

#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "store/codec.h"

/** Variables of result files, float32 or float64 (catchment, time), in this order. */
typedef enum {
    CS_RESULT_LOAD,            /* g per time step */
    CS_RESULT_CONCENTRATION,   /* ng L-1 */
    CS_RESULT_DISCHARGE,       /* m3 s-1, on request */
    CS_RESULT_LOCAL_DISCHARGE, /* m3 s-1, on request */
    CS_N_RESULT_VARIABLES
} cs_result_variable;

/** Values of run_status. */
typedef enum {
    CS_RUN_PENDING,
    CS_RUN_OK,
    CS_RUN_FAILED,
    CS_RUN_TIMEOUT,
    CS_RUN_INVALID_INPUT,
    CS_N_RUN_STATUS
} cs_run_status;

/** "pending", "ok", ... */
const char *cs_run_status_name(cs_run_status status);

enum { CS_MAX_STATES = 8, CS_MAX_EXTRAS = 8 };

/** A further number per catchment that an engine leaves. Plain data. */
typedef struct {
    char name[24], units[16], long_name[80];
} cs_result_extra;

/** The shape of a run's results. Plain data. */
typedef struct {
    uint64_t n_time;
    uint64_t block_size;   /* catchments of a block, and of a step chunk */
    uint64_t step_rows;    /* time steps of a step chunk */
    uint64_t element_size; /* 4: float32, 8: float64 */
    uint64_t n_variables;  /* the first so many of cs_result_variable: 2 or 4 */
    uint64_t with_steps;   /* 1: step chunks follow the rows */
    uint64_t level;        /* deflate, 0..12 */
    uint64_t n_states;
    char state_name[CS_MAX_STATES][24];
    char state_units[CS_MAX_STATES][16];
    uint64_t n_extras; /* 0: none, and no group */
    char extra_group[16];
    cs_result_extra extra[CS_MAX_EXTRAS];
} cs_result_format;

/** Step chunks that cover n_time. */
uint64_t cs_result_step_chunks(const cs_result_format *format);

/**
 * Where the mass went that a model's stocks know, g: before + applied = lost + decayed + left, to
 * rounding. All NaN: the model has no stock.
 */
typedef struct {
    double before;  /* in the stocks at the beginning */
    double applied; /* that came into them */
    double lost;    /* to the water */
    double decayed; /* in place */
    double left;    /* in the stocks at the end */
} cs_mass_balance;

/** The balance of a model without stock. */
cs_mass_balance cs_mass_none(void);

/** By how much it does not close, as a share of what there was; NaN without stock, 0 of nothing. */
double cs_mass_error(const cs_mass_balance *mass);

/** How one catchment's run went. Plain data. */
typedef struct {
    int32_t status;   /* cs_run_status */
    int32_t attempts; /* runs started */
    int32_t exit;     /* of the last one; 0 for native models */
    int32_t rank;     /* filled in by cs_results_put */
    double seconds;   /* of the last one */
    double peak;      /* highest concentration, ng L-1; NaN: none */
    int64_t peak_row; /* its row; -1: none */
    double load;      /* sum over the rows, g */
    cs_mass_balance mass;
    int64_t n_negative_discharge;     /* rows; they counted as 0 */
    int64_t n_negative_precipitation; /* likewise; of native models that need it */
    uint64_t n_message;               /* bytes of the message */
} cs_run_record;

/** The record of a run that has not begun. */
cs_run_record cs_run_record_make(cs_run_status status);

/** A catchment's part of a packet, still encoded; pointers into the packet. */
typedef struct {
    const void *data;
    uint64_t size; /* 0: nothing, all values missing */
} cs_encoded;

/** Appends an encoded chunk (or nothing, size 0) to a packet. */
cs_status cs_result_append(cs_bytes *packet, const void *data, uint64_t size, cs_error *err);

/** Takes the next encoded chunk of a packet. */
cs_status cs_result_take(cs_encoded *chunk, cs_reader *packet, cs_error *err);

#endif
