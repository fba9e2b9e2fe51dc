/* SPDX-License-Identifier: MIT */
#include "farm/threads.h"

#include <omp.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cpuset.h"
#include "base/log.h"
#include "base/memory.h"

enum { MAX_THREADS = 4096, MAX_CPUS = 8192 };

/* CPUs that a rank may use, one bit each; as it travels between the ranks of a node. */
typedef struct {
    uint64_t bits[MAX_CPUS / 64];
} cpu_mask;

static int mask_has(const cpu_mask *mask, int cpu)
{
    return (int)(mask->bits[cpu / 64] >> (cpu % 64) & 1);
}

/* A positive whole number of an environment variable; 0: unset or something else. */
static long environment_number(const char *name)
{
    const char *text = getenv(name);
    char *end = NULL;
    const long value = text == NULL ? 0 : strtol(text, &end, 10);
    return value > 0 && (*end == '\0' || *end == '(' || *end == ',') ? value : 0;
}

/* Ranks on this node before MPI can tell: Open MPI, MPICH's hydra, SLURM say so. */
static long launched_node_ranks(void)
{
    static const char *const NAMES[] = {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS",
                                        "SLURM_TASKS_PER_NODE"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        const long ranks = environment_number(NAMES[i]);
        if (ranks > 0) {
            return ranks;
        }
    }
    return 1;
}

/*
 * With OMP_PROC_BIND or OMP_PLACES libgomp has tied this thread to its first place before main, and
 * whatever it starts or executes would be left with that. The team's threads are bound anyway.
 */
static void undo_binding(void)
{
    const int n_places = omp_get_num_places();
    cpu_set_t *all = CPU_ALLOC(MAX_CPUS);
    if (n_places == 0 || all == NULL) {
        CPU_FREE(all);
        return;
    }
    const size_t size = CPU_ALLOC_SIZE(MAX_CPUS);
    CPU_ZERO_S(size, all);
    for (int place = 0; place < n_places; place++) {
        static int cpus[MAX_CPUS];
        const int n_cpus = omp_get_place_num_procs(place);
        if (n_cpus <= MAX_CPUS) {
            omp_get_place_proc_ids(place, cpus);
        }
        for (int i = 0; i < n_cpus && n_cpus <= MAX_CPUS; i++) {
            CPU_SET_S((size_t)cpus[i], size, all);
        }
    }
    sched_setaffinity(0, size, all); /* if it fails, all is as libgomp wanted it */
    CPU_FREE(all);
}

void cs_threads_prepare(char **argv)
{
    undo_binding();
    if (getenv("OMP_WAIT_POLICY") != NULL) {
        return;
    }
    const long own_cores = cs_cpuset_count();
    const long node_cores = sysconf(_SC_NPROCESSORS_ONLN);
    long threads = environment_number("OMP_NUM_THREADS");
    if (threads == 0) {
        threads = own_cores / launched_node_ranks() > 0 ? own_cores / launched_node_ranks() : 1;
    }
    if (threads <= own_cores && threads * launched_node_ranks() <= node_cores) {
        return;
    }
    char program[4096]; /* by its own path: as /proc/self/exe it would be called "exe" in ps */
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length > 0 && setenv("OMP_WAIT_POLICY", "passive", 1) == 0) {
        program[length] = '\0';
        execv(program, argv); /* returns only if it failed: go on, slower */
    }
}

static cs_status own_mask(cpu_mask *mask, int *n_cores, cs_error *err)
{
    int *cpus = NULL;
    size_t n_cpus = 0;
    CS_TRY(cs_cpuset_allowed(&cpus, &n_cpus, err));
    *n_cores = (int)n_cpus;
    for (size_t i = 0; i < n_cpus; i++) {
        if (cpus[i] < MAX_CPUS) {
            mask->bits[cpus[i] / 64] |= UINT64_C(1) << (cpus[i] % 64);
        }
    }
    free(cpus);
    return CS_OK;
}

/* The sum over this rank's cores of one over the ranks that may use the core, rounded down. */
static int fair_share(const cpu_mask *mine, const cpu_mask *all, int node_ranks)
{
    double share = 0.0;
    for (int cpu = 0; cpu < MAX_CPUS; cpu++) {
        int users = 0;
        for (int rank = 0; mask_has(mine, cpu) && rank < node_ranks; rank++) {
            users += mask_has(&all[rank], cpu);
        }
        share += users > 0 ? 1.0 / users : 0.0;
    }
    const int threads = (int)(share + 1e-6);
    return threads > 0 ? threads : 1;
}

static cs_status collect_node_cpus(cs_threads *threads, const cpu_mask *all, cs_error *err)
{
    CS_TRY(cs_alloc(&threads->node_cpus, MAX_CPUS, sizeof(int), "the list of cores", err));
    for (int cpu = 0; cpu < MAX_CPUS; cpu++) {
        int users = 0;
        for (int rank = 0; rank < threads->node_ranks; rank++) {
            users += mask_has(&all[rank], cpu);
        }
        if (users > 0) {
            threads->node_cpus[threads->node_cores++] = cpu;
        }
    }
    return CS_OK;
}

static cs_status choose_number(cs_threads *threads, const cpu_mask *mine, const cpu_mask *all,
                               cs_error *err)
{
    const char *text = getenv("OMP_NUM_THREADS");
    if (text == NULL || *text == '\0') {
        threads->n_threads = fair_share(mine, all, threads->node_ranks);
        return CS_OK;
    }
    const long wanted = environment_number("OMP_NUM_THREADS");
    if (wanted < 1 || wanted > MAX_THREADS) {
        return cs_fail(err, CS_USAGE, "OMP_NUM_THREADS=%s is no number of threads; use 1 to %d",
                       text, MAX_THREADS);
    }
    threads->n_threads = (int)wanted;
    return CS_OK;
}

cs_status cs_threads_choose(cs_threads *threads, cs_comm *comm, cs_error *err)
{
    *threads = (cs_threads){.node_ranks = cs_comm_node_size(comm)};
    const char *policy = getenv("OMP_WAIT_POLICY");
    threads->wait_policy = policy == NULL ? "default" : policy;
    gethostname(threads->host, sizeof threads->host - 1);
    cpu_mask mine = {0};
    cpu_mask *all = NULL;
    cs_status status = cs_alloc(&all, (size_t)threads->node_ranks, sizeof *all, "core masks", err);
    if (status == CS_OK) {
        status = own_mask(&mine, &threads->n_cores, err);
    }
    status = cs_comm_agree(comm, status, err);
    if (status == CS_OK) {
        cs_comm_node_allgather(comm, all, &mine, sizeof mine);
        status = choose_number(threads, &mine, all, err);
    }
    if (status == CS_OK) {
        status = collect_node_cpus(threads, all, err);
        threads->crowded = threads->node_ranks * threads->n_threads > threads->node_cores;
    }
    free(all);
    return cs_comm_agree(comm, status, err);
}

void cs_threads_log(const cs_threads *threads, cs_comm *comm)
{
    if (cs_comm_rank(comm) != 0) {
        return;
    }
    cs_log(CS_LOG_INFO,
           "ranks=%d threads_per_rank=%d cores_of_rank=%d cores_of_node=%d host=%s mpi=\"%s\" "
           "wait_policy=%s",
           cs_comm_size(comm), threads->n_threads, threads->n_cores, threads->node_cores,
           threads->host, cs_comm_library(comm), threads->wait_policy);
    if (threads->n_threads > threads->n_cores) {
        cs_log(CS_LOG_WARNING,
               "%d threads of a rank share %d core(s): start with mpirun --bind-to none, or with "
               "--map-by slot:PE=$OMP_NUM_THREADS",
               threads->n_threads, threads->n_cores);
    }
}

void cs_threads_free(cs_threads *threads)
{
    free(threads->node_cpus);
    threads->node_cpus = NULL;
}
