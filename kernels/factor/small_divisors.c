/* SPDX-License-Identifier: MIT */
#include "kernels/factor/small_divisors.h"

/* clang-format off */
#define ODD_PRIMES(X) \
    X(3) X(5) X(7) X(11) X(13) X(17) X(19) X(23) X(29) X(31) X(37) X(41) \
    X(43) X(47) X(53) X(59) X(61) X(67) X(71) X(73) X(79) X(83) X(89) X(97) \
    X(101) X(103) X(107) X(109) X(113) X(127) X(131) X(137) X(139) X(149) X(151) X(157) \
    X(163) X(167) X(173) X(179) X(181) X(191) X(193) X(197) X(199) X(211) X(223) X(227) \
    X(229) X(233) X(239) X(241) X(251) X(257) X(263) X(269) X(271) X(277) X(281) X(283) \
    X(293) X(307) X(311) X(313) X(317) X(331) X(337) X(347) X(349) X(353) X(359) X(367) \
    X(373) X(379) X(383) X(389) X(397) X(401) X(409) X(419) X(421) X(431) X(433) X(439) \
    X(443) X(449) X(457) X(461) X(463) X(467) X(479) X(487) X(491) X(499) X(503) X(509) \
    X(521) X(523) X(541) X(547) X(557) X(563) X(569) X(571) X(577) X(587) X(593) X(599) \
    X(601) X(607) X(613) X(617) X(619) X(631) X(641) X(643) X(647) X(653) X(659) X(661) \
    X(673) X(677) X(683) X(691) X(701) X(709) X(719) X(727) X(733) X(739) X(743) X(751) \
    X(757) X(761) X(769) X(773) X(787) X(797) X(809) X(811) X(821) X(823) X(827) X(829) \
    X(839) X(853) X(857) X(859) X(863) X(877) X(881) X(883) X(887) X(907) X(911) X(919) \
    X(929) X(937) X(941) X(947) X(953) X(967) X(971) X(977) X(983) X(991) X(997) X(1009) \
    X(1013) X(1019) X(1021)
/* clang-format on */

/* Inverses modulo 2^64 as in montgomery.h: right to 5 bits, then 10, 20, 40, 80. */
#define NEWTON(x, p)  ((x) * (2 - UINT64_C(p) * (x)))
#define INVERSE_5(p)  ((UINT64_C(p) * 3) ^ 2)
#define INVERSE_10(p) NEWTON(INVERSE_5(p), p)
#define INVERSE_20(p) NEWTON(INVERSE_10(p), p)
#define INVERSE_40(p) NEWTON(INVERSE_20(p), p)
#define INVERSE(p)    NEWTON(INVERSE_40(p), p),
#define LIMIT(p)      UINT64_MAX / UINT64_C(p),
#define PRIME(p)      p,

const uint16_t csk_odd_primes[CSK_N_DIVISORS] = {ODD_PRIMES(PRIME)};

const csk_divisors csk_small_divisors = {.inverse = {ODD_PRIMES(INVERSE) 1, 1, 1, 1, 1},
                                         .limit = {ODD_PRIMES(LIMIT) 0, 0, 0, 0, 0}};

uint64_t csk_divide_by_small(uint64_t *primes, uint8_t *n_primes, uint64_t n)
{
    uint8_t found = 0;
    for (; n % 2 == 0; n /= 2) {
        primes[found++] = 2;
    }
    for (size_t i = 0; i < CSK_N_ODD_PRIMES; i++) {
        uint64_t quotient = n * csk_small_divisors.inverse[i];
        while (quotient <= csk_small_divisors.limit[i]) {
            n = quotient;
            primes[found++] = csk_odd_primes[i];
            quotient = n * csk_small_divisors.inverse[i];
        }
    }
    *n_primes = found;
    return n;
}
