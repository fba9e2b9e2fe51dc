/* SPDX-License-Identifier: MIT */
#include "job/lanes.h"

#include <pthread.h>
#include <stdlib.h>

struct cs_lanes {
    cs_block_runner **runners; /* [n] */
    size_t n;
    pthread_mutex_t lock;   /* guards what follows */
    cs_block_runner **idle; /* [n_idle] */
    size_t n_idle;
};

cs_status cs_lanes_open(cs_lanes **out, size_t n, const cs_block_plan *plan,
                        const cs_engine *engine, int n_threads, cs_error *err)
{
    cs_lanes *lanes = NULL;
    *out = NULL;
    CS_TRY(cs_alloc(&lanes, 1, sizeof *lanes, "the lanes", err));
    pthread_mutex_init(&lanes->lock, NULL);
    cs_status status = CS_OK;
    CS_CHECK(cs_alloc(&lanes->runners, n, sizeof(cs_block_runner *), "the lanes", err));
    CS_CHECK(cs_alloc(&lanes->idle, n, sizeof(cs_block_runner *), "the lanes", err));
    for (; lanes->n < n; lanes->n++) {
        cs_block_runner **runner = &lanes->runners[lanes->n];
        CS_CHECK(cs_block_runner_open(runner, plan, engine, n_threads, err));
        lanes->idle[lanes->n_idle++] = *runner;
    }
    *out = lanes;
    return CS_OK;
release:
    cs_lanes_close(lanes);
    return status;
}

static cs_block_runner *take(cs_lanes *lanes)
{
    pthread_mutex_lock(&lanes->lock);
    CS_INVARIANT(lanes->n_idle > 0);
    cs_block_runner *runner = lanes->idle[--lanes->n_idle];
    pthread_mutex_unlock(&lanes->lock);
    return runner;
}

static void release(cs_lanes *lanes, cs_block_runner *runner)
{
    pthread_mutex_lock(&lanes->lock);
    lanes->idle[lanes->n_idle++] = runner;
    pthread_mutex_unlock(&lanes->lock);
}

cs_status cs_lanes_run(cs_lanes *lanes, cs_bytes *result, const cs_bytes *work, size_t count,
                       cs_error *err)
{
    cs_block_runner *runner = take(lanes);
    const cs_status status = cs_block_run(runner, result, work, count, err);
    release(lanes, runner);
    return status;
}

cs_block_times cs_lanes_times(const cs_lanes *lanes)
{
    cs_block_times sum = {0};
    const double share = 1.0 / (double)lanes->n;
    for (size_t i = 0; i < lanes->n; i++) {
        const cs_block_times *times = cs_block_runner_times(lanes->runners[i]);
        sum.decode += share * times->decode;
        sum.model += share * times->model;
        sum.encode += share * times->encode;
        sum.rearrange += share * times->rearrange;
    }
    return sum;
}

void cs_lanes_close(cs_lanes *lanes)
{
    if (lanes == NULL) {
        return;
    }
    for (size_t i = 0; i < lanes->n; i++) {
        cs_block_runner_close(lanes->runners[i]);
    }
    pthread_mutex_destroy(&lanes->lock);
    free(lanes->runners);
    free(lanes->idle);
    free(lanes);
}
