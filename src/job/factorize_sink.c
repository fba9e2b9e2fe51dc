/* SPDX-License-Identifier: MIT */
#include "job/factorize_sink.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/wait.h"
#include "config/options.h"

static cs_status open_file(cs_factor_sink *sink, const cs_factorize_options *options, cs_error *err)
{
    CS_TRY(cs_output_claim(&sink->output, options->output, options->fresh, err));
    sink->file = open(sink->output.part_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (sink->file < 0) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be written", sink->output.part_path);
    }
    return CS_OK;
}

static cs_status open_factors(cs_factor_sink *sink, const cs_factorize_options *options,
                              uint64_t first, uint64_t last, cs_error *err)
{
    char history[128];
    if (options->from == NULL) {
        snprintf(history, sizeof history, "factorize %s %" PRIu64 "..%" PRIu64, cs_version(), first,
                 last);
    } else {
        snprintf(history, sizeof history, "factorize %s, a list", cs_version());
    }
    const cs_factors_spec spec = {.is_list = options->from != NULL,
                                  .first = first,
                                  .last = last,
                                  .history = history,
                                  .deflate = options->deflate,
                                  .replace = options->fresh};
    return cs_factors_create(&sink->factors, options->output, &spec, err);
}

bool cs_factor_sink_is_resumable(const cs_factorize_options *options)
{
    return options->output != NULL && options->range != NULL && options->form <= CS_FACTOR_NDJSON;
}

cs_status cs_factor_sink_open(cs_factor_sink *sink, const cs_factorize_options *options,
                              uint64_t first, uint64_t last, cs_error *err)
{
    *sink = (cs_factor_sink){.form = options->form,
                             .path = options->output,
                             .output = {.journal = -1},
                             .file = -1,
                             .range = {.output = {.journal = -1}, .file = -1}};
    cs_status status = CS_OK;
    if (options->form == CS_FACTOR_HDF5) {
        status = open_factors(sink, options, first, last, err);
    } else if (cs_factor_sink_is_resumable(options)) {
        status = cs_factor_file_open(&sink->range, options, first, last, err);
    } else if (options->output != NULL) {
        status = open_file(sink, options, err);
    } else if (options->form <= CS_FACTOR_NDJSON) {
        sink->file = cs_wait_own_pipe(STDOUT_FILENO);
    }
    if (status != CS_OK) {
        cs_factor_sink_close(sink);
    }
    return status;
}

/* ---- results ---- */

static cs_status append_text(cs_factor_sink *sink, const cs_bytes *text, uint64_t n_integers,
                             cs_error *err)
{
    uint64_t checksum;
    CS_INVARIANT(text->size >= sizeof checksum);
    const size_t size = text->size - sizeof checksum;
    memcpy(&checksum, text->data + size, sizeof checksum);
    sink->n_bytes += size;
    return cs_factor_file_append(&sink->range, text->data, size, checksum, n_integers, err);
}

static cs_status write_text(cs_factor_sink *sink, const cs_bytes *text, uint64_t n_integers,
                            cs_error *err)
{
    if (sink->range.file >= 0) {
        return append_text(sink, text, n_integers, err);
    }
    sink->n_bytes += text->size;
    const char *path = sink->path == NULL ? "standard output" : sink->output.part_path;
    return cs_factor_write(sink->file, path, text->data, text->size, err);
}

static cs_status write_block(void *self, const cs_bytes *result, const cs_block *block,
                             const cs_block_report *report, cs_error *err)
{
    cs_factor_sink *sink = self;
    if (report->error.status != CS_OK) {
        *err = report->error;
        return (cs_status)report->error.status;
    }
    sink->n_integers += block->count;
    if (sink->form == CS_FACTOR_HDF5) {
        return cs_factors_write(sink->factors, result, err);
    }
    if (sink->form >= CS_FACTOR_COUNT) {
        csk_factor_sums sums;
        CS_INVARIANT(result->size == sizeof sums);
        memcpy(&sums, result->data, sizeof sums);
        csk_factor_sums_join(&sink->sums, &sums);
        return CS_OK;
    }
    return write_text(sink, result, block->count, err);
}

static cs_status keep_primes(void *self, const cs_bytes *result, const cs_block *block,
                             const cs_block_report *report, cs_error *err)
{
    cs_factor_sink *sink = self;
    csk_factor_sums sums;
    if (report->error.status != CS_OK) {
        *err = report->error;
        return (cs_status)report->error.status;
    }
    CS_INVARIANT(result->size == sizeof sums);
    memcpy(&sums, result->data, sizeof sums);
    sink->first_prime[block->index + 1] = sink->first_prime[block->index] + sums.n_distinct;
    return CS_OK;
}

cs_sink cs_factor_sink_results(cs_factor_sink *sink)
{
    return (cs_sink){.self = sink, .write = write_block};
}

cs_sink cs_factor_sink_primes(cs_factor_sink *sink)
{
    return (cs_sink){.self = sink, .write = keep_primes};
}

/* ---- the end ---- */

cs_status cs_factor_sink_finish(cs_factor_sink *sink, cs_error *err)
{
    if (sink->factors != NULL) {
        return cs_factors_finish(sink->factors, err);
    }
    if (sink->range.file >= 0) {
        return cs_factor_file_finish(&sink->range, err);
    }
    if (sink->path == NULL || sink->file < 0) {
        return CS_OK;
    }
    const int failed = close(sink->file);
    sink->file = -1;
    if (failed) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be written", sink->output.part_path);
    }
    return cs_output_finish(&sink->output, err);
}

void cs_factor_sink_close(cs_factor_sink *sink)
{
    if (sink->file >= 0 && sink->file != STDOUT_FILENO) {
        close(sink->file);
    }
    sink->file = -1;
    cs_factor_file_close(&sink->range);
    cs_factors_close(sink->factors);
    sink->factors = NULL;
    if (sink->output.path != NULL) {
        cs_output_release(&sink->output);
    }
}
