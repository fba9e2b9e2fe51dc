/* SPDX-License-Identifier: MIT */
#include "pipe/tally.h"

#include "base/log.h"

static void tell_malformed(const cs_tally *tally, const cs_extract_counts *counts)
{
    const uint64_t before = tally->n_malformed, after = before + counts->n_malformed;
    for (uint64_t i = before; i < after && i < CS_EXTRACT_TOLD; i++) {
        cs_log(CS_LOG_WARNING, "%s:%llu: %s", tally->name,
               (unsigned long long)(tally->n_lines + counts->told_line[i - before]),
               csk_scan_result_text((csk_scan_result)counts->told_why[i - before]));
    }
    if (before <= CS_EXTRACT_TOLD && after > CS_EXTRACT_TOLD) {
        cs_log(CS_LOG_WARNING, "%s: further malformed lines are counted only", tally->name);
    }
}

cs_status cs_tally_add(cs_tally *tally, const cs_extract_counts *counts, const void *values,
                       size_t values_size, const void *rejects, size_t rejects_size, cs_error *err)
{
    if (values_size > 0) {
        CS_TRY(cs_outlet_write(tally->outlet, values, values_size, err));
    }
    if (rejects_size > 0 && tally->rejects != NULL) {
        CS_TRY(cs_outlet_write(tally->rejects, rejects, rejects_size, err));
    }
    tell_malformed(tally, counts);
    tally->n_bytes += counts->n_bytes;
    tally->n_lines += counts->n_lines;
    tally->n_values += counts->n_values;
    tally->n_blank += counts->n_blank;
    tally->n_malformed += counts->n_malformed;
    return CS_OK;
}
