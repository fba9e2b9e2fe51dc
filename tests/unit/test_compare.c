/* SPDX-License-Identifier: MIT */
/*
 * The comparing engine over the native one and disturbed ones whose differences are known, and what
 * becomes of its numbers in the result file. And forcing on its way to an engine: float64 with the
 * same bits, precipitation in mm/d.
 */
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

#include "kernels/math/random.h"
#include "model/block.h"
#include "model/compare.h"
#include "store/forcing_ops.h"
#include "store/forcing_writer.h"
#include "store/results.h"

enum { N = 4, N_TIME = 100, N_PARAMETERS = 4 };

/* Catchments of the biocide model with constant rain; catchment 3 has no discharge in row 7. */
typedef struct {
    float forcing[CS_N_VARIABLES][N][N_TIME];
    double parameters[N][N_PARAMETERS], load[N][N_TIME], concentration[N][N_TIME];
    double extras[N][CS_N_COMPARE];
    cs_run_record record[N];
    cs_bytes message[N];
    cs_engine_task task;
} scene;

/* ---- an engine that does what the biocide model does, and then something else ---- */

typedef struct {
    cs_engine inner;
    void (*disturb)(cs_engine_task *task);
    int n_runs;
} disturbed;

static int n_closed;

static cs_status disturbed_run(void *self, cs_engine_task *task, int n_threads, cs_error *err)
{
    disturbed *engine = self;
    engine->n_runs++;
    const cs_status status = engine->inner.ops->run(engine->inner.self, task, n_threads, err);
    engine->disturb(task);
    return status;
}

static void disturbed_close(void *self)
{
    disturbed *engine = self;
    cs_engine_close(&engine->inner);
    n_closed++;
}

static const cs_engine_ops DISTURBED_OPS = {
    .type = "disturbed", .run = disturbed_run, .close = disturbed_close};

static void shift_two_rows(cs_engine_task *task)
{
    task->concentration[1 * N_TIME + 20] += 3.0;
    task->concentration[1 * N_TIME + 30] -= 4.0;
    task->load[2 * N_TIME + 99] += 0.5;
    task->concentration[3 * N_TIME + 7] = 0.0; /* a value where the native engine has none */
}

static void fail_catchment_2(cs_engine_task *task)
{
    static const char text[] = "it crashed";
    cs_error err = {0};
    task->record[2].status = CS_RUN_TIMEOUT;
    assert_int_equal(cs_bytes_append(&task->message[2], text, sizeof text - 1, &err), CS_OK);
}

static void do_nothing(cs_engine_task *task)
{
    (void)task;
}

/* ---- the scene ---- */

static void fill(scene *s)
{
    memset(s, 0, sizeof *s);
    s->task = (cs_engine_task){.n = N,
                               .n_time = N_TIME,
                               .n_parameters = N_PARAMETERS,
                               .n_extras = CS_N_COMPARE,
                               .step_days = 1.0 / 24.0,
                               .parameters = s->parameters[0],
                               .load = s->load[0],
                               .concentration = s->concentration[0],
                               .record = s->record,
                               .message = s->message,
                               .extras = s->extras[0]};
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        s->task.forcing[v] = s->forcing[v][0];
    }
    for (size_t i = 0; i < N; i++) {
        const double parameters[N_PARAMETERS] = {1e5 * (double)(i + 1), 0.3, 2e-5, 1.0};
        memcpy(s->parameters[i], parameters, sizeof parameters);
        for (size_t t = 0; t < N_TIME; t++) {
            s->forcing[CS_TEMPERATURE][i][t] = 10.0F;
            s->forcing[CS_PRECIPITATION][i][t] = 0.5F;
            s->forcing[CS_LOCAL_DISCHARGE][i][t] = i == 3 && t == 7 ? 0.0F : 0.25F;
        }
        for (size_t k = 0; k < CS_N_COMPARE; k++) {
            s->extras[i][k] = (double)NAN;
        }
    }
}

static void empty(scene *s)
{
    for (size_t i = 0; i < N; i++) {
        cs_bytes_free(&s->message[i]);
    }
}

static void open_pair(cs_engine *engine, disturbed *other, void (*disturb)(cs_engine_task *task))
{
    cs_error err = {0};
    cs_compare_side reference = {.n_parameters = N_PARAMETERS};
    const cs_substance_model *model = cs_substance_find("biocide");
    *other = (disturbed){.disturb = disturb};
    assert_int_equal(cs_engine_open_native(&reference.engine, model, &err), CS_OK);
    assert_int_equal(cs_engine_open_native(&other->inner, model, &err), CS_OK);
    cs_compare_side second = reference;
    second.engine = (cs_engine){.ops = &DISTURBED_OPS, .self = other};
    assert_int_equal(cs_engine_open_compare(engine, &reference, &second, &err), CS_OK);
}

static void run(scene *s, disturbed *other, void (*disturb)(cs_engine_task *task))
{
    cs_error err = {0};
    cs_engine engine = {0};
    n_closed = 0;
    open_pair(&engine, other, disturb);
    assert_int_equal(engine.ops->run(engine.self, &s->task, 2, &err), CS_OK);
    cs_engine_close(&engine);
    assert_int_equal(n_closed, 1);
}

/* ---- differences ---- */

static void test_equal_engines_do_not_differ(void **state)
{
    (void)state;
    scene s;
    disturbed other;
    fill(&s);
    run(&s, &other, do_nothing);
    for (size_t i = 0; i < N; i++) {
        assert_true(s.concentration[i][1] > 1.0);
        assert_true(s.extras[i][CS_COMPARE_CONCENTRATION_MAX] == 0.0);
        assert_true(s.extras[i][CS_COMPARE_CONCENTRATION_RMS] == 0.0);
        assert_true(s.extras[i][CS_COMPARE_LOAD_MAX] == 0.0);
        assert_true(isnan(s.extras[i][CS_COMPARE_CONCENTRATION_ROW]));
        assert_true(s.extras[i][CS_COMPARE_MISSING_ROWS] == 0.0);
        assert_true(s.extras[i][CS_COMPARE_RUN_STATUS] == CS_RUN_OK);
    }
    empty(&s);
}

static void test_differences_are_measured(void **state)
{
    (void)state;
    scene s, alone;
    disturbed other;
    fill(&s);
    run(&s, &other, shift_two_rows);
    const double *one = s.extras[1], *two = s.extras[2], *three = s.extras[3];
    assert_true(fabs(one[CS_COMPARE_CONCENTRATION_MAX] - 4.0) < 1e-9);
    assert_true(fabs(one[CS_COMPARE_CONCENTRATION_RMS] - 0.5) < 1e-9); /* sqrt(25 / 100) */
    assert_true(one[CS_COMPARE_CONCENTRATION_ROW] == 30.0);
    assert_true(one[CS_COMPARE_LOAD_MAX] == 0.0);
    assert_true(fabs(two[CS_COMPARE_LOAD_MAX] - 0.5) < 1e-12);
    assert_true(fabs(two[CS_COMPARE_LOAD_RMS] - 0.05) < 1e-12);
    assert_true(two[CS_COMPARE_LOAD_ROW] == 99.0);
    assert_true(two[CS_COMPARE_CONCENTRATION_MAX] == 0.0);
    assert_true(three[CS_COMPARE_MISSING_ROWS] == 1.0);
    assert_true(three[CS_COMPARE_CONCENTRATION_MAX] == 0.0);

    /* the result is the reference's */
    cs_error err = {0};
    cs_engine native = {0};
    fill(&alone);
    assert_int_equal(cs_engine_open_native(&native, cs_substance_find("biocide"), &err), CS_OK);
    assert_int_equal(native.ops->run(native.self, &alone.task, 1, &err), CS_OK);
    cs_engine_close(&native);
    assert_memory_equal(s.load, alone.load, sizeof s.load);
    assert_memory_equal(s.concentration, alone.concentration, sizeof s.concentration);
    empty(&s);
    empty(&alone);
}

static void test_failures_of_either_engine(void **state)
{
    (void)state;
    scene s;
    disturbed other;
    static const char message[] = "not compared: disturbed engine: timeout: it crashed";
    fill(&s);
    s.forcing[CS_TEMPERATURE][0][50] = NAN; /* the reference refuses it */
    run(&s, &other, fail_catchment_2);
    assert_int_equal(s.record[0].status, CS_RUN_INVALID_INPUT);
    assert_true(isnan(s.extras[0][CS_COMPARE_CONCENTRATION_MAX]));
    assert_true(s.extras[0][CS_COMPARE_RUN_STATUS] == CS_RUN_INVALID_INPUT);
    assert_int_equal(s.record[2].status, CS_RUN_OK);
    assert_true(s.extras[2][CS_COMPARE_RUN_STATUS] == CS_RUN_TIMEOUT);
    assert_true(isnan(s.extras[2][CS_COMPARE_LOAD_MAX]));
    assert_int_equal(s.message[2].size, sizeof message - 1);
    assert_memory_equal(s.message[2].data, message, sizeof message - 1);
    assert_true(s.extras[1][CS_COMPARE_CONCENTRATION_MAX] == 0.0);
    empty(&s);
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    cs_status status = CS_MEMORY;
    long nth = 0;
    while (status != CS_OK && nth < 100) {
        scene s;
        disturbed other;
        cs_engine engine = {0};
        cs_error err = {0};
        fill(&s);
        open_pair(&engine, &other, do_nothing);
        cs_memory_fail_nth(++nth);
        status = engine.ops->run(engine.self, &s.task, 1, &err);
        cs_memory_fail_nth(0);
        assert_true(status == CS_OK || status == CS_MEMORY);
        cs_engine_close(&engine);
        empty(&s);
    }
    assert_int_equal(status, CS_OK);
    assert_in_range(nth, 6, 99);
}

/* Parameters of the one engine, then of the other, with half the area: half of what is above the
 * background. */
static void test_engines_with_parameters_of_their_own(void **state)
{
    (void)state;
    scene s;
    cs_error err = {0};
    cs_engine engine = {0};
    double both[N][2 * N_PARAMETERS];
    const cs_substance_model *model = cs_substance_find("biocide");
    cs_compare_side reference = {.n_parameters = N_PARAMETERS};
    cs_compare_side other = {.first_parameter = N_PARAMETERS, .n_parameters = N_PARAMETERS};
    fill(&s);
    for (size_t i = 0; i < N; i++) {
        memcpy(both[i], s.parameters[i], sizeof s.parameters[i]);
        memcpy(both[i] + N_PARAMETERS, s.parameters[i], sizeof s.parameters[i]);
        both[i][N_PARAMETERS] *= 0.5;
    }
    s.task.parameters = both[0];
    s.task.n_parameters = 2 * N_PARAMETERS;
    assert_int_equal(cs_engine_open_native(&reference.engine, model, &err), CS_OK);
    assert_int_equal(cs_engine_open_native(&other.engine, model, &err), CS_OK);
    assert_int_equal(cs_engine_open_compare(&engine, &reference, &other, &err), CS_OK);
    assert_int_equal(engine.ops->run(engine.self, &s.task, 2, &err), CS_OK);
    cs_engine_close(&engine);
    for (size_t i = 0; i < N; i++) {
        const double half = 0.5 * (s.concentration[i][1] - 1.0);
        assert_true(half > 1.0);
        assert_true(fabs(s.extras[i][CS_COMPARE_CONCENTRATION_MAX] - half) < 1e-9 * half);
        assert_true(s.extras[i][CS_COMPARE_LOAD_MAX] > 0.0);
    }
    empty(&s);
}

/* ---- into the result file ---- */

static void write_input(const char *path)
{
    static const int64_t id[N] = {5, 6, 7, 8};
    static const double area[N] = {1e6, 2e6, 3e6, 4e6};
    static const float base[CS_N_VARIABLES] = {10.0F, 0.5F, 0.25F, 0.25F};
    cs_error err = {0};
    cs_forcing_writer *writer = NULL;
    const cs_forcing_spec spec = {.n_catchment = N,
                                  .n_time = N_TIME,
                                  .step_hours = 1.0,
                                  .time_units = "hours since 2021-01-01 00:00:00",
                                  .id = id,
                                  .replace = true};
    assert_int_equal(cs_forcing_writer_create(&writer, path, &spec, &err), CS_OK);
    assert_int_equal(cs_forcing_writer_number(writer, "area", area, "m2", "area", &err), CS_OK);
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        float row[N_TIME];
        for (size_t t = 0; t < N_TIME; t++) {
            row[t] = base[v];
        }
        for (size_t i = 0; i < N; i++) {
            assert_int_equal(
                cs_forcing_writer_row(writer, (cs_variable)v, i, row, sizeof row, &err), CS_OK);
        }
    }
    assert_int_equal(cs_forcing_writer_finish(writer, &err), CS_OK);
    cs_forcing_writer_close(writer);
}

static cs_forcing *open_input(const char *path)
{
    cs_error err = {0};
    cs_forcing *forcing = NULL;
    const cs_selection all = cs_selection_all();
    assert_int_equal(cs_forcing_open(&forcing, path, &all, &err), CS_OK);
    return forcing;
}

static void make_work(cs_bytes *work, cs_forcing *forcing)
{
    cs_error err = {0};
    for (size_t i = 0; i < N; i++) {
        const double parameters[N_PARAMETERS] = {1e5 * (double)(i + 1), 0.3, 2e-5, 1.0};
        assert_int_equal(cs_bytes_append(work, parameters, sizeof parameters, &err), CS_OK);
    }
    assert_int_equal(cs_forcing_read(forcing, work, 0, N, &err), CS_OK);
}

static cs_block_plan make_plan(cs_forcing *forcing)
{
    cs_block_plan plan = {.forcing = *cs_forcing_get_format(forcing),
                          .result = {.n_time = N_TIME,
                                     .block_size = N,
                                     .step_rows = N_TIME,
                                     .element_size = 8,
                                     .n_variables = 2},
                          .step_days = 1.0 / 24.0,
                          .n_parameters = N_PARAMETERS};
    cs_compare_describe(&plan.result);
    return plan;
}

static void check_file(const char *path)
{
    static const double max[] = {0.0, 4.0, 0.0};
    cs_error err = {0};
    double *values = NULL;
    cs_forcing *result = open_input(path); /* its ids and times make it one */
    assert_int_equal(cs_forcing_number(result, &values, "compare/concentration_max", &err), CS_OK);
    assert_non_null(values);
    for (size_t i = 0; i < sizeof max / sizeof max[0]; i++) {
        assert_true(fabs(values[i] - max[i]) < 1e-9);
    }
    assert_true(values[3] > 1.0); /* there is discharge in row 7 here */
    free(values);
    assert_int_equal(cs_forcing_number(result, &values, "compare/load_row", &err), CS_OK);
    assert_true(isnan(values[1]));
    assert_true(values[2] == 99.0);
    free(values);
    assert_int_equal(cs_forcing_number(result, &values, "run/exit", &err), CS_OK);
    assert_non_null(values);
    free(values);
    cs_forcing_close(result);
}

static void test_result_file_has_the_differences(void **state)
{
    (void)state;
    static const char input[] = "test_compare-input.h5", output[] = "test_compare-output.h5";
    cs_error err = {0};
    cs_engine engine = {0};
    disturbed other;
    cs_block_runner *runner = NULL;
    cs_results *results = NULL;
    cs_bytes work = {0}, packet = {0};
    write_input(input);
    cs_forcing *forcing = open_input(input);
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        assert_int_equal(cs_forcing_want(forcing, (cs_variable)v, &err), CS_OK);
    }
    const cs_block_plan plan = make_plan(forcing);
    open_pair(&engine, &other, shift_two_rows);
    make_work(&work, forcing);
    assert_int_equal(cs_block_runner_open(&runner, &plan, &engine, 2, &err), CS_OK);
    assert_int_equal(cs_block_run(runner, &packet, &work, N, &err), CS_OK);
    const cs_results_spec spec = {.path = output,
                                  .replace = true,
                                  .substance = "x",
                                  .model = "biocide",
                                  .history = "",
                                  .configuration = "",
                                  .format = plan.result};
    assert_int_equal(cs_results_create(&results, &spec, forcing, &err), CS_OK);
    assert_int_equal(cs_results_put(results, &packet, 0, N, 0, "host", &err), CS_OK);
    assert_true(cs_results_extra(results, CS_COMPARE_CONCENTRATION_ROW, 1) == 30.0);
    assert_int_equal(cs_results_finish(results, "{}", &err), CS_OK);
    cs_results_close(results);
    cs_block_runner_close(runner);
    cs_engine_close(&engine);
    cs_bytes_free(&work);
    cs_bytes_free(&packet);
    cs_forcing_close(forcing);
    check_file(output);
    unlink(input);
    unlink(output);
}

/* ---- float64 forcing ---- */

/* What an engine is given. */
static double seen[N][N_TIME];

static cs_status watch_run(void *self, cs_engine_task *task, int n_threads, cs_error *err)
{
    (void)self, (void)n_threads, (void)err;
    assert_null(task->forcing[CS_PRECIPITATION]);
    assert_non_null(task->forcing64[CS_PRECIPITATION]);
    assert_null(task->forcing64[CS_TEMPERATURE]);
    for (size_t i = 0; i < task->n; i++) {
        cs_engine_forcing(seen[i], task, CS_PRECIPITATION, i);
        for (size_t t = 0; t < task->n_time; t++) {
            task->load[i * task->n_time + t] = 0.0;
            task->concentration[i * task->n_time + t] = 0.0;
        }
        task->record[i].status = CS_RUN_OK;
    }
    return CS_OK;
}

static void watch_close(void *self)
{
    (void)self;
}

static void test_float64_forcing_is_exact(void **state)
{
    (void)state;
    static const cs_engine_ops ops = {.type = "watch", .run = watch_run, .close = watch_close};
    static double given[N][N_TIME];
    const cs_engine engine = {.ops = &ops};
    cs_block_plan plan = {
        .forcing = {.n_time_stored = N_TIME, .n_time = N_TIME - 3, .first_time = 3},
        .result = {.n_time = N_TIME - 3,
                   .block_size = N,
                   .step_rows = N_TIME,
                   .element_size = 8,
                   .n_variables = 2}};
    plan.forcing.variable[CS_PRECIPITATION] =
        (cs_row_format){.filters = cs_filters_make(8, 0), .wanted = 1, .factor = 1.0};
    cs_error err = {0};
    cs_bytes work = {0}, packet = {0};
    cs_block_runner *runner = NULL;
    size_t first = 0, stride = 0;
    assert_int_equal(cs_packet_append_room(&work, &first, &stride, N, sizeof given[0], &err),
                     CS_OK);
    for (size_t i = 0; i < N; i++) {
        for (size_t t = 0; t < N_TIME; t++) {
            given[i][t] = 300.0 * csk_uniform(1, i, t);
        }
        memcpy(work.data + first + i * stride, given[i], sizeof given[i]);
    }
    assert_int_equal(cs_block_runner_open(&runner, &plan, &engine, 1, &err), CS_OK);
    assert_int_equal(cs_block_run(runner, &packet, &work, N, &err), CS_OK);
    cs_block_runner_close(runner);
    for (size_t i = 0; i < N; i++) {
        assert_memory_equal(seen[i], given[i] + 3, (N_TIME - 3) * sizeof(double));
    }
    cs_bytes_free(&work);
    cs_bytes_free(&packet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_engines_do_not_differ),
        cmocka_unit_test(test_differences_are_measured),
        cmocka_unit_test(test_failures_of_either_engine),
        cmocka_unit_test(test_engines_with_parameters_of_their_own),
        cmocka_unit_test(test_every_allocation_may_fail),
        cmocka_unit_test(test_result_file_has_the_differences),
        cmocka_unit_test(test_float64_forcing_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
