/* SPDX-License-Identifier: MIT */
#include "job/make_discharge.h"

#include <omp.h>
#include <stdlib.h>

#include "base/memory.h"
#include "store/codec.h"

enum { BATCH = 32 }; /* rows: enough for every thread to decode some, 2.2 MB for a year */

typedef struct {
    const csk_network *network;
    size_t n_time;
    int n_threads;
    cs_filters filters;
    cs_codec **codec;       /* [n_threads] */
    double *open;           /* n_open x n_time, m3/s */
    size_t depth;           /* rows of `open` in use */
    float *in, *out;        /* BATCH x n_time, m3/s */
    cs_bytes read;          /* encoded rows that were read, one behind the other */
    size_t end[BATCH];      /* where they end in `read` */
    unsigned char *encoded; /* BATCH x bound */
    size_t size[BATCH];     /* of the encoded rows in `encoded` */
    size_t bound;           /* bytes of an encoded row at most */
} adder;

static cs_status open_adder(adder *a, const csk_network *network, size_t n_time, int deflate,
                            int n_threads, cs_error *err)
{
    a->network = network;
    a->n_time = n_time;
    a->filters = cs_filters_make(sizeof(float), deflate);
    a->bound = cs_codec_bound(n_time * sizeof(float));
    CS_TRY(cs_alloc(&a->codec, (size_t)n_threads, sizeof(cs_codec *), "threads", err));
    a->n_threads = n_threads;
    for (int t = 0; t < n_threads; t++) {
        CS_TRY(cs_codec_open(&a->codec[t], n_time * sizeof(float), err));
    }
    CS_TRY(cs_alloc(&a->open, (size_t)network->n_open * n_time, sizeof(double), "open sums", err));
    CS_TRY(cs_alloc(&a->in, BATCH * n_time, sizeof(float), "local discharge", err));
    CS_TRY(cs_alloc(&a->out, BATCH * n_time, sizeof(float), "discharge", err));
    return cs_alloc(&a->encoded, BATCH, a->bound, "encoded discharge", err);
}

static void close_adder(adder *a)
{
    for (int t = 0; t < a->n_threads; t++) {
        cs_codec_close(a->codec[t]);
    }
    free(a->codec);
    free(a->open);
    free(a->in);
    free(a->out);
    free(a->encoded);
    cs_bytes_free(&a->read);
}

static cs_status read_batch(adder *a, cs_forcing_writer *writer, size_t first, size_t count,
                            cs_error *err)
{
    a->read.size = 0;
    for (size_t k = 0; k < count; k++) {
        CS_TRY(cs_forcing_writer_read(writer, &a->read, CS_LOCAL_DISCHARGE,
                                      a->network->postorder[first + k], err));
        a->end[k] = a->read.size;
    }
    return CS_OK;
}

static cs_status decode_batch(adder *a, size_t count, cs_error *err)
{
    cs_error failure[BATCH] = {0}; /* one a row: threads do not share a record */
#pragma omp parallel for num_threads(a->n_threads) schedule(static)
    for (size_t k = 0; k < count; k++) {
        const size_t begin = k == 0 ? 0 : a->end[k - 1];
        cs_codec_decode(a->codec[omp_get_thread_num()], a->in + k * a->n_time,
                        a->n_time * sizeof(float), a->read.data + begin, a->end[k] - begin, 0,
                        a->filters, &failure[k]);
    }
    for (size_t k = 0; k < count; k++) {
        if (failure[k].status != CS_OK) {
            *err = failure[k];
            return (cs_status)failure[k].status;
        }
    }
    return CS_OK;
}

static void encode_batch(adder *a, size_t count)
{
#pragma omp parallel for num_threads(a->n_threads) schedule(static)
    for (size_t k = 0; k < count; k++) {
        cs_codec_encode(a->codec[omp_get_thread_num()], a->encoded + k * a->bound, &a->size[k],
                        a->out + k * a->n_time, a->n_time * sizeof(float), a->filters);
    }
}

static cs_status write_batch(const adder *a, cs_forcing_writer *writer, size_t first, size_t count,
                             cs_error *err)
{
    for (size_t k = 0; k < count; k++) {
        CS_TRY(cs_forcing_writer_row(writer, CS_DISCHARGE, a->network->postorder[first + k],
                                     a->encoded + k * a->bound, a->size[k], err));
    }
    return CS_OK;
}

static cs_status add_batch(adder *a, cs_forcing_writer *writer, size_t first, size_t count,
                           cs_error *err)
{
    CS_TRY(read_batch(a, writer, first, count, err));
    CS_TRY(decode_batch(a, count, err));
    csk_network_accumulate_stream(a->out, a->open, &a->depth, a->network, first, count, a->in,
                                  a->n_time);
    encode_batch(a, count);
    return write_batch(a, writer, first, count, err);
}

cs_status cs_make_discharge(cs_forcing_writer *writer, const csk_network *network, size_t n_time,
                            int deflate, int n_threads, cs_progress_mode mode, cs_error *err)
{
    adder a = {0};
    cs_progress progress;
    omp_set_num_threads(n_threads); /* for csk_network_accumulate_stream */
    cs_progress_open(&progress, mode, "discharge", (int64_t)network->n, "catchments");
    cs_status status = open_adder(&a, network, n_time, deflate, n_threads, err);
    for (size_t first = 0; status == CS_OK && first < network->n; first += BATCH) {
        const size_t count = first + BATCH < network->n ? BATCH : network->n - first;
        status = add_batch(&a, writer, first, count, err);
        cs_progress_update(&progress, (int64_t)(first + count));
    }
    cs_progress_close(&progress);
    close_adder(&a);
    return status;
}
