/* SPDX-License-Identifier: MIT */
/*
 * Innermost loops of the sieve, for one path. Included by sieve_plain.c and sieve_avx2.c, which say
 * what a word is: TARGET (the attribute of functions), PUSH(word, prime), COUNT(word) of its
 * primes, PRODUCT(word) mod 2^64, STORE_NARROW(list, word), STORE_WIDE(list, word) and
 * COPY_NARROW(list, smooth), COPY_WIDE(list, smooth), each of which writes eight entries.
 */

/* A prime as long as a segment, or longer, hits it once or not at all; what misses goes to a word
 * behind the segment, since a branch would be guessed wrongly. Shorter ones hit k or k + 1 times.
 */
TARGET static void push_all(csk_sieve *sieve)
{
    const uint32_t n = (uint32_t)sieve->segment;
    csk_sieve_word *restrict word = sieve->word;
    csk_sieve_stride *restrict stride = sieve->stride;
    size_t k = 0;
    for (; k < sieve->n_long; k++) {
        const uint32_t at = stride[k].next;
        const uint32_t hits = at < n;
        PUSH(&word[hits ? at : n], stride[k].prime);
        stride[k].next = at + (hits ? stride[k].stride : 0) - n;
    }
    for (; k < sieve->n_strides; k++) {
        const uint32_t step = stride[k].stride;
        uint32_t at = stride[k].next;
        for (uint32_t hit = n / step; hit > 0; hit--) {
            PUSH(&word[at], stride[k].prime);
            at += step;
        }
        const uint32_t hits = at < n;
        PUSH(&word[hits ? at : n], stride[k].prime);
        stride[k].next = at + (hits ? step : 0) - n;
    }
}

/* Divides by the large primes of integer i, smallest first, and lists them; returns what is left.
 */
TARGET static uint64_t divide_large(uint64_t **list, const csk_sieve *sieve, uint64_t left,
                                    size_t i)
{
    for (int lane = 3; lane-- > 0;) {
        const uint64_t p = sieve->large[i].lane[lane];
        while (p != 0 && left % p == 0) {
            left /= p;
            *(*list)++ = p;
        }
    }
    return left;
}

TARGET static void emit_narrow(csk_sieve *sieve, uint64_t first, size_t begin, size_t count)
{
    const csk_factor_primes *primes = sieve->primes;
    uint32_t *restrict list = sieve->narrow + sieve->offset[begin];
    for (size_t i = begin; i < count; i++) {
        const uint32_t key = sieve->key[i];
        const uint32_t n_word = COUNT(&sieve->word[i]);
        const csk_smooth *smooth = &primes->smooth[key % CSK_PRIMES_KEYS];
        if (__builtin_expect(key >= CSK_PRIMES_KEYS || smooth->count > 8 || n_word >= 8, 0)) {
            uint64_t slow[CSK_FACTOR_MAX];
            const size_t n_slow = csk_sieve_divide(slow, sieve, first + i, i);
            for (size_t k = 0; k < n_slow; k++) {
                *list++ = (uint32_t)slow[k];
            }
        } else {
            COPY_NARROW(list, primes->smooth_list[key]);
            list += smooth->count;
            STORE_NARROW(list, &sieve->word[i]);
            list += n_word;
            const uint32_t odd = (uint32_t)(first + i) >> smooth->shift;
            const uint32_t left =
                odd * (uint32_t)smooth->inverse / (uint32_t)PRODUCT(&sieve->word[i]);
            *list = left;
            list += left > 1;
        }
        sieve->offset[i + 1] = (uint32_t)(list - sieve->narrow);
    }
}

TARGET static void emit_wide(csk_sieve *sieve, uint64_t first, size_t begin, size_t count)
{
    const csk_factor_primes *primes = sieve->primes;
    const bool has_large = primes->n_large > 0;
    uint64_t *list = sieve->wide_list + sieve->offset[begin];
    for (size_t i = begin; i < count; i++) {
        const uint32_t key = sieve->key[i];
        const uint32_t n_word = COUNT(&sieve->word[i]);
        const csk_smooth *smooth = &primes->smooth[key % CSK_PRIMES_KEYS];
        if (__builtin_expect(key >= CSK_PRIMES_KEYS || smooth->count > 8 || n_word >= 8, 0)) {
            list += csk_sieve_divide(list, sieve, first + i, i);
        } else {
            COPY_WIDE(list, primes->smooth_list[key]);
            list += smooth->count;
            STORE_WIDE(list, &sieve->word[i]);
            list += n_word;
            uint64_t left = ((first + i) >> smooth->shift) * smooth->inverse /
                            (uint64_t)PRODUCT(&sieve->word[i]);
            if (has_large && sieve->large[i].lane[0] != 0) {
                left = divide_large(&list, sieve, left, i);
            }
            *list = left;
            list += left > 1;
        }
        sieve->offset[i + 1] = (uint32_t)(list - sieve->wide_list);
    }
}
