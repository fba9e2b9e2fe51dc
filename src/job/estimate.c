/* SPDX-License-Identifier: MIT */
#include "job/estimate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "farm/farm.h"

typedef struct {
    double seconds;   /* of the first block on one rank */
    uint64_t in, out; /* bytes of its packets */
    uint64_t n;       /* its catchments */
} sample;

/* Somebody's program is not started: what it takes is unknown, its results at their largest. */
static sample guess_first_block(const cs_substance_job *job)
{
    const cs_result_format *format = &job->plan.result;
    const uint64_t n =
        job->n_catchment < format->block_size ? job->n_catchment : format->block_size;
    const uint64_t n_files = 1 + (job->substance->steps != NULL);
    sample s = {.seconds = NAN, .n = n};
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        const cs_row_format *row = &job->plan.forcing.variable[v];
        s.in += row->wanted ? n * format->n_time * row->filters.element_size : 0;
    }
    s.out = n_files * n * format->n_time * format->n_variables * format->element_size;
    return s;
}

static cs_status run_first_block(sample *s, cs_substance_job *job, cs_error *err)
{
    const uint64_t block_size = job->plan.result.block_size;
    const cs_block block = {.count = job->n_catchment < block_size ? job->n_catchment : block_size};
    cs_bytes in = {0}, out = {0};
    cs_status status = CS_OK;
    CS_CHECK(cs_substance_job_read(job, &in, &block, err));
    const double begin = cs_now();
    CS_CHECK(cs_lanes_run(job->lanes, &out, &in, (size_t)block.count, err));
    *s = (sample){.seconds = cs_now() - begin, .in = in.size, .out = out.size, .n = block.count};
release:
    cs_bytes_free(&in);
    cs_bytes_free(&out);
    return status;
}

/* What a rank holds: the arrays of its block runner and two blocks on their way. */
static double rank_bytes(const cs_substance_job *job, const sample *s)
{
    const cs_result_format *format = &job->plan.result;
    double per_cell = 2 * sizeof(double);
    per_cell += (double)(format->n_variables * format->element_size);
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        const cs_row_format *row = &job->plan.forcing.variable[v];
        per_cell += row->wanted ? (double)row->filters.element_size : 0.0;
    }
    const double cells = (double)(format->block_size * format->n_time);
    const double lanes = (double)job->n_lanes;
    return lanes * (per_cell * cells + 2.0 * (double)s->in + 3.0 * (double)s->out);
}

/* How many blocks are computed at once, as fast as the one of the sample. */
static double blocks_at_once(const cs_session *session)
{
    const double ranks = cs_comm_size(session->comm), cores = session->threads.node_cores;
    const double teams = cores / (double)session->threads.n_threads;
    return teams < ranks ? teams : ranks;
}

static void print(const cs_substance_job *job, const cs_session *session, const sample *s)
{
    const int ranks = cs_comm_size(session->comm);
    const double share = (double)job->n_catchment / (double)s->n;
    printf("%s: valid; %" PRIu64 " catchments x %" PRIu64 " time steps\n", job->substance->name,
           job->n_catchment, job->plan.result.n_time);
    if (isnan(s->seconds)) {
        const double at_once = ranks * (double)job->n_lanes;
        printf("  time: %" PRIu64 " runs of the program, %.0f at once; it was not started. Each "
               "second that a run takes makes %.3g h\n",
               job->n_catchment, at_once, (double)job->n_catchment / at_once / 3600.0);
    } else {
        printf("  time: about %.3g s on %d rank(s) x %d thread(s)\n",
               s->seconds * share / blocks_at_once(session), ranks, session->threads.n_threads);
    }
    printf("  memory: about %.3g MiB a rank\n", rank_bytes(job, s) / 1048576.0);
    printf("  disk: %s %.3g MiB of results from %.3g MiB of input\n",
           isnan(s->seconds) ? "at most" : "about", (double)s->out * share / 1048576.0,
           (double)cs_forcing_size(job->forcing) / 1048576.0);
}

cs_status cs_estimate_print(cs_substance_job *jobs, size_t n, cs_session *session, cs_error *err)
{
    cs_status status = CS_OK;
    for (size_t i = 0; i < n && status == CS_OK && cs_comm_rank(session->comm) == 0; i++) {
        sample s = {0};
        if (jobs[i].external.engine != NULL) {
            s = guess_first_block(&jobs[i]);
        } else {
            status = run_first_block(&s, &jobs[i], err);
        }
        if (status == CS_OK) {
            print(&jobs[i], session, &s);
        }
    }
    return cs_comm_agree(session->comm, status, err);
}
