/* SPDX-License-Identifier: MIT */
/**
 * What a rank of factorize works with: primes, tables, and a workplace for each compute thread.
 * Private to factorize_work.c and factorize_places.c.
 */
#ifndef CS_JOB_FACTORIZE_PLACES_H
#define CS_JOB_FACTORIZE_PLACES_H

#include <pthread.h>

#include "job/factorize_rows.h"
#include "job/factorize_work.h"
#include "kernels/factor/sieve.h"
#include "kernels/factor/split.h"
#include "kernels/factor/text.h"

enum {
    CS_FACTOR_PIECE = 512,   /* integers that are split at once */
    CS_FACTOR_CHUNKS = 4096, /* the most of a block that a team shares */
};

/** What one compute thread needs. */
typedef struct {
    csk_sieve sieve;
    void *sieve_memory;
    uint64_t *number;     /* [CS_FACTOR_PIECE] */
    uint64_t *split;      /* [CS_FACTOR_PIECE][CSK_FACTOR_MAX] */
    uint8_t *n_split;     /* [CS_FACTOR_PIECE] */
    uint64_t *packed;     /* [CS_FACTOR_PIECE x CSK_FACTOR_MAX + CSK_FACTOR_SLACK] */
    uint32_t *offset;     /* [CS_FACTOR_PIECE + 1] */
    cs_factor_rows *rows; /* of HDF5 */
} cs_factor_workplace;

struct cs_factor_work {
    cs_factor_plan plan;
    csk_factor_primes *primes;
    void *prime_memory;
    csk_text *text;
    csk_sieve_path sieve_path;
    csk_split_path split_path;
    size_t chunk;               /* integers that a sieve takes at once */
    bool is_team;               /* one lane, whose team shares the chunks of a block */
    cs_factor_workplace *place; /* [n_threads] */
    csk_sieve *sieves;          /* [n_threads] of a team */
    csk_factor_sums *parts;     /* [CS_FACTOR_CHUNKS] of a team */
    int n_idle;
    int *idle;            /* [n_idle] places that no lane uses */
    pthread_mutex_t lock; /* guards the two */
};

#endif
