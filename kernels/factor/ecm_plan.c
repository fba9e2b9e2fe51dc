/* SPDX-License-Identifier: MIT */
#include "kernels/factor/ecm_plan.h"

/* clang-format off */
/* 405 + 365 multiplications of residues. */
static const uint32_t narrow_multipliers[] = {
    21, 55, 69, 377, 31, 19, 17, 5, 3,
};
static const uint32_t narrow_chains[] = {
    0x3f, 0xff, 0x1de, 0xfff, 0x77, 0x3b, 0x3a, 0x5, 0x2,
};
static const uint32_t narrow_pairs[] = {
    0xff, 0xfe, 0xff, 0xdf, 0xfe, 0xef, 0xed, 0xff, 0xf3, 0xfb, 0xfb, 0xef,
    0xf6,
};
const csk_ecm_plan csk_ecm_narrow = {
    .b1 = 35,
    .b2 = 800,
    .twos = 6,
    .n_chains = sizeof narrow_chains / sizeof narrow_chains[0],
    .multipliers = narrow_multipliers,
    .chains = narrow_chains,
    .wheel = 60,
    .first = 1,
    .n_giants = sizeof narrow_pairs / sizeof narrow_pairs[0],
    .pairs = narrow_pairs,
};

/* 2052 + 1430 multiplications of residues. */
static const uint32_t wide_multipliers[] = {
    4181, 1219, 8051, 7493, 14111, 21, 21, 55, 55, 377, 123, 129, 305, 1139, 5609, 1919,
    5029, 14279, 4309, 11023, 13973, 24287,
};
static const uint32_t wide_chains[] = {
    0x1ffff, 0x7efe, 0x7fd7b, 0x7d3ff, 0xfbffb, 0x3f, 0x3f, 0xff, 0xff, 0xfff, 0x3fe, 0x3ef,
    0xefb, 0x7f7a, 0x3febf, 0xfff9, 0x3efaf, 0xfbbff, 0x3ff95, 0xf55fb, 0xffb7f, 0x3ff4db,
};
static const uint32_t wide_pairs[] = {
    0xd000, 0xffdf, 0xfeef, 0xbfff, 0xdffb, 0xffef, 0x5ffd, 0xe77e, 0xbffe, 0xb3fb, 0x5ffb, 0xfd3f,
    0xf6f7, 0xccfc, 0xd55d, 0xfdae, 0xfecd, 0x79f3, 0xcf9f, 0xfef7, 0xdbf5, 0xfb72, 0xffb6, 0x9af3,
    0x3fe5, 0xff15, 0xe37c, 0xd79d, 0xf37c, 0xcffa, 0xbcef, 0x3e7e, 0xff9a, 0xf1ef, 0xddf5, 0xfbf2,
    0x6d77, 0x5f4f, 0xefd7, 0x251f, 0xfb5d, 0x5400,
};
const csk_ecm_plan csk_ecm_wide = {
    .b1 = 165,
    .b2 = 5000,
    .twos = 8,
    .n_chains = sizeof wide_chains / sizeof wide_chains[0],
    .multipliers = wide_multipliers,
    .chains = wide_chains,
    .wheel = 120,
    .first = 1,
    .n_giants = sizeof wide_pairs / sizeof wide_pairs[0],
    .pairs = wide_pairs,
};
/* clang-format on */
