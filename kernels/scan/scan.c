/* SPDX-License-Identifier: MIT */
#include "kernels/scan/scan.h"

#include "kernels/scan/scan_isa.h"

const char *csk_scan_result_text(csk_scan_result result)
{
    switch (result) {
#define CSK_SCAN_RESULT_TEXT(name, text)                                                           \
    case name:                                                                                     \
        return text;
        CSK_SCAN_RESULTS(CSK_SCAN_RESULT_TEXT)
#undef CSK_SCAN_RESULT_TEXT
    }
    return "unknown";
}

bool csk_scan_has_avx2(void)
{
#if defined(__x86_64__)
    return csk_scan_avx2_is_built() && __builtin_cpu_supports("avx2") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt") &&
           __builtin_cpu_supports("pclmul");
#else
    return false;
#endif
}

static bool use_avx2(csk_scan_isa isa)
{
    return isa != CSK_SCAN_PLAIN && csk_scan_has_avx2();
}

csk_scan_result csk_scan_lines(csk_scan *scan, const csk_scan_query *query, csk_scan_isa isa)
{
    return use_avx2(isa) ? csk_scan_lines_avx2(scan, query) : csk_scan_lines_plain(scan, query);
}

csk_scan_result csk_scan_beginning(csk_scan *scan, char last, const csk_scan_query *query,
                                   csk_scan_isa isa)
{
    char *const out = scan->out;
    scan->line = scan->at;
    scan->length = (size_t)(scan->end - scan->at);
    scan->n_lines++;
    csk_scan_result result = CSK_SCAN_TOO_LONG;
    if (!query->strict) {
        result = use_avx2(isa) ? csk_scan_beginning_avx2(scan, query)
                               : csk_scan_beginning_plain(scan, query);
    }
    if (result == CSK_SCAN_TRUNCATED) {
        result = CSK_SCAN_TOO_LONG;
    } else if (result == CSK_SCAN_OK && last != '}') {
        result = CSK_SCAN_NO_END;
    }
    if (result == CSK_SCAN_OK) {
        scan->n_values++;
    } else {
        scan->out = out;
    }
    scan->at = scan->end;
    return result;
}
