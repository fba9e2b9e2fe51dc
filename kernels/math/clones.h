/* SPDX-License-Identifier: MIT */
/**
 * How hot functions are compiled: inlined, and once more for newer processors.
 *
 * CSK_INLINE marks functions of headers that must become part of their caller.
 * CSK_CLONES marks a function that is compiled twice, for every x86-64 and for x86-64-v3 (fma as
 * one instruction); the program picks one of them when it is loaded. Both give the same bits: fma()
 * is rounded once wherever it is done, and nothing is contracted or reordered. Sanitizers run
 * before the pick is made, and clang 14 does not know the version names, so there it is empty.
 */
#ifndef CSK_MATH_CLONES_H
#define CSK_MATH_CLONES_H

#define CSK_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__) &&   \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CSK_CLONES __attribute__((target_clones("default", "arch=x86-64-v3")))
#else
#define CSK_CLONES
#endif

#endif
