/* SPDX-License-Identifier: MIT */
/**
 * Inside of kernels/scan: one set of functions for each kind of processor (contracts: scan.h).
 */
#ifndef CSK_SCAN_SCAN_ISA_H
#define CSK_SCAN_SCAN_ISA_H

#include "kernels/scan/scan.h"

/** Lines up to the end or a malformed one. */
csk_scan_result csk_scan_lines_plain(csk_scan *scan, const csk_scan_query *query);
csk_scan_result csk_scan_lines_avx2(csk_scan *scan, const csk_scan_query *query);

/** The field of one line that begins at `at`, without the search for its end and the counts. */
csk_scan_result csk_scan_beginning_plain(csk_scan *scan, const csk_scan_query *query);
csk_scan_result csk_scan_beginning_avx2(csk_scan *scan, const csk_scan_query *query);

/** Whether this build has them; the processor is asked by csk_scan_has_avx2. */
bool csk_scan_avx2_is_built(void);

#endif
