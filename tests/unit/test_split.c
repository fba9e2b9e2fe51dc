/* SPDX-License-Identifier: MIT */
/*
 * Prime factors of single integers: against trial division, and by what factors are: primes, in
 * order, whose product is the number. Every test runs on every path that the processor has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/factor/ecm_plan.h"
#include "kernels/factor/primality.h"
#include "kernels/factor/rho.h"
#include "kernels/factor/small_divisors.h"
#include "kernels/factor/split.h"
#include "kernels/math/random.h"

__extension__ typedef unsigned __int128 wide;

static const csk_split_path paths[] = {CSK_SPLIT_AUTO, CSK_SPLIT_PLAIN, CSK_SPLIT_IFMA};
enum { N_PATHS = sizeof paths / sizeof paths[0] };

/* An independent test of primality: plain division, and the seven bases of Jim Sinclair
 * (miller-rabin.appspot.com, 2011), checked by others against the list of all base-2 strong
 * pseudoprimes below 2^64. */
static uint64_t power(uint64_t base, uint64_t exponent, uint64_t n)
{
    wide result = 1, b = base % n;
    for (; exponent > 0; exponent >>= 1, b = b * b % n) {
        if (exponent & 1) {
            result = result * b % n;
        }
    }
    return (uint64_t)result;
}

static bool strong(uint64_t n, uint64_t base)
{
    uint64_t odd = n - 1;
    for (; odd % 2 == 0; odd /= 2) {
    }
    wide x = power(base, odd, n);
    if (x == 0 || x == 1) {
        return true;
    }
    for (; odd < n - 1; odd *= 2, x = x * x % n) {
        if (x == n - 1) {
            return true;
        }
    }
    return false;
}

static bool prime(uint64_t n)
{
    static const uint64_t sinclair[] = {2, 325, 9375, 28178, 450775, 9780504, 1795265022};
    if (n < 2 || n % 2 == 0) {
        return n == 2;
    }
    for (uint64_t d = 3; d < 1000 && d * d <= n; d += 2) {
        if (n % d == 0) {
            return false;
        }
    }
    for (size_t i = 0; n > 1000000 && i < sizeof sinclair / sizeof sinclair[0]; i++) {
        if (!strong(n, sinclair[i])) {
            return false;
        }
    }
    return true;
}

typedef struct {
    size_t count;
    uint64_t *primes;
    uint8_t *n_primes;
} lists;

static lists lists_make(size_t count)
{
    const lists l = {count, test_calloc(count + 1, CSK_FACTOR_MAX * sizeof(uint64_t)),
                     test_calloc(count + 1, 1)};
    return l;
}

static void lists_free(lists *l)
{
    test_free(l->primes);
    test_free(l->n_primes);
}

static void assert_same(const lists *a, const lists *b)
{
    assert_memory_equal(a->n_primes, b->n_primes, a->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_memory_equal(a->primes + i * CSK_FACTOR_MAX, b->primes + i * CSK_FACTOR_MAX,
                            a->n_primes[i] * sizeof(uint64_t));
    }
}

static void assert_factors(uint64_t n, const uint64_t *primes, size_t n_primes)
{
    wide product = 1;
    for (size_t k = 0; k < n_primes; k++) {
        if (!prime(primes[k])) {
            fail_msg("%llu of %llu is not prime", (unsigned long long)primes[k],
                     (unsigned long long)n);
        }
        assert_true(k == 0 || primes[k - 1] <= primes[k]);
        product *= primes[k];
        assert_true(product <= n);
    }
    if (n < 2) {
        assert_int_equal(n_primes, 0);
    } else if (product != n) {
        fail_msg("the factors of %llu have another product", (unsigned long long)n);
    }
}

/* Splits the numbers on every path and checks what comes out. */
static void check(const uint64_t *n, size_t count)
{
    lists first = lists_make(count), other = lists_make(count);
    csk_factor_list_by(CSK_SPLIT_PLAIN, first.primes, first.n_primes, n, 0, count);
    for (size_t i = 0; i < count; i++) {
        assert_factors(n[i], first.primes + i * CSK_FACTOR_MAX, first.n_primes[i]);
    }
    for (size_t path = 0; path < N_PATHS; path++) {
        if (csk_split_path_available(paths[path])) {
            csk_factor_list_by(paths[path], other.primes, other.n_primes, n, 0, count);
            assert_same(&first, &other);
        }
    }
    lists_free(&first);
    lists_free(&other);
}

static uint64_t draw(uint64_t stream, uint64_t index)
{
    const uint32_t counter[4] = {(uint32_t)index, (uint32_t)(index >> 32), (uint32_t)stream, 0};
    const uint32_t key[2] = {20, 26};
    uint32_t out[4];
    csk_philox(out, counter, key);
    return (uint64_t)out[0] << 32 | out[1];
}

/* A prime of exactly so many bits. */
static uint64_t draw_prime(int bits, uint64_t stream, uint64_t index)
{
    const uint64_t top = UINT64_C(1) << (bits - 1);
    uint64_t n = top | (draw(stream, index) & (top - 1));
    for (n |= 1; !prime(n); n = n + 2 < 2 * top ? n + 2 : top + 1) {
    }
    return n;
}

static void agrees_with_trial_division(void **unused)
{
    (void)unused;
    enum { LAST = 100000, N_SAMPLES = 2000 };
    uint64_t *const n = test_calloc(LAST + N_SAMPLES, sizeof *n);
    for (uint64_t i = 0; i < LAST; i++) {
        n[i] = i;
    }
    for (uint64_t i = 0; i < N_SAMPLES; i++) {
        n[LAST + i] = draw(1, i) >> (i % 16 + 28);
    }
    lists l = lists_make(LAST + N_SAMPLES), expected = lists_make(LAST + N_SAMPLES);
    csk_factor_list_ref(expected.primes, expected.n_primes, n, 0, LAST + N_SAMPLES);
    for (size_t path = 0; path < N_PATHS; path++) {
        if (csk_split_path_available(paths[path])) {
            csk_factor_list_by(paths[path], l.primes, l.n_primes, n, 0, LAST + N_SAMPLES);
            assert_same(&expected, &l);
        }
    }
    lists_free(&l);
    lists_free(&expected);
    test_free(n);
}

/* Only the rows asked for are written. */
static void a_range_leaves_the_rest_alone(void **unused)
{
    (void)unused;
    const uint64_t n[] = {6, 15, 35, 77};
    uint64_t primes[4 * CSK_FACTOR_MAX] = {0};
    uint8_t n_primes[4] = {9, 9, 9, 9};
    csk_factor_list(primes, n_primes, n, 1, 3);
    const uint8_t expected[] = {9, 2, 2, 9};
    assert_memory_equal(n_primes, expected, 4);
    assert_int_equal(primes[0], 0);
    assert_int_equal(primes[CSK_FACTOR_MAX], 3);
    assert_int_equal(primes[CSK_FACTOR_MAX + 1], 5);
    assert_int_equal(primes[3 * CSK_FACTOR_MAX], 0);
    csk_factor_list(primes, n_primes, n, 2, 2);
    assert_memory_equal(n_primes, expected, 4);
}

static void teams_of_any_size_agree(void **unused)
{
    (void)unused;
    enum { COUNT = 1500 };
    uint64_t n[COUNT];
    for (uint64_t i = 0; i < COUNT; i++) {
        n[i] = draw(2, i);
    }
    lists one = lists_make(COUNT), many = lists_make(COUNT);
    csk_factor_list(one.primes, one.n_primes, n, 0, COUNT);
    for (int n_threads = 1; n_threads <= 4; n_threads++) {
        memset(many.n_primes, 0, COUNT);
        csk_factor_lists(many.primes, many.n_primes, n, COUNT, n_threads);
        assert_same(&one, &many);
    }
    lists_free(&one);
    lists_free(&many);
}

static void powers_of_primes(void **unused)
{
    (void)unused;
    uint64_t n[4000];
    size_t count = 0;
    for (uint64_t p = 2; p < 60; p++) {
        for (uint64_t power_of_p = p;; power_of_p *= p) {
            n[count++] = power_of_p;
            if (power_of_p > UINT64_MAX / p) {
                break;
            }
        }
    }
    for (uint64_t i = 0; i < 300; i++) {
        const uint64_t p = draw_prime(32, 3, i), q = draw_prime(21, 4, i);
        const uint64_t r = draw_prime(16, 5, i), s = draw_prime(11 + (int)(i % 2), 6, i);
        n[count++] = p * p;
        n[count++] = q * q * q;
        n[count++] = r * r * r * r;
        n[count++] = s * s * s * s * s;
    }
    const uint64_t p = UINT64_C(4294967291); /* the largest of 32 bits */
    n[count++] = p * p;
    n[count++] = p;
    n[count++] = UINT64_C(2642239) * 2642239 * 2642239; /* the largest p with p^3 < 2^64 */
    check(n, count);
}

static void edges_of_the_words(void **unused)
{
    (void)unused;
    uint64_t n[70 * 64];
    size_t count = 0;
    for (int bits = 1; bits <= 64; bits++) {
        const uint64_t power_of_2 = bits == 64 ? 0 : UINT64_C(1) << bits;
        for (uint64_t i = 0; i < 66; i++) {
            n[count++] = bits == 64 ? UINT64_MAX - i : power_of_2 - 33 + i;
        }
    }
    check(n, count);
}

/* Products of two primes of all sizes, close to each other and not. */
static void products_of_two_primes(void **unused)
{
    (void)unused;
    uint64_t n[5000];
    size_t count = 0;
    for (int small = 5; small <= 32; small++) {
        for (int large = small; small + large <= 64; large++) {
            for (uint64_t i = 0; i < 5; i++) {
                n[count++] = draw_prime(small, 7, i) * draw_prime(large, 8, i);
            }
        }
    }
    for (uint64_t i = 0; i < 200; i++) {
        uint64_t q, p = draw_prime(20 + (int)(i % 13), 9, i);
        for (q = p - 2; !prime(q); q -= 2) {
        }
        n[count++] = p * q;
    }
    check(n, count);
}

/* Numbers all of whose primes are small: a curve tends to find all of them at once. */
static void products_of_many_primes(void **unused)
{
    (void)unused;
    enum { COUNT = 3000 };
    uint64_t n[COUNT];
    for (uint64_t i = 0; i < COUNT; i++) {
        n[i] = 1;
        for (uint64_t k = 0; k < 6; k++) {
            const uint64_t p = draw_prime(11 + (int)((i + k) % 4), 10, 6 * i + k);
            n[i] *= n[i] <= UINT64_MAX / p ? p : 1;
        }
    }
    check(n, COUNT);
}

/* The least composites that pass the strong test for the first k primes, k = 1, 2, .. 11:
 * Pomerance, Selfridge and Wagstaff (1980); Jaeschke (1993); Jiang and Deng (2014); OEIS A014233.
 */
static const uint64_t strong_pseudoprimes[] = {
    2047,          1373653,       25326001,        3215031751,
    2152302898747, 3474749660383, 341550071728321, 3825123056546413051};

/* The least that passes for 2, 7 and 61 (Jaeschke 1993), and more that pass for 2 (OEIS A001262).
 */
static const uint64_t more_pseudoprimes[] = {
    4759123141,    3215031751,    2047,          3277,          4033,          4681,
    8321,          15841,         29341,         42799,         49141,         52633,
    65281,         74665,         80581,         85489,         88357,         90751,
    118670087467,  307768373641,  315962312077,  354864744877,  457453568161,  528929554561,
    546348519181,  602248359169,  1362242655901, 1871186716981, 2152302898747, 2273312197621,
    2366338900801, 3343433905957, 3461715915661, 3474749660383, 3477707481751, 4341937413061,
    4777422165601, 5537838510751};

static void pseudoprimes_are_composite(void **unused)
{
    (void)unused;
    enum { N_STRONG = sizeof strong_pseudoprimes / sizeof strong_pseudoprimes[0] };
    enum { N_MORE = sizeof more_pseudoprimes / sizeof more_pseudoprimes[0] };
    uint64_t n[N_STRONG + N_MORE];
    for (size_t i = 0; i < N_STRONG; i++) {
        n[i] = strong_pseudoprimes[i];
        assert_false(csk_is_prime(n[i]));
        assert_true(strong(n[i], 2));
    }
    for (size_t i = 0; i < N_MORE; i++) {
        n[N_STRONG + i] = more_pseudoprimes[i];
        assert_false(csk_is_prime(more_pseudoprimes[i]));
        assert_true(strong(more_pseudoprimes[i], 2));
    }
    check(n, N_STRONG + N_MORE);
}

/* (6k + 1)(12k + 1)(18k + 1) with three primes is a Carmichael number (Chernick 1939). */
static void carmichael_numbers_are_composite(void **unused)
{
    (void)unused;
    uint64_t n[600] = {561, 1105, 1729, 2465, 2821, 6601, 8911, 10585, 15841, 29341};
    size_t count = 10;
    for (uint64_t k = 1; k < 242000 && count < 600; k += k < 20000 ? 1 : 7) {
        if (prime(6 * k + 1) && prime(12 * k + 1) && prime(18 * k + 1)) {
            n[count] = (6 * k + 1) * (12 * k + 1) * (18 * k + 1);
            assert_false(csk_is_prime(n[count++]));
        }
    }
    assert_true(count > 200);
    check(n, count);
}

static void primality_is_right(void **unused)
{
    (void)unused;
    for (uint64_t n = 0; n < 200000; n++) {
        assert_int_equal(csk_is_prime(n), prime(n));
    }
    size_t n_primes = 0;
    for (uint64_t i = 0; i < 20000; i++) {
        const uint64_t n = draw(11, i) >> (i % 60);
        assert_int_equal(csk_is_prime(n), prime(n));
        n_primes += csk_is_prime(n);
    }
    assert_true(n_primes > 500);
    assert_true(csk_is_prime(UINT64_C(18446744073709551557))); /* the largest below 2^64 */
}

static void random_integers(void **unused)
{
    (void)unused;
    const char *const given = getenv("CATCHSIM_SPLIT_COUNT"); /* for long runs */
    const uint64_t total = given != NULL ? strtoull(given, NULL, 10) : 100000;
    enum { COUNT = 10000 };
    static uint64_t n[COUNT];
    for (uint64_t done = 0; done < total; done += COUNT) {
        for (uint64_t i = 0; i < COUNT; i++) {
            n[i] = draw(12, done + i) >> (i % 4 == 0 ? i % 40 : 0);
        }
        check(n, COUNT);
    }
}

static void rho_splits_composites(void **unused)
{
    (void)unused;
    for (uint64_t i = 0; i < 500; i++) {
        const uint64_t p = draw_prime(3 + (int)(i % 20), 13, i);
        const uint64_t q = i % 5 == 0 ? p : draw_prime(3 + (int)(i % 23), 14, i);
        const uint64_t divisor = csk_rho_divisor(p * q);
        assert_true(divisor > 1 && divisor < p * q && p * q % divisor == 0);
    }
}

static void small_divisors_are_what_they_say(void **unused)
{
    (void)unused;
    size_t i = 0;
    for (uint64_t p = 3; p < CSK_SMALL_BOUND; p += 2) {
        if (prime(p)) {
            assert_int_equal(csk_odd_primes[i], p);
            assert_true(csk_small_divisors.inverse[i] * p == 1);
            assert_true(csk_small_divisors.limit[i] == UINT64_MAX / p);
            i++;
        }
    }
    assert_int_equal(i, CSK_N_ODD_PRIMES);
}

/* Walks a chain over plain integers. */
static uint64_t follow(uint32_t bits)
{
    uint64_t a = 2, b = 1;
    for (; bits > 1; bits >>= 1) {
        const uint64_t sum = a + b;
        b = bits & 1 ? a : b;
        a = sum;
    }
    return a;
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    return b == 0 ? a : common_divisor(b, a % b);
}

/* The k-th number that is coprime to the wheel. */
static uint32_t baby(const csk_ecm_plan *plan, int k)
{
    uint32_t j = 1;
    for (;; j++) {
        if (common_divisor(j, plan->wheel) == 1 && k-- == 0) {
            return j;
        }
    }
}

static void assert_plan(const csk_ecm_plan *plan)
{
    static uint32_t power_of[10000];
    memset(power_of, 0, sizeof power_of);
    for (size_t i = 0; i < plan->n_chains; i++) {
        uint64_t m = follow(plan->chains[i]);
        assert_true(m == plan->multipliers[i]);
        for (uint32_t p = 3; m > 1; p += 2) {
            for (; m % p == 0; m /= p) {
                power_of[p]++;
            }
        }
    }
    for (uint32_t p = 3; p <= plan->b1; p += 2) {
        assert_true(!prime(p) || power_of[p] > 0);
    }
    assert_int_equal(plan->wheel % 12, 0);
    assert_true(plan->wheel <= CSK_ECM_MAX_WHEEL && plan->first >= 1);
    static uint8_t met[10000];
    memset(met, 0, sizeof met);
    for (size_t i = 0; i < plan->n_giants; i++) {
        for (int k = 0; k < 32; k++) {
            if (plan->pairs[i] >> k & 1) {
                assert_true(k < CSK_ECM_MAX_BABIES);
                const uint32_t giant = (plan->first + (uint32_t)i) * plan->wheel;
                assert_true(baby(plan, k) < plan->wheel / 2);
                met[giant - baby(plan, k)] = met[giant + baby(plan, k)] = 1;
            }
        }
    }
    for (uint32_t q = plan->b1 + 1; q <= plan->b2; q++) {
        assert_true(!prime(q) || met[q]);
    }
}

static void plans_do_what_they_say(void **unused)
{
    (void)unused;
    assert_plan(&csk_ecm_narrow);
    assert_plan(&csk_ecm_wide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_trial_division),
        cmocka_unit_test(a_range_leaves_the_rest_alone),
        cmocka_unit_test(teams_of_any_size_agree),
        cmocka_unit_test(powers_of_primes),
        cmocka_unit_test(edges_of_the_words),
        cmocka_unit_test(products_of_two_primes),
        cmocka_unit_test(products_of_many_primes),
        cmocka_unit_test(pseudoprimes_are_composite),
        cmocka_unit_test(carmichael_numbers_are_composite),
        cmocka_unit_test(primality_is_right),
        cmocka_unit_test(random_integers),
        cmocka_unit_test(rho_splits_composites),
        cmocka_unit_test(small_divisors_are_what_they_say),
        cmocka_unit_test(plans_do_what_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
