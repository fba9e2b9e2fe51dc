/* SPDX-License-Identifier: MIT */
#include "job/order.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "store/earlier.h"

typedef struct {
    double seconds; /* INFINITY: unknown */
    uint64_t place;
} cost;

static int compare_costs(const void *a, const void *b)
{
    const cost *x = a, *y = b;
    if (x->seconds != y->seconds) {
        return x->seconds > y->seconds ? -1 : 1;
    }
    return (x->place > y->place) - (x->place < y->place);
}

/* What each catchment took; returns how many are known. */
static size_t look_up(cost *costs, const cs_forcing_info *input, const cs_earlier *earlier,
                      const double *seconds)
{
    size_t n_known = 0;
    for (size_t i = 0; i < input->n_catchment; i++) {
        size_t place = 0;
        const bool is_known =
            cs_earlier_find(&place, earlier, input->id[i]) && seconds[place] >= 0.0;
        costs[i] = (cost){.seconds = is_known ? seconds[place] : (double)INFINITY, .place = i};
        n_known += is_known;
    }
    return n_known;
}

static cs_status read_costs(cost *costs, const char *path, const cs_forcing_info *input,
                            cs_error *err)
{
    cs_earlier *earlier = NULL;
    double *seconds = NULL;
    cs_status status = CS_OK;
    CS_CHECK(cs_earlier_open(&earlier, path, err));
    CS_CHECK(cs_earlier_numbers(&seconds, earlier, "run/seconds", err));
    if (seconds == NULL) {
        CS_CHECK(cs_fail(err, CS_DATA, "%s: has no dataset /run/seconds", path));
    }
    if (look_up(costs, input, earlier, seconds) == 0) {
        status = cs_fail(err, CS_DATA, "%s: has none of the catchments of %s", path, input->path);
    }
release:
    free(seconds);
    cs_earlier_close(earlier);
    return status;
}

cs_status cs_order_by_cost(uint64_t **order, const char *path, const cs_forcing_info *input,
                           cs_error *err)
{
    cost *costs = NULL;
    *order = NULL;
    CS_TRY(cs_alloc(&costs, input->n_catchment, sizeof *costs, "costs", err));
    cs_status status = read_costs(costs, path, input, err);
    if (status == CS_OK) {
        status = cs_alloc(order, input->n_catchment, sizeof **order, "the order", err);
    }
    if (status == CS_OK) {
        qsort(costs, input->n_catchment, sizeof *costs, compare_costs);
        for (size_t i = 0; i < input->n_catchment; i++) {
            (*order)[i] = costs[i].place;
        }
    }
    free(costs);
    return status;
}
