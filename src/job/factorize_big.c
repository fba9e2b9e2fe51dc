/* SPDX-License-Identifier: MIT */
#include "job/factorize_big.h"

#include <string.h>

#include "text/integers.h"

#ifdef CS_HAVE_FLINT
#include <flint/fmpz.h>
#include <flint/fmpz_factor.h>
#include <pthread.h>
#include <stdlib.h>

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

static void add_sums(csk_factor_sums *sums, const fmpz_factor_t factors)
{
    ulong n = 0;
    for (slong k = 0; k < factors->num; k++) {
        n += factors->exp[k];
    }
    sums->n_integers++;
    sums->n_factors += n;
    sums->n_distinct += (uint64_t)factors->num;
    sums->n_primes += n == 1;
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

cs_status cs_factor_big(cs_bytes *out, csk_factor_sums *sums, cs_factor_form form, bool exponents,
                        const char *digits, size_t length, cs_error *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* its quadratic sieve keeps files */
    char text[CS_INTEGERS_DIGITS + 1];
    CS_INVARIANT(length <= CS_INTEGERS_DIGITS);
    if (form == CS_FACTOR_HDF5) {
        return cs_fail(err, CS_DATA,
                       "%.*s: has more than 64 bits, HDF5 output has not; write text or NDJSON",
                       (int)length, digits);
    }
    memcpy(text, digits, length);
    text[length] = '\0';
    pthread_mutex_lock(&lock);
    fmpz_t n;
    fmpz_factor_t factors;
    fmpz_init(n);
    fmpz_factor_init(factors);
    fmpz_set_str(n, text, 10);
    fmpz_factor(factors, n);
    sort(factors);
    add_sums(sums, factors);
    cs_status status = CS_OK;
    if (form == CS_FACTOR_TEXT || form == CS_FACTOR_NDJSON) {
        status =
            append_line(out, factors, form == CS_FACTOR_NDJSON, exponents, digits, length, err);
    }
    fmpz_factor_clear(factors);
    fmpz_clear(n);
    flint_cleanup();
    pthread_mutex_unlock(&lock);
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
