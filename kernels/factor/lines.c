/* SPDX-License-Identifier: MIT */
#include "kernels/factor/lines.h"

#include <string.h>

#include "kernels/factor/sieve_paths.h"

/* "4294967291:", 31 factors in 62 bytes, a newline; stores reach up to 24 bytes further. */
enum { LINE_BYTES = 96, SLACK = 64 };

size_t csk_lines_bound(size_t count)
{
    return count * LINE_BYTES + SLACK;
}

#if defined(__x86_64__) && defined(__GNUC__)
#include "kernels/factor/sieve_word_avx2.h"

/* What is known of a few integers before their lines are written. */
enum { BATCH = 64 };
typedef struct {
    _Alignas(32) uint64_t divisor[BATCH]; /* the product of all primes but the last; 0: by trial */
    _Alignas(32) uint64_t digits[BATCH];  /* of the last prime mod 10^8, the highest in byte 0 */
} batch;

bool csk_lines_can(const csk_sieve *sieve, const csk_text *text)
{
    return sieve->path == CSK_SIEVE_AVX2 && !sieve->wide && text->style == CSK_TEXT_PLAIN;
}

/* ---- the last primes ---- */

INLINE __m256i load_two(const csk_sieve_word *word)
{
    return _mm256_load_si256((const __m256i *)(const void *)word);
}

/* Of two words: pairs of lanes fit 32 bits; fours, for an integer below 2^32, too. */
INLINE __m256i products_of_fours(__m256i words)
{
    const __m256i filled = _mm256_max_epu16(words, _mm256_set1_epi16(1));
    const __m256i pairs = _mm256_mullo_epi32(_mm256_and_si256(filled, _mm256_set1_epi32(0xffff)),
                                             _mm256_srli_epi32(filled, 16));
    return _mm256_mul_epu32(pairs, _mm256_srli_epi64(pairs, 32));
}

/* Four words at once, in the order 0, 2, 1, 3 until the end. A word is full, so that larger primes
 * may have been pushed out, if its highest lane is filled. */
INLINE __m256i word_products(const csk_sieve_word *word)
{
    const __m256i low = load_two(word), high = load_two(word + 2);
    const __m256i fours_low = products_of_fours(low), fours_high = products_of_fours(high);
    const __m256i product = _mm256_mul_epu32(_mm256_unpacklo_epi64(fours_low, fours_high),
                                             _mm256_unpackhi_epi64(fours_low, fours_high));
    const __m256i highest = _mm256_srli_epi64(_mm256_unpackhi_epi64(low, high), 48);
    const __m256i is_open = _mm256_cmpeq_epi64(highest, _mm256_setzero_si256());
    return _mm256_permute4x64_epi64(_mm256_and_si256(product, is_open), 0xd8);
}

INLINE uint32_t smooth_value(const csk_text *text, uint32_t key)
{
    return text->value[key < CSK_PRIMES_KEYS ? key : CSK_PRIMES_KEYS];
}

INLINE void find_divisors(batch *b, const csk_text *text, const csk_sieve_word *word,
                          const uint16_t *key)
{
    for (size_t k = 0; k < BATCH; k += 4) {
        const __m256i smooth =
            _mm256_set_epi64x(smooth_value(text, key[k + 3]), smooth_value(text, key[k + 2]),
                              smooth_value(text, key[k + 1]), smooth_value(text, key[k]));
        _mm256_store_si256((__m256i *)(void *)&b->divisor[k],
                           _mm256_mul_epu32(smooth, word_products(word + k)));
    }
}

/* x / 10000 of four numbers below 2^32 (3518437209 = 2^45 / 10000, rounded up). */
INLINE __m256i ten_thousands(__m256i x)
{
    return _mm256_srli_epi64(_mm256_mul_epu32(x, _mm256_set1_epi64x(3518437209)), 45);
}

INLINE __m256i minus_times(__m256i x, __m256i quotient, int divisor)
{
    return _mm256_sub_epi64(x, _mm256_mul_epu32(quotient, _mm256_set1_epi64x(divisor)));
}

/* Eight digits of four numbers, side by side: two halves, four quarters, eight digits are split at
 * once (x / 100 = x * 5243 >> 19 below 10^4, x / 10 = x * 6554 >> 16 below 100). */
INLINE __m256i digits_of(__m256i x)
{
    const __m256i high = ten_thousands(x);
    const __m256i highest = ten_thousands(high); /* beyond eight digits */
    const __m256i halves = _mm256_or_si256(minus_times(high, highest, 10000),
                                           _mm256_slli_epi64(minus_times(x, high, 10000), 32));
    const __m256i hundreds =
        _mm256_srli_epi16(_mm256_mulhi_epu16(halves, _mm256_set1_epi16(5243)), 3);
    const __m256i quarters = _mm256_or_si256(
        hundreds,
        _mm256_slli_epi32(
            _mm256_sub_epi16(halves, _mm256_mullo_epi16(hundreds, _mm256_set1_epi16(100))), 16));
    const __m256i tens = _mm256_mulhi_epu16(quarters, _mm256_set1_epi16(6554));
    return _mm256_or_si256(
        tens, _mm256_slli_epi16(
                  _mm256_sub_epi16(quarters, _mm256_mullo_epi16(tens, _mm256_set1_epi16(10))), 8));
}

/* Integer / divisor is whole and below 2^32, so that division in floating point is exact. Added to
 * 2^52, such a number is the low half of its floating-point form. */
INLINE void find_digits(batch *b, uint64_t first)
{
    const __m256d origin = _mm256_set1_pd(0x1p52);
    const __m256i origin_bits = _mm256_castpd_si256(origin);
    const __m256i low_half = _mm256_set1_epi64x(0xffffffff);
    __m256d n = _mm256_add_pd(_mm256_set1_pd((double)first), _mm256_set_pd(3, 2, 1, 0));
    for (size_t k = 0; k < BATCH; k += 4) {
        const __m256i divisor = _mm256_load_si256((const __m256i *)(const void *)&b->divisor[k]);
        const __m256d by = _mm256_sub_pd(
            _mm256_castsi256_pd(_mm256_or_si256(_mm256_and_si256(divisor, low_half), origin_bits)),
            origin);
        const __m256i last = _mm256_and_si256(
            _mm256_castpd_si256(_mm256_add_pd(_mm256_div_pd(n, by), origin)), low_half);
        _mm256_store_si256((__m256i *)(void *)&b->digits[k], digits_of(last));
        n = _mm256_add_pd(n, _mm256_set1_pd(4));
    }
}

/* ---- lines ---- */

INLINE char *put_token(char *out, const csk_text *text, uint64_t prime)
{
    const char *token = text->token[prime];
    memcpy(out, token, 8);
    return out + token[7];
}

/* Behind a separator, without the zeros ahead. */
INLINE char *put_last(char *out, uint64_t digits, uint64_t is_there)
{
    const uint64_t zeros = _tzcnt_u64(digits | UINT64_C(1) << 56) / 8;
    const uint64_t ascii = (digits | UINT64_C(0x3030303030303030)) >> 8 * zeros;
    *out = ' ';
    memcpy(out + 1, &ascii, 8);
    return out + (is_there ? 9 - zeros : 0);
}

/* A last prime of nine or ten digits. */
TARGET static char *put_long(char *out, const csk_text *text, uint64_t prime)
{
    out = put_token(out, text, prime / 100000000);
    memcpy(out, text->four[prime / 10000 % 10000], 4);
    memcpy(out + 4, text->four[prime % 10000], 4);
    return out + 8;
}

/* An integer with a high power or too many small primes: a line by trial division. */
static char *put_by_trial(char *out, const csk_text *text, const csk_sieve *sieve, uint64_t n,
                          size_t i)
{
    uint64_t list[CSK_FACTOR_MAX + CSK_FACTOR_SLACK] = {0};
    const uint32_t offset[2] = {0, n < 2 ? 0 : (uint32_t)csk_sieve_divide(list, sieve, n, i)};
    const csk_factor_rows row = {.count = 1, .first = n, .offset = offset, .wide = list};
    return out + csk_text_write(out, text, &row);
}

/* The number and its colon: all digits but the last four stay for a while. */
typedef struct {
    uint32_t low; /* number % 10000 */
    uint32_t length;
    char digits[16]; /* of number / 10000 */
} line_number;

TARGET static line_number number_of(const csk_text *text, uint64_t n)
{
    line_number number = {.low = (uint32_t)(n % 10000)};
    const uint64_t high = n / 10000;
    char buffer[32] = {0};
    char *end = buffer;
    if (high < 10000) {
        end = put_token(end, text, high);
    } else {
        end = put_token(end, text, high / 10000);
        memcpy(end, text->four[high % 10000], 4);
        end += 4;
    }
    number.length = (uint32_t)(end - buffer) - 1;
    memcpy(number.digits, buffer + 1, sizeof number.digits);
    return number;
}

/* How many primes there are is guessed wrongly now and then: so three are written in any case, what
 * is not there as the empty token 0; 3 % of integers below 10^7 have more. */
INLINE char *put_line(char *out, const csk_text *text, const csk_sieve_word *word, uint32_t key,
                      uint64_t divisor, uint64_t digits, const line_number *number, uint64_t n,
                      bool is_long)
{
    memcpy(out, number->digits, sizeof number->digits);
    out += number->length;
    memcpy(out, text->four[number->low], 4);
    out[4] = ':';
    out += 5;
    memcpy(out, text->smooth[key], sizeof text->smooth[key]);
    out += text->smooth[key][31];
    uint64_t lanes = word->lane[0];
    out = put_token(out, text, lanes & 0xffff);
    out = put_token(out, text, lanes >> 16 & 0xffff);
    out = put_token(out, text, lanes >> 32 & 0xffff);
    if (__builtin_expect(lanes >> 48 != 0, 0)) {
        out = put_token(out, text, lanes >> 48);
        for (lanes = word->lane[1]; lanes != 0; lanes >>= 16) {
            out = put_token(out, text, lanes & 0xffff);
        }
    }
    if (is_long && divisor * 100000000 <= n) {
        out = put_long(out, text, n / divisor);
    } else {
        out = put_last(out, digits, divisor != n);
    }
    *out = '\n';
    return out + 1;
}

INLINE size_t put_lines(char *begin, const csk_text *text, const csk_sieve *sieve, uint64_t first,
                        size_t count, bool is_long)
{
    const csk_sieve_word *word = sieve->word;
    const uint16_t *key = sieve->key;
    batch b;
    char *out = begin;
    line_number number = number_of(text, first);
    for (size_t done = 0; done < count; done += BATCH) {
        const size_t n_lines = count - done < BATCH ? count - done : BATCH;
        find_divisors(&b, text, word + done, key + done);
        find_digits(&b, first + done);
        for (size_t k = 0; k < n_lines; k++) {
            const size_t i = done + k;
            const uint64_t n = first + i;
            if (__builtin_expect(b.divisor[k] == 0 || n < 10000, 0)) {
                out = put_by_trial(out, text, sieve, n, i);
            } else {
                out = put_line(out, text, &word[i], key[i], b.divisor[k], b.digits[k], &number, n,
                               is_long);
            }
            if (++number.low == 10000) {
                number = number_of(text, n + 1);
            }
        }
    }
    return (size_t)(out - begin);
}

TARGET size_t csk_lines_write(char *out, const csk_text *text, const csk_sieve *sieve,
                              uint64_t first, size_t count)
{
    return first + count > 100000000 ? put_lines(out, text, sieve, first, count, true)
                                     : put_lines(out, text, sieve, first, count, false);
}

#else

bool csk_lines_can(const csk_sieve *sieve, const csk_text *text)
{
    (void)sieve, (void)text;
    return false;
}

size_t csk_lines_write(char *out, const csk_text *text, const csk_sieve *sieve, uint64_t first,
                       size_t count)
{
    (void)out, (void)text, (void)sieve, (void)first, (void)count;
    return 0;
}

#endif
