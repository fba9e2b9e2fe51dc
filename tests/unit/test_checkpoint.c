/* SPDX-License-Identifier: MIT */
/*
 * A run with its journal, result and step file, but without a farm: wherever it stops, whichever
 * allocation fails, the next one goes on and ends with what an undisturbed run writes.
 */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/memory.h"
#include "job/checkpoint.h"
#include "scene.h"
#include "text/file.h"

#define RESULTS "out.h5"
#define STEPS   "steps.h5"

enum { N_CATCHMENT = 40, N_TIME = 30, BLOCK = 16, N_BLOCKS = 3, ALL = N_BLOCKS };

static char hosts[1][CS_HOST_LENGTH] = {"here"};
static cs_forcing *forcing;

/* Zeroed: a run of places that computes all. */
typedef struct {
    bool keeps_packets;
    int most_blocks; /* computed: then it stops, as if it were killed; ALL: it does not */
    int n_computed;  /* [out] */
} task;

static int enter(void **state)
{
    if (scene_enter(state) != 0) {
        return 1;
    }
    cs_log_setup("test", 0, CS_LOG_ERROR); /* a block that is lost is warned of */
    scene_write_input("input.h5", &(scene_input){N_CATCHMENT, N_TIME, 1.0, NULL, 0});
    forcing = scene_open("input.h5");
    return 0;
}

static int leave(void **state)
{
    cs_forcing_close(forcing);
    return scene_leave(state);
}

static cs_result_format format_of(void)
{
    return (cs_result_format){.n_time = N_TIME,
                              .block_size = BLOCK,
                              .step_rows = cs_results_step_rows(N_TIME),
                              .element_size = sizeof(float),
                              .n_variables = 2,
                              .with_steps = 1,
                              .n_states = 1,
                              .state_name = {"S"},
                              .state_units = {"degC d"}};
}

static float value_of(size_t v, size_t i, size_t t)
{
    return 0.5F * (float)t + 64.0F * (float)(i + 1) + 8192.0F * (float)v;
}

static cs_status append_rows(cs_bytes *packet, size_t v, const cs_block *block, cs_error *err)
{
    float row[N_TIME];
    for (size_t i = 0; i < block->count; i++) {
        for (size_t t = 0; t < N_TIME; t++) {
            row[t] = value_of(v, (size_t)block->first + i, t);
        }
        CS_TRY(cs_result_append(packet, row, sizeof row, err));
    }
    return CS_OK;
}

static cs_status append_steps(cs_bytes *packet, size_t v, const cs_block *block, cs_error *err)
{
    float chunk[N_TIME * BLOCK];
    for (size_t t = 0; t < N_TIME; t++) {
        for (size_t i = 0; i < BLOCK; i++) {
            chunk[t * BLOCK + i] =
                i < block->count ? value_of(v, (size_t)block->first + i, t) : NAN;
        }
    }
    return cs_result_append(packet, chunk, sizeof chunk, err);
}

/* Level 0: chunks are stored as they are. */
static cs_status compute(cs_bytes *packet, const cs_block *block, cs_error *err)
{
    const cs_run_record record = cs_run_record_make(CS_RUN_OK);
    for (size_t i = 0; i < block->count; i++) {
        CS_TRY(cs_bytes_append(packet, &record, sizeof record, err));
    }
    for (size_t i = 0; i < block->count; i++) {
        const double state = 3.0 * (double)(block->first + i);
        CS_TRY(cs_bytes_append(packet, &state, sizeof state, err));
    }
    for (size_t v = 0; v < 2; v++) {
        CS_TRY(append_rows(packet, v, block, err));
        CS_TRY(append_steps(packet, v, block, err));
    }
    return CS_OK;
}

/* From the journal, or computed and kept. */
static cs_status find_packet(cs_bytes *packet, cs_block_report *report, task *t,
                             const cs_keeper *keeper, const cs_block *block, cs_error *err)
{
    bool is_whole = false;
    packet->size = 0;
    if (keeper->has(keeper->self, block)) {
        CS_TRY(keeper->recall(keeper->self, packet, report, &is_whole, block, err));
    }
    if (is_whole) {
        return CS_OK;
    }
    packet->size = 0;
    t->n_computed++;
    CS_TRY(compute(packet, block, err));
    return keeper->keep != NULL ? keeper->keep(keeper->self, packet, block, report, err) : CS_OK;
}

static cs_status put_block(cs_results *results, cs_checkpoint *checkpoint, cs_bytes *packet,
                           cs_bytes *places, const cs_block *block, const cs_block_report *report,
                           cs_error *err)
{
    places->size = 0;
    CS_TRY(cs_results_put_located(results, places, packet, (size_t)block->first,
                                  (size_t)block->count, 0,
                                  cs_checkpoint_host(checkpoint, block, report), err));
    return cs_checkpoint_put(checkpoint, packet, places, block, report, err);
}

static cs_status put_blocks(task *t, cs_results *results, cs_checkpoint *checkpoint, cs_error *err)
{
    const cs_keeper keeper = cs_checkpoint_keeper(checkpoint);
    cs_bytes packet = {0}, places = {0};
    cs_status status = CS_OK;
    for (size_t i = 0; i < N_BLOCKS && t->n_computed < t->most_blocks; i++) {
        const size_t left = N_CATCHMENT - i * BLOCK;
        const cs_block block = {i, i * BLOCK, left < BLOCK ? left : BLOCK};
        cs_block_report report = {0};
        CS_CHECK(find_packet(&packet, &report, t, &keeper, &block, err));
        CS_CHECK(put_block(results, checkpoint, &packet, &places, &block, &report, err));
    }
release:
    cs_bytes_free(&packet);
    cs_bytes_free(&places);
    return status;
}

static cs_status create(cs_results **results, cs_checkpoint *checkpoint, cs_error *err)
{
    const cs_results_spec spec = {.path = RESULTS,
                                  .steps_path = STEPS,
                                  .claimed = cs_checkpoint_output(checkpoint, CS_RESULT_FILE),
                                  .steps_claimed =
                                      cs_checkpoint_output(checkpoint, CS_RESULT_STEP_FILE),
                                  .identity = "version=1\n",
                                  .substance = "diuron",
                                  .model = "biocide",
                                  .history = "made by a test",
                                  .configuration = "",
                                  .format = format_of()};
    CS_TRY(cs_results_create(results, &spec, forcing, err));
    return cs_checkpoint_start(checkpoint, err);
}

/* What a job does with one substance. */
static cs_status run(task *t, cs_error *err)
{
    const cs_checkpoint_spec spec = {.results = RESULTS,
                                     .steps = STEPS,
                                     .identity = "version=1\n",
                                     .existing = CS_EXISTING_RESUME,
                                     .journal = {.interval = 10.0, .fsync = true},
                                     .n_catchment = N_CATCHMENT,
                                     .keeps_packets = t->keeps_packets,
                                     .hosts = hosts};
    cs_checkpoint *checkpoint = NULL;
    cs_results *results = NULL;
    cs_status status = CS_OK;
    CS_CHECK(cs_checkpoint_open(&checkpoint, &spec, err));
    if (!cs_checkpoint_is_finished(checkpoint)) {
        CS_CHECK(create(&results, checkpoint, err));
        CS_CHECK(put_blocks(t, results, checkpoint, err));
        if (t->n_computed < t->most_blocks || t->most_blocks == ALL) {
            CS_CHECK(cs_results_complete(results, "{}", err));
            CS_CHECK(cs_checkpoint_finish(checkpoint, err));
        }
    }
release:
    cs_results_close(results);
    cs_checkpoint_close(checkpoint);
    return status;
}

/* The next run, undisturbed. @return blocks that it computed */
static int go_on(bool keeps_packets)
{
    task t = {.keeps_packets = keeps_packets, .most_blocks = ALL};
    cs_error err = {0};
    const cs_status status = run(&t, &err);
    if (status != CS_OK) {
        fail_msg("status %d: %s", (int)status, err.message);
    }
    return t.n_computed;
}

static void stop_after(int n_blocks, bool keeps_packets)
{
    task t = {.keeps_packets = keeps_packets, .most_blocks = n_blocks};
    cs_error err = {0};
    assert_int_equal(run(&t, &err), CS_OK);
    assert_int_equal(t.n_computed, n_blocks);
    assert_int_not_equal(access(RESULTS ".journal", F_OK), -1);
}

static void check_and_remove(void)
{
    static const char *const names[] = {"load", "concentration"};
    for (size_t v = 0; v < 2; v++) {
        double *rows = scene_read(RESULTS, names[v], (size_t)N_CATCHMENT * N_TIME);
        double *steps = scene_read(STEPS, names[v], (size_t)N_CATCHMENT * N_TIME);
        for (size_t i = 0; i < N_CATCHMENT; i++) {
            for (size_t t = 0; t < N_TIME; t++) {
                assert_true(rows[i * N_TIME + t] == (double)value_of(v, i, t));
                assert_true(steps[t * N_CATCHMENT + i] == (double)value_of(v, i, t));
            }
        }
        free(rows);
        free(steps);
    }
    double *state = scene_read(RESULTS, "state_S", N_CATCHMENT);
    assert_true(state[N_CATCHMENT - 1] == 3.0 * (N_CATCHMENT - 1));
    free(state);
    assert_int_equal(scene_count_files(), 3); /* with the input */
    assert_int_equal(unlink(RESULTS), 0);
    assert_int_equal(unlink(STEPS), 0);
}

static void a_run_goes_on_after_any_block(void **state)
{
    (void)state;
    for (int keeps = 0; keeps < 2; keeps++) {
        assert_int_equal(go_on(keeps != 0), N_BLOCKS);
        assert_int_equal(go_on(keeps != 0), 0); /* finished */
        check_and_remove();
        for (int n = 1; n < N_BLOCKS; n++) {
            stop_after(n, keeps != 0);
            assert_int_equal(go_on(keeps != 0), N_BLOCKS - n);
            check_and_remove();
        }
        stop_after(1, keeps != 0);
        stop_after(1, keeps != 0); /* a generation that is gone on from */
        assert_int_equal(go_on(keeps != 0), N_BLOCKS - 2);
        check_and_remove();
    }
}

/* A bit of catchment 20, in the second block: of its first value, which its second one (rows) or
 * that of its neighbour (steps) follows. */
static void damage(const char *path, bool is_rows)
{
    const float wanted[2] = {value_of(0, 20, 0), is_rows ? value_of(0, 20, 1) : value_of(0, 21, 0)};
    cs_bytes bytes = {0};
    cs_error err = {0};
    assert_int_equal(cs_file_read(&bytes, path, 1 << 20, &err), CS_OK);
    unsigned char *at = memmem(bytes.data, bytes.size, wanted, sizeof wanted);
    assert_non_null(at);
    const unsigned char byte = *at ^ 0x10;
    const int file = open(path, O_WRONLY);
    assert_int_equal(pwrite(file, &byte, 1, at - bytes.data), 1);
    close(file);
    cs_bytes_free(&bytes);
}

/* As a lost node may leave it: the journal was on the disk, a chunk that it tells of was not. */
static void a_block_with_a_damaged_chunk_is_computed_again(void **state)
{
    (void)state;
    static const char *const parts[] = {RESULTS ".part", STEPS ".part"};
    for (size_t p = 0; p < 2; p++) {
        stop_after(2, false);
        damage(parts[p], p == 0);
        assert_int_equal(go_on(false), N_BLOCKS - 1);
        check_and_remove();
        stop_after(2, false);
        assert_int_equal(truncate(parts[p], 100), 0);
        assert_int_equal(go_on(false), N_BLOCKS);
        check_and_remove();
        stop_after(2, false);
        assert_int_equal(unlink(parts[p]), 0);
        assert_int_equal(go_on(false), N_BLOCKS);
        check_and_remove();
    }
}

/* The nth allocation of a run fails, for every n; it tells so, and the next run goes on. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (int keeps = 0; keeps < 2; keeps++) {
        for (int before = 0; before < N_BLOCKS; before += 2) { /* blocks that there are */
            cs_status status = CS_MEMORY;
            long nth = 0;
            while (status != CS_OK) {
                if (before > 0) {
                    stop_after(before, keeps != 0);
                }
                task t = {.keeps_packets = keeps != 0, .most_blocks = ALL};
                cs_error err = {0};
                cs_memory_fail_nth(++nth);
                status = run(&t, &err);
                cs_memory_fail_nth(0);
                assert_true(status == CS_OK || status == CS_MEMORY);
                assert_int_equal(err.status, (int)status);
                assert_true(status == CS_OK || strstr(err.message, "memory") != NULL);
                const int n = go_on(keeps != 0);
                assert_true(n <= N_BLOCKS - before);
                check_and_remove();
                assert_true(nth < 2000);
            }
            assert_true(nth > 40);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_goes_on_after_any_block),
        cmocka_unit_test(a_block_with_a_damaged_chunk_is_computed_again),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
