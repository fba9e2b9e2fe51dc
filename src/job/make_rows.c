/* SPDX-License-Identifier: MIT */
#include "job/make_rows.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/codec.h"

enum {
    N_ROWS = 3,     /* of a catchment */
    SPIN_UP = 8760, /* hours that the stores are run before the first one */
    MIN_BLOCK = 16, /* catchments of a block */
    MAX_BLOCK = 64,
    BLOCKS_WANTED = 256 /* so that ranks end together */
};

static const cs_variable row_variable[N_ROWS] = {CS_TEMPERATURE, CS_PRECIPITATION,
                                                 CS_LOCAL_DISCHARGE};

/* What the source tells of a catchment. */
typedef struct {
    csk_basin_place place;
    double area; /* m2 */
} site;

/* What stands before the rows of a block, once for each catchment. */
typedef struct {
    uint64_t size[N_ROWS]; /* bytes of the encoded rows, which follow each other */
    csk_basin_balance balance;
} row_head;

/* One thread's workplace. */
typedef struct {
    double *temperature, *precipitation, *runoff; /* [n_time] */
    float *row;                                   /* [n_time] */
    cs_codec *codec;
} workplace;

typedef struct {
    csk_basin_stations stations;
    double day_of_year;
    cs_filters filters;
    workplace *workplaces; /* [n_workplaces], one a thread */
    size_t n_workplaces;
} kernel;

typedef struct {
    cs_forcing_writer *writer;
    const cs_make_basin *basin;
    cs_make_water *water;
    cs_progress progress;
} rank_0;

/* ---- source ---- */

static cs_status read_sites(void *self, cs_bytes *out, const cs_block *block, cs_error *err)
{
    const cs_make_basin *basin = ((const rank_0 *)self)->basin;
    CS_TRY(cs_bytes_reserve(out, block->count * sizeof(site), err));
    for (uint64_t i = block->first; i < block->first + block->count; i++) {
        const site s = {{basin->lon[i], basin->lat[i], basin->elevation[i]}, basin->area[i]};
        CS_TRY(cs_bytes_append(out, &s, sizeof s, err));
    }
    return CS_OK;
}

/* ---- kernel ---- */

static cs_status open_workplace(workplace *w, size_t n_time, cs_error *err)
{
    CS_TRY(cs_alloc(&w->temperature, n_time, sizeof(double), "a thread's series", err));
    CS_TRY(cs_alloc(&w->precipitation, n_time, sizeof(double), "a thread's series", err));
    CS_TRY(cs_alloc(&w->runoff, n_time, sizeof(double), "a thread's series", err));
    CS_TRY(cs_alloc(&w->row, n_time, sizeof(float), "a thread's row", err));
    return cs_codec_open(&w->codec, n_time * sizeof(float), err);
}

static cs_status open_kernel(kernel *k, const cs_make_weather *weather, int deflate, int n_threads,
                             cs_error *err)
{
    k->stations = cs_make_weather_stations(weather);
    k->day_of_year = weather->day_of_year;
    k->filters = cs_filters_make(sizeof(float), deflate);
    CS_TRY(cs_alloc(&k->workplaces, (size_t)n_threads, sizeof *k->workplaces, "threads", err));
    k->n_workplaces = (size_t)n_threads;
    for (size_t t = 0; t < k->n_workplaces; t++) {
        CS_TRY(open_workplace(&k->workplaces[t], weather->n_time, err));
    }
    return CS_OK;
}

static void close_kernel(kernel *k)
{
    for (size_t t = 0; t < k->n_workplaces; t++) {
        free(k->workplaces[t].temperature);
        free(k->workplaces[t].precipitation);
        free(k->workplaces[t].runoff);
        free(k->workplaces[t].row);
        cs_codec_close(k->workplaces[t].codec);
    }
    free(k->workplaces);
}

/* Stores as a year with the series' first year's weather leaves them; a shorter series is repeated
 * until a year is full. */
static csk_basin_stores spin_up(const kernel *k, workplace *w, double latitude)
{
    const csk_basin_soil *soil = &csk_basin_default_soil;
    const size_t n_time = k->stations.n_time < SPIN_UP ? k->stations.n_time : SPIN_UP;
    csk_basin_stores stores = {.soil = 0.6 * soil->capacity};
    for (size_t done = 0; done < SPIN_UP; done += n_time) {
        csk_basin_runoff(w->runoff, &stores, NULL, soil, w->temperature, w->precipitation, n_time,
                         latitude, k->day_of_year);
    }
    return stores;
}

static size_t encode_row(const kernel *k, workplace *w, void *encoded, const double *series,
                         double factor)
{
    const size_t n_time = k->stations.n_time;
    size_t size = 0;
    for (size_t t = 0; t < n_time; t++) {
        w->row[t] = (float)(factor * series[t]);
    }
    cs_codec_encode(w->codec, encoded, &size, w->row, n_time * sizeof(float), k->filters);
    return size;
}

/* `rows` has room for N_ROWS encoded rows of `bound` bytes, each at its own place. */
static void make_catchment(const kernel *k, workplace *w, row_head *head, unsigned char *rows,
                           size_t bound, const site *s)
{
    csk_basin_weather(w->temperature, w->precipitation, &k->stations, &s->place);
    csk_basin_stores stores = spin_up(k, w, s->place.lat);
    head->balance = (csk_basin_balance){0};
    csk_basin_runoff(w->runoff, &stores, &head->balance, &csk_basin_default_soil, w->temperature,
                     w->precipitation, k->stations.n_time, s->place.lat, k->day_of_year);
    const double discharge_of_runoff = s->area * 1e-3 / 3600.0; /* m3/s of mm/h */
    head->size[0] = encode_row(k, w, rows, w->temperature, 1.0);
    head->size[1] = encode_row(k, w, rows + bound, w->precipitation, 1.0);
    head->size[2] = encode_row(k, w, rows + 2 * bound, w->runoff, discharge_of_runoff);
}

/* Moves the rows together that were made at places of their own. */
static void close_gaps(cs_bytes *out, const row_head *heads, size_t n, size_t bound)
{
    const unsigned char *from = out->data + out->size;
    for (size_t k = 0; k < n * N_ROWS; k++) {
        const size_t size = heads[k / N_ROWS].size[k % N_ROWS];
        memmove(out->data + out->size, from + k * bound, size);
        out->size += size;
    }
}

static cs_status make_block(void *self, cs_bytes *out, const cs_bytes *in, const cs_block *block,
                            int n_threads, cs_error *err)
{
    const kernel *k = self;
    const site *sites = (const site *)(const void *)in->data;
    const size_t n = block->count;
    const size_t bound = cs_codec_bound(k->stations.n_time * sizeof(float));
    row_head *heads = NULL;
    CS_INVARIANT(in->size == n * sizeof(site) && (size_t)n_threads <= k->n_workplaces);
    CS_TRY(cs_alloc(&heads, n, sizeof *heads, "a block's heads", err));
    cs_status status =
        cs_bytes_reserve(out, n * (sizeof *heads + N_ROWS * bound) + CS_BYTES_SLACK, err);
    if (status == CS_OK) {
        unsigned char *rows = out->data + out->size + n * sizeof *heads;
#pragma omp parallel for num_threads(n_threads) schedule(dynamic)
        for (size_t i = 0; i < n; i++) {
            make_catchment(k, &k->workplaces[omp_get_thread_num()], &heads[i],
                           rows + i * N_ROWS * bound, bound, &sites[i]);
        }
        memcpy(out->data + out->size, heads, n * sizeof *heads);
        out->size += n * sizeof *heads;
        close_gaps(out, heads, n, bound);
    }
    free(heads);
    return status;
}

/* ---- sink ---- */

/* Blocks come in order of index, so the sums have a fixed order. mm on m2 are litres. */
static void add_water(cs_make_water *water, const csk_basin_balance *balance, double area)
{
    water->precipitation += balance->precipitation * area * 1e-3;
    water->evapotranspiration += balance->evapotranspiration * area * 1e-3;
    water->runoff += balance->runoff * area * 1e-3;
}

static cs_status write_rows(void *self, const cs_bytes *result, const cs_block *block,
                            const cs_block_report *report, cs_error *err)
{
    rank_0 *r = self;
    if (report->error.status != CS_OK) {
        *err = report->error;
        return (cs_status)report->error.status;
    }
    const unsigned char *next = result->data + block->count * sizeof(row_head);
    for (size_t i = 0; i < block->count; i++) {
        row_head head;
        memcpy(&head, result->data + i * sizeof head, sizeof head);
        for (size_t k = 0; k < N_ROWS; k++) {
            CS_TRY(cs_forcing_writer_row(r->writer, row_variable[k], block->first + i, next,
                                         head.size[k], err));
            next += head.size[k];
        }
        add_water(r->water, &head.balance, r->basin->area[block->first + i]);
    }
    return CS_OK;
}

static void show_progress(void *watcher, uint64_t n_done)
{
    cs_progress_update(&((rank_0 *)watcher)->progress, (int64_t)n_done);
}

/* ---- the whole ---- */

/* A power of two, a function of the number of catchments alone. */
static size_t choose_block_size(size_t n)
{
    size_t size = MIN_BLOCK;
    while (size < MAX_BLOCK && size * BLOCKS_WANTED < n) {
        size *= 2;
    }
    return size;
}

cs_status cs_make_rows(cs_make_water *water, cs_comm *comm, cs_forcing_writer *writer,
                       const cs_make_basin *basin, const cs_make_weather *weather, size_t n_items,
                       int deflate, const cs_threads *threads, cs_progress_mode progress,
                       cs_error *err)
{
    kernel k = {0};
    rank_0 r = {.writer = writer, .basin = basin, .water = water};
    *water = (cs_make_water){0};
    cs_status status = open_kernel(&k, weather, deflate, threads->n_threads, err);
    CS_CHECK(cs_comm_agree(comm, status, err));
    cs_progress_open(&r.progress, cs_comm_rank(comm) == 0 ? progress : CS_PROGRESS_NONE, "weather",
                     (int64_t)n_items, "catchments");
    const cs_farm farm = {.comm = comm,
                          .n_items = n_items,
                          .block_size = choose_block_size(n_items),
                          .n_threads = threads->n_threads,
                          .crowded = threads->crowded,
                          .source = {&r, read_sites},
                          .kernel = {&k, make_block},
                          .sink = {&r, write_rows},
                          .watcher = &r,
                          .on_progress = show_progress};
    status = cs_farm_run(NULL, &farm, err);
    cs_progress_close(&r.progress);
release:
    close_kernel(&k);
    return status;
}
