/* SPDX-License-Identifier: MIT */
#include "pipe/extract.h"

static cs_status keep_reject(cs_bytes *rejects, const csk_scan *scan, cs_error *err)
{
    size_t length = scan->length < CS_EXTRACT_REJECT ? scan->length : CS_EXTRACT_REJECT;
    if (length > 0 && length == scan->length && scan->line[length - 1] == '\r') {
        length--; /* of a line end CR LF */
    }
    CS_TRY(cs_bytes_append(rejects, scan->line, length, err));
    return cs_bytes_append(rejects, "\n", 1, err);
}

static cs_status note_malformed(cs_extract_counts *counts, cs_bytes *rejects,
                                const cs_extract_plan *plan, const csk_scan *scan,
                                csk_scan_result why, cs_error *err)
{
    if (counts->n_malformed < CS_EXTRACT_TOLD) {
        counts->told_line[counts->n_malformed] = counts->n_lines + scan->n_lines;
        counts->told_why[counts->n_malformed] = (uint32_t)why;
    }
    counts->n_malformed++;
    return plan->keep_rejects ? keep_reject(rejects, scan, err) : CS_OK;
}

cs_status cs_extract_chunk(cs_extract_counts *counts, cs_bytes *values, cs_bytes *rejects,
                           const cs_extract_plan *plan, const cs_chunk *chunk, cs_error *err)
{
    /* no value is longer than its line */
    CS_TRY(cs_bytes_reserve(values, chunk->size + CSK_SCAN_PADDING, err));
    csk_scan scan = {.at = chunk->data,
                     .end = chunk->data + chunk->size,
                     .out = (char *)values->data + values->size};
    while (scan.at < scan.end) {
        const csk_scan_result result =
            chunk->is_cut ? csk_scan_beginning(&scan, chunk->last, &plan->query, plan->isa)
                          : csk_scan_lines(&scan, &plan->query, plan->isa);
        if (result != CSK_SCAN_OK) {
            CS_TRY(note_malformed(counts, rejects, plan, &scan, result, err));
        }
    }
    values->size = (size_t)((unsigned char *)scan.out - values->data);
    counts->n_bytes += chunk->n_bytes;
    counts->n_lines += scan.n_lines;
    counts->n_values += scan.n_values;
    counts->n_blank += scan.n_blank;
    return CS_OK;
}
