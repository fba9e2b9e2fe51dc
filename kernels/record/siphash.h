/* SPDX-License-Identifier: MIT */
/**
 * SipHash-2-4 with 128 bits of result (Aumasson and Bernstein 2012), for fields that are a hash of
 * others. Not for secrets: our key is public.
 */
#ifndef CSK_RECORD_SIPHASH_H
#define CSK_RECORD_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/**
 * Thread-safe, never fails. About 1 ns a byte.
 *
 * @param out  [out] first and last 8 bytes of the result, read as little-endian numbers
 * @param text [in]  n bytes
 * @param key  [in]  first and last 8 bytes of the key, likewise
 */
void csk_siphash128(uint64_t out[2], const unsigned char *text, size_t n, const uint64_t key[2]);

#endif
