/* SPDX-License-Identifier: MIT */
/**
 * The sieve: all prime factors of every integer of a range, segment by segment.
 *
 * How an integer comes by its list:
 * - the exponents of 2, 3, 5 and 7 are a key, copied from a pattern of 5040 integers and mended at
 *   multiples of higher powers; the key's list is looked up;
 * - each prime from 11 to 2^16 pushes itself into a word of eight 16-bit lanes at its multiples,
 *   large primes first, so that the word is the list in order;
 * - larger primes hit rarely: their hits are sorted by segment once a chunk;
 * - the last prime is the integer divided by all others. The smooth part is divided out by its
 *   inverse mod 2^64 and a shift.
 * - the few integers with a high power, or with too many small primes, are marked and divided by
 *   trial of the primes found.
 *
 * A sieve belongs to one thread; the primes are shared. Results do not depend on the path, the
 * chunk or the segment.
 */
#ifndef CSK_FACTOR_SIEVE_H
#define CSK_FACTOR_SIEVE_H

#include <stdbool.h>

#include "kernels/factor/primes.h"
#include "kernels/factor/rows.h"

/** Integers that are listed at once. 2^14 keep lanes, keys and lists in a second-level cache of
 * 1 MiB; with the words of large primes and 64-bit lists 2^13 do. */
enum { CSK_SIEVE_SEGMENT = 1 << 14, CSK_SIEVE_SEGMENT_WIDE = 1 << 13 };

/** How the innermost loops are compiled. */
typedef enum {
    CSK_SIEVE_AUTO,  /* the fastest that this processor has */
    CSK_SIEVE_PLAIN, /* C */
    CSK_SIEVE_AVX2,  /* AVX2 and BMI2 (measured: AVX-512 gives nothing more) */
} csk_sieve_path;

/** Whether this processor can take a path. */
bool csk_sieve_has(csk_sieve_path path);

/** A prime, or a power of one up to the segment's length, and its next multiple. */
typedef struct {
    uint32_t stride;
    uint32_t next; /* from the segment's beginning */
    uint16_t prime;
} csk_sieve_stride;

/** What a power of 2, 3, 5 or 7 adds to the keys of its multiples. */
typedef struct {
    uint32_t stride;
    uint32_t next;
    uint16_t add;
} csk_sieve_patch;

/** Eight primes below 2^16, the smallest in the lowest lane; 0: none. */
typedef struct {
    uint64_t lane[2];
} __attribute__((aligned(16))) csk_sieve_word;

/** Up to three primes above 2^16, the largest in the lowest lane; 0: none. */
typedef struct {
    uint32_t lane[4];
} __attribute__((aligned(16))) csk_sieve_large;

/** A hit of a large prime in a segment. */
typedef struct {
    uint32_t prime;
    uint32_t at;
} csk_sieve_hit;

enum { CSK_SIEVE_PATCHES = 32 };

typedef struct {
    const csk_factor_primes *primes;
    csk_sieve_path path;
    bool wide;                /* 64-bit lists */
    size_t segment;           /* integers */
    size_t chunk;             /* integers, a multiple of segment */
    uint64_t first;           /* of the chunk */
    size_t count, done;       /* of its integers */
    csk_sieve_stride *stride; /* [n_strides], large primes first */
    size_t n_strides, n_long; /* the first n_long are as long as a segment, or longer */
    uint64_t *power;          /* [n_powers] smallest powers whose multiples are marked */
    size_t n_powers;
    csk_sieve_patch patch[CSK_SIEVE_PATCHES];
    size_t n_patches;
    uint64_t *marked;       /* [chunk / 64] a bit an integer: to be divided by trial */
    uint16_t *pattern;      /* [5040 + segment] */
    uint16_t *key;          /* [segment] */
    csk_sieve_word *word;   /* [segment + 1] */
    csk_sieve_large *large; /* [segment], if there are large primes */
    csk_sieve_hit *hit;     /* [chunk / segment][3 x segment], likewise */
    uint32_t *n_hits;       /* [chunk / segment] */
    uint32_t *offset;       /* [segment + 1] */
    uint32_t *narrow;       /* lists, or ... */
    uint64_t *wide_list;    /* ... these */
} csk_sieve;

/** A good chunk for `count` integers that `n_workers` share: a multiple of the segment. */
size_t csk_sieve_chunk(const csk_factor_primes *primes, uint64_t count, size_t n_workers);

/** Bytes of memory that a sieve needs besides its structure. */
size_t csk_sieve_bytes(const csk_factor_primes *primes, size_t chunk);

/**
 * Makes a sieve.
 *
 * @param memory [in] csk_sieve_bytes(primes, chunk) bytes, aligned to 64, the caller's
 * @param chunk  [in] the most integers of a chunk, a multiple of CSK_SIEVE_SEGMENT
 * @param path   [in] one that csk_sieve_has
 */
void csk_sieve_make(csk_sieve *sieve, void *memory, const csk_factor_primes *primes, size_t chunk,
                    csk_sieve_path path);

/** Begins the integers first .. first + count - 1 <= primes->last, count <= the chunk. */
void csk_sieve_begin(csk_sieve *sieve, uint64_t first, size_t count);

/**
 * Lists the next integers of the chunk, at most a segment.
 *
 * @param lists [out] borrowed from the sieve until the next call
 * @return false if the chunk was at its end
 */
bool csk_sieve_next(csk_sieve *sieve, csk_factor_rows *lists);

/**
 * Finds the primes of the next integers, without lists: keys and words are all that lines.h needs.
 *
 * @param first [out] the first integer
 * @param count [out] how many: a segment, or what is left of the chunk
 * @return false if the chunk was at its end
 */
bool csk_sieve_fill(csk_sieve *sieve, uint64_t *first, size_t *count);

/** Sums over first .. first + count - 1, any count, chunk by chunk. Serial. */
void csk_sieve_sum_range(csk_factor_sums *sums, csk_sieve *sieve, uint64_t first, uint64_t count);

/**
 * The same by an OpenMP team, a sieve a thread.
 *
 * @param parts  [out] room for one sum a chunk: parts[(count + chunk - 1) / chunk]
 * @param sieves [in]  sieves[n_threads], all of the same primes and chunk
 */
void csk_sieve_sum(csk_factor_sums *sums, csk_factor_sums *parts, csk_sieve *sieves, int n_threads,
                   uint64_t first, uint64_t count);

/** Lists only, touched by nobody: the sums' n_integers and n_factors alone, for measurements. */
void csk_sieve_list(csk_factor_sums *sums, csk_factor_sums *parts, csk_sieve *sieves, int n_threads,
                    uint64_t first, uint64_t count);

#endif
