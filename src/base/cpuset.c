/* SPDX-License-Identifier: MIT */
#include "base/cpuset.h"

#include <errno.h>
#include <sched.h>
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
