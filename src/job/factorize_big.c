/* SPDX-License-Identifier: MIT */
#include "job/factorize_big.h"

#include <string.h>

#include "base/stop.h"
#include "text/integers.h"

#ifdef CS_HAVE_FLINT
#include <flint/fmpz.h>
#include <flint/fmpz_factor.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { LOOK_NS = 100000000 }; /* how long a stop may go unseen */

bool cs_factor_has_big(void)
{
    return true;
}

static cs_status append(cs_bytes *out, const char *text, cs_error *err)
{
    return cs_bytes_append(out, text, strlen(text), err);
}

static cs_status append_exponent(cs_bytes *out, ulong exponent, cs_error *err)
{
    char text[24];
    snprintf(text, sizeof text, "^%lu", exponent);
    return append(out, text, err);
}

/* One prime, as often as it divides. */
static cs_status append_power(cs_bytes *out, const fmpz *prime, ulong exponent, bool exponents,
                              const char *separator, bool is_first, cs_error *err)
{
    char digits[CS_INTEGERS_DIGITS + 2];
    fmpz_get_str(digits, 10, prime);
    for (ulong k = 0; k < (exponents ? 1 : exponent); k++) {
        CS_TRY(append(out, is_first && k == 0 && *separator == ',' ? "" : separator, err));
        CS_TRY(append(out, digits, err));
    }
    return exponents && exponent > 1 ? append_exponent(out, exponent, err) : CS_OK;
}

static cs_status append_line(cs_bytes *out, const fmpz_factor_t factors, bool is_json,
                             bool exponents, const char *digits, size_t length, cs_error *err)
{
    CS_TRY(append(out, is_json ? "{\"n\":" : "", err));
    CS_TRY(cs_bytes_append(out, digits, length, err));
    CS_TRY(append(out, is_json ? ",\"factors\":[" : ":", err));
    for (slong k = 0; k < factors->num; k++) {
        CS_TRY(append_power(out, factors->p + k, factors->exp[k], exponents, is_json ? "," : " ",
                            k == 0, err));
    }
    return append(out, is_json ? "]}\n" : "\n", err);
}

/* FLINT lists primes as it finds them. */
static void sort(fmpz_factor_t factors)
{
    for (slong i = 1; i < factors->num; i++) {
        for (slong k = i; k > 0 && fmpz_cmp(factors->p + k - 1, factors->p + k) > 0; k--) {
            fmpz_swap(factors->p + k - 1, factors->p + k);
            const ulong exponent = factors->exp[k];
            factors->exp[k] = factors->exp[k - 1];
            factors->exp[k - 1] = exponent;
        }
    }
}

/* ---- an integer ---- */

/*
 * It is factored by a thread of its own, since FLINT can take for ever and cannot be told to stop:
 * then the thread is left behind, and ends with the process. Whoever is last releases this.
 */
typedef struct {
    char digits[CS_INTEGERS_DIGITS + 1];
    size_t length;
    cs_factor_form form;
    bool exponents;
    cs_bytes line; /* of text and NDJSON */
    uint64_t n_factors, n_distinct;
    cs_status status;
    cs_error error;
    pthread_mutex_t lock; /* guards the two */
    bool is_done, is_left;
    pthread_cond_t done;
} big_integer;

static void release(big_integer *big)
{
    cs_bytes_free(&big->line);
    pthread_cond_destroy(&big->done);
    pthread_mutex_destroy(&big->lock);
    free(big);
}

static void factor(big_integer *big)
{
    fmpz_t n;
    fmpz_factor_t factors;
    fmpz_init(n);
    fmpz_factor_init(factors);
    fmpz_set_str(n, big->digits, 10);
    fmpz_factor(factors, n);
    sort(factors);
    for (slong k = 0; k < factors->num; k++) {
        big->n_factors += factors->exp[k];
    }
    big->n_distinct = (uint64_t)factors->num;
    if (big->form == CS_FACTOR_TEXT || big->form == CS_FACTOR_NDJSON) {
        big->status = append_line(&big->line, factors, big->form == CS_FACTOR_NDJSON,
                                  big->exponents, big->digits, big->length, &big->error);
    }
    fmpz_factor_clear(factors);
    fmpz_clear(n);
    flint_cleanup();
}

static bool is_left(big_integer *big)
{
    pthread_mutex_lock(&big->lock);
    const bool left = big->is_left;
    pthread_mutex_unlock(&big->lock);
    return left;
}

static void *work(void *argument)
{
    static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER; /* its quadratic sieve keeps files */
    big_integer *big = argument;
    pthread_mutex_lock(&turn);
    if (!is_left(big)) {
        factor(big);
    }
    pthread_mutex_unlock(&turn);
    pthread_mutex_lock(&big->lock);
    const bool left = big->is_left;
    big->is_done = true;
    pthread_cond_signal(&big->done);
    pthread_mutex_unlock(&big->lock);
    if (left) {
        release(big);
    }
    return NULL;
}

static cs_status begin(big_integer **out, const char *digits, size_t length, cs_factor_form form,
                       bool exponents, cs_error *err)
{
    big_integer *big = NULL;
    pthread_condattr_t monotonic;
    CS_INVARIANT(length <= CS_INTEGERS_DIGITS);
    CS_TRY(cs_alloc(&big, 1, sizeof *big, "a big integer", err));
    memcpy(big->digits, digits, length);
    big->length = length;
    big->form = form;
    big->exponents = exponents;
    pthread_mutex_init(&big->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&big->done, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_t thread;
    const int failure = pthread_create(&thread, NULL, work, big);
    if (failure != 0) {
        release(big);
        return cs_fail(err, CS_INTERNAL, "cannot start a thread: %s", strerror(failure));
    }
    pthread_detach(thread);
    *out = big;
    return CS_OK;
}

/* Whether it was factored before a stop's grace was over; else it is not ours any more. */
static bool wait_for(big_integer *big)
{
    pthread_mutex_lock(&big->lock);
    while (!big->is_done && !cs_stop_grace_is_over()) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += LOOK_NS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&big->done, &big->lock, &until);
    }
    const bool is_done = big->is_done;
    big->is_left = !is_done;
    pthread_mutex_unlock(&big->lock);
    return is_done;
}

static cs_status take(cs_bytes *out, csk_factor_sums *sums, const big_integer *big, cs_error *err)
{
    if (big->status != CS_OK) {
        *err = big->error;
        return big->status;
    }
    sums->n_integers++;
    sums->n_factors += big->n_factors;
    sums->n_distinct += big->n_distinct;
    sums->n_primes += big->n_factors == 1;
    return cs_bytes_append(out, big->line.data, big->line.size, err);
}

cs_status cs_factor_big(cs_bytes *out, csk_factor_sums *sums, cs_factor_form form, bool exponents,
                        const char *digits, size_t length, cs_error *err)
{
    big_integer *big = NULL;
    if (form == CS_FACTOR_HDF5) {
        return cs_fail(err, CS_DATA,
                       "%.*s: has more than 64 bits, HDF5 output has not; write text or NDJSON",
                       (int)length, digits);
    }
    CS_TRY(begin(&big, digits, length, form, exponents, err));
    if (!wait_for(big)) {
        return cs_fail(err, CS_INTERRUPTED, "%.*s: is too hard to wait for", (int)length, digits);
    }
    const cs_status status = take(out, sums, big, err);
    release(big);
    return status;
}

#else

bool cs_factor_has_big(void)
{
    return false;
}

cs_status cs_factor_big(cs_bytes *out, csk_factor_sums *sums, cs_factor_form form, bool exponents,
                        const char *digits, size_t length, cs_error *err)
{
    (void)out, (void)sums, (void)form, (void)exponents;
    return cs_fail(err, CS_DATA,
                   "%.*s: has more than 64 bits, and this build has no FLINT (libflint-dev); leave "
                   "it out, or build with FLINT",
                   (int)length, digits);
}

#endif
