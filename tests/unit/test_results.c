/* SPDX-License-Identifier: MIT */
/* Result and step files: what is put in is what HDF5 reads, and a failure leaves nothing. */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <hdf5.h>

#include "base/log.h"
#include "scene.h"
#include "store/earlier.h"
#include "store/results.h"

#define RESULTS "out.h5"
#define STEPS   "steps.h5"

static cs_forcing *forcing;
static size_t n_catchment, n_time;

static int open_input(size_t n, size_t steps)
{
    n_catchment = n;
    n_time = steps;
    scene_write_input("input.h5", &(scene_input){n, steps, 1.0, NULL, 1});
    forcing = scene_open("input.h5");
    return 0;
}

static void close_input(void)
{
    cs_forcing_close(forcing);
    forcing = NULL;
    assert_int_equal(unlink("input.h5"), 0);
}

static cs_results_spec spec_of(size_t element, size_t n_variables, int level)
{
    return (cs_results_spec){.path = RESULTS,
                             .steps_path = STEPS,
                             .substance = "diuron",
                             .model = "biocide",
                             .history = "made by a test",
                             .configuration = "<catchsim/>",
                             .format = {.n_time = n_time,
                                        .block_size = cs_results_block_size(n_catchment),
                                        .step_rows = cs_results_step_rows(n_time),
                                        .element_size = element,
                                        .n_variables = n_variables,
                                        .with_steps = 1,
                                        .level = (uint64_t)level,
                                        .n_states = 2,
                                        .state_name = {"S", "M_avail"},
                                        .state_units = {"degC d", "g"}}};
}

/* Exact in float, unlike its neighbours. */
static double value_of(size_t v, size_t i, size_t t)
{
    return 0.25 * (double)(t % 4096) + 1024.0 * (double)(i + 1) + 4096.0 * 64.0 * (double)v;
}

static void append_chunk(cs_bytes *packet, cs_codec *codec, const double *values, size_t n,
                         const cs_result_format *format)
{
    const size_t size = n * (size_t)format->element_size;
    cs_error err = {0};
    void *stored = calloc(n, (size_t)format->element_size);
    void *encoded = malloc(cs_codec_bound(size));
    assert_true(stored != NULL && encoded != NULL);
    for (size_t k = 0; k < n; k++) {
        if (format->element_size == sizeof(double)) {
            ((double *)stored)[k] = values[k];
        } else {
            ((float *)stored)[k] = (float)values[k];
        }
    }
    size_t encoded_size = 0;
    cs_codec_encode(codec, encoded, &encoded_size, stored, size,
                    cs_filters_make((size_t)format->element_size, (int)format->level));
    assert_int_equal(cs_result_append(packet, encoded, encoded_size, &err), CS_OK);
    free(stored);
    free(encoded);
}

static void append_rows(cs_bytes *packet, cs_codec *codec, size_t v, size_t first, size_t count,
                        const cs_result_format *format)
{
    double *values = malloc(n_time * sizeof *values);
    assert_non_null(values);
    for (size_t i = first; i < first + count; i++) {
        for (size_t t = 0; t < n_time; t++) {
            values[t] = value_of(v, i, t);
        }
        append_chunk(packet, codec, values, n_time, format);
    }
    free(values);
}

static void append_steps(cs_bytes *packet, cs_codec *codec, size_t v, size_t first, size_t count,
                         const cs_result_format *format)
{
    const size_t rows = (size_t)format->step_rows, width = (size_t)format->block_size;
    double *values = malloc(rows * width * sizeof *values);
    assert_non_null(values);
    for (size_t k = 0; k < cs_result_step_chunks(format); k++) {
        for (size_t j = 0; j < rows * width; j++) {
            const size_t t = k * rows + j / width, i = j % width;
            values[j] = t < n_time && i < count ? value_of(v, first + i, t) : (double)NAN;
        }
        append_chunk(packet, codec, values, rows * width, format);
    }
    free(values);
}

/* The packet of a block; every third catchment has something to say. */
static void make_packet(cs_bytes *packet, cs_codec *codec, size_t first, size_t count,
                        const cs_result_format *format)
{
    cs_error err = {0};
    packet->size = 0;
    for (size_t i = first; i < first + count; i++) {
        const cs_run_record record = {.status = CS_RUN_OK,
                                      .attempts = 1,
                                      .exit = (int32_t)i,
                                      .seconds = 0.5 * (double)i,
                                      .n_message = i % 3 == 0 ? 5 : 0};
        assert_int_equal(cs_bytes_append(packet, &record, sizeof record, &err), CS_OK);
    }
    for (size_t i = first; i < first + count; i++) {
        const double states[2] = {(double)i, 100.0 + (double)i};
        assert_int_equal(cs_bytes_append(packet, states, sizeof states, &err), CS_OK);
    }
    for (size_t i = first; i < first + count; i++) {
        assert_int_equal(cs_bytes_append(packet, "Hello", i % 3 == 0 ? 5 : 0, &err), CS_OK);
    }
    for (size_t v = 0; v < format->n_variables; v++) {
        append_rows(packet, codec, v, first, count, format);
        if (format->with_steps) {
            append_steps(packet, codec, v, first, count, format);
        }
    }
}

static void put_all(cs_results *results, const cs_result_format *format)
{
    const size_t block = (size_t)format->block_size;
    size_t cells = (size_t)(format->step_rows * format->block_size);
    cells = cells > n_time ? cells : n_time;
    cs_error err = {0};
    cs_codec *codec = NULL;
    cs_bytes packet = {0};
    assert_int_equal(cs_codec_open(&codec, cells * (size_t)format->element_size, &err), CS_OK);
    for (size_t first = 0; first < n_catchment; first += block) {
        const size_t count = n_catchment - first < block ? n_catchment - first : block;
        make_packet(&packet, codec, first, count, format);
        assert_int_equal(cs_results_put(results, &packet, first, count, (int)(first / block) + 1,
                                        first == 0 ? "one" : "two", &err),
                         CS_OK);
    }
    cs_bytes_free(&packet);
    cs_codec_close(codec);
}

static const char *const VARIABLES[] = {"load", "concentration", "discharge", "local_discharge"};

static void assert_holds(const cs_result_format *format)
{
    for (size_t v = 0; v < format->n_variables; v++) {
        double *rows = scene_read(RESULTS, VARIABLES[v], n_catchment * n_time);
        double *steps = scene_read(STEPS, VARIABLES[v], n_catchment * n_time);
        for (size_t i = 0; i < n_catchment; i++) {
            for (size_t t = 0; t < n_time; t++) {
                assert_true(rows[i * n_time + t] == value_of(v, i, t));
                assert_true(steps[t * n_catchment + i] == value_of(v, i, t));
            }
        }
        free(rows);
        free(steps);
    }
    double *status = scene_read(RESULTS, "run_status", n_catchment);
    double *state = scene_read(RESULTS, "state_M_avail", n_catchment);
    double *ended = scene_read(RESULTS, "run/exit", n_catchment);
    double *rank = scene_read(RESULTS, "run/rank", n_catchment);
    for (size_t i = 0; i < n_catchment; i++) {
        assert_true(status[i] == CS_RUN_OK && state[i] == 100.0 + (double)i);
        assert_true(ended[i] == (double)i);
        assert_true(rank[i] == (double)(i / format->block_size + 1));
    }
    free(status);
    free(state);
    free(ended);
    free(rank);
}

/* A text of a dataset of variable-length texts; the caller frees. */
static char *read_text(const char *dataset, size_t place, size_t n)
{
    const hid_t file = H5Fopen(RESULTS, H5F_ACC_RDONLY, H5P_DEFAULT);
    const hid_t opened = H5Dopen2(file, dataset, H5P_DEFAULT);
    assert_true(opened >= 0);
    const hid_t type = H5Dget_type(opened), space = H5Dget_space(opened);
    assert_true(H5Tis_variable_str(type) > 0);
    char **texts = calloc(n, sizeof *texts);
    assert_non_null(texts);
    assert_true(H5Dread(opened, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts) >= 0);
    char *text = strdup(texts[place]);
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts);
    free(texts);
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(opened);
    H5Fclose(file);
    return text;
}

static void assert_text(const char *dataset, size_t place, size_t n, const char *expected)
{
    char *text = read_text(dataset, place, n);
    assert_string_equal(text, expected);
    free(text);
}

static void assert_attribute(const char *path, const char *object, const char *name,
                             const char *expected)
{
    char *text = scene_attribute(path, object, name);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void remove_outputs(void)
{
    assert_int_equal(unlink(RESULTS), 0);
    assert_int_equal(unlink(STEPS), 0);
}

static void round_trip(size_t n, size_t steps, size_t element, size_t n_variables, int level)
{
    open_input(n, steps);
    const cs_results_spec spec = spec_of(element, n_variables, level);
    cs_results *results = NULL;
    cs_error err = {0};
    assert_int_equal(cs_results_create(&results, &spec, forcing, &err), CS_OK);
    put_all(results, &spec.format);
    assert_true(access(RESULTS, F_OK) != 0 && access(STEPS, F_OK) != 0);
    assert_int_equal(cs_results_finish(results, "{\"a\": 1}", &err), CS_OK);
    cs_results_close(results);
    assert_holds(&spec.format);
    close_input();
}

static void what_is_put_is_read_by_hdf5(void **state)
{
    (void)state;
    /* time steps not a multiple of 384, catchments not of the block; one of each; exact fits */
    static const struct {
        size_t n, steps, element, n_variables;
        int level;
    } cases[] = {{37, 1000, 4, 2, 1}, {37, 1000, 8, 4, 6}, {16, 384, 4, 4, 0}, {1, 1, 4, 2, 1},
                 {17, 385, 8, 2, 12}, {1, 800, 4, 2, 1},   {40, 1, 8, 4, 9}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        round_trip(cases[k].n, cases[k].steps, cases[k].element, cases[k].n_variables,
                   cases[k].level);
        assert_int_equal(scene_count_files(), 2);
        remove_outputs();
    }
}

static void files_say_what_they_are(void **state)
{
    (void)state;
    round_trip(20, 50, 4, 2, 1);
    for (int k = 0; k < 2; k++) {
        const char *path = k == 0 ? RESULTS : STEPS;
        assert_attribute(path, "/", "Conventions", "CF-1.8");
        assert_attribute(path, "/", "featureType", "timeSeries");
        assert_attribute(path, "/", "substance", "diuron");
        assert_attribute(path, "/", "model", "biocide");
        assert_attribute(path, "/", "source", "a test");
        assert_attribute(path, "/", "licence", "CC0");
        assert_attribute(path, "/", "attribution", "nobody");
        assert_attribute(path, "load", "units", "g");
        assert_attribute(path, "load", "cell_methods", "time: sum");
        assert_attribute(path, "concentration", "units", "ng L-1");
        char *history = scene_attribute(path, "/", "history");
        assert_non_null(strstr(history, "made by a test"));
        free(history);
    }
    assert_attribute(RESULTS, "run_status", "flag_meanings",
                     "pending ok failed timeout invalid_input");
    assert_attribute(RESULTS, "state_S", "units", "degC d");
    assert_text("run/message", 3, 20, "Hello");
    assert_text("run/message", 4, 20, "");
    assert_text("run/host", 0, 20, "one");
    assert_text("run/host", 19, 20, "two");
    assert_text("run/configuration", 0, 1, "<catchsim/>");
    assert_text("run/report", 0, 1, "{\"a\": 1}");
    remove_outputs();
}

static void a_failed_block_is_all_missing(void **state)
{
    (void)state;
    open_input(20, 50);
    const cs_results_spec spec = spec_of(4, 2, 1);
    cs_results *results = NULL;
    cs_error err = {0};
    assert_int_equal(cs_results_create(&results, &spec, forcing, &err), CS_OK);
    assert_int_equal(cs_results_put_failure(results, 0, 16, 3, "far away", "it broke", &err),
                     CS_OK);
    const cs_run_record *records = cs_results_records(results);
    assert_true(records[0].status == CS_RUN_FAILED && records[15].status == CS_RUN_FAILED);
    assert_true(records[16].status == CS_RUN_PENDING && records[0].rank == 3);
    assert_string_equal(cs_results_message(results, 15), "it broke");
    assert_null(cs_results_message(results, 16));
    assert_int_equal(cs_results_finish(results, "{}", &err), CS_OK);
    cs_results_close(results);
    double *rows = scene_read(RESULTS, "load", (size_t)20 * 50);
    double *steps = scene_read(STEPS, "concentration", (size_t)20 * 50);
    double *status = scene_read(RESULTS, "run_status", 20);
    double *state_s = scene_read(RESULTS, "state_S", 20);
    for (size_t i = 0; i < 1000; i++) {
        assert_true(isnan(rows[i]) && isnan(steps[i]));
    }
    assert_true(status[15] == CS_RUN_FAILED && status[16] == CS_RUN_PENDING && isnan(state_s[0]));
    free(rows);
    free(steps);
    free(status);
    free(state_s);
    assert_text("run/message", 0, 20, "it broke");
    assert_text("run/host", 0, 20, "far away");
    remove_outputs();
    close_input();
}

static void names_of_catchments_are_carried_over(void **state)
{
    (void)state;
    open_input(2, 3);
    cs_forcing_close(forcing);
    const hsize_t shape = 2;
    const char *const names[] = {"Basel", "K\xc3\xb6ln"};
    const hid_t file = scene_edit("input.h5"), space = H5Screate_simple(1, &shape, NULL);
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    assert_true(H5Ldelete(file, "catchment", H5P_DEFAULT) >= 0);
    const hid_t dataset =
        H5Dcreate2(file, "catchment", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, names) >= 0);
    H5Dclose(dataset);
    H5Tclose(type);
    H5Sclose(space);
    H5Fclose(file);
    forcing = scene_open("input.h5");
    const cs_results_spec spec = spec_of(4, 2, 1);
    cs_results *results = NULL;
    cs_error err = {0};
    assert_int_equal(cs_results_create(&results, &spec, forcing, &err), CS_OK);
    assert_int_equal(cs_results_finish(results, "", &err), CS_OK);
    cs_results_close(results);
    assert_text("catchment_name", 1, 2, "K\xc3\xb6ln");
    double *id = scene_read(RESULTS, "catchment", 2);
    assert_true(id[0] == 1 && id[1] == 2);
    free(id);
    remove_outputs();
    close_input();
}

/* ---- the chunks are a function of the sizes alone ---- */

static void blocks_have_their_size(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{1, 1},       {15, 15},     {16, 16},      {17, 16},
                                      {4096, 16},   {4097, 32},   {8192, 32},    {8193, 64},
                                      {18005, 128}, {65536, 256}, {1000000, 256}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(cs_results_block_size(sizes[i][0]), sizes[i][1]);
    }
    assert_int_equal(cs_results_step_rows(1), 1);
    assert_int_equal(cs_results_step_rows(384), 384);
    assert_int_equal(cs_results_step_rows(8760), 384);
}

/* ---- failures ---- */

static void an_unfinished_result_leaves_nothing(void **state)
{
    (void)state;
    open_input(20, 50);
    const cs_results_spec spec = spec_of(4, 2, 1);
    cs_results *results = NULL;
    cs_error err = {0};
    assert_int_equal(cs_results_create(&results, &spec, forcing, &err), CS_OK);
    put_all(results, &spec.format);
    cs_results_close(results);
    cs_results_close(NULL);
    assert_int_equal(scene_count_files(), 1);
    close_input();
}

static void write_old(const char *path)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs("old", file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void existing_files_are_refused_or_replaced(void **state)
{
    (void)state;
    open_input(3, 5);
    cs_results_spec spec = spec_of(4, 2, 1);
    for (int k = 0; k < 2; k++) {
        const char *path = k == 0 ? RESULTS : STEPS;
        cs_results *results = NULL;
        cs_error err = {0};
        write_old(path);
        assert_int_equal(cs_results_create(&results, &spec, forcing, &err), CS_IO);
        assert_non_null(strstr(err.message, path));
        assert_int_equal(scene_count_files(), 2); /* input, old: nothing new */
        spec.replace = true;
        assert_int_equal(cs_results_create(&results, &spec, forcing, &err), CS_OK);
        cs_results_close(results);
        assert_int_equal(scene_count_files(), 2); /* given up: the old one is still there */
        spec.replace = false;
        assert_int_equal(unlink(path), 0);
    }
    close_input();
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    (void)state;
    open_input(3, 5);
    cs_results_spec spec = spec_of(4, 2, 1);
    spec.steps_path = "nowhere/steps.h5";
    cs_results *results = NULL;
    cs_error err = {0};
    assert_int_equal(cs_results_create(&results, &spec, forcing, &err), CS_IO);
    assert_non_null(strstr(err.message, "nowhere/steps.h5"));
    assert_int_equal(scene_count_files(), 1);
    close_input();
}

static void a_packet_that_ends_early_is_refused(void **state)
{
    (void)state;
    open_input(2, 6);
    const cs_results_spec spec = spec_of(4, 2, 0);
    cs_error err = {0};
    cs_codec *codec = NULL;
    cs_bytes packet = {0};
    assert_int_equal(cs_codec_open(&codec, 1000, &err), CS_OK);
    make_packet(&packet, codec, 0, 2, &spec.format);
    const size_t whole = packet.size;
    for (size_t size = 0; size < whole; size += 7) {
        cs_results *results = NULL;
        assert_int_equal(cs_results_create(&results, &spec, forcing, &err), CS_OK);
        packet.size = size;
        assert_int_equal(cs_results_put(results, &packet, 0, 2, 0, "here", &err), CS_INTERNAL);
        cs_results_close(results);
    }
    cs_bytes_free(&packet);
    cs_codec_close(codec);
    assert_int_equal(scene_count_files(), 1);
    close_input();
}

static cs_status create_put_finish(const cs_results_spec *spec, const cs_bytes *packet,
                                   cs_error *err)
{
    cs_results *results = NULL;
    cs_status status = CS_OK;
    CS_CHECK(cs_results_create(&results, spec, forcing, err));
    CS_CHECK(cs_results_put(results, packet, 0, 16, 0, "here", err));
    CS_CHECK(cs_results_put_failure(results, 16, 4, 1, "there", "broken", err));
    CS_CHECK(cs_results_finish(results, "{}", err));
release:
    cs_results_close(results);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    open_input(20, 50);
    const cs_results_spec spec = spec_of(4, 2, 1);
    cs_codec *codec = NULL;
    cs_bytes packet = {0};
    cs_error err = {0};
    assert_int_equal(cs_codec_open(&codec, 100000, &err), CS_OK);
    make_packet(&packet, codec, 0, 16, &spec.format);
    cs_status status = CS_MEMORY;
    long nth = 0;
    while (status != CS_OK) {
        cs_memory_fail_nth(++nth);
        status = create_put_finish(&spec, &packet, &err);
        cs_memory_fail_nth(0);
        assert_true(status == CS_OK || status == CS_MEMORY);
        assert_int_equal(scene_count_files(), status == CS_OK ? 3 : 1);
    }
    assert_true(nth > 30);
    remove_outputs();
    cs_bytes_free(&packet);
    cs_codec_close(codec);
    close_input();
}

static cs_status read_back(cs_error *err)
{
    cs_earlier *earlier = NULL;
    char *identity = NULL;
    double *numbers = NULL;
    cs_status status = CS_OK;
    CS_CHECK(cs_results_read_identity(&identity, RESULTS, err));
    CS_CHECK(cs_earlier_open(&earlier, RESULTS, err));
    CS_CHECK(cs_earlier_numbers(&numbers, earlier, "state_M_avail", err));
    assert_non_null(identity);
    assert_true(numbers[1] == 101.0);
release:
    free(identity);
    free(numbers);
    cs_earlier_close(earlier);
    return status;
}

static void every_allocation_of_reading_back_may_fail(void **state)
{
    (void)state;
    open_input(20, 50);
    cs_results_spec spec = spec_of(4, 2, 1);
    spec.identity = "version=1\n";
    cs_results *results = NULL;
    cs_error err = {0};
    assert_int_equal(cs_results_create(&results, &spec, forcing, &err), CS_OK);
    put_all(results, &spec.format);
    assert_int_equal(cs_results_finish(results, "{}", &err), CS_OK);
    cs_results_close(results);
    cs_status status = CS_MEMORY;
    long nth = 0;
    while (status != CS_OK) {
        err = (cs_error){0};
        cs_memory_fail_nth(++nth);
        status = read_back(&err);
        cs_memory_fail_nth(0);
        if (status != CS_OK && status != CS_MEMORY) {
            fail_msg("allocation %ld: status %d: %s", nth, (int)status, err.message);
        }
        assert_int_equal(err.status, (int)status);
        assert_true(status == CS_OK || strstr(err.message, "memory") != NULL);
    }
    assert_true(nth > 5);
    remove_outputs();
    close_input();
}

/* In a process of its own: exit status 0 as it must be, 9 where the limit was no limit. */
static int run_with_limit(const cs_results_spec *spec, const cs_bytes *packet, size_t limit)
{
    cs_error err = {0};
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &(struct rlimit){limit, limit}) != 0) {
        return 1;
    }
    const cs_status status = create_put_finish(spec, packet, &err);
    if (status == CS_OK) {
        return 9;
    }
    const bool named = strstr(err.message, RESULTS) != NULL || strstr(err.message, STEPS) != NULL;
    if (status != CS_IO || !named) {
        fprintf(stderr, "limit %zu: status %d, %s\n", limit, (int)status, err.message);
        return 2;
    }
    return scene_count_files() == 1 ? 0 : 3;
}

/* As on a full disk: whichever write fails, the file is named and nothing is left. */
static void every_write_may_fail(void **state)
{
    (void)state;
    open_input(40, 2000);
    const cs_results_spec spec = spec_of(4, 2, 0);
    cs_codec *codec = NULL;
    cs_bytes packet = {0};
    cs_error err = {0};
    assert_int_equal(cs_codec_open(&codec, 100000, &err), CS_OK);
    make_packet(&packet, codec, 0, 16, &spec.format);
    size_t limit = 0;
    for (int ended = 0; ended != 9; limit += 20011) {
        int status = 0;
        fflush(stdout);
        const pid_t child = fork();
        if (child == 0) {
            _exit(run_with_limit(&spec, &packet, limit));
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        ended = WEXITSTATUS(status);
        assert_true(ended == 0 || ended == 9);
    }
    assert_true(limit > 200000);
    remove_outputs();
    cs_bytes_free(&packet);
    cs_codec_close(codec);
    close_input();
}

int main(void)
{
    cs_log_setup("test", 0, CS_LOG_WARNING);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_read_by_hdf5),
        cmocka_unit_test(files_say_what_they_are),
        cmocka_unit_test(a_failed_block_is_all_missing),
        cmocka_unit_test(names_of_catchments_are_carried_over),
        cmocka_unit_test(blocks_have_their_size),
        cmocka_unit_test(an_unfinished_result_leaves_nothing),
        cmocka_unit_test(existing_files_are_refused_or_replaced),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
        cmocka_unit_test(a_packet_that_ends_early_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(every_allocation_of_reading_back_may_fail),
        cmocka_unit_test(every_write_may_fail),
    };
    return cmocka_run_group_tests(tests, scene_enter, scene_leave);
}
