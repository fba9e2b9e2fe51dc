/* SPDX-License-Identifier: MIT */
/* Closes what ifma.h opened. No guard: it is one line of its includer. */
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
