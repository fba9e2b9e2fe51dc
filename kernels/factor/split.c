/* SPDX-License-Identifier: MIT */
#include "kernels/factor/split.h"

#include <math.h>
#include <string.h>

#include "kernels/factor/primality.h"
#include "kernels/factor/rho.h"
#include "kernels/factor/small_divisors.h"
#include "kernels/factor/split_engine.h"

/* A part of a number, without prime factors below 1024. */
typedef struct {
    uint64_t n;
    size_t owner;    /* the number that it is part of */
    uint32_t tries;  /* bases that it passed, curves that did not split it */
    uint32_t misses; /* of these curves those that found all its primes at once */
} part;

/* Parts waiting for the same thing; a step begins with less than a full call of each and adds at
 * most two for each number of a call. */
enum { MAX_WAITING = 4 * CSK_SPLIT_MAX_WIDTH };

typedef struct {
    size_t n;
    part parts[MAX_WAITING];
} queue;

/* Parts of one size and the arithmetic for them. */
typedef struct {
    const csk_split_engine *engine;
    const csk_ecm_plan *plan; /* of all curves but the first */
    queue fresh;              /* not tested yet */
    queue likely;             /* passed the first base */
    queue composite;          /* not tried yet */
    queue hard;               /* the first curve did not split them */
} bench;

typedef struct {
    bench narrow, wide; /* below 2^48; the others */
    uint64_t *primes;
    uint8_t *n_primes;
} workshop;

enum {
    FIRST_SIGMA = 6,
    MAX_TRIES = 100, /* after that Pollard's rho; one curve in six finds a factor of 32 bits */
    MAX_MISSES = 2,
};

static void push(queue *q, part p)
{
    q->parts[q->n++] = p;
}

/* Puts a prime where it belongs in its number's row. */
static void add_prime(workshop *w, size_t owner, uint64_t prime)
{
    uint64_t *const row = w->primes + owner * CSK_FACTOR_MAX;
    size_t k = w->n_primes[owner]++;
    for (; k > 0 && row[k - 1] > prime; k--) {
        row[k] = row[k - 1];
    }
    row[k] = prime;
}

static bench *bench_of(workshop *w, uint64_t n)
{
    return n >> CSK_NARROW_BITS == 0 ? &w->narrow : &w->wide;
}

static void add_part(workshop *w, size_t owner, uint64_t n)
{
    if (n == 1) {
        return;
    }
    if (n < (uint64_t)CSK_SMALL_BOUND * CSK_SMALL_BOUND) {
        add_prime(w, owner, n);
    } else {
        push(&bench_of(w, n)->fresh, (part){.n = n, .owner = owner});
    }
}

static void take_in(workshop *w, size_t owner, uint64_t n)
{
    w->n_primes[owner] = 0;
    if (n > 1) {
        add_part(w, owner,
                 csk_divide_by_small(w->primes + owner * CSK_FACTOR_MAX, &w->n_primes[owner], n));
    }
}

static void split_into(workshop *w, const part *p, uint64_t divisor)
{
    add_part(w, p->owner, divisor);
    add_part(w, p->owner, p->n / divisor);
}

/* A composite goes to the curves, unless it is a square: they would find its root twice. */
static void add_composite(workshop *w, const part *p)
{
    uint64_t root = (uint64_t)sqrt((double)p->n);
    /* rounding may have gone up, and 2^32 has no square here */
    root -= root > UINT32_MAX || root * root > p->n;
    if (root * root == p->n) {
        split_into(w, p, root);
    } else {
        push(&bench_of(w, p->n)->composite, (part){.n = p->n, .owner = p->owner});
    }
}

/* The strong test for the first base. */
static void test_fresh(workshop *w, bench *b)
{
    const size_t width = b->engine->width;
    const size_t n_parts = b->fresh.n < width ? b->fresh.n : width;
    b->fresh.n -= n_parts;
    part parts[CSK_SPLIT_MAX_WIDTH]; /* a copy: splitting a square puts parts in their place */
    memcpy(parts, b->fresh.parts + b->fresh.n, n_parts * sizeof *parts);
    uint64_t n[CSK_SPLIT_MAX_WIDTH] = {0};
    uint32_t base[CSK_SPLIT_MAX_WIDTH] = {0};
    uint8_t passes[CSK_SPLIT_MAX_WIDTH];
    for (size_t i = 0; i < width; i++) {
        n[i] = parts[i < n_parts ? i : 0].n;
        base[i] = 2;
    }
    b->engine->strong(passes, n, base);
    for (size_t i = 0; i < n_parts; i++) {
        if (passes[i]) {
            push(&b->likely, (part){.n = parts[i].n, .owner = parts[i].owner, .tries = 1});
        } else {
            add_composite(w, &parts[i]);
        }
    }
}

/* The other bases: nearly all that come here are prime, so a part takes a lane for each base. */
static void test_likely(workshop *w, bench *b)
{
    const size_t width = b->engine->width;
    uint64_t n[CSK_SPLIT_MAX_WIDTH] = {0};
    uint32_t base[CSK_SPLIT_MAX_WIDTH] = {0};
    uint8_t passes[CSK_SPLIT_MAX_WIDTH];
    part parts[CSK_SPLIT_MAX_WIDTH];
    size_t end[CSK_SPLIT_MAX_WIDTH]; /* of the part's lanes */
    size_t n_parts = 0, lane = 0;
    while (b->likely.n > 0 && lane < width) {
        part *const p = &parts[n_parts];
        *p = b->likely.parts[--b->likely.n];
        const uint8_t *witnesses;
        const size_t n_witnesses = csk_witnesses(&witnesses, p->n);
        for (; p->tries < n_witnesses && lane < width; lane++) {
            n[lane] = p->n;
            base[lane] = witnesses[p->tries++];
        }
        end[n_parts++] = lane;
    }
    for (size_t i = lane; i < width; i++) {
        n[i] = n[0];
        base[i] = base[0];
    }
    b->engine->strong(passes, n, base);
    for (size_t i = 0; i < n_parts; i++) {
        const uint8_t *witnesses;
        bool prime = true;
        for (size_t k = i == 0 ? 0 : end[i - 1]; k < end[i]; k++) {
            prime = prime && passes[k];
        }
        if (!prime) {
            add_composite(w, &parts[i]);
        } else if (parts[i].tries < csk_witnesses(&witnesses, parts[i].n)) {
            push(&b->likely, parts[i]);
        } else {
            add_prime(w, parts[i].owner, parts[i].n);
        }
    }
}

/* What a part becomes after some curves: `divisor` of the one that found most. */
static void after_curves(workshop *w, bench *b, part p, uint64_t divisor, uint32_t n_curves)
{
    if (divisor > 1 && divisor < p.n) {
        split_into(w, &p, divisor);
        return;
    }
    p.tries += n_curves;
    p.misses += divisor == p.n;
    if (p.misses >= MAX_MISSES || p.tries >= MAX_TRIES) {
        split_into(w, &p, csk_rho_divisor(p.n));
    } else {
        push(&b->hard, p);
    }
}

/* A curve for each of the parts; where they do not fill the lanes, several. */
static void try_curves(workshop *w, bench *b, queue *q, const csk_ecm_plan *plan)
{
    const size_t width = b->engine->width;
    const size_t n_parts = q->n < width ? q->n : width;
    q->n -= n_parts;
    part parts[CSK_SPLIT_MAX_WIDTH];
    memcpy(parts, q->parts + q->n, n_parts * sizeof *parts);
    uint64_t n[CSK_SPLIT_MAX_WIDTH] = {0}, divisor[CSK_SPLIT_MAX_WIDTH];
    uint32_t sigma[CSK_SPLIT_MAX_WIDTH] = {0};
    for (size_t i = 0; i < width; i++) {
        n[i] = parts[i % n_parts].n;
        sigma[i] = FIRST_SIGMA + parts[i % n_parts].tries + (uint32_t)(i / n_parts);
    }
    b->engine->curve(divisor, n, sigma, plan);
    for (size_t i = 0; i < n_parts; i++) {
        uint64_t found = divisor[i];
        uint32_t n_curves = 1;
        for (size_t k = i + n_parts; k < width; k += n_parts, n_curves++) {
            if (found == 1 || found == parts[i].n) {
                found = divisor[k] > 1 ? divisor[k] : found;
            }
        }
        after_curves(w, b, parts[i], found, n_curves);
    }
}

/* Tests parts of one size if at least `least` wait for it. */
static bool test(workshop *w, bench *b, size_t least)
{
    if (b->likely.n >= least) {
        test_likely(w, b);
    } else if (b->fresh.n >= least) {
        test_fresh(w, b);
    } else {
        return false;
    }
    return true;
}

/* The same for curves. The first one is a short one: half of the numbers have a small factor. */
static bool split(workshop *w, bench *b, size_t least)
{
    if (b->composite.n >= least) {
        try_curves(w, b, &b->composite, &csk_ecm_narrow);
    } else if (b->hard.n >= least) {
        try_curves(w, b, &b->hard, b->plan);
    } else {
        return false;
    }
    return true;
}

/* One call that fills its lanes, if there is any. */
static bool work_full(workshop *w, bench *b)
{
    return split(w, b, b->engine->width) || test(w, b, b->engine->width);
}

/* One call of what is left. Composites wait for the tests: then more of them go side by side. */
static bool work_rest(workshop *w)
{
    return test(w, &w->narrow, 1) || test(w, &w->wide, 1) || split(w, &w->wide, 1) ||
           split(w, &w->narrow, 1);
}

bool csk_split_path_available(csk_split_path path)
{
#ifdef CSK_SPLIT_HAS_IFMA
    if (path == CSK_SPLIT_IFMA) {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512ifma") &&
               __builtin_cpu_supports("bmi2");
    }
#endif
    return path == CSK_SPLIT_AUTO || path == CSK_SPLIT_PLAIN;
}

static void choose_engines(workshop *w, csk_split_path path)
{
    w->narrow.plan = &csk_ecm_narrow;
    w->wide.plan = &csk_ecm_wide;
    w->narrow.engine = w->wide.engine = &csk_split_plain;
#ifdef CSK_SPLIT_HAS_IFMA
    if (path == CSK_SPLIT_IFMA ||
        (path == CSK_SPLIT_AUTO && csk_split_path_available(CSK_SPLIT_IFMA))) {
        w->narrow.engine = &csk_split_ifma_narrow;
        w->wide.engine = &csk_split_ifma_wide;
    }
#endif
}

static void empty(bench *b)
{
    b->fresh.n = b->likely.n = b->composite.n = b->hard.n = 0;
}

void csk_factor_list_by(csk_split_path path, uint64_t *restrict primes, uint8_t *restrict n_primes,
                        const uint64_t *restrict n, size_t begin, size_t end)
{
    workshop w;
    w.primes = primes;
    w.n_primes = n_primes;
    choose_engines(&w, path);
    empty(&w.narrow);
    empty(&w.wide);
    for (size_t i = begin; i < end;) {
        if (!work_full(&w, &w.narrow) && !work_full(&w, &w.wide)) {
            take_in(&w, i, n[i]);
            i++;
        }
    }
    while (work_full(&w, &w.narrow) || work_full(&w, &w.wide) || work_rest(&w)) {
    }
}

void csk_factor_list(uint64_t *restrict primes, uint8_t *restrict n_primes,
                     const uint64_t *restrict n, size_t begin, size_t end)
{
    csk_factor_list_by(CSK_SPLIT_AUTO, primes, n_primes, n, begin, end);
}

void csk_factor_lists(uint64_t *restrict primes, uint8_t *restrict n_primes,
                      const uint64_t *restrict n, size_t count, int n_threads)
{
    /* enough for all lanes, few enough to share the work evenly */
    enum { BLOCK = 256 };
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (size_t i = 0; i < count; i += BLOCK) {
        csk_factor_list(primes, n_primes, n, i, count - i < BLOCK ? count : i + BLOCK);
    }
}
