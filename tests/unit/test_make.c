/* SPDX-License-Identifier: MIT */
/* Making input files: the whole job on one rank, its tables, and how gaps are filled. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/memory.h"
#include "config/parse.h"
#include "job/make.h"
#include "job/make_columns.h"
#include "job/make_options.h"
#include "job/make_series.h"
#include "kernels/basin/tree.h"
#include "kernels/network/network.h"
#include "store/forcing.h"

static cs_comm *comm;

static int start(void **state)
{
    (void)state;
    cs_error err = {0};
    static char name[] = "test_make";
    static char *arguments[] = {name, NULL};
    int argc = 1;
    char **argv = arguments;
    cs_log_setup("test_make", 0, CS_LOG_ERROR);
    return cs_comm_start(&comm, &argc, &argv, &err) == CS_OK ? 0 : 1;
}

static int finish(void **state)
{
    (void)state;
    cs_comm_finish(comm);
    return 0;
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static unsigned char *read_whole(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    rewind(file);
    unsigned char *data = malloc(*size + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, *size, file), *size);
    fclose(file);
    return data;
}

static void assert_same_files(const char *a, const char *b)
{
    size_t size_a = 0;
    size_t size_b = 0;
    unsigned char *data_a = read_whole(a, &size_a);
    unsigned char *data_b = read_whole(b, &size_b);
    assert_int_equal(size_a, size_b);
    assert_memory_equal(data_a, data_b, size_a);
    free(data_a);
    free(data_b);
}

static cs_status make(const cs_make_options *options, int n_threads, cs_error *err)
{
    const cs_threads threads = {.n_threads = n_threads};
    return cs_make_run(comm, options, &threads, CS_PROGRESS_NONE, err);
}

/* ---- a made file, read back ---- */

typedef struct {
    size_t n, n_time;
    float *rows[CS_N_VARIABLES]; /* n x n_time */
} content;

static void decode(content *c, cs_forcing *forcing)
{
    const cs_forcing_format *format = cs_forcing_get_format(forcing);
    cs_error err = {0};
    cs_bytes packet = {0};
    cs_codec *codec = NULL;
    cs_packet_row *rows = calloc(CS_N_VARIABLES * c->n, sizeof *rows);
    float *scratch = calloc(c->n_time, sizeof *scratch);
    assert_true(rows != NULL && scratch != NULL);
    assert_int_equal(cs_codec_open(&codec, c->n_time * sizeof(float), &err), CS_OK);
    assert_int_equal(cs_forcing_read(forcing, &packet, 0, c->n, &err), CS_OK);
    cs_reader reader = cs_reader_make(packet.data, packet.size);
    assert_int_equal(cs_packet_index(rows, &reader, c->n, format, &err), CS_OK);
    for (size_t v = 0; v < CS_N_VARIABLES; v++) {
        c->rows[v] = calloc(c->n * c->n_time, sizeof(float));
        assert_non_null(c->rows[v]);
        for (size_t i = 0; i < c->n; i++) {
            assert_int_equal(cs_packet_decode(c->rows[v] + i * c->n_time, &rows[v * c->n + i],
                                              scratch, codec, format, (cs_variable)v, &err),
                             CS_OK);
        }
    }
    cs_codec_close(codec);
    cs_bytes_free(&packet);
    free(rows);
    free(scratch);
}

static content read_back(const char *path)
{
    content c = {0};
    cs_error err = {0};
    cs_forcing *forcing = NULL;
    const cs_selection all = cs_selection_all();
    assert_int_equal(cs_forcing_open(&forcing, path, &all, &err), CS_OK);
    c.n = cs_forcing_get_info(forcing)->n_catchment;
    c.n_time = cs_forcing_get_info(forcing)->n_time;
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        assert_int_equal(cs_forcing_want(forcing, (cs_variable)v, &err), CS_OK);
    }
    decode(&c, forcing);
    cs_forcing_close(forcing);
    return c;
}

static void forget(content *c)
{
    for (size_t v = 0; v < CS_N_VARIABLES; v++) {
        free(c->rows[v]);
    }
}

/* Discharge against the plain sum of the float32 local discharges of everything upstream. */
static void assert_adds_up(const content *c, const int64_t *id, const int64_t *next_down_id)
{
    csk_network network;
    size_t place = 0;
    void *memory = malloc(csk_network_bytes(c->n));
    double *local = calloc(c->n * c->n_time, sizeof *local);
    double *sum = calloc(c->n * c->n_time, sizeof *sum);
    assert_true(memory != NULL && local != NULL && sum != NULL);
    assert_int_equal(csk_network_make(&network, &place, memory, c->n, id, next_down_id), 0);
    for (size_t i = 0; i < c->n * c->n_time; i++) {
        local[i] = (double)c->rows[CS_LOCAL_DISCHARGE][i];
        assert_true(local[i] >= 0.0 && isfinite(local[i]));
        assert_true(c->rows[CS_PRECIPITATION][i] >= 0.0f);
        assert_true(c->rows[CS_TEMPERATURE][i] > -60.0f && c->rows[CS_TEMPERATURE][i] < 50.0f);
    }
    csk_network_accumulate_ref(sum, &network, local, c->n_time);
    for (size_t i = 0; i < c->n * c->n_time; i++) {
        const double discharge = (double)c->rows[CS_DISCHARGE][i];
        assert_true(fabs(discharge - sum[i]) <= 6e-8 * sum[i]); /* half an ulp of float32 */
    }
    free(memory);
    free(local);
    free(sum);
}

static void a_small_basin_is_made(void **state)
{
    (void)state;
    enum { N = 75, N_TIME = 500 }; /* not whole days, not whole batches */
    cs_make_options options;
    cs_error err = {0};
    static int64_t id[N];
    static int64_t next[N];
    static double number[4][N];
    cs_make_options_init(&options);
    options.output = "test_make.h5";
    options.fresh = true;
    options.n_catchment = N;
    options.n_time = N_TIME;
    assert_int_equal(make(&options, 2, &err), CS_OK);
    content c = read_back("test_make.h5");
    assert_int_equal(c.n, N);
    assert_int_equal(c.n_time, N_TIME);
    void *memory = malloc(csk_basin_bytes(N));
    assert_non_null(memory);
    csk_basin_grow(&(csk_basin_tree){id, next, number[0], number[1], number[2], number[3]}, memory,
                   N, options.seed);
    assert_adds_up(&c, id, next);
    free(memory);
    forget(&c);
    cs_make_options_free(&options);
    unlink("test_make.h5");
}

static void the_same_bytes_for_any_number_of_threads(void **state)
{
    (void)state;
    cs_make_options options;
    cs_error err = {0};
    cs_make_options_init(&options);
    options.fresh = true;
    options.n_catchment = 150;
    options.n_time = 744;
    options.output = "test_make_1.h5";
    assert_int_equal(make(&options, 1, &err), CS_OK);
    options.output = "test_make_4.h5";
    assert_int_equal(make(&options, 4, &err), CS_OK);
    assert_same_files("test_make_1.h5", "test_make_4.h5");
    unlink("test_make_1.h5");
    unlink("test_make_4.h5");
    cs_make_options_free(&options);
}

static void an_existing_file_is_not_replaced_unasked(void **state)
{
    (void)state;
    cs_make_options options;
    cs_error err = {0};
    cs_make_options_init(&options);
    options.output = "test_make_exists.h5";
    options.n_catchment = 1;
    options.n_time = 1;
    write_text(options.output, "mine");
    assert_int_equal(make(&options, 1, &err), CS_IO);
    assert_non_null(strstr(err.message, "test_make_exists.h5"));
    size_t size = 0;
    unsigned char *data = read_whole(options.output, &size);
    assert_true(size == 4 && memcmp(data, "mine", 4) == 0);
    free(data);
    options.fresh = true;
    assert_int_equal(make(&options, 1, &err), CS_OK);
    unlink(options.output);
}

/* ---- given networks ---- */

static const char network_text[] = "id,next_down_id,area_km2,strahler,lon,lat,mean_elev_m\n"
                                   "11,13,10,1,8.0,47.0,900\n"
                                   "12,13,20,1,8.1,47.1,800\n"
                                   "13,0,5,2,8.2,47.2,400\n";

/* Two days of an hourly station: a wave and some rain, one gap. */
static void write_station(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("time,temperature,precipitation\n", file);
    for (int h = 1; h <= 48; h++) {
        fprintf(file, "2021-03-%02d %02d:00:00,", 1 + h / 24, h % 24);
        if (h == 10) {
            fputs(",\n", file);
        } else {
            fprintf(file, "%d,%s\n", h % 24, h % 7 == 0 ? "1.5" : "0");
        }
    }
    assert_int_equal(fclose(file), 0);
}

static void given(cs_make_options *options, const char *network)
{
    cs_error err = {0};
    cs_make_options_init(options);
    options->output = "test_make_given.h5";
    options->network = network;
    options->n_time = 48;
    assert_int_equal(cs_parse_time(&options->start_day, "2021-03-01", "start", &err), CS_OK);
    options->start_day /= 86400;
    assert_int_equal(cs_alloc(&options->station, 1, sizeof *options->station, "s", &err), CS_OK);
    options->n_station = 1;
    assert_int_equal(
        cs_make_station_parse(options->station, "test_make_station.csv:here:8.0:47.0:500", &err),
        CS_OK);
}

static void a_given_network_is_made(void **state)
{
    (void)state;
    cs_make_options options;
    cs_error err = {0};
    write_text("test_make_network.csv", network_text);
    write_station("test_make_station.csv");
    given(&options, "test_make_network.csv");
    options.fresh = true;
    assert_int_equal(make(&options, 2, &err), CS_OK);
    content c = read_back(options.output);
    assert_int_equal(c.n, 3);
    assert_int_equal(c.n_time, 48);
    assert_adds_up(&c, (int64_t[]){11, 12, 13}, (int64_t[]){13, 13, 0});
    /* 400 m above the only station: 1 h after 2 degC there, and by the default lapse rate */
    assert_true(fabs((double)c.rows[CS_TEMPERATURE][1] - (2.0 - 0.0065 * 400.0)) < 1e-5);
    forget(&c);
    cs_make_options_free(&options);
    unlink("test_make_given.h5");
    unlink("test_make_network.csv");
    unlink("test_make_station.csv");
}

static void refuse_network(const char *text, const char *message)
{
    cs_make_options options;
    cs_error err = {0};
    write_text("test_make_network.csv", text);
    given(&options, "test_make_network.csv");
    assert_int_equal(make(&options, 1, &err), CS_DATA);
    if (strstr(err.message, message) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, message);
    }
    assert_int_not_equal(access("test_make_given.h5", F_OK), 0);
    assert_int_not_equal(access("test_make_given.h5.part", F_OK), 0);
    cs_make_options_free(&options);
    unlink("test_make_network.csv");
}

static void bad_networks_are_refused(void **state)
{
    (void)state;
#define HEADER "id,next_down_id,area_km2,lon,lat,mean_elev_m\n"
    write_station("test_make_station.csv");
    refuse_network(HEADER, "0 catchments");
    refuse_network(HEADER "1,0,-5,8,47,300\n", ":2: column area_km2: \"-5\"");
    refuse_network(HEADER "1,0,,8,47,300\n", ":2: column area_km2: \"\"");
    refuse_network(HEADER "1,0,5,8,47,x\n", ":2: column mean_elev_m: \"x\" is not a number");
    refuse_network(HEADER "1,0,5,8,47,300\n1,0,5,8,47,300\n", "row 2: catchment 1");
    refuse_network(HEADER "1,7,5,8,47,300\n", "row 1: catchment 1 (next_down_id 7)");
    refuse_network(HEADER "1,2,5,8,47,300\n2,1,5,8,47,300\n", "drains into itself");
    refuse_network(HEADER "A,0,5,8,47,300\n", ":2: column id: \"A\"");
    refuse_network("id,next,area_km2,lon,lat,mean_elev_m\n1,0,5,8,47,300\n", "next_down_id");
    unlink("test_make_station.csv");
}

static void refuse_station(const char *text, const char *message)
{
    cs_make_options options;
    cs_error err = {0};
    write_text("test_make_network.csv", network_text);
    write_text("test_make_station.csv", text);
    given(&options, "test_make_network.csv");
    assert_int_equal(make(&options, 1, &err), CS_DATA);
    if (strstr(err.message, message) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, message);
    }
    cs_make_options_free(&options);
    unlink("test_make_network.csv");
    unlink("test_make_station.csv");
}

static void bad_stations_are_refused(void **state)
{
    (void)state;
#define STATION "time,temperature,precipitation\n"
    refuse_station(STATION, "no row");
    refuse_station(STATION "2021-03-01 01:00,283.15,0\n", ":2: column temperature");
    refuse_station(STATION "2021-03-01 01:00,8,0\n2021-03-01 01:00,8,0\n", ":3: column time");
    refuse_station(STATION "2021-03-01 01:30,8,0\n", ":2: column time: not a full hour");
    refuse_station(STATION "2021-03-01 01:00,8,wet\n", ":2: column precipitation");
    refuse_station(STATION "2019-03-01 01:00,8,0\n", "no station has any temperature");
    refuse_station(STATION "2021-03-01 01:00,,0\n", "no station has any temperature");
    refuse_station(STATION "2021-03-01 01:00,8,\n", "no station has any precipitation");
    refuse_station(STATION "2021-03-01 01:00,8,0\n", "no temperature at 01:00");
}

/* ---- gaps ---- */

enum { N_DAYS = 20, N_HOURS = 24 * N_DAYS };

typedef struct {
    cs_make_series series[2];
    cs_make_gaps gaps[2];
    cs_make_weather weather;
    cs_make_options options;
} filling;

/* An hourly station at 500 m and a daily one at 1500 m, 7 K colder, with twice the rain. */
static void prepare(filling *f)
{
    cs_error err = {0};
    memset(f, 0, sizeof *f);
    cs_make_options_init(&f->options);
    f->options.n_time = N_HOURS;
    for (int s = 0; s < 2; s++) {
        assert_int_equal(cs_make_series_allocate(&f->series[s], N_HOURS, &err), CS_OK);
        f->series[s].name = s == 0 ? "low" : "high";
        f->series[s].place = (csk_basin_place){8.0, 47.0, 500.0 + 1000.0 * s};
    }
    f->series[1].daily = true;
    assert_int_equal(cs_make_weather_allocate(&f->weather, 2, N_HOURS, &err), CS_OK);
    for (int t = 0; t < N_HOURS; t++) {
        f->series[0].temperature[t] = 10.0 + 0.1 * (t / 24) + 0.5 * (t % 24 - 11.5);
        f->series[0].precipitation[t] = t % 24 == 5 || t % 24 == 6 ? 1.0 : 0.0;
    }
    for (int d = 0; d < N_DAYS; d++) {
        f->series[1].day_mean[d] = 3.0 + 0.1 * d;
        f->series[1].day_sum[d] = 4.0;
    }
}

static void complete(filling *f)
{
    cs_error err = {0};
    assert_int_equal(cs_make_series_complete(&f->weather, f->gaps, f->series, 2, &f->options, &err),
                     CS_OK);
    for (size_t i = 0; i < 2 * N_HOURS; i++) {
        assert_true(isfinite(f->weather.temperature[i]));
        assert_true(f->weather.precipitation[i] >= 0.0);
    }
}

static void release(filling *f)
{
    cs_make_series_free(&f->series[0]);
    cs_make_series_free(&f->series[1]);
    cs_make_weather_free(&f->weather);
    cs_make_options_free(&f->options);
}

static void assert_near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-9)) {
        fail_msg("%.17g is not %.17g", a, b);
    }
}

static void daily_stations_keep_their_days_and_take_the_shape(void **state)
{
    (void)state;
    filling f;
    prepare(&f);
    complete(&f);
    const double *t = f.weather.temperature + N_HOURS;
    const double *p = f.weather.precipitation + N_HOURS;
    for (int d = 0; d < N_DAYS; d++) {
        double mean = 0.0;
        double sum = 0.0;
        for (int h = 0; h < 24; h++) {
            mean += t[24 * d + h] / 24.0;
            sum += p[24 * d + h];
            assert_near(t[24 * d + h], f.series[1].day_mean[d] + 0.5 * (h - 11.5));
        }
        assert_near(mean, f.series[1].day_mean[d]);
        assert_near(sum, 4.0);
        /* the hourly station had 2 of 4 mm: half by its shape, half as showers of six hours */
        assert_near(p[24 * d + 5], 1.0);
        assert_near(p[24 * d + 14], 2.0 / 6.0);
        assert_near(p[24 * d + 20], 0.0);
        assert_near(f.weather.lapse[d], -0.007);
    }
    release(&f);
}

static void given_gradients_are_kept(void **state)
{
    (void)state;
    filling f;
    prepare(&f);
    f.options.lapse = -0.005;
    f.options.orographic = 2e-4;
    complete(&f);
    assert_near(f.weather.lapse[7], -0.005);
    assert_near(f.weather.orographic, 2e-4);
    release(&f);
}

/* 4 mm a day at 1500 m and 2 mm at 500 m: a = 1 mm a day at the sea, g = 2e-3, bounded to 1e-3. */
static void orographic_gradient_is_estimated_and_bounded(void **state)
{
    (void)state;
    filling f;
    prepare(&f);
    f.options.orographic = NAN;
    complete(&f);
    assert_near(f.weather.orographic, 1e-3);
    release(&f);
    prepare(&f);
    f.options.orographic = NAN;
    for (int d = 0; d < N_DAYS; d++) {
        f.series[1].day_sum[d] = 2.5; /* a = 1.75, slope 5e-4 */
    }
    complete(&f);
    assert_near(f.weather.orographic, 5e-4 / 1.75);
    release(&f);
}

static void short_gaps_are_bridged_and_long_ones_filled(void **state)
{
    (void)state;
    filling f;
    prepare(&f);
    double *t = f.series[0].temperature;
    const double before = t[99];
    const double after = t[106];
    const double long_ago = t[203];
    for (int h = 100; h < 106; h++) { /* 6 h: a straight line */
        t[h] = NAN;
    }
    for (int h = 200; h < 207; h++) { /* 7 h: from the other station, whose day takes its shape */
        t[h] = NAN;
    }
    for (int h = 300; h < 303; h++) {
        f.series[0].precipitation[h] = NAN;
    }
    complete(&f);
    assert_int_equal(f.gaps[0].interpolated, 6);
    assert_int_equal(f.gaps[0].temperature_others, 7);
    assert_int_equal(f.gaps[0].precipitation_others, 3);
    assert_int_equal(f.gaps[0].temperature_usual + f.gaps[0].precipitation_none, 0);
    assert_near(f.weather.temperature[102], before + (after - before) * 3.0 / 7.0);
    assert_true(fabs(f.weather.temperature[203] - long_ago) < 5.0);
    release(&f);
}

/* The daily station ends after 12 of 20 days: what follows comes from the hourly one. */
static void a_station_that_ends_is_continued(void **state)
{
    (void)state;
    filling f;
    prepare(&f);
    for (int d = 12; d < N_DAYS; d++) {
        f.series[1].day_mean[d] = NAN;
        f.series[1].day_sum[d] = NAN;
    }
    complete(&f);
    assert_int_equal(f.gaps[1].temperature_others, 8 * 24);
    assert_int_equal(f.gaps[1].precipitation_others, 8 * 24);
    for (int h = 12 * 24; h < N_HOURS; h++) {
        assert_near(f.weather.temperature[N_HOURS + h], f.weather.temperature[h] - 7.0);
        assert_near(f.weather.precipitation[N_HOURS + h], 2.0 * f.weather.precipitation[h]);
    }
    release(&f);
}

/* A year from January on, the daily station at 7 K/km in all months but with 5 K/km in February;
 * in December it has ended. */
static void december_takes_the_lapse_rate_of_february(void **state)
{
    (void)state;
    enum { YEAR = 8760 };
    cs_make_series series[2] = {0};
    cs_make_gaps gaps[2];
    cs_make_weather weather = {0};
    cs_make_options options;
    cs_error err = {0};
    cs_make_options_init(&options);
    for (int s = 0; s < 2; s++) {
        assert_int_equal(cs_make_series_allocate(&series[s], YEAR, &err), CS_OK);
        series[s].place = (csk_basin_place){8.0, 47.0, 500.0 + 1000.0 * s};
    }
    series[1].daily = true;
    assert_int_equal(cs_make_weather_allocate(&weather, 2, YEAR, &err), CS_OK);
    for (int t = 0; t < YEAR; t++) {
        series[0].temperature[t] = 10.0;
        series[0].precipitation[t] = 0.1;
    }
    for (int d = 0; d < 334; d++) { /* to the end of November */
        series[1].day_mean[d] = d >= 31 && d < 59 ? 5.0 : 3.0;
        series[1].day_sum[d] = 2.4;
    }
    assert_int_equal(cs_make_series_complete(&weather, gaps, series, 2, &options, &err), CS_OK);
    assert_near(weather.lapse[0], -0.007);
    assert_near(weather.lapse[31], -0.005);
    assert_near(weather.lapse[333], -0.007);
    assert_near(weather.lapse[334], -0.005);
    assert_near(weather.lapse[364], -0.005);
    cs_make_series_free(&series[0]);
    cs_make_series_free(&series[1]);
    cs_make_weather_free(&weather);
}

static void a_station_alone_falls_back_on_what_is_usual(void **state)
{
    (void)state;
    filling f;
    prepare(&f);
    cs_error err = {0};
    for (int h = 100; h < 120; h++) {
        f.series[0].temperature[h] = NAN;
        f.series[0].precipitation[h] = NAN;
    }
    assert_int_equal(cs_make_series_complete(&f.weather, f.gaps, f.series, 1, &f.options, &err),
                     CS_OK);
    assert_int_equal(f.gaps[0].temperature_usual, 20);
    assert_int_equal(f.gaps[0].precipitation_none, 20);
    assert_true(fabs(f.weather.temperature[110] - (10.0 + 0.5 * (110 % 24 - 11.5))) < 1.5);
    assert_true(f.weather.precipitation[110] == 0.0);
    release(&f);
}

/* ---- options ---- */

static void columns_are_parsed(void **state)
{
    (void)state;
    cs_make_column column[CS_MAKE_N_STATION_COLUMNS];
    cs_error err = {0};
    cs_make_station_columns_init(column);
    assert_int_equal(
        cs_make_station_columns_parse(
            column, "time='Date, and: time',temperature=temp:K,precipitation=p:mm/d", &err),
        CS_OK);
    assert_string_equal(column[CS_MAKE_TIME].name, "Date, and: time");
    assert_string_equal(column[CS_MAKE_TEMPERATURE].name, "temp");
    const cs_make_conversion k =
        cs_make_station_conversion(CS_MAKE_TEMPERATURE, &column[CS_MAKE_TEMPERATURE]);
    assert_near(k.factor * 273.15 + k.summand, 0.0);
    assert_true(
        cs_make_station_conversion(CS_MAKE_PRECIPITATION, &column[CS_MAKE_PRECIPITATION]).per_day);
    static const char *const refused[] = {"wind=w",      "temperature=t:F", "temperature",
                                          "time='open",  "temperature=",    "=x",
                                          "time='a'b:c", "temperature=:K"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_int_equal(cs_make_station_columns_parse(column, refused[i], &err), CS_USAGE);
    }
}

static void stations_are_parsed(void **state)
{
    (void)state;
    static cs_make_station s;
    cs_error err = {0};
    assert_int_equal(cs_make_station_parse(&s, "a:b/c.csv.gz:name:-8.5:47.25:2659", &err), CS_OK);
    assert_string_equal(s.path, "a:b/c.csv.gz");
    assert_string_equal(s.name, "name");
    assert_near(s.place.lon, -8.5);
    assert_near(s.place.lat, 47.25);
    assert_near(s.place.elevation, 2659.0);
    static const char *const refused[] = {"",      "a:b:1:2",  "a:b:1:2:x",    "a:b:1:95:3",
                                          ":::::", ":b:1:2:3", "a:b:1:2:30000"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_int_equal(cs_make_station_parse(&s, refused[i], &err), CS_USAGE);
    }
}

/* Every allocation that fails ends the job with CS_MEMORY and leaves nothing unfinished. */
static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    for (long nth = 1; nth < 2000; nth++) {
        cs_make_options options;
        cs_error err = {0};
        cs_make_options_init(&options);
        options.output = "test_make_memory.h5";
        options.fresh = true;
        options.n_catchment = 3;
        options.n_time = 5;
        cs_memory_fail_nth(nth);
        const cs_status status = make(&options, 1, &err);
        cs_memory_fail_nth(0);
        if (status == CS_OK) {
            assert_true(nth > 40);
            unlink(options.output);
            return;
        }
        assert_int_equal(status, CS_MEMORY);
        /* under its own name it may be there: whole, and only the last thing failed */
        assert_int_not_equal(access("test_make_memory.h5.part", F_OK), 0);
        unlink(options.output);
    }
    fail_msg("more than 2000 allocations for three catchments");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_basin_is_made),
        cmocka_unit_test(the_same_bytes_for_any_number_of_threads),
        cmocka_unit_test(an_existing_file_is_not_replaced_unasked),
        cmocka_unit_test(a_given_network_is_made),
        cmocka_unit_test(bad_networks_are_refused),
        cmocka_unit_test(bad_stations_are_refused),
        cmocka_unit_test(daily_stations_keep_their_days_and_take_the_shape),
        cmocka_unit_test(given_gradients_are_kept),
        cmocka_unit_test(orographic_gradient_is_estimated_and_bounded),
        cmocka_unit_test(short_gaps_are_bridged_and_long_ones_filled),
        cmocka_unit_test(a_station_that_ends_is_continued),
        cmocka_unit_test(december_takes_the_lapse_rate_of_february),
        cmocka_unit_test(a_station_alone_falls_back_on_what_is_usual),
        cmocka_unit_test(columns_are_parsed),
        cmocka_unit_test(stations_are_parsed),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
