/* SPDX-License-Identifier: MIT */
/**
 * How every catchment's run went: records, final states, extras, messages; written as run_status,
 * state_*, group /run and the extras' group. Private to src/store.
 */
#ifndef CS_STORE_RESULT_TABLE_H
#define CS_STORE_RESULT_TABLE_H

#include "store/hdf.h"
#include "store/result_packet.h"

typedef struct {
    size_t n, n_states, n_extras;
    cs_run_record *record; /* [n] */
    double *states;        /* [n_states][n] */
    double *extras;        /* [n_extras][n] */
    char **message;        /* [n], NULL: none */
    char **host;           /* [n], points into hosts */
    char **hosts;          /* [n_hosts] distinct */
    size_t n_hosts;
} cs_result_table;

/** The texts of group /run. */
typedef struct {
    const char *configuration, *report;
    const char *identity; /* NULL: none */
} cs_result_texts;

cs_status cs_result_table_open(cs_result_table *table, size_t n, const cs_result_format *format,
                               cs_error *err);
void cs_result_table_close(cs_result_table *table);

/** Takes records, states, extras and messages from the beginning of a packet. */
cs_status cs_result_table_take(cs_result_table *table, cs_reader *packet, size_t first,
                               size_t count, int rank, const char *host, cs_error *err);

/** Records the same failure for each of these catchments. */
cs_status cs_result_table_fail(cs_result_table *table, size_t first, size_t count, int rank,
                               const char *host, const char *message, cs_error *err);

/** Writes everything. */
cs_status cs_result_table_write(const cs_result_table *table, hid_t file, hid_t catchment,
                                const int64_t *id, const cs_result_format *format,
                                const cs_result_texts *texts, cs_error *err);

#endif
