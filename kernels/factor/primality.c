/* SPDX-License-Identifier: MIT */
#include "kernels/factor/primality.h"

#include "kernels/factor/montgomery.h"

static const uint8_t three_bases[] = {2, 7, 61};
static const uint8_t prime_bases[CSK_MAX_WITNESSES] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};

size_t csk_witnesses(const uint8_t **witnesses, uint64_t n)
{
    *witnesses = n < UINT64_C(4759123141) ? three_bases : prime_bases;
    if (n < UINT64_C(4759123141)) {
        return 3;
    }
    if (n < UINT64_C(341550071728321)) {
        return 7;
    }
    return n < UINT64_C(3825123056546413051) ? 9 : 12;
}

/* What the strong tests of one number share. */
typedef struct {
    uint64_t n, inverse, one, minus_one, to_form;
    uint64_t odd; /* n - 1 = odd 2^twos */
    int twos;
} subject;

static bool passes(const subject *s, uint64_t base)
{
    const uint64_t b = csk_mont_mul(base, s->to_form, s->n, s->inverse);
    uint64_t x = b;
    for (int bit = 62 - __builtin_clzll(s->odd); bit >= 0; bit--) {
        x = csk_mont_mul(x, x, s->n, s->inverse);
        if (s->odd >> bit & 1) {
            x = csk_mont_mul(x, b, s->n, s->inverse);
        }
    }
    if (x == s->one || x == s->minus_one) {
        return true;
    }
    for (int i = 1; i < s->twos; i++) {
        x = csk_mont_mul(x, x, s->n, s->inverse);
        if (x == s->minus_one) {
            return true;
        }
    }
    return false;
}

/* n odd, > 61, without a factor below 62 (so that no base is 0 modulo n). */
static bool passes_all(uint64_t n)
{
    subject s = {.n = n, .inverse = csk_mont_inverse(n), .one = csk_mont_one(n)};
    s.minus_one = n - s.one;
    s.to_form = csk_mont_square_of_radix(n, s.inverse, s.one);
    s.twos = __builtin_ctzll(n - 1);
    s.odd = (n - 1) >> s.twos;
    const uint8_t *witnesses;
    const size_t n_witnesses = csk_witnesses(&witnesses, n);
    for (size_t i = 0; i < n_witnesses; i++) {
        if (!passes(&s, witnesses[i])) {
            return false;
        }
    }
    return true;
}

bool csk_is_prime(uint64_t n)
{
    static const uint8_t small[] = {2,  3,  5,  7,  11, 13, 17, 19, 23,
                                    29, 31, 37, 41, 43, 47, 53, 59, 61};
    for (size_t i = 0; i < sizeof small; i++) {
        if (n % small[i] == 0) {
            return n == small[i];
        }
    }
    return n > 1 && (n < 67 * 67 || passes_all(n));
}
