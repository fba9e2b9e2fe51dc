/* SPDX-License-Identifier: MIT */
/* A block from packet to packet: same bytes for any team, values of the engine, damage confined. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <hdf5.h>

#include "base/log.h"
#include "kernels/transpose/tile.h"
#include "model/block.h"
#include "scene.h"
#include "store/results.h"

#define INPUT "input.h5"

/* A block of an input, ready to run. */
typedef struct {
    const cs_substance_model *model;
    cs_forcing *forcing;
    cs_engine engine;
    cs_block_plan plan;
    cs_bytes work;
    size_t n;
} block;

typedef struct {
    const char *model;
    size_t n, n_time, element, n_variables;
    int level;
    bool with_steps;
} shape;

static double parameter_of(const cs_parameter_info *info, size_t i)
{
    if (strcmp(info->name, "T_objective") == 0) {
        return 20.0; /* the nights of scene_value are cold: it never gets to 400 */
    }
    if (!isnan(info->default_value)) {
        return info->default_value;
    }
    if (strcmp(info->from, "area") == 0) {
        return scene_area(i);
    }
    return strcmp(info->from, "application_area") == 0 ? scene_application_area(i) : 0.02;
}

static void fill_work(block *b)
{
    cs_error err = {0};
    b->work.size = 0;
    double parameters[64], states[CS_MAX_STATES];
    for (size_t i = 0; i < b->n; i++) {
        for (size_t p = 0; p < b->model->n_parameters; p++) {
            const double value = parameter_of(&b->model->parameters[p], i);
            assert_int_equal(cs_bytes_append(&b->work, &value, sizeof value, &err), CS_OK);
        }
    }
    for (size_t i = 0; i < b->n; i++) {
        for (size_t p = 0; p < b->model->n_parameters; p++) {
            parameters[p] = parameter_of(&b->model->parameters[p], i);
        }
        b->model->initial(states, parameters);
        assert_int_equal(
            cs_bytes_append(&b->work, states, b->model->n_states * sizeof(double), &err), CS_OK);
    }
    assert_int_equal(cs_forcing_read(b->forcing, &b->work, 0, b->n, &err), CS_OK);
}

static void open_file(block *b, const shape *s)
{
    cs_error err = {0};
    *b = (block){.model = cs_substance_find(s->model), .n = s->n};
    assert_non_null(b->model);
    b->forcing = scene_open(INPUT);
    assert_int_equal(cs_engine_open_native(&b->engine, b->model, &err), CS_OK);
    b->plan = (cs_block_plan){.forcing = *cs_forcing_get_format(b->forcing),
                              .result = {.n_time = s->n_time,
                                         .block_size = 16,
                                         .step_rows = cs_results_step_rows(s->n_time),
                                         .element_size = s->element,
                                         .n_variables = s->n_variables,
                                         .with_steps = s->with_steps,
                                         .level = (uint64_t)s->level,
                                         .n_states = b->model->n_states},
                              .step_days = 1.0 / 24.0,
                              .n_parameters = b->model->n_parameters};
    fill_work(b);
}

static void open_block(block *b, const shape *s)
{
    scene_write_input(INPUT, &(scene_input){s->n, s->n_time, 1.0, NULL, 1});
    open_file(b, s);
}

static void close_block(block *b)
{
    cs_bytes_free(&b->work);
    cs_engine_close(&b->engine);
    cs_forcing_close(b->forcing);
}

static void run(cs_bytes *result, const block *b, int n_threads)
{
    cs_block_runner *runner = NULL;
    cs_error err = {0};
    result->size = 0;
    assert_int_equal(cs_block_runner_open(&runner, &b->plan, &b->engine, n_threads, &err), CS_OK);
    assert_int_equal(cs_block_run(runner, result, &b->work, b->n, &err), CS_OK);
    cs_block_runner_close(runner);
}

/* Results as the files would hold them. */
typedef struct {
    cs_run_record record[16];
    double state[16][CS_MAX_STATES];
    char message[16][256];
    bool has_row[16][CS_N_RESULT_VARIABLES];
    double *rows[CS_N_RESULT_VARIABLES];  /* [n][n_time], NaN where there is none */
    double *steps[CS_N_RESULT_VARIABLES]; /* [n_chunks][step_rows][16] */
} unpacked;

static void decode(double *out, const cs_encoded *chunk, size_t n, const cs_result_format *format)
{
    const size_t element = (size_t)format->element_size;
    cs_codec *codec = NULL;
    cs_error err = {0};
    void *stored = malloc(n * element);
    assert_non_null(stored);
    assert_int_equal(cs_codec_open(&codec, n * element, &err), CS_OK);
    assert_int_equal(cs_codec_decode(codec, stored, n * element, chunk->data, (size_t)chunk->size,
                                     0, cs_filters_make(element, (int)format->level), &err),
                     CS_OK);
    for (size_t k = 0; k < n; k++) {
        out[k] = element == sizeof(double) ? ((double *)stored)[k] : (double)((float *)stored)[k];
    }
    cs_codec_close(codec);
    free(stored);
}

static void unpack_records(unpacked *u, cs_reader *reader, const block *b)
{
    cs_error err = {0};
    assert_int_equal(cs_reader_copy(reader, u->record, b->n * sizeof *u->record, &err), CS_OK);
    for (size_t i = 0; i < b->n; i++) {
        assert_int_equal(
            cs_reader_copy(reader, u->state[i], b->model->n_states * sizeof(double), &err), CS_OK);
    }
    for (size_t i = 0; i < b->n; i++) {
        assert_true(u->record[i].n_message < sizeof u->message[i]);
        assert_int_equal(
            cs_reader_copy(reader, u->message[i], (size_t)u->record[i].n_message, &err), CS_OK);
    }
}

static unpacked *unpack(const cs_bytes *result, const block *b)
{
    const cs_result_format *format = &b->plan.result;
    const size_t n_time = (size_t)format->n_time;
    const size_t cells = (size_t)(format->step_rows * format->block_size);
    const size_t n_chunks = (size_t)cs_result_step_chunks(format);
    unpacked *u = calloc(1, sizeof *u);
    assert_non_null(u);
    cs_reader reader = cs_reader_make(result->data, result->size);
    unpack_records(u, &reader, b);
    for (size_t v = 0; v < format->n_variables; v++) {
        cs_encoded chunk;
        cs_error err = {0};
        u->rows[v] = calloc(b->n * n_time, sizeof(double));
        u->steps[v] = calloc(n_chunks * cells + 1, sizeof(double));
        assert_true(u->rows[v] != NULL && u->steps[v] != NULL);
        for (size_t i = 0; i < b->n; i++) {
            assert_int_equal(cs_result_take(&chunk, &reader, &err), CS_OK);
            u->has_row[i][v] = chunk.size > 0;
            if (chunk.size > 0) {
                decode(u->rows[v] + i * n_time, &chunk, n_time, format);
            }
            for (size_t t = 0; t < n_time && chunk.size == 0; t++) {
                u->rows[v][i * n_time + t] = NAN;
            }
        }
        for (size_t k = 0; k < n_chunks; k++) {
            assert_int_equal(cs_result_take(&chunk, &reader, &err), CS_OK);
            decode(u->steps[v] + k * cells, &chunk, cells, format);
        }
    }
    assert_true(reader.at == reader.end);
    return u;
}

static void free_unpacked(unpacked *u)
{
    for (size_t v = 0; v < CS_N_RESULT_VARIABLES; v++) {
        free(u->rows[v]);
        free(u->steps[v]);
    }
    free(u);
}

/* Step chunks are the rows turned; what they have beyond the data is missing. */
static void assert_steps_are_rows(const unpacked *u, const block *b)
{
    const cs_result_format *format = &b->plan.result;
    const size_t n_time = (size_t)format->n_time, rows = (size_t)format->step_rows;
    const size_t cells = rows * (size_t)format->block_size;
    float *series = malloc(b->n * n_time * sizeof *series), *tile = malloc(cells * sizeof *tile);
    assert_true(series != NULL && tile != NULL);
    for (size_t v = 0; v < format->n_variables; v++) {
        for (size_t k = 0; k < b->n * n_time; k++) {
            series[k] = (float)u->rows[v][k];
        }
        for (size_t k = 0; k < cs_result_step_chunks(format); k++) {
            const size_t left = n_time - k * rows;
            csk_transpose_tile_f32_ref(tile, series + k * rows, b->n, left < rows ? left : rows,
                                       n_time, (size_t)format->block_size, rows, NAN);
            for (size_t j = 0; j < cells; j++) {
                const float found = (float)u->steps[v][k * cells + j];
                assert_true(found == tile[j] || (isnan(found) && isnan(tile[j])));
            }
        }
    }
    free(series);
    free(tile);
}

/* ---- tests ---- */

static void any_team_gives_the_same_bytes(void **state)
{
    (void)state;
    static const shape shapes[] = {{"herbicide", 16, 1000, 4, 2, 1, true},
                                   {"biocide", 11, 385, 8, 4, 6, true},
                                   {"biocide", 1, 1, 4, 4, 0, true},
                                   {"herbicide", 5, 100, 8, 2, 0, false}};
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        block b;
        cs_bytes one = {0}, more = {0};
        open_block(&b, &shapes[k]);
        run(&one, &b, 1);
        unpacked *first = unpack(&one, &b);
        for (int n_threads = 2; n_threads <= 4; n_threads++) {
            run(&more, &b, n_threads);
            assert_int_equal(more.size, one.size);
            unpacked *other = unpack(&more, &b);
            for (size_t i = 0; i < b.n; i++) { /* but for the time it took */
                other->record[i].seconds = first->record[i].seconds;
            }
            const size_t head = b.n * sizeof first->record[0];
            assert_memory_equal(other->record, first->record, head);
            assert_memory_equal(more.data + head, one.data + head, one.size - head);
            free_unpacked(other);
        }
        assert_steps_are_rows(first, &b);
        free_unpacked(first);
        cs_bytes_free(&one);
        cs_bytes_free(&more);
        close_block(&b);
    }
}

/* Biocide has a closed form without memory; discharges are those of the input. */
static void values_are_those_of_the_model(void **state)
{
    (void)state;
    enum { CATCHMENTS = 6, STEPS = 500 };
    block b;
    cs_bytes result = {0};
    open_block(&b, &(shape){"biocide", CATCHMENTS, STEPS, 8, 4, 1, true});
    run(&result, &b, 2);
    unpacked *u = unpack(&result, &b);
    for (size_t i = 0; i < CATCHMENTS; i++) {
        double sum = 0.0, peak = NAN;
        assert_int_equal(u->record[i].status, CS_RUN_OK);
        for (size_t t = 0; t < STEPS; t++) {
            const double rain = 24.0 * (double)scene_value(CS_PRECIPITATION, i, t);
            const double warm = scene_value(CS_TEMPERATURE, i, t) > 0.0F;
            const double flow = (double)scene_value(CS_LOCAL_DISCHARGE, i, t);
            const double flux = t == 0 ? 0.0 : 2e-5 * 0.3 * scene_application_area(i) * rain * warm;
            const double load = flux / 24.0, c = flux / (86400.0 * flow) * 1e6;
            const size_t at = i * STEPS + t;
            assert_true(fabs(u->rows[CS_RESULT_LOAD][at] - load) <= 1e-12 * load);
            assert_true(fabs(u->rows[CS_RESULT_CONCENTRATION][at] - c) <= 1e-12 * c);
            assert_true(u->rows[CS_RESULT_DISCHARGE][at] ==
                        (double)scene_value(CS_DISCHARGE, i, t));
            assert_true(u->rows[CS_RESULT_LOCAL_DISCHARGE][at] == flow);
            sum += u->rows[CS_RESULT_LOAD][at];
            peak = fmax(peak, u->rows[CS_RESULT_CONCENTRATION][at]);
        }
        assert_true(u->record[i].load == sum && u->record[i].peak == peak && peak > 0.0);
        assert_true(u->rows[CS_RESULT_CONCENTRATION][i * STEPS + (size_t)u->record[i].peak_row] ==
                    peak);
    }
    free_unpacked(u);
    cs_bytes_free(&result);
    close_block(&b);
}

/* The herbicide's stocks: what was applied is lost or left; final states are the engine's. */
static void final_states_balance(void **state)
{
    (void)state;
    block b;
    cs_bytes result = {0};
    open_block(&b, &(shape){"herbicide", 3, 3000, 8, 2, 1, false});
    run(&result, &b, 1);
    unpacked *u = unpack(&result, &b);
    for (size_t i = 0; i < 3; i++) {
        const cs_run_record *record = &u->record[i];
        assert_int_equal(record->status, CS_RUN_OK);
        double background = 0.0; /* g */
        for (size_t t = 1; t < 3000; t++) {
            background += 0.0864 * 5.0 * (double)scene_value(CS_LOCAL_DISCHARGE, i, t) / 24.0;
        }
        const double row_0 = u->rows[CS_RESULT_LOAD][i * 3000];
        const double lost = record->load - row_0 - background;
        assert_true(record->mass.applied > 0.0);
        assert_true(record->mass.left == u->state[i][2] + u->state[i][3]);
        assert_true(cs_mass_error(&record->mass) <= 1e-12);
        assert_true(fabs(record->mass.applied - lost - record->mass.left) <=
                    1e-9 * (record->mass.applied + background));
    }
    free_unpacked(u);
    cs_bytes_free(&result);
    close_block(&b);
}

static void damage_stored_row(cs_variable variable, size_t place)
{
    const hid_t file = scene_edit(INPUT);
    const hid_t dataset = H5Dopen2(file, cs_variable_name(variable), H5P_DEFAULT);
    const hsize_t offset[2] = {place, 0};
    unsigned char chunk[4096];
    hsize_t size = 0;
    uint32_t skipped = 0;
    assert_true(H5Dget_chunk_storage_size(dataset, offset, &size) >= 0 && size < sizeof chunk);
    assert_true(H5Dread_chunk(dataset, H5P_DEFAULT, offset, &skipped, chunk) >= 0);
    chunk[size / 2] ^= 0x55;
    assert_true(H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, offset, (size_t)size, chunk) >= 0);
    H5Dclose(dataset);
    H5Fclose(file);
}

static void a_damaged_chunk_fails_its_catchment_only(void **state)
{
    (void)state;
    const shape s = {"herbicide", 5, 400, 4, 4, 1, true};
    block good, bad;
    cs_bytes good_result = {0}, bad_result = {0};
    open_block(&good, &s);
    run(&good_result, &good, 2);
    unpacked *whole = unpack(&good_result, &good);
    close_block(&good);
    damage_stored_row(CS_TEMPERATURE, 3);
    open_file(&bad, &s);
    run(&bad_result, &bad, 2);
    unpacked *damaged = unpack(&bad_result, &bad);
    for (size_t i = 0; i < 5; i++) {
        for (size_t v = 0; v < 4; v++) {
            const bool lost = i == 3 && v < CS_RESULT_DISCHARGE;
            assert_true(damaged->has_row[i][v] == !lost);
            for (size_t t = 0; t < 400; t++) {
                const double a = whole->rows[v][i * 400 + t], c = damaged->rows[v][i * 400 + t];
                assert_true(lost ? isnan(c) : a == c);
            }
        }
        assert_int_equal(damaged->record[i].status, i == 3 ? CS_RUN_INVALID_INPUT : CS_RUN_OK);
    }
    assert_non_null(strstr(damaged->message[3], "temperature"));
    assert_non_null(strstr(damaged->message[3], "damaged"));
    assert_true(isnan(damaged->state[3][0]) && !isnan(damaged->state[2][0]));
    assert_true(isnan(damaged->record[3].peak) && damaged->record[3].peak_row == -1);
    assert_steps_are_rows(damaged, &bad);
    free_unpacked(whole);
    free_unpacked(damaged);
    cs_bytes_free(&good_result);
    cs_bytes_free(&bad_result);
    close_block(&bad);
}

/* What float32 cannot hold is a failure, not an infinite result. */
static void results_beyond_float32_are_failures(void **state)
{
    (void)state;
    for (size_t element = 4; element <= 8; element += 4) {
        block b;
        cs_bytes result = {0};
        open_block(&b, &(shape){"biocide", 3, 50, element, 2, 1, true});
        const double huge = 1e45; /* g/m2 of the second catchment: its place in the packet */
        assert_string_equal(b.model->parameters[1].name, "R_appl");
        memcpy(b.work.data + (b.model->n_parameters + 1) * sizeof huge, &huge, sizeof huge);
        run(&result, &b, 2);
        unpacked *u = unpack(&result, &b);
        assert_int_equal(u->record[0].status, CS_RUN_OK);
        assert_int_equal(u->record[1].status, element == 4 ? CS_RUN_FAILED : CS_RUN_OK);
        assert_true((strstr(u->message[1], "float32") != NULL) == (element == 4));
        for (size_t t = 0; t < 50; t++) {
            const double load = u->rows[CS_RESULT_LOAD][50 + t];
            assert_true(isfinite(load) || isnan(load));
        }
        assert_steps_are_rows(u, &b);
        free_unpacked(u);
        cs_bytes_free(&result);
        close_block(&b);
    }
}

/* A runner is used again and again; what a block left must not show in the next. */
static void a_runner_forgets_the_block_before(void **state)
{
    (void)state;
    const shape s = {"herbicide", 4, 100, 4, 2, 1, true};
    block b, bad;
    cs_bytes fresh = {0}, used = {0};
    open_block(&b, &s);
    cs_forcing_close(b.forcing); /* its packet is made */
    b.forcing = NULL;
    damage_stored_row(CS_PRECIPITATION, 1);
    open_file(&bad, &s);
    cs_block_runner *runner = NULL;
    cs_error err = {0};
    run(&fresh, &b, 1);
    assert_int_equal(cs_block_runner_open(&runner, &b.plan, &b.engine, 1, &err), CS_OK);
    assert_int_equal(cs_block_run(runner, &used, &bad.work, 4, &err), CS_OK);
    used.size = 0;
    b.work.size -= 8; /* not whole: refused */
    assert_int_equal(cs_block_run(runner, &used, &b.work, 4, &err), CS_INTERNAL);
    b.work.size += 8;
    used.size = 0;
    assert_int_equal(cs_block_run(runner, &used, &b.work, 4, &err), CS_OK);
    const size_t head = 4 * sizeof(cs_run_record);
    assert_int_equal(used.size, fresh.size);
    assert_memory_equal(used.data + head, fresh.data + head, fresh.size - head);
    assert_true(cs_block_runner_times(runner)->model > 0.0);
    cs_block_runner_close(runner);
    cs_block_runner_close(NULL);
    cs_bytes_free(&fresh);
    cs_bytes_free(&used);
    close_block(&b);
    close_block(&bad);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    block b;
    open_block(&b, &(shape){"herbicide", 3, 60, 4, 4, 1, true});
    for (int n_threads = 1; n_threads <= 2; n_threads++) {
        cs_status status = CS_MEMORY;
        long nth = 0;
        while (status != CS_OK) {
            cs_block_runner *runner = NULL;
            cs_bytes result = {0};
            cs_error err = {0};
            cs_memory_fail_nth(++nth);
            status = cs_block_runner_open(&runner, &b.plan, &b.engine, n_threads, &err);
            if (status == CS_OK) {
                status = cs_block_run(runner, &result, &b.work, b.n, &err);
                cs_memory_fail_nth(0);
                if (status == CS_MEMORY) { /* and the next block may do */
                    result.size = 0;
                    assert_int_equal(cs_block_run(runner, &result, &b.work, b.n, &err), CS_OK);
                }
            }
            cs_memory_fail_nth(0);
            assert_true(status == CS_OK || status == CS_MEMORY);
            assert_true(status == CS_OK || strstr(err.message, "memory") != NULL);
            cs_block_runner_close(runner);
            cs_bytes_free(&result);
        }
        assert_true(nth > 30);
    }
    close_block(&b);
}

int main(void)
{
    cs_log_setup("test", 0, CS_LOG_WARNING);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_team_gives_the_same_bytes),
        cmocka_unit_test(values_are_those_of_the_model),
        cmocka_unit_test(final_states_balance),
        cmocka_unit_test(a_damaged_chunk_fails_its_catchment_only),
        cmocka_unit_test(results_beyond_float32_are_failures),
        cmocka_unit_test(a_runner_forgets_the_block_before),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, scene_enter, scene_leave);
}
