/* SPDX-License-Identifier: MIT */
#include "job/factorize_work.h"

#include <string.h>

#include "base/stop.h"
#include "job/factorize_big.h"
#include "job/factorize_places.h"
#include "journal/checksum.h"
#include "kernels/factor/lines.h"
#include "kernels/factor/naive.h"
#include "kernels/factor/split.h"

enum {
    SMALL_BLOCK = 1024,   /* integers of a block where each of them takes its time */
    TEXT_BLOCK = 1 << 15, /* integers whose text stays in a second-level cache until it is written:
                             a tenth faster than 2^17 (1..10^7, measured) */
    BLOCKS_A_RANK = 32,   /* so that ranks end together */
};

/* What a thread takes for an integer, and once a chunk for a large prime (measured at 10^15 and
 * 10^18), s. */
static const double INTEGER_SECONDS = 20e-9, LARGE_PRIME_SECONDS = 5e-9;

/* ---- shape of the blocks ---- */

static bool is_text(const cs_factor_work *w)
{
    return w->plan.form == CS_FACTOR_TEXT || w->plan.form == CS_FACTOR_NDJSON;
}

/* Each large prime costs a block a division, and a line some ten of these. */
static size_t text_block(const cs_factor_work *w)
{
    size_t n = TEXT_BLOCK;
    while (n < w->chunk && n < w->primes->n_large / 2) {
        n *= 2;
    }
    return n;
}

/* The chunks that a team shares: a second's work at most, or one chunk a thread where that takes
 * longer, since progress is told and a stop is heeded between blocks. */
static size_t team_chunks(const cs_factor_work *w, size_t share, int n_ranks)
{
    const size_t n_threads = (size_t)w->plan.n_threads;
    const double seconds =
        (double)w->chunk * INTEGER_SECONDS + (double)w->primes->n_large * LARGE_PRIME_SECONDS;
    size_t n = seconds < 1.0 ? (size_t)(1.0 / seconds) * n_threads : n_threads;
    n = n < CS_FACTOR_CHUNKS ? n : CS_FACTOR_CHUNKS;
    if (n_ranks > 1 && n > share / w->chunk) {
        n = share / w->chunk;
    }
    return n < 1 ? 1 : n;
}

void cs_factor_work_shape(cs_farm *farm, const cs_factor_work *w, size_t n_items, int n_ranks)
{
    const size_t share = n_items / (BLOCKS_A_RANK * (size_t)n_ranks);
    farm->n_items = n_items;
    farm->n_lanes = w->is_team ? 1 : w->plan.n_threads;
    farm->n_threads = w->is_team ? w->plan.n_threads : 1;
    if (w->is_team) {
        farm->block_size = w->chunk * team_chunks(w, share, n_ranks);
    } else if (w->plan.means == CS_FACTOR_BY_SIEVE) {
        farm->block_size = is_text(w) ? text_block(w) : w->chunk;
    } else {
        const size_t each = n_items / (BLOCKS_A_RANK * w->plan.n_workers);
        farm->block_size = each < 1 ? 1 : each > SMALL_BLOCK ? SMALL_BLOCK : each;
        farm->tail = w->plan.n_workers;
    }
}

/* ---- blocks ---- */

/* A block on its way: rows come piece by piece. */
typedef struct {
    const cs_factor_work *work;
    cs_factor_workplace *place;
    cs_factor_form form;
    cs_bytes *out;
    csk_factor_sums sums;
} making;

static cs_status take_rows(making *m, const csk_factor_rows *rows, cs_error *err)
{
    switch (m->form) {
    case CS_FACTOR_TEXT:
    case CS_FACTOR_NDJSON:
        CS_TRY(cs_bytes_reserve(m->out, csk_text_bound(rows), err));
        m->out->size += csk_text_write((char *)m->out->data + m->out->size, m->work->text, rows);
        return CS_OK;
    case CS_FACTOR_HDF5:
        return cs_factor_rows_add(m->place->rows, rows, err);
    case CS_FACTOR_COUNT:
    case CS_FACTOR_BENCH:
        csk_factor_sums_add(&m->sums, rows);
        return CS_OK;
    }
    return CS_OK;
}

/* Text straight from the sieve. */
static cs_status write_lines(making *m, cs_error *err)
{
    csk_sieve *sieve = &m->place->sieve;
    uint64_t first = 0;
    size_t count = 0;
    while (csk_sieve_fill(sieve, &first, &count)) {
        CS_TRY(cs_bytes_reserve(m->out, csk_lines_bound(count), err));
        m->out->size += csk_lines_write((char *)m->out->data + m->out->size, m->work->text, sieve,
                                        first, count);
    }
    return CS_OK;
}

static cs_status sieve_block(making *m, const cs_block *block, cs_error *err)
{
    csk_sieve *sieve = &m->place->sieve;
    csk_factor_rows rows;
    /* Most lines are not longer than this; a buffer that grows is copied. What may be touched
     * behind a segment's text is a multiple of what is. */
    const size_t line = m->work->plan.last > UINT32_MAX ? 64 : 32;
    const size_t typical = block->count * line + sieve->segment * 6 * line;
    if (m->form <= CS_FACTOR_NDJSON) {
        CS_TRY(cs_bytes_reserve(m->out, typical, err));
    }
    csk_sieve_begin(sieve, m->work->plan.first + block->first, block->count);
    if (m->form == CS_FACTOR_TEXT && csk_lines_can(sieve, m->work->text)) {
        return write_lines(m, err);
    }
    while (csk_sieve_next(sieve, &rows)) {
        CS_TRY(take_rows(m, &rows, err));
    }
    return CS_OK;
}

static csk_factor_rows pack_rows(cs_factor_workplace *p, size_t count)
{
    uint32_t n = 0;
    for (size_t i = 0; i < count; i++) {
        p->offset[i] = n;
        memcpy(p->packed + n, p->split + i * CSK_FACTOR_MAX, p->n_split[i] * sizeof *p->packed);
        n += p->n_split[i];
    }
    p->offset[count] = n;
    return (csk_factor_rows){
        .count = count, .number = p->number, .offset = p->offset, .wide = p->packed};
}

static cs_status split_piece(making *m, size_t count, cs_error *err)
{
    cs_factor_workplace *p = m->place;
    if (count == 0) {
        return CS_OK;
    }
    if (m->work->plan.means == CS_FACTOR_BY_TRIAL) {
        csk_factor_naive_range(p->split, p->n_split, p->number, 0, count);
    } else {
        csk_factor_list_by(m->work->split_path, p->split, p->n_split, p->number, 0, count);
    }
    const csk_factor_rows rows = pack_rows(p, count);
    return take_rows(m, &rows, err);
}

static cs_status split_range(making *m, const cs_block *block, cs_error *err)
{
    const uint64_t first = m->work->plan.first + block->first;
    for (uint64_t done = 0; done < block->count;) {
        const uint64_t left = block->count - done;
        const size_t count = left < CS_FACTOR_PIECE ? (size_t)left : CS_FACTOR_PIECE;
        for (size_t i = 0; i < count; i++) {
            m->place->number[i] = first + done + i;
        }
        CS_TRY(split_piece(m, count, err));
        done += count;
    }
    return CS_OK;
}

/* ---- lists ---- */

/* How many big integers there are, then where: place in the block, length; all the numbers; the
 * digits. */
cs_status cs_factor_pack(cs_bytes *out, const cs_integer_list *list, uint64_t first, uint64_t count,
                         cs_error *err)
{
    size_t low = 0;
    while (low < list->n_big && list->big[low].place < first) {
        low++;
    }
    size_t high = low;
    while (high < list->n_big && list->big[high].place < first + count) {
        high++;
    }
    const uint64_t n_big = high - low;
    CS_TRY(cs_bytes_append(out, &n_big, sizeof n_big, err));
    for (size_t k = low; k < high; k++) {
        const uint64_t where[2] = {list->big[k].place - first, list->big[k].length};
        CS_TRY(cs_bytes_append(out, where, sizeof where, err));
    }
    CS_TRY(cs_bytes_append(out, list->number + first, count * sizeof *list->number, err));
    for (size_t k = low; k < high; k++) {
        CS_TRY(cs_bytes_append(out, list->digits.data + list->big[k].offset, list->big[k].length,
                               err));
    }
    return CS_OK;
}

static cs_status take_big(making *m, const char *digits, size_t length, cs_error *err)
{
    const cs_factor_plan *plan = &m->work->plan;
    return cs_factor_big(m->out, &m->sums, m->form, plan->exponents, digits, length, err);
}

/* Integers up to the next big one, that one, and so on. */
static cs_status split_list(making *m, const cs_bytes *in, const cs_block *block, cs_error *err)
{
    cs_reader reader = cs_reader_make(in->data, in->size);
    const void *numbers = NULL, *where = NULL;
    uint64_t n_big = 0;
    CS_TRY(cs_reader_copy(&reader, &n_big, sizeof n_big, err));
    CS_TRY(cs_reader_take(&reader, &where, n_big * 2 * sizeof(uint64_t), err));
    CS_TRY(cs_reader_take(&reader, &numbers, block->count * sizeof(uint64_t), err));
    uint64_t done = 0;
    for (uint64_t k = 0; k <= n_big; k++) {
        uint64_t next[2] = {block->count, 0};
        if (k < n_big) {
            memcpy(next, (const uint64_t *)where + 2 * k, sizeof next);
        }
        while (done < next[0]) {
            const size_t count =
                next[0] - done < CS_FACTOR_PIECE ? (size_t)(next[0] - done) : CS_FACTOR_PIECE;
            memcpy(m->place->number, (const uint64_t *)numbers + done,
                   count * sizeof *m->place->number);
            CS_TRY(split_piece(m, count, err));
            done += count;
        }
        if (k < n_big) {
            const void *digits = NULL;
            CS_TRY(cs_reader_take(&reader, &digits, next[1], err));
            CS_TRY(take_big(m, digits, next[1], err));
            done++;
        }
    }
    return CS_OK;
}

/* ---- the kernel ---- */

static int take_place(cs_factor_work *w)
{
    pthread_mutex_lock(&w->lock);
    CS_INVARIANT(w->n_idle > 0);
    const int place = w->idle[--w->n_idle];
    pthread_mutex_unlock(&w->lock);
    return place;
}

static void give_back(cs_factor_work *w, int place)
{
    pthread_mutex_lock(&w->lock);
    w->idle[w->n_idle++] = place;
    pthread_mutex_unlock(&w->lock);
}

static void sum_by_team(cs_factor_work *w, csk_factor_sums *sums, const cs_block *block,
                        int n_threads)
{
    const uint64_t first = w->plan.first + block->first;
    if (w->plan.form == CS_FACTOR_BENCH) {
        csk_sieve_list(sums, w->parts, w->sieves, n_threads, first, block->count);
    } else {
        csk_sieve_sum(sums, w->parts, w->sieves, n_threads, first, block->count);
    }
}

/* Blocks of a sieved range know where their primes begin, so that whole chunks can be compressed
 * here; others leave that to rank 0. */
static cs_status begin_rows(making *m, const cs_bytes *in, const cs_block *block, cs_error *err)
{
    uint64_t first_prime = 0;
    if (m->work->plan.means != CS_FACTOR_BY_SIEVE) {
        cs_factor_rows_begin(m->place->rows, NULL);
        return CS_OK;
    }
    cs_reader reader = cs_reader_make(in->data, in->size);
    CS_TRY(cs_reader_copy(&reader, &first_prime, sizeof first_prime, err));
    cs_factor_rows_begin(m->place->rows, &(cs_factor_place){block->first, first_prime});
    return CS_OK;
}

static cs_status run_in_place(making *m, const cs_bytes *in, const cs_block *block, cs_error *err)
{
    const cs_factor_plan *plan = &m->work->plan;
    if (m->form == CS_FACTOR_HDF5) {
        CS_TRY(begin_rows(m, in, block, err));
    }
    CS_TRY(plan->is_list                       ? split_list(m, in, block, err)
           : plan->means == CS_FACTOR_BY_SIEVE ? sieve_block(m, block, err)
                                               : split_range(m, block, err));
    return m->form == CS_FACTOR_HDF5 ? cs_factor_rows_end(m->place->rows, m->out, err) : CS_OK;
}

static cs_status run_by_lane(cs_factor_work *w, cs_factor_form form, cs_bytes *out,
                             const cs_bytes *in, const cs_block *block, cs_error *err)
{
    const int place = take_place(w);
    making m = {.work = w, .place = &w->place[place], .form = form, .out = out};
    cs_status status = run_in_place(&m, in, block, err);
    give_back(w, place);
    if (status == CS_OK && form >= CS_FACTOR_COUNT) {
        return cs_bytes_append(out, &m.sums, sizeof m.sums, err);
    }
    if (status == CS_OK && w->plan.has_checksums) { /* here, since rank 0 has enough to do */
        const uint64_t checksum = cs_checksum(out->data, out->size);
        return cs_bytes_append(out, &checksum, sizeof checksum, err);
    }
    return status;
}

static cs_status run_block(void *self, cs_bytes *out, const cs_bytes *in, const cs_block *block,
                           int n_threads, cs_error *err)
{
    cs_factor_work *w = self;
    if (cs_stop_requested() != CS_STOP_NONE) { /* it was in the queue */
        return cs_fail(err, CS_INTERRUPTED, "not begun");
    }
    if (w->is_team) {
        csk_factor_sums sums = {0};
        sum_by_team(w, &sums, block, n_threads);
        return cs_bytes_append(out, &sums, sizeof sums, err);
    }
    return run_by_lane(w, w->plan.form, out, in, block, err);
}

static cs_status sum_block(void *self, cs_bytes *out, const cs_bytes *in, const cs_block *block,
                           int n_threads, cs_error *err)
{
    (void)n_threads;
    if (cs_stop_requested() != CS_STOP_NONE) {
        return cs_fail(err, CS_INTERRUPTED, "not begun");
    }
    return run_by_lane(self, CS_FACTOR_COUNT, out, in, block, err);
}

cs_kernel cs_factor_work_kernel(cs_factor_work *work)
{
    return (cs_kernel){.self = work, .run = run_block};
}

cs_kernel cs_factor_work_sums(cs_factor_work *work)
{
    return (cs_kernel){.self = work, .run = sum_block};
}
