/* SPDX-License-Identifier: MIT */
#include "base/cpuset.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

/* The first try suits nearly every machine; the last is far above the kernel's own limit (8,192).
 */
enum { FEWEST_BITS = 1024, MOST_BITS = 1 << 20 };

/* The mask of the calling thread; the kernel answers EINVAL as long as the mask is too small. */
static cs_status get_mask(cpu_set_t **mask, size_t *n_bits, cs_error *err)
{
    *mask = NULL;
    for (size_t bits = FEWEST_BITS; bits <= MOST_BITS; bits *= 2) {
        cs_status status = cs_alloc(mask, CPU_ALLOC_SIZE(bits), 1, "a mask of CPUs", err);
        if (status != CS_OK) {
            return status;
        }
        if (sched_getaffinity(0, CPU_ALLOC_SIZE(bits), *mask) == 0) {
            *n_bits = bits;
            return CS_OK;
        }
        const int number = errno;
        free(*mask);
        *mask = NULL;
        if (number != EINVAL) {
            errno = number;
            break;
        }
    }
    return cs_fail_errno(err, CS_INTERNAL, "cannot tell which CPUs this process may use");
}

cs_status cs_cpuset_allowed(int **cpus, size_t *n_cpus, cs_error *err)
{
    cpu_set_t *mask = NULL;
    size_t n_bits = 0;
    size_t n = 0;
    *cpus = NULL;
    *n_cpus = 0;
    CS_TRY(get_mask(&mask, &n_bits, err));
    const size_t mask_size = CPU_ALLOC_SIZE(n_bits);
    const size_t count = (size_t)CPU_COUNT_S(mask_size, mask);
    const cs_status status = cs_alloc(cpus, count, sizeof **cpus, "a list of CPUs", err);
    if (status == CS_OK) {
        for (size_t cpu = 0; cpu < n_bits; cpu++) {
            if (CPU_ISSET_S(cpu, mask_size, mask)) {
                (*cpus)[n++] = (int)cpu;
            }
        }
        *n_cpus = n;
    }
    free(mask);
    return status;
}

int cs_cpuset_count(void)
{
    int *cpus = NULL;
    size_t n_cpus = 0;
    const cs_status status = cs_cpuset_allowed(&cpus, &n_cpus, NULL);
    free(cpus);
    return status == CS_OK && n_cpus > 0 ? (int)n_cpus : 1;
}

/* ---- shares ---- */

typedef struct {
    int core; /* the first CPU that is a hardware thread of its core */
    int cpu;
} placed_cpu;

/* Linux counts a core's second threads behind the first ones of all cores, on many machines. */
static int core_of(int cpu)
{
    char path[96];
    int core = cpu;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        if (fscanf(file, "%d", &core) != 1) { /* "2,18" or "2-3" */
            core = cpu;
        }
        fclose(file);
    }
    return core;
}

static int by_core(const void *a, const void *b)
{
    const placed_cpu *x = a, *y = b;
    return x->core != y->core ? (x->core > y->core) - (x->core < y->core)
                              : (x->cpu > y->cpu) - (x->cpu < y->cpu);
}

static void bind(const placed_cpu *cpus, size_t n)
{
    int last = 0;
    for (size_t i = 0; i < n; i++) {
        last = cpus[i].cpu > last ? cpus[i].cpu : last;
    }
    const size_t size = CPU_ALLOC_SIZE((size_t)last + 1);
    cpu_set_t *mask = calloc(1, size);
    for (size_t i = 0; mask != NULL && i < n; i++) {
        CPU_SET_S((size_t)cpus[i].cpu, size, mask);
    }
    if (mask != NULL) {
        (void)sched_setaffinity(0, size, mask);
    }
    free(mask);
}

void cs_cpuset_take_share(size_t place, size_t n_places)
{
    int *cpus = NULL;
    size_t n = 0;
    if (n_places < 2 || place >= n_places || cs_cpuset_allowed(&cpus, &n, NULL) != CS_OK) {
        return;
    }
    placed_cpu *placed = n_places <= n ? calloc(n, sizeof *placed) : NULL;
    if (placed != NULL) {
        for (size_t i = 0; i < n; i++) {
            placed[i] = (placed_cpu){.core = core_of(cpus[i]), .cpu = cpus[i]};
        }
        qsort(placed, n, sizeof *placed, by_core);
        const size_t first = place * n / n_places;
        bind(placed + first, (place + 1) * n / n_places - first);
    }
    free(placed);
    free(cpus);
}
