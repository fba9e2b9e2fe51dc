/* SPDX-License-Identifier: MIT */
#include "job/factorize_places.h"

#include <stdlib.h>
#include <string.h>

/* CATCHSIM_FACTOR_PATH forces one for tests and measurements. What a method has no path for takes
 * the fastest: avx2 is the sieve's, ifma that of numbers one by one. */
static cs_status choose_paths(cs_factor_work *w, cs_error *err)
{
    const char *name = getenv("CATCHSIM_FACTOR_PATH");
    w->sieve_path = CSK_SIEVE_AUTO;
    w->split_path = CSK_SPLIT_AUTO;
    if (name == NULL || strcmp(name, "auto") == 0) {
        return CS_OK;
    }
    if (strcmp(name, "plain") == 0) {
        w->sieve_path = CSK_SIEVE_PLAIN;
        w->split_path = CSK_SPLIT_PLAIN;
    } else if (strcmp(name, "avx2") == 0 && csk_sieve_has(CSK_SIEVE_AVX2)) {
        w->sieve_path = CSK_SIEVE_AVX2;
    } else if (strcmp(name, "ifma") == 0 && csk_split_path_available(CSK_SPLIT_IFMA)) {
        w->split_path = CSK_SPLIT_IFMA;
    } else {
        return cs_fail(err, CS_USAGE,
                       "CATCHSIM_FACTOR_PATH=%.80s: use auto, plain, or what this processor has of "
                       "avx2 and ifma",
                       name);
    }
    return CS_OK;
}

static cs_status open_primes(cs_factor_work *w, cs_error *err)
{
    const cs_factor_plan *plan = &w->plan;
    CS_TRY(cs_alloc(&w->primes, 1, sizeof *w->primes, "primes", err));
    CS_TRY(cs_alloc(&w->prime_memory, csk_factor_primes_bytes(plan->last), 1, "primes", err));
    csk_factor_primes_make(w->primes, w->prime_memory, plan->last);
    w->chunk = csk_sieve_chunk(w->primes, plan->last - plan->first + 1, plan->n_workers);
    return CS_OK;
}

static cs_status open_sieves(cs_factor_work *w, cs_error *err)
{
    CS_TRY(open_primes(w, err));
    CS_TRY(cs_alloc(&w->sieves, (size_t)w->plan.n_threads, sizeof *w->sieves, "sieves", err));
    CS_TRY(cs_alloc(&w->parts, CS_FACTOR_CHUNKS, sizeof *w->parts, "sums", err));
    for (int k = 0; k < w->plan.n_threads; k++) {
        CS_TRY(cs_alloc(&w->place[k].sieve_memory, csk_sieve_bytes(w->primes, w->chunk), 1,
                        "a sieve", err));
        csk_sieve_make(&w->place[k].sieve, w->place[k].sieve_memory, w->primes, w->chunk,
                       w->sieve_path);
        w->sieves[k] = w->place[k].sieve;
    }
    return CS_OK;
}

static cs_status open_splitters(cs_factor_work *w, cs_error *err)
{
    for (int k = 0; k < w->plan.n_threads; k++) {
        cs_factor_workplace *p = &w->place[k];
        const size_t n_packed = CS_FACTOR_PIECE * CSK_FACTOR_MAX + CSK_FACTOR_SLACK;
        CS_TRY(cs_alloc(&p->number, CS_FACTOR_PIECE, sizeof *p->number, "integers", err));
        CS_TRY(cs_alloc(&p->split, n_packed, sizeof *p->split, "prime factors", err));
        CS_TRY(cs_alloc(&p->n_split, CS_FACTOR_PIECE, sizeof *p->n_split, "prime factors", err));
        CS_TRY(cs_alloc(&p->packed, n_packed, sizeof *p->packed, "prime factors", err));
        CS_TRY(cs_alloc(&p->offset, CS_FACTOR_PIECE + 1, sizeof *p->offset, "prime factors", err));
    }
    return CS_OK;
}

static cs_status open_output(cs_factor_work *w, cs_error *err)
{
    const cs_factor_plan *plan = &w->plan;
    if (plan->form == CS_FACTOR_TEXT || plan->form == CS_FACTOR_NDJSON) {
        CS_TRY(cs_alloc(&w->text, 1, sizeof *w->text, "tables of digits", err));
        csk_text_make(w->text, plan->form == CS_FACTOR_NDJSON ? CSK_TEXT_JSON
                               : plan->exponents              ? CSK_TEXT_EXPONENTS
                                                              : CSK_TEXT_PLAIN);
    }
    for (int k = 0; plan->form == CS_FACTOR_HDF5 && k < plan->n_threads; k++) {
        CS_TRY(cs_factor_rows_open(&w->place[k].rows, plan->is_list, plan->deflate, err));
    }
    return CS_OK;
}

cs_status cs_factor_work_open(cs_factor_work **out, const cs_factor_plan *plan, cs_error *err)
{
    cs_factor_work *w = NULL;
    *out = NULL;
    CS_TRY(cs_alloc(&w, 1, sizeof *w, "the kernel", err));
    pthread_mutex_init(&w->lock, NULL);
    w->plan = *plan;
    w->is_team = plan->means == CS_FACTOR_BY_SIEVE &&
                 (plan->form == CS_FACTOR_COUNT || plan->form == CS_FACTOR_BENCH);
    cs_status status = CS_OK;
    CS_CHECK(choose_paths(w, err));
    CS_CHECK(cs_alloc(&w->place, (size_t)plan->n_threads, sizeof *w->place, "workplaces", err));
    CS_CHECK(cs_alloc(&w->idle, (size_t)plan->n_threads, sizeof *w->idle, "workplaces", err));
    while (w->n_idle < plan->n_threads) {
        w->idle[w->n_idle] = w->n_idle;
        w->n_idle++;
    }
    CS_CHECK(plan->means == CS_FACTOR_BY_SIEVE ? open_sieves(w, err) : open_splitters(w, err));
    CS_CHECK(open_output(w, err));
    *out = w;
    return CS_OK;
release:
    cs_factor_work_close(w);
    return status;
}

void cs_factor_work_close(cs_factor_work *w)
{
    if (w == NULL) {
        return;
    }
    for (int k = 0; w->place != NULL && k < w->plan.n_threads; k++) {
        cs_factor_workplace *p = &w->place[k];
        free(p->sieve_memory);
        free(p->number);
        free(p->split);
        free(p->n_split);
        free(p->packed);
        free(p->offset);
        cs_factor_rows_close(p->rows);
    }
    pthread_mutex_destroy(&w->lock);
    free(w->place);
    free(w->idle);
    free(w->sieves);
    free(w->parts);
    free(w->text);
    free(w->prime_memory);
    free(w->primes);
    free(w);
}
