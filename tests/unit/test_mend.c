/* SPDX-License-Identifier: MIT */
/* Earlier results: what they tell, and one that gets the catchments of another. */
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
#include <hdf5.h>

#include "model/rearrange.h"
#include "scene.h"
#include "store/earlier.h"
#include "store/mend.h"
#include "store/results.h"

enum { N = 40, N_TIME = 500 };

#define INPUT   "input.h5"
#define RESULTS "out.h5"
#define STEPS   "steps.h5"
#define AGAIN   "out.h5.retry"

/* Exact in float, unlike its neighbours'. */
static double value_of(size_t v, int64_t id, size_t t)
{
    return (double)id * 512.0 + (double)t + 0.5 * (double)v;
}

/* Every third of what fails, by id. */
static bool is_bad(int64_t id)
{
    return id % 33 == 0;
}

static cs_result_format format_of(const cs_forcing_info *info, size_t element)
{
    return (cs_result_format){.n_time = info->n_time,
                              .block_size = cs_results_block_size(info->n_catchment),
                              .step_rows = cs_results_step_rows(info->n_time),
                              .element_size = element,
                              .n_variables = 2,
                              .with_steps = 1,
                              .level = 1,
                              .n_states = 1,
                              .state_name = {"S"},
                              .state_units = {"g"}};
}

static void append_row(cs_bytes *packet, cs_codec *codec, size_t v, int64_t id,
                       const cs_result_format *format)
{
    double row[N_TIME];
    float narrow[N_TIME];
    unsigned char *encoded = malloc(cs_codec_bound(sizeof row));
    size_t size = 0;
    cs_error err = {0};
    assert_non_null(encoded);
    for (size_t t = 0; t < format->n_time; t++) {
        row[t] = value_of(v, id, t);
        narrow[t] = (float)row[t];
    }
    const bool wide = format->element_size == sizeof(double);
    cs_codec_encode(codec, encoded, &size, wide ? (const void *)row : narrow,
                    (size_t)(format->n_time * format->element_size),
                    cs_filters_make((size_t)format->element_size, 1));
    assert_int_equal(cs_result_append(packet, encoded, size, &err), CS_OK);
    free(encoded);
}

static void make_packet(cs_bytes *packet, cs_codec *codec, int64_t id,
                        const cs_result_format *format)
{
    cs_error err = {0};
    cs_run_record record = cs_run_record_make(CS_RUN_OK);
    const double state = (double)id;
    record.exit = (int32_t)id;
    record.seconds = 2.0 * (double)id;
    packet->size = 0;
    assert_int_equal(cs_bytes_append(packet, &record, sizeof record, &err), CS_OK);
    assert_int_equal(cs_bytes_append(packet, &state, sizeof state, &err), CS_OK);
    append_row(packet, codec, 0, id, format);
    append_row(packet, codec, 1, id, format);
}

/* What one run is. */
typedef struct {
    const char *path, *steps;
    cs_selection selection;
    bool fails; /* those that are bad do */
    size_t element;
} run;

static void put(cs_results *results, cs_rearranger *rearranger, const cs_forcing_info *info,
                const run *r, const cs_result_format *format)
{
    cs_error err = {0};
    cs_codec *codec = NULL;
    cs_bytes packet = {0};
    assert_int_equal(cs_codec_open(&codec, N_TIME * sizeof(double), &err), CS_OK);
    for (size_t i = 0; i < info->n_catchment; i++) {
        const bool failed = r->fails && is_bad(info->id[i]);
        if (failed) {
            assert_int_equal(cs_results_put_failure(results, i, 1, 1, "one", "it broke", &err),
                             CS_OK);
        } else {
            make_packet(&packet, codec, info->id[i], format);
            assert_int_equal(cs_results_put(results, &packet, i, 1, 2, "two", &err), CS_OK);
        }
        if (rearranger != NULL) {
            assert_int_equal(
                cs_rearranger_put(rearranger, results, failed ? NULL : &packet, i, 1, &err), CS_OK);
        }
    }
    cs_bytes_free(&packet);
    cs_codec_close(codec);
}

static void make_result(const run *r)
{
    cs_error err = {0};
    cs_forcing *forcing = NULL;
    cs_results *results = NULL;
    cs_rearranger *rearranger = NULL;
    assert_int_equal(cs_forcing_open(&forcing, INPUT, &r->selection, &err), CS_OK);
    const cs_forcing_info *info = cs_forcing_get_info(forcing);
    cs_result_format format = format_of(info, r->element);
    format.with_steps = r->steps != NULL;
    const cs_results_spec spec = {.path = r->path,
                                  .steps_path = r->steps,
                                  .replace = true,
                                  .rows_only = true,
                                  .substance = "diuron",
                                  .model = "biocide",
                                  .history = r->steps != NULL ? "made" : "made again\nof input",
                                  .configuration = "<catchsim/>",
                                  .series_start = info->start,
                                  .format = format};
    assert_int_equal(cs_results_create(&results, &spec, forcing, &err), CS_OK);
    if (r->steps != NULL) {
        assert_int_equal(cs_rearranger_open(&rearranger, &format, info->n_catchment, &err), CS_OK);
    }
    put(results, rearranger, info, r, &format);
    assert_int_equal(cs_results_finish(results, "{}", &err), CS_OK);
    cs_results_close(results);
    cs_rearranger_close(rearranger);
    cs_forcing_close(forcing);
}

/* The result with failures, and that of what had failed. Ids are 11, 22, ... */
static void make_both(void)
{
    int64_t bad[N];
    size_t n_bad = 0;
    scene_write_input(INPUT, &(scene_input){N, N_TIME, 1.0, NULL, 1});
    for (int64_t id = 11; id <= 11 * (int64_t)N; id += 11) {
        if (is_bad(id)) {
            bad[n_bad++] = id;
        }
    }
    run whole = {RESULTS, STEPS, cs_selection_all(), true, sizeof(float)};
    run again = {AGAIN, NULL, cs_selection_all(), false, sizeof(float)};
    again.selection.only = bad;
    again.selection.n_only = n_bad;
    make_result(&whole);
    make_result(&again);
}

static const cs_mend_spec SPEC = {.path = RESULTS, .steps_path = STEPS, .again_path = AGAIN};

static void expect_whole(void)
{
    static const char *const NAMES[] = {"load", "concentration"};
    for (size_t v = 0; v < 2; v++) {
        double *rows = scene_read(RESULTS, NAMES[v], (size_t)N * N_TIME);
        double *steps = scene_read(STEPS, NAMES[v], (size_t)N * N_TIME);
        for (size_t i = 0; i < N; i++) {
            for (size_t t = 0; t < N_TIME; t++) {
                const double wanted = value_of(v, 11 * ((int64_t)i + 1), t);
                assert_true(rows[i * N_TIME + t] == wanted);
                assert_true(steps[t * N + i] == wanted);
            }
        }
        free(rows);
        free(steps);
    }
    static const struct {
        const char *name;
        double factor; /* of the id; 0: 1 for all */
    } COLUMNS[] = {{"run_status", 0}, {"state_S", 1}, {"run/exit", 1}, {"run/seconds", 2}};
    for (size_t k = 0; k < sizeof COLUMNS / sizeof COLUMNS[0]; k++) {
        double *column = scene_read(RESULTS, COLUMNS[k].name, N);
        for (size_t i = 0; i < N; i++) {
            const double wanted = COLUMNS[k].factor * 11.0 * (double)(i + 1);
            assert_true(column[i] == (wanted > 0.0 ? wanted : 1.0));
        }
        free(column);
    }
}

static void a_mended_result_is_whole(void **state)
{
    (void)state;
    cs_error err = {0};
    size_t n_mended = 0;
    make_both();
    assert_int_equal(cs_results_mend(&n_mended, &SPEC, &err), CS_OK);
    assert_int_equal(n_mended, N / 3);
    expect_whole();
    for (int k = 0; k < 2; k++) {
        char *history = scene_attribute(k == 0 ? RESULTS : STEPS, "/", "history");
        assert_string_equal(history, "made again, 13 catchments that had failed\nmade");
        free(history);
    }
    assert_int_equal(cs_results_mend(&n_mended, &SPEC, &err), CS_OK); /* once more: the same */
    expect_whole();
    assert_int_equal(scene_count_files(), 4); /* no .part, no journal */
}

/* All bytes of a file; the caller frees. */
static unsigned char *read_bytes(size_t *n, const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *n = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*n);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *n, file), *n);
    fclose(file);
    return bytes;
}

static void expect_untouched(const unsigned char *before, size_t n_before)
{
    size_t n = 0;
    unsigned char *now = read_bytes(&n, RESULTS);
    assert_int_equal(n, n_before);
    assert_memory_equal(now, before, n);
    free(now);
    assert_int_equal(scene_count_files(), 4);
}

static void expect_refused(const run *again, const char *word)
{
    size_t n = 0, n_mended = 0;
    cs_error err = {0};
    unsigned char *before = read_bytes(&n, RESULTS);
    make_result(again);
    assert_int_equal(cs_results_mend(&n_mended, &SPEC, &err), CS_DATA);
    assert_non_null(strstr(err.message, word));
    expect_untouched(before, n);
    free(before);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    make_both();
    run other = {AGAIN, NULL, cs_selection_all(), false, sizeof(float)};
    const int64_t ids[] = {33, 66};
    other.selection.only = ids;
    other.selection.n_only = 2;
    other.selection.to = 1609459200.0 + 3600.0 * (N_TIME - 1); /* one row less */
    expect_refused(&other, "other times");
    other.selection.to = INFINITY;
    other.element = sizeof(double);
    expect_refused(&other, "other types");
    other.element = sizeof(float);
    make_result(&other);
    const hid_t file = scene_edit(AGAIN);
    const int64_t unknown[] = {33, 34};
    const hid_t dataset = H5Dopen2(file, "catchment", H5P_DEFAULT);
    assert_true(H5Dwrite(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, unknown) >= 0);
    H5Dclose(dataset);
    H5Fclose(file);
    size_t n_mended = 0;
    cs_error err = {0};
    assert_int_equal(cs_results_mend(&n_mended, &SPEC, &err), CS_DATA);
    assert_non_null(strstr(err.message, "34"));
}

/* Whichever allocation fails: it says so, nothing is touched, and the next call does it all. */
static void without_memory_nothing_is_touched(void **state)
{
    (void)state;
    size_t n = 0, n_mended = 0, n_failed = 0;
    make_both();
    unsigned char *before = read_bytes(&n, RESULTS);
    for (;;) {
        cs_error err = {0};
        cs_memory_fail_nth((long)n_failed + 1);
        const cs_status status = cs_results_mend(&n_mended, &SPEC, &err);
        cs_memory_fail_nth(0);
        if (status == CS_OK) {
            break;
        }
        assert_int_equal(status, CS_MEMORY);
        expect_untouched(before, n);
        n_failed++;
    }
    assert_true(n_failed > 10);
    expect_whole();
    free(before);
}

static void an_earlier_result_tells(void **state)
{
    (void)state;
    cs_error err = {0};
    cs_earlier *earlier = NULL;
    double *values = NULL;
    size_t place = 0;
    make_both();
    assert_int_equal(cs_earlier_open(&earlier, RESULTS, &err), CS_OK);
    const cs_earlier_info *info = cs_earlier_get_info(earlier);
    assert_string_equal(info->substance, "diuron");
    assert_string_equal(info->model, "biocide");
    assert_string_equal(info->configuration, "<catchsim/>");
    assert_true(info->n_catchment == N && info->n_time == N_TIME && !info->float64);
    assert_true(info->series_start == info->start && info->series_number == 0);
    assert_true(fabs(info->last - info->start - 3600.0 * (N_TIME - 1)) < 1e-6);
    assert_true(info->status[0] == CS_RUN_OK && info->status[2] == CS_RUN_FAILED);
    assert_true(cs_earlier_find(&place, earlier, 440) && place == 39);
    assert_true(cs_earlier_find(&place, earlier, 11) && place == 0);
    assert_false(cs_earlier_find(&place, earlier, 12));
    assert_int_equal(cs_earlier_numbers(&values, earlier, "state_S", &err), CS_OK);
    assert_true(values[0] == 11.0 && isnan(values[2]));
    free(values);
    assert_int_equal(cs_earlier_numbers(&values, earlier, "run/seconds", &err), CS_OK);
    assert_true(values[1] == 44.0);
    free(values);
    assert_int_equal(cs_earlier_numbers(&values, earlier, "nowhere/at_all", &err), CS_OK);
    assert_null(values);
    assert_int_equal(cs_earlier_numbers(&values, earlier, "load", &err), CS_DATA);
    assert_int_equal(cs_earlier_numbers(&values, earlier, "run/message", &err), CS_DATA);
    assert_null(values);
    cs_earlier_close(earlier);
}

static void expect_no_result(const char *path, cs_status wanted, const char *word)
{
    cs_error err = {0};
    cs_earlier *earlier = NULL;
    assert_int_equal(cs_earlier_open(&earlier, path, &err), wanted);
    assert_null(earlier);
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.message, word));
}

static void what_is_no_result_is_refused(void **state)
{
    (void)state;
    make_both();
    expect_no_result("nowhere.h5", CS_IO, "cannot be read");
    expect_no_result(INPUT, CS_DATA, "substance");
    hid_t file = scene_edit(RESULTS);
    signed char status[N] = {[5] = 77};
    const hid_t dataset = H5Dopen2(file, "run_status", H5P_DEFAULT);
    assert_true(H5Dwrite(dataset, H5T_NATIVE_SCHAR, H5S_ALL, H5S_ALL, H5P_DEFAULT, status) >= 0);
    H5Dclose(dataset);
    H5Fclose(file);
    expect_no_result(RESULTS, CS_DATA, "run_status");
    static const char *const NEEDED[] = {"run_status", "load", "run/configuration"};
    for (size_t k = 0; k < sizeof NEEDED / sizeof NEEDED[0]; k++) {
        make_both();
        file = scene_edit(RESULTS);
        assert_true(H5Ldelete(file, NEEDED[k], H5P_DEFAULT) >= 0);
        H5Fclose(file);
        expect_no_result(RESULTS, CS_DATA, NEEDED[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_mended_result_is_whole, scene_enter, scene_leave),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused, scene_enter, scene_leave),
        cmocka_unit_test_setup_teardown(without_memory_nothing_is_touched, scene_enter,
                                        scene_leave),
        cmocka_unit_test_setup_teardown(an_earlier_result_tells, scene_enter, scene_leave),
        cmocka_unit_test_setup_teardown(what_is_no_result_is_refused, scene_enter, scene_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
